/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the window of packets to one name server: packets end one by one, and
 * nothing else passes for time. */
#include "dns/window.h"

#include "core/limits.h"
#include "core/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { CAP = 200 };

/* As many windows, each filled and then ended, with `lost` of its packets lost. */
static void
run(struct dns_window *window, unsigned windows, size_t lost)
{
	while (windows-- > 0) {
		while (dns_window_has_room(window))
			dns_window_sent(window);
		for (size_t left = window->out; left > 0; left--)
			dns_window_ended(window, left <= lost);
	}
}

static void
it_begins_at_the_cap_and_stays(void **state)
{
	struct dns_window window;
	(void)state;
	dns_window_init(&window, CAP);
	run(&window, 5, 0);
	assert_int_equal(window.limit, CAP);
}

static void
losses_halve_it_once_a_window(void **state)
{
	static const size_t limits[] = { 100, 50, 25, 12, LIMIT_DNS_IN_FLIGHT_MIN,
		LIMIT_DNS_IN_FLIGHT_MIN };
	struct dns_window window;
	(void)state;
	dns_window_init(&window, CAP);
	for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
		run(&window, 1, window.limit);
		assert_int_equal(window.limit, limits[i]);
	}
}

static void
it_grows_by_one_a_window(void **state)
{
	struct dns_window window;
	(void)state;
	dns_window_init(&window, CAP);
	run(&window, 1, CAP);
	assert_int_equal(window.limit, CAP / 2);
	run(&window, 10, 0);
	assert_int_equal(window.limit, CAP / 2 + 10);
	run(&window, 1000, 0);
	assert_int_equal(window.limit, CAP);
}

/* Names whose own servers are silent. */
static void
a_few_losses_are_no_haste(void **state)
{
	struct dns_window window;
	(void)state;
	dns_window_init(&window, CAP);
	run(&window, 100, CAP / LIMIT_DNS_LOSS_PART);
	assert_int_equal(window.limit, CAP);
	run(&window, 1, CAP / LIMIT_DNS_LOSS_PART + 1);
	assert_int_equal(window.limit, CAP / 2);
}

static void
a_small_cap_is_kept(void **state)
{
	struct dns_window window;
	(void)state;
	dns_window_init(&window, 2);
	run(&window, 5, 2);
	assert_int_equal(window.limit, 2);
}

/* Somebody waits for them. */
static void
more_may_be_out_than_there_is_room_for(void **state)
{
	struct dns_window window;
	(void)state;
	dns_window_init(&window, 1);
	dns_window_sent(&window);
	dns_window_sent(&window);
	assert_false(dns_window_has_room(&window));
	dns_window_ended(&window, false);
	assert_false(dns_window_has_room(&window));
	dns_window_ended(&window, false);
	assert_true(dns_window_has_room(&window));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_at_the_cap_and_stays),
		cmocka_unit_test(losses_halve_it_once_a_window),
		cmocka_unit_test(it_grows_by_one_a_window),
		cmocka_unit_test(a_few_losses_are_no_haste),
		cmocka_unit_test(a_small_cap_is_kept),
		cmocka_unit_test(more_may_be_out_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
