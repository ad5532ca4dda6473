/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of core/run with a toy world: a question is a path such as "dx" or "dxy", each
 * answer takes a set time of a virtual clock, and a job asks for a whole tree of paths.
 */
#include "core/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PENDING_MAX = 2048, KEY_MAX = 40 };

#define ASIDE "d-aside"

/* --- a clock that jumps --------------------------------------------------- */

struct toy_clock {
	struct clock clock;
	int64_t now_ms;
};

static int64_t
toy_now(struct clock *clock)
{
	return ((struct toy_clock *)clock)->now_ms;
}

static int
toy_wait(struct clock *clock, struct pollfd *fds, size_t count, int64_t wake_ms)
{
	struct toy_clock *toy = (struct toy_clock *)clock;
	(void)fds, (void)count;
	assert_true(wake_ms != DEADLINE_NEVER); /* nothing would ever happen */
	if (wake_ms > toy->now_ms)
		toy->now_ms = wake_ms;
	return 0;
}

/* --- a fetcher that answers after a while, in an order of the test's ------ */

struct toy_question {
	char key[KEY_MAX];
	size_t length;
	int64_t due_ms;
};

struct toy_fetcher {
	struct fetcher fetcher;
	struct toy_question pending[PENDING_MAX];
	size_t count;
	unsigned asked;
	int64_t delay_ms; /* less than 0: never */
	int64_t aside_ms; /* the same for ASIDE */
	bool newest_first;
	bool at_once; /* answers are there before anybody waits */
	int64_t now_ms;
	int64_t ttl_ms;
	char handed[KEY_MAX];
};

static void
toy_ask(struct fetcher *fetcher, struct span key, int64_t now_ms)
{
	struct toy_fetcher *toy = (struct toy_fetcher *)fetcher;
	assert_true(toy->count < PENDING_MAX && key.length < KEY_MAX);
	struct toy_question *question = &toy->pending[toy->count++];
	memcpy(question->key, key.bytes, key.length);
	question->length = key.length;
	bool is_aside = span_equal(key, span_text(ASIDE));
	int64_t delay_ms = is_aside ? toy->aside_ms : toy->delay_ms;
	question->due_ms = delay_ms < 0 ? DEADLINE_NEVER : now_ms + delay_ms;
	toy->now_ms = now_ms;
	toy->asked++;
}

static size_t
toy_watch(struct fetcher *fetcher, struct pollfd *fds, int64_t *wake_ms)
{
	const struct toy_fetcher *toy = (struct toy_fetcher *)fetcher;
	(void)fds;
	for (size_t i = 0; i < toy->count; i++)
		*wake_ms = deadline_earlier(*wake_ms, toy->pending[i].due_ms);
	return 0;
}

static void
toy_work(
    struct fetcher *fetcher, const struct pollfd *fds, size_t count, int64_t now_ms)
{
	(void)fds, (void)count;
	((struct toy_fetcher *)fetcher)->now_ms = now_ms;
}

static bool
toy_next(struct fetcher *fetcher, struct arrival *arrival)
{
	struct toy_fetcher *toy = (struct toy_fetcher *)fetcher;
	for (size_t n = 0; n < toy->count; n++) {
		size_t i = toy->newest_first ? toy->count - 1 - n : n;
		struct toy_question question = toy->pending[i];
		if (!toy->at_once && question.due_ms > toy->now_ms)
			continue;
		memmove(&toy->pending[i], &toy->pending[i + 1],
		    (--toy->count - i) * sizeof(question));
		memcpy(toy->handed, question.key, question.length);
		*arrival = (struct arrival){
			.key = span_of(toy->handed, question.length),
			.fact = { .outcome = OUTCOME_FOUND,
			    .expires_ms = toy->now_ms + toy->ttl_ms },
		};
		return true;
	}
	return false;
}

/* --- a job that asks for a tree of paths ---------------------------------- */

struct toy_job {
	struct job job;
	unsigned depth, width;
	bool asks_aside; /* one more question, which it can do without */
	bool knows_aside;
	bool finished;
	unsigned found, timeouts, over_budget; /* of the last evaluation */
};

static void
walk(struct toy_job *toy, struct view *view, char *path, size_t length)
{
	for (unsigned i = 0; i < toy->width; i++) {
		path[length] = (char)('0' + i % 64);
		const struct fact *fact = view_get(view, span_of(path, length + 1));
		toy->found += fact->outcome == OUTCOME_FOUND;
		toy->timeouts += fact->outcome == OUTCOME_TIMEOUT;
		toy->over_budget += fact->outcome == OUTCOME_OVER_BUDGET;
		if (fact->outcome == OUTCOME_FOUND && length < toy->depth)
			walk(toy, view, path, length + 1);
	}
}

