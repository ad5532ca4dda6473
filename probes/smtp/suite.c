/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The numbers of TLS and their names, from lists. Only what we offer, or what a server
 * may plausibly answer to that; a scan shows other numbers as they are.
 */
#include "smtp/suite.h"

#include "core/attributes.h"

enum {
	W_NULL = 1u << SMTP_WEAK_NULL,
	W_ANON = 1u << SMTP_WEAK_ANON,
	W_EXPORT = 1u << SMTP_WEAK_EXPORT,
	W_RC4 = 1u << SMTP_WEAK_RC4,
	W_3DES = 1u << SMTP_WEAK_3DES
};

/* What the first half of a suite's name means. */
#define KEY_ECDHE_ECDSA SUITE_KEY_ECDHE, SUITE_AUTH_ECDSA
#define KEY_ECDHE_RSA SUITE_KEY_ECDHE, SUITE_AUTH_RSA
#define KEY_DHE_RSA SUITE_KEY_DHE, SUITE_AUTH_RSA
#define KEY_DHE_DSS SUITE_KEY_DHE, SUITE_AUTH_DSS
#define KEY_RSA SUITE_KEY_RSA, SUITE_AUTH_RSA
#define KEY_ECDH_anon SUITE_KEY_ECDHE, SUITE_AUTH_NONE
#define KEY_DH_anon SUITE_KEY_DHE, SUITE_AUTH_NONE
#define KEY_RSA_EXPORT SUITE_KEY_RSA_EXPORT, SUITE_AUTH_RSA
#define KEY_DHE_RSA_EXPORT SUITE_KEY_DHE, SUITE_AUTH_RSA
#define KEY_DHE_DSS_EXPORT SUITE_KEY_DHE, SUITE_AUTH_DSS
#define KEY_DH_anon_EXPORT SUITE_KEY_DHE, SUITE_AUTH_NONE

static const struct suite suites[] = {
#define SUITE(number, key, cipher, since, weak) \
	{ number, "TLS_" #key "_WITH_" #cipher, KEY_##key, since, weak },
#define SUITE_TLS13(number, cipher) \
	{ number, "TLS_" #cipher, SUITE_KEY_ANY, SUITE_AUTH_ANY, TLS_1_3, 0 },
#include "suites.def"
#undef SUITE_TLS13
#undef SUITE
};

const struct suite *
suite_all(size_t *count)
{
	*count = ARRAY_LENGTH(suites);
	return suites;
}

const struct suite *
suite_find(uint16_t number)
{
	for (size_t i = 0; i < ARRAY_LENGTH(suites); i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

bool
suite_has_forward_secrecy(const struct suite *suite)
{
	return suite->key_exchange != SUITE_KEY_RSA &&
	    suite->key_exchange != SUITE_KEY_RSA_EXPORT;
}

/* --- names ---------------------------------------------------------------- */

struct name {
	uint16_t number;
	const char *text;
};

static const struct name versions[] = {
#define VERSION_NAME(symbol, text, version) { version, text },
	SMTP_PROTOCOL_LIST(VERSION_NAME)
#undef VERSION_NAME
};

/* "TLS Supported Groups". */
static const struct name groups[] = {
	{ 1, "sect163k1" },
	{ 2, "sect163r1" },
	{ 3, "sect163r2" },
	{ 4, "sect193r1" },
	{ 5, "sect193r2" },
	{ 6, "sect233k1" },
	{ 7, "sect233r1" },
	{ 8, "sect239k1" },
	{ 9, "sect283k1" },
	{ 10, "sect283r1" },
	{ 11, "sect409k1" },
	{ 12, "sect409r1" },
	{ 13, "sect571k1" },
	{ 14, "sect571r1" },
	{ 15, "secp160k1" },
	{ 16, "secp160r1" },
	{ 17, "secp160r2" },
	{ 18, "secp192k1" },
	{ 19, "secp192r1" },
	{ 20, "secp224k1" },
	{ 21, "secp224r1" },
	{ 22, "secp256k1" },
	{ 23, "secp256r1" },
	{ 24, "secp384r1" },
	{ 25, "secp521r1" },
	{ 26, "brainpoolP256r1" },
	{ 27, "brainpoolP384r1" },
	{ 28, "brainpoolP512r1" },
	{ 29, "x25519" },
	{ 30, "x448" },
	{ 31, "brainpoolP256r1tls13" },
	{ 32, "brainpoolP384r1tls13" },
	{ 33, "brainpoolP512r1tls13" },
	{ 256, "ffdhe2048" },
	{ 257, "ffdhe3072" },
	{ 258, "ffdhe4096" },
	{ 259, "ffdhe6144" },
	{ 260, "ffdhe8192" },
	{ 512, "MLKEM512" },
	{ 513, "MLKEM768" },
	{ 514, "MLKEM1024" },
	{ 4587, "SecP256r1MLKEM768" },
	{ 4588, "X25519MLKEM768" },
	{ 4589, "SecP384r1MLKEM1024" },
	{ 4590, "curveSM2MLKEM768" },
};

/* "TLS Alerts", with the former ones of SSLv3 and TLS 1.0. */
static const struct name alerts[] = {
	{ 0, "close_notify" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 21, "decryption_failed" },
	{ 22, "record_overflow" },
	{ 30, "decompression_failure" },
	{ 40, "handshake_failure" },
	{ 41, "no_certificate" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" },
	{ 45, "certificate_expired" },
	{ 46, "certificate_unknown" },
	{ 47, "illegal_parameter" },
	{ 48, "unknown_ca" },
	{ 49, "access_denied" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 60, "export_restriction" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 90, "user_canceled" },
	{ 100, "no_renegotiation" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 111, "certificate_unobtainable" },
	{ 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" },
	{ 114, "bad_certificate_hash_value" },
	{ 115, "unknown_psk_identity" },
	{ 116, "certificate_required" },
	{ 120, "no_application_protocol" },
	{ 121, "ech_required" },
};

static const char *
name_of(const struct name *names, size_t count, uint16_t number)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].number == number)
			return names[i].text;
	return NULL;
}

const char *
tls_version_name(uint16_t version)
{
	return name_of(versions, ARRAY_LENGTH(versions), version);
}

const char *
tls_group_name(uint16_t group)
{
	return name_of(groups, ARRAY_LENGTH(groups), group);
}

const char *
tls_group_text(struct span name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(groups); i++)
		if (span_equal(name, span_text(groups[i].text)))
			return groups[i].text;
	return NULL;
}

void
tls_name_choice(struct smtp_tls *tls)
{
	const struct suite *suite = tls->version != 0 ? suite_find(tls->suite) : NULL;
	tls->suite_text = suite != NULL ? suite->name : NULL;
	tls->group_text = tls->version != 0 ? tls_group_name(tls->group) : NULL;
}

bool
tls_group_is_post_quantum(uint16_t group)
{
	return (group >= 512 && group <= 514) || (group >= 4587 && group <= 4590);
}

const char *
tls_alert_name(uint8_t description)
{
	return name_of(alerts, ARRAY_LENGTH(alerts), description);
}
