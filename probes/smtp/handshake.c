/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * OpenSSL over a connection of ours: non-blocking, so that the connection's deadline
 * counts for it as well. The context is as wide as the library can be made, and takes
 * nothing from the system's configuration: a distribution's policy must not look like
 * an outage of the server. Certificates are verified afterwards (certificate.c),
 * whatever they are worth: a sender that is opportunistic takes any (RFC 7435).
 */
#include "handshake.h"

#include "certificate.h"
#include "core/buf.h"
#include "core/die.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

struct handshakes {
	pthread_mutex_t lock; /* of the set-up */
	SSL_CTX *context;     /* NULL: not yet */
	struct trust *trust;  /* the system's: not yet either */
};

/* --- the wide client ------------------------------------------------------ */

/* Everything that comes with a certificate; what comes without is tried apart. */
static const char suites[] = "ALL:!aNULL:!eNULL:@SECLEVEL=0";
static const char suites_rsa[] = "ALL:!aECDSA:!aDSS:!aNULL:!eNULL:@SECLEVEL=0";
static const char suites_ecdsa[] = "ECDHE-ECDSA:aECDSA:!aNULL:!eNULL:@SECLEVEL=0";

#define SIGNATURES_ECDSA \
	"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:ECDSA+SHA224:ECDSA+SHA1"
#define SIGNATURES_RSA \
	"rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:" \
	"rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:" \
	"RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA224:RSA+SHA1"

/* Before anything else of OpenSSL; once is enough, more does no harm. */
static void
library_init(void)
{
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
}

