/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Certificates of version 1, which is enough for who follows names and signatures. */
#include "support/issuing.h"

#include "core/die.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { ISSUED_MAX = 8 };

struct issuing {
	EVP_PKEY *key;
	size_t count;
	unsigned char *issued[ISSUED_MAX];
};

struct issuing *
issuing_new(void)
{
	struct issuing *issuing = must_calloc(1, sizeof(*issuing));
	issuing->key = EVP_EC_gen("P-256");
	assert(issuing->key != NULL);
	return issuing;
}

void
issuing_free(struct issuing *issuing)
{
	for (size_t i = 0; i < issuing->count; i++)
		OPENSSL_free(issuing->issued[i]);
	EVP_PKEY_free(issuing->key);
	free(issuing);
}

static X509_NAME *
name_new(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	int done = X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0);
	assert(done == 1);
	return name;
}

struct span
issuing_issue(struct issuing *issuing, const char *subject, const char *issuer)
{
	enum { HOUR_SECONDS = 3600 };
	X509 *certificate = X509_new();
	X509_NAME *subject_name = name_new(subject), *issuer_name = name_new(issuer);
	bool done = X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(certificate), HOUR_SECONDS) != NULL &&
	    X509_set_subject_name(certificate, subject_name) == 1 &&
	    X509_set_issuer_name(certificate, issuer_name) == 1 &&
	    X509_set_pubkey(certificate, issuing->key) == 1 &&
	    X509_sign(certificate, issuing->key, EVP_sha256()) > 0;
	assert(done && issuing->count < ISSUED_MAX);
	unsigned char **bytes = &issuing->issued[issuing->count++];
	int length = i2d_X509(certificate, bytes);
	assert(length > 0);
	X509_NAME_free(subject_name);
	X509_NAME_free(issuer_name);
	X509_free(certificate);
	return span_of(*bytes, (size_t)length);
}
