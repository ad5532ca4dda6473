/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Certificates from outside: whatever the bytes, they are kept, their texts end, and
 * nothing is trusted that nobody vouches for. The input is a chain of two: the first
 * byte says, in steps of 16, how long the first one is. */
#include "smtp/certificate.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check(const struct smtp_certificate *certificate, struct span der)
{
	assert(span_equal(certificate->der, der));
	assert(strlen(certificate->subject) <= LIMIT_SMTP_CERTIFICATE_TEXT);
	assert(strlen(certificate->issuer) <= LIMIT_SMTP_CERTIFICATE_TEXT);
	assert(certificate->key_text != NULL && certificate->signature_text != NULL);
	assert(!certificate->self_signed || certificate->self_issued);
	assert(certificate->name_count <= LIMIT_SMTP_CERTIFICATE_NAMES);
	for (size_t i = 0; i < certificate->name_count; i++)
		assert(!span_contains_byte(certificate->names[i], '\0'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span rest = span_of(bytes, length), der[2];
	struct smtp_chain chain = { .count = 0 };
	struct dns_name name;
	uint8_t sixteenths;
	if (!span_take_u8(&rest, &sixteenths) ||
	    dns_name_from_text(&name, span_text("mx.example.com")) != STATUS_OK)
		return 0;
	der[0] = span_slice(rest, 0, sixteenths * 16u);
	der[1] = span_slice(rest, der[0].length, rest.length);
	certificate_read_chain(&chain, der, ARRAY_LENGTH(der), NULL, &name);
	assert(chain.count == ARRAY_LENGTH(der) && chain.trusted != TRUTH_YES);
	for (size_t i = 0; i < chain.count; i++)
		check(chain.list[i], der[i]);
	smtp_chain_clear(&chain);
	return 0;
}
