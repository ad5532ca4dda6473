/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/suite: the columns of the table agree with the names, because those are
 * what IANA says and the columns are what we made of it. */
#include "smtp/suite.h"

#include "core/attributes.h"
#include "core/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WEAK(symbol) (1u << SMTP_WEAK_##symbol)

static bool
has(const struct suite *suite, const char *part)
{
	return strstr(suite->name, part) != NULL;
}

static bool
begins(const struct suite *suite, const char *start)
{
	return strncmp(suite->name, start, strlen(start)) == 0;
}

static unsigned
weak_by_name(const struct suite *suite)
{
	return (has(suite, "_WITH_NULL_") ? WEAK(NULL) : 0) |
	    (has(suite, "_EXPORT_") ? WEAK(EXPORT) : 0) |
	    (has(suite, "_anon_") ? WEAK(ANON) : 0) |
	    (has(suite, "_RC4_") ? WEAK(RC4) : 0) |
	    (has(suite, "_3DES_") ? WEAK(3DES) : 0);
}

static enum suite_key_exchange
key_exchange_by_name(const struct suite *suite)
{
	if (!has(suite, "_WITH_"))
		return SUITE_KEY_ANY;
	if (begins(suite, "TLS_RSA_EXPORT_"))
		return SUITE_KEY_RSA_EXPORT;
	if (begins(suite, "TLS_RSA_"))
		return SUITE_KEY_RSA;
	return begins(suite, "TLS_ECDH") ? SUITE_KEY_ECDHE : SUITE_KEY_DHE;
}

static enum suite_authentication
authentication_by_name(const struct suite *suite)
{
	if (!has(suite, "_WITH_"))
		return SUITE_AUTH_ANY;
	if (has(suite, "_anon_"))
		return SUITE_AUTH_NONE;
	if (has(suite, "_ECDSA_"))
		return SUITE_AUTH_ECDSA;
	return has(suite, "_DSS_") ? SUITE_AUTH_DSS : SUITE_AUTH_RSA;
}

/* RFC 5246 A.5 and later: what needs a hash other than the old ones came with 1.2;
 * elliptic curves are for TLS only (RFC 8422). */
static enum tls_version
since_by_name(const struct suite *suite)
{
	if (!has(suite, "_WITH_"))
		return TLS_1_3;
	if (has(suite, "_SHA256") || has(suite, "_SHA384") || has(suite, "_CCM"))
		return TLS_1_2;
	return begins(suite, "TLS_ECDH") ? TLS_1_0 : TLS_SSL3;
}

static void
columns_agree_with_names(void **state)
{
	size_t count;
	const struct suite *suites = suite_all(&count);
	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct suite *suite = &suites[i];
		if (suite->weak != weak_by_name(suite) ||
		    suite->key_exchange != key_exchange_by_name(suite) ||
		    suite->authentication != authentication_by_name(suite) ||
		    suite->since != since_by_name(suite))
			fail_msg("%s: a column says something else", suite->name);
		assert_ptr_equal(suite_find(suite->number), suite); /* once */
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(suites[j].name, suite->name);
	}
	assert_true(count > 80);
}

/* A hello offers them in this order. */
static void
the_better_come_first(void **state)
{
	size_t count;
	const struct suite *suites = suite_all(&count);
	(void)state;
	for (size_t i = 1; i < count; i++) {
		const struct suite *better = &suites[i - 1], *worse = &suites[i];
		assert_true(better->weak == 0 || worse->weak != 0 ||
		    strstr(worse->name, "_DES_") != NULL);
		if (better->weak == 0 && worse->weak == 0 &&
		    strstr(worse->name, "_DES_") == NULL)
			assert_true(suite_has_forward_secrecy(better) ||
			    !suite_has_forward_secrecy(worse));
	}
}

static void
some_are_known_by_heart(void **state)
{
	static const struct known {
		uint16_t number;
		const char *name;
		bool forward_secrecy;
		unsigned weak;
	} table[] = {
		{ 0x1301, "TLS_AES_128_GCM_SHA256", true, 0 },
		{ 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true, 0 },
		{ 0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", false, 0 },
		{ 0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", false, WEAK(3DES) },
		{ 0x0018, "TLS_DH_anon_WITH_RC4_128_MD5", true,
		    WEAK(ANON) | WEAK(RC4) },
		{ 0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", false,
		    WEAK(EXPORT) | WEAK(RC4) },
		{ 0x0002, "TLS_RSA_WITH_NULL_SHA", false, WEAK(NULL) },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		const struct suite *suite = suite_find(table[i].number);
		assert_non_null(suite);
		assert_string_equal(suite->name, table[i].name);
		assert_int_equal(
		    suite_has_forward_secrecy(suite), table[i].forward_secrecy);
		assert_int_equal(suite->weak, table[i].weak);
	}
	assert_null(suite_find(0x0000));
	assert_null(suite_find(0x5600));
}

static void
numbers_without_a_name_have_none(void **state)
{
	(void)state;
	assert_string_equal(tls_version_name(TLS_SSL2), "SSLv2");
	assert_string_equal(tls_version_name(TLS_1_0), "TLSv1.0");
	assert_string_equal(tls_version_name(TLS_1_3), "TLSv1.3");
	assert_null(tls_version_name(0x0305));
	assert_string_equal(tls_group_name(23), "secp256r1");
	assert_string_equal(tls_group_name(4588), "X25519MLKEM768");
	assert_null(tls_group_name(0));
	assert_string_equal(
	    tls_alert_name(TLS_ALERT_PROTOCOL_VERSION), "protocol_version");
	assert_null(tls_alert_name(255));
}

static void
groups_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(
	    tls_group_text(span_text("X25519MLKEM768")), tls_group_name(4588));
	assert_null(tls_group_text(span_text("X25519")));
	assert_null(tls_group_text(span_text("")));
}

static void
a_choice_gets_its_names(void **state)
{
	struct smtp_tls tls = { .version = TLS_1_2, .suite = 0xc02b, .group = 29 };
	(void)state;
	tls_name_choice(&tls);
	assert_string_equal(tls.suite_text, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
	assert_string_equal(tls.group_text, "x25519");
	tls.suite = 0x5600;
	tls.group = 0;
	tls_name_choice(&tls);
	assert_null(tls.suite_text);
	assert_null(tls.group_text);
	tls = (struct smtp_tls){ .version = 0, .suite = 0xc02b, .suite_text = "old" };
	tls_name_choice(&tls);
	assert_null(tls.suite_text);
}

static void
ml_kem_is_post_quantum(void **state)
{
	static const uint16_t holds[] = { 512, 513, 514, 4587, 4588, 4589, 4590 };
	static const uint16_t falls[] = { 0, 23, 29, 256, 511, 515, 4586, 4591 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(holds); i++)
		assert_true(tls_group_is_post_quantum(holds[i]));
	for (size_t i = 0; i < ARRAY_LENGTH(falls); i++)
		assert_false(tls_group_is_post_quantum(falls[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_agree_with_names),
		cmocka_unit_test(the_better_come_first),
		cmocka_unit_test(some_are_known_by_heart),
		cmocka_unit_test(numbers_without_a_name_have_none),
		cmocka_unit_test(groups_are_found_by_name),
		cmocka_unit_test(a_choice_gets_its_names),
		cmocka_unit_test(ml_kem_is_post_quantum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
