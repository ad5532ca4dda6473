/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * sweep: what ties the schedule to the runner. It starts a job for each check that is
 * due, as many at once as make sense, and puts what comes out into the results.
 *
 *	while (!stop)
 *		runner_step(runner, own, own_count, sweep_turn(sweep));
 */
#ifndef MAILGAUGE_EXPORTER_SWEEP_H
#define MAILGAUGE_EXPORTER_SWEEP_H

#include "log.h"
#include "results.h"

#include "core/deadline.h"
#include "core/run.h"
#include "core/store.h"

#include <stdbool.h>
#include <stdint.h>

/* All borrowed; what is checked is the results' roster. */
struct sweep_world {
	const struct log *log;
	struct clock *clock;
	struct store *store;
	struct runner *runner;
	struct results *results;
	bool at_once; /* first runs are not paced: somebody waits for them */
};

struct sweep;

/* Checks without a result are due at once, paced; others where they were. */
struct sweep *sweep_new(const struct sweep_world *world);

/* Forgets what is running. */
void sweep_free(struct sweep *sweep);

/* To be called when the results have another roster. What was running begins anew, with
 * all answers that are there. */
void sweep_restart(struct sweep *sweep);

/* The exporter's figures, as far as they are known here. */
void sweep_figures(const struct sweep *sweep, struct figures *figures);

/* Whether every check has a result. */
bool sweep_is_complete(const struct sweep *sweep);

/* Starts what is due. Returns when it wants the next turn at the latest; a step that
 * finished jobs should be followed by one anyway. */
int64_t sweep_turn(struct sweep *sweep);

#endif
