/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/hello, by a strict reader that knows nothing of it. What real servers
 * say to these hellos is in tests/system/hello. */
#include "smtp/hello.h"

#include "core/attributes.h"
#include "support/client_hello.h"
#include "support/flight_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FALLBACK_SCSV = 0x5600, RENEGOTIATION_SCSV = 0x00ff };

static const struct hello_random some_random = { "random", "session", "share" };

static struct hello
hello_of(enum tls_version version)
{
	struct hello hello;
	hello_init(&hello, version, span_text("mx.example"), &some_random);
	return hello;
}

/* The result points into `memory`. */
static struct client_hello
written(const struct hello *hello, char memory[static HELLO_BYTES])
{
	struct client_hello seen;
	struct buf out;
	buf_wrap(&out, memory, HELLO_BYTES);
	hello_write(&out, hello);
	assert_false(out.cut);
	assert_true(client_hello_read(buf_span(&out), &seen));
	return seen;
}

/* An extension is exactly this (support/flight_text.h), or absent for NULL. */
static void
check_extension(const struct client_hello *seen, uint16_t number, const char *want)
{
	struct span data;
	bool is_there = client_hello_extension(seen, number, &data);
	if (is_there != (want != NULL))
		fail_msg("extension %u is %s", number, is_there ? "there" : "missing");
	if (want == NULL)
		return;
	struct buf bytes;
	buf_init(&bytes, 1024);
	wire_text(&bytes, want);
	if (!span_equal(data, buf_span(&bytes)))
		fail_msg("extension %u is not %s", number, want);
	buf_free(&bytes);
}

