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

struct results {
	int64_t start_unix_ms;
	size_t targets;
	size_t count;
	struct check_entry *entries;

	pthread_mutex_t lock; /* of all below */
	struct figures figures;
	struct snapshot *newest; /* NULL: none */
	struct result **results;
};

static void
add_entries(struct results *results, const struct config_target *target)
{
	for (size_t i = 0; i < checks_count(); i++)
		if (target->checks & checks_one(i))
			results->entries[results->count++] = (struct check_entry){
				.target = target, .probe = checks_probe(i), .check = i
			};
}

struct results *
results_new(const struct config *config, int64_t start_unix_ms)
{
	struct results *results = must_calloc(1, sizeof(*results));
	size_t room = 0;
	for (size_t i = 0; i < config->target_count; i++)
		room += checks_in(config->targets[i].checks);
	results->entries = must_calloc(room, sizeof(*results->entries));
	results->results = must_calloc(room, sizeof(struct result *));
	for (size_t i = 0; i < config->target_count; i++)
		add_entries(results, &config->targets[i]);
	assert(results->count == room);

	results->start_unix_ms = start_unix_ms;
	results->targets = config->target_count;
	int failed = pthread_mutex_init(&results->lock, NULL);
	assert(!failed);
	return results;
}

void
results_free(struct results *results)
{
	if (results == NULL)
		return;
	for (size_t i = 0; i < results->count; i++)
		result_drop(results->results[i]);
	snapshot_drop(results->newest);
	pthread_mutex_destroy(&results->lock);
	free(results->results);
	free(results->entries);
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

size_t
results_count(const struct results *results)
{
	return results->count;
}

const struct check_entry *
results_entry(const struct results *results, size_t index)
{
	assert(index < results->count);
	return &results->entries[index];
}

void
results_put(struct results *results, size_t index, struct result *result)
{
	assert(index < results->count);
	lock(results);
	struct result *old = results->results[index];
	results->results[index] = result;
	unlock(results);
	result_drop(old);
}

/* Read without the lock: results change only in the thread that puts. */
void
results_repeat(struct results *results, size_t index, int64_t run_unix_ms)
{
	assert(index < results->count && results->results[index] != NULL);
	results_put(results, index, result_again(results->results[index], run_unix_ms));
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
	results->figures = *figures;
	if (is_stale(results, now_ms)) {
		old = results->newest;
		results->newest = NULL;
	}
	unlock(results);
	snapshot_drop(old);
}

static struct snapshot *
snapshot_new(struct results *results, int64_t now_ms)
{
	struct snapshot *snapshot = must_alloc(
	    sizeof(*snapshot) + results->count * sizeof(struct result *));
	*snapshot = (struct snapshot){
		.references = 1,
		.taken_ms = now_ms,
		.start_unix_ms = results->start_unix_ms,
		.targets = results->targets,
		.figures = results->figures,
		.count = results->count,
		.entries = results->entries,
	};
	for (size_t i = 0; i < results->count; i++) {
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
	for (size_t i = 0; i < snapshot->count; i++)
		result_drop(snapshot->results[i]);
	free(snapshot);
}
