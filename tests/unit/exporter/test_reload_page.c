/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of what is said of a reload; how it goes is tested by system/exporter_serve. */
#include "reload_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
one_that_never_came_is_no_failure(void **state)
{
	struct tasks *tasks = tasks_new();
	struct http_answer answer = { .status = 0 };
	(void)state;
	reload_page_answer(&answer, tasks);
	struct http_later *later = answer.later;
	later->start(later);
	tasks_end(tasks);
	answer = (struct http_answer){ .status = 0 };
	later->answer(later, &answer);
	assert_int_equal(answer.status, 503);
	buf_free(&answer.body);
	later->free(later);
	tasks_free(tasks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_never_came_is_no_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
