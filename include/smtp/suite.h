/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * suite: what the numbers of TLS stand for: versions, cipher suites, groups, alerts.
 *
 * Names are those of IANA's registries, except that of a version, which is what people
 * and our JSON call it ("TLSv1.2"). A number that isn't known has no name (NULL): what
 * a server says is told as a number then, never guessed.
 */
#ifndef MAILGAUGE_SMTP_SUITE_H
#define MAILGAUGE_SMTP_SUITE_H

#include "smtp/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As on the wire, so they can be compared and counted down. */
enum tls_version {
	TLS_SSL2 = 0x0002,
	TLS_SSL3 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304
};

/* Alerts that mean something to a scan (RFC 8446 6, RFC 7507 3, RFC 6066 3). */
enum tls_alert {
	TLS_ALERT_CLOSE_NOTIFY = 0,
	TLS_ALERT_HANDSHAKE_FAILURE = 40,
	TLS_ALERT_PROTOCOL_VERSION = 70,
	TLS_ALERT_INAPPROPRIATE_FALLBACK = 86
};

enum suite_key_exchange {
	SUITE_KEY_ANY, /* TLS 1.3: not the suite's business, always (EC)DHE */
	SUITE_KEY_RSA,
	SUITE_KEY_RSA_EXPORT, /* a short RSA key, made for it, may be in the flight */
	SUITE_KEY_DHE,
	SUITE_KEY_ECDHE
};

/* How the server shows who it is. */
enum suite_authentication {
	SUITE_AUTH_ANY, /* TLS 1.3: as the signature algorithms say */
	SUITE_AUTH_NONE,
	SUITE_AUTH_RSA,
	SUITE_AUTH_ECDSA,
	SUITE_AUTH_DSS
};

/* Every class of weak suites; bits are 1 << enum smtp_weak, a suite may have several.
 */
#define SUITE_WEAK_ALL ((1u << SMTP_WEAKS) - 1)

struct suite {
	uint16_t number;
	const char *name;
	enum suite_key_exchange key_exchange;
	enum suite_authentication authentication;
	enum tls_version since; /* the first version that has it */
	unsigned weak;          /* bits: 1 << enum smtp_weak; 0: not weak */
};

/* All that we know, the better ones first: the order in which a hello offers them. Ends
 * with *count. */
const struct suite *suite_all(size_t *count);

/* NULL: not known. */
const struct suite *suite_find(uint16_t number);

/* The session keys stay secret when the certificate's key gets known later. */
bool suite_has_forward_secrecy(const struct suite *suite);

/* suite_text and group_text, from their numbers, where something was chosen. */
void tls_name_choice(struct smtp_tls *tls);

/* "SSLv3", "TLSv1.2" (smtp_protocol_text() by number) */
const char *tls_version_name(uint16_t version);

/* "x25519", "X25519MLKEM768", "ffdhe2048" */
const char *tls_group_name(uint16_t group);

/* The same text, as it is kept here; NULL: that of no group. */
const char *tls_group_text(struct span name);

/* Holds against a quantum computer: has an ML-KEM part. */
bool tls_group_is_post_quantum(uint16_t group);

/* "handshake_failure" */
const char *tls_alert_name(uint8_t description);

#endif
