/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * results: the last result of every check, and snapshots of all of them.
 *
 * What is always true:
 *  - one thread runs checks and puts results in; any thread may take snapshots;
 *  - a snapshot never changes, so that a scrape is of one moment however long it takes
 *    to send, and it costs a pointer a check, not a copy;
 *  - snapshots taken within SNAPSHOT_MS are the same one: a crowd of scrapers costs no
 *    more than one of them.
 */
#ifndef MAILGAUGE_EXPORTER_RESULTS_H
#define MAILGAUGE_EXPORTER_RESULTS_H

#include "config.h"
#include "result.h"

#include "core/run.h"
#include "core/store.h"
#include "probe.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_MS 1000

/* What is checked; the configuration's. */
struct check_entry {
	const struct config_target *target;
	const struct probe *probe;
	size_t check; /* its number in checks.h */
};

/* The exporter's own figures. */
struct figures {
	size_t in_flight;
	size_t facts;
	int64_t lag_ms;
	struct run_counts counts;
};

struct snapshot {
	atomic_uint references;
	int64_t taken_ms;
	int64_t start_unix_ms; /* of the exporter */
	size_t targets;
	struct figures figures;
	size_t count;
	const struct check_entry *entries;
	struct result *results[]; /* NULL: has not run yet */
};

struct results;

/* Borrows the configuration. */
struct results *results_new(const struct config *config, int64_t start_unix_ms);
void results_free(struct results *results);

/* Checks are numbered from 0, targets in their order. */
size_t results_count(const struct results *results);
const struct check_entry *results_entry(const struct results *results, size_t index);

/* Takes the result. */
void results_put(struct results *results, size_t index, struct result *result);

/* Puts the last result once more, for a run that would have come to the same. */
void results_repeat(struct results *results, size_t index, int64_t run_unix_ms);

/* Also forgets a snapshot that is too old to be given out again: it may hold on to as
 * much memory as the results themselves. */
void results_put_figures(
    struct results *results, const struct figures *figures, int64_t now_ms);

/* The caller gives it back by snapshot_drop(). */
struct snapshot *results_snapshot(struct results *results, int64_t now_ms);
void snapshot_drop(struct snapshot *snapshot);

#endif
