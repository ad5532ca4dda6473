/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the listening socket, on loopback and free ports. */
#include "listener.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int
open_at(const char *address, char *why, size_t size)
{
	struct buf reason;
	buf_wrap(&reason, why, size);
	return listener_open(span_text(address), &reason);
}

static void
port_0_takes_a_free_one(void **state)
{
	char why[256], text[256];
	struct buf address;
	(void)state;
	int fd = open_at("127.0.0.1:0", why, sizeof(why));
	assert_true(fd >= 0);
	buf_wrap(&address, text, sizeof(text));
	listener_add_address(&address, fd);
	assert_memory_equal(text, "127.0.0.1:", strlen("127.0.0.1:"));
	assert_string_not_equal(text, "127.0.0.1:0");

	/* And a second one can't have it. */
	assert_int_equal(open_at(text, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "can't listen on 127.0.0.1:"));
	assert_non_null(strstr(why, ": Address already in use"));
	close(fd);
}

static void
all_forms_are_understood(void **state)
{
	static const char *const forms[] = { "127.0.0.1:0", "[::1]:0", ":0" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		char why[256];
		int fd = open_at(forms[i], why, sizeof(why));
		if (fd < 0 && strstr(why, "Cannot assign") == NULL &&
		    strstr(why, "not supported") == NULL) /* a host without IPv6 */
			fail_msg("%s: %s", forms[i], why);
		if (fd >= 0)
			close(fd);
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const forms[] = { "", ":", "9632", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
		"::1:80", "[::1]", "[::1:80", "[127.0.0.1]:80", "localhost:80", "[]:80",
		"127.0.0.1:80\n" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		char why[256];
		if (open_at(forms[i], why, sizeof(why)) != -1)
			fail_msg("'%s' was taken", forms[i]);
		assert_non_null(
		    strstr(why, "expected ADDRESS:PORT, [IPV6-ADDRESS]:PORT or :PORT"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_0_takes_a_free_one),
		cmocka_unit_test(all_forms_are_understood),
		cmocka_unit_test(what_is_no_address_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
