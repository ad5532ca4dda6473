/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Versions, suites and flaws of TLS, by what a sender of mail would do: any encryption
 * is better for it than none, so that little here is critical. */
#include "audit_parts.h"

enum { DH_BITS_GOOD = 2048, DH_BITS_BAD = 1024 }; /* RFC 9325 4.4 */

struct tls_check {
	struct audit *audit;
	const struct route_address *address;
	const struct smtp_scan *scan;
	const struct smtp_tls *tls;
};

/* A handshake that got no answer, where hellos did, has neither failed nor worked. */
static void
check_handshake(const struct tls_check *check)
{
	const struct smtp_handshake *handshake = &check->scan->handshake;
	if (handshake->done == TRUTH_UNKNOWN && check->scan->end == SMTP_END_DONE)
		audit_say_as(check->audit, check->address, FINDING_SMTP_TIMEOUT,
		    SEVERITY_UNKNOWN, "time-out at %s",
		    smtp_stage_text(SMTP_STAGE_HANDSHAKE));
	if (handshake->done != TRUTH_NO)
		return;
	const char *error = arena_safe_text(
	    check->audit->arena, span_text(handshake->error));
	audit_say(check->audit, check->address, FINDING_TLS_HANDSHAKE_FAILED,
	    "the TLS handshake fails%s%s", error[0] != '\0' ? ": " : "", error);
}

/* Any version: without one it is the handshake that fails. */
static bool
is_spoken(const enum truth protocols[static SMTP_PROTOCOLS])
{
	for (size_t i = 0; i < SMTP_PROTOCOLS; i++)
		if (protocols[i] == TRUTH_YES)
			return true;
	return false;
}

static void
check_versions(const struct tls_check *check)
{
	const enum truth *protocols = check->tls->protocols;
	if (protocols[SMTP_SSLV2] == TRUTH_YES)
		audit_say(check->audit, check->address, FINDING_TLS_SSLV2,
		    "SSLv2 is spoken%s",
		    check->tls->sslv2_suites == 0 ? ", without any cipher" : "");
	if (protocols[SMTP_SSLV3] == TRUTH_YES)
		audit_say(
		    check->audit, check->address, FINDING_TLS_SSLV3, "SSLv3 is spoken");
	if (protocols[SMTP_TLSV10] == TRUTH_YES)
		audit_say(
		    check->audit, check->address, FINDING_TLS_V10, "TLS 1.0 is spoken");
	if (protocols[SMTP_TLSV11] == TRUTH_YES)
		audit_say(
		    check->audit, check->address, FINDING_TLS_V11, "TLS 1.1 is spoken");
	if (protocols[SMTP_TLSV13] != TRUTH_NO)
		return;
	if (protocols[SMTP_TLSV12] == TRUTH_NO && is_spoken(protocols))
		audit_say(check->audit, check->address, FINDING_TLS_V12_MISSING,
		    "neither TLS 1.2 nor 1.3 is spoken");
	audit_say(check->audit, check->address, FINDING_TLS_V13_MISSING,
	    "TLS 1.3 is not spoken");
}

/* --min-tls. Without version tests the handshake tells of one of them. */
static void
check_minimum(const struct tls_check *check)
{
#define VERSION(symbol, text, version) version,
	static const uint16_t versions[] = { SMTP_PROTOCOL_LIST(VERSION) };
#undef VERSION
	enum smtp_protocol least = check->audit->settings->min_tls;
	const char *list = "";
	for (size_t i = 0; i < least; i++)
		if (check->tls->protocols[i] == TRUTH_YES ||
		    check->scan->handshake.version == versions[i])
			list = audit_listed(
			    check->audit->arena, list, smtp_protocol_text(i));
	if (list[0] != '\0')
		audit_say(check->audit, check->address, FINDING_TLS_BELOW_MINIMUM,
		    "spoken below the least allowed, %s: %s", smtp_protocol_text(least),
		    list);
}

