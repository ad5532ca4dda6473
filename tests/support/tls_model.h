/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * tls_model: a script of hostile_smtp that answers hellos as a TLS server with given
 * powers and faults would, from SSLv2 to TLS 1.3, up to ServerHelloDone. No handshake
 * is ever completed: hellos that offer TLS 1.3 together with other versions, as those
 * of OpenSSL do, are refused.
 *
 *	static const struct tls_model model = {
 *		.versions = MODEL_TLSV12, .suites = { 0xc02f }
 *	};
 *	server = hostile_smtp_start("127.0.0.1", tls_model_serve, &model);
 */
#ifndef MAILGAUGE_TESTS_SUPPORT_TLS_MODEL_H
#define MAILGAUGE_TESTS_SUPPORT_TLS_MODEL_H

#include "support/hostile_smtp.h"

enum {
	MODEL_SSLV2 = 1 << SMTP_SSLV2,
	MODEL_SSLV3 = 1 << SMTP_SSLV3,
	MODEL_TLSV10 = 1 << SMTP_TLSV10,
	MODEL_TLSV11 = 1 << SMTP_TLSV11,
	MODEL_TLSV12 = 1 << SMTP_TLSV12,
	MODEL_TLSV13 = 1 << SMTP_TLSV13,
	MODEL_SUITES = 8
};

/* How versions that it lacks are refused. */
enum model_refusal { MODEL_ALERT_70, MODEL_ALERT_40, MODEL_CLOSE, MODEL_HANG };

struct tls_model {
	unsigned versions;             /* MODEL_SSLV2 and its like */
	uint16_t suites[MODEL_SUITES]; /* up to TLS 1.2, the dearest first */
	enum model_refusal refusal;
	bool scsv, renegotiation, deflate, extended_master_secret, sentinel;
	bool heartbeat, heartbleed;
	bool post_quantum;
	bool client_chooses; /* of the suites the one that the hello has first */
	bool stubborn;       /* takes the first suite, also when it is not offered */
	bool scsv_by_70;     /* refuses the SCSV as if it were the version */
	bool split;          /* each byte in a record of its own */
	bool cut;            /* stops in the middle of its flight, and waits */
	bool hates_1_3;      /* closes when it sees the extension of TLS 1.3 */
	size_t longest;      /* closes on hellos of more bytes; 0: on none */
	uint16_t newest;     /* closes on hellos of a version above; 0: on none */

	unsigned limit;         /* connections that are served, 0: all */
	const char *limit_text; /* what those above are greeted with */
};

void tls_model_serve(struct hostile_peer *peer);

/* Serves two connections and says 454 to STARTTLS on the others, as a server does that
 * counts TLS sessions (RFC 3207 4). */
void tls_model_limits_starttls(struct hostile_peer *peer);

#endif
