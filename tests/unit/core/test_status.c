/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/status: every status has words of its own, to put behind a subject. */
#include "core/status.h"

#include "core/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
every_status_has_a_text(void **state)
{
	(void)state;
	for (int i = 0; i < STATUS_COUNT; i++) {
		const char *text = status_text(i);
		assert_non_null(text);
		assert_true(text[0] != '\0');
		assert_true(byte_is_alpha((uint8_t)text[0]));
		assert_null(strchr(text, '|')); /* perfdata would begin there */
		assert_true(text[strlen(text) - 1] != '.');
	}
}

static void
no_two_are_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < STATUS_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(status_text(i), status_text(j));
}

static void
texts_belong_to_their_symbols(void **state)
{
	(void)state;
	assert_int_equal(STATUS_OK, 0);
	assert_string_equal(status_text(STATUS_OK), "fine");
	assert_string_equal(status_text(STATUS_EMPTY), "is empty");
	assert_string_equal(status_text(STATUS_UNREADABLE), "can't be read");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_a_text),
		cmocka_unit_test(no_two_are_the_same),
		cmocka_unit_test(texts_belong_to_their_symbols),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
