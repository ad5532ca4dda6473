/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of exporter/state_scan: a scan comes back with all that it holds, for no longer
 * than it was good, and what could be none is refused. */
#include "state_scan.h"

#include "core/limits.h"
#include "smtp/scan.h"
#include "smtp/suite.h"
#include "support/mail.h"
#include "support/scan_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The clock of the day is ahead of that of the process; a later process's has another
 * zero. */
enum { NOW_MS = 5000, LATER_MS = 900, KEEP_SECONDS = 3600, KEEP_MS = 3600 * 1000 };
static const int64_t epoch_ms = INT64_C(1767225600000);

enum { TEXT_BYTES = 64 * 1024, ITEM_BYTES = 1024 * 1024 };

/* --- scans ---------------------------------------------------------------- */

static struct smtp_endpoint
endpoint_of(const char *name)
{
	struct smtp_endpoint endpoint = {
		.address_length = 4,
		.address = { 192, 0, 2, 1 },
		.port = 25,
		.injection = true,
	};
	assert_int_equal(
	    dns_name_from_text(&endpoint.name, span_text(name)), STATUS_OK);
	return endpoint;
}

/* By words of support/mail.h. */
static struct smtp_scan *
scan_of(const char *words)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct smtp_scan *scan = smtp_scan_new();
	if (mail_scan_from_words(scan, &endpoint, span_text(words), &why) != STATUS_OK)
		fail_msg("%s", why.text);
	scan->connections = 1; /* the words say nothing of each */
	tls_name_choice(&scan->tls);
	return scan;
}

static void
set_text(char *text, size_t size, const char *value)
{
	snprintf(text, size, "%s", value);
}

#define SET_TEXT(array, value) set_text(array, sizeof(array), value)

static void
add_visits(struct smtp_scan *scan)
{
	scan->connections = LIMIT_SMTP_CONNECTIONS;
	for (unsigned i = 0; i < LIMIT_SMTP_CONNECTIONS; i++)
		scan->visits[i] = (struct smtp_visit){
			.seconds = 0.001 * i,
			.stage = i % SMTP_STAGES,
			.asked = i % 2 ? TLS_1_2 : 0,
			.chosen = i % 3 ? 0x0399 : 0,
			.alerted = i % 2,
			.alert = (uint8_t)i,
		};
}

/* Nothing in it is what it is by default. */
static struct smtp_scan *
rich_scan(void)
{
	struct smtp_scan *scan = scan_of("weak=rc4,3des versions=SSLv2,TLSv1.2 "
					 "injection untrusted=\"path too long\" "
					 "cert=a.example,*.b.example also key=RSA-1024 "
					 "signature=SHA1 untrusted=self-signed");
	scan->end = SMTP_END_RATE_LIMITED;
	scan->stage = SMTP_STAGE_EHLO_TLS;
	scan->reply.code = 421;
	SET_TEXT(scan->reply.text, "too many \001\377 connections");
	SET_TEXT(scan->error, "an error");
	scan->greeting.code = 220;
	memset(scan->greeting.text, 'g', LIMIT_SMTP_REPLY_TEXT);
	scan->borrowed = true;
	scan->tls.sslv2_suites = 7;
	scan->tls.version = TLS_1_2;
	scan->tls.suite = 0x009f;
	scan->tls.dh_bits = 1024;
	scan->tls.group = 23;
	tls_name_choice(&scan->tls);
	scan->tls.alerted = true;
	scan->tls.alert = 70;
	scan->handshake.suite = 0x1302;
	SET_TEXT(scan->handshake.suite_text, "TLS_AES_256_GCM_SHA384");
	SET_TEXT(scan->handshake.group_text, "x25519");
	SET_TEXT(scan->handshake.error, "no handshake");
	scan->chains[0].list[0]->not_before = INT64_C(-62167219200);
	scan->chains[0].list[0]->not_after = INT64_C(253402300799);
	scan->seconds = 12.3456789;
	add_visits(scan);
	return scan;
}

