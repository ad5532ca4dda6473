/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of expected output with gaps: what must match, and what must not. */
#include "support/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct pattern_case {
	const char *pattern, *text;
	bool want;
};

static void
lines(void **state)
{
	static const struct pattern_case cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "a", true },
		{ "a", "ab", false },
		{ "ab", "a", false },
		{ "a..b", "a..b", true },
		{ "a...", "a", true },
		{ "a...", "a and more", true },
		{ "a...", "b", false },
		{ "...z", "a to z", true },
		{ "...z", "a to z.", false },
		{ "a...z", "az", true },
		{ "a...a", "a", false }, /* one byte can't be both ends */
		{ "a...b...c", "a b b c", true },
		{ "a...b...c", "a c b", false },
		{ "a...bc...c", "a bc", false },
		{ "a...b", "a b b", true },
		{ "cut...", "cut...", true },
		{ "x......y", "x...y", true },
		{ "14 of 10: ... 8", "14 of 10: include:a.example 8", true },
		{ "14 of 10: ... 8", "14 of 10: include:a.example 9", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct pattern_case *test = &cases[i];
		if (pattern_line_matches(
			span_text(test->pattern), span_text(test->text)) != test->want)
			fail_msg("'%s' on '%s': want %d", test->pattern, test->text,
			    test->want);
	}
}

static void
texts(void **state)
{
	static const struct pattern_case cases[] = {
		{ "", "", true },
		{ "", "\n", false },
		{ "\n", "\n", true },
		{ "a\n", "a\n", true },
		{ "a\n", "", false },
		{ "", "a\n", false },
		{ "a\nb\n", "a\n", false },
		{ "a\n", "a\nb\n", false },
		{ "a\n", "a", false }, /* a line ends in a line feed */
		{ "a", "", false },
		{ "...\n", "", true },
		{ "...\n", "a\nb\n", true },
		{ "...\n", "a", false },
		{ "...\nb\n", "a\nb\n", true },
		{ "...\nb\n", "b\nb\n", true },
		{ "...\nb\n", "b\na\n", false },
		{ "a\n...\n", "a\n", true },
		{ "a\n...\nc\n", "a\nc\nb\nc\n", true },
		{ "a\n...\nc\nd\n", "a\nc\nc\nd\n", true },
		{ "a\n...\nc\n...\ne\n", "a\nb\nc\nd\ne\n", true },
		{ "a\n...\nc\n...\ne\n", "a\ne\nc\n", false },
		{ "...\n...\na\n", "a\n", true },
		{ "...\nx...\n", "a\nxyz\n", true },
		{ "a\n\nb\n", "a\n\nb\n", true },
		{ "a\n\nb\n", "a\nb\n", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct pattern_case *test = &cases[i];
		if (pattern_matches(span_text(test->pattern), span_text(test->text)) !=
		    test->want)
			fail_msg("'%s' on '%s': want %d", test->pattern, test->text,
			    test->want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
