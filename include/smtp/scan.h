/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * scan: what one SMTP server showed of itself to a sender that looks closely: the fact
 * of kind FACT_SMTP, its key, and how a probe asks for it.
 *
 *	struct smtp_result result = smtp_get(view, &endpoint);
 *	if (result.scan == NULL)
 *		return;         (wanted, or the run's time is over: result.outcome)
 *	if (result.scan->tls.heartbleed == TRUTH_YES) ...
 *
 * What is always true of a scan:
 *  - it is plain data and judges nothing: no thresholds, no "now";
 *  - a fact that no server's answer settled is TRUTH_UNKNOWN, 0 or NULL: limits,
 *    time-outs, 4xx replies and suppressed alerts never make a TRUTH_NO;
 *  - when it ended early, what was learnt before is there, and `end`, `stage` and
 *    `reply` say where and how;
 *  - its outcome in the store is FOUND, however little was found.
 *
 * Texts and names come from the server: only by arena_safe_text() into a message.
 */
#ifndef MAILGAUGE_SMTP_SCAN_H
#define MAILGAUGE_SMTP_SCAN_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/span.h"
#include "core/store.h"
#include "core/truth.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- what is asked -------------------------------------------------------- */

struct smtp_endpoint {
	uint8_t address_length; /* 4: IPv4, 16: IPv6 */
	uint8_t address[16];
	uint16_t port;
	struct dns_name name; /* for SNI and to match the certificate; the root: none */
	bool implicit_tls;    /* TLS from the first byte (RFC 8314), else STARTTLS */
	bool quick;           /* one connection: STARTTLS, handshake, certificate */
	bool injection;       /* try a command behind STARTTLS (active, opt-in) */
};

#define SMTP_KEY_BYTES (2 + 16 + 2 + 1 + LIMIT_NAME_BYTES)

struct smtp_key {
	size_t length;
	uint8_t bytes[SMTP_KEY_BYTES]; /* kind, length and bytes of the address, port,
					  flags, name in lower case */
};

void smtp_key_make(struct smtp_key *key, const struct smtp_endpoint *endpoint);

/* Back from a key; false when it is not one of a scan. */
bool smtp_key_read(struct span key, struct smtp_endpoint *endpoint) MUST_CHECK;

/* --- how far it came ------------------------------------------------------ */

/* Stages of a connection, in order. The last one is in clear or encrypted. */
#define SMTP_STAGE_LIST(STAGE) \
	STAGE(CONNECT, "connect") \
	STAGE(GREETING, "greeting") \
	STAGE(EHLO, "EHLO") \
	STAGE(STARTTLS, "STARTTLS") \
	STAGE(HELLO, "TLS hello") \
	STAGE(HANDSHAKE, "TLS handshake") \
	STAGE(EHLO_TLS, "EHLO after TLS")

#define SMTP_STAGE_ENUM(symbol, text) SMTP_STAGE_##symbol,
enum smtp_stage { SMTP_STAGE_LIST(SMTP_STAGE_ENUM) SMTP_STAGES };
#undef SMTP_STAGE_ENUM

const char *smtp_stage_text(enum smtp_stage stage);

/* How a conversation ended. Only DONE is an end of the plan's own choice. */
#define SMTP_END_LIST(END) \
	END(DONE, "done", "done") \
	END(REFUSED_CONNECTION, "connection_refused", "connection refused") \
	END(UNREACHABLE, "unreachable", "unreachable") \
	END(TIMEOUT, "timeout", "time-out") \
	END(CLOSED, "closed", "connection closed") \
	END(TEMPORARY, "temporary", "refused for now") /* 4xx at greeting or EHLO */ \
	END(RATE_LIMITED, "rate_limited", "rate limited") /* 421, or a late 454 */ \
	END(REFUSED, "refused", "refused") /* 5xx at greeting or EHLO */ \
	END(NO_STARTTLS, "starttls_missing", "STARTTLS is not offered") \
	END(STARTTLS_REFUSED, "starttls_refused", "STARTTLS is refused") \
	END(PROTOCOL_ERROR, "protocol_error", "protocol error") /* see `error` */ \
	END(ABANDONED, "abandoned", "abandoned") /* the program is ending */

#define SMTP_END_ENUM(symbol, name, text) SMTP_END_##symbol,
enum smtp_end { SMTP_END_LIST(SMTP_END_ENUM) SMTP_ENDS };
#undef SMTP_END_ENUM

const char *smtp_end_text(enum smtp_end end);
const char *smtp_end_name(enum smtp_end end); /* "rate_limited", for labels */

/* --- certificates --------------------------------------------------------- */

enum smtp_key_type {
	SMTP_KEY_OTHER,
	SMTP_KEY_RSA,
	SMTP_KEY_DSA,
	SMTP_KEY_EC,
	SMTP_KEY_ED25519,
	SMTP_KEY_ED448
};

enum smtp_digest { SMTP_DIGEST_OTHER, SMTP_DIGEST_MD5, SMTP_DIGEST_SHA1 };

enum { SMTP_SHA256_BYTES = 32, SMTP_SHA512_BYTES = 64 };

/* One certificate, in one block of memory with what it points to. */
struct smtp_certificate {
	struct span der;  /* selector 0 of a TLSA record (RFC 6698 2.1.2) */
	struct span spki; /* selector 1; empty: it can't be read */
	uint8_t der_sha256[SMTP_SHA256_BYTES]; /* matching types 1 and 2 of both */
	uint8_t der_sha512[SMTP_SHA512_BYTES];
	uint8_t spki_sha256[SMTP_SHA256_BYTES];
	uint8_t spki_sha512[SMTP_SHA512_BYTES];

	const char *subject, *issuer;  /* RFC 4514, never NULL */
	int64_t not_before, not_after; /* seconds since 1970 */
	enum smtp_key_type key_type;
	unsigned key_bits;
	const char *key_text;       /* "RSA", "prime256v1", "ED25519" */
	const char *signature_text; /* "sha256WithRSAEncryption" */
	enum smtp_digest signature_digest;
	bool self_issued;    /* subject and issuer are the same name */
	bool self_signed;    /* and its own key made the signature */
	bool issued_by_next; /* the next one of the chain made the signature */

	/* dNSNames of the subjectAltName, without those that hold a NUL; the common
	 * name where there is none. */
	size_t name_count;
	const struct span *names;
};

/* A copy with all that it points to, in one block of exactly its size. The caller's, to
 * be freed by free(). */
struct smtp_certificate *smtp_certificate_copy(
    const struct smtp_certificate *certificate) MUST_CHECK;

/* What the chain of a handshake is worth to who trusts our CAs. */
enum smtp_trust_problem {
	SMTP_TRUST_FINE,
	SMTP_TRUST_SELF_SIGNED,  /* the server's own certificate vouches for itself */
	SMTP_TRUST_INCOMPLETE,   /* an intermediate certificate is missing */
	SMTP_TRUST_UNKNOWN_ROOT, /* complete, and its root is none of our CAs */
	SMTP_TRUST_OTHER         /* trust_text says which */
};

struct smtp_chain {
	size_t count;                                    /* 0: no such chain was met */
	struct smtp_certificate *list[LIMIT_SMTP_CHAIN]; /* as the server sent them */

	/* Dates and names are left out of it: they are the probe's to judge. */
	enum truth trusted;
	enum smtp_trust_problem trust_problem;
	char trust_text[LIMIT_SMTP_ERROR + 1];
	enum truth name_match; /* of the first one with the endpoint's name */
};

/* True when a name of a certificate ("*.example.com") stands for `name` (RFC 6125 6.4):
 * a wildcard is the whole first label and stands for one label. */
bool smtp_name_matches(struct span presented, const struct dns_name *name);

/* True when one of the certificate's names does. */
bool smtp_certificate_matches(
    const struct smtp_certificate *certificate, const struct dns_name *name);

/* --- TLS ------------------------------------------------------------------ */

/* Versions of the protocol from old to new, their numbers on the wire. */
#define SMTP_PROTOCOL_LIST(PROTOCOL) \
	PROTOCOL(SSLV2, "SSLv2", 0x0002) \
	PROTOCOL(SSLV3, "SSLv3", 0x0300) \
	PROTOCOL(TLSV10, "TLSv1.0", 0x0301) \
	PROTOCOL(TLSV11, "TLSv1.1", 0x0302) \
	PROTOCOL(TLSV12, "TLSv1.2", 0x0303) \
	PROTOCOL(TLSV13, "TLSv1.3", 0x0304)

#define SMTP_PROTOCOL_ENUM(symbol, text, version) SMTP_##symbol,
enum smtp_protocol { SMTP_PROTOCOL_LIST(SMTP_PROTOCOL_ENUM) SMTP_PROTOCOLS };
#undef SMTP_PROTOCOL_ENUM

const char *smtp_protocol_text(enum smtp_protocol protocol);

/* Classes of cipher suites that nobody should accept, or need not. */
#define SMTP_WEAK_LIST(WEAK) \
	WEAK(NULL, "null") \
	WEAK(ANON, "anon") \
	WEAK(EXPORT, "export") \
	WEAK(RC4, "rc4") \
	WEAK(3DES, "3des")

#define SMTP_WEAK_ENUM(symbol, text) SMTP_WEAK_##symbol,
enum smtp_weak { SMTP_WEAK_LIST(SMTP_WEAK_ENUM) SMTP_WEAKS };
#undef SMTP_WEAK_ENUM

const char *smtp_weak_text(enum smtp_weak weak);

struct smtp_tls {
	enum truth protocols[SMTP_PROTOCOLS];
	unsigned sslv2_suites; /* offered by a server that speaks SSLv2; may be 0 */

	/* From hellos that no handshake followed. */
	enum truth fallback_scsv;          /* RFC 7507 */
	enum truth secure_renegotiation;   /* RFC 5746 */
	enum truth compression;            /* DEFLATE was chosen */
	enum truth heartbeat;              /* the extension is offered (RFC 6520) */
	enum truth heartbleed;             /* CVE-2014-0160 */
	enum truth extended_master_secret; /* RFC 7627 */
	enum truth downgrade_sentinel;  /* RFC 8446 4.1.3, of a server with TLS 1.3 */
	enum truth post_quantum;        /* a hybrid group was chosen */
	const char *post_quantum_group; /* "X25519MLKEM768", static; NULL: none */
	enum truth weak[SMTP_WEAKS];

	/* What the server chose of everything at TLS 1.2 or below, or, when it speaks
	 * nothing but TLS 1.3, at that. */
	uint16_t version; /* 0: nothing was chosen */
	uint16_t suite;
	const char *suite_text; /* static; NULL: one that has no name here */
	enum truth forward_secrecy;
	unsigned dh_bits;       /* of a finite-field group; 0: not used */
	uint16_t group;         /* RFC 8446 4.2.7; 0: unknown or finite-field */
	const char *group_text; /* static; NULL as above */

	bool alerted;  /* a hello was refused by an alert: */
	uint8_t alert; /* the last one (RFC 8446 6.2) */
};

/* The one handshake that was taken to its end, by a wide client. */
struct smtp_handshake {
	enum truth done;
	uint16_t version, suite;             /* 0: none */
	char suite_text[48], group_text[32]; /* "" where unknown */
	char error[LIMIT_SMTP_ERROR + 1];    /* why it failed */
	enum truth ehlo_after;               /* EHLO over TLS: 2xx; NO: 5xx */
};

/* --- the fact ------------------------------------------------------------- */

struct smtp_reply_text {
	unsigned code;                        /* 0: there was none */
	char text[LIMIT_SMTP_REPLY_TEXT + 1]; /* as sent; lines joined by a blank */
};

/* One connection of a scan, for who wants to see what was asked and answered. */
struct smtp_visit {
	double seconds;
	enum smtp_stage stage; /* how far it came */
	uint16_t asked;        /* version of a hello of ours; 0: there was none */
	uint16_t chosen;       /* what the server answered to it; 0: no version */
	bool alerted;
	uint8_t alert; /* RFC 8446 6.2 */
};

enum { SMTP_CHAINS = 2 };

struct smtp_scan {
	enum smtp_end end;
	enum smtp_stage stage;            /* where that was; of the last connection */
	struct smtp_reply_text reply;     /* the one that ended it */
	char error[LIMIT_SMTP_ERROR + 1]; /* PROTOCOL_ERROR, UNREACHABLE: what */

	struct smtp_reply_text greeting; /* of the first connection */
	enum truth starttls;             /* offered; UNKNOWN with implicit TLS */
	enum truth injection;            /* CVE-2011-0411; UNKNOWN when not tried */

	/* `tls` and `injection` are those of an earlier scan of the address, by
	 * whatever name (smtp/fetch.h). */
	bool borrowed;
	struct smtp_tls tls;
	struct smtp_handshake handshake;

	/* By type of the first key: [0] is the one that the full handshake met, [1]
	 * the other one where a host serves two (RSA and ECDSA). `single_type` says
	 * that no second one was to be had. */
	struct smtp_chain chains[SMTP_CHAINS];
	enum truth single_type;

	unsigned connections; /* opened, also in vain */
	double seconds;       /* of the whole scan */
	struct smtp_visit visits[LIMIT_SMTP_CONNECTIONS];
};

/* Frees its certificates and leaves it empty. */
void smtp_chain_clear(struct smtp_chain *chain);

/* Zero bytes, and every certificate freed with it. */
struct smtp_scan *smtp_scan_new(void);
void smtp_scan_free(struct smtp_scan *scan);

/* A fact of a scan, which it takes. One that ended because of the server's mood
 * (time-out, 4xx, 421, unreachable) is kept for LIMIT_SMTP_RETRY_SECONDS at most, any
 * other for `keep_seconds`: the exporter's smtp_interval. */
struct fact smtp_fact(struct smtp_scan *scan, unsigned keep_seconds, int64_t now_ms);

/* The scan says nothing final of the host: it is worth another try later. */
bool smtp_scan_is_passing(const struct smtp_scan *scan);

struct smtp_result {
	enum outcome outcome;
	const struct smtp_scan *scan; /* NULL unless FOUND; good until the evaluation
					 ends */
};

/* Adds lines for people: the endpoint, how it ended, what it said, and each connection.
 */
void smtp_scan_describe(struct buf *out, const struct smtp_endpoint *endpoint,
    const struct smtp_scan *scan);

struct smtp_result smtp_get(struct view *view, const struct smtp_endpoint *endpoint);

#endif
