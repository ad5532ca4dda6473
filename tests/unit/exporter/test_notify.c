/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of what a service manager is told, by a socket as it has one. */
#include "notify.h"

#include "core/deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned sockets_left = UINT_MAX;

/* In place of the C library's: the next so many calls get one. */
int
socket(int domain, int type, int protocol)
{
	if (sockets_left > 0) {
		sockets_left--;
		return (int)syscall(SYS_socket, domain, type, protocol);
	}
	errno = EMFILE;
	return -1;
}

/* Abstract, so that nothing has to be removed. */
static int
listen_as_manager(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[64];
	int length = snprintf(
	    name, sizeof(name), "@mailgauge-test-%ld", (long)getpid());
	memcpy(address.sun_path + 1, name + 1, (size_t)length - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)),
	    0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* Where somebody listens. */
static void
open_notify(struct notify *notify)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	if (!notify_open(notify, &why))
		fail_msg("%s", why.text);
}

/* The next message, or "" when there is none. */
static const char *
next_message(int fd)
{
	static char text[512];
	ssize_t length = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	text[length > 0 ? length : 0] = '\0';
	return text;
}

static void
nobody_listens(void **state)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
		{ "", "" }, /* nobody has asked */
		{ "@", "NOTIFY_SOCKET: @: expected a path" },
		{ "run/notify", "NOTIFY_SOCKET: run/notify: expected a path" },
		{ "/", "NOTIFY_SOCKET: /: expected a path" },
		{ "/\n", "NOTIFY_SOCKET: /\\010: No such file" },
		{ "/nowhere/notify", "NOTIFY_SOCKET: /nowhere/notify: No such file" },
		{ "@nobody-has-this", "@nobody-has-this: Connection refused" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct notify notify;
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		setenv("NOTIFY_SOCKET", cases[i].name, 1);
		setenv("WATCHDOG_USEC", "2000", 1);
		assert_int_equal(notify_open(&notify, &why), cases[i].why[0] == '\0');
		if (strstr(why.text, cases[i].why) == NULL)
			fail_msg("want %s, got %s", cases[i].why, why.text);
		assert_int_equal(notify.fd, -1);
		notify_ready(&notify, "");
		assert_true(notify_alive(&notify, 0) == DEADLINE_NEVER);
		notify_close(&notify);
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
}

static void
there_is_no_descriptor(void **state)
{
	(void)state;
	int manager = listen_as_manager();
	for (unsigned i = 0; i < 2; i++) {
		struct notify notify;
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		sockets_left = i;
		assert_false(notify_open(&notify, &why));
		sockets_left = UINT_MAX;
		assert_non_null(strstr(why.text, ": Too many open files"));
		assert_int_equal(notify.fd, -1);
	}
	close(manager);
}

static void
what_is_told(void **state)
{
	struct notify notify;
	(void)state;
	int manager = listen_as_manager();
	open_notify(&notify);
	notify_ready(&notify, "Checking 2 domains");
	assert_string_equal(
	    next_message(manager), "READY=1\nSTATUS=Checking 2 domains\n");
	notify_reloading(&notify, 1234);
	assert_string_equal(
	    next_message(manager), "RELOADING=1\nMONOTONIC_USEC=1234000\n");
	notify_stopping(&notify);
	assert_string_equal(next_message(manager), "STOPPING=1\nSTATUS=Ending\n");
	assert_true(notify_alive(&notify, 0) == DEADLINE_NEVER);
	notify_close(&notify);
	close(manager);
}

static void
the_watchdog_hears_twice_as_often(void **state)
{
	struct notify notify;
	(void)state;
	int manager = listen_as_manager();
	setenv("WATCHDOG_USEC", "8000000", 1);
	open_notify(&notify);
	assert_int_equal(notify_alive(&notify, 1000), 5000);
	assert_string_equal(next_message(manager), "WATCHDOG=1\n");
	assert_int_equal(notify_alive(&notify, 4999), 5000);
	assert_string_equal(next_message(manager), "");
	assert_int_equal(notify_alive(&notify, 5500), 9500);
	assert_string_equal(next_message(manager), "WATCHDOG=1\n");
	notify_close(&notify);

	/* That of another process is none of ours. */
	setenv("WATCHDOG_PID", "1", 1);
	open_notify(&notify);
	assert_true(notify_alive(&notify, 0) == DEADLINE_NEVER);
	notify_close(&notify);
	close(manager);
}

/* It must not be us who wait. */
static void
a_manager_that_does_not_read(void **state)
{
	struct notify notify;
	(void)state;
	int manager = listen_as_manager();
	open_notify(&notify);
	for (unsigned i = 0; i < 10000; i++)
		notify_ready(&notify, "again");
	notify_close(&notify);
	close(manager);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(there_is_no_descriptor),
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(the_watchdog_hears_twice_as_often),
		cmocka_unit_test(a_manager_that_does_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
