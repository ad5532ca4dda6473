/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Keys of any bytes. Whatever we call a wrapped RSA key, OpenSSL's own reader takes
 * too, and finds the same size. */
#include "dkim/key.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
compare(struct span bytes, const struct dkim_key *key)
{
	const unsigned char *end = bytes.bytes;
	EVP_PKEY *theirs = d2i_PUBKEY(NULL, &end, (long)bytes.length);
	assert(theirs != NULL && EVP_PKEY_get_base_id(theirs) == EVP_PKEY_RSA);
	assert((size_t)EVP_PKEY_get_bits(theirs) == key->bits);
	EVP_PKEY_free(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span text = span_of(bytes, length);
	struct dkim_key key = dkim_key_read(DKIM_RSA, text);
	assert(key.form != DKIM_KEY_RAW);
	assert((key.form == DKIM_KEY_NONE) == (key.reason != NULL));
	assert(key.bits <= 8 * length);
	if (key.form == DKIM_KEY_SPKI)
		compare(text, &key);
	key = dkim_key_read(DKIM_ED25519, text);
	assert((key.form == DKIM_KEY_RAW) == (length == 32));
	assert((key.form == DKIM_KEY_NONE) == (key.reason != NULL));
	return 0;
}