/* --- there and back ------------------------------------------------------- */

static struct fact
fact_of(struct smtp_scan *scan)
{
	return smtp_fact(scan, KEEP_SECONDS, NOW_MS);
}

static struct buf
packed(const struct smtp_endpoint *endpoint, const struct fact *fact)
{
	struct buf out;
	struct smtp_key key;
	smtp_key_make(&key, endpoint);
	buf_init(&out, ITEM_BYTES);
	assert_true(state_scan_pack(
	    &out, span_of(key.bytes, key.length), fact, epoch_ms - NOW_MS));
	assert_false(out.cut);
	return out;
}

/* The fact by its key, NULL where it was not taken. */
static const struct fact *
taken(struct store *store, struct span bytes, unsigned keep_seconds, int64_t away_ms,
    bool *is_bad)
{
	const struct state_scan_world world = {
		.store = store,
		.keep_seconds = keep_seconds,
		.epoch_ms = epoch_ms + away_ms - LATER_MS,
		.now_ms = LATER_MS,
	};
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	struct smtp_key key;
	struct unpack in = { .rest = bytes };
	bool is_taken = state_scan_unpack(&in, &world);
	*is_bad = in.is_bad || in.rest.length > 0;
	smtp_key_make(&key, &endpoint);
	const struct fact *fact = store_find(
	    store, span_of(key.bytes, key.length), LATER_MS);
	assert_int_equal(fact != NULL, is_taken);
	return fact;
}

static void
assert_same_certificate(
    const struct smtp_certificate *a, const struct smtp_certificate *b)
{
	assert_true(span_equal(a->der, b->der));
	assert_true(span_equal(a->spki, b->spki));
	assert_memory_equal(a->der_sha256, b->der_sha256, SMTP_SHA256_BYTES);
	assert_memory_equal(a->der_sha512, b->der_sha512, SMTP_SHA512_BYTES);
	assert_memory_equal(a->spki_sha256, b->spki_sha256, SMTP_SHA256_BYTES);
	assert_memory_equal(a->spki_sha512, b->spki_sha512, SMTP_SHA512_BYTES);
	assert_true(a->not_before == b->not_before);
	assert_true(a->not_after == b->not_after);
	assert_int_equal(a->key_type, b->key_type);
	assert_int_equal(a->signature_digest, b->signature_digest);
	assert_int_equal(a->self_issued, b->self_issued);
}

static void
assert_same_chain(const struct smtp_chain *a, const struct smtp_chain *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_same_certificate(a->list[i], b->list[i]);
	assert_int_equal(a->trust_problem, b->trust_problem);
}

/* What the lines of it don't tell. */
static void
assert_same(const struct smtp_scan *a, const struct smtp_scan *b)
{
	assert_int_equal(a->borrowed, b->borrowed);
	assert_int_equal(a->tls.sslv2_suites, b->tls.sslv2_suites);
	assert_int_equal(a->tls.version, b->tls.version);
	assert_int_equal(a->tls.suite, b->tls.suite);
	assert_int_equal(a->tls.group, b->tls.group);
	assert_ptr_equal(a->tls.suite_text, b->tls.suite_text);
	assert_ptr_equal(a->tls.group_text, b->tls.group_text);
	assert_int_equal(a->handshake.suite, b->handshake.suite);
	assert_true(a->seconds == b->seconds);
	assert_memory_equal(
	    a->visits, b->visits, a->connections * sizeof(a->visits[0]));
	for (size_t i = 0; i < SMTP_CHAINS; i++)
		assert_same_chain(&a->chains[i], &b->chains[i]);
}

static void
add_lines(struct buf *out, const struct smtp_scan *scan)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	const char *group = scan->tls.post_quantum_group;
	buf_init(out, TEXT_BYTES);
	smtp_scan_describe(out, &endpoint, scan);
	scan_text_add(out, scan);
	buf_addf(out, "post-quantum group %s\n", group != NULL ? group : "-");
}

