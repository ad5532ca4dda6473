/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* What senders that know DANE (RFC 7672) make of each host. */
#include "audit_parts.h"

/* --- matching ------------------------------------------------------------- */

/* The names below a DANE-TA(2) record: the base domain, the exchanger as published, and
 * the domain that the mail is for (RFC 7672 3.2.2). */
static struct dane_names
names_of(struct dns_name names[static 3], const struct target *target,
    const struct route_host *host)
{
	names[0] = host->base;
	names[1] = host->name;
	names[2] = target->domain;
	return (struct dane_names){ .count = 3, .list = names };
}

/* Every certificate that is served has to match; the first that does not is told. */
struct dane_match
smtp_tls_dane_of(const struct target *target, const struct route_host *host,
    const struct route_address *address)
{
	struct dane_match all = { .matched = TRUTH_UNKNOWN,
		.by_ee = true,
		.why = "no certificate was seen" };
	struct dns_name names[3];
	if (host->dane != DANE_USABLE || address->scan == NULL)
		return all;
	for (size_t i = 0; i < SMTP_CHAINS; i++) {
		const struct smtp_chain *chain = &address->scan->chains[i];
		if (chain->count == 0)
			continue;
		struct dane_match match = dane_match_chain(&host->records, chain,
		    names_of(names, target, host), target->now_seconds);
		if (match.matched != TRUTH_YES)
			return match;
		all = (struct dane_match){ .matched = TRUTH_YES,
			.by_ee = all.by_ee && match.by_ee };
	}
	return all;
}

enum truth
smtp_tls_dane_valid(const struct target *target, const struct route_host *host)
{
	enum truth valid = TRUTH_UNKNOWN;
	bool is_sure = true;
	for (size_t i = 0; i < host->address_count; i++) {
		struct dane_match match = smtp_tls_dane_of(
		    target, host, &host->addresses[i]);
		if (match.matched == TRUTH_NO)
			return TRUTH_NO;
		if (match.matched == TRUTH_YES)
			valid = TRUTH_YES;
		else
			is_sure = false;
	}
	return is_sure ? valid : TRUTH_UNKNOWN;
}

/* --- one host ------------------------------------------------------------- */

static enum severity
if_required(const struct audit *audit, enum severity severity)
{
	return audit->settings->require_dane ? SEVERITY_CRITICAL : severity;
}

/* Senders ask only where the way to the host is signed; they put mail off when it is
 * and the answer does not come (RFC 7672 2.1.2, 2.2). */
static void
say_failed(struct audit *audit)
{
	const struct route_host *host = audit->host;
	enum severity severity = SEVERITY_UNKNOWN;
	const char *meaning = "";
	bool was_asked = host->a.answer != NULL || host->aaaa.answer != NULL;
	if (host->secure == TRUTH_YES && was_asked && !audit->report->timed_out) {
		severity = SEVERITY_CRITICAL;
		meaning = ", in a signed zone: senders put mail off";
	} else if (host->secure == TRUTH_NO) {
		severity = if_required(audit, SEVERITY_INFO);
		meaning = ", not signed: senders don't ask for it";
	}
	audit_say_as(audit, NULL, FINDING_DANE_TLSA_DNS_ERROR, severity, "%s: TLSA%s",
	    outcome_text(host->tlsa.outcome), meaning);
}

/* Records are there, and nobody will go by them; or it can't be told. */
static void
say_insecure(struct audit *audit)
{
	bool is_known = audit->host->dane == DANE_INSECURE;
	if (audit->host->tlsa.outcome != OUTCOME_FOUND)
		return;
	audit_say_as(audit, NULL, FINDING_DANE_TLSA_INSECURE,
	    if_required(audit, is_known ? SEVERITY_WARNING : SEVERITY_INFO),
	    is_known ? "TLSA records that are not signed, or not all the way: ignored"
		     : "TLSA records, of which can't be told whether they are signed: "
		       "the resolver's AD bit is not believed");
}

static void
say_unusable(struct audit *audit)
{
	const struct dane_records *records = &audit->host->records;
	if (records->pkix > 0)
		audit_say(audit, NULL, FINDING_DANE_USAGE_UNUSABLE,
		    "only TLSA usages 0 and 1, which are not for SMTP");
	if (records->invalid > 0)
		audit_say_as(audit, NULL, FINDING_DANE_PARAMS_INVALID,
		    SEVERITY_CRITICAL,
		    "%zu of %zu TLSA records with invalid parameters, none is usable",
		    records->invalid, records->count);
}