static void
toy_evaluate(struct job *job, struct view *view)
{
	struct toy_job *toy = (struct toy_job *)job;
	char path[KEY_MAX] = { FACT_DNS };
	toy->found = toy->timeouts = toy->over_budget = 0;
	if (toy->asks_aside)
		toy->knows_aside = view_get_optional(view, span_text(ASIDE))->outcome ==
		    OUTCOME_FOUND;
	walk(toy, view, path, 1);
}

static void
toy_finish(struct job *job)
{
	((struct toy_job *)job)->finished = true;
}

/* --- the world of one test ------------------------------------------------ */

struct world {
	struct toy_clock clock;
	struct toy_fetcher fetcher;
	struct store *store;
	struct arena *arena;
	struct runner *runner;
};

static int
setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	world->clock.clock = (struct clock){ .now_ms = toy_now, .wait = toy_wait };
	world->clock.now_ms = 1000;
	world->fetcher.fetcher = (struct fetcher){ .kind = FACT_DNS,
		.ask = toy_ask,
		.watch = toy_watch,
		.work = toy_work,
		.next = toy_next };
	world->fetcher.delay_ms = 20;
	world->fetcher.ttl_ms = 60000;
	world->store = store_new();
	world->arena = arena_new();
	world->runner = runner_new(&world->clock.clock, world->store);
	runner_add_fetcher(world->runner, &world->fetcher.fetcher);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;
	bool idle = runner_active(world->runner) == 0;
	runner_free(world->runner);
	store_free(world->store);
	arena_free(world->arena);
	free(world);
	return idle ? 0 : 1;
}

static struct toy_job
job_of(struct world *world, unsigned depth, unsigned width, int64_t deadline_ms)
{
	return (struct toy_job){
		.job = { .evaluate = toy_evaluate,
		    .finish = toy_finish,
		    .arena = world->arena,
		    .deadline_ms = deadline_ms },
		.depth = depth,
		.width = width,
	};
}

static void
run_until_idle(struct world *world)
{
	while (runner_active(world->runner) > 0)
		runner_step(world->runner, NULL, 0, DEADLINE_NEVER);
}

