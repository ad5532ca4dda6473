/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dkim/record: which texts are key records, what is read in them, and every
 * fault with its place. */
#include "dkim/record.h"

#include "core/buf.h"
#include "core/limits.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

/* --- which ones are ------------------------------------------------------- */

static void
key_records_are_told_from_others(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "v=DKIM1; k=rsa; p=QUJD", true },
		{ "p=QUJD", true },
		{ "p=", true },
		{ "k=rsa", true },
		{ "v=DKIM1", true },
		{ "k=rsa; t=y; v=DKIM1", true },
		/* With a slip it is still one: the slip is what there is to say. */
		{ "v=dkim1; p=QUJD", true },
		{ "V=DKIM1; n=none", true },
		{ "v=DKIM2; x=1", true },
		{ "v=1; p=QUJD", true },
		{ "\"v=DKIM1; k=rsa; p=QUJD\"", true },
		{ " v=DKIM1; n=x", true },
		{ "v=DKIM1\\; p=QUJD", true },
		{ "v=DKIM1 k=rsa p=QUJD", true },
		{ "P=QUJD", true },
		/* Others. */
		{ "", false },
		{ "v=spf1 -all", false },
		{ "v=DMARC1; p=none", false },
		{ "\"v=DMARC1; p=none\"", false },
		{ "v=STSv1; id=1; p=1", false },
		{ "google-site-verification=abc", false },
		{ "QUJD", false },
		{ "o=~; t=y", false },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (dkim_record_is_selected(*state, span_text(cases[i].text)) !=
		    cases[i].want)
			fail_msg("'%s': want %d", cases[i].text, cases[i].want);
}

static void
key_records_are_counted_among_all(void **state)
{
	static const struct dns_record records[] = {
		{ .data = SPAN("\5hello") },
		{ .data = SPAN("\2k=\6rsa; p\5=QUJD") },
		{ .data = SPAN("\2p=") },
		{ .data = SPAN("") },
	};
	const struct dns_answer txt = { .record_count = ARRAY_LENGTH(records),
		.records = records };
	struct dkim_selection got = dkim_record_select(*state, &txt);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.unrelated_count, 2);
	assert_true(span_equal(got.text, span_text("k=rsa; p=QUJD")));
	assert_true(span_equal(got.unrelated, span_text("hello")));
}

/* --- what they say -------------------------------------------------------- */

/* "rsa 3 y s sha1": type, bytes of the key, flags. */
static const char *
said(struct arena *arena, const struct dkim_record *record)
{
	static const char *const types[] = { "rsa", "ed25519", "other" };
	return arena_printf(arena, "%s %zu%s%s%s", types[record->key_type],
	    record->key.length, record->is_testing ? " y" : "",
	    record->is_strict ? " s" : "", record->allows_sha1 ? " sha1" : "");
}

static void
tags_are_read(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "p=QUJD", "rsa 3" },
		{ "v=DKIM1; k=ed25519; p=QUJD", "ed25519 3" },
		{ " v = DKIM1 ; k = rsa ; p = Q U\tJ\r\n D ; ", "rsa 3" },
		{ "v=DKIM1; p=QUJD; t=y", "rsa 3 y" },
		{ "v=DKIM1; p=QUJD; t=s", "rsa 3 s" },
		{ "v=DKIM1; p=QUJD; t= s : x : y ", "rsa 3 y s" },
		{ "v=DKIM1; p=QUJD; t=Y:yes", "rsa 3" },
		{ "v=DKIM1; p=QUJD; t=", "rsa 3" },
		{ "v=DKIM1; p=QUJD; h=sha256", "rsa 3" },
		{ "v=DKIM1; p=QUJD; h=sha1 : sha256", "rsa 3 sha1" },
		{ "v=DKIM1; p=QUJD; h=sha256:sha512", "rsa 3" },
		{ "v=DKIM1; p=QUJD; s=*", "rsa 3" },
		{ "v=DKIM1; p=QUJD; s=tlsrpt:email", "rsa 3" },
		{ "v=DKIM1; p=QUJD; n=a note = \\ here; g=joe*; x_1=2", "rsa 3" },
		{ "v=DKIM1; V=DKIM2; P=; p=QUJD", "rsa 3" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dkim_record *record = dkim_record_parse(
		    *state, span_text(cases[i].text));
		const char *got = said(*state, record);
		if (strcmp(got, cases[i].want) != 0 || record->fault_count > 0)
			fail_msg("'%s': got '%s' and %zu faults, want '%s'",
			    cases[i].text, got, record->fault_count, cases[i].want);
	}
}

