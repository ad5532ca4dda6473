/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * key: whether bytes are a public key, of which form and how strong. This is the one
 * part of the DKIM probe that needs libcrypto.
 */
#ifndef MAILGAUGE_DKIM_KEY_H
#define MAILGAUGE_DKIM_KEY_H

#include "core/span.h"
#include "dkim/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dkim_key_form {
	DKIM_KEY_NONE,  /* no key of the type wanted */
	DKIM_KEY_SPKI,  /* SubjectPublicKeyInfo (RFC 5280 4.1): what everybody publishes
			 */
	DKIM_KEY_PKCS1, /* RSAPublicKey alone (RFC 8017 A.1.1) */
	DKIM_KEY_RAW    /* the 32 bytes of Ed25519 (RFC 8463 4.2) */
};

struct dkim_key {
	enum dkim_key_form form;
	const char *reason; /* with NONE: a clause that says what is there instead */
	size_t bits;        /* of RSA's modulus; 256 of Ed25519 */

	/* Of RSA. UINT64_MAX stands for what is that or more. */
	uint64_t exponent;
	bool exponent_is_odd;
};

/* `type` is DKIM_RSA or DKIM_ED25519. Forms are told apart strictly: the whole of the
 * bytes is the key, in DER. */
struct dkim_key dkim_key_read(enum dkim_key_type type, struct span bytes);

#endif
