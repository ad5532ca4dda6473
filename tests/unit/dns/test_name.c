/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/name: legal names of any bytes, and no others. */
#include "dns/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LABEL_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61
#define LABEL_61 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi"

static struct dns_name
name_of(const char *text)
{
	struct dns_name name;
	enum status status = dns_name_from_text(&name, span_text(text));
	if (status != STATUS_OK)
		fail_msg("\"%s\" %s", text, status_text(status));
	return name;
}

static void
assert_shown(const struct dns_name *name, const char *want)
{
	struct arena *arena = arena_new();
	assert_string_equal(dns_name_text(arena, name), want);
	arena_free(arena);
}

static void
text_is_split_at_dots(void **state)
{
	static const struct {
		const char *text;
		enum status want;
		unsigned labels;
		const char *shown; /* NULL: as it came */
	} cases[] = {
		{ "example.com", STATUS_OK, 2, NULL },
		{ "example.com.", STATUS_OK, 2, "example.com" },
		{ "Example.COM", STATUS_OK, 2, NULL },
		{ "com", STATUS_OK, 1, NULL },
		{ ".", STATUS_OK, 0, NULL },
		{ "_spf.a-b._domainkey.x", STATUS_OK, 4, NULL },
		{ "a b.%20.example", STATUS_OK, 3, NULL },
		{ "foo:bar/baz.example.com", STATUS_OK, 3, NULL },
		{ "a\\.b", STATUS_OK, 2, "a\\\\.b" },
		{ "a|b\xff.x", STATUS_OK, 2, "a\\124b\\255.x" },
		{ LABEL_63, STATUS_OK, 1, NULL },
		{ NAME_253, STATUS_OK, 4, NULL },
		{ NAME_253 ".", STATUS_OK, 4, NAME_253 },
		{ "", STATUS_EMPTY, 0, NULL },
		{ "..", STATUS_EMPTY_LABEL, 0, NULL },
		{ ".com", STATUS_EMPTY_LABEL, 0, NULL },
		{ "a..b", STATUS_EMPTY_LABEL, 0, NULL },
		{ "a..", STATUS_EMPTY_LABEL, 0, NULL },
		{ LABEL_63 "x", STATUS_LABEL_TOO_LONG, 0, NULL },
		{ NAME_253 "x", STATUS_NAME_TOO_LONG, 0, NULL },
		{ "x." NAME_253, STATUS_NAME_TOO_LONG, 0, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *text = cases[i].text;
		struct dns_name name;
		enum status got = dns_name_from_text(&name, span_text(text));
		if (got != cases[i].want)
			fail_msg("\"%s\": got %s, want %s", text, status_text(got),
			    status_text(cases[i].want));
		if (got != STATUS_OK)
			continue;
		assert_shown(&name, cases[i].shown != NULL ? cases[i].shown : text);
		assert_int_equal(dns_name_labels(&name), cases[i].labels);
	}
}

static void
nul_is_a_byte_like_others(void **state)
{
	struct dns_name name, other;
	(void)state;
	assert_int_equal(dns_name_from_text(&name, span_of("a\0b.c", 5)), STATUS_OK);
	assert_int_equal(name.length, 7);
	assert_memory_equal(name.wire, "\3a\0b\1c", 7);
	assert_shown(&name, "a\\000b.c");
	other = name_of("a");
	assert_false(dns_name_equal(&name, &other));
}

static void
people_make_slips(void **state)
{
	static const struct {
		const char *text;
		enum status want;
		const char *shown;
	} cases[] = {
		{ "_dmarc.example.com", STATUS_OK, "_dmarc.example.com" },
		{ "example.com.", STATUS_OK, "example.com" },
		{ "*.example.com", STATUS_OK, "*.example.com" },
		{ "m\xc3\xbcller.example", STATUS_OK, "xn--mller-kva.example" },
		{ "_spf.M\xc3\x9cLLER.example.", STATUS_OK,
		    "_spf.xn--mller-kva.example" },
		{ "", STATUS_EMPTY, NULL },
		{ "example.com ", STATUS_MALFORMED, NULL },
		{ "exam\tple.com", STATUS_MALFORMED, NULL },
		{ "example.com\n", STATUS_MALFORMED, NULL },
		{ "exam\x7fple.com", STATUS_MALFORMED, NULL },
		{ "me@example.com", STATUS_MALFORMED, NULL },
		{ "m\xc3\xbc@example.com", STATUS_MALFORMED, NULL },
		{ "https://example.com/", STATUS_MALFORMED, NULL },
		{ "a..example", STATUS_EMPTY_LABEL, NULL },
		{ "\xff.example", STATUS_NOT_IDNA, NULL },
		/* a full-width solidus becomes '/' */
		{ "a\xef\xbc\x8f.example", STATUS_MALFORMED, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name;
		enum status got = dns_name_from_user(&name, span_text(cases[i].text));
		if (got != cases[i].want)
			fail_msg("\"%s\": got %s, want %s", cases[i].text,
			    status_text(got), status_text(cases[i].want));
		if (got == STATUS_OK)
			assert_shown(&name, cases[i].shown);
	}
}

static void
wire_is_read_up_to_the_root(void **state)
{
	static const struct {
		const char *name;
		const char *wire;
		size_t length;
		enum status want;
		size_t left;
	} cases[] = {
		{ "root", "\0", 1, STATUS_OK, 0 },
		{ "two labels and more", "\1a\2bc\0xyz", 9, STATUS_OK, 3 },
		{ "dot and NUL within", "\3.\0.\0", 5, STATUS_OK, 0 },
		{ "nothing", "", 0, STATUS_CUT_SHORT, 0 },
		{ "no root", "\1a", 2, STATUS_CUT_SHORT, 2 },
		{ "half a label", "\3ab", 3, STATUS_CUT_SHORT, 3 },
		{ "a pointer", "\1a\xc0\0", 4, STATUS_MALFORMED, 4 },
		{ "label type 01", "\x41x\0", 3, STATUS_MALFORMED, 3 },
		{ "label type 10", "\x80x\0", 3, STATUS_MALFORMED, 3 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct span rest = span_of(cases[i].wire, cases[i].length);
		struct dns_name name;
		enum status got = dns_name_from_wire(&name, &rest);
		if (got != cases[i].want || rest.length != cases[i].left)
			fail_msg("%s: got %s and %zu bytes left, want %s and %zu",
			    cases[i].name, status_text(got), rest.length,
			    status_text(cases[i].want), cases[i].left);
	}
}

/* 255 bytes are a name, 256 are not. */
static void
wire_has_a_longest_name(void **state)
{
	uint8_t wire[256] = { 0 };
	struct dns_name name;
	(void)state;
	for (size_t i = 0; i < 254; i += 2)
		wire[i] = 1;
	struct span rest = span_of(wire, 255);
	assert_int_equal(dns_name_from_wire(&name, &rest), STATUS_OK);
	assert_int_equal(name.length, 255);
	assert_int_equal(dns_name_labels(&name), 127);

	wire[252] = 2;
	rest = span_of(wire, 256);
	assert_int_equal(dns_name_from_wire(&name, &rest), STATUS_NAME_TOO_LONG);
}

static void
pointers_lead_backwards(void **state)
{
	static const struct {
		const char *name;
		const char *message;
		size_t length, start;
		enum status want;
		const char *shown;
		size_t left;
	} cases[] = {
		{ "none", "\1a\0x", 4, 0, STATUS_OK, "a", 1 },
		{ "whole", "\1a\0\xc0\0x", 6, 3, STATUS_OK, "a", 1 },
		{ "suffix", "\1a\1b\0\1c\xc0\2", 9, 5, STATUS_OK, "c.b", 0 },
		{ "twice", "\1a\0\1b\xc0\0\1c\xc0\3", 11, 7, STATUS_OK, "c.b.a", 0 },
		{ "to itself", "\xc0\0", 2, 0, STATUS_MALFORMED, NULL, 2 },
		{ "into itself", "\1a\xc0\0", 4, 0, STATUS_MALFORMED, NULL, 4 },
		{ "forwards", "\xc0\2\1a\0", 5, 0, STATUS_MALFORMED, NULL, 5 },
		{ "round", "\1a\xc0\4\1b\xc0\0", 8, 4, STATUS_MALFORMED, NULL, 4 },
		{ "half of it", "\1a\0\xc0", 4, 3, STATUS_CUT_SHORT, NULL, 1 },
		{ "label type 10", "\1a\0\x80\0", 5, 3, STATUS_MALFORMED, NULL, 2 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct span message = span_of(cases[i].message, cases[i].length);
		struct span rest = span_slice(message, cases[i].start, SIZE_MAX);
		struct dns_name name;
		enum status got = dns_name_from_message(&name, message, &rest);
		if (got != cases[i].want || rest.length != cases[i].left)
			fail_msg("%s: got %s and %zu bytes left, want %s and %zu",
			    cases[i].name, status_text(got), rest.length,
			    status_text(cases[i].want), cases[i].left);
		if (got == STATUS_OK)
			assert_shown(&name, cases[i].shown);
	}
}

/* A root, and behind it pointers that each lead to the one before. */
static void
pointers_have_a_cap(void **state)
{
	uint8_t message[1 + 2 * (LIMIT_NAME_POINTERS + 1)] = { 0 };
	struct dns_name name;
	(void)state;
	for (size_t i = 1; i < sizeof(message); i += 2) {
		size_t target = i > 1 ? i - 2 : 0;
		message[i] = (uint8_t)(0xc0 | target >> 8);
		message[i + 1] = (uint8_t)target;
	}
	struct span most = span_of(message, sizeof(message) - 2);
	struct span rest = span_slice(most, most.length - 2, 2);
	assert_int_equal(dns_name_from_message(&name, most, &rest), STATUS_OK);
	assert_int_equal(name.length, 1);

	struct span all = span_of(message, sizeof(message));
	rest = span_slice(all, all.length - 2, 2);
	assert_int_equal(dns_name_from_message(&name, all, &rest), STATUS_MALFORMED);
}

static void
equality_ignores_case_and_nothing_else(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{ "example.com", "EXAMPLE.com.", true },
		{ "example.com", "example.co", false },
		{ "ab.c", "a.bc", false },
		{ "[.x", "{.x", false }, /* the same but for the bit of case */
		{ "\xc0.x", "\xe0.x", false },
		{ ".", ".", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name a = name_of(cases[i].a), b = name_of(cases[i].b);
		if (dns_name_equal(&a, &b) != cases[i].want)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
	}
}

static void
within_goes_by_labels(void **state)
{
	static const struct {
		const char *name, *ancestor;
		bool want;
	} cases[] = {
		{ "example.com", "example.com", true },
		{ "a.b.Example.com", "eXample.com", true },
		{ "example.com", ".", true },
		{ ".", ".", true },
		{ "notexample.com", "example.com", false },
		{ "com", "example.com", false },
		{ "example.org", "example.com", false },
		/* "\3com" as text at the end of a longer label */
		{ "a\3com", "com", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name = name_of(cases[i].name);
		struct dns_name ancestor = name_of(cases[i].ancestor);
		if (dns_name_is_within(&name, &ancestor) != cases[i].want)
			fail_msg("%s, %s", cases[i].name, cases[i].ancestor);
	}
}

static void
suffixes_count_from_the_end(void **state)
{
	static const char *const want[] = { ".", "com", "example.com",
		"www.example.com", "www.example.com" };
	struct dns_name name = name_of("www.example.com"), suffix;
	(void)state;
	for (unsigned labels = 0; labels < ARRAY_LENGTH(want); labels++) {
		dns_name_suffix(&suffix, &name, labels);
		assert_shown(&suffix, want[labels]);
	}
	dns_name_suffix(&name, &name, 1);
	assert_shown(&name, "com");
}

static void
labels_go_in_front(void **state)
{
	struct dns_name name = name_of("example.com"), longer = name;
	struct dns_name full = name_of(NAME_253);
	(void)state;
	assert_int_equal(dns_name_prepend(&longer, span_text("a.b"), &name), STATUS_OK);
	assert_shown(&longer, "a\\.b.example.com");
	assert_int_equal(dns_name_labels(&longer), 3);
	assert_int_equal(dns_name_first_label(&longer).length, 3);
	assert_int_equal(
	    dns_name_prepend(&longer, span_text("_x"), &longer), STATUS_OK);
	assert_shown(&longer, "_x.a\\.b.example.com");

	assert_int_equal(
	    dns_name_prepend(&name, span_text(""), &name), STATUS_EMPTY_LABEL);
	assert_int_equal(dns_name_prepend(&name, span_text(LABEL_63 "x"), &name),
	    STATUS_LABEL_TOO_LONG);
	assert_int_equal(
	    dns_name_prepend(&name, span_text("x"), &full), STATUS_NAME_TOO_LONG);
	assert_shown(&name, "example.com");
}

static void
the_root_has_no_label(void **state)
{
	struct dns_name root;
	(void)state;
	dns_name_root(&root);
	assert_int_equal(root.length, 1);
	assert_int_equal(dns_name_first_label(&root).length, 0);
	assert_int_equal(dns_name_labels(&root), 0);
	assert_shown(&root, ".");
}

static void
names_are_joined(void **state)
{
	struct dns_name name, tail, want;
	(void)state;
	assert_int_equal(dns_name_from_text(&name, span_text("a.b")), STATUS_OK);
	assert_int_equal(dns_name_from_text(&tail, span_text("c.d")), STATUS_OK);
	assert_int_equal(dns_name_from_text(&want, span_text("a.b.c.d")), STATUS_OK);
	assert_int_equal(dns_name_append_name(&name, &tail), STATUS_OK);
	assert_true(dns_name_equal(&name, &want));
	while (dns_name_append_name(&tail, &name) == STATUS_OK)
		assert_true(tail.length <= LIMIT_NAME_BYTES);
	assert_int_equal(dns_name_append_name(&tail, &name), STATUS_NAME_TOO_LONG);
	dns_name_root(&name);
	assert_int_equal(dns_name_append_name(&name, &want), STATUS_OK);
	assert_true(dns_name_equal(&name, &want));
}

static void
absent_names_stay_the_same(void **state)
{
	struct dns_name domain, absent, again, other;
	(void)state;
	assert_int_equal(
	    dns_name_from_text(&domain, span_text("a.example")), STATUS_OK);
	assert_int_equal(dns_name_absent(&absent, &domain, 7), STATUS_OK);
	assert_int_equal(
	    dns_name_from_text(&domain, span_text("A.Example")), STATUS_OK);
	assert_int_equal(dns_name_absent(&again, &domain, 7), STATUS_OK);
	assert_true(dns_name_equal(&absent, &again));
	assert_int_equal(dns_name_absent(&other, &domain, 8), STATUS_OK);
	assert_false(dns_name_equal(&absent, &other));
	assert_true(dns_name_is_within(&absent, &domain));
	assert_int_equal(dns_name_labels(&absent), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_split_at_dots),
		cmocka_unit_test(nul_is_a_byte_like_others),
		cmocka_unit_test(people_make_slips),
		cmocka_unit_test(wire_is_read_up_to_the_root),
		cmocka_unit_test(wire_has_a_longest_name),
		cmocka_unit_test(pointers_lead_backwards),
		cmocka_unit_test(pointers_have_a_cap),
		cmocka_unit_test(equality_ignores_case_and_nothing_else),
		cmocka_unit_test(within_goes_by_labels),
		cmocka_unit_test(suffixes_count_from_the_end),
		cmocka_unit_test(labels_go_in_front),
		cmocka_unit_test(the_root_has_no_label),
		cmocka_unit_test(names_are_joined),
		cmocka_unit_test(absent_names_stay_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
