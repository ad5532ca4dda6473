/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/record: the forms of data, and reading them. */
#include "dns/record.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A message in which "a.b" stands at 0 and "b" at 2. */
#define HEAD "\1a\1b\0"

struct form_case {
	const char *name;
	uint16_t type;
	struct span data; /* behind HEAD */
	bool whole;       /* the same data, unless `want` says otherwise */
	struct span want;
};

static void
check_form(const struct form_case *test)
{
	uint8_t message[300] = HEAD;
	size_t head = sizeof(HEAD) - 1, length = head + test->data.length;
	memcpy(message + head, test->data.bytes, test->data.length);
	struct span whole = span_of(message, length);
	char memory[600];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));

	enum status status = dns_record_expand(
	    &got, test->type, whole, span_slice(whole, head, SIZE_MAX));
	if (status != (test->whole ? STATUS_OK : STATUS_MALFORMED))
		fail_msg("%s: %s", test->name, status_text(status));
	if (!test->whole)
		return;
	struct span want = test->want.bytes != NULL ? test->want : test->data;
	if (!span_equal(buf_span(&got), want))
		fail_msg("%s: got %zu other bytes", test->name, got.length);
}

#define TEN "0123456789"

static void
data_have_the_form_of_their_type(void **state)
{
	static const struct form_case cases[] = {
		{ "A", DNS_A, SPAN("abcd"), true, { 0 } },
		{ "A of 3", DNS_A, SPAN("abc"), false, { 0 } },
		{ "A of 5", DNS_A, SPAN("abcde"), false, { 0 } },
		{ "A of 0", DNS_A, SPAN(""), false, { 0 } },
		{ "AAAA", DNS_AAAA, SPAN(TEN "abcdef"), true, { 0 } },
		{ "AAAA of 4", DNS_AAAA, SPAN("abcd"), false, { 0 } },
		{ "NS", DNS_NS, SPAN("\1c\xc0\0"), true, SPAN("\1c\1a\1b\0") },
		{ "PTR", DNS_PTR, SPAN("\xc0\2"), true, SPAN("\1b\0") },
		{ "CNAME", DNS_CNAME, SPAN("\1c\0"), true, { 0 } },
		{ "DNAME", DNS_DNAME, SPAN("\0"), true, { 0 } },
		{ "CNAME and more", DNS_CNAME, SPAN("\1c\0x"), false, { 0 } },
		{ "CNAME cut", DNS_CNAME, SPAN("\3c"), false, { 0 } },
		{ "CNAME to itself", DNS_CNAME, SPAN("\xc0\5"), false, { 0 } },
		{ "MX", DNS_MX, SPAN("\0\x0a\xc0\0"), true, SPAN("\0\x0a\1a\1b\0") },
		{ "MX without name", DNS_MX, SPAN("\0\x0a"), false, { 0 } },
		{ "MX of 1", DNS_MX, SPAN("\0"), false, { 0 } },
		{ "SOA", DNS_SOA, SPAN("\xc0\0\xc0\2" TEN TEN), true,
		    SPAN("\1a\1b\0\1b\0" TEN TEN) },
		{ "SOA cut", DNS_SOA, SPAN("\xc0\0\xc0\2" TEN), false, { 0 } },
		{ "TXT", DNS_TXT, SPAN("\2ab\0\1c"), true, { 0 } },
		{ "TXT, empty string", DNS_TXT, SPAN("\0"), true, { 0 } },
		{ "TXT, no string", DNS_TXT, SPAN(""), true, { 0 } },
		{ "TXT past its end", DNS_TXT, SPAN("\2ab\3cd"), false, { 0 } },
		{ "SPF", DNS_SPF, SPAN("\1a"), true, { 0 } },
		{ "SPF past its end", DNS_SPF, SPAN("\2a"), false, { 0 } },
		{ "TLSA", DNS_TLSA, SPAN("\3\1\1abc"), true, { 0 } },
		{ "TLSA of 2", DNS_TLSA, SPAN("\3\1"), false, { 0 } },
		{ "unknown", 65280, SPAN("\xc0\0\xff"), true, { 0 } },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_form(&cases[i]);
}

static void
types_have_names(void **state)
{
	static const uint16_t types[] = { DNS_A, DNS_NS, DNS_CNAME, DNS_SOA, DNS_PTR,
		DNS_MX, DNS_TXT, DNS_AAAA, DNS_DNAME, DNS_TLSA, DNS_SPF };
	uint16_t type;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
		const char *text = dns_type_text(types[i]);
		assert_non_null(text);
		assert_true(dns_type_by_name(span_text(text), &type));
		assert_int_equal(type, types[i]);
	}
	assert_string_equal(dns_type_text(DNS_TXT), "TXT");
	assert_true(dns_type_by_name(span_text("aaaa"), &type));
	assert_int_equal(type, DNS_AAAA);
	assert_false(dns_type_by_name(span_text("AA"), &type));
	assert_false(dns_type_by_name(span_text(""), &type));
	assert_null(dns_type_text(0));
	assert_null(dns_type_text(255));
}

