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
 *    more than one of them;
 *  - a group whose stamp is the same in two snapshots of one roster has the same
 *    results in both.
 */
#ifndef MAILGAUGE_EXPORTER_RESULTS_H
#define MAILGAUGE_EXPORTER_RESULTS_H

#include "result.h"
#include "roster.h"

#include "core/run.h"
#include "core/store.h"
#include "dns/fetch.h"
#include "smtp/fetch.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_MS 1000

/* The exporter's own figures. */
struct figures {
	struct run_kind_counts dns;
	size_t resolver_count;
	struct dns_fetch_limit resolvers[LIMIT_NAMESERVERS];
	struct smtp_fetch_counts scans;
	size_t scans_in_flight;
	struct run_counts counts;
	uint64_t runs; /* that have ended */
	size_t facts;
	int64_t lag_ms;
	int64_t loaded_unix_ms; /* when the configuration in use was read */
	bool reload_failed;     /* a later one was not fit for use */
};

/* Counts what became different in a group. */
struct stamp {
	uint32_t runs;   /* when a check ran, and how long it took */
	uint32_t values; /* everything else that is shown of it */
};

struct snapshot {
	atomic_uint references;
	int64_t taken_ms;
	int64_t start_unix_ms; /* of the exporter */
	struct figures figures;
	struct roster *roster;
	bool measured[METRIC_COUNT]; /* by any check, now or before */
	struct stamp *stamps;        /* by group */
	struct result *results[];    /* by check; NULL: has not run yet */
};

struct results;

/* Keeps the roster, as all here do that take one. */
struct results *results_new(struct roster *roster, int64_t start_unix_ms);
void results_free(struct results *results);

/* The present one. Only good in the thread that puts; others find it in a snapshot. */
struct roster *results_roster(const struct results *results);

/* Changes what is checked: results of checks that stay are kept, others dropped. */
void results_change(struct results *results, struct roster *roster);

/* Takes the result, and gives it the last one that could tell where it could not. */
void results_put(struct results *results, size_t index, struct result *result);

/* Puts the last result once more, for a run that would have come to the same. */
void results_repeat(struct results *results, size_t index, int64_t run_unix_ms);

/* The last one, or NULL. Only good in the thread that puts, until it puts again. */
const struct result *results_get(const struct results *results, size_t index);

/* Also forgets a snapshot that is too old to be given out again: it may hold on to as
 * much memory as the results themselves. One from before a reload is too old at once.
 */
void results_put_figures(
    struct results *results, const struct figures *figures, int64_t now_ms);

/* The caller gives it back by snapshot_drop(). */
struct snapshot *results_snapshot(struct results *results, int64_t now_ms);
void snapshot_drop(struct snapshot *snapshot);

#endif
