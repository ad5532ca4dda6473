/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of what other threads want done. */
#include "tasks.h"

#include "core/span.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Each notes its number in what the owner has. */
struct numbered {
	struct task task; /* first: run() gets this */
	int number;
};

struct notes {
	int numbers[8];
	size_t count;
};

static void
note(struct task *task, void *owner)
{
	struct notes *notes = owner;
	notes->numbers[notes->count++] = ((struct numbered *)task)->number;
}

static bool
is_readable(const struct tasks *tasks)
{
	struct pollfd poll_fd = { .fd = tasks_fd(tasks), .events = POLLIN };
	return poll(&poll_fd, 1, 0) == 1;
}

static void
each_is_run_once_in_order(void **state)
{
	struct numbered given[] = { { { note, NULL }, 1 }, { { note, NULL }, 2 },
		{ { note, NULL }, 3 } };
	struct notes notes = { .count = 0 };
	struct tasks *tasks = tasks_new();
	(void)state;
	assert_false(is_readable(tasks));
	for (size_t i = 0; i < ARRAY_LENGTH(given); i++)
		tasks_give(tasks, &given[i].task);
	assert_true(is_readable(tasks));
	tasks_run(tasks, &notes);
	tasks_run(tasks, &notes);
	assert_false(is_readable(tasks));
	assert_int_equal(notes.count, 3);
	for (size_t i = 0; i < notes.count; i++)
		assert_int_equal(notes.numbers[i], i + 1);
	tasks_free(tasks);
}

/* Who waits for one is let go then, and its memory with it; a sanitizer sees who looks
 * at it again. */
static void
none_is_touched_after_the_end(void **state)
{
	struct notes notes = { .count = 0 };
	struct tasks *tasks = tasks_new();
	(void)state;
	struct numbered *first = malloc(sizeof(*first));
	assert_non_null(first);
	*first = (struct numbered){ { note, NULL }, 1 };
	tasks_give(tasks, &first->task);
	tasks_end(tasks);
	first->task.run = NULL;
	free(first);
	struct numbered second = { { note, NULL }, 2 };
	tasks_give(tasks, &second.task);
	tasks_run(tasks, &notes);
	assert_int_equal(notes.count, 0);
	tasks_free(tasks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_run_once_in_order),
		cmocka_unit_test(none_is_touched_after_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
