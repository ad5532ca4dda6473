/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Blocking OpenSSL on a peer's socket: its clients go by themselves. */
#include "support/tls_server.h"

#include "core/die.h"
#include "support/self_signed.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

struct tls_server {
	const struct tls_server_settings *settings;
	SSL_CTX *context;
};

static void
add_key(struct tls_server *tls, EVP_PKEY *key)
{
	X509 *certificate = self_signed(tls->settings->name, key);
	bool done = SSL_CTX_use_certificate(tls->context, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey(tls->context, key) == 1;
	assert(done);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* Before the version is chosen, other than the callback for names. The extension ends
 * in the name (RFC 6066 3). */
static int
choose_version(SSL *connection, int *alert, void *context)
{
	const struct tls_server *tls = context;
	const char *old_name = tls->settings->old_name;
	const unsigned char *extension;
	size_t length, wanted = old_name != NULL ? strlen(old_name) : 0;
	(void)alert;
	bool is_old = old_name != NULL &&
	    SSL_client_hello_get0_ext(
		connection, TLSEXT_TYPE_server_name, &extension, &length) == 1 &&
	    length >= wanted &&
	    memcmp(extension + length - wanted, old_name, wanted) == 0;
	if (is_old || tls->settings->only_tls12)
		SSL_set_max_proto_version(connection, TLS1_2_VERSION);
	return SSL_CLIENT_HELLO_SUCCESS;
}

struct tls_server *
tls_server_new(const struct tls_server_settings *settings)
{
	struct tls_server *tls = must_calloc(1, sizeof(*tls));
	tls->settings = settings;
	tls->context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	SSL_CTX_set_client_hello_cb(tls->context, choose_version, tls);
	add_key(tls, EVP_EC_gen("P-256"));
	if (settings->two_keys)
		add_key(tls, EVP_RSA_gen(2048));
	return tls;
}

void
tls_server_free(struct tls_server *tls)
{
	SSL_CTX_free(tls->context);
	free(tls);
}

/* True when the client did not wait for the reply to STARTTLS. */
static bool
drop_pipelined(struct hostile_peer *peer)
{
	char line[512];
	if (recv(peer->socket, line, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
		return false;
	peer_line(peer, line, sizeof(line));
	return true;
}

/* EHLO and QUIT, each in one record as clients send them. */
static void
converse(const struct tls_server_settings *settings, SSL *connection, bool is_pipelined)
{
	const char *hello = settings->reply != NULL ? settings->reply : "250 mx\r\n";
	const char *unasked = is_pipelined ? settings->unasked : NULL;
	char line[512];
	int length;
	if (unasked != NULL &&
	    SSL_write(connection, unasked, (int)strlen(unasked)) <= 0)
		return;
	while ((length = SSL_read(connection, line, sizeof(line) - 1)) > 0) {
		line[length] = '\0';
		bool is_quit = strncasecmp(line, "QUIT", 4) == 0;
		const char *reply = is_quit ? "221 bye\r\n" : hello;
		if (SSL_write(connection, reply, (int)strlen(reply)) <= 0 || is_quit)
			return;
	}
}

void
tls_server_serve(struct hostile_peer *peer)
{
	const struct tls_server *tls = peer->context;
	if (peer->number == tls->settings->busy_connection) {
		peer_say(peer, "421 4.7.0 come back later\r\n");
		return;
	}
	if (!peer_hears_starttls(peer))
		return;
	bool is_pipelined = drop_pipelined(peer);
	if (is_pipelined && tls->settings->pipelined != NULL) {
		peer_say(peer, tls->settings->pipelined);
		return;
	}
	peer_say(peer, "220 go ahead\r\n");
	SSL *connection = SSL_new(tls->context);
	bool ready = connection != NULL && SSL_set_fd(connection, peer->socket) == 1;
	assert(ready);
	if (SSL_accept(connection) == 1)
		converse(tls->settings, connection, is_pipelined);
	SSL_free(connection);
	ERR_clear_error();
}
