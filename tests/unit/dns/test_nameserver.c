/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/nameserver: what is an address, and what resolv.conf says. */
#include "dns/nameserver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
add_all(struct buf *out, const struct nameservers *servers)
{
	for (size_t i = 0; i < servers->count; i++) {
		buf_add_text(out, i > 0 ? " " : "");
		nameserver_add(out, &servers->list[i]);
	}
}

static void
addresses_with_and_without_port(void **state)
{
	static const struct {
		const char *text;
		enum status want;
		const char *shown;
	} cases[] = {
		{ "192.0.2.1", STATUS_OK, "192.0.2.1:53" },
		{ "192.0.2.1:5300", STATUS_OK, "192.0.2.1:5300" },
		{ "192.0.2.1:1", STATUS_OK, "192.0.2.1:1" },
		{ "192.0.2.1:65535", STATUS_OK, "192.0.2.1:65535" },
		{ "2001:DB8::1", STATUS_OK, "[2001:db8::1]:53" },
		{ "::", STATUS_OK, "[::]:53" },
		{ "::1", STATUS_OK, "[::1]:53" },
		{ "[::1]", STATUS_OK, "[::1]:53" },
		{ "[2001:db8::1]:5300", STATUS_OK, "[2001:db8::1]:5300" },
		{ "::ffff:192.0.2.1", STATUS_OK, "[::ffff:192.0.2.1]:53" },
		{ "", STATUS_EMPTY, NULL },
		{ ":53", STATUS_EMPTY, NULL },
		{ "[]:53", STATUS_EMPTY, NULL },
		{ "192.0.2.1:0", STATUS_OUT_OF_RANGE, NULL },
		{ "192.0.2.1:65536", STATUS_OUT_OF_RANGE, NULL },
		{ "[::1]:0", STATUS_OUT_OF_RANGE, NULL },
		{ "fe80::1%eth0", STATUS_SCOPED, NULL },
		{ "[fe80::1%2]:53", STATUS_SCOPED, NULL },
		{ "192.0.2.1:", STATUS_MALFORMED, NULL },
		{ "192.0.2.1:53x", STATUS_MALFORMED, NULL },
		{ "192.0.2.1:-1", STATUS_MALFORMED, NULL },
		{ "192.0.2.1:99999999999", STATUS_MALFORMED, NULL },
		{ "192.0.2", STATUS_MALFORMED, NULL },
		{ "192.0.2.256", STATUS_MALFORMED, NULL },
		{ " 192.0.2.1", STATUS_MALFORMED, NULL },
		{ "[192.0.2.1]:53", STATUS_MALFORMED, NULL },
		{ "[::1", STATUS_MALFORMED, NULL },
		{ "[::1]53", STATUS_MALFORMED, NULL },
		{ "[[::1]]:53", STATUS_MALFORMED, NULL },
		{ "::1]:53", STATUS_MALFORMED, NULL },
		{ ":::1", STATUS_MALFORMED, NULL },
		{ "ns.example.com", STATUS_MALFORMED, NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
		    STATUS_MALFORMED, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct nameservers one = { .count = 1 };
		char memory[128];
		struct buf shown;
		buf_wrap(&shown, memory, sizeof(memory));
		enum status got = nameserver_parse(
		    &one.list[0], span_text(cases[i].text));
		if (got != cases[i].want)
			fail_msg("\"%s\": got %s, want %s", cases[i].text,
			    status_text(got), status_text(cases[i].want));
		if (got != STATUS_OK)
			continue;
		add_all(&shown, &one);
		assert_string_equal(shown.text, cases[i].shown);
	}
}

static void
nul_does_not_end_an_address(void **state)
{
	struct nameserver server;
	(void)state;
	assert_int_equal(
	    nameserver_parse(&server, span_of("192.0.2.1\0", 10)), STATUS_MALFORMED);
	assert_int_equal(
	    nameserver_parse(&server, span_of("::1\0x", 5)), STATUS_MALFORMED);
}

static void
resolv_conf_has_nameserver_lines(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		size_t length; /* 0: up to the NUL */
		const char *want;
	} cases[] = {
		{ "empty", "", 0, "" },
		{ "usual", "search example.com\nnameserver 192.0.2.1\n", 0,
		    "192.0.2.1:53" },
		{ "several", "nameserver 192.0.2.1\nnameserver ::1", 0,
		    "192.0.2.1:53 [::1]:53" },
		{ "blanks and CRLF", "nameserver \t 192.0.2.1 \t\r\n", 0,
		    "192.0.2.1:53" },
		{ "comments",
		    "#nameserver 192.0.2.1\n;nameserver 192.0.2.2\n"
		    "nameserver 192.0.2.3 # ours\nnameserver 192.0.2.4;ours\n",
		    0, "192.0.2.3:53 192.0.2.4:53" },
		{ "unusable",
		    "nameserver\nnameserver \nnameservers 192.0.2.1\n"
		    "nameserver192.0.2.2\n nameserver 192.0.2.3\n"
		    "nameserver dns.example\nnameserver fe80::1%eth0\n",
		    0, "" },
		{ "NULs", "\0nameserver 192.0.2.1\n\0\nnameserver 192.0.2.2\n", 45,
		    "192.0.2.2:53" },
		{ "too many",
		    "nameserver ::1\nnameserver ::2\nnameserver ::3\n"
		    "nameserver ::4\nnameserver ::5\nnameserver ::6\n"
		    "nameserver ::7\nnameserver ::8\nnameserver ::9\n",
		    0,
		    "[::1]:53 [::2]:53 [::3]:53 [::4]:53 [::5]:53 [::6]:53 "
		    "[::7]:53 [::8]:53" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct nameservers servers;
		char memory[256];
		struct buf got;
		struct span text = span_text(cases[i].text);
		if (cases[i].length > 0)
			text = span_of(cases[i].text, cases[i].length);
		buf_wrap(&got, memory, sizeof(memory));
		nameservers_from_resolv_conf(&servers, text);
		add_all(&got, &servers);
		if (strcmp(got.text, cases[i].want) != 0)
			fail_msg("%s: got %s, want %s", cases[i].name, got.text,
			    cases[i].want);
	}
}

static void
loopback_is_all_or_nothing(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "nameserver 127.0.0.1\n", true },
		{ "nameserver 127.255.0.53\nnameserver ::1\n", true },
		{ "nameserver 127.0.0.1\nnameserver 192.0.2.1\n", false },
		{ "nameserver ::\n", false },
		{ "nameserver 2001:db8::1\n", false },
		{ "", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct nameservers servers;
		nameservers_from_resolv_conf(&servers, span_text(cases[i].text));
		if (nameservers_are_loopback(&servers) != cases[i].want)
			fail_msg("%s", cases[i].text);
	}
}

