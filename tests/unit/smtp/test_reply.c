/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/reply: what is a reply, in any pieces, and where it ends. */
#include "smtp/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *name, *bytes;
	enum reply_state want;
	unsigned code;
	const char *text, *rest;
	bool starttls;
} cases[] = {
	{ "one line", "220 mx ready\r\n", REPLY_WHOLE, 220, "mx ready", "", false },
	{ "a code alone", "250\r\n", REPLY_WHOLE, 250, "", "", false },
	{ "bare LF", "250 ok\n", REPLY_WHOLE, 250, "ok", "", false },
	{ "several lines", "220-mx\r\n220-\r\n220 ready\r\n", REPLY_WHOLE, 220,
	    "mx  ready", "", false },
	{ "the first line of a teaser", "220-wait\r\n", REPLY_UNFINISHED, 0, "wait", "",
	    false },
	{ "half a line", "220 mx", REPLY_UNFINISHED, 0, "", "", false },
	{ "the last code counts", "220-mx\r\n554 no\r\n", REPLY_WHOLE, 554, "mx no", "",
	    false },
	{ "bytes behind", "220 go\r\n250 ok\r\n", REPLY_WHOLE, 220, "go", "250 ok\r\n",
	    false },
	{ "the keyword", "250-mx\r\n250 STARTTLS\r\n", REPLY_WHOLE, 250, "mx STARTTLS",
	    "", true },
	{ "in any case", "250-mx\r\n250-StartTLS \r\n250 HELP\r\n", REPLY_WHOLE, 250,
	    "mx StartTLS HELP", "", true },
	{ "not as a host's name", "250 STARTTLS\r\n", REPLY_WHOLE, 250, "STARTTLS", "",
	    false },
	{ "not as a part", "250-mx\r\n250 XSTARTTLS\r\n", REPLY_WHOLE, 250,
	    "mx XSTARTTLS", "", false },
	{ "no code", "hello\r\n", REPLY_BAD, 0, "", "", false },
	{ "a code that is none", "199 x\r\n", REPLY_BAD, 0, "", "", false },
	{ "four digits", "2200 x\r\n", REPLY_BAD, 0, "", "", false },
	{ "an empty line", "\r\n", REPLY_BAD, 0, "", "", false },
};

static void
replies_are_read(void **state)
{
	static struct reply reply;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct span bytes = span_text(cases[i].bytes);
		reply_begin(&reply);
		enum reply_state got = reply_read(&reply, &bytes);
		if (got != cases[i].want || reply.said.code != cases[i].code ||
		    strcmp(reply.said.text, cases[i].text) != 0 ||
		    !span_equal(bytes, span_text(cases[i].rest)) ||
		    reply.offers_starttls != cases[i].starttls)
			fail_msg("%s: state %d, code %u, text '%s'", cases[i].name, got,
			    reply.said.code, reply.said.text);
	}
}

static void
pieces_make_no_difference(void **state)
{
	static struct reply reply;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		enum reply_state got = REPLY_UNFINISHED;
		struct span rest = span_text(cases[i].bytes), byte;
		reply_begin(&reply);
		while (got == REPLY_UNFINISHED && span_take(&rest, 1, &byte))
			got = reply_read(&reply, &byte);
		if (got != cases[i].want || reply.said.code != cases[i].code)
			fail_msg("%s: state %d", cases[i].name, got);
	}
}

/* Feeds `text` again and again. */
static const char *
fault_of_repeating(const char *text, size_t times)
{
	static struct reply reply;
	enum reply_state got = REPLY_UNFINISHED;
	reply_begin(&reply);
	for (size_t i = 0; i < times && got == REPLY_UNFINISHED; i++) {
		struct span bytes = span_text(text);
		got = reply_read(&reply, &bytes);
	}
	return reply.fault;
}

static void
endless_replies_end(void **state)
{
	(void)state;
	assert_string_equal(fault_of_repeating("220-x\r\n", LIMIT_SMTP_REPLY_LINES + 1),
	    "a reply has too many lines");
	assert_string_equal(fault_of_repeating("x", LIMIT_SMTP_LINE + 1),
	    "a line of a reply is too long");
	char line[1002];
	memset(line, 'x', sizeof(line));
	memcpy(line, "250-", 4);
	memcpy(line + sizeof(line) - 2, "\n", 2);
	assert_string_equal(fault_of_repeating(line, LIMIT_SMTP_REPLY_BYTES / 1000 + 2),
	    "a reply is too long");
	assert_null(fault_of_repeating("220-x\r\n", LIMIT_SMTP_REPLY_LINES));
}

static void
only_the_beginning_is_kept(void **state)
{
	static struct reply reply;
	char line[1000];
	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "220 a\0b", 7);
	line[sizeof(line) - 1] = '\n';
	struct span bytes = span_of(line, sizeof(line));
	reply_begin(&reply);
	assert_int_equal(reply_read(&reply, &bytes), REPLY_WHOLE);
	assert_int_equal(strlen(reply.said.text), LIMIT_SMTP_REPLY_TEXT);
	assert_memory_equal(reply.said.text, "a?bxx", 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(endless_replies_end),
		cmocka_unit_test(only_the_beginning_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