/* --- faults --------------------------------------------------------------- */

/* "version 1 v=DKIM2, no key": kinds, places and terms. */
static const char *
blamed(struct arena *arena, const struct dkim_record *record)
{
	static const char *const kinds[] = {
		[DKIM_BAD_SYNTAX] = "syntax",
		[DKIM_ESCAPED_SEMICOLON] = "escaped",
		[DKIM_REPEATED_TAG] = "repeated",
		[DKIM_BAD_VERSION] = "version",
		[DKIM_BAD_KEY_TYPE] = "type",
		[DKIM_NO_KEY] = "no key",
		[DKIM_REVOKED] = "revoked",
		[DKIM_BAD_BASE64] = "base64",
		[DKIM_NO_HASH] = "hash",
		[DKIM_NO_MAIL] = "mail",
	};
	struct buf out;
	buf_init(&out, LIMIT_MESSAGE);
	for (size_t i = 0; i < record->fault_count; i++) {
		const struct dkim_fault *fault = &record->faults[i];
		assert_true(strlen(fault->reason) > 0);
		buf_addf(&out, "%s%s", i > 0 ? ", " : "", kinds[fault->kind]);
		if (fault->position > 0)
			buf_addf(&out, " %zu ", fault->position);
		buf_add_safe(&out, fault->term);
	}
	const char *text = arena_text(arena, buf_span(&out));
	buf_free(&out);
	return text;
}

struct fault_case {
	struct span text;
	const char *want;
};

static void
check_faults(struct arena *arena, const struct fault_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = blamed(
		    arena, dkim_record_parse(arena, cases[i].text));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("'%s':\ngot  '%s'\nwant '%s'",
			    (const char *)cases[i].text.bytes, got, cases[i].want);
	}
}

static void
faults_of_form_are_found(void **state)
{
	static const struct fault_case cases[] = {
		{ SPAN("v=DKIM1;; p=QUJD"), "syntax 9 " },
		{ SPAN("v=DKIM1; rsa; p=QUJD"), "syntax 10 rsa" },
		{ SPAN("v=DKIM1; =x; p=QUJD"), "syntax 10 =x" },
		{ SPAN("v=DKIM1; x-y=z; p=QUJD"), "syntax 10 x-y=z" },
		{ SPAN("v=DKIM1; 1x=z; p=QUJD"), "syntax 10 1x=z" },
		{ SPAN("v=DKIM1; n=\x80; p=QUJD"), "syntax 10 n=\\128" },
		{ SPAN("v=DKIM1; n=a\0b; p=QUJD"), "syntax 10 n=a\\000b" },
		/* One fault of one tag: what is in p can't be told. */
		{ SPAN("v=DKIM1; p=QU\x01JD"), "syntax 10 p=QU\\001JD" },
		{ SPAN("\"v=DKIM1; k=rsa; p=QUJD"), "syntax 1 \"v=DKIM1" },
		{ SPAN("v=DKIM1\\; k=rsa\\; p=QUJD\\;"), "escaped 1 v=DKIM1" },
		{ SPAN("v=DKIM1; p=QUJD; n=a\\"), "" },
		{ SPAN("v=DKIM1; p=QUJD; p=QUJD"), "repeated 18 p=QUJD" },
		{ SPAN("v=DKIM1; p=QUJD; x=1; x=2; x=3"),
		    "repeated 23 x=2, repeated 28 x=3" },
		{ SPAN("v=DKIM1; v=DKIM1; p=QUJD"), "repeated 10 v=DKIM1" },
	};
	check_faults(*state, cases, ARRAY_LENGTH(cases));
}

