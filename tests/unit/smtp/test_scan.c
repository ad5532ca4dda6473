/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/scan: keys, names of certificates, and how long a scan is good. */
#include "smtp/scan.h"

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

static struct smtp_endpoint
endpoint_of(const char *name)
{
	return (struct smtp_endpoint){ .address_length = 4,
		.address = { 192, 0, 2, 1 },
		.port = 25,
		.name = name_of(name),
		.quick = true };
}

static void
keys_read_back(void **state)
{
	struct smtp_endpoint endpoint = endpoint_of("MX.example"), back;
	struct smtp_key key;
	(void)state;
	smtp_key_make(&key, &endpoint);
	assert_memory_equal(
	    key.bytes, "s\x04\xc0\0\x02\x01\0\x19\x02\2mx\7example", 20);
	assert_true(smtp_key_read(span_of(key.bytes, key.length), &back));
	assert_int_equal(back.address_length, 4);
	assert_memory_equal(back.address, endpoint.address, 16);
	assert_int_equal(back.port, 25);
	assert_true(back.quick && !back.implicit_tls && !back.injection);
	assert_true(dns_name_equal(&back.name, &endpoint.name));

	for (size_t cut = 0; cut < key.length; cut++)
		assert_false(smtp_key_read(span_of(key.bytes, cut), &back));
	key.bytes[1] = 5;
	assert_false(smtp_key_read(span_of(key.bytes, key.length), &back));
}

/* What is asked in another way is another scan. */
static void
keys_tell_scans_apart(void **state)
{
	struct smtp_endpoint one = endpoint_of("mx.example"), other[5];
	struct smtp_key a, b;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(other); i++)
		other[i] = one;
	other[0].port = 465;
	other[1].implicit_tls = true;
	other[2].injection = true;
	other[3].address_length = 16;
	other[4].name = name_of("mx2.example");
	smtp_key_make(&a, &one);
	for (size_t i = 0; i < ARRAY_LENGTH(other); i++) {
		smtp_key_make(&b, &other[i]);
		assert_false(
		    span_equal(span_of(a.bytes, a.length), span_of(b.bytes, b.length)));
	}
}