/* A file with `text`, and behind it `filler` empty lines. */
static enum status
read_from_file(struct nameservers *servers, const char *text, size_t filler)
{
	char path[] = "/tmp/test_nameserver.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *file = fdopen(fd, "w");
	assert_non_null(file);
	fputs(text, file);
	while (filler-- > 0)
		fputc('\n', file);
	fclose(file);
	enum status status = nameservers_from_file(servers, path);
	unlink(path);
	return status;
}

static void
assert_only_local(const struct nameservers *servers)
{
	assert_int_equal(servers->count, 1);
	assert_true(nameservers_are_loopback(servers));
	assert_int_equal(servers->list[0].port, 53);
}

static void
files_are_read_or_have_a_default(void **state)
{
	struct nameservers servers;
	(void)state;
	assert_int_equal(
	    read_from_file(&servers, "nameserver 192.0.2.1\n", 0), STATUS_OK);
	assert_int_equal(servers.count, 1);
	assert_false(nameservers_are_loopback(&servers));

	assert_int_equal(read_from_file(&servers, "options ndots:2\n", 0), STATUS_OK);
	assert_only_local(&servers);
	assert_int_equal(
	    nameservers_from_file(&servers, "/nonexistent/resolv.conf"), STATUS_OK);
	assert_only_local(&servers);
	assert_int_equal(
	    nameservers_from_file(&servers, "/dev/null/resolv.conf"), STATUS_OK);
	assert_only_local(&servers);
	assert_int_equal(nameservers_from_file(&servers, "/"), STATUS_UNREADABLE);
}

static void
files_have_a_largest_size(void **state)
{
	static const char line[] = "nameserver 192.0.2.1\n";
	struct nameservers servers;
	(void)state;
	size_t room = LIMIT_RESOLV_CONF - strlen(line);
	assert_int_equal(read_from_file(&servers, line, room), STATUS_OK);
	assert_int_equal(servers.count, 1);
	assert_int_equal(read_from_file(&servers, line, room + 1), STATUS_TOO_MANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_with_and_without_port),
		cmocka_unit_test(nul_does_not_end_an_address),
		cmocka_unit_test(resolv_conf_has_nameserver_lines),
		cmocka_unit_test(loopback_is_all_or_nothing),
		cmocka_unit_test(files_are_read_or_have_a_default),
		cmocka_unit_test(files_have_a_largest_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