static void
faults_of_values_are_found(void **state)
{
	static const struct fault_case cases[] = {
		{ SPAN("v=DKIM2; p=QUJD"), "version 1 v=DKIM2" },
		{ SPAN("v=dkim1; p=QUJD"), "version 1 v=dkim1" },
		{ SPAN("v=; p=QUJD"), "version 1 v=" },
		{ SPAN("k=rsa; v=DKIM1; p=QUJD"), "version 8 v=DKIM1" },
		{ SPAN("v=DKIM1 p=QUJD"), "version 1 v=DKIM1 p=QUJD, no key" },
		{ SPAN("k=dsa; p=QUJD"), "type 1 k=dsa" },
		{ SPAN("k=RSA; p=QUJD"), "type 1 k=RSA" },
		{ SPAN("k=; p=QUJD"), "type 1 k=" },
		{ SPAN("v=DKIM1; k=rsa"), "no key" },
		{ SPAN("v=DKIM1; P=QUJD"), "no key" },
		{ SPAN(""), "no key" },
		{ SPAN("v=DKIM1; p="), "revoked 10 p=" },
		{ SPAN("v=DKIM1; p= ;"), "revoked 10 p=" },
		{ SPAN("v=DKIM1; p=QU*D"), "base64 14 p=QU*D" },
		{ SPAN("v=DKIM1; p = QUI"), "base64 16 p = QUI" },
		{ SPAN("v=DKIM1; p=QUJD; h=sha1"), "hash 18 h=sha1" },
		{ SPAN("v=DKIM1; p=QUJD; h=SHA256"), "hash 18 h=SHA256" },
		{ SPAN("v=DKIM1; p=QUJD; h="), "hash 18 h=" },
		{ SPAN("v=DKIM1; p=QUJD; s=tlsrpt"), "mail 18 s=tlsrpt" },
		{ SPAN("v=DKIM1; p=QUJD; s="), "mail 18 s=" },
		{ SPAN("k=x; s=y; h=z; t=y; ?; p=="),
		    "type 1 k=x, mail 6 s=y, hash 11 h=z, syntax 21 ?, base64 26 p==" },
	};
	check_faults(*state, cases, ARRAY_LENGTH(cases));
}

static void
long_records_are_read_to_their_caps(void **state)
{
	struct buf text;
	buf_init(&text, 65536);
	for (size_t i = 0; i < LIMIT_TAGS + 1; i++)
		buf_addf(&text, "a\\;");
	struct dkim_record *record = dkim_record_parse(*state, buf_span(&text));
	assert_int_equal(record->fault_count, LIMIT_TAGS + 2);
	assert_int_equal(record->faults[0].kind, DKIM_ESCAPED_SEMICOLON);
	assert_int_equal(record->faults[LIMIT_TAGS + 1].kind, DKIM_BAD_SYNTAX);

	buf_clear(&text);
	buf_add_text(&text, "p=");
	while (text.length < 60000)
		buf_add_text(&text, "QUJDQUJD ");
	record = dkim_record_parse(*state, buf_span(&text));
	assert_int_equal(record->fault_count, 0);
	assert_true(record->key.length > 39000);
	buf_free(&text);
}

/* --- names ---------------------------------------------------------------- */

static void
selectors_have_their_place(void **state)
{
	struct dns_name domain = facts_name("example.com"), name, selector;
	selector = facts_name("s1");
	assert_int_equal(dkim_record_name(&name, &selector, &domain), STATUS_OK);
	assert_string_equal(dns_name_text(*state, &name), "s1._domainkey.example.com");
	selector = facts_name("mail.2026.b");
	assert_int_equal(dkim_record_name(&name, &selector, &domain), STATUS_OK);
	assert_string_equal(
	    dns_name_text(*state, &name), "mail.2026.b._domainkey.example.com");
	assert_int_equal(dkim_record_parent(&name, &domain), STATUS_OK);
	assert_string_equal(dns_name_text(*state, &name), "_domainkey.example.com");

	/* 4 * 61 bytes, and 24 of the domain's. */
	char label[60];
	memset(label, 'a', sizeof(label));
	dns_name_root(&selector);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    dns_name_append(&selector, span_of(label, sizeof(label))),
		    STATUS_OK);
	assert_int_equal(
	    dkim_record_name(&name, &selector, &domain), STATUS_NAME_TOO_LONG);
	assert_string_equal(dns_name_text(*state, &name), "_domainkey.example.com");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    key_records_are_told_from_others, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    key_records_are_counted_among_all, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(tags_are_read, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    faults_of_form_are_found, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    faults_of_values_are_found, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    long_records_are_read_to_their_caps, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    selectors_have_their_place, new_arena, free_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
