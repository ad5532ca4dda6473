/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp_tls/dane: which records count, and what they match: all selectors and
 * matching types, leaf and issuers, dates and names. */
#include "smtp_tls/dane.h"

#include "support/made_certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1000000, RECORDS_MAX = 4 };

/* A record by what it is of. */
struct tlsa_row {
	uint8_t usage, selector, matching;
	const char *label;
};

struct match_case {
	const char *name;
	struct tlsa_row rows[RECORDS_MAX]; /* up to one without a label */
	enum truth want;
	bool by_ee;
};

/* "leaf" for mail.example.com, below "issuer", below "root". */
static void
make_chain(struct smtp_chain *chain, size_t count)
{
	static const char *const labels[] = { "leaf", "issuer", "root" };
	memset(chain, 0, sizeof(*chain));
	chain->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct made_certificate wanted = {
			.label = span_text(labels[i]),
			.names = span_text(i == 0 ? "mail.example.com" : ""),
			.not_before = NOW - 10,
			.not_after = NOW + 10,
			.issued_by_next = i + 1 < count,
		};
		chain->list[i] = made_certificate(&wanted);
	}
}

static void
free_chain(struct smtp_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		free(chain->list[i]);
}

static struct dane_records
read_rows(struct arena *arena, const struct tlsa_row rows[RECORDS_MAX])
{
	struct dns_record list[RECORDS_MAX];
	struct dns_answer answer = { .type = DNS_TLSA, .records = list };
	for (size_t i = 0; i < RECORDS_MAX && rows[i].label != NULL; i++) {
		char memory[256];
		struct buf data;
		buf_wrap(&data, memory, sizeof(memory));
		buf_add_byte(&data, rows[i].usage);
		buf_add_byte(&data, rows[i].selector);
		buf_add_byte(&data, rows[i].matching);
		made_association(&data, rows[i].selector, rows[i].matching,
		    span_text(rows[i].label));
		list[i].data = arena_copy(arena, buf_span(&data));
		answer.record_count++;
	}
	struct dane_records records;
	dane_records_read(&records, arena, &answer);
	return records;
}

static struct dane_match
match(struct arena *arena, const struct tlsa_row rows[RECORDS_MAX],
    const struct smtp_chain *chain, const char *name, int64_t now)
{
	struct dns_name names[1];
	struct dane_records records = read_rows(arena, rows);
	assert_int_equal(dns_name_from_text(&names[0], span_text(name)), STATUS_OK);
	return dane_match_chain(&records, chain, (struct dane_names){ 1, names }, now);
}

static void
check_match(struct arena *arena, const struct match_case *test)
{
	struct smtp_chain chain;
	make_chain(&chain, 3);
	struct dane_match got = match(
	    arena, test->rows, &chain, "mail.example.com", NOW);
	if (got.matched != test->want || got.by_ee != test->by_ee)
		fail_msg("%s: got %d %d, want %d %d", test->name, got.matched,
		    got.by_ee, test->want, test->by_ee);
	if ((got.why == NULL) != (test->want == TRUTH_YES))
		fail_msg("%s: why '%s'", test->name, got.why);
	free_chain(&chain);
	arena_reset(arena);
}

/* --- tests ---------------------------------------------------------------- */

/* Usages 3 and 2 with both selectors and all matching types. */
static void
every_selector_and_matching_type(void **state)
{
	struct arena *arena = *state;
	for (uint8_t selector = 0; selector <= 1; selector++) {
		for (uint8_t matching = 0; matching <= 2; matching++) {
			const struct match_case cases[] = {
				{ "the key of the server",
				    { { 3, selector, matching, "leaf" } }, TRUTH_YES,
				    true },
				{ "another key", { { 3, selector, matching, "x" } },
				    TRUTH_NO, false },
				{ "an issuer is no end entity",
				    { { 3, selector, matching, "issuer" } }, TRUTH_NO,
				    false },
				{ "an issuer", { { 2, selector, matching, "issuer" } },
				    TRUTH_YES, false },
				{ "the root", { { 2, selector, matching, "root" } },
				    TRUTH_YES, false },
				{ "an issuer that was not sent",
				    { { 2, selector, matching, "x" } },
				    matching == DANE_FULL ? TRUTH_UNKNOWN : TRUTH_NO,
				    false },
			};
			for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
				check_match(arena, &cases[i]);
		}
	}
}

