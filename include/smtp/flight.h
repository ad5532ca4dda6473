/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * flight: reads what a server answers to a hello (smtp/hello.h), as far as it is in the
 * clear: an alert, or ServerHello to ServerHelloDone up to TLS 1.2, ServerHello or
 * HelloRetryRequest of TLS 1.3, SERVER-HELLO of SSLv2.
 *
 * It is pure, and takes the bytes as they come: the result doesn't depend on how they
 * were cut by TCP, by records, or by messages that share a record or span several.
 *
 *	struct flight *flight = flight_new(hello.version);
 *	enum flight_status status = FLIGHT_MORE;
 *	while (status == FLIGHT_MORE && receive(&bytes))
 *		status = flight_read(flight, &bytes);
 *	const struct flight_facts *facts = flight_facts(flight);
 *	... facts->version, facts->alert_description ...
 *	flight_free(flight);
 *
 * What is always true:
 *  - facts only ever grow, and count also when the status is MORE (the server closed,
 *or time is up) or a failure: what was read before is known;
 *  - who needs the ServerHello only may stop as soon as facts->version is set;
 *  - it believes the server: version, suite and group are what it said, whether they
 *    were offered or not.
 */
#ifndef MAILGAUGE_SMTP_FLIGHT_H
#define MAILGAUGE_SMTP_FLIGHT_H

#include "core/attributes.h"
#include "core/limits.h"
#include "core/span.h"
#include "smtp/suite.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flight_status {
	FLIGHT_MORE,      /* nothing wrong so far, not at the end */
	FLIGHT_COMPLETE,  /* a fatal alert, or all that the server says before us */
	FLIGHT_MALFORMED, /* TLS that isn't as it should be */
	FLIGHT_NOT_TLS,   /* already the first record is something else */
	FLIGHT_TOO_LONG   /* over LIMIT_TLS_FLIGHT_BYTES or LIMIT_TLS_RECORDS */
};

/* RFC 8446 4.1.3: the server's random ends so when it could have done better. */
enum flight_sentinel {
	FLIGHT_SENTINEL_NONE,
	FLIGHT_SENTINEL_TLS_1_1, /* chose 1.1 or less, has 1.2 or more */
	FLIGHT_SENTINEL_TLS_1_2  /* chose 1.2, has 1.3 */
};

/* What ServerKeyExchange says. */
enum flight_key_exchange {
	FLIGHT_KEY_NONE,           /* none came */
	FLIGHT_KEY_DH,             /* finite field: key_bits of its prime */
	FLIGHT_KEY_NAMED_CURVE,    /* `group` */
	FLIGHT_KEY_EXPLICIT_CURVE, /* parameters of its own (RFC 8422 5.4 forbids) */
	FLIGHT_KEY_RSA,            /* of EXPORT suites: key_bits of its modulus */
	FLIGHT_KEY_OTHER           /* of a suite that isn't known */
};

struct flight_facts {
	/* The fatal alert if there was one, or else the last warning. */
	uint8_t alert_level; /* 0: none; 1: warning; 2: fatal */
	uint8_t alert_description;

	/* ServerHello. Everything below is 0 or false as long as version is 0. */
	uint16_t version; /* chosen; supported_versions counts over the old field */
	uint16_t suite;
	uint8_t compression;                                        /* 1: DEFLATE */
	bool renegotiation_info, extended_master_secret, heartbeat; /* echoed */
	enum flight_sentinel sentinel;

	/* Of the key share, asked for by a HelloRetryRequest, or of ServerKeyExchange;
	 * 0: none. */
	uint16_t group;

	/* Certificate, up to TLS 1.2: DER, the server's own first. The spans are good
	 * until flight_free(). */
	size_t certificate_count;
	struct span certificates[LIMIT_SMTP_CHAIN];

	enum flight_key_exchange key_exchange;
	unsigned key_bits;
	bool server_hello_done;

	/* After flight_await_heartbeat(): the server answered, that is, it leaks. */
	bool heartbeat_response;

	/* SSLv2 (version is TLS_SSL2): cipher specs, which may be none at all. */
	unsigned ssl2_ciphers;
};

struct flight;

/* `asked` is the version of the hello: SSLv2 is an answer to TLS_SSL2 only. */
struct flight *flight_new(enum tls_version asked);
void flight_free(struct flight *flight);

/* Takes bytes, up to where the status changes: what it left is behind the flight. Once
 * the status isn't FLIGHT_MORE it takes nothing and returns the same. */
enum flight_status flight_read(struct flight *flight, struct span *bytes) MUST_CHECK;

/* After FLIGHT_COMPLETE with server_hello_done, and after hello_write_heartbeat() went
 * out: reads on until an answer to it, or a fatal alert. What the caller received for
 * this may hold secrets of the server: it is not to be kept. */
void flight_await_heartbeat(struct flight *flight);

const struct flight_facts *flight_facts(const struct flight *flight);

/* A few words on what is wrong when the status is a failure ("ServerHello is cut
 * short"), NULL otherwise. Constant text, nothing from outside. */
const char *flight_problem(const struct flight *flight);

#endif
