/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The restart driver. It knows three lists: jobs that are ready to be evaluated, jobs
 * that wait, and questions in flight with the jobs that wait for each. An answer that
 * arrives makes ready every job whose last open question it was.
 *
 * What it does not know: what a question means, and what a job finds out.
 */
#include "core/run.h"

#include "core/die.h"
#include "hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

struct waiter {
	struct job *job;
	struct waiter *next;
};

/* One key that a fetcher was asked and has not handed back. It outlives its waiters:
 * a job whose deadline passed leaves, the answer still comes. */
struct question {
	UT_hash_handle hh;
	struct waiter *waiters;
	uint8_t key[];
};

/* Who answers questions of one kind. */
struct source {
	struct fetcher *fetcher;
	struct run_kind_counts counts;
};

struct runner {
	struct clock *clock;
	struct store *store;
	struct source sources[RUNNER_FETCHERS];
	size_t source_count;
	struct question *questions;
	struct job *ready;
	struct job *waiting;
	int64_t
	    deadline_ms; /* no waiting job's is earlier; DEADLINE_NEVER: none waits */
	size_t active;
	struct run_counts counts;
};

struct runner *
runner_new(struct clock *clock, struct store *store)
{
	struct runner *runner = must_calloc(1, sizeof(*runner));
	runner->clock = clock;
	runner->store = store;
	runner->deadline_ms = DEADLINE_NEVER;
	return runner;
}

static void
question_drop(struct runner *runner, struct question *question)
{
	struct waiter *waiter, *next;
	HASH_DEL(runner->questions, question);
	LL_FOREACH_SAFE(question->waiters, waiter, next)
	free(waiter);
	free(question);
}

void
runner_free(struct runner *runner)
{
	if (runner == NULL)
		return;
	struct question *question, *next;
	HASH_ITER (hh, runner->questions, question, next)
		question_drop(runner, question);
	free(runner);
}

void
runner_add_fetcher(struct runner *runner, struct fetcher *fetcher)
{
	assert(runner->source_count < RUNNER_FETCHERS);
	runner->sources[runner->source_count++].fetcher = fetcher;
}

void
runner_change_fetcher(
    struct runner *runner, struct fetcher *old, struct fetcher *fetcher)
{
	struct question *question, *next;
	assert(old->kind == fetcher->kind);
	for (size_t i = 0; i < runner->source_count; i++)
		if (runner->sources[i].fetcher == old)
			runner->sources[i].fetcher = fetcher;
	HASH_ITER (hh, runner->questions, question, next)
		if (question->key[0] == fetcher->kind)
			fetcher->ask(fetcher,
			    span_of(question->key, question->hh.keylen),
			    runner->clock->now_ms(runner->clock));
}

void
runner_start(struct runner *runner, struct job *job)
{
	job->rounds = 0;
	job->questions = 0;
	job->timed_out = false;
	job->pending = 0;
	job->started_ms = runner->clock->now_ms(runner->clock);
	job->ready = true;
	DL_APPEND(runner->ready, job);
	runner->active++;
}

static void
make_ready(struct runner *runner, struct job *job)
{
	if (job->ready)
		return;
	job->ready = true;
	DL_DELETE(runner->waiting, job);
	DL_APPEND(runner->ready, job);
}

static struct source *
source_for(struct runner *runner, struct span key)
{
	for (size_t i = 0; i < runner->source_count; i++)
		if (key.bytes[0] == runner->sources[i].fetcher->kind)
			return &runner->sources[i];
	assert(!"a want of a kind that has no fetcher");
	return NULL;
}

/* The question in flight, asked now where it is not. */
static struct question *
ask(struct runner *runner, struct span key)
{
	struct question *question;
	HASH_FIND(hh, runner->questions, key.bytes, key.length, question);
	if (question != NULL) {
		runner->counts.joined++;
		return question;
	}
	question = must_alloc(sizeof(*question) + key.length);
	question->waiters = NULL;
	memcpy(question->key, key.bytes, key.length);
	HASH_ADD_KEYPTR(hh, runner->questions, question->key, key.length, question);
	runner->counts.asked++;
	struct source *source = source_for(runner, key);
	source->counts.in_flight++;
	source->fetcher->ask(
	    source->fetcher, key, runner->clock->now_ms(runner->clock));
	return question;
}