static void
records_among_others(void **state)
{
	static const struct match_case cases[] = {
		{ "the next key first", { { 3, 1, 1, "x" }, { 3, 1, 1, "leaf" } },
		    TRUTH_YES, true },
		{ "issuer and key", { { 2, 1, 1, "issuer" }, { 3, 1, 1, "leaf" } },
		    TRUTH_YES, true },
		{ "issuer, and another key",
		    { { 2, 1, 1, "issuer" }, { 3, 1, 1, "x" } }, TRUTH_YES, false },
		{ "a PKIX record does not count", { { 1, 1, 1, "leaf" } }, TRUTH_NO,
		    false },
		{ "a selector that does not exist", { { 3, 2, 1, "leaf" } }, TRUTH_NO,
		    false },
		{ "a matching type that does not exist", { { 3, 1, 3, "leaf" } },
		    TRUTH_NO, false },
		{ "a usage that does not exist", { { 4, 1, 1, "leaf" } }, TRUTH_NO,
		    false },
		{ "the server's key is no issuer", { { 2, 1, 1, "leaf" } }, TRUTH_NO,
		    false },
		{ "no record", { { 0, 0, 0, NULL } }, TRUTH_NO, false },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_match(*state, &cases[i]);
}

/* RFC 7672 3.1.1 and 3.1.2: dates and names count below a trust anchor only. */
static void
dates_and_names(void **state)
{
	static const struct tlsa_row ee[RECORDS_MAX] = { { 3, 1, 1, "leaf" } };
	static const struct tlsa_row ta[RECORDS_MAX] = { { 2, 1, 1, "root" } };
	static const struct {
		const char *name;
		const struct tlsa_row *rows;
		const char *host;
		int64_t now;
		bool broken;
		enum truth want;
	} cases[] = {
		{ "EE, another name", ee, "mail.example.org", NOW, false, TRUTH_YES },
		{ "EE, expired", ee, "mail.example.com", NOW + 11, false, TRUTH_YES },
		{ "TA, another name", ta, "mail.example.org", NOW, false, TRUTH_NO },
		{ "TA, expired", ta, "mail.example.com", NOW + 11, false, TRUTH_NO },
		{ "TA, not yet", ta, "mail.example.com", NOW - 11, false, TRUTH_NO },
		{ "TA, at the last moment", ta, "mail.example.com", NOW + 10, false,
		    TRUTH_YES },
		{ "TA, broken chain", ta, "mail.example.com", NOW, true, TRUTH_NO },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct smtp_chain chain;
		make_chain(&chain, 3);
		chain.list[1]->issued_by_next = !cases[i].broken;
		struct dane_match got = match(
		    *state, cases[i].rows, &chain, cases[i].host, cases[i].now);
		if (got.matched != cases[i].want)
			fail_msg("%s: got %d", cases[i].name, got.matched);
		free_chain(&chain);
	}
}

static void
a_certificate_that_vouches_for_itself(void **state)
{
	static const struct tlsa_row ta[RECORDS_MAX] = { { 2, 0, 1, "leaf" } };
	struct smtp_chain chain;
	make_chain(&chain, 1);
	chain.list[0]->self_signed = true;
	assert_int_equal(
	    match(*state, ta, &chain, "mail.example.com", NOW).matched, TRUTH_YES);
	free_chain(&chain);
	make_chain(&chain, 0);
	assert_int_equal(
	    match(*state, ta, &chain, "mail.example.com", NOW).matched, TRUTH_UNKNOWN);
}

/* RFC 6698 2.1 */
static void
what_records_are_counted_as(void **state)
{
	static const struct tlsa_row rows[RECORDS_MAX] = { { 0, 0, 1, "a" },
		{ 1, 1, 2, "b" }, { 3, 1, 0, "c" }, { 2, 9, 1, "d" } };
	struct dane_records records = read_rows(*state, rows);
	assert_int_equal(records.count, 4);
	assert_int_equal(records.pkix, 2);
	assert_int_equal(records.invalid, 1);
	assert_int_equal(records.full, 1);
	assert_int_equal(records.usable_count, 1);

	static const size_t lengths[] = { 0, 31, 32, 33, 63, 64, 65 };
	uint8_t bytes[65] = { 0 };
	for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
		struct dns_tlsa tlsa = { 3, 1, DANE_FULL, span_of(bytes, lengths[i]) };
		assert_int_equal(dane_is_valid(&tlsa), lengths[i] > 0);
		tlsa.matching = DANE_SHA256;
		assert_int_equal(dane_is_valid(&tlsa), lengths[i] == 32);
		tlsa.matching = DANE_SHA512;
		assert_int_equal(dane_is_valid(&tlsa), lengths[i] == 64);
	}
}

static int
new_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(every_selector_and_matching_type),
		WITH_ARENA(records_among_others),
		WITH_ARENA(dates_and_names),
		WITH_ARENA(a_certificate_that_vouches_for_itself),
		WITH_ARENA(what_records_are_counted_as),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