static void
check_downgrade(const struct tls_check *check)
{
	if (check->tls->fallback_scsv != TRUTH_NO)
		return;
	bool has_sslv3 = check->tls->protocols[SMTP_SSLV3] == TRUTH_YES;
	audit_say_as(check->audit, check->address, FINDING_TLS_FALLBACK_SCSV_MISSING,
	    has_sslv3 ? SEVERITY_CRITICAL : SEVERITY_INFO,
	    "TLS_FALLBACK_SCSV is ignored%s",
	    has_sslv3 ? ", so that senders can be led down to SSLv3" : "");
}

static void
check_flaws(const struct tls_check *check)
{
	const struct smtp_tls *tls = check->tls;
	if (tls->heartbleed == TRUTH_YES)
		audit_say(check->audit, check->address, FINDING_TLS_HEARTBLEED,
		    "Heartbleed: the server gives away its memory");
	if (tls->secure_renegotiation == TRUTH_NO)
		audit_say(check->audit, check->address,
		    FINDING_TLS_RENEGOTIATION_INSECURE,
		    "no secure renegotiation (RFC 5746)");
	if (tls->compression == TRUTH_YES)
		audit_say(check->audit, check->address, FINDING_TLS_COMPRESSION,
		    "TLS compression is chosen");
	if (tls->post_quantum == TRUTH_NO)
		audit_say(check->audit, check->address, FINDING_TLS_PQ_MISSING,
		    "no post-quantum key exchange");
}

static void
check_weak_suites(const struct tls_check *check)
{
	static const struct {
		enum finding_id id;
		const char *text;
	} classes[SMTP_WEAKS] = {
		[SMTP_WEAK_NULL] = { FINDING_TLS_CIPHER_NULL, "without encryption" },
		[SMTP_WEAK_ANON] = { FINDING_TLS_CIPHER_ANON, "without a certificate" },
		[SMTP_WEAK_EXPORT] = { FINDING_TLS_CIPHER_EXPORT, "of export grade" },
		[SMTP_WEAK_RC4] = { FINDING_TLS_CIPHER_RC4, "with RC4" },
		[SMTP_WEAK_3DES] = { FINDING_TLS_CIPHER_3DES, "with 3DES" },
	};
	for (size_t i = 0; i < SMTP_WEAKS; i++)
		if (check->tls->weak[i] == TRUTH_YES)
			audit_say(check->audit, check->address, classes[i].id,
			    "cipher suites %s are accepted", classes[i].text);
}

static void
check_key_exchange(const struct tls_check *check)
{
	const struct smtp_tls *tls = check->tls;
	if (tls->forward_secrecy == TRUTH_NO)
		audit_say(check->audit, check->address, FINDING_TLS_NO_FORWARD_SECRECY,
		    "the chosen cipher suite%s%s has no forward secrecy",
		    tls->suite_text != NULL ? " " : "",
		    tls->suite_text != NULL ? tls->suite_text : "");
	if (tls->dh_bits > 0 && tls->dh_bits < DH_BITS_GOOD)
		audit_say_as(check->audit, check->address, FINDING_TLS_DH_WEAK,
		    tls->dh_bits < DH_BITS_BAD ? SEVERITY_CRITICAL : SEVERITY_WARNING,
		    "the Diffie-Hellman group has %u bits", tls->dh_bits);
}

static void (*const checks[])(const struct tls_check *) = {
	check_handshake,
	check_versions,
	check_minimum,
	check_downgrade,
	check_flaws,
	check_weak_suites,
	check_key_exchange,
};

void
audit_tls(struct audit *audit, const struct route_address *address)
{
	const struct tls_check check = {
		.audit = audit,
		.address = address,
		.scan = address->scan,
		.tls = &address->scan->tls,
	};
	for (size_t i = 0; i < ARRAY_LENGTH(checks); i++)
		checks[i](&check);
}
