/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * handshake: TLS taken to its end, by OpenSSL as a wide client, and SMTP over it;
 *private to this folder. What OpenSSL can't say any more, hellos of our own find out.
 *
 *	if (handshake_run(handshakes, &connection, &how, &result)) {
 *		handshake_read_chain(handshakes, &connection, &name, &chain);
 *		... the dialogue goes on over the same connection ...
 *	}
 *	handshake_end(&connection);
 */
#ifndef MAILGAUGE_SMTP_HANDSHAKE_H
#define MAILGAUGE_SMTP_HANDSHAKE_H

#include "connection.h"
#include "core/attributes.h"
#include "smtp/scan.h"

#include <stdbool.h>

/* What all handshakes of a process share; may be used by several threads. Nothing of
 * OpenSSL is touched before the first handshake, unless CAs are given: a plugin that
 * meets no STARTTLS does not pay for it. */
struct handshakes;

/* CAs as for trust_new(): NULL when they can't be read. */
struct handshakes *handshakes_new(
    const char *ca_file, const char *ca_directory) MUST_CHECK;
void handshakes_free(struct handshakes *handshakes);

/* Sets up what the first handshake needs, if that has not happened. */
void handshakes_prepare(struct handshakes *handshakes);

enum handshake_key { HANDSHAKE_KEY_ANY, HANDSHAKE_KEY_RSA, HANDSHAKE_KEY_ECDSA };

struct handshake_how {
	const struct dns_name *name; /* for SNI; the root: none */
	enum handshake_key key;      /* the only type of certificate that is taken */
};

/* True: `connection` is encrypted from now on. Fills `result` in any case. */
bool handshake_run(struct handshakes *handshakes, struct connection *connection,
    const struct handshake_how *how, struct smtp_handshake *result) MUST_CHECK;

/* After one that failed: the server said something to it. */
bool handshake_is_answered(const struct connection *connection);

/* After a handshake: the server's certificates into an empty chain. */
void handshake_read_chain(struct handshakes *handshakes,
    const struct connection *connection, const struct dns_name *name,
    struct smtp_chain *chain);

/* Says goodbye, and forgets. For every connection that was handed to handshake_run().
 */
void handshake_end(struct connection *connection);

/* The CAs, for chains that came in another way. Prepares. */
struct trust *handshakes_trust(struct handshakes *handshakes);

#endif
