/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The table of results, behind one lock. It is held for the exchange of a pointer, or
 * for the copying of all pointers by whoever wants a snapshot; text is written outside,
 * by the thread that sends it.
 */
#include "results.h"

#include "core/die.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct results {
	int64_t start_unix_ms;

	pthread_mutex_t lock; /* of all below */
	struct figures figures;
	struct snapshot *newest; /* NULL: none */
	struct roster *roster;
	bool measured[METRIC_COUNT];
	struct stamp *stamps;
	struct result **results;
};

struct results *
results_new(struct roster *roster, int64_t start_unix_ms)
{
	struct results *results = must_calloc(1, sizeof(*results));
	results->roster = roster_keep(roster);
	results->stamps = must_calloc(roster_groups(roster), sizeof(*results->stamps));
	results->results = must_calloc(roster->count, sizeof(struct result *));
	results->start_unix_ms = start_unix_ms;
	int failed = pthread_mutex_init(&results->lock, NULL);
	assert(!failed);
	return results;
}

void
results_free(struct results *results)
{
	if (results == NULL)
		return;
	for (size_t i = 0; i < results->roster->count; i++)
		result_drop(results->results[i]);
	snapshot_drop(results->newest);
	pthread_mutex_destroy(&results->lock);
	roster_drop(results->roster);
	free(results->stamps);
	free(results->results);
	free(results);
}

static void
lock(struct results *results)
{
	int failed = pthread_mutex_lock(&results->lock);
	assert(!failed);
}

static void
unlock(struct results *results)
{
	int failed = pthread_mutex_unlock(&results->lock);
	assert(!failed);
}

struct roster *
results_roster(const struct results *results)
{
	return results->roster;
}

/* Everything is moved to `old` but what stays. */
static void
exchange(struct results *results, struct roster *roster, struct results *old)
{
	struct result **kept = must_calloc(roster->count, sizeof(struct result *));
	for (size_t i = 0; i < roster->count; i++) {
		const struct check_entry *entry = &roster->entries[i];
		size_t index;
		if (!roster_find(
			results->roster, entry->target->domain, entry->check, &index))
			continue;
		kept[i] = results->results[index];
		results->results[index] = NULL;
	}
	lock(results);
	*old = *results;
	results->results = kept;
	results->stamps = must_calloc(roster_groups(roster), sizeof(*results->stamps));
	results->roster = roster_keep(roster);
	results->newest = NULL;
	unlock(results);
}

void
results_change(struct results *results, struct roster *roster)
{
	struct results old;
	exchange(results, roster, &old);
	for (size_t i = 0; i < old.roster->count; i++)
		result_drop(old.results[i]);
	snapshot_drop(old.newest);
	roster_drop(old.roster);
	free(old.stamps);
	free(old.results);
}

/* `is_same`: all that is new is the time of the run. */
static void
replace(struct results *results, size_t index, struct result *result, bool is_same)
{
	struct stamp *stamp = &results->stamps[index / ROSTER_GROUP];
	struct result *old = results->results[index];
	if (!result->could_tell && old != NULL)
		result->known = result_keep_known(old);
	lock(results);
	for (size_t i = 0; i < result->measurement_count; i++)
		results->measured[result->measurements[i].id] = true;
	results->results[index] = result;
	stamp->runs++;
	if (!is_same)
		stamp->values++;
	unlock(results);
	result_drop(old);
}

/* Results are read without the lock: they change only in the thread that puts. */
void
results_put(struct results *results, size_t index, struct result *result)
{
	assert(index < results->roster->count);
	const struct result *old = results->results[index];
	replace(results, index, result, old != NULL && result_shows_same(old, result));
}

void
results_repeat(struct results *results, size_t index, int64_t run_unix_ms)
{
	assert(index < results->roster->count && results->results[index] != NULL);
	replace(
	    results, index, result_again(results->results[index], run_unix_ms), true);
}

const struct result *
results_get(const struct results *results, size_t index)
{
	return results->results[index];
}

static bool
is_stale(const struct results *results, int64_t now_ms)
{
	return results->newest == NULL ||
	    now_ms - results->newest->taken_ms >= SNAPSHOT_MS;
}

void
results_put_figures(
    struct results *results, const struct figures *figures, int64_t now_ms)
{
	struct snapshot *old = NULL;
	lock(results);
	bool is_reload = figures->reload_failed != results->figures.reload_failed ||
	    figures->loaded_unix_ms != results->figures.loaded_unix_ms;
	results->figures = *figures;
	if (is_reload || is_stale(results, now_ms)) {
		old = results->newest;
		results->newest = NULL;
	}
	unlock(results);
	snapshot_drop(old);
}

static struct snapshot *
snapshot_new(struct results *results, int64_t now_ms)
{
	struct roster *roster = results->roster;
	size_t stamps_bytes = roster_groups(roster) * sizeof(struct stamp);
	struct snapshot *snapshot = must_alloc(
	    sizeof(*snapshot) + roster->count * sizeof(struct result *));
	*snapshot = (struct snapshot){
		.references = 1,
		.taken_ms = now_ms,
		.start_unix_ms = results->start_unix_ms,
		.figures = results->figures,
		.roster = roster_keep(roster),
		.stamps = must_alloc(stamps_bytes + 1),
	};
	memcpy(snapshot->stamps, results->stamps, stamps_bytes);
	memcpy(snapshot->measured, results->measured, sizeof(snapshot->measured));
	for (size_t i = 0; i < roster->count; i++) {
		struct result *result = results->results[i];
		snapshot->results[i] = result != NULL ? result_keep(result) : NULL;
	}
	return snapshot;
}

struct snapshot *
results_snapshot(struct results *results, int64_t now_ms)
{
	struct snapshot *old = NULL;
	lock(results);
	if (is_stale(results, now_ms)) {
		old = results->newest;
		results->newest = snapshot_new(results, now_ms);
	}
	struct snapshot *snapshot = results->newest;
	atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
	unlock(results);
	snapshot_drop(old);
	return snapshot;
}

void
snapshot_drop(struct snapshot *snapshot)
{
	if (snapshot == NULL || atomic_fetch_sub(&snapshot->references, 1) > 1)
		return;
	for (size_t i = 0; i < snapshot->roster->count; i++)
		result_drop(snapshot->results[i]);
	roster_drop(snapshot->roster);
	free(snapshot->stamps);
	free(snapshot);
}