static SSL_CTX *
context_new(void)
{
	library_init();
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (context == NULL)
		die_unknown("OpenSSL can't be set up");
	SSL_CTX_set_security_level(context, 0);
	bool is_wide = SSL_CTX_set_min_proto_version(context, 0) == 1 &&
	    SSL_CTX_set_max_proto_version(context, 0) == 1 &&
	    SSL_CTX_set_cipher_list(context, suites) == 1 &&
	    SSL_CTX_set1_sigalgs_list(context, SIGNATURES_ECDSA ":" SIGNATURES_RSA) ==
		1;
	if (!is_wide)
		die_unknown("OpenSSL can't be set up");
	/* Servers without RFC 5746 are told of, not hung up on. */
	SSL_CTX_clear_options(context,
	    SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 |
		SSL_OP_NO_TLSv1_3);
	SSL_CTX_set_options(context,
	    SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_TICKET |
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	return context;
}

struct handshakes *
handshakes_new(const char *ca_file, const char *ca_directory)
{
	struct trust *trust = NULL;
	if (ca_file != NULL || ca_directory != NULL) {
		library_init();
		trust = trust_new(ca_file, ca_directory);
		if (trust == NULL)
			return NULL;
	}
	struct handshakes *handshakes = must_calloc(1, sizeof(*handshakes));
	handshakes->trust = trust;
	int failed = pthread_mutex_init(&handshakes->lock, NULL);
	assert(!failed);
	return handshakes;
}

void
handshakes_free(struct handshakes *handshakes)
{
	if (handshakes == NULL)
		return;
	SSL_CTX_free(handshakes->context);
	trust_free(handshakes->trust);
	pthread_mutex_destroy(&handshakes->lock);
	free(handshakes);
}

void
handshakes_prepare(struct handshakes *handshakes)
{
	pthread_mutex_lock(&handshakes->lock);
	if (handshakes->context == NULL)
		handshakes->context = context_new();
	if (handshakes->trust == NULL)
		handshakes->trust = trust_new(NULL, NULL);
	pthread_mutex_unlock(&handshakes->lock);
}

struct trust *
handshakes_trust(struct handshakes *handshakes)
{
	handshakes_prepare(handshakes);
	return handshakes->trust;
}

/* --- reading and writing -------------------------------------------------- */

/* OpenSSL did not get on: waits for what it wants. False when it failed for good. */
static bool
await(struct connection *connection, int result)
{
	switch (SSL_get_error(connection->tls, result)) {
	case SSL_ERROR_WANT_READ:
		return connection_wait(connection, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return connection_wait(connection, POLLOUT);
	case SSL_ERROR_SYSCALL:
		return connection_fail(connection, SMTP_END_CLOSED, errno);
	default:
		return connection_fail(connection, SMTP_END_CLOSED, 0);
	}
}

static size_t
tls_read(struct connection *connection, void *bytes, size_t size)
{
	int result;
	do {
		ERR_clear_error();
		result = SSL_read(connection->tls, bytes, (int)size);
		if (result > 0)
			return (size_t)result;
	} while (await(connection, result));
	return 0;
}

static bool
tls_write(struct connection *connection, struct span bytes)
{
	int result;
	do {
		ERR_clear_error();
		result = SSL_write(connection->tls, bytes.bytes, (int)bytes.length);
	} while (result <= 0 && await(connection, result));
	return result > 0;
}

/* --- the handshake -------------------------------------------------------- */

static void
restrict_key(SSL *tls, enum handshake_key key)
{
	bool done = true;
	if (key == HANDSHAKE_KEY_RSA)
		done = SSL_set_cipher_list(tls, suites_rsa) == 1 &&
		    SSL_set1_sigalgs_list(tls, SIGNATURES_RSA) == 1;
	if (key == HANDSHAKE_KEY_ECDSA)
		done = SSL_set_cipher_list(tls, suites_ecdsa) == 1 &&
		    SSL_set1_sigalgs_list(tls, SIGNATURES_ECDSA) == 1;
	assert(done);
}

/* RFC 6066 3: without a final dot; RFC 7672 8.1: the TLSA base domain. */
static void
set_server_name(SSL *tls, const struct dns_name *name)
{
	char memory[LIMIT_NAME_BYTES * 4 + 1];
	struct buf text;
	if (dns_name_labels(name) == 0)
		return;
	buf_wrap(&text, memory, sizeof(memory));
	dns_name_add(&text, name);
	/* One with odd bytes is too long by their escapes, or just not known there. */
	if (SSL_set_tlsext_host_name(tls, text.text) != 1)
		ERR_clear_error();
}

static SSL *
tls_new(struct handshakes *handshakes, const struct connection *connection,
    const struct handshake_how *how)
{
	SSL *tls = SSL_new(handshakes->context);
	if (tls == NULL || SSL_set_fd(tls, connection->fd) != 1)
		die_unknown("out of memory");
	SSL_set_connect_state(tls);
	set_server_name(tls, how->name);
	restrict_key(tls, how->key);
	return tls;
}

/* What OpenSSL has against it; the connection's own troubles are told by its end. */
static void
tell_failure(const struct connection *connection, struct smtp_handshake *result)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	if (reason == NULL)
		reason = smtp_end_text(connection->end);
	snprintf(result->error, sizeof(result->error), "%s", reason);
	bool is_theirs = connection->end == SMTP_END_CLOSED;
	result->done = is_theirs ? TRUTH_NO : TRUTH_UNKNOWN;
}

static void
tell_success(SSL *tls, struct smtp_handshake *result)
{
	const SSL_CIPHER *suite = SSL_get_current_cipher(tls);
	long group = SSL_get_negotiated_group(tls);
	const char *group_text = group > 0 ? SSL_group_to_name(tls, (int)group) : NULL;
	result->done = TRUTH_YES;
	result->version = (uint16_t)SSL_version(tls);
	result->suite = SSL_CIPHER_get_protocol_id(suite);
	snprintf(result->suite_text, sizeof(result->suite_text), "%s",
	    SSL_CIPHER_standard_name(suite));
	snprintf(result->group_text, sizeof(result->group_text), "%s",
	    group_text != NULL ? group_text : "");
}

bool
handshake_run(struct handshakes *handshakes, struct connection *connection,
    const struct handshake_how *how, struct smtp_handshake *result)
{
	int status;
	handshakes_prepare(handshakes);
	connection->tls = tls_new(handshakes, connection, how);
	do {
		ERR_clear_error();
		status = SSL_do_handshake(connection->tls);
	} while (status != 1 && await(connection, status));
	if (status == 1) {
		tell_success(connection->tls, result);
		connection->read = tls_read;
		connection->write = tls_write;
	} else {
		tell_failure(connection, result);
	}
	ERR_clear_error();
	return status == 1;
}

bool
handshake_is_answered(const struct connection *connection)
{
	return BIO_number_read(SSL_get_rbio(connection->tls)) > 0;
}

void
handshake_read_chain(struct handshakes *handshakes, const struct connection *connection,
    const struct dns_name *name, struct smtp_chain *chain)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(connection->tls);
	struct span der[LIMIT_SMTP_CHAIN];
	unsigned char *bytes[LIMIT_SMTP_CHAIN];
	size_t count = 0;
	for (int i = 0; i < sk_X509_num(sent) && count < LIMIT_SMTP_CHAIN; i++) {
		bytes[count] = NULL;
		int length = i2d_X509(sk_X509_value(sent, i), &bytes[count]);
		if (length > 0) {
			der[count] = span_of(bytes[count], (size_t)length);
			count++;
		}
	}
	certificate_read_chain(chain, der, count, handshakes->trust, name);
	for (size_t i = 0; i < count; i++)
		OPENSSL_free(bytes[i]);
}

void
handshake_end(struct connection *connection)
{
	SSL *tls = connection->tls;
	if (tls == NULL)
		return;
	if (SSL_is_init_finished(tls))
		SSL_shutdown(tls); /* sent, not waited for */
	SSL_free(tls);
	ERR_clear_error();
	connection->tls = NULL;
}
