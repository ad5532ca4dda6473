/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/threshold: which texts are ranges, and which values they alert for. */
#include "core/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Below, at and above each end, as far as a case has one. */
enum { VALUES_MAX = 8 };

struct alert_case {
	const char *range;
	const char *alerts; /* one of "-!" for each value */
	double values[VALUES_MAX];
};

static void
check_alerts(const struct alert_case *test)
{
	struct threshold threshold;
	if (threshold_parse(&threshold, span_text(test->range)) != STATUS_OK)
		fail_msg("%s: refused", test->range);
	assert_true(threshold.set);
	assert_string_equal(threshold.text, test->range);
	for (size_t i = 0; test->alerts[i] != '\0'; i++) {
		bool want = test->alerts[i] == '!';
		if (threshold_alerts(&threshold, test->values[i]) != want)
			fail_msg("%s for %g: want %s", test->range, test->values[i],
			    want ? "an alert" : "none");
	}
}

static void
ranges_and_their_alerts(void **state)
{
	static const struct alert_case cases[] = {
		{ "10", "!---!", { -1, 0, 9.5, 10, 10.001 } },
		{ "0", "!-!", { -0.5, 0, 0.5 } },
		{ "10:", "!---", { 9.999, 10, 11, 1e12 } },
		{ "~:10", "---!", { -1e12, 0, 10, 10.5 } },
		{ "10:20", "!---!", { 9.9, 10, 15, 20, 20.1 } },
		{ "10:10", "!-!", { 9, 10, 11 } },
		{ "@10:20", "-!!!-", { 9.9, 10, 15, 20, 20.1 } },
		{ "@10", "-!!-", { -1, 0, 10, 11 } },
		{ "@10:", "-!!", { 9, 10, 1e12 } },
		{ "@~:10", "!!-", { -1e12, 10, 11 } },
		{ "~:", "---", { -1e300, 0, 1e300 } },
		{ "@~:", "!!!", { -1e300, 0, 1e300 } },
		{ "~:-1", "--!", { -2, -1, 0 } },
		{ "-10:-5", "!---!", { -10.1, -10, -7, -5, -4.9 } },
		{ "-5:", "!--", { -6, -5, 5 } },
		{ ":10", "!--!", { -1, 0, 10, 11 } }, /* as if it were 0:10 */
		{ "0.5:1.25", "!---!", { 0.49, 0.5, 1, 1.25, 1.26 } },
		{ ".5", "--!", { 0, 0.5, 0.6 } },
		{ "007", "--!", { 0, 7, 8 } },
		{ "-0", "!-!", { -0.1, 0, 0.1 } },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_alerts(&cases[i]);
}

static void
what_is_no_range(void **state)
{
	static const char *const texts[] = { "", "~", "@", ":", "@:", "@~", "~10",
		"5:1", "0:-1", "-1", "~:~", "10:~", "10:20:30", "::", "ten", "10 ",
		" 10", "10: 20", "1e5", "1E5", "0x10", "inf", "nan", "~:inf", "-",
		"-:", "--5:", "+5", ".", "1.2.3", "1,5", "10;20", "10%", "10s", "@@10",
		"10@", "8|x", "10\n" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct threshold threshold;
		if (threshold_parse(&threshold, span_text(texts[i])) !=
		    STATUS_MALFORMED)
			fail_msg("'%s': want it refused", texts[i]);
	}
}

static void
bytes_behind_a_nul_are_seen(void **state)
{
	struct threshold threshold;
	(void)state;
	assert_int_equal(
	    threshold_parse(&threshold, span_of("10\0", 3)), STATUS_MALFORMED);
}

static void
a_refused_text_leaves_what_was_set(void **state)
{
	struct threshold threshold;
	(void)state;
	assert_int_equal(threshold_parse(&threshold, span_text("5:")), STATUS_OK);
	assert_int_not_equal(threshold_parse(&threshold, span_text("x")), STATUS_OK);
	assert_string_equal(threshold.text, "5:");
	assert_true(threshold_alerts(&threshold, 4));
	assert_false(threshold_alerts(&threshold, 5));
}

static void
the_longest_range(void **state)
{
	char text[THRESHOLD_TEXT + 1];
	struct threshold threshold;
	(void)state;
	memset(text, '9', sizeof(text));
	struct span fits = span_of(text, THRESHOLD_TEXT - 1);
	assert_int_equal(threshold_parse(&threshold, fits), STATUS_OK);
	assert_int_equal(strlen(threshold.text), THRESHOLD_TEXT - 1);
	assert_false(threshold_alerts(&threshold, 1e62));
	assert_true(threshold_alerts(&threshold, 1e64));
	struct span longer = span_of(text, THRESHOLD_TEXT);
	assert_int_equal(threshold_parse(&threshold, longer), STATUS_TOO_MANY);
}

static void
one_that_is_not_set_never_alerts(void **state)
{
	struct threshold threshold = { .set = false };
	(void)state;
	assert_false(threshold_alerts(&threshold, 0));
	assert_false(threshold_alerts(&threshold, -1e300));
	assert_false(threshold_alerts(&threshold, 1e300));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_and_their_alerts),
		cmocka_unit_test(what_is_no_range),
		cmocka_unit_test(bytes_behind_a_nul_are_seen),
		cmocka_unit_test(a_refused_text_leaves_what_was_set),
		cmocka_unit_test(the_longest_range),
		cmocka_unit_test(one_that_is_not_set_never_alerts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
