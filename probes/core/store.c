/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Facts in a hash table, and views of them. The store keeps no clock and asks nobody:
 * what is missing is noted in the view, and the driver (core/run) sees to it.
 *
 * The table is our own because most of an exporter's memory is in it: what uthash adds
 * to each entry is more than all the rest of a fact about a missing name. An entry is
 * in the chain of its hash, and has a place in the list of all, which keeps the order
 * of their coming; a place that was left stays empty until the list is full.
 */
#include "core/store.h"

#include "core/die.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

enum { FIRST_ROOM = 16 }; /* a power of two: so is the number of chains */

struct entry {
	struct fact fact;
	struct entry *next; /* in its chain */
	uint32_t hash;
	uint32_t place;
	uint16_t key_length;
	uint8_t key[];
};

struct store {
	size_t count;
	struct entry **chains; /* as many as there are places */
	struct entry **places; /* NULL: left */
	size_t used, room;
	size_t walk; /* the place that it has come to; at `used`: the end */
	bool walks;
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

/* --- the table ------------------------------------------------------------ */

/* FNV-1a */
static uint32_t
hash_of(struct span key)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < key.length; i++)
		hash = (hash ^ key.bytes[i]) * 16777619u;
	return hash;
}

static struct span
key_of(const struct entry *entry)
{
	return span_of(entry->key, entry->key_length);
}

static struct entry **
chain_of(const struct store *store, uint32_t hash)
{
	return &store->chains[hash & (store->room - 1)];
}

static struct entry *
find(const struct store *store, struct span key)
{
	if (store->room == 0)
		return NULL;
	uint32_t hash = hash_of(key);
	struct entry *entry = *chain_of(store, hash);
	while (
	    entry != NULL && (entry->hash != hash || !span_equal(key_of(entry), key)))
		entry = entry->next;
	return entry;
}

/* Entries move up over the places that were left. */
static void
close_up(struct store *store)
{
	size_t used = 0, walk = SIZE_MAX;
	for (size_t i = 0; i < store->used; i++) {
		if (i == store->walk)
			walk = used;
		if (store->places[i] == NULL)
			continue;
		store->places[used] = store->places[i];
		store->places[used]->place = (uint32_t)used;
		used++;
	}
	store->walk = walk < used ? walk : used;
	store->used = used;
}

static void
make_room(struct store *store)
{
	close_up(store);
	if (store->used <= store->room / 2 && store->room > 0)
		return;
	store->room = store->room > 0 ? store->room * 2 : FIRST_ROOM;
	assert(store->room <= UINT32_MAX);
	store->places = must_realloc(
	    store->places, store->room * sizeof(*store->places));
	free(store->chains);
	store->chains = must_calloc(store->room, sizeof(*store->chains));
	for (size_t i = 0; i < store->used; i++) {
		struct entry *entry = store->places[i];
		LL_PREPEND(*chain_of(store, entry->hash), entry);
	}
}

static void
add(struct store *store, struct span key, struct fact fact)
{
	if (store->used == store->room)
		make_room(store);
	struct entry *entry = must_alloc(sizeof(*entry) + key.length);
	*entry = (struct entry){
		.fact = fact,
		.hash = hash_of(key),
		.place = (uint32_t)store->used,
		.key_length = (uint16_t)key.length,
	};
	memcpy(entry->key, key.bytes, key.length);
	LL_PREPEND(*chain_of(store, entry->hash), entry);
	store->places[store->used++] = entry;
	store->count++;
}

static void
drop(struct store *store, struct entry *entry)
{
	struct entry **chain = chain_of(store, entry->hash);
	LL_DELETE(*chain, entry);
	store->places[entry->place] = NULL;
	store->count--;
	fact_release(&entry->fact);
	free(entry);
}

/* --- the store ------------------------------------------------------------ */

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->used; i++)
		if (store->places[i] != NULL)
			drop(store, store->places[i]);
	free(store->chains);
	free(store->places);
	free(store);
}

void
store_put(struct store *store, struct span key, struct fact fact)
{
	assert(key.length > 0 && key.length <= LIMIT_KEY_BYTES);
	assert(fact.outcome != OUTCOME_WANTED);

	struct entry *entry = find(store, key);
	if (entry == NULL) {
		add(store, key, fact);
		return;
	}
	fact_release(&entry->fact);
	entry->fact = fact;
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
	for (size_t i = 0; i < store->used; i++) {
		struct entry *entry = store->places[i];
		if (entry != NULL && entry->fact.expires_ms < now_ms)
			drop(store, entry);
	}
}

size_t
store_count(const struct store *store)
{
	return store->count;
}

void
store_each(const struct store *store,
    void (*each)(void *context, struct span key, const struct fact *fact),
    void *context)
{
	for (size_t i = 0; i < store->used; i++) {
		const struct entry *entry = store->places[i];
		if (entry != NULL)
			each(context, key_of(entry), &entry->fact);
	}
}

void
store_walk_begin(struct store *store)
{
	store->walk = 0;
	store->walks = true;
}

bool
store_walk_next(struct store *store, struct span *key, const struct fact **fact)
{
	while (store->walks && store->walk < store->used) {
		const struct entry *entry = store->places[store->walk++];
		if (entry == NULL)
			continue;
		*key = key_of(entry);
		*fact = &entry->fact;
		return true;
	}
	store->walks = false;
	return false;
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
