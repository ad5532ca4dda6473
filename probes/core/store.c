/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Facts in a hash table, and views of them. The store keeps no clock and asks nobody:
 * what is missing is noted in the view, and the driver (core/run) sees to it.
 */
#include "core/store.h"

#include "core/die.h"
#include "hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	UT_hash_handle hh;
	struct fact fact;
	uint8_t key[]; /* hh.keylen bytes */
};

struct store {
	struct entry *entries;
	struct entry *walk; /* the next one of it; NULL: at its end, or there is none */
};

const char *
outcome_text(enum outcome outcome)
{
#define OUTCOME_TEXT(symbol, name, text) [OUTCOME_##symbol] = (text),
	static const char *const texts[] = { OUTCOME_LIST(OUTCOME_TEXT) };
#undef OUTCOME_TEXT
	assert(outcome >= 0 && outcome < OUTCOME_COUNT);
	return texts[outcome];
}

const char *
outcome_name(enum outcome outcome)
{
#define OUTCOME_NAME(symbol, name, text) [OUTCOME_##symbol] = (name),
	static const char *const names[] = { OUTCOME_LIST(OUTCOME_NAME) };
#undef OUTCOME_NAME
	assert(outcome >= 0 && outcome < OUTCOME_COUNT);
	return names[outcome];
}

bool
outcome_is_empty(enum outcome outcome)
{
	return outcome == OUTCOME_NODATA || outcome == OUTCOME_NXDOMAIN;
}

bool
outcome_is_failure(enum outcome outcome)
{
	bool is_answer = outcome == OUTCOME_FOUND || outcome_is_empty(outcome);
	return !is_answer && outcome != OUTCOME_WANTED;
}

struct store *
store_new(void)
{
	return must_calloc(1, sizeof(struct store));
}

static void
fact_release(struct fact *fact)
{
	if (fact->release != NULL)
		fact->release(fact->data);
}

static void
entry_drop(struct store *store, struct entry *entry)
{
	if (store->walk == entry)
		store->walk = entry->hh.next;
	HASH_DEL(store->entries, entry);
	fact_release(&entry->fact);
	free(entry);
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	struct entry *entry, *next;
	HASH_ITER (hh, store->entries, entry, next)
		entry_drop(store, entry);
	free(store);
}

static struct entry *
find(const struct store *store, struct span key)
{
	struct entry *entry;
	HASH_FIND(hh, store->entries, key.bytes, key.length, entry);
	return entry;
}

void
store_put(struct store *store, struct span key, struct fact fact)
{
	assert(key.length > 0 && key.length <= LIMIT_KEY_BYTES);
	assert(fact.outcome != OUTCOME_WANTED);

	struct entry *entry = find(store, key);
	if (entry != NULL) {
		fact_release(&entry->fact);
		entry->fact = fact;
		return;
	}
	entry = must_alloc(sizeof(*entry) + key.length);
	entry->fact = fact;
	memcpy(entry->key, key.bytes, key.length);
	HASH_ADD_KEYPTR(hh, store->entries, entry->key, key.length, entry);
}

const struct fact *
store_find(const struct store *store, struct span key, int64_t now_ms)
{
	const struct entry *entry = find(store, key);
	if (entry == NULL || entry->fact.expires_ms < now_ms)
		return NULL;
	return &entry->fact;
}

void
store_expire(struct store *store, int64_t now_ms)
{
	struct entry *entry, *next;
	HASH_ITER (hh, store->entries, entry, next)
		if (entry->fact.expires_ms < now_ms)
			entry_drop(store, entry);
}

size_t
store_count(const struct store *store)
{
	return HASH_COUNT(store->entries);
}

void
store_each(const struct store *store,
    void (*each)(void *context, struct span key, const struct fact *fact),
    void *context)
{
	const struct entry *entry;
	for (entry = store->entries; entry != NULL; entry = entry->hh.next)
		each(context, span_of(entry->key, entry->hh.keylen), &entry->fact);
}

void
store_walk_begin(struct store *store)
{
	store->walk = store->entries;
}

bool
store_walk_next(struct store *store, struct span *key, const struct fact **fact)
{
	const struct entry *entry = store->walk;
	if (entry == NULL)
		return false;
	*key = span_of(entry->key, entry->hh.keylen);
	*fact = &entry->fact;
	store->walk = entry->hh.next;
	return true;
}

void
view_init(struct view *view, const struct store *store, struct arena *arena,
    int64_t now_ms, enum outcome closed)
{
	view->store = store;
	view->arena = arena;
	view->now_ms = now_ms;
	view->closed = closed;
	view->gets = 0;
	view->hits = 0;
	view->incomplete = false;
	view->good_until_ms = INT64_MAX;
	view->want_count = 0;
}

/* What is beyond the cap is wanted again by the next evaluation. */
static void
want(struct view *view, struct span key, bool optional)
{
	view->incomplete = true;
	size_t i = 0;
	while (i < view->want_count && !span_equal(view->wants[i], key))
		i++;
	if (i == LIMIT_WANTS_PER_ROUND)
		return;
	if (i == view->want_count) {
		view->wants[i] = arena_copy(view->arena, key);
		view->optional[i] = optional;
		view->want_count++;
	}
	view->optional[i] = view->optional[i] && optional;
}

static const struct fact *
get(struct view *view, struct span key, bool optional)
{
	/* What is said of a key that has no fact, one for each reason. */
	static const struct fact missing[OUTCOME_COUNT] = {
		[OUTCOME_WANTED] = { .outcome = OUTCOME_WANTED },
		[OUTCOME_TIMEOUT] = { .outcome = OUTCOME_TIMEOUT },
		[OUTCOME_OVER_BUDGET] = { .outcome = OUTCOME_OVER_BUDGET },
	};
	const struct fact *fact = NULL;
	bool is_over = view->gets++ >= LIMIT_GETS_PER_EVALUATION;
	if (!is_over)
		fact = store_find(view->store, key, view->now_ms);
	int64_t good_until_ms = fact != NULL ? fact->expires_ms : INT64_MIN;
	if (good_until_ms < view->good_until_ms)
		view->good_until_ms = good_until_ms;
	if (fact != NULL) {
		view->hits++;
		return fact;
	}
	if (is_over)
		return &missing[OUTCOME_OVER_BUDGET];
	if (view->closed == OUTCOME_WANTED)
		want(view, key, optional);
	assert(missing[view->closed].outcome == view->closed);
	return &missing[view->closed];
}

const struct fact *
view_get(struct view *view, struct span key)
{
	return get(view, key, false);
}

const struct fact *
view_get_optional(struct view *view, struct span key)
{
	return get(view, key, true);
}
