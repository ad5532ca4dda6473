/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A store of its own, by what is left of a scan's key without the name. It is swept
 * once in `keep_seconds`, and full when it is full: who finds no room is scanned whole.
 */
#include "lending.h"

#include "core/die.h"
#include "core/limits.h"
#include "core/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct lending {
	int64_t keep_ms;
	pthread_mutex_t lock; /* of all below */
	int64_t sweep_ms;     /* when the next one is due */
	struct store *store;
};

bool
lent_fits(const struct lent *lent, const struct smtp_handshake *handshake)
{
	return handshake->done == TRUTH_YES && handshake->version == lent->version &&
	    handshake->suite == lent->suite &&
	    strcmp(handshake->group_text, lent->group_text) == 0;
}

void
lent_take(const struct lent *lent, struct smtp_scan *scan)
{
	scan->borrowed = true;
	scan->tls = lent->tls;
	scan->injection = lent->injection;
}

struct lending *
lending_new(unsigned keep_seconds)
{
	enum { MS_PER_SECOND = 1000 };
	struct lending *lending = must_calloc(1, sizeof(*lending));
	lending->keep_ms = (int64_t)keep_seconds * MS_PER_SECOND;
	lending->store = store_new();
	int failed = pthread_mutex_init(&lending->lock, NULL);
	assert(!failed);
	return lending;
}

void
lending_free(struct lending *lending)
{
	store_free(lending->store);
	pthread_mutex_destroy(&lending->lock);
	free(lending);
}

/* The name is the last part of a scan's key. What was asked for otherwise stays in it:
 * who wants the injection tried borrows only where it was. */
static struct span
key_of(struct smtp_key *key, const struct smtp_endpoint *endpoint)
{
	smtp_key_make(key, endpoint);
	return span_of(key->bytes, key->length - endpoint->name.length);
}

static bool
can_lend(const struct smtp_endpoint *endpoint, const struct smtp_scan *scan)
{
	return !endpoint->quick && !scan->borrowed && scan->end == SMTP_END_DONE &&
	    scan->handshake.done == TRUTH_YES;
}

static struct lent *
lent_new(const struct smtp_scan *scan, int64_t good_until_ms)
{
	struct lent *lent = must_calloc(1, sizeof(*lent));
	lent->good_until_ms = good_until_ms;
	lent->tls = scan->tls;
	lent->injection = scan->injection;
	lent->two_keys = scan->chains[1].count > 0;
	lent->version = scan->handshake.version;
	lent->suite = scan->handshake.suite;
	memcpy(lent->group_text, scan->handshake.group_text, sizeof(lent->group_text));
	return lent;
}

void
lending_put(struct lending *lending, const struct smtp_endpoint *endpoint,
    const struct smtp_scan *scan, int64_t good_until_ms, int64_t now_ms)
{
	struct smtp_key key;
	struct span address = key_of(&key, endpoint);
	if (!can_lend(endpoint, scan))
		return;
	pthread_mutex_lock(&lending->lock);
	if (now_ms >= lending->sweep_ms) {
		store_expire(lending->store, now_ms);
		lending->sweep_ms = now_ms + lending->keep_ms;
	}
	bool is_known = store_find(lending->store, address, now_ms) != NULL;
	if (!is_known && store_count(lending->store) < LIMIT_SMTP_LENT)
		store_put(lending->store, address,
		    (struct fact){ .outcome = OUTCOME_FOUND,
			.expires_ms = good_until_ms,
			.data = lent_new(scan, good_until_ms),
			.release = free });
	pthread_mutex_unlock(&lending->lock);
}

bool
lending_find(struct lending *lending, const struct smtp_endpoint *endpoint,
    int64_t now_ms, struct lent *lent)
{
	struct smtp_key key;
	struct span address = key_of(&key, endpoint);
	pthread_mutex_lock(&lending->lock);
	const struct fact *fact = store_find(lending->store, address, now_ms);
	if (fact != NULL)
		*lent = *(const struct lent *)fact->data;
	pthread_mutex_unlock(&lending->lock);
	return fact != NULL;
}
