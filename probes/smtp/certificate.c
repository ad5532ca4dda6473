/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * From DER to plain data. A certificate is collected in a buf, then becomes one block
 * of memory of exactly its size, since an exporter keeps those of thousands of hosts.
 *
 * Verification says whether a chain leads to a CA, whatever the dates, names and key
 * sizes: those are judged apart, so that each fault is told once, and by its name.
 */
#include "certificate.h"

#include "core/buf.h"
#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* --- CAs ------------------------------------------------------------------ */

struct trust {
	X509_STORE *store;
};

/* "0a1b2c3d.0": there is at least one CA that can be found by its hash. */
static bool
is_hashed(const char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	bool found = false;
	if (stream == NULL)
		return false;
	while (!found && (entry = readdir(stream)) != NULL)
		found = strlen(entry->d_name) == 10 &&
		    strspn(entry->d_name, "0123456789abcdef") == 8 &&
		    strcmp(entry->d_name + 8, ".0") == 0;
	closedir(stream);
	return found;
}

/* What OpenSSL's own default would be, but not both of it. */
void
trust_of_system(const char **file, const char **directory)
{
	bool is_file = !is_hashed(X509_get_default_cert_dir());
	*file = is_file ? X509_get_default_cert_file() : NULL;
	*directory = is_file ? NULL : X509_get_default_cert_dir();
}

static bool
load_system(X509_STORE *store)
{
	const char *file, *directory;
	trust_of_system(&file, &directory);
	if (directory != NULL)
		return X509_STORE_load_path(store, directory) == 1;
	/* A system without CAs trusts nobody, and that is a finding, no failure. */
	if (X509_STORE_load_file(store, file) != 1)
		ERR_clear_error();
	return true;
}

struct trust *
trust_new(const char *file, const char *directory)
{
	struct trust *trust = must_calloc(1, sizeof(*trust));
	trust->store = X509_STORE_new();
	if (trust->store == NULL)
		die_unknown("out of memory");
	bool loaded = file != NULL || directory != NULL || load_system(trust->store);
	if (file != NULL)
		loaded = loaded && X509_STORE_load_file(trust->store, file) == 1;
	if (directory != NULL)
		loaded = loaded && X509_STORE_load_path(trust->store, directory) == 1;
	ERR_clear_error();
	if (loaded)
		return trust;
	trust_free(trust);
	return NULL;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->store);
	free(trust);
}

/* --- one certificate ------------------------------------------------------ */

/* Where something is in the buf, until that has its last address. */
struct piece {
	size_t start, length;
};

struct draft {
	struct smtp_certificate certificate; /* but what points somewhere */
	struct buf bytes;
	struct piece der, spki, subject, issuer, key_text, signature_text;
	size_t name_count;
	struct piece names[LIMIT_SMTP_CERTIFICATE_NAMES];
};

static struct piece
put(struct draft *draft, const void *bytes, size_t length)
{
	struct piece piece = { .start = draft->bytes.length };
	buf_add(&draft->bytes, span_of(bytes, length));
	piece.length = draft->bytes.length - piece.start;
	return piece;
}

/* Text gets its NUL. */
static struct piece
put_text(struct draft *draft, const void *text, size_t length)
{
	struct piece piece = put(draft, text, length);
	buf_add_byte(&draft->bytes, '\0');
	return piece;
}

static struct piece
put_string(struct draft *draft, const char *text)
{
	return put_text(draft, text, strlen(text));
}

/* RFC 4514, with everything that is not printable escaped. */
static struct piece
put_distinguished_name(struct draft *draft, const X509_NAME *name)
{
	char *text = NULL;
	BIO *out = BIO_new(BIO_s_mem());
	if (out == NULL)
		die_unknown("out of memory");
	X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253);
	long length = BIO_get_mem_data(out, &text);
	if (length > LIMIT_SMTP_CERTIFICATE_TEXT)
		length = LIMIT_SMTP_CERTIFICATE_TEXT;
	struct piece piece = put_text(draft, text, length > 0 ? (size_t)length : 0);
	BIO_free(out);
	return piece;
}

static void
digest(uint8_t *sha256, uint8_t *sha512, struct span bytes)
{
	bool done = EVP_Digest(bytes.bytes, bytes.length, sha256, NULL, EVP_sha256(),
			NULL) == 1 &&
	    EVP_Digest(bytes.bytes, bytes.length, sha512, NULL, EVP_sha512(), NULL) ==
		1;
	if (!done)
		die_unknown("OpenSSL has no SHA-2");
}

static int64_t
seconds_of(const ASN1_TIME *time)
{
	struct tm broken_down;
	if (time == NULL || ASN1_TIME_to_tm(time, &broken_down) != 1)
		return 0;
	return timegm(&broken_down);
}