/* RFC 7671 8: the next key has to be there before the server changes to it. */
static bool
lacks_rollover(const struct dane_records *records)
{
	return records->count == 1 && records->usable[0].usage == DANE_EE &&
	    records->usable[0].selector == DANE_SPKI;
}

static void
check_records(struct audit *audit)
{
	const struct dane_records *records = &audit->host->records;
	if (records->pkix > 0)
		audit_say(audit, NULL, FINDING_DANE_USAGE_MIXED,
		    "%zu of %zu TLSA records with usage 0 or 1, which are not for SMTP",
		    records->pkix, records->count);
	if (records->invalid > 0)
		audit_say(audit, NULL, FINDING_DANE_PARAMS_INVALID,
		    "%zu of %zu TLSA records with invalid parameters", records->invalid,
		    records->count);
	if (records->full > 0)
		audit_say(audit, NULL, FINDING_DANE_FULL_MATCH,
		    "a TLSA record that holds the whole certificate or key");
	if (lacks_rollover(records))
		audit_say(audit, NULL, FINDING_DANE_NO_ROLLOVER,
		    "a single TLSA record: the next key is not announced");
}

static void
check_matches(struct audit *audit)
{
	const struct route_host *host = audit->host;
	for (size_t i = 0; i < host->address_count; i++) {
		struct dane_match match = smtp_tls_dane_of(
		    audit->target, host, &host->addresses[i]);
		if (match.matched == TRUTH_NO)
			audit_say(audit, &host->addresses[i], FINDING_DANE_MISMATCH,
			    "no TLSA record matches: %s", match.why);
		else if (match.matched == TRUTH_UNKNOWN &&
		    audit->settings->require_dane)
			audit_say_as(audit, &host->addresses[i], FINDING_DANE_MISMATCH,
			    SEVERITY_UNKNOWN, "DANE could not be checked: %s",
			    match.why);
	}
	if (smtp_tls_dane_valid(audit->target, host) == TRUTH_YES)
		audit_say(audit, NULL, FINDING_DANE_VALID, "DANE is valid");
}

static bool
has_base_of_its_own(const struct audit *audit)
{
	const struct route_host *host = audit->host;
	return !audit->settings->has_mx_name && dns_name_labels(&host->base) > 0 &&
	    !dns_name_equal(&host->base, &host->name);
}

void
audit_host_dane(struct audit *audit)
{
	const struct route_host *host = audit->host;
	bool tlsa_is_alias = host->tlsa.answer != NULL &&
	    host->tlsa.answer->alias_count > 0;
	if (host->dane > DANE_NONE && (tlsa_is_alias || has_base_of_its_own(audit)))
		audit_say(audit, NULL, FINDING_DANE_CNAME,
		    "TLSA by way of an alias; the base domain is %s",
		    dns_name_text(audit->arena, &host->base));
	switch (host->dane) {
	case DANE_NONE:
		if (host->address_count > 0)
			audit_say_as(audit, NULL, FINDING_DANE_TLSA_MISSING,
			    if_required(audit, SEVERITY_INFO), "no TLSA records");
		break;
	case DANE_UNTOLD:
	case DANE_INSECURE:
		say_insecure(audit);
		break;
	case DANE_FAILED:
		say_failed(audit);
		break;
	case DANE_UNUSABLE:
		say_unusable(audit);
		break;
	case DANE_USABLE:
		check_records(audit);
		check_matches(audit);
		break;
	}
}

/* --- between hosts -------------------------------------------------------- */

/* Mail takes the way that is not protected as soon as somebody blocks the others. */
void
audit_partial_dane(struct audit *audit)
{
	const struct route *route = audit->route;
	const char *without = "";
	bool some = false;
	for (size_t i = 0; i < route->host_count; i++) {
		const struct route_host *host = &route->hosts[i];
		some |= host->dane == DANE_USABLE;
		if (host->dane == DANE_NONE || host->dane == DANE_INSECURE)
			without = audit_listed(audit->arena, without, host->text);
	}
	if (some && without[0] != '\0')
		report_finding_as(audit->report, FINDING_DANE_PARTIAL,
		    if_required(audit, SEVERITY_WARNING), NULL,
		    "DANE at some exchangers and not at %s", without);
}
