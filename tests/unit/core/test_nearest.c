/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/nearest: distances, and the word that a mistyped one means. */
#include "core/nearest.h"

#include "core/attributes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct distance_case {
	const char *word, *other;
	unsigned want;
};

static void
check_distance(const char *word, const char *other, unsigned want)
{
	unsigned got = nearest_distance(span_text(word), span_text(other));
	if (got != want)
		fail_msg("'%s' to '%s': got %u, want %u", word, other, got, want);
}

static void
distances(void **state)
{
	static const struct distance_case cases[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "output", "output", 0 },
		{ "OutPut", "output", 0 }, /* case is no mistake */
		{ "outputs", "output", 1 },
		{ "outpt", "output", 1 },
		{ "ouptut", "output", 2 }, /* two letters swapped */
		{ "kitten", "sitting", 3 },
		{ "abc", "xyz", 3 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct distance_case *test = &cases[i];
		check_distance(test->word, test->other, test->want);
		check_distance(test->other, test->word, test->want);
	}
}

static void
words_are_cut_at_64_bytes(void **state)
{
	char word[201], other[201];
	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	memset(other, 'a', sizeof(other) - 1);
	word[200] = other[200] = '\0';
	other[64] = 'b';
	check_distance(word, other, 0);
	other[63] = 'b';
	check_distance(word, other, 1);
}

static const char *
fruit(size_t index)
{
	static const char *const fruits[] = { "apple", "pear", "peach", "plum" };
	return fruits[index];
}

static void
the_nearest_word(void **state)
{
	(void)state;
	assert_int_equal(nearest_word(span_text("appel"), 4, fruit), 0);
	assert_int_equal(nearest_word(span_text("PEARS"), 4, fruit), 1);
	assert_int_equal(nearest_word(span_text("peech"), 4, fruit), 2);
	assert_int_equal(nearest_word(span_text("plum"), 4, fruit), 3);
	assert_int_equal(nearest_word(span_text("pea"), 4, fruit), 1); /* the first */
	assert_int_equal(nearest_word(span_text("pea"), 1, fruit), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(words_are_cut_at_64_bytes),
		cmocka_unit_test(the_nearest_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