static void
read_key(struct draft *draft, X509 *x509)
{
	static const struct {
		int id;
		enum smtp_key_type type;
	} types[] = {
		{ EVP_PKEY_RSA, SMTP_KEY_RSA },
		{ EVP_PKEY_RSA_PSS, SMTP_KEY_RSA },
		{ EVP_PKEY_DSA, SMTP_KEY_DSA },
		{ EVP_PKEY_EC, SMTP_KEY_EC },
		{ EVP_PKEY_ED25519, SMTP_KEY_ED25519 },
		{ EVP_PKEY_ED448, SMTP_KEY_ED448 },
	};
	const EVP_PKEY *key = X509_get0_pubkey(x509);
	char group[64];
	size_t length;
	if (key == NULL) {
		draft->key_text = put_string(draft, "unknown");
		return;
	}
	int id = EVP_PKEY_get_base_id(key), bits = EVP_PKEY_get_bits(key);
	for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
		if (types[i].id == id)
			draft->certificate.key_type = types[i].type;
	draft->certificate.key_bits = bits > 0 ? (unsigned)bits : 0;
	if (id == EVP_PKEY_EC &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1)
		draft->key_text = put_string(draft, group);
	else
		draft->key_text = put_string(
		    draft, id == EVP_PKEY_RSA ? "RSA" : OBJ_nid2sn(id));
}

static void
read_signature(struct draft *draft, X509 *x509)
{
	int digest_nid = NID_undef;
	char text[64];
	OBJ_obj2txt(text, sizeof(text), X509_get0_tbs_sigalg(x509)->algorithm, 0);
	draft->signature_text = put_string(draft, text);
	if (X509_get_signature_info(x509, &digest_nid, NULL, NULL, NULL) != 1)
		return;
	if (digest_nid == NID_sha1)
		draft->certificate.signature_digest = SMTP_DIGEST_SHA1;
	if (digest_nid == NID_md5 || digest_nid == NID_md4 || digest_nid == NID_md2)
		draft->certificate.signature_digest = SMTP_DIGEST_MD5;
}

/* A NUL in a name has fooled clients before: no host has one. */
static void
put_name(struct draft *draft, const void *text, int length)
{
	if (length <= 0 || length > LIMIT_NAME_BYTES ||
	    memchr(text, '\0', (size_t)length) != NULL ||
	    draft->name_count == LIMIT_SMTP_CERTIFICATE_NAMES)
		return;
	draft->names[draft->name_count++] = put(draft, text, (size_t)length);
}

/* RFC 6125 6.4.4: only where there is no dNSName. */
static void
read_common_name(struct draft *draft, X509 *x509)
{
	X509_NAME *subject = X509_get_subject_name(x509);
	unsigned char *text = NULL;
	int last = -1, next;
	while ((next = X509_NAME_get_index_by_NID(subject, NID_commonName, last)) >= 0)
		last = next;
	if (last < 0)
		return;
	int length = ASN1_STRING_to_UTF8(
	    &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
	put_name(draft, text, length);
	OPENSSL_free(text);
}

static void
read_names(struct draft *draft, X509 *x509)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	bool has_dns_name = false;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS)
			continue;
		has_dns_name = true;
		put_name(draft, ASN1_STRING_get0_data(name->d.dNSName),
		    ASN1_STRING_length(name->d.dNSName));
	}
	GENERAL_NAMES_free(names);
	if (!has_dns_name)
		read_common_name(draft, x509);
}

static void
read_spki(struct draft *draft, X509 *x509)
{
	unsigned char *spki = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	if (length <= 0)
		return;
	draft->spki = put(draft, spki, (size_t)length);
	digest(draft->certificate.spki_sha256, draft->certificate.spki_sha512,
	    span_of(spki, (size_t)length));
	OPENSSL_free(spki);
}

static void
read_certificate(struct draft *draft, X509 *x509)
{
	struct smtp_certificate *certificate = &draft->certificate;
	draft->subject = put_distinguished_name(draft, X509_get_subject_name(x509));
	draft->issuer = put_distinguished_name(draft, X509_get_issuer_name(x509));
	certificate->not_before = seconds_of(X509_get0_notBefore(x509));
	certificate->not_after = seconds_of(X509_get0_notAfter(x509));
	certificate->self_issued = X509_NAME_cmp(X509_get_subject_name(x509),
				       X509_get_issuer_name(x509)) == 0;
	certificate->self_signed = certificate->self_issued &&
	    X509_verify(x509, X509_get0_pubkey(x509)) == 1;
	read_spki(draft, x509);
	read_key(draft, x509);
	read_signature(draft, x509);
	read_names(draft, x509);
}

/* --- one block ------------------------------------------------------------ */

static struct span
place(const uint8_t *bytes, struct piece piece)
{
	return span_of(bytes + piece.start, piece.length);
}

static const char *
place_text(const uint8_t *bytes, struct piece piece)
{
	return (const char *)bytes + piece.start;
}

static struct smtp_certificate *
finish(struct draft *draft)
{
	struct smtp_certificate *certificate = &draft->certificate;
	struct span names[LIMIT_SMTP_CERTIFICATE_NAMES];
	const uint8_t *bytes = (const uint8_t *)draft->bytes.text;
	assert(!draft->bytes.cut);
	certificate->der = place(bytes, draft->der);
	certificate->spki = place(bytes, draft->spki);
	certificate->subject = place_text(bytes, draft->subject);
	certificate->issuer = place_text(bytes, draft->issuer);
	certificate->key_text = place_text(bytes, draft->key_text);
	certificate->signature_text = place_text(bytes, draft->signature_text);
	for (size_t i = 0; i < draft->name_count; i++)
		names[i] = place(bytes, draft->names[i]);
	certificate->names = names;
	certificate->name_count = draft->name_count;
	return smtp_certificate_copy(certificate);
}

