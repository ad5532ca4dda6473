/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Dates, trust, name and strength of all certificates that an address showed. Senders
 * that go by a DANE-EE(3) record look at neither dates nor names nor issuers (RFC 7672
 * 3.1.1): what is wrong with them then is only told.
 */
#include "audit_parts.h"

#include "core/threshold.h"

#include <time.h>

enum { SECONDS_PER_DAY = 86400 };

/* RFC 9325 4.3; below the second one anybody can break it. */
enum { RSA_BITS_GOOD = 2048, RSA_BITS_BAD = 1024, EC_BITS_GOOD = 224 };

struct chain_check {
	struct audit *audit;
	const struct route_address *address;
	const struct smtp_chain *chain;
	const char *which; /* "RSA " where the server has two */
	bool excused;      /* by DANE-EE */
};

/* What can't be read has no dates. */
static bool
has_dates(const struct smtp_certificate *certificate)
{
	return certificate->spki.length > 0;
}

bool
smtp_tls_chain_end(const struct smtp_chain *chain, int64_t *not_after)
{
	bool found = false;
	for (size_t i = 0; i < chain->count; i++) {
		int64_t end = chain->list[i]->not_after;
		if (!has_dates(chain->list[i]) || (found && end >= *not_after))
			continue;
		*not_after = end;
		found = true;
	}
	return found;
}

bool
smtp_tls_first_end(const struct smtp_scan *scan, int64_t *not_after)
{
	int64_t end = 0;
	bool found = false;
	for (size_t i = 0; i < SMTP_CHAINS; i++) {
		if (!smtp_tls_chain_end(&scan->chains[i], &end) ||
		    (found && end >= *not_after))
			continue;
		*not_after = end;
		found = true;
	}
	return found;
}

/* Down also below 0: a day late is -1 as soon as a second has passed. */
double
smtp_tls_days(int64_t not_after, int64_t now_seconds)
{
	int64_t seconds = not_after - now_seconds;
	int64_t days = seconds / SECONDS_PER_DAY;
	return (double)(seconds % SECONDS_PER_DAY < 0 ? days - 1 : days);
}