/* RFC 6125 6.4. */
static void
names_match(void **state)
{
	static const struct {
		const char *presented, *name;
		bool want;
	} cases[] = {
		{ "mx.example.com", "MX.Example.COM", true },
		{ "mx.example.com.", "mx.example.com", true },
		{ "*.example.com", "mx.example.com", true },
		{ "*.example.com", "a.mx.example.com", false },
		{ "*.example.com", "example.com", false },
		{ "m*.example.com", "mx.example.com", false },
		{ "*.com", "example.com", false },
		{ "*", "example", false },
		{ "", "example", false },
		{ "mx.example.org", "mx.example.com", false },
		{ "a..b", "a.b", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name = name_of(cases[i].name);
		bool got = smtp_name_matches(span_text(cases[i].presented), &name);
		if (got != cases[i].want)
			fail_msg("%s for %s: got %d", cases[i].presented, cases[i].name,
			    got);
	}
}

static void
certificates_are_copied_whole(void **state)
{
	char subject[] = "CN=mail", der[] = "der", name[] = "mx.example";
	struct span names[] = { span_text(name), span_text(name) };
	const struct smtp_certificate certificate = {
		.der = span_text(der),
		.subject = subject,
		.issuer = "",
		.key_text = "RSA",
		.key_bits = 2048,
		.signature_text = "sha256WithRSAEncryption",
		.name_count = ARRAY_LENGTH(names),
		.names = names,
	};
	(void)state;
	struct smtp_certificate *copy = smtp_certificate_copy(&certificate);
	subject[0] = der[0] = name[0] = 'X';
	names[1].length = 0;
	assert_true(span_equal(copy->der, span_text("der")));
	assert_int_equal(copy->spki.length, 0);
	assert_string_equal(copy->subject, "CN=mail");
	assert_string_equal(copy->issuer, "");
	assert_string_equal(copy->key_text, "RSA");
	assert_string_equal(copy->signature_text, "sha256WithRSAEncryption");
	assert_int_equal(copy->key_bits, 2048);
	assert_int_equal(copy->name_count, 2);
	for (size_t i = 0; i < copy->name_count; i++)
		assert_true(span_equal(copy->names[i], span_text("mx.example")));
	free(copy);
}

/* What a server says when it is busy is not kept as long as what it is. */
static void
passing_ends_are_kept_shortly(void **state)
{
	static const struct {
		enum smtp_end end;
		enum truth starttls, done;
		int64_t want_seconds;
	} cases[] = {
		{ SMTP_END_DONE, TRUTH_YES, TRUTH_YES, 3600 },
		{ SMTP_END_DONE, TRUTH_YES, TRUTH_NO, 3600 },
		{ SMTP_END_DONE, TRUTH_YES, TRUTH_UNKNOWN, LIMIT_SMTP_RETRY_SECONDS },
		{ SMTP_END_NO_STARTTLS, TRUTH_NO, TRUTH_UNKNOWN, 3600 },
		{ SMTP_END_NO_STARTTLS, TRUTH_YES, TRUTH_YES,
		    LIMIT_SMTP_RETRY_SECONDS },
		{ SMTP_END_REFUSED, TRUTH_UNKNOWN, TRUTH_UNKNOWN, 3600 },
		{ SMTP_END_RATE_LIMITED, TRUTH_UNKNOWN, TRUTH_UNKNOWN,
		    LIMIT_SMTP_RETRY_SECONDS },
		{ SMTP_END_TEMPORARY, TRUTH_UNKNOWN, TRUTH_UNKNOWN,
		    LIMIT_SMTP_RETRY_SECONDS },
		{ SMTP_END_TIMEOUT, TRUTH_UNKNOWN, TRUTH_UNKNOWN,
		    LIMIT_SMTP_RETRY_SECONDS },
		{ SMTP_END_REFUSED_CONNECTION, TRUTH_UNKNOWN, TRUTH_UNKNOWN,
		    LIMIT_SMTP_RETRY_SECONDS },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct smtp_scan *scan = smtp_scan_new();
		scan->end = cases[i].end;
		scan->handshake.done = cases[i].done;
		scan->starttls = cases[i].starttls;
		struct fact fact = smtp_fact(scan, 3600, 1000);
		assert_int_equal(fact.outcome, OUTCOME_FOUND);
		assert_int_equal(fact.expires_ms, 1000 + cases[i].want_seconds * 1000);
		assert_ptr_equal(fact.data, scan);
		fact.release(fact.data);
	}
}

static void
scans_are_asked_of_the_view(void **state)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	struct store *store = store_new();
	struct arena *arena = arena_new();
	struct smtp_key key;
	struct view view;
	(void)state;
	view_init(&view, store, arena, 0, OUTCOME_WANTED);
	struct smtp_result result = smtp_get(&view, &endpoint);
	assert_int_equal(result.outcome, OUTCOME_WANTED);
	assert_null(result.scan);
	assert_int_equal(view.want_count, 1);

	smtp_key_make(&key, &endpoint);
	struct smtp_scan *scan = smtp_scan_new();
	store_put(store, span_of(key.bytes, key.length), smtp_fact(scan, 60, 0));
	result = smtp_get(&view, &endpoint);
	assert_int_equal(result.outcome, OUTCOME_FOUND);
	assert_ptr_equal(result.scan, scan);
	store_free(store);
	arena_free(arena);
}

static void
every_symbol_has_a_text(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SMTP_STAGES; i++)
		assert_non_null(smtp_stage_text(i));
	for (unsigned i = 0; i < SMTP_ENDS; i++)
		assert_non_null(smtp_end_text(i));
	for (unsigned i = 0; i < SMTP_WEAKS; i++)
		assert_non_null(smtp_weak_text(i));
	assert_string_equal(smtp_protocol_text(SMTP_SSLV2), "SSLv2");
	assert_string_equal(smtp_protocol_text(SMTP_TLSV13), "TLSv1.3");
	assert_string_equal(smtp_weak_text(SMTP_WEAK_3DES), "3des");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_read_back),
		cmocka_unit_test(keys_tell_scans_apart),
		cmocka_unit_test(names_match),
		cmocka_unit_test(certificates_are_copied_whole),
		cmocka_unit_test(passing_ends_are_kept_shortly),
		cmocka_unit_test(scans_are_asked_of_the_view),
		cmocka_unit_test(every_symbol_has_a_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
