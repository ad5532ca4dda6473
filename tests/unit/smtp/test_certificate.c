/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/certificate: what is read of a certificate, and whom it is worth what.
 */
#include "smtp/certificate.h"

#include "support/issuing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Self-signed, EC P-256, "O=Cafe, Inc, CN=mx.example.com", with two host names and an
 * address. */
static const char der_hex[] =
    "308201e130820187a003020102021402349b34cf3ca7cf8d3653f3ec8e5202d314160130"
    "0a06082a8648ce3d040302302d31123010060355040a0c09436166652c20496e63311730"
    "1506035504030c0e6d782e6578616d706c652e636f6d301e170d32363131323532303337"
    "35395a170d3336313132323230333735395a302d31123010060355040a0c09436166652c"
    "20496e633117301506035504030c0e6d782e6578616d706c652e636f6d3059301306072a"
    "8648ce3d020106082a8648ce3d030107034200046990932427411106f519c5c26dec21ba"
    "a4d668854b13704742c6cbb48dc2d75d07f10a9fd17215321518b4b331c0ae6cf624ed2f"
    "8e391436cd09220b6ede8edca38184308181301d0603551d0e04160414a8c7ae70201aa0"
    "27d60ae14638c7592146504e25301f0603551d23041830168014a8c7ae70201aa027d60a"
    "e14638c7592146504e25300f0603551d130101ff040530030101ff302e0603551d110427"
    "3025820e6d782e6578616d706c652e636f6d820d2a2e6578616d706c652e6f72678704c0"
    "000201300a06082a8648ce3d040302034800304502200bc9ab7a82cdfb51cc21506d4344"
    "14a5fd1bdcd0474ba8f58e87515f65510d51022100c853c220745e6edea940aebadbcdbf"
    "b5090520dba959312bca9274ad545f3b35";
static const char der_sha256[] =
    "725b7f076d57dc055304dc1ab575c3ffcf653988fabad43a7adf4b8088e860fc";
static const char spki_sha256[] =
    "c69a2987c0f33c6bef7d0b1b28905ffbd3114083901d63339f24d8292e5a97a3";

static uint8_t der[(sizeof(der_hex) - 1) / 2];

static uint8_t
digit(char hex)
{
	return (uint8_t)(byte_is_digit((uint8_t)hex) ? hex - '0' : hex - 'a' + 10);
}

static void
from_hex(uint8_t *bytes, const char *hex)
{
	for (; *hex != '\0'; hex += 2)
		*bytes++ = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
}

static struct dns_name
name_of(const char *text)
{
	struct dns_name name;
	assert_int_equal(dns_name_from_text(&name, span_text(text)), STATUS_OK);
	return name;
}

static void
a_certificate_is_read(void **state)
{
	const struct span bytes = { der, sizeof(der) };
	struct smtp_chain chain = { .count = 0 };
	struct dns_name name = name_of("MX.example.com");
	(void)state;
	certificate_read_chain(&chain, &bytes, 1, NULL, &name);
	assert_int_equal(chain.count, 1);
	const struct smtp_certificate *own = chain.list[0];
	assert_true(span_equal(own->der, bytes));
	uint8_t digest[SMTP_SHA256_BYTES];
	from_hex(digest, der_sha256);
	assert_memory_equal(own->der_sha256, digest, sizeof(digest));
	from_hex(digest, spki_sha256);
	assert_memory_equal(own->spki_sha256, digest, sizeof(digest));
	assert_string_equal(own->subject, "CN=mx.example.com,O=Cafe\\, Inc");
	assert_string_equal(own->issuer, own->subject);
	assert_int_equal(own->not_before, 1795639079);
	assert_int_equal(own->not_after, 2110999079);
	assert_int_equal(own->key_type, SMTP_KEY_EC);
	assert_int_equal(own->key_bits, 256);
	assert_string_equal(own->key_text, "prime256v1");
	assert_string_equal(own->signature_text, "ecdsa-with-SHA256");
	assert_int_equal(own->signature_digest, SMTP_DIGEST_OTHER);
	assert_true(own->self_issued && own->self_signed && !own->issued_by_next);
	assert_int_equal(own->name_count, 2);
	assert_true(span_equal(own->names[1], span_text("*.example.org")));
	assert_int_equal(chain.name_match, TRUTH_YES);
	assert_int_equal(chain.trusted, TRUTH_UNKNOWN); /* nobody's CAs */
	smtp_chain_clear(&chain);
}

