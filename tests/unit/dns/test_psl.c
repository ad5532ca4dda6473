/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/psl: registered domains by the Public Suffix List. */
#include "dns/psl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
names_have_a_registered_domain(void **state)
{
	static const struct {
		const char *name, *want; /* NULL: a suffix itself */
	} cases[] = {
		{ "a.b.example.com", "example.com" },
		{ "example.com", "example.com" },
		{ "com", NULL },
		{ "a.Example.CO.UK", "Example.CO.UK" },
		{ "co.uk", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name, got;
		bool found;
		char memory[256];
		struct buf text;
		buf_wrap(&text, memory, sizeof(memory));
		assert_int_equal(
		    dns_name_from_text(&name, span_text(cases[i].name)), STATUS_OK);
		assert_int_equal(psl_organizational(&got, &found, &name), STATUS_OK);
		assert_int_equal(found, cases[i].want != NULL);
		if (!found)
			continue;
		dns_name_add(&text, &got);
		assert_string_equal(text.text, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_a_registered_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
