/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the listening socket, on loopback and free ports. */
#include "listener.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* A folder of our own, and the address of a socket in it. */
static void
unix_address(char folder[static 64], char address[static 128])
{
	strcpy(folder, "/tmp/test_listener.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(address, 128, "unix:%s/socket", folder);
}

static void
unix_sockets(void **state)
{
	char folder[64], address[128], why[256], text[256];
	struct buf shown;
	(void)state;
	unix_address(folder, address);
	int fd = open_at(address, why, sizeof(why));
	assert_true(fd >= 0);
	buf_wrap(&shown, text, sizeof(text));
	listener_add_address(&shown, fd);
	assert_string_equal(text, address);

	/* While somebody listens, nobody else can; what a dead one left is replaced. */
	assert_int_equal(open_at(address, why, sizeof(why)), -1);
	assert_non_null(strstr(why, ": Address already in use"));
	close(fd);
	fd = open_at(address, why, sizeof(why));
	assert_true(fd >= 0);
	close(fd);
	listener_remove(span_text(address));
	assert_int_not_equal(access(address + strlen("unix:"), F_OK), 0);

	/* A file that is no socket is somebody's. */
	FILE *file = fopen(address + strlen("unix:"), "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(open_at(address, why, sizeof(why)), -1);
	assert_int_equal(unlink(address + strlen("unix:")), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void
set_number(const char *name, long number)
{
	char text[32];
	snprintf(text, sizeof(text), "%ld", number);
	setenv(name, text, 1);
}

static void
sockets_of_systemd(void **state)
{
	int fds[4];
	char memory[256];
	struct buf why;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	assert_int_equal(listener_inherit(fds, 4, &why), 0);
	assert_string_equal(memory, "systemd has handed over no socket");
	set_number("LISTEN_PID", getpid() + 1L);
	set_number("LISTEN_FDS", 1);
	assert_int_equal(listener_inherit(fds, 4, &why), 0);
	set_number("LISTEN_PID", getpid());

	/* Descriptor 3 as systemd hands it over; it was nobody's, or is the test's log.
	 */
	int kept = dup(3), listener = open_at("127.0.0.1:0", memory, sizeof(memory));
	assert_true(listener >= 0);
	if (listener != 3) {
		assert_int_equal(dup2(listener, 3), 3);
		close(listener);
	}
	assert_int_equal(listener_inherit(fds, 4, &why), 1);
	assert_int_equal(fds[0], 3);
	set_number("LISTEN_FDS", 5);
	buf_clear(&why);
	assert_int_equal(listener_inherit(fds, 4, &why), 0);
	assert_non_null(strstr(memory, "at most 4"));
	assert_int_equal(dup2(0, 3), 3);
	set_number("LISTEN_FDS", 1);
	buf_clear(&why);
	assert_int_equal(listener_inherit(fds, 4, &why), 0);
	assert_non_null(strstr(memory, "descriptor 3"));
	if (kept >= 0)
		dup2(kept, 3);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const forms[] = { "", ":", "9632", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
		"::1:80", "[::1]", "[::1:80", "[127.0.0.1]:80", "localhost:80", "[]:80",
		"127.0.0.1:80\n", "unix:", "unix:/", "unix:socket" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		char why[256];
		if (open_at(forms[i], why, sizeof(why)) != -1)
			fail_msg("'%s' was taken", forms[i]);
		assert_non_null(strstr(why,
		    "expected ADDRESS:PORT, [IPV6-ADDRESS]:PORT, :PORT or unix:/PATH"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_0_takes_a_free_one),
		cmocka_unit_test(all_forms_are_understood),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(sockets_of_systemd),
		cmocka_unit_test(what_is_no_address_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
