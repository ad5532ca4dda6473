/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * tls_server: a script of hostile_smtp that speaks TLS by OpenSSL, to the end of the
 * handshake and SMTP over it: what tls_model.h can't.
 *
 *	struct tls_server *tls = tls_server_new(&settings);
 *	server = hostile_smtp_start("127.0.0.1", tls_server_serve, tls);
 *	...
 *	hostile_smtp_stop(server);
 *	tls_server_free(tls);
 */
#ifndef MAILGAUGE_TESTS_SUPPORT_TLS_SERVER_H
#define MAILGAUGE_TESTS_SUPPORT_TLS_SERVER_H

#include "core/attributes.h"
#include "support/hostile_smtp.h"

#include <stdbool.h>

/* TLS 1.2 and 1.3, and one certificate that signed itself. */
struct tls_server_settings {
	const char *name;         /* of the certificate */
	const char *old_name;     /* who asks for this one gets no TLS 1.3 */
	bool two_keys;            /* RSA besides ECDSA */
	bool only_tls12;          /* whatever the name */
	const char *reply;        /* to EHLO under TLS; NULL: 250 */
	unsigned busy_connection; /* the one that gets a 421; 0: none */

	/* Where a command is behind STARTTLS, which is dropped: */
	const char *pipelined; /* its reply to STARTTLS, and the end; NULL: 220 */
	const char *unasked;   /* what it says first under TLS; NULL: nothing */
};

struct tls_server;

/* The settings are borrowed. */
struct tls_server *tls_server_new(
    const struct tls_server_settings *settings) MUST_CHECK;
void tls_server_free(struct tls_server *tls);

void tls_server_serve(struct hostile_peer *peer);

#endif