static void
scans_come_back(void **state)
{
	struct smtp_scan *scans[] = {
		smtp_scan_new(),
		scan_of(""),
		scan_of("refuses-connection"),
		scan_of("no-starttls"),
		scan_of("timeout=greeting"),
		scan_of("handshake-fails=\"no shared cipher\""),
		rich_scan(),
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(scans); i++) {
		struct smtp_endpoint endpoint = endpoint_of("mx.example");
		struct store *store = store_new();
		struct buf want, got;
		bool is_bad;
		struct fact fact = fact_of(scans[i]);
		struct buf bytes = packed(&endpoint, &fact);
		const struct fact *back = taken(
		    store, buf_span(&bytes), KEEP_SECONDS, 0, &is_bad);
		assert_false(is_bad);
		assert_non_null(back);
		assert_int_equal(back->outcome, OUTCOME_FOUND);
		assert_int_equal(back->expires_ms - LATER_MS, fact.expires_ms - NOW_MS);
		add_lines(&want, scans[i]);
		add_lines(&got, back->data);
		assert_string_equal(got.text, want.text);
		assert_same(scans[i], back->data);
		buf_free(&want);
		buf_free(&got);
		buf_free(&bytes);
		store_free(store);
		fact.release(fact.data);
	}
}

static void
only_scans_are_packed(void **state)
{
	static const struct span keys[] = { SPAN("d\0\1\0"), SPAN("s"), SPAN("s\4") };
	struct fact fact = fact_of(smtp_scan_new());
	struct buf out;
	(void)state;
	buf_init(&out, ITEM_BYTES);
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		assert_false(state_scan_pack(&out, keys[i], &fact, epoch_ms));
	assert_int_equal(out.length, 0);
	fact.release(fact.data);
}

/* --- how long ------------------------------------------------------------- */

static void
scans_get_no_younger(void **state)
{
	enum { HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000, RETRY_MS = 300 * 1000 };
	static const struct {
		const char *name, *words;
		unsigned keep_seconds;
		int64_t away_ms, want_ms; /* -1: gone */
	} cases[] = {
		{ "at once", "", KEEP_SECONDS, 0, HOUR_MS },
		{ "a minute later", "", KEEP_SECONDS, MINUTE_MS, HOUR_MS - MINUTE_MS },
		{ "when it ends", "", KEEP_SECONDS, HOUR_MS, 0 },
		{ "too late", "", KEEP_SECONDS, HOUR_MS + 1, -1 },
		{ "clock set back", "", KEEP_SECONDS, -5 * HOUR_MS, HOUR_MS },
		{ "shorter interval", "", 60, 0, MINUTE_MS },
		{ "longer interval", "", 2 * KEEP_SECONDS, 0, HOUR_MS },
		{ "passing", "timeout=greeting", KEEP_SECONDS, 0, RETRY_MS },
		{ "passing, clock set back", "timeout=greeting", KEEP_SECONDS, -HOUR_MS,
		    RETRY_MS },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct smtp_endpoint endpoint = endpoint_of("mx.example");
		struct store *store = store_new();
		bool is_bad;
		struct fact fact = fact_of(scan_of(cases[i].words));
		struct buf bytes = packed(&endpoint, &fact);
		const struct fact *back = taken(store, buf_span(&bytes),
		    cases[i].keep_seconds, cases[i].away_ms, &is_bad);
		int64_t got_ms = back != NULL ? back->expires_ms - LATER_MS : -1;
		if (is_bad || got_ms != cases[i].want_ms)
			fail_msg("%s: got %lld", cases[i].name, (long long)got_ms);
		buf_free(&bytes);
		store_free(store);
		fact.release(fact.data);
	}
}

