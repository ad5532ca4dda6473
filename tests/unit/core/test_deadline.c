/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/deadline: arithmetic at the edges, and the machine's clock. */
#include "core/deadline.h"

#include "core/attributes.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONG_MS = 5000 }; /* a wait that something else has to end */

struct left_case {
	const char *name;
	int64_t deadline_ms, now_ms;
	int want;
};

static void
time_left(void **state)
{
	static const struct left_case cases[] = {
		{ "ahead", 1500, 1000, 500 },
		{ "one millisecond", 1001, 1000, 1 },
		{ "now", 1000, 1000, 0 },
		{ "passed", 999, 1000, 0 },
		{ "long passed", INT64_MIN, 1000, 0 },
		{ "never", DEADLINE_NEVER, 1000, -1 },
		{ "as far as an int", INT_MAX, 0, INT_MAX },
		{ "further than an int", (int64_t)INT_MAX + 1, 0, INT_MAX },
		{ "as far as it goes", INT64_MAX - 1, 0, INT_MAX },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct left_case *test = &cases[i];
		int got = deadline_left(test->deadline_ms, test->now_ms);
		if (got != test->want)
			fail_msg("%s: got %d, want %d", test->name, got, test->want);
	}
}

static void
the_earlier_of_two(void **state)
{
	(void)state;
	assert_int_equal(deadline_earlier(1, 2), 1);
	assert_int_equal(deadline_earlier(2, 1), 1);
	assert_int_equal(deadline_earlier(2, 2), 2);
	assert_int_equal(deadline_earlier(DEADLINE_NEVER, -5), -5);
}

static void
the_clock_only_moves_forward(void **state)
{
	struct clock *clock = clock_system();
	int64_t before_ms = clock->now_ms(clock);
	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now_ms = clock->now_ms(clock);
		assert_true(now_ms >= before_ms);
		before_ms = now_ms;
	}
	assert_ptr_equal(clock_system(), clock);
}

static void
waiting_ends_at_its_time(void **state)
{
	struct clock *clock = clock_system();
	int64_t start_ms = clock->now_ms(clock);
	(void)state;
	assert_int_equal(clock->wait(clock, NULL, 0, start_ms + 20), 0);
	assert_true(clock->now_ms(clock) >= start_ms + 20);
	assert_int_equal(clock->wait(clock, NULL, 0, INT64_MIN), 0); /* at once */
}

static void
waiting_ends_when_something_is_ready(void **state)
{
	int ends[2];
	struct clock *clock = clock_system();
	int64_t start_ms = clock->now_ms(clock);
	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	struct pollfd fds[] = { { .fd = ends[0], .events = POLLIN } };
	assert_int_equal(clock->wait(clock, fds, 1, start_ms + LONG_MS), 1);
	assert_true(fds[0].revents & POLLIN);
	assert_true(clock->now_ms(clock) < start_ms + LONG_MS);
	close(ends[0]);
	close(ends[1]);
}

static void
ignore(int number)
{
	(void)number;
}

/* Descriptors may hold what an earlier wait said: nothing is ready now. */
static void
a_signal_ends_waiting_without_an_event(void **state)
{
	int ends[2];
	struct clock *clock = clock_system();
	int64_t start_ms = clock->now_ms(clock);
	struct sigaction action = { .sa_handler = ignore };
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	struct pollfd fds[] = {
		{ .fd = ends[0], .events = POLLIN, .revents = POLLIN },
	};
	assert_int_equal(clock->wait(clock, fds, 1, start_ms + LONG_MS), 0);
	assert_int_equal(fds[0].revents, 0);
	assert_true(clock->now_ms(clock) < start_ms + LONG_MS);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_left),
		cmocka_unit_test(the_earlier_of_two),
		cmocka_unit_test(the_clock_only_moves_forward),
		cmocka_unit_test(waiting_ends_at_its_time),
		cmocka_unit_test(waiting_ends_when_something_is_ready),
		cmocka_unit_test(a_signal_ends_waiting_without_an_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
