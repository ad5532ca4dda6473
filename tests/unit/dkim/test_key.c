/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dkim/key: keys that OpenSSL makes are read as it reads them, and what is
 * nearly a key is none. */
#include "dkim/key.h"

#include "core/buf.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DER_MAX = 4096 };

/* --- bytes by hand -------------------------------------------------------- */

/* One DER value: tag, length, content. */
static void
add_der(struct buf *out, uint8_t tag, struct span content)
{
	buf_add_byte(out, tag);
	if (content.length >= 0x80) {
		buf_add_byte(out, 0x82);
		buf_add_byte(out, (uint8_t)(content.length >> 8));
	}
	buf_add_byte(out, (uint8_t)content.length);
	buf_add(out, content);
}

/* RSAPublicKey. */
static void
add_numbers(struct buf *out, struct span modulus, struct span exponent)
{
	char memory[DER_MAX];
	struct buf numbers;
	buf_wrap(&numbers, memory, sizeof(memory));
	add_der(&numbers, 0x02, modulus);
	add_der(&numbers, 0x02, exponent);
	add_der(out, 0x30, buf_span(&numbers));
}

/* SubjectPublicKeyInfo of an algorithm, whose identifier is whole. */
static void
add_info(struct buf *out, struct span algorithm, struct span key)
{
	char memory[DER_MAX], bits_memory[DER_MAX];
	struct buf parts, bits;
	buf_wrap(&parts, memory, sizeof(memory));
	buf_wrap(&bits, bits_memory, sizeof(bits_memory));
	buf_add_byte(&bits, 0); /* unused bits of the last byte */
	buf_add(&bits, key);
	buf_add(&parts, algorithm);
	add_der(&parts, 0x03, buf_span(&bits));
	add_der(out, 0x30, buf_span(&parts));
}

static const struct span rsa_algorithm = SPAN(
    "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
static const struct span ed25519_algorithm = SPAN("\x30\x05\x06\x03\x2b\x65\x70");
static const struct span usual_exponent = SPAN("\x01\x00\x01");

/* --- as OpenSSL makes them ------------------------------------------------ */

/* In `memory`; frees the key. */
static struct span
encoded(EVP_PKEY *key, bool wrapped, unsigned char memory[DER_MAX])
{
	assert_non_null(key);
	unsigned char *end = memory;
	int length = wrapped ? i2d_PUBKEY(key, &end) : i2d_PublicKey(key, &end);
	assert_in_range(length, 1, DER_MAX);
	EVP_PKEY_free(key);
	return span_of(memory, (size_t)length);
}

static void
rsa_keys_are_read_in_both_forms(void **state)
{
	static const size_t sizes[] = { 512, 1024, 1031, 2048 };
	unsigned char memory[DER_MAX];
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		for (int wrapped = 0; wrapped < 2; wrapped++) {
			struct span bytes = encoded(
			    EVP_RSA_gen((unsigned)sizes[i]), wrapped, memory);
			struct dkim_key key = dkim_key_read(DKIM_RSA, bytes);
			assert_int_equal(
			    key.form, wrapped ? DKIM_KEY_SPKI : DKIM_KEY_PKCS1);
			assert_int_equal(key.bits, sizes[i]);
			assert_int_equal(key.exponent, 65537);
			assert_true(key.exponent_is_odd);
		}
	}
}

/* Cut anywhere, or longer: no key any more. */
static void
only_whole_keys_are_keys(void **state)
{
	unsigned char memory[DER_MAX + 1];
	(void)state;
	for (int wrapped = 0; wrapped < 2; wrapped++) {
		struct span bytes = encoded(EVP_RSA_gen(512), wrapped, memory);
		memory[bytes.length] = 0;
		for (size_t length = 0; length <= bytes.length + 1; length++) {
			struct dkim_key key = dkim_key_read(
			    DKIM_RSA, span_of(memory, length));
			bool is_key = key.form != DKIM_KEY_NONE;
			assert_int_equal(is_key, length == bytes.length);
			assert_int_equal(key.reason == NULL, is_key);
		}
	}
}

static void
ed25519_is_its_bytes(void **state)
{
	unsigned char memory[DER_MAX];
	(void)state;
	struct span info = encoded(
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), true, memory);
	assert_int_equal(info.length, 44);
	struct span raw = span_slice(info, 12, 32);
	struct dkim_key key = dkim_key_read(DKIM_ED25519, raw);
	assert_int_equal(key.form, DKIM_KEY_RAW);
	assert_int_equal(key.bits, 256);
	for (size_t length = 0; length < 32; length++)
		assert_int_equal(
		    dkim_key_read(DKIM_ED25519, span_slice(raw, 0, length)).form,
		    DKIM_KEY_NONE);
	key = dkim_key_read(DKIM_ED25519, info);
	assert_int_equal(key.form, DKIM_KEY_NONE);
	assert_non_null(strstr(key.reason, "SubjectPublicKeyInfo"));
	assert_non_null(strstr(dkim_key_read(DKIM_RSA, info).reason, "Ed25519"));
	assert_non_null(strstr(dkim_key_read(DKIM_RSA, raw).reason, "Ed25519"));
}