static void
await(struct job *job, struct question *question)
{
	struct waiter *waiter = must_alloc(sizeof(*waiter));
	waiter->job = job;
	LL_PREPEND(question->waiters, waiter);
	job->pending++;
}

static void
hurry(struct runner *runner, struct span key)
{
	struct fetcher *fetcher = source_for(runner, key)->fetcher;
	if (fetcher->hurry != NULL)
		fetcher->hurry(fetcher, key, runner->clock->now_ms(runner->clock));
}

/* False also when it is beyond the cap of a round. */
static bool
lists_needed_want(const struct view *view)
{
	for (size_t i = 0; i < view->want_count; i++)
		if (!view->optional[i])
			return true;
	return false;
}

/* Asks all that is wanted, and waits for what can't be done without; for the rest only
 * when nothing else is listed. */
static void
await_wants(struct runner *runner, struct job *job, const struct view *view)
{
	bool has_needed = lists_needed_want(view);
	for (size_t i = 0; i < view->want_count; i++) {
		struct question *question = ask(runner, view->wants[i]);
		job->questions++;
		if (job->urgent)
			hurry(runner, view->wants[i]);
		if (!has_needed || !view->optional[i])
			await(job, question);
	}
	assert(job->pending > 0);
}

static void
leave(struct runner *runner, struct job *job)
{
	struct question *question, *next_question;
	struct waiter *waiter, *next;
	HASH_ITER (hh, runner->questions, question, next_question) {
		LL_FOREACH_SAFE(question->waiters, waiter, next)
		{
			if (waiter->job != job)
				continue;
			LL_DELETE(question->waiters, waiter);
			free(waiter);
			job->pending--;
		}
	}
	assert(job->pending == 0);
}

void
runner_cancel(struct runner *runner, struct job *job)
{
	if (job->ready)
		DL_DELETE(runner->ready, job);
	else
		DL_DELETE(runner->waiting, job);
	leave(runner, job);
	runner->active--;
}

/* Why the next evaluation has to be the last one; OUTCOME_WANTED when it need not. */
static enum outcome
reason_to_close(const struct job *job)
{
	if (job->timed_out)
		return OUTCOME_TIMEOUT;
	if (job->rounds >= LIMIT_ROUNDS || job->questions >= LIMIT_FACTS_PER_TARGET)
		return OUTCOME_OVER_BUDGET;
	return OUTCOME_WANTED;
}

static void
finish(struct runner *runner, struct job *job)
{
	runner->active--;
	job->finish(job); /* may free the job */
}

/* One evaluation, and the questions that come of it. True when it was the last one. */
static bool
evaluate(struct runner *runner, struct job *job)
{
	struct view view;
	arena_reset(job->arena);
	view_init(
	    &view, runner->store, job->arena, job->started_ms, reason_to_close(job));
	job->evaluate(job, &view);
	job->rounds++;
	runner->counts.evaluations++;
	job->good_until_ms = view.good_until_ms;
	if (job->rounds == 1)
		runner->counts.hits += view.hits;
	if (!view.incomplete) {
		finish(runner, job);
		return true;
	}

	/* Restarting only makes sense when something will be new. */
	assert(view.want_count > 0 && view.closed == OUTCOME_WANTED);
	job->ready = false;
	DL_APPEND(runner->waiting, job);
	runner->deadline_ms = deadline_earlier(runner->deadline_ms, job->deadline_ms);
	await_wants(runner, job, &view);
	return false;
}

/* True when a job came to its end. */
static bool
evaluate_ready(struct runner *runner)
{
	bool ended = false;
	/* A job that is started meanwhile goes to the end and gets its turn too. */
	while (runner->ready != NULL) {
		struct job *job = runner->ready;
		DL_DELETE(runner->ready, job);
		ended = evaluate(runner, job) || ended;
	}
	return ended;
}