/* What can't be read is still bytes, which a TLSA record may stand for. */
static struct smtp_certificate *
certificate_new(struct span der, X509 *x509)
{
	struct draft draft;
	memset(&draft, 0, sizeof(draft));
	buf_init(&draft.bytes, LIMIT_SMTP_CERTIFICATE_BYTES);
	draft.der = put(&draft, der.bytes, der.length);
	draft.subject = draft.issuer = draft.key_text = draft.signature_text =
	    put_string(&draft, "");
	digest(draft.certificate.der_sha256, draft.certificate.der_sha512, der);
	if (x509 != NULL)
		read_certificate(&draft, x509);
	struct smtp_certificate *certificate = finish(&draft);
	buf_free(&draft.bytes);
	return certificate;
}

/* --- the chain ------------------------------------------------------------ */

/* `depth`: of the certificate that it is about, in the way as far as it was found. */
static enum smtp_trust_problem
problem_of(int error, int depth)
{
	switch (error) {
	case X509_V_OK:
		return SMTP_TRUST_FINE;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return SMTP_TRUST_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return SMTP_TRUST_UNKNOWN_ROOT;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		/* A root need not be sent (RFC 8446 4.4.2), the rest must; and what was
		 * sent besides may have issued nothing. */
		return depth > 0 ? SMTP_TRUST_UNKNOWN_ROOT : SMTP_TRUST_INCOMPLETE;
	default:
		return SMTP_TRUST_OTHER;
	}
}

static void
verify(struct smtp_chain *chain, X509 *own, STACK_OF(X509) * all, struct trust *trust)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	if (context == NULL ||
	    X509_STORE_CTX_init(context, trust->store, own, all) != 1)
		die_unknown("out of memory");
	X509_VERIFY_PARAM *settings = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(settings, X509_V_FLAG_NO_CHECK_TIME);
	X509_VERIFY_PARAM_set_auth_level(settings, 0);
	X509_VERIFY_PARAM_set_purpose(settings, X509_PURPOSE_SSL_SERVER);
	bool trusted = X509_verify_cert(context) == 1;
	int error = X509_STORE_CTX_get_error(context);
	int depth = X509_STORE_CTX_get_error_depth(context);
	chain->trusted = truth_of(trusted);
	chain->trust_problem = trusted ? SMTP_TRUST_FINE : problem_of(error, depth);
	snprintf(chain->trust_text, sizeof(chain->trust_text), "%s",
	    trusted ? "" : X509_verify_cert_error_string(error));
	X509_STORE_CTX_free(context);
}

/* `next` says that it issued this one, and its key made the signature. */
static bool
is_issued_by(X509 *x509, X509 *next)
{
	return x509 != NULL && next != NULL &&
	    X509_check_issued(next, x509) == X509_V_OK &&
	    X509_verify(x509, X509_get0_pubkey(next)) == 1;
}

static void
judge_chain(struct smtp_chain *chain, X509 *const *x509, struct trust *trust)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	for (size_t i = 0; i < chain->count; i++)
		if (x509[i] == NULL || sk_X509_push(all, x509[i]) == 0) {
			chain->trust_problem = SMTP_TRUST_OTHER;
			snprintf(chain->trust_text, sizeof(chain->trust_text),
			    "a certificate can't be read");
		}
	if (chain->trust_problem != SMTP_TRUST_FINE)
		chain->trusted = TRUTH_NO;
	else if (trust != NULL)
		verify(chain, x509[0], all, trust);
	sk_X509_free(all);
}

void
certificate_read_chain(struct smtp_chain *chain, const struct span *der, size_t count,
    struct trust *trust, const struct dns_name *name)
{
	X509 *x509[LIMIT_SMTP_CHAIN];
	assert(chain->count == 0);
	chain->count = count < LIMIT_SMTP_CHAIN ? count : LIMIT_SMTP_CHAIN;
	if (chain->count == 0)
		return;
	for (size_t i = 0; i < chain->count; i++) {
		const unsigned char *bytes = der[i].bytes;
		x509[i] = d2i_X509(NULL, &bytes, (long)der[i].length);
		chain->list[i] = certificate_new(der[i], x509[i]);
	}
	for (size_t i = 0; i + 1 < chain->count; i++)
		chain->list[i]->issued_by_next = is_issued_by(x509[i], x509[i + 1]);
	judge_chain(chain, x509, trust);
	if (dns_name_labels(name) > 0)
		chain->name_match = truth_of(
		    smtp_certificate_matches(chain->list[0], name));
	for (size_t i = 0; i < chain->count; i++)
		X509_free(x509[i]);
	ERR_clear_error(); /* what can't be read leaves its traces */
}
