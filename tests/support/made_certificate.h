/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * made_certificate: certificates of a world that has no cryptography. What DANE
 * compares is made from a name: "mail-2026" stands for a key, for the certificate of
 * it, and for their digests, in certificates and in TLSA records alike.
 */
#ifndef MAILGAUGE_TESTS_MADE_CERTIFICATE_H
#define MAILGAUGE_TESTS_MADE_CERTIFICATE_H

#include "core/buf.h"
#include "core/span.h"
#include "smtp/scan.h"

#include <stdint.h>

/* Everything may be left out. */
struct made_certificate {
	struct span label; /* of its key; "key" by default */
	struct span names; /* with commas between */
	struct span subject, issuer;
	int64_t not_before, not_after;
	enum smtp_key_type key_type;
	unsigned key_bits;
	enum smtp_digest signature_digest;
	bool self_signed, issued_by_next;
};

/* As certificates in scans are: one block, to be freed by free(). */
struct smtp_certificate *made_certificate(const struct made_certificate *wanted);

/* What a TLSA record with this selector and matching type has to hold for it. */
void made_association(
    struct buf *out, uint8_t selector, uint8_t matching, struct span label);

#endif
