/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* One salt for each process, and another one for the next. */
#include "core/salt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { CHILDREN = 4 }; /* that all draw what we drew: once in 2^128 */

static uint32_t
salt_of_child(void)
{
	uint32_t salt = 0;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		salt = salt_of_process();
		_exit(write(ends[1], &salt, sizeof(salt)) != sizeof(salt));
	}
	assert_int_equal(read(ends[0], &salt, sizeof(salt)), sizeof(salt));
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
	return salt;
}

static void
processes_differ_and_one_stays_the_same(void **state)
{
	(void)state;
	uint32_t salts[CHILDREN];
	bool differ = false;
	for (int i = 0; i < CHILDREN; i++)
		salts[i] = salt_of_child(); /* before we have one to hand down */
	for (int i = 0; i < CHILDREN; i++)
		differ = differ || salts[i] != salt_of_process();
	assert_true(differ);
	assert_int_equal(salt_of_process(), salt_of_process());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_differ_and_one_stays_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