/* "2026-05-01" */
static const char *
date_text(struct arena *arena, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm utc;
	if (gmtime_r(&when, &utc) == NULL)
		return "a date out of range";
	return arena_printf(
	    arena, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

/* Which one of the chain, for people. */
static const char *
certificate_text(const struct chain_check *check, size_t index)
{
	if (index == 0)
		return arena_printf(
		    check->audit->arena, "the %scertificate", check->which);
	return arena_printf(check->audit->arena, "the issuer's certificate (%s)",
	    arena_safe_text(
		check->audit->arena, span_text(check->chain->list[index]->subject)));
}

static enum severity
unless_excused(const struct chain_check *check, enum severity severity)
{
	return check->excused ? SEVERITY_INFO : severity;
}

/* By the thresholds of certificate_expiry_days, so that both say the same. */
static enum severity
expiry_severity(const struct chain_check *check, double days)
{
	const struct policy *policy = check->audit->report->policy;
	if (threshold_alerts(&policy->critical[METRIC_CERTIFICATE_EXPIRY_DAYS], days))
		return SEVERITY_CRITICAL;
	if (threshold_alerts(&policy->warning[METRIC_CERTIFICATE_EXPIRY_DAYS], days))
		return SEVERITY_WARNING;
	return SEVERITY_IGNORE;
}

static void
check_dates(const struct chain_check *check, size_t index)
{
	struct audit *audit = check->audit;
	const struct smtp_certificate *certificate = check->chain->list[index];
	int64_t now = audit->target->now_seconds;
	const char *text = certificate_text(check, index);
	double days = smtp_tls_days(certificate->not_after, now);
	enum severity expiring = expiry_severity(check, days);
	if (now > certificate->not_after)
		audit_say_as(audit, check->address, FINDING_CERT_EXPIRED,
		    unless_excused(check, SEVERITY_CRITICAL), "%s expired on %s", text,
		    date_text(audit->arena, certificate->not_after));
	else if (expiring != SEVERITY_IGNORE)
		audit_say_as(audit, check->address, FINDING_CERT_EXPIRING,
		    unless_excused(check, expiring), "%s expires in %.0f day%s, on %s",
		    text, days, days == 1 ? "" : "s",
		    date_text(audit->arena, certificate->not_after));
	if (now < certificate->not_before)
		audit_say_as(audit, check->address, FINDING_CERT_NOT_YET_VALID,
		    unless_excused(check, SEVERITY_CRITICAL),
		    "%s is not valid before %s", text,
		    date_text(audit->arena, certificate->not_before));
}

static void
check_key(const struct chain_check *check, size_t index)
{
	const struct smtp_certificate *certificate = check->chain->list[index];
	bool is_rsa = certificate->key_type == SMTP_KEY_RSA ||
	    certificate->key_type == SMTP_KEY_DSA;
	bool is_weak = is_rsa ? certificate->key_bits < RSA_BITS_GOOD
			      : certificate->key_type == SMTP_KEY_EC &&
		certificate->key_bits < EC_BITS_GOOD;
	if (!is_weak || certificate->key_bits == 0)
		return;
	bool is_broken = is_rsa && certificate->key_bits < RSA_BITS_BAD;
	audit_say_as(check->audit, check->address, FINDING_CERT_KEY_WEAK,
	    is_broken ? SEVERITY_CRITICAL : SEVERITY_WARNING,
	    "%s has a key of %u bits (%s)", certificate_text(check, index),
	    certificate->key_bits,
	    arena_safe_text(check->audit->arena, span_text(certificate->key_text)));
}

/* Nobody looks at what a root says of itself. */
static void
check_signature(const struct chain_check *check, size_t index)
{
	const struct smtp_certificate *certificate = check->chain->list[index];
	if (certificate->signature_digest == SMTP_DIGEST_OTHER ||
	    certificate->self_signed)
		return;
	audit_say(check->audit, check->address, FINDING_CERT_SIGNATURE_WEAK,
	    "%s is signed with %s", certificate_text(check, index),
	    arena_safe_text(
		check->audit->arena, span_text(certificate->signature_text)));
}

static const char *
trust_text(const struct chain_check *check)
{
	switch (check->chain->trust_problem) {
	case SMTP_TRUST_SELF_SIGNED:
		return "self-signed";
	case SMTP_TRUST_INCOMPLETE:
		return "an intermediate certificate is missing";
	case SMTP_TRUST_UNKNOWN_ROOT:
		return "its root is none of the trusted CAs";
	default:
		return arena_safe_text(
		    check->audit->arena, span_text(check->chain->trust_text));
	}
}

static void
check_trust(const struct chain_check *check)
{
	struct audit *audit = check->audit;
	enum severity severity = unless_excused(check,
	    audit->settings->require_trust ? SEVERITY_CRITICAL : SEVERITY_WARNING);
	if (check->chain->trusted == TRUTH_NO)
		audit_say_as(audit, check->address, FINDING_CERT_UNTRUSTED, severity,
		    "%s is not trusted: %s", certificate_text(check, 0),
		    trust_text(check));
	if (check->chain->name_match != TRUTH_NO)
		return;
	const struct smtp_certificate *certificate = check->chain->list[0];
	const char *names = "";
	for (size_t i = 0; i < certificate->name_count && i < 3; i++)
		names = audit_listed(audit->arena, names,
		    arena_safe_text(audit->arena, certificate->names[i]));
	audit_say_as(audit, check->address, FINDING_CERT_NAME_MISMATCH, severity,
	    "%s is for %s%s", certificate_text(check, 0),
	    names[0] != '\0' ? names : "no name",
	    certificate->name_count > 3 ? " and others" : "");
}

static void
check_chain(const struct chain_check *check)
{
	for (size_t i = 0; i < check->chain->count; i++) {
		if (has_dates(check->chain->list[i]))
			check_dates(check, i);
		check_key(check, i);
		check_signature(check, i);
	}
	check_trust(check);
}

/* What was asked for must not pass because nobody could tell. */
static void
check_required(struct audit *audit, const struct route_address *address)
{
	const struct smtp_scan *scan = address->scan;
	if (audit->settings->require_trust && scan->handshake.done == TRUTH_YES &&
	    scan->chains[0].trusted == TRUTH_UNKNOWN)
		audit_say_as(audit, address, FINDING_CERT_UNTRUSTED, SEVERITY_UNKNOWN,
		    "could not tell whether the certificate is trusted");
}

void
audit_certificates(struct audit *audit, const struct route_address *address)
{
	const struct smtp_scan *scan = address->scan;
	struct dane_match match = smtp_tls_dane_of(audit->target, audit->host, address);
	bool has_two = scan->chains[0].count > 0 && scan->chains[1].count > 0;
	check_required(audit, address);
	for (size_t i = 0; i < SMTP_CHAINS; i++) {
		if (scan->chains[i].count == 0)
			continue;
		const char *key = arena_safe_text(
		    audit->arena, span_text(scan->chains[i].list[0]->key_text));
		const struct chain_check check = {
			.audit = audit,
			.address = address,
			.chain = &scan->chains[i],
			.which = has_two ? arena_printf(audit->arena, "%s ", key) : "",
			.excused = match.matched == TRUTH_YES && match.by_ee,
		};
		check_chain(&check);
	}
}