static void
take_arrival(struct runner *runner, const struct arrival *arrival)
{
	struct question *question;
	HASH_FIND(
	    hh, runner->questions, arrival->key.bytes, arrival->key.length, question);
	assert(question != NULL);
	struct source *source = source_for(runner, arrival->key);
	source->counts.outcomes[arrival->fact.outcome]++;
	source->counts.in_flight--;
	store_put(runner->store, arrival->key, arrival->fact);

	struct waiter *waiter;
	LL_FOREACH(question->waiters, waiter)
	if (--waiter->job->pending == 0)
		make_ready(runner, waiter->job);
	question_drop(runner, question);
}

static void
take_arrivals(struct runner *runner)
{
	struct arrival arrival;
	for (size_t i = 0; i < runner->source_count; i++) {
		struct fetcher *fetcher = runner->sources[i].fetcher;
		while (fetcher->next(fetcher, &arrival))
			take_arrival(runner, &arrival);
	}
}

/* Jobs whose time is up get their last evaluation with what is there. */
static void
end_overdue(struct runner *runner, int64_t now_ms)
{
	struct job *job, *next;
	if (runner->deadline_ms > now_ms)
		return;
	runner->deadline_ms = DEADLINE_NEVER;
	DL_FOREACH_SAFE(runner->waiting, job, next)
	{
		if (job->deadline_ms > now_ms) {
			runner->deadline_ms = deadline_earlier(
			    runner->deadline_ms, job->deadline_ms);
			continue;
		}
		leave(runner, job);
		job->timed_out = true;
		make_ready(runner, job);
	}
}

void
runner_step(
    struct runner *runner, struct pollfd *own, size_t own_count, int64_t wake_ms)
{
	struct pollfd fds[FETCHER_FDS * (RUNNER_FETCHERS + 1)];
	size_t counts[RUNNER_FETCHERS], used = own_count;
	assert(own_count <= FETCHER_FDS);

	bool ended = evaluate_ready(runner);
	take_arrivals(runner); /* what could be answered at once */
	if (ended || runner->ready != NULL)
		wake_ms = INT64_MIN; /* look around, but don't wait */

	if (own_count > 0)
		memcpy(fds, own, own_count * sizeof(*own));
	for (size_t i = 0; i < runner->source_count; i++) {
		struct fetcher *fetcher = runner->sources[i].fetcher;
		counts[i] = fetcher->watch(fetcher, fds + used, &wake_ms);
		used += counts[i];
	}
	wake_ms = deadline_earlier(wake_ms, runner->deadline_ms);
	runner->clock->wait(runner->clock, fds, used, wake_ms);
	if (own_count > 0)
		memcpy(own, fds, own_count * sizeof(*own));

	int64_t now_ms = runner->clock->now_ms(runner->clock);
	used = own_count;
	for (size_t i = 0; i < runner->source_count; i++) {
		struct fetcher *fetcher = runner->sources[i].fetcher;
		fetcher->work(fetcher, fds + used, counts[i], now_ms);
		used += counts[i];
	}
	take_arrivals(runner);
	end_overdue(runner, now_ms);
	evaluate_ready(runner);
}

size_t
runner_active(const struct runner *runner)
{
	return runner->active;
}

size_t
runner_in_flight(const struct runner *runner)
{
	return HASH_COUNT(runner->questions);
}

const struct run_counts *
runner_counts(const struct runner *runner)
{
	return &runner->counts;
}

struct run_kind_counts
runner_kind_counts(const struct runner *runner, enum fact_kind kind)
{
	for (size_t i = 0; i < runner->source_count; i++)
		if (runner->sources[i].fetcher->kind == kind)
			return runner->sources[i].counts;
	return (struct run_kind_counts){ .in_flight = 0 };
}

int64_t
runner_oldest_ms(const struct runner *runner)
{
	int64_t oldest_ms = runner->clock->now_ms(runner->clock);
	const struct job *job;
	DL_FOREACH(runner->waiting, job)
	oldest_ms = deadline_earlier(oldest_ms, job->started_ms);
	DL_FOREACH(runner->ready, job)
	oldest_ms = deadline_earlier(oldest_ms, job->started_ms);
	return oldest_ms;
}
