/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/lending: who lends what to whom, and for how long. */
#include "smtp/lending.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEEP_SECONDS = 60, KEEP_MS = KEEP_SECONDS * 1000, NOW_MS = 5000 };

static struct smtp_endpoint
endpoint_of(const char *name)
{
	struct smtp_endpoint endpoint = {
		.address_length = 4,
		.address = { 192, 0, 2, 1 },
		.port = 25,
	};
	assert_int_equal(
	    dns_name_from_text(&endpoint.name, span_text(name)), STATUS_OK);
	return endpoint;
}

/* Which came to its own end, and found Heartbleed. */
static struct smtp_scan
whole_scan(void)
{
	return (struct smtp_scan){
		.end = SMTP_END_DONE,
		.tls = { .heartbleed = TRUTH_YES },
		.injection = TRUTH_NO,
		.handshake = { .done = TRUTH_YES,
		    .version = 0x0304,
		    .suite = 0x1302,
		    .group_text = "x25519" },
	};
}

/* As of a scan that ended now. */
static void
put(struct lending *lending, const struct smtp_endpoint *endpoint,
    const struct smtp_scan *scan, int64_t now_ms)
{
	lending_put(lending, endpoint, scan, now_ms + KEEP_MS, now_ms);
}

static void
only_whole_scans_lend(void **state)
{
	static const struct {
		const char *name;
		enum smtp_end end;
		enum truth handshake;
		bool quick, borrowed, lends;
	} cases[] = {
		{ "whole", SMTP_END_DONE, TRUTH_YES, .lends = true },
		{ "quick", SMTP_END_DONE, TRUTH_YES, .quick = true },
		{ "borrowed", SMTP_END_DONE, TRUTH_YES, .borrowed = true },
		{ "no handshake", SMTP_END_DONE, TRUTH_NO, .lends = false },
		{ "perhaps a handshake", SMTP_END_DONE, TRUTH_UNKNOWN, .lends = false },
		{ "time-out", SMTP_END_TIMEOUT, TRUTH_YES, .lends = false },
		{ "421", SMTP_END_RATE_LIMITED, TRUTH_YES, .lends = false },
		{ "closed", SMTP_END_CLOSED, TRUTH_YES, .lends = false },
		{ "abandoned", SMTP_END_ABANDONED, TRUTH_YES, .lends = false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct lending *lending = lending_new(KEEP_SECONDS);
		struct smtp_endpoint endpoint = endpoint_of("mx.example");
		struct smtp_scan scan = whole_scan();
		struct lent lent;
		scan.end = cases[i].end;
		scan.handshake.done = cases[i].handshake;
		scan.borrowed = cases[i].borrowed;
		endpoint.quick = cases[i].quick;
		put(lending, &endpoint, &scan, NOW_MS);
		if (lending_find(lending, &endpoint, NOW_MS, &lent) != cases[i].lends)
			fail_msg("%s", cases[i].name);
		lending_free(lending);
	}
}

/* All but the name has to be the same. */
static void
what_is_lent_belongs_to_address_and_port(void **state)
{
	struct lending *lending = lending_new(KEEP_SECONDS);
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	const struct smtp_scan scan = whole_scan();
	struct lent lent;
	(void)state;
	put(lending, &endpoint, &scan, NOW_MS);

	endpoint = endpoint_of("mail.customer.example");
	assert_true(lending_find(lending, &endpoint, NOW_MS, &lent));
	endpoint.name.length = 0;
	assert_true(lending_find(lending, &endpoint, NOW_MS, &lent));
	assert_int_equal(lent.tls.heartbleed, TRUTH_YES);
	assert_false(lent.two_keys);

	struct smtp_endpoint others[4] = { endpoint, endpoint, endpoint, endpoint };
	others[0].address[3]++;
	others[1].port = 587;
	others[2].implicit_tls = true;
	others[3].injection = true;
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		assert_false(lending_find(lending, &others[i], NOW_MS, &lent));
	lending_free(lending);
}

static void
the_first_facts_stay_until_they_are_old(void **state)
{
	struct lending *lending = lending_new(KEEP_SECONDS);
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	struct smtp_scan scan = whole_scan();
	struct lent lent;
	int64_t end_ms = NOW_MS + KEEP_MS;
	(void)state;
	put(lending, &endpoint, &scan, NOW_MS);
	scan.tls.heartbleed = TRUTH_NO;
	put(lending, &endpoint, &scan, NOW_MS + 1);
	assert_true(lending_find(lending, &endpoint, end_ms, &lent));
	assert_int_equal(lent.tls.heartbleed, TRUTH_YES);
	assert_true(lent.good_until_ms == end_ms);
	assert_false(lending_find(lending, &endpoint, end_ms + 1, &lent));

	put(lending, &endpoint, &scan, end_ms + 1);
	assert_true(lending_find(lending, &endpoint, end_ms + 1, &lent));
	assert_int_equal(lent.tls.heartbleed, TRUTH_NO);
	lending_free(lending);
}

static void
a_full_house_takes_nobody_until_it_is_swept(void **state)
{
	struct lending *lending = lending_new(KEEP_SECONDS);
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	const struct smtp_scan scan = whole_scan();
	struct lent lent;
	(void)state;
	for (unsigned i = 0; i < LIMIT_SMTP_LENT + 1; i++) {
		memcpy(endpoint.address, &i, endpoint.address_length);
		put(lending, &endpoint, &scan, NOW_MS);
	}
	assert_false(lending_find(lending, &endpoint, NOW_MS, &lent));
	int64_t later_ms = NOW_MS + KEEP_MS + 1;
	put(lending, &endpoint, &scan, later_ms);
	assert_true(lending_find(lending, &endpoint, later_ms, &lent));
	lending_free(lending);
}

static void
a_handshake_has_to_come_out_alike(void **state)
{
	struct lending *lending = lending_new(KEEP_SECONDS);
	const struct smtp_endpoint endpoint = endpoint_of("mx.example");
	const struct smtp_scan scan = whole_scan();
	struct lent lent;
	(void)state;
	put(lending, &endpoint, &scan, NOW_MS);
	assert_true(lending_find(lending, &endpoint, NOW_MS, &lent));
	assert_true(lent_fits(&lent, &scan.handshake));

	struct smtp_handshake others[4] = { scan.handshake, scan.handshake,
		scan.handshake, scan.handshake };
	others[0].done = TRUTH_UNKNOWN;
	others[1].version--;
	others[2].suite++;
	snprintf(others[3].group_text, sizeof(others[3].group_text), "secp256r1");
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		assert_false(lent_fits(&lent, &others[i]));
	lending_free(lending);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_whole_scans_lend),
		cmocka_unit_test(what_is_lent_belongs_to_address_and_port),
		cmocka_unit_test(the_first_facts_stay_until_they_are_old),
		cmocka_unit_test(a_full_house_takes_nobody_until_it_is_swept),
		cmocka_unit_test(a_handshake_has_to_come_out_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
