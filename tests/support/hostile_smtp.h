/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * hostile_smtp: an SMTP server on loopback that does as a script tells, for what no
 *real server does. Each connection is a thread that runs the script.
 *
 *	static void
 *	is_busy(struct hostile_peer *peer)
 *	{
 *		peer_say(peer, "421 4.7.0 come back later\r\n");
 *	}
 *
 * When a script returns, its connection is closed. Scripts have no state but the number
 * of their connection; every wait in them ends when the client has gone or the server
 *is stopped.
 */
#ifndef MAILGAUGE_TESTS_SUPPORT_HOSTILE_SMTP_H
#define MAILGAUGE_TESTS_SUPPORT_HOSTILE_SMTP_H

#include "core/attributes.h"
#include "core/span.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hostile_smtp;

struct hostile_peer {
	struct hostile_smtp *server;
	const void *context; /* the server's: what the script should be like */
	int socket;
	unsigned number; /* of this connection, from 1 */
	bool gone;       /* the client closed */
};

typedef void hostile_smtp_script(struct hostile_peer *peer);

/* `address` is "127.0.0.1" or another of loopback; NULL when the host lacks it. */
struct hostile_smtp *hostile_smtp_start(
    const char *address, hostile_smtp_script *script, const void *context) MUST_CHECK;

/* Ends all connections. */
void hostile_smtp_stop(struct hostile_smtp *server);

/* To scan it as "mx.example.com". */
struct smtp_endpoint hostile_smtp_endpoint(const struct hostile_smtp *server);
unsigned hostile_smtp_connections(struct hostile_smtp *server); /* so far */
unsigned hostile_smtp_most(struct hostile_smtp *server);        /* at once */

/* --- for scripts ---------------------------------------------------------- */

void peer_say(struct hostile_peer *peer, const char *text);
void peer_send(struct hostile_peer *peer, struct span bytes);

/* Byte for byte, with `pause_ms` between. */
void peer_drip(struct hostile_peer *peer, const char *text, unsigned pause_ms);

/* A line without its end; "" when the client has gone. */
void peer_line(struct hostile_peer *peer, char *line, size_t size);

/* Exactly that many bytes; false when the client has gone. */
bool peer_receive(struct hostile_peer *peer, void *bytes, size_t length);

/* Waits, at most until the client goes. */
void peer_pause(struct hostile_peer *peer, unsigned pause_ms);
void peer_hang(struct hostile_peer *peer);

/* Ends the connection by RST. */
void peer_reset(struct hostile_peer *peer);

/* Greeting, EHLO with STARTTLS, STARTTLS and 220, or all but the 220: false when the
 * client did something else. */
bool peer_starttls(struct hostile_peer *peer);
bool peer_hears_starttls(struct hostile_peer *peer);

/* --- whole scripts -------------------------------------------------------- */

/* What comes behind the 220 of STARTTLS: nothing, or record after record of a hello
 * that never ends, byte for byte. */
hostile_smtp_script peer_hangs_at_tls, peer_drips_tls;

#endif
