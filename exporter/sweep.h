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

#include "config.h"
#include "log.h"
#include "results.h"

#include "core/deadline.h"
#include "core/run.h"
#include "core/store.h"

#include <stdint.h>

/* All borrowed. */
struct sweep_world {
	const struct config *config;
	const struct log *log;
	struct clock *clock;
	struct store *store;
	struct runner *runner;
	struct results *results;
};

struct sweep;

/* The first checks are due at once. */
struct sweep *sweep_new(const struct sweep_world *world);

/* To be called before the runner is freed, and not to be followed by a step. */
void sweep_free(struct sweep *sweep);

/* Starts what is due. Returns when it wants the next turn at the latest; a step that
 * finished jobs should be followed by one anyway. */
int64_t sweep_turn(struct sweep *sweep);

#endif