static struct dns_record
record_of(const char *data, size_t length)
{
	return (struct dns_record){ .data = span_of(data, length) };
}

static void
assert_name(const struct dns_name *name, const char *want)
{
	struct dns_name wanted;
	assert_int_equal(dns_name_from_text(&wanted, span_text(want)), STATUS_OK);
	assert_true(dns_name_equal(name, &wanted));
}

static void
addresses(void **state)
{
	struct dns_record four = record_of("\xc0\0\2\1", 4);
	struct dns_record sixteen = record_of("0123456789abcdef", 16);
	uint8_t a[4], aaaa[16];
	(void)state;
	assert_true(dns_record_a(&four, a));
	assert_memory_equal(a, "\xc0\0\2\1", 4);
	assert_false(dns_record_a(&sixteen, a));
	assert_true(dns_record_aaaa(&sixteen, aaaa));
	assert_memory_equal(aaaa, "0123456789abcdef", 16);
	assert_false(dns_record_aaaa(&four, aaaa));
}

static void
names_and_exchangers(void **state)
{
	struct dns_record ptr = record_of("\2bc\1A\0", 6);
	struct dns_record mx = record_of("\x40\2\1a\0", 5);
	struct dns_record null_mx = record_of("\0\0\0", 3); /* RFC 7505 */
	struct dns_name name;
	uint16_t preference;
	(void)state;
	assert_true(dns_record_name(&ptr, &name));
	assert_name(&name, "bc.a");
	assert_false(dns_record_name(&mx, &name));
	assert_true(dns_record_mx(&mx, &preference, &name));
	assert_int_equal(preference, 0x4002);
	assert_name(&name, "a");
	assert_true(dns_record_mx(&null_mx, &preference, &name));
	assert_name(&name, ".");
	assert_false(dns_record_mx(&ptr, &preference, &name));
}

static void
tlsa(void **state)
{
	struct dns_record record = record_of("\3\1\2hash", 7);
	struct dns_record empty = record_of("\3\1\2", 3);
	struct dns_record short_one = record_of("\3\1", 2);
	struct dns_tlsa got;
	(void)state;
	assert_true(dns_record_tlsa(&record, &got));
	assert_int_equal(got.usage, 3);
	assert_int_equal(got.selector, 1);
	assert_int_equal(got.matching, 2);
	assert_true(span_equal(got.association, span_text("hash")));
	assert_true(dns_record_tlsa(&empty, &got));
	assert_int_equal(got.association.length, 0);
	assert_false(dns_record_tlsa(&short_one, &got));
}

static void
strings_join_without_anything_between(void **state)
{
	static const struct {
		const char *name;
		struct span data;
		unsigned strings;
		struct span want;
	} cases[] = {
		{ "one", SPAN("\3abc"), 1, SPAN("abc") },
		{ "several", SPAN("\7v=spf1 \4-all"), 2, SPAN("v=spf1 -all") },
		{ "empty ones", SPAN("\0\1a\0\1b\0"), 5, SPAN("ab") },
		{ "none", SPAN(""), 0, SPAN("") },
		{ "any bytes", SPAN("\4\0\r\n\xff\1\0"), 2, SPAN("\0\r\n\xff\0") },
		{ "by hand, past its end", SPAN("\1a\5b"), 1, SPAN("a") },
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_record record = { .data = cases[i].data };
		struct span rest = record.data, string;
		unsigned strings = 0;
		while (dns_txt_next(&rest, &string))
			strings++;
		struct span got = dns_txt_join(arena, &record);
		if (strings != cases[i].strings || !span_equal(got, cases[i].want))
			fail_msg("%s: got %u strings, %zu bytes", cases[i].name,
			    strings, got.length);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_have_the_form_of_their_type),
		cmocka_unit_test(types_have_names),
		cmocka_unit_test(addresses),
		cmocka_unit_test(names_and_exchangers),
		cmocka_unit_test(tlsa),
		cmocka_unit_test(strings_join_without_anything_between),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
