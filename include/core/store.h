/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * store: facts by key, and the view that one evaluation has of them.
 *
 * A fact is what the world answered to one question. Its key says what was asked: one
 * byte of kind, then whatever the kind's fetcher defines (dns/question.h for DNS). Its
 * data belong to the fetcher too; the store only keeps them, and frees them with the
 * function that came along.
 *
 * A probe never sees the store itself but a view, made anew for each evaluation:
 *
 *	const struct fact *fact = view_get(view, key);
 *	if (fact->outcome == OUTCOME_WANTED)
 *		return;         (not there yet: it was noted as a want; go on elsewhere)
 *
 * What is always true:
 *  - view_get() never returns NULL and does no I/O;
 *  - a key with a fact is never wanted, and a key is wanted once;
 *  - a view judges age by one "now", that of its run's start: a fact that was good
 *    then stays good until the run ends, also one with a TTL of 0;
 *  - a closed view answers missing keys with the outcome it was closed with, so that
 *    the last evaluation always completes. The store itself is not changed by that:
 *    one target's deadline says nothing to the others.
 */
#ifndef MAILGAUGE_CORE_STORE_H
#define MAILGAUGE_CORE_STORE_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/limits.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first byte of a key; also which fetcher answers it. */
enum fact_kind { FACT_DNS = 'd', FACT_SMTP = 's' };

/* Outcomes; the first one is no fact but the lack of one. */
#define OUTCOME_LIST(OUTCOME) \
	OUTCOME(WANTED, "wanted", "not asked yet") \
	OUTCOME(FOUND, "found", "found") \
	OUTCOME(NODATA, "nodata", "no such record") \
	OUTCOME(NXDOMAIN, "nxdomain", "no such name") \
	OUTCOME(SERVFAIL, "servfail", "SERVFAIL") \
	OUTCOME(BOGUS, "bogus", "bogus (DNSSEC)") \
	OUTCOME(REFUSED, "refused", "REFUSED") \
	OUTCOME(BAD_RCODE, "bad_rcode", "an error code of the name server") \
	OUTCOME(TIMEOUT, "timeout", "time-out") \
	OUTCOME(UNREACHABLE, "unreachable", "name server unreachable") \
	OUTCOME(MALFORMED, "malformed", "malformed answer") \
	OUTCOME(OVER_BUDGET, "over_budget", "not asked, too many questions")

#define OUTCOME_ENUM(symbol, name, text) OUTCOME_##symbol,
enum outcome { OUTCOME_LIST(OUTCOME_ENUM) OUTCOME_COUNT };
#undef OUTCOME_ENUM

const char *outcome_text(enum outcome outcome);
const char *outcome_name(enum outcome outcome); /* "nxdomain", for labels and JSON */

/* A clear "there is none": no such record, or no such name. */
bool outcome_is_empty(enum outcome outcome);

/* The world could not tell: neither an answer nor a clear "there is none". */
bool outcome_is_failure(enum outcome outcome);

struct fact {
	enum outcome outcome;
	int64_t expires_ms; /* last moment at which it is good */
	void *data;         /* the fetcher's; NULL where there is nothing to keep */
	void (*release)(void *data); /* frees data; NULL: nothing to free */
};

struct store;

struct store *store_new(void);
void store_free(struct store *store);

/* Keeps a fact, in place of an older one with the same key; takes its data. */
void store_put(struct store *store, struct span key, struct fact fact);

/* The fact that is good at `now_ms`, or NULL. */
const struct fact *store_find(
    const struct store *store, struct span key, int64_t now_ms);

/* Drops what expired before `now_ms`. No view with an older "now" may be in use. */
void store_expire(struct store *store, int64_t now_ms);

size_t store_count(const struct store *store);

/* All facts, in the order in which their keys came first. */
void store_each(const struct store *store,
    void (*each)(void *context, struct span key, const struct fact *fact),
    void *context);

/* The same one by one, while the store goes on changing: what is dropped before its
 * turn is not met, what is new comes at the end. One walk at a time. */
void store_walk_begin(struct store *store);
bool store_walk_next(
    struct store *store, struct span *key, const struct fact **fact) MUST_CHECK;

/* One evaluation's look at the store. Wants are copies in the evaluation's arena. */
struct view {
	const struct store *store;
	struct arena *arena;
	int64_t now_ms;
	enum outcome closed;   /* OUTCOME_WANTED: open */
	size_t gets;           /* looks so far */
	size_t hits;           /* of these, what had a fact */
	bool incomplete;       /* something was wanted, also beyond the cap */
	int64_t good_until_ms; /* as long as all that was found; INT64_MIN where some
				* of it was missing. Until then no fact is replaced. */
	size_t want_count;
	struct span wants[LIMIT_WANTS_PER_ROUND];
	bool optional[LIMIT_WANTS_PER_ROUND];
};

void view_init(struct view *view, const struct store *store, struct arena *arena,
    int64_t now_ms, enum outcome closed);

/* The fact, or one that says OUTCOME_WANTED, or what the view was closed with; over
 * LIMIT_GETS_PER_EVALUATION looks it is OUTCOME_OVER_BUDGET. */
const struct fact *view_get(struct view *view, struct span key);

/* The same for what is good to know and not worth waiting for: other rounds go on while
 * it is on its way, and only the last one waits for it, until the deadline. */
const struct fact *view_get_optional(struct view *view, struct span key);

#endif