static void
versions_are_where_servers_look(void **state)
{
	static const struct {
		enum tls_version version;
		uint16_t record, body;
	} table[] = {
		{ TLS_SSL3, 0x0300, 0x0300 },
		{ TLS_1_0, 0x0301, 0x0301 },
		{ TLS_1_1, 0x0301, 0x0302 },
		{ TLS_1_2, 0x0301, 0x0303 },
		{ TLS_1_3, 0x0301, 0x0303 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		char memory[HELLO_BYTES];
		struct hello hello = hello_of(table[i].version);
		struct client_hello seen = written(&hello, memory);
		bool is_1_3 = table[i].version == TLS_1_3;
		assert_int_equal(seen.record_version, table[i].record);
		assert_int_equal(seen.version, table[i].body);
		assert_memory_equal(seen.random.bytes, some_random.random, 32);
		assert_int_equal(seen.session_id.length, is_1_3 ? 32 : 0);
		assert_int_equal(seen.compressions.length, is_1_3 ? 1 : 2);
		check_extension(&seen, 43, is_1_3 ? "{1 0304}" : NULL);
	}
}

/* Each extension of a wide hello, by version. */
static void
extensions_belong_to_their_versions(void **state)
{
	static const char name[] = "{2 00 {2 'mx.example'} }";
	static const char groups[] =
	    "{2 001d 0017 0018 0019 001e 001a 001b 001c 0016 0015 0013}";
	char memory[HELLO_BYTES];
	(void)state;
	for (enum tls_version version = TLS_1_0; version <= TLS_1_2; version++) {
		struct hello hello = hello_of(version);
		struct client_hello seen = written(&hello, memory);
		struct span data;
		check_extension(&seen, 0, name);
		check_extension(&seen, 10, groups);
		check_extension(&seen, 11, "{1 00}");
		check_extension(&seen, 15, "01");
		check_extension(&seen, 23, "");
		check_extension(&seen, 0xff01, "{1}");
		check_extension(&seen, 51, NULL);
		assert_int_equal(
		    client_hello_extension(&seen, 13, &data), version == TLS_1_2);
	}
	struct hello hello = hello_of(TLS_1_3);
	struct client_hello seen = written(&hello, memory);
	check_extension(&seen, 0, name);
	check_extension(&seen, 10,
	    "{2 11ec 11eb 11ed 001d 0017 0018 0019 001e 001f 0020 0021 0100 0101 "
	    "0102}");
	check_extension(&seen, 51, "{2 001d {2 'share' 00*27} }");
	check_extension(&seen, 11, NULL);
	check_extension(&seen, 15, NULL);
	check_extension(&seen, 23, NULL);
	check_extension(&seen, 0xff01, NULL);
	check_extension(&seen, 50, NULL);
}

static void
sslv3_has_none_unless_asked(void **state)
{
	char memory[HELLO_BYTES];
	struct hello hello = hello_of(TLS_SSL3);
	struct client_hello seen = written(&hello, memory);
	(void)state;
	assert_int_equal(seen.extensions.length, 0);
	assert_true(client_hello_offers(&seen, RENEGOTIATION_SCSV));
	assert_true(client_hello_offers(&seen, 0xc013)); /* see is_offered() */
	assert_false(client_hello_offers(&seen, 0x009c));
	hello.heartbeat = true;
	seen = written(&hello, memory);
	check_extension(&seen, 15, "01");
	assert_int_equal(seen.extensions.length, 5);
}

static void
names_are_sent_without_their_dot(void **state)
{
	static const struct {
		const char *name, *want;
	} table[] = {
		{ "mx.example.", "{2 00 {2 'mx.example'} }" },
		{ "a", "{2 00 {2 'a'} }" },
		{ ".", NULL },
		{ "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		char memory[HELLO_BYTES];
		struct hello hello = hello_of(TLS_1_2);
		hello.server_name = span_text(table[i].name);
		struct client_hello seen = written(&hello, memory);
		check_extension(&seen, 0, table[i].want);
	}
}

static void
switches_switch(void **state)
{
	char memory[HELLO_BYTES];
	struct hello hello = hello_of(TLS_1_2);
	struct client_hello seen = written(&hello, memory);
	(void)state;
	assert_false(client_hello_offers(&seen, FALLBACK_SCSV));
	hello.fallback_scsv = true;
	hello.deflate = hello.renegotiation_info = false;
	hello.extended_master_secret = hello.heartbeat = false;
	seen = written(&hello, memory);
	assert_true(client_hello_offers(&seen, FALLBACK_SCSV));
	assert_int_equal(seen.compressions.length, 1);
	check_extension(&seen, 15, NULL);
	check_extension(&seen, 23, NULL);
	check_extension(&seen, 0xff01, NULL);
}

/* --- suites --------------------------------------------------------------- */

struct choice {
	enum hello_suites suites;
	unsigned weak;
	const char *name;
	bool (*belongs)(const struct suite *suite, unsigned weak);
};

static bool
has_certificate(const struct suite *suite, unsigned weak)
{
	(void)weak;
	return suite->authentication != SUITE_AUTH_NONE &&
	    strstr(suite->name, "EXPORT") == NULL &&
	    strstr(suite->name, "NULL") == NULL;
}

static bool
is_weak(const struct suite *suite, unsigned weak)
{
	return (suite->weak & weak) != 0;
}

static bool
is_rsa(const struct suite *suite, unsigned weak)
{
	return suite->weak == 0 && has_certificate(suite, weak) &&
	    strstr(suite->name, "RSA_WITH") != NULL;
}

static bool
is_ecdsa(const struct suite *suite, unsigned weak)
{
	return suite->weak == 0 && has_certificate(suite, weak) &&
	    strstr(suite->name, "ECDSA_WITH") != NULL;
}

static bool
is_ecdsa_or_weak(const struct suite *suite, unsigned weak)
{
	return is_weak(suite, weak) || is_ecdsa(suite, weak);
}

static void
check_choice(const struct choice *choice, enum tls_version version)
{
	char memory[HELLO_BYTES];
	size_t count, offered = 0;
	const struct suite *suites = suite_all(&count);
	struct hello hello = hello_of(version);
	hello.suites = choice->suites;
	hello.weak = choice->weak;
	struct client_hello seen = written(&hello, memory);
	for (size_t i = 0; i < count; i++) {
		bool want = suites[i].since <= version &&
		    choice->belongs(&suites[i], choice->weak);
		if (client_hello_offers(&seen, suites[i].number) != want)
			fail_msg("%s, %s: %s", choice->name, tls_version_name(version),
			    suites[i].name);
		offered += want;
	}
	assert_int_equal(seen.suites.length, 2 * offered);
	assert_true(offered > 0);
}

static void
suites_are_chosen_by_class(void **state)
{
	static const struct choice choices[] = {
		{ HELLO_SUITES_ALL, 0, "all", has_certificate },
		{ HELLO_SUITES_WEAK, SUITE_WEAK_ALL, "weak", is_weak },
		{ HELLO_SUITES_WEAK, 1u << SMTP_WEAK_NULL, "null", is_weak },
		{ HELLO_SUITES_WEAK, 1u << SMTP_WEAK_ANON, "anon", is_weak },
		{ HELLO_SUITES_WEAK, 1u << SMTP_WEAK_EXPORT, "export", is_weak },
		{ HELLO_SUITES_WEAK, 1u << SMTP_WEAK_RC4, "rc4", is_weak },
		{ HELLO_SUITES_WEAK, 1u << SMTP_WEAK_3DES, "3des", is_weak },
		{ HELLO_SUITES_RSA, 0, "rsa", is_rsa },
		{ HELLO_SUITES_ECDSA, 0, "ecdsa", is_ecdsa },
		{ HELLO_SUITES_ECDSA, SUITE_WEAK_ALL, "ecdsa and weak",
		    is_ecdsa_or_weak },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(choices); i++)
		for (enum tls_version version = TLS_1_0; version <= TLS_1_2; version++)
			check_choice(&choices[i], version);
}

/* What comes first for a server that lets the client choose. */
static void
what_is_to_be_seen_comes_first(void **state)
{
	static const struct {
		unsigned weak;
		bool weak_first;
		enum hello_suites first;
		const char *name;
	} table[] = {
		{ 0, false, HELLO_SUITES_ALL,
		    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" },
		{ 0, false, HELLO_SUITES_RSA, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" },
		{ 0, false, HELLO_SUITES_WEAK,
		    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" },
		{ SUITE_WEAK_ALL, true, HELLO_SUITES_ALL,
		    "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA" },
		{ 1u << SMTP_WEAK_NULL, true, HELLO_SUITES_RSA,
		    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" },
		{ 1u << SMTP_WEAK_NULL, true, HELLO_SUITES_ALL,
		    "TLS_ECDHE_ECDSA_WITH_NULL_SHA" },
	};
	char memory[HELLO_BYTES];
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct hello hello = hello_of(TLS_1_2);
		uint16_t first;
		hello.weak = table[i].weak;
		hello.weak_first = table[i].weak_first;
		hello.first = table[i].first;
		struct client_hello seen = written(&hello, memory);
		assert_true(span_take_u16(&seen.suites, &first));
		assert_string_equal(suite_find(first)->name, table[i].name);
	}
}

/* In TLS 1.3 signature algorithms choose the certificate. */
static void
algorithms_choose_the_certificate_in_1_3(void **state)
{
	char memory[HELLO_BYTES];
	struct hello hello = hello_of(TLS_1_3);
	struct span all;
	(void)state;
	hello.suites = HELLO_SUITES_ECDSA;
	struct client_hello seen = written(&hello, memory);
	check_extension(&seen, 13, "{2 0403 0503 0603 0807 0808 081a 081b 081c 0203}");
	assert_true(client_hello_extension(&seen, 50, &all));
	assert_int_equal(all.length, 2 + 2 * 21);
	hello.suites = HELLO_SUITES_RSA;
	seen = written(&hello, memory);
	check_extension(
	    &seen, 13, "{2 0804 0805 0806 0809 080a 080b 0401 0501 0601 0201}");
	assert_int_equal(seen.suites.length, 2 * 5);
}

static void
post_quantum_groups_come_without_a_share(void **state)
{
	char memory[HELLO_BYTES];
	struct hello hello = hello_of(TLS_1_3);
	(void)state;
	hello.groups = HELLO_GROUPS_POST_QUANTUM;
	struct client_hello seen = written(&hello, memory);
	check_extension(&seen, 10, "{2 11ec 11eb 11ed}");
	check_extension(&seen, 51, "{2}");
	hello.groups = HELLO_GROUPS_CLASSIC;
	seen = written(&hello, memory);
	check_extension(&seen, 51, "{2 001d {2 'share' 00*27} }");
}

/* --- bytes ---------------------------------------------------------------- */

static void
check_bytes(const struct buf *out, const char *want)
{
	struct buf bytes;
	buf_init(&bytes, 1024);
	wire_text(&bytes, want);
	assert_int_equal(out->length, bytes.length);
	assert_memory_equal(out->text, bytes.text, bytes.length);
	buf_free(&bytes);
}

static void
sslv2_is_spoken_as_of_old(void **state)
{
	char memory[HELLO_BYTES];
	struct buf out;
	struct client_hello seen;
	struct hello hello = hello_of(TLS_SSL2);
	(void)state;
	buf_wrap(&out, memory, sizeof(memory));
	hello_write(&out, &hello);
	check_bytes(&out,
	    "802e 01 0002 0015 0000 0010 0700c0 050080 030080 010080 060040 040080 "
	    "020080"
	    "'random' 00*10");
	assert_true(client_hello_read_ssl2(buf_span(&out), &seen));
}

static void
the_probe_is_eight_bytes(void **state)
{
	char memory[HELLO_BYTES];
	struct buf out;
	(void)state;
	buf_wrap(&out, memory, sizeof(memory));
	hello_write_heartbeat(&out, TLS_1_1);
	check_bytes(&out, "18 0302 0003 01 4000");
}

static void
hellos_are_small(void **state)
{
	static const struct {
		enum tls_version version;
		size_t most;
	} table[] = { { TLS_SSL3, 150 }, { TLS_1_0, 230 }, { TLS_1_2, 310 },
		{ TLS_1_3, 260 } };
	char memory[HELLO_BYTES], name[254];
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct buf out;
		struct hello hello = hello_of(table[i].version);
		hello.server_name = span_text("mx-in-01.mail.example.com");
		buf_wrap(&out, memory, sizeof(memory));
		hello_write(&out, &hello);
		if (out.length > table[i].most)
			fail_msg("%s: %zu bytes", tls_version_name(table[i].version),
			    out.length);
	}
	memset(name, 'x', sizeof(name));
	struct hello hello = hello_of(TLS_1_2);
	hello.server_name = span_of(name, 253);
	written(&hello, memory); /* checks that it fits */
}

/* Nothing is written behind the room that there is. */
static void
a_hello_without_room_is_cut(void **state)
{
	struct hello hello = hello_of(TLS_1_2);
	(void)state;
	for (size_t size = 1; size < 200; size++) {
		char *memory = malloc(size);
		struct buf out;
		assert_non_null(memory);
		buf_wrap(&out, memory, size);
		hello_write(&out, &hello);
		assert_true(out.cut);
		free(memory);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_where_servers_look),
		cmocka_unit_test(extensions_belong_to_their_versions),
		cmocka_unit_test(sslv3_has_none_unless_asked),
		cmocka_unit_test(names_are_sent_without_their_dot),
		cmocka_unit_test(switches_switch),
		cmocka_unit_test(suites_are_chosen_by_class),
		cmocka_unit_test(what_is_to_be_seen_comes_first),
		cmocka_unit_test(algorithms_choose_the_certificate_in_1_3),
		cmocka_unit_test(post_quantum_groups_come_without_a_share),
		cmocka_unit_test(sslv2_is_spoken_as_of_old),
		cmocka_unit_test(the_probe_is_eight_bytes),
		cmocka_unit_test(hellos_are_small),
		cmocka_unit_test(a_hello_without_room_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