static void
without_a_store_it_is_only_looked_at(void **state)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	const struct state_scan_world world = { .keep_seconds = KEEP_SECONDS,
		.epoch_ms = epoch_ms };
	struct fact fact = fact_of(rich_scan());
	struct buf bytes = packed(&endpoint, &fact);
	struct unpack in = { .rest = buf_span(&bytes) };
	(void)state;
	assert_false(state_scan_unpack(&in, &world));
	assert_false(in.is_bad);
	assert_int_equal(in.rest.length, 0);
	in.rest = span_slice(buf_span(&bytes), 0, bytes.length - 1);
	assert_false(state_scan_unpack(&in, &world));
	assert_true(in.is_bad);
	buf_free(&bytes);
	fact.release(fact.data);
}

static void
the_first_of_a_key_stays(void **state)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	const struct state_scan_world world = { .store = store_new(),
		.keep_seconds = KEEP_SECONDS };
	struct fact fact = fact_of(rich_scan());
	struct buf bytes = packed(&endpoint, &fact);
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct unpack in = { .rest = buf_span(&bytes) };
		assert_int_equal(state_scan_unpack(&in, &world), i == 0);
		assert_false(in.is_bad);
		assert_int_equal(in.rest.length, 0);
	}
	assert_int_equal(store_count(world.store), 1);
	store_free(world.store);
	buf_free(&bytes);
	fact.release(fact.data);
}

/* --- what is no scan ------------------------------------------------------ */

static void
absurd_truth(struct smtp_scan *scan)
{
	scan->tls.heartbleed = TRUTH_YES + 1;
}

static void
absurd_end(struct smtp_scan *scan)
{
	scan->end = SMTP_ENDS;
}

static void
absurd_stage(struct smtp_scan *scan)
{
	scan->stage = SMTP_STAGES;
}

static void
absurd_code(struct smtp_scan *scan)
{
	scan->greeting.code = 1000;
}

static void
absurd_suites(struct smtp_scan *scan)
{
	scan->tls.sslv2_suites = UINT16_MAX + 1;
}

static void
absurd_dh_bits(struct smtp_scan *scan)
{
	scan->tls.dh_bits = UINT32_MAX;
}

static void
absurd_trust(struct smtp_scan *scan)
{
	scan->chains[0].trust_problem = SMTP_TRUST_OTHER + 1;
}

static void
absurd_key_type(struct smtp_scan *scan)
{
	scan->chains[1].list[0]->key_type = SMTP_KEY_ED448 + 1;
}

static void
absurd_key_bits(struct smtp_scan *scan)
{
	scan->chains[0].list[0]->key_bits = UINT32_MAX;
}

static void
absurd_digest(struct smtp_scan *scan)
{
	scan->chains[0].list[0]->signature_digest = SMTP_DIGEST_SHA1 + 1;
}

static void
long_subject(struct smtp_scan *scan)
{
	static char text[LIMIT_SMTP_CERTIFICATE_TEXT + 2];
	memset(text, 'x', sizeof(text) - 1);
	scan->chains[0].list[0]->subject = text;
}

static struct span only_name;

static void
name_with_a_nul(struct smtp_scan *scan)
{
	only_name = span_of("a\0b", 3);
	scan->chains[0].list[0]->names = &only_name;
	scan->chains[0].list[0]->name_count = 1;
}

static void
empty_name(struct smtp_scan *scan)
{
	name_with_a_nul(scan);
	only_name.length = 0;
}

static void
many_names(struct smtp_scan *scan)
{
	static struct span names[LIMIT_SMTP_CERTIFICATE_NAMES + 1];
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		names[i] = span_text("a");
	scan->chains[0].list[0]->names = names;
	scan->chains[0].list[0]->name_count = ARRAY_LENGTH(names);
}

static void
unknown_hello(struct smtp_scan *scan)
{
	scan->visits[1].asked = 0x0305;
}

static void
absurd_visit(struct smtp_scan *scan)
{
	scan->visits[2].stage = SMTP_STAGES;
}