static void
rounds_are_the_depth_not_the_number_of_questions(void **state)
{
	struct world *world = *state;
	struct toy_job toy = job_of(world, 3, 3, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_true(toy.finished);
	assert_int_equal(toy.found, 3 + 9 + 27);
	assert_int_equal(world->fetcher.asked, 39);
	assert_int_equal(toy.job.rounds, 3 + 1);
	assert_int_equal(world->clock.now_ms, 1000 + 3 * 20);
}

static void
the_order_of_arrivals_does_not_matter(void **state)
{
	struct world *world = *state;
	world->fetcher.newest_first = true;
	struct toy_job toy = job_of(world, 3, 3, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_int_equal(toy.found, 39);
	assert_int_equal(toy.job.rounds, 4);
}

static void
a_full_store_needs_one_evaluation_and_no_question(void **state)
{
	struct world *world = *state;
	struct toy_job first = job_of(world, 2, 4, DEADLINE_NEVER);
	runner_start(world->runner, &first.job);
	run_until_idle(world);
	unsigned asked = world->fetcher.asked;

	struct toy_job second = job_of(world, 2, 4, DEADLINE_NEVER);
	runner_start(world->runner, &second.job);
	run_until_idle(world);
	assert_int_equal(second.found, first.found);
	assert_int_equal(second.job.rounds, 1);
	assert_int_equal(world->fetcher.asked, asked);

	/* The answers that came first expire first. */
	assert_int_equal(first.job.good_until_ms, 1000 + 20 + 60000);
	assert_int_equal(second.job.good_until_ms, first.job.good_until_ms);
}

static void
what_is_in_flight_is_joined(void **state)
{
	struct world *world = *state;
	struct toy_job jobs[50];
	for (size_t i = 0; i < ARRAY_LENGTH(jobs); i++) {
		jobs[i] = job_of(world, 2, 2, DEADLINE_NEVER);
		runner_start(world->runner, &jobs[i].job);
	}
	run_until_idle(world);
	for (size_t i = 0; i < ARRAY_LENGTH(jobs); i++)
		assert_int_equal(jobs[i].found, 2 + 4);
	assert_int_equal(world->fetcher.asked, 6);
	assert_int_equal(runner_counts(world->runner)->joined, 49 * 6);
}

static void
a_ttl_of_nought_serves_the_run_that_asked(void **state)
{
	struct world *world = *state;
	world->fetcher.ttl_ms = 0;
	struct toy_job toy = job_of(world, 3, 2, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_int_equal(toy.found, 2 + 4 + 8);
	assert_int_equal(world->fetcher.asked, 14);
	store_expire(world->store, runner_oldest_ms(world->runner) + 1);
	assert_int_equal(store_count(world->store), 0);
}

static void
silence_ends_at_the_deadline(void **state)
{
	struct world *world = *state;
	world->fetcher.delay_ms = -1;
	struct toy_job toy = job_of(world, 2, 3, 1000 + 500);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_true(toy.job.timed_out);
	assert_int_equal(toy.timeouts, 3);
	assert_int_equal(toy.job.good_until_ms, INT64_MIN);
	assert_int_equal(world->clock.now_ms, 1500);
	assert_int_equal(toy.job.rounds, 2);
}

static void
one_deadline_says_nothing_to_others(void **state)
{
	struct world *world = *state;
	world->fetcher.delay_ms = 300;
	struct toy_job hasty = job_of(world, 1, 1, 1000 + 100);
	struct toy_job patient = job_of(world, 1, 1, 1000 + 1000);
	runner_start(world->runner, &hasty.job);
	runner_start(world->runner, &patient.job);
	run_until_idle(world);
	assert_int_equal(hasty.timeouts, 1);
	assert_int_equal(patient.found, 1);
	assert_false(patient.job.timed_out);
	assert_int_equal(world->fetcher.asked, 1);
}

static void
late_answers_are_kept_for_the_next_run(void **state)
{
	struct world *world = *state;
	world->fetcher.delay_ms = 300;
	struct toy_job toy = job_of(world, 1, 1, 1000 + 100);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_int_equal(runner_in_flight(world->runner), 1);
	runner_step(world->runner, NULL, 0, 2000);
	assert_int_equal(runner_in_flight(world->runner), 0);
	assert_int_equal(store_count(world->store), 1);
}

static void
rounds_are_capped(void **state)
{
	struct world *world = *state;
	struct toy_job toy = job_of(world, KEY_MAX - 2, 1, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_int_equal(toy.job.rounds, LIMIT_ROUNDS + 1);
	assert_int_equal(toy.found, LIMIT_ROUNDS);
	assert_int_equal(toy.over_budget, 1);
	assert_false(toy.job.timed_out);
}

static void
facts_are_capped(void **state)
{
	struct world *world = *state;
	struct toy_job toy = job_of(world, 3, 60, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_true(toy.finished);
	assert_true(toy.over_budget > 0);
	assert_true(
	    world->fetcher.asked <= LIMIT_FACTS_PER_TARGET + LIMIT_WANTS_PER_ROUND);
}

static void
what_is_optional_holds_up_no_round(void **state)
{
	struct world *world = *state;
	world->fetcher.aside_ms = 50;
	struct toy_job toy = job_of(world, 3, 2, DEADLINE_NEVER);
	toy.asks_aside = true;
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_true(toy.knows_aside);
	assert_int_equal(toy.found, 2 + 4 + 8);
	assert_int_equal(world->clock.now_ms, 1000 + 3 * 20);
}

static void
what_is_optional_is_waited_for_at_the_end(void **state)
{
	struct world *world = *state;
	world->fetcher.aside_ms = 300;
	struct toy_job toy = job_of(world, 2, 2, DEADLINE_NEVER);
	toy.asks_aside = true;
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_true(toy.knows_aside);
	assert_int_equal(world->clock.now_ms, 1000 + 300);
	assert_int_equal(world->fetcher.asked, 2 + 4 + 1);
}

static void
what_is_optional_may_be_missing_at_the_deadline(void **state)
{
	struct world *world = *state;
	world->fetcher.aside_ms = -1;
	struct toy_job toy = job_of(world, 2, 2, 1000 + 500);
	toy.asks_aside = true;
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_false(toy.knows_aside);
	assert_int_equal(toy.found, 2 + 4);
	assert_int_equal(toy.timeouts, 0);
	assert_int_equal(world->clock.now_ms, 1500);
}

static void
answers_that_come_at_once_need_no_waiting(void **state)
{
	struct world *world = *state;
	world->fetcher.at_once = true;
	world->fetcher.delay_ms = -1;
	struct toy_job toy = job_of(world, 4, 2, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	while (runner_active(world->runner) > 0)
		runner_step(world->runner, NULL, 0, world->clock.now_ms);
	assert_int_equal(toy.found, 2 + 4 + 8 + 16);
	assert_int_equal(world->clock.now_ms, 1000);
}

static void
a_cancelled_job_leaves_no_trace(void **state)
{
	struct world *world = *state;
	struct toy_job first = job_of(world, 2, 3, DEADLINE_NEVER);
	struct toy_job second = job_of(world, 2, 3, DEADLINE_NEVER);
	runner_start(world->runner, &first.job);
	runner_start(world->runner, &second.job);
	runner_step(world->runner, NULL, 0, world->clock.now_ms);
	runner_cancel(world->runner, &first.job);
	assert_int_equal(runner_active(world->runner), 1);
	run_until_idle(world);
	assert_false(first.finished);
	assert_true(second.finished);

	/* One that has not been evaluated yet. */
	runner_start(world->runner, &first.job);
	runner_cancel(world->runner, &first.job);
	assert_int_equal(runner_active(world->runner), 0);
}

static void
another_fetcher_is_asked_what_is_open(void **state)
{
	struct world *world = *state;
	static struct toy_fetcher other;
	other = world->fetcher;
	world->fetcher.delay_ms = -1;
	struct toy_job toy = job_of(world, 2, 3, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	runner_step(world->runner, NULL, 0, world->clock.now_ms);
	assert_int_equal(world->fetcher.asked, 3);
	runner_change_fetcher(world->runner, &world->fetcher.fetcher, &other.fetcher);
	run_until_idle(world);
	assert_int_equal(toy.found, 3 + 9);
	assert_int_equal(world->fetcher.asked, 3);
	assert_int_equal(other.asked, 3 + 9);
}

static void
questions_are_counted_by_kind(void **state)
{
	struct world *world = *state;
	struct toy_job toy = job_of(world, 1, 3, DEADLINE_NEVER);
	runner_start(world->runner, &toy.job);
	runner_step(world->runner, NULL, 0, world->clock.now_ms);
	assert_int_equal(runner_kind_counts(world->runner, FACT_DNS).in_flight, 3);
	run_until_idle(world);
	struct run_kind_counts counts = runner_kind_counts(world->runner, FACT_DNS);
	assert_int_equal(counts.in_flight, 0);
	assert_int_equal(counts.outcomes[OUTCOME_FOUND], 3);
	assert_int_equal(
	    runner_kind_counts(world->runner, FACT_SMTP).outcomes[OUTCOME_FOUND], 0);
	assert_int_equal(runner_counts(world->runner)->hits, 0);
	runner_start(world->runner, &toy.job);
	run_until_idle(world);
	assert_int_equal(runner_counts(world->runner)->hits, 3);
}

static struct span hurried;

static void
toy_hurry(struct fetcher *fetcher, struct span key, int64_t now_ms)
{
	(void)fetcher, (void)now_ms;
	hurried = key;
}

static void
questions_of_an_urgent_job_are_hurried(void **state)
{
	struct world *world = *state;
	struct toy_job calm = job_of(world, 1, 1, DEADLINE_NEVER);
	struct toy_job urgent = job_of(world, 1, 1, DEADLINE_NEVER);
	world->fetcher.fetcher.hurry = toy_hurry;
	urgent.job.urgent = true;
	hurried.length = 0;
	runner_start(world->runner, &calm.job);
	runner_step(world->runner, NULL, 0, world->clock.now_ms);
	assert_int_equal(hurried.length, 0);
	runner_start(world->runner, &urgent.job); /* for the same */
	runner_step(world->runner, NULL, 0, world->clock.now_ms);
	assert_int_equal(hurried.length, 2);
	run_until_idle(world);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rounds_are_the_depth_not_the_number_of_questions),
		TEST(the_order_of_arrivals_does_not_matter),
		TEST(a_full_store_needs_one_evaluation_and_no_question),
		TEST(what_is_in_flight_is_joined),
		TEST(a_ttl_of_nought_serves_the_run_that_asked),
		TEST(silence_ends_at_the_deadline),
		TEST(one_deadline_says_nothing_to_others),
		TEST(late_answers_are_kept_for_the_next_run),
		TEST(rounds_are_capped),
		TEST(facts_are_capped),
		TEST(what_is_optional_holds_up_no_round),
		TEST(what_is_optional_is_waited_for_at_the_end),
		TEST(what_is_optional_may_be_missing_at_the_deadline),
		TEST(answers_that_come_at_once_need_no_waiting),
		TEST(a_cancelled_job_leaves_no_trace),
		TEST(another_fetcher_is_asked_what_is_open),
		TEST(questions_are_counted_by_kind),
		TEST(questions_of_an_urgent_job_are_hurried),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