/* Nobody should ever see this finding; so much the more it has to be right. */
static void
private_keys_are_called_so(void **state)
{
	unsigned char memory[DER_MAX], *end = memory;
	(void)state;
	EVP_PKEY *pair = EVP_RSA_gen(512);
	int length = i2d_PrivateKey(pair, &end);
	struct dkim_key key = dkim_key_read(DKIM_RSA, span_of(memory, (size_t)length));
	assert_non_null(strstr(key.reason, "PRIVATE"));

	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	end = memory;
	length = i2d_PKCS8_PRIV_KEY_INFO(info, &end);
	key = dkim_key_read(DKIM_RSA, span_of(memory, (size_t)length));
	assert_non_null(strstr(key.reason, "PRIVATE"));
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pair);
}

/* --- by hand -------------------------------------------------------------- */

static void
numbers_are_measured(void **state)
{
	static const struct {
		struct span modulus, exponent;
		size_t bits;
		uint64_t value;
		bool is_odd;
	} cases[] = {
		{ SPAN("\x01"), SPAN("\x01"), 1, 1, true },
		{ SPAN("\x7f"), SPAN("\x03"), 7, 3, true },
		{ SPAN("\x00\x80"), SPAN("\x04"), 8, 4, false },
		{ SPAN("\x01\x00"), SPAN("\x01\x00\x01"), 9, 65537, true },
		{ SPAN("\x00\xff\x00"), SPAN("\x00"), 16, 0, false },
		{ SPAN("\x00"), SPAN("\x11"), 0, 17, true },
		{ SPAN("\x01"), SPAN("\x7f\xff\xff\xff\xff\xff\xff\xff"), 1, INT64_MAX,
		    true },
		{ SPAN("\x01"), SPAN("\x01\x00\x00\x00\x00\x00\x00\x00\x00"), 1,
		    UINT64_MAX, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[DER_MAX];
		struct buf der;
		buf_wrap(&der, memory, sizeof(memory));
		add_numbers(&der, cases[i].modulus, cases[i].exponent);
		struct dkim_key key = dkim_key_read(DKIM_RSA, buf_span(&der));
		assert_int_equal(key.form, DKIM_KEY_PKCS1);
		assert_int_equal(key.bits, cases[i].bits);
		assert_int_equal(key.exponent, cases[i].value);
		assert_int_equal(key.exponent_is_odd, cases[i].is_odd);
	}
}

/* What is in an information of the algorithm, and what is said of it. */
static void
check_info(struct span algorithm, struct span key_bytes, const char *want)
{
	char memory[DER_MAX];
	struct buf der;
	buf_wrap(&der, memory, sizeof(memory));
	add_info(&der, algorithm, key_bytes);
	struct dkim_key key = dkim_key_read(DKIM_RSA, buf_span(&der));
	assert_int_equal(key.form, DKIM_KEY_NONE);
	if (strstr(key.reason, want) == NULL)
		fail_msg("got '%s', want '%s'", key.reason, want);
}

static void
what_is_nearly_a_key_is_none(void **state)
{
	char memory[DER_MAX];
	struct buf numbers;
	(void)state;
	buf_wrap(&numbers, memory, sizeof(memory));
	add_numbers(&numbers, span_of("\x40\x01", 2), usual_exponent);
	check_info(rsa_algorithm, span_text("nothing"), "no RSA key");
	check_info(ed25519_algorithm, buf_span(&numbers), "Ed25519");
	check_info(span_of("\x30\x03\x06\x01\x2a", 5), buf_span(&numbers),
	    "another algorithm");
	check_info(span_of("\x30\x00", 2), buf_span(&numbers), "another algorithm");
	check_info(
	    span_of("\x30\x02\x05\x00", 4), buf_span(&numbers), "another algorithm");

	/* A leading zero byte was lost. */
	buf_clear(&numbers);
	add_numbers(&numbers, span_of("\x80\x01", 2), usual_exponent);
	check_info(rsa_algorithm, buf_span(&numbers), "negative");
	struct dkim_key key = dkim_key_read(DKIM_RSA, buf_span(&numbers));
	assert_int_equal(key.form, DKIM_KEY_NONE);
	assert_non_null(strstr(key.reason, "negative"));
}

static void
other_bytes_are_no_key(void **state)
{
	static const struct span cases[] = { SPAN(""), SPAN("A"), SPAN("\x30"),
		SPAN("\x30\x00"), SPAN("\x10\x06\x02\x01\x01\x02\x01\x03"),
		SPAN("\x30\x80\x00\x00"),
		SPAN("\x30\x84\xff\xff\xff"
		     "\xff"),
		SPAN("\x02\x01\x01"), SPAN("\x30\x03\x02\x01\x01"),
		SPAN("\x30\x06\x05\x00\x05\x00\x05\x00"),
		SPAN("-----BEGIN PUBLIC KEY-----") };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		for (int type = DKIM_RSA; type <= DKIM_ED25519; type++) {
			struct dkim_key key = dkim_key_read(type, cases[i]);
			assert_int_equal(key.form, DKIM_KEY_NONE);
			assert_non_null(key.reason);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_keys_are_read_in_both_forms),
		cmocka_unit_test(only_whole_keys_are_keys),
		cmocka_unit_test(ed25519_is_its_bytes),
		cmocka_unit_test(private_keys_are_called_so),
		cmocka_unit_test(numbers_are_measured),
		cmocka_unit_test(what_is_nearly_a_key_is_none),
		cmocka_unit_test(other_bytes_are_no_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
