/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * hello: writes what a client says first, from SSLv2 to TLS 1.3, and the smallest
 * Heartbleed probe.
 *
 * A library's hello depends on what its distribution still allows; this one says what
 * the settings say. It is pure: random bytes are the caller's. No secret belongs to
 * them, because no handshake is ever completed: also the key share is just 32 bytes,
 * each of which is a public key of X25519 (RFC 7748 5).
 *
 *	struct hello hello;
 *	char memory[HELLO_BYTES];
 *	struct buf out;
 *	hello_init(&hello, TLS_1_2, span_text("mx.example.com"), &random);
 *	hello.fallback_scsv = true;
 *	buf_wrap(&out, memory, sizeof(memory));
 *	hello_write(&out, &hello);
 */
#ifndef MAILGAUGE_SMTP_HELLO_H
#define MAILGAUGE_SMTP_HELLO_H

#include "core/buf.h"
#include "core/span.h"
#include "smtp/suite.h"

#include <stdbool.h>
#include <stdint.h>

/* Memory that every hello fits into, with the NUL of a buf. With a usual name it is
 * about 300 bytes: servers exist that close on hellos over 512. */
#define HELLO_BYTES 1024

/* Which suites are offered. TLS 1.3 always offers all of its own: there, RSA and ECDSA
 * restrict the signature algorithms, and the others mean nothing. */
enum hello_suites {
	/* All but NULL, EXPORT and anonymous ones: those may not win, because a
	 * certificate and a shared secret are what we want to see. */
	HELLO_SUITES_ALL,
	HELLO_SUITES_WEAK, /* no others than those of hello.weak */
	HELLO_SUITES_RSA,  /* sound ones that need an RSA certificate */
	HELLO_SUITES_ECDSA /* and an ECDSA certificate */
};

/* In TLS 1.3 a key share is sent for X25519 only. A server that wants another group of
 * the list says so by HelloRetryRequest: the list costs two bytes a group, a share of
 * ML-KEM 1.2 kB. */
enum hello_groups {
	HELLO_GROUPS_CLASSIC,
	HELLO_GROUPS_ALL,         /* post-quantum ones first */
	HELLO_GROUPS_POST_QUANTUM /* only them, and no share: all who have one retry */
};

/* Fill it with random bytes, anew for each hello. */
struct hello_random {
	uint8_t random[32];     /* of SSLv2: the challenge */
	uint8_t session_id[32]; /* TLS 1.3 only, for middleboxes (RFC 8446 D.4) */
	uint8_t key_share[32];
};

struct hello {
	/* The highest that is offered. With TLS_1_3 nothing lower is; below it a server
	 * may choose what it likes. With TLS_SSL2 only `random` counts. */
	enum tls_version version;
	struct span server_name; /* a final dot is left out; empty: not sent */
	enum hello_suites suites;
	unsigned weak; /* offered besides: bits 1 << enum smtp_weak */

	/* At the top of the list, from which many servers let the client choose: the
	 * weak ones; of RSA or ECDSA those with forward secrecy (others: nothing). */
	bool weak_first;
	enum hello_suites first;

	enum hello_groups groups;

	bool fallback_scsv; /* "I could do better" (RFC 7507) */

	/* Up to TLS 1.2. */
	bool deflate;                /* besides null (RFC 3749) */
	bool renegotiation_info;     /* RFC 5746; in SSLv3 as a suite, 3.3 */
	bool extended_master_secret; /* RFC 7627 */
	bool heartbeat;              /* RFC 6520 */

	const struct hello_random *random; /* borrowed */
};

/*
 * The settings of a wide client for this version. TLS 1.3: all groups. TLS 1.2 to 1.0:
 * all of the above but fallback_scsv. SSLv3: renegotiation_info and deflate; it has no
 * extensions, but sends those that are set afterwards, which some servers answer.
 */
void hello_init(struct hello *hello, enum tls_version version, struct span server_name,
    const struct hello_random *random);

/* Adds one record. Room for HELLO_BYTES is enough for a name of up to 253 bytes, which
 * is the caller's to keep. */
void hello_write(struct buf *out, const struct hello *hello);

/* Adds the record that tests for CVE-2014-0160: a heartbeat request of 3 bytes that
 * claims to hold 16,384. A sound server drops it (RFC 6520 4). Only for one that echoed
 * the extension, on the same connection, behind its ServerHelloDone; `version` is what
 * it chose. */
void hello_write_heartbeat(struct buf *out, enum tls_version version);

#endif
