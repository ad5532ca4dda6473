/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the schedule in virtual time: an hour of a thousand domains at a time. */
#include "schedule.h"

#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 1000, START_MS = 1000000, INTERVAL_MS = 300000, TICK_MS = 10 };

/* What one check has been through. */
struct history {
	unsigned runs;
	int64_t first_ms, last_ms;
	int64_t shortest_ms, longest_ms; /* from one start to the next */
};

static struct history histories[COUNT];

static struct schedule *
make(size_t count, int64_t interval_ms)
{
	struct schedule_plan plans[COUNT] = { { .has_run = false } };
	char name[32];
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "domain%zu.example", i);
		plans[i].seed = schedule_seed(span_text(name));
	}
	memset(histories, 0, sizeof(histories));
	const struct schedule_pace pace = { interval_ms, SCHEDULE_FIRST_MS };
	return schedule_new(plans, count, &pace, START_MS);
}

static void
note(struct history *history, int64_t now_ms)
{
	int64_t gap_ms = now_ms - history->last_ms;
	if (history->runs == 0)
		history->first_ms = now_ms;
	if (history->runs > 0 && (history->runs == 1 || gap_ms < history->shortest_ms))
		history->shortest_ms = gap_ms;
	if (history->runs > 0 && gap_ms > history->longest_ms)
		history->longest_ms = gap_ms;
	history->runs++;
	history->last_ms = now_ms;
}

/* Runs what is due, each for no time at all; returns the most runs in one second. */
static unsigned
simulate(struct schedule *schedule, int64_t from_ms, int64_t to_ms)
{
	unsigned most = 0, in_second = 0;
	for (int64_t now_ms = from_ms; now_ms < to_ms; now_ms += TICK_MS) {
		size_t index;
		if ((now_ms - from_ms) % 1000 == 0)
			in_second = 0;
		while (schedule_next(schedule, now_ms, &index)) {
			note(&histories[index], now_ms);
			schedule_done(schedule, index, false);
			in_second++;
		}
		if (in_second > most)
			most = in_second;
	}
	return most;
}

static void
the_first_sweep_is_paced(void **state)
{
	(void)state;
	struct schedule *schedule = make(COUNT, INTERVAL_MS);
	int64_t window_ms = COUNT * SCHEDULE_FIRST_MS;
	unsigned most = simulate(schedule, START_MS, START_MS + window_ms);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(histories[i].runs, 1);
	/* 200 a second on average, and seeds are only random. */
	assert_in_range(most, 200, 260);
	schedule_free(schedule);
}

static void
few_checks_start_at_once_and_many_within_the_interval(void **state)
{
	(void)state;
	struct schedule *schedule = make(10, INTERVAL_MS);
	simulate(schedule, START_MS, START_MS + 60);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(histories[i].runs, 1);
	schedule_free(schedule);

	schedule = make(COUNT, 1000);
	simulate(schedule, START_MS, START_MS + 1000 + TICK_MS);
	for (size_t i = 0; i < COUNT; i++)
		assert_true(histories[i].runs >= 1);
	schedule_free(schedule);
}

static void
runs_keep_their_distance_and_nobody_starves(void **state)
{
	(void)state;
	struct schedule *schedule = make(COUNT, INTERVAL_MS);
	simulate(schedule, START_MS, START_MS + 2 * INTERVAL_MS);
	for (size_t i = 0; i < COUNT; i++) /* from the pace of the first sweep */
		assert_in_range(histories[i].longest_ms, INTERVAL_MS * 9 / 20,
		    INTERVAL_MS * 31 / 20 + TICK_MS);

	for (size_t i = 0; i < COUNT; i++)
		histories[i].runs = 0;
	simulate(schedule, START_MS + 2 * INTERVAL_MS, START_MS + 12 * INTERVAL_MS);
	for (size_t i = 0; i < COUNT; i++) {
		assert_in_range(histories[i].runs, 9, 11);
		assert_in_range(histories[i].shortest_ms,
		    INTERVAL_MS * 9 / 10 - TICK_MS, INTERVAL_MS);
	}
	schedule_free(schedule);
}

static void
runs_are_spread_evenly(void **state)
{
	(void)state;
	struct schedule *schedule = make(COUNT, INTERVAL_MS);
	simulate(schedule, START_MS, START_MS + INTERVAL_MS);
	unsigned most = simulate(
	    schedule, START_MS + INTERVAL_MS, START_MS + 11 * INTERVAL_MS);
	assert_in_range(most, 4, 16); /* 3.3 a second on average */
	schedule_free(schedule);
}

static void
starts_vary_within_a_tenth_of_the_interval(void **state)
{
	(void)state;
	struct schedule *schedule = make(1, INTERVAL_MS);
	int64_t least_ms = INT64_MAX, most_ms = INT64_MIN;
	for (int round = 0; round < 100; round++) {
		size_t index;
		int64_t wake_ms = schedule_wake_ms(schedule);
		int64_t offset_ms = (wake_ms - START_MS) - round * INTERVAL_MS;
		assert_true(schedule_next(schedule, wake_ms, &index));
		schedule_done(schedule, index, false);
		if (round < 2)
			continue; /* the first is paced */
		least_ms = offset_ms < least_ms ? offset_ms : least_ms;
		most_ms = offset_ms > most_ms ? offset_ms : most_ms;
	}
	assert_in_range(most_ms - least_ms, INTERVAL_MS / 20, INTERVAL_MS / 10);
	schedule_free(schedule);
}

