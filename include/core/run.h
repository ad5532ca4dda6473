/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * run: the restart driver. It evaluates a job, lets the fetchers answer what the
 * evaluation wanted, and evaluates it again from the start until nothing is missing.
 *
 *	struct runner *runner = runner_new(clock, store);
 *	runner_add_fetcher(runner, dns);
 *	runner_start(runner, &job);            (one for a plugin, thousands in the
 *exporter) while (runner_active(runner) > 0) runner_step(runner, DEADLINE_NEVER);
 *
 * What is always true:
 *  - each round of a job adds at least one fact, and there are at most LIMIT_ROUNDS:
 *    a job always finishes, at the latest at its deadline;
 *  - a question in flight is asked once, however many jobs wait for it;
 *  - a job's last evaluation is one with nothing missing. When the deadline or a cap
 *    got in the way, what was missing reads as `timeout` or `over_budget` in it;
 *  - one thread. Callbacks may start jobs, and must not step the runner.
 */
#ifndef MAILGAUGE_CORE_RUN_H
#define MAILGAUGE_CORE_RUN_H

#include "core/deadline.h"
#include "core/store.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a fetcher hands over: the fact for a key that it was asked. */
struct arrival {
	struct span key; /* the fetcher's; good until the next call */
	struct fact fact;
};

/*
 * fetcher: turns wants of one kind into facts. A fetcher embeds this as its first
 * member. Every key asked comes back exactly once through next(), also when nothing
 * can be sent; the fetcher keeps its own time limit and its own in-flight cap.
 */
struct fetcher {
	enum fact_kind kind;
	void (*ask)(struct fetcher *fetcher, struct span key, int64_t now_ms);

	/* Fills `fds` (room for FETCHER_FDS) with what to wait for; lowers `*wake_ms`
	 * to when it wants to work even if nothing is ready. */
	size_t (*watch)(struct fetcher *fetcher, struct pollfd *fds, int64_t *wake_ms);
	void (*work)(struct fetcher *fetcher, const struct pollfd *fds, size_t count,
	    int64_t now_ms);
	bool (*next)(struct fetcher *fetcher, struct arrival *arrival);

	/* May be NULL. A key that was asked shall go before those that wait. */
	void (*hurry)(struct fetcher *fetcher, struct span key, int64_t now_ms);
	void (*free)(struct fetcher *fetcher);
};

#define FETCHER_FDS 64 /* descriptors that one fetcher may watch */
#define RUNNER_FETCHERS 4

/* One target's way through the rounds. The owner embeds it and keeps it alive until
 * finish() was called. */
struct job {
	/* Set by the owner. evaluate() reads the view and writes a report into the
	 * arena, which was reset for it; finish() takes what the last evaluation left
	 * there. */
	void (*evaluate)(struct job *job, struct view *view);
	void (*finish)(struct job *job);
	struct arena *arena; /* may be shared by jobs: evaluations don't overlap */
	int64_t deadline_ms;
	bool urgent; /* somebody waits for it: its questions go first */

	/* Set by the driver; the first four may be read. */
	unsigned rounds;    /* evaluations so far */
	unsigned questions; /* asked for it, joined ones too */
	bool timed_out;
	int64_t good_until_ms; /* a run up to then would find the same facts */
	int64_t started_ms;
	size_t pending;          /* of this round */
	struct job *prev, *next; /* in the driver's list */
	bool ready;
};

struct run_counts {
	uint64_t evaluations;
	uint64_t asked;  /* questions given to fetchers */
	uint64_t joined; /* wants that were in flight already */
	uint64_t hits;   /* looks of first evaluations that found a fact */
};

/* The same by kind of question. */
struct run_kind_counts {
	uint64_t outcomes[OUTCOME_COUNT];
	size_t in_flight;
};

struct runner;

/* Both are borrowed. */
struct runner *runner_new(struct clock *clock, struct store *store);

/* Drops what is in flight; does not free fetchers, jobs or the store. */
void runner_free(struct runner *runner);

void runner_add_fetcher(struct runner *runner, struct fetcher *fetcher);

/* Asks the new one, of the same kind, all that the old one has not answered; the caller
 * frees the old one. */
void runner_change_fetcher(
    struct runner *runner, struct fetcher *old, struct fetcher *fetcher);

void runner_start(struct runner *runner, struct job *job);

/* Forgets a job that has not finished; what it asked is answered all the same. */
void runner_cancel(struct runner *runner, struct job *job);

/* One turn: evaluates what is ready, waits for answers until `wake_ms` at most, takes
 * them. `own` are descriptors of the caller to wait for as well (count may be 0). */
void runner_step(
    struct runner *runner, struct pollfd *own, size_t own_count, int64_t wake_ms);

size_t runner_active(const struct runner *runner);
size_t runner_in_flight(const struct runner *runner);
const struct run_counts *runner_counts(const struct runner *runner);

/* Zeros when no fetcher is of that kind. */
struct run_kind_counts runner_kind_counts(
    const struct runner *runner, enum fact_kind kind);

/* The oldest "now" that any active job judges facts by; the present one without jobs.
 * Older facts may be dropped from the store. */
int64_t runner_oldest_ms(const struct runner *runner);

#endif