static void
negative_seconds(struct smtp_scan *scan)
{
	scan->seconds = -0.5;
}

static void
no_seconds(struct smtp_scan *scan)
{
	scan->visits[0].seconds = (double)NAN;
}

static void
absurd_scans_are_refused(void **state)
{
	static void (*const spoil[])(struct smtp_scan *) = { absurd_truth, absurd_end,
		absurd_stage, absurd_code, absurd_suites, absurd_dh_bits, absurd_trust,
		absurd_key_type, absurd_key_bits, absurd_digest, long_subject,
		name_with_a_nul, empty_name, many_names, unknown_hello, absurd_visit,
		negative_seconds, no_seconds };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(spoil); i++) {
		struct smtp_endpoint endpoint = endpoint_of("mx.example");
		struct store *store = store_new();
		bool is_bad;
		struct fact fact = fact_of(rich_scan());
		spoil[i](fact.data);
		struct buf bytes = packed(&endpoint, &fact);
		assert_null(taken(store, buf_span(&bytes), KEEP_SECONDS, 0, &is_bad));
		if (!is_bad)
			fail_msg("case %zu is taken", i);
		buf_free(&bytes);
		store_free(store);
		fact.release(fact.data);
	}
}

/* The end of time is no number for who prints seconds. */
static void
seconds_have_an_end(void **state)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	struct store *store = store_new();
	bool is_bad;
	(void)state;
	struct smtp_scan *scan = scan_of("");
	scan->seconds = 1e300;
	struct fact fact = fact_of(scan);
	struct buf bytes = packed(&endpoint, &fact);
	const struct fact *back = taken(
	    store, buf_span(&bytes), KEEP_SECONDS, 0, &is_bad);
	assert_false(is_bad);
	scan = back->data;
	assert_true(scan->seconds == 86400);
	buf_free(&bytes);
	store_free(store);
	fact.release(fact.data);
}

/* Whatever is taken can be told and written again. */
static void
assert_sound(const struct fact *fact)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	struct buf lines;
	add_lines(&lines, fact->data);
	struct buf again = packed(&endpoint, fact);
	buf_free(&lines);
	buf_free(&again);
}

static void
damage_does_no_harm(void **state)
{
	struct smtp_endpoint endpoint = endpoint_of("mx.example");
	bool is_bad;
	struct fact fact = fact_of(rich_scan());
	struct buf bytes = packed(&endpoint, &fact);
	(void)state;
	struct store *store = store_new();
	for (size_t length = 0; length < bytes.length; length++) {
		assert_null(taken(store, span_slice(buf_span(&bytes), 0, length),
		    KEEP_SECONDS, 0, &is_bad));
		assert_true(is_bad);
	}
	store_free(store);
	for (size_t bit = 0; bit < 8 * bytes.length; bit++) {
		const struct state_scan_world world = { .store = store_new(),
			.keep_seconds = KEEP_SECONDS };
		bytes.text[bit / 8] ^= (char)(1 << bit % 8);
		struct unpack in = { .rest = buf_span(&bytes) };
		struct span key;
		const struct fact *back;
		if (state_scan_unpack(&in, &world)) {
			store_walk_begin(world.store);
			assert_true(store_walk_next(world.store, &key, &back));
			assert_sound(back);
		}
		bytes.text[bit / 8] ^= (char)(1 << bit % 8);
		store_free(world.store);
	}
	buf_free(&bytes);
	fact.release(fact.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scans_come_back),
		cmocka_unit_test(only_scans_are_packed),
		cmocka_unit_test(scans_get_no_younger),
		cmocka_unit_test(without_a_store_it_is_only_looked_at),
		cmocka_unit_test(the_first_of_a_key_stays),
		cmocka_unit_test(absurd_scans_are_refused),
		cmocka_unit_test(seconds_have_an_end),
		cmocka_unit_test(damage_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