static void
what_runs_is_not_due_and_what_is_late_comes_first(void **state)
{
	(void)state;
	struct schedule *schedule = make(3, INTERVAL_MS);
	size_t first, second, third, none;
	int64_t now_ms = START_MS + 10 * INTERVAL_MS;
	assert_int_equal(schedule_lag_ms(schedule, START_MS - 1), 0);
	assert_in_range(
	    schedule_lag_ms(schedule, now_ms), 10 * INTERVAL_MS - 15, 10 * INTERVAL_MS);
	assert_true(schedule_next(schedule, now_ms, &first));
	assert_true(schedule_next(schedule, now_ms, &second));
	assert_true(schedule_next(schedule, now_ms, &third));
	assert_false(schedule_next(schedule, INT64_MAX - 1, &none));
	assert_true(schedule_wake_ms(schedule) == DEADLINE_NEVER);
	assert_int_equal(first + second + third, 3);

	/* It comes back to its own place, not before half an interval. */
	schedule_done(schedule, second, false);
	assert_in_range(schedule_wake_ms(schedule) - now_ms, INTERVAL_MS * 9 / 20,
	    INTERVAL_MS * 31 / 20);
	schedule_free(schedule);
}

static void
a_run_that_outlasts_its_interval_is_due_at_once(void **state)
{
	(void)state;
	struct schedule *schedule = make(1, 1000);
	size_t index;
	assert_true(schedule_next(schedule, START_MS + 5, &index));
	int64_t end_ms = START_MS + 30000;
	schedule_done(schedule, index, false);
	assert_true(schedule_wake_ms(schedule) <= end_ms);
	assert_true(schedule_next(schedule, end_ms, &index));
	assert_false(schedule_next(schedule, end_ms, &index));
	schedule_free(schedule);
}

static void
a_failed_check_is_retried_ever_later(void **state)
{
	(void)state;
	struct schedule *schedule = make(1, 3600000);
	int64_t now_ms = START_MS, wait_ms = SCHEDULE_RETRY_MS;
	for (int i = 0; i < 5; i++, wait_ms *= 2) {
		size_t index;
		now_ms = schedule_wake_ms(schedule);
		assert_true(schedule_next(schedule, now_ms, &index));
		schedule_done(schedule, index, true);
		if (schedule_wake_ms(schedule) - now_ms < wait_ms)
			return; /* its regular turn came first: fine */
		assert_in_range(schedule_wake_ms(schedule) - now_ms, wait_ms,
		    wait_ms + SCHEDULE_RETRY_MS / 10);
	}
	assert_true(wait_ms > SCHEDULE_RETRY_MS);
	size_t index;
	now_ms = schedule_wake_ms(schedule);
	assert_true(schedule_next(schedule, now_ms, &index));
	schedule_done(schedule, index, false);
	assert_true(schedule_wake_ms(schedule) - now_ms > 3600000 * 9 / 20);
	schedule_free(schedule);
}

static void
retries_never_come_more_often_than_the_interval(void **state)
{
	(void)state;
	struct schedule *schedule = make(1, INTERVAL_MS);
	unsigned runs = 0;
	for (int64_t end_ms = START_MS + 100 * INTERVAL_MS;; runs++) {
		size_t index;
		int64_t now_ms = schedule_wake_ms(schedule);
		if (now_ms > end_ms)
			break;
		assert_true(schedule_next(schedule, now_ms, &index));
		schedule_done(schedule, index, true);
	}
	assert_in_range(runs, 99, 106);
	schedule_free(schedule);
}

static void
checks_that_have_run_go_on_where_they_were(void **state)
{
	(void)state;
	struct schedule_plan plans[] = {
		{ .seed = schedule_seed(span_text("a")),
		    .has_run = true,
		    .started_ms = START_MS - 1000 },
		{ .seed = schedule_seed(span_text("b")),
		    .has_run = true,
		    .started_ms = START_MS - 100 * INTERVAL_MS },
		{ .seed = schedule_seed(span_text("c")) },
	};
	size_t index;
	const struct schedule_pace pace = { INTERVAL_MS, SCHEDULE_FIRST_MS };
	struct schedule *schedule = schedule_new(plans, 3, &pace, START_MS);
	assert_true(schedule_next(schedule, START_MS + SCHEDULE_FIRST_MS, &index));
	assert_int_equal(index, 2);
	assert_false(schedule_next(schedule, START_MS + SCHEDULE_FIRST_MS, &index));
	/* What is long overdue is not all due at once. */
	assert_true(schedule_wake_ms(schedule) > START_MS - INTERVAL_MS / 20);
	assert_true(schedule_next(schedule, START_MS + 2 * INTERVAL_MS, &index));
	assert_true(schedule_next(schedule, START_MS + 2 * INTERVAL_MS, &index));
	schedule_free(schedule);
}

static void
without_checks_nothing_is_ever_due(void **state)
{
	(void)state;
	struct schedule *schedule = make(0, INTERVAL_MS);
	size_t index;
	assert_false(schedule_next(schedule, INT64_MAX - 1, &index));
	assert_true(schedule_wake_ms(schedule) == DEADLINE_NEVER);
	assert_int_equal(schedule_lag_ms(schedule, START_MS), 0);
	schedule_free(schedule);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_sweep_is_paced),
		cmocka_unit_test(few_checks_start_at_once_and_many_within_the_interval),
		cmocka_unit_test(runs_keep_their_distance_and_nobody_starves),
		cmocka_unit_test(runs_are_spread_evenly),
		cmocka_unit_test(starts_vary_within_a_tenth_of_the_interval),
		cmocka_unit_test(what_runs_is_not_due_and_what_is_late_comes_first),
		cmocka_unit_test(a_run_that_outlasts_its_interval_is_due_at_once),
		cmocka_unit_test(a_failed_check_is_retried_ever_later),
		cmocka_unit_test(retries_never_come_more_often_than_the_interval),
		cmocka_unit_test(checks_that_have_run_go_on_where_they_were),
		cmocka_unit_test(without_checks_nothing_is_ever_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
