/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

#include "support/self_signed.h"

#include <assert.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

X509 *
self_signed(const char *name, EVP_PKEY *key)
{
	enum { DAY_SECONDS = 86400 };
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);
	bool done = X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * DAY_SECONDS) !=
		NULL &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(certificate, subject) == 1 &&
	    X509_set_pubkey(certificate, key) == 1 &&
	    X509_sign(certificate, key, EVP_sha256()) > 0;
	assert(done);
	return certificate;
}

/* Appends what was written, and frees it. */
static void
take(struct buf *out, BIO *bio)
{
	char *text;
	long length = BIO_get_mem_data(bio, &text);
	assert(length > 0);
	buf_add(out, span_of(text, (size_t)length));
	BIO_free(bio);
}

void
self_signed_pem(struct buf *certificate, struct buf *key)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *made = self_signed("mailgauge.example", pair);
	BIO *of_certificate = BIO_new(BIO_s_mem()), *of_key = BIO_new(BIO_s_mem());
	bool done = PEM_write_bio_X509(of_certificate, made) == 1 &&
	    PEM_write_bio_PKCS8PrivateKey(of_key, pair, NULL, NULL, 0, NULL, NULL) == 1;
	assert(done);
	take(certificate, of_certificate);
	take(key, of_key);
	X509_free(made);
	EVP_PKEY_free(pair);
}
