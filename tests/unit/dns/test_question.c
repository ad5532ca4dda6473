/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/question: keys, facts of answers and how long they are good. */
#include "dns/question.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct dns_name
name_of(const char *text)
{
	struct dns_name name;
	assert_int_equal(dns_name_from_text(&name, span_text(text)), STATUS_OK);
	return name;
}

static struct dns_key
key_of(const char *text, uint16_t type)
{
	struct dns_name name = name_of(text);
	struct dns_key key;
	dns_key_make(&key, &name, type);
	return key;
}

static struct span
key_span(const struct dns_key *key)
{
	return span_of(key->bytes, key->length);
}

static void
keys_are_kind_type_and_lower_case_name(void **state)
{
	struct dns_key key = key_of("Ex.COM", 0x0110), other;
	(void)state;
	assert_int_equal(key.length, 11);
	assert_memory_equal(key.bytes, "d\x01\x10\2ex\3com\0", 11);

	other = key_of("eX.com.", 0x0110);
	assert_true(span_equal(key_span(&key), key_span(&other)));
	other = key_of("ex.com", 0x0111);
	assert_false(span_equal(key_span(&key), key_span(&other)));
	/* '[' and '{' differ by the bit that folds letters. */
	key = key_of("[.x", DNS_A);
	other = key_of("{.x", DNS_A);
	assert_false(span_equal(key_span(&key), key_span(&other)));
}

static void
keys_read_back(void **state)
{
	struct dns_name name, want = name_of("a b.example.com");
	struct dns_key key = key_of("A b.example.com", DNS_TLSA);
	uint16_t type;
	(void)state;
	assert_true(dns_key_read(key_span(&key), &name, &type));
	assert_int_equal(type, DNS_TLSA);
	assert_true(dns_name_equal(&name, &want));

	for (size_t length = 0; length < key.length; length++)
		assert_false(dns_key_read(span_of(key.bytes, length), &name, &type));
	key.bytes[key.length++] = 0;
	assert_false(dns_key_read(key_span(&key), &name, &type));
	assert_false(dns_key_read(span_of("x\0\1\0", 4), &name, &type));
}

static struct dns_answer *
answer_of(uint16_t rcode, uint16_t record_count, uint32_t ttl_seconds)
{
	static const struct dns_record record = { .data = SPAN("abcd") };
	struct dns_answer answer = { .type = DNS_A,
		.rcode = rcode,
		.record_count = record_count,
		.ttl_seconds = ttl_seconds,
		.records = &record };
	return dns_answer_copy(&answer);
}

static void
outcome_and_expiry_follow_from_the_answer(void **state)
{
	static const struct {
		const char *name;
		uint16_t rcode, records;
		uint32_t ttl;
		enum outcome outcome;
		int64_t seconds;
	} cases[] = {
		{ "found", 0, 1, 300, OUTCOME_FOUND, 300 },
		{ "not to be kept", 0, 1, 0, OUTCOME_FOUND, 0 },
		{ "for ever", 0, 1, INT32_MAX, OUTCOME_FOUND, LIMIT_TTL_MAX_SECONDS },
		{ "nodata", 0, 0, 300, OUTCOME_NODATA, 300 },
		{ "nodata, long", 0, 0, 86400, OUTCOME_NODATA,
		    LIMIT_TTL_NEGATIVE_MAX_SECONDS },
		{ "nxdomain", 3, 0, 60, OUTCOME_NXDOMAIN, 60 },
		{ "nxdomain, long", 3, 0, 86400, OUTCOME_NXDOMAIN,
		    LIMIT_TTL_NEGATIVE_MAX_SECONDS },
		{ "servfail", 2, 0, 9999, OUTCOME_SERVFAIL, LIMIT_TTL_FAILURE_SECONDS },
		{ "refused", 5, 0, 0, OUTCOME_REFUSED, LIMIT_TTL_FAILURE_SECONDS },
		{ "formerr", 1, 0, 0, OUTCOME_BAD_RCODE, LIMIT_TTL_FAILURE_SECONDS },
		{ "badvers", 16, 0, 0, OUTCOME_BAD_RCODE, LIMIT_TTL_FAILURE_SECONDS },
		/* 18 is 2 in the header alone */
		{ "badtime", 18, 0, 0, OUTCOME_BAD_RCODE, LIMIT_TTL_FAILURE_SECONDS },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		static const int64_t now = 1000000007;
		struct fact fact = dns_fact(
		    answer_of(cases[i].rcode, cases[i].records, cases[i].ttl), now);
		int64_t seconds = (fact.expires_ms - now) / 1000;
		if (fact.outcome != cases[i].outcome || seconds != cases[i].seconds)
			fail_msg("%s: got %s for %lld s, want %s for %lld s",
			    cases[i].name, outcome_name(fact.outcome),
			    (long long)seconds, outcome_name(cases[i].outcome),
			    (long long)cases[i].seconds);
		assert_non_null(fact.data);
		fact.release(fact.data);
	}
}

static void
failures_have_no_answer(void **state)
{
	static const enum outcome failures[] = { OUTCOME_TIMEOUT, OUTCOME_UNREACHABLE,
		OUTCOME_MALFORMED };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(failures); i++) {
		struct fact fact = dns_failure(failures[i], 5000);
		assert_int_equal(fact.outcome, failures[i]);
		assert_null(fact.data);
		assert_int_equal(
		    fact.expires_ms, 5000 + LIMIT_TTL_FAILURE_SECONDS * 1000);
	}
}

static void
asking_finds_or_wants(void **state)
{
	struct store *store = store_new();
	struct arena *arena = arena_new();
	struct dns_key key = key_of("a.example", DNS_A);
	struct dns_name upper = name_of("A.EXAMPLE"), other = name_of("b.example");
	struct view view;
	(void)state;
	store_put(store, key_span(&key), dns_fact(answer_of(0, 1, 10), 0));
	view_init(&view, store, arena, 0, OUTCOME_WANTED);

	struct dns_result result = dns_get(&view, &upper, DNS_A);
	assert_int_equal(result.outcome, OUTCOME_FOUND);
	assert_int_equal(result.answer->record_count, 1);

	result = dns_get(&view, &upper, DNS_AAAA);
	assert_int_equal(result.outcome, OUTCOME_WANTED);
	assert_null(result.answer);
	result = dns_get(&view, &other, DNS_A);
	assert_int_equal(result.outcome, OUTCOME_WANTED);
	assert_int_equal(view.want_count, 2);
	key = key_of("b.example", DNS_A);
	assert_true(span_equal(view.wants[1], key_span(&key)));
	arena_free(arena);
	store_free(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_kind_type_and_lower_case_name),
		cmocka_unit_test(keys_read_back),
		cmocka_unit_test(outcome_and_expiry_follow_from_the_answer),
		cmocka_unit_test(failures_have_no_answer),
		cmocka_unit_test(asking_finds_or_wants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