static void
names_are_compared(void **state)
{
	static const struct {
		const char *name;
		enum truth want;
	} cases[] = {
		{ "a.example.org", TRUTH_YES },
		{ "example.org", TRUTH_NO },
		{ "mx.example.net", TRUTH_NO },
		{ ".", TRUTH_UNKNOWN },
	};
	const struct span bytes = { der, sizeof(der) };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct smtp_chain chain = { .count = 0 };
		struct dns_name name;
		dns_name_root(&name);
		if (strcmp(cases[i].name, ".") != 0)
			name = name_of(cases[i].name);
		certificate_read_chain(&chain, &bytes, 1, NULL, &name);
		if (chain.name_match != cases[i].want)
			fail_msg("%s: got %d", cases[i].name, chain.name_match);
		smtp_chain_clear(&chain);
	}
}

static void
nobody_vouches_for_it(void **state)
{
	const struct span twice[] = { { der, sizeof(der) }, { der, sizeof(der) } };
	const struct span broken = { der, sizeof(der) - 1 };
	struct smtp_chain chain = { .count = 0 };
	struct dns_name name = name_of("mx.example.com");
	struct trust *trust = trust_new(NULL, "/");
	(void)state;
	assert_non_null(trust);
	certificate_read_chain(&chain, twice, 2, trust, &name);
	assert_int_equal(chain.trusted, TRUTH_NO);
	assert_int_equal(chain.trust_problem, SMTP_TRUST_SELF_SIGNED);
	assert_true(chain.list[0]->issued_by_next);
	smtp_chain_clear(&chain);

	certificate_read_chain(&chain, &broken, 1, trust, &name);
	assert_int_equal(chain.trusted, TRUTH_NO);
	assert_int_equal(chain.trust_problem, SMTP_TRUST_OTHER);
	assert_int_equal(chain.list[0]->der.length, sizeof(der) - 1);
	assert_string_equal(chain.list[0]->subject, "");
	smtp_chain_clear(&chain);
	trust_free(trust);
}

/* Not by the number of certificates: it counts what issued the one before. */
static void
what_is_missing_is_told(void **state)
{
	struct issuing *issuing = issuing_new();
	const struct span own = issuing_issue(issuing, "mx.example.com", "Issuer");
	const struct span issuer = issuing_issue(issuing, "Issuer", "Root");
	const struct span other = issuing_issue(issuing, "Other", "Root");
	const struct {
		size_t count;
		struct span der[3];
		enum smtp_trust_problem want;
	} chains[] = {
		{ 1, { own }, SMTP_TRUST_INCOMPLETE },
		{ 2, { own, other }, SMTP_TRUST_INCOMPLETE },
		{ 2, { own, issuer }, SMTP_TRUST_UNKNOWN_ROOT },
		{ 3, { own, other, issuer }, SMTP_TRUST_UNKNOWN_ROOT },
	};
	struct dns_name name = name_of("mx.example.com");
	struct trust *trust = trust_new(NULL, "/");
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(chains); i++) {
		struct smtp_chain chain = { .count = 0 };
		certificate_read_chain(
		    &chain, chains[i].der, chains[i].count, trust, &name);
		assert_int_equal(chain.trusted, TRUTH_NO);
		if (chain.trust_problem != chains[i].want)
			fail_msg("chain %zu: got %d", i, chain.trust_problem);
		smtp_chain_clear(&chain);
	}
	trust_free(trust);
	issuing_free(issuing);
}

/* More than are kept. */
static void
long_chains_are_cut(void **state)
{
	struct span many[LIMIT_SMTP_CHAIN + 2];
	struct smtp_chain chain = { .count = 0 };
	struct dns_name name = name_of("mx.example.com");
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(many); i++)
		many[i] = span_of(der, sizeof(der));
	certificate_read_chain(&chain, many, ARRAY_LENGTH(many), NULL, &name);
	assert_int_equal(chain.count, LIMIT_SMTP_CHAIN);
	smtp_chain_clear(&chain);
	assert_int_equal(chain.count, 0);
}

static void
files_without_certificates_are_refused(void **state)
{
	(void)state;
	assert_null(trust_new("/dev/null", NULL));
	assert_null(trust_new("/nonexistent/ca", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read),
		cmocka_unit_test(names_are_compared),
		cmocka_unit_test(nobody_vouches_for_it),
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(long_chains_are_cut),
		cmocka_unit_test(files_without_certificates_are_refused),
	};
	from_hex(der, der_hex);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
