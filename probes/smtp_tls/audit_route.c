/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* How mail finds its way: the MX records, and the addresses of each exchanger. */
#include "audit_parts.h"

#include "core/span.h"

/* --- the MX records ------------------------------------------------------- */

/* RFC 7505 3: one record, the root as exchanger, 0 as preference. */
static void
check_null(struct audit *audit)
{
	const struct dns_answer *answer = audit->route->mx.answer;
	for (size_t i = 0; i < answer->record_count; i++) {
		uint16_t preference;
		struct dns_name exchanger;
		if (!dns_record_mx(&answer->records[i], &preference, &exchanger) ||
		    dns_name_labels(&exchanger) > 0)
			continue;
		if (audit->route->kind == ROUTE_MX)
			report_finding(audit->report, FINDING_MX_NULL_WITH_OTHERS, NULL,
			    "a null MX stands beside %zu exchanger%s",
			    audit->route->host_count,
			    audit->route->host_count == 1 ? "" : "s");
		else
			report_finding(audit->report, FINDING_MX_NULL, NULL,
			    "takes no mail: null MX");
		if (preference != 0)
			report_finding(audit->report, FINDING_MX_NULL_PREFERENCE, NULL,
			    "the null MX has the preference %u instead of 0",
			    preference);
		return;
	}
}

static size_t
count_records(const struct dns_answer *answer, const struct dns_name *name)
{
	size_t count = 0;
	for (size_t i = 0; i < answer->record_count; i++) {
		uint16_t preference;
		struct dns_name exchanger;
		count += dns_record_mx(&answer->records[i], &preference, &exchanger) &&
		    dns_name_equal(&exchanger, name);
	}
	return count;
}

static void
check_exchangers(struct audit *audit)
{
	const struct route *route = audit->route;
	bool has_ipv6 = false, knows_ipv6 = true;
	check_null(audit);
	for (size_t i = 0; i < route->host_count; i++) {
		const struct route_host *host = &route->hosts[i];
		size_t count = count_records(route->mx.answer, &host->name);
		struct place place = { .subject = host->text };
		if (count > 1)
			report_finding(audit->report, FINDING_MX_DUPLICATE, &place,
			    "%s stands in %zu MX records", host->text, count);
		has_ipv6 |= host->aaaa.outcome == OUTCOME_FOUND;
		knows_ipv6 &= outcome_is_empty(host->aaaa.outcome);
	}
	if (!has_ipv6 && knows_ipv6 && route->kind == ROUTE_MX)
		report_finding(audit->report, FINDING_MX_NO_IPV6, NULL,
		    "no exchanger has an IPv6 address");
	if (route->hosts_left_out > 0)
		report_finding(audit->report, FINDING_MX_TOO_MANY, NULL,
		    "%zu exchangers, of which %d are looked at",
		    route->host_count + route->hosts_left_out, LIMIT_ROUTE_HOSTS);
}

/* What is known of DNSSEC at all: with AD from a resolver to believe. */
static void
check_dnssec(struct audit *audit)
{
	const struct dns_answer *answer = audit->route->mx.answer;
	if (!audit->target->trusts_ad || answer == NULL)
		return;
	if (answer->authentic)
		report_finding(audit->report, FINDING_DNSSEC_SECURE, NULL,
		    "the MX records are signed");
	else
		report_finding(audit->report, FINDING_DNSSEC_INSECURE, NULL,
		    "the MX records are not signed");
}

void
audit_route(struct audit *audit)
{
	const struct route *route = audit->route;
	switch (route->kind) {
	case ROUTE_HOST:
		return;
	case ROUTE_UNKNOWN:
		report_finding(audit->report, FINDING_MX_DNS_ERROR, NULL, "%s: MX",
		    outcome_text(route->mx.outcome));
		return;
	case ROUTE_NOWHERE:
		report_finding(audit->report, FINDING_MX_NONE_REACHABLE, NULL,
		    route->mx.outcome == OUTCOME_NXDOMAIN
			? "the domain does not exist (NXDOMAIN)"
			: "neither MX nor address: nobody can send mail there");
		break;
	case ROUTE_IMPLICIT:
		report_finding(audit->report, FINDING_MX_MISSING, NULL,
		    "no MX: mail goes to the domain's own address");
		break;
	case ROUTE_MX:
	case ROUTE_NULL:
		check_exchangers(audit);
		break;
	}
	check_dnssec(audit);
}

/* --- one host's addresses ------------------------------------------------- */

struct prefix {
	uint8_t length; /* of the address in bytes */
	uint8_t bits;
	uint8_t bytes[2];
};

static bool
is_within(const struct smtp_endpoint *endpoint, const struct prefix *prefix)
{
	if (endpoint->address_length != prefix->length)
		return false;
	unsigned address = (unsigned)endpoint->address[0] << 8 | endpoint->address[1];
	unsigned wanted = (unsigned)prefix->bytes[0] << 8 | prefix->bytes[1];
	return (address ^ wanted) >> (16 - prefix->bits) == 0;
}

/* The blocks of RFC 6890 2.2 that nobody else can reach, as far as a wrong entry in a
 * zone leads there; those of documentation are for documents and tests like ours. */
static bool
is_private(const struct smtp_endpoint *endpoint)
{
	static const struct prefix prefixes[] = {
		{ 4, 8, { 0, 0 } },         /* "this network" */
		{ 4, 8, { 10, 0 } },        /* RFC 1918 */
		{ 4, 10, { 100, 64 } },     /* RFC 6598 */
		{ 4, 8, { 127, 0 } },       /* loopback */
		{ 4, 16, { 169, 254 } },    /* link-local */
		{ 4, 12, { 172, 16 } },     /* RFC 1918 */
		{ 4, 16, { 192, 168 } },    /* RFC 1918 */
		{ 16, 7, { 0xfc, 0 } },     /* unique local */
		{ 16, 10, { 0xfe, 0x80 } }, /* link-local */
	};
	static const uint8_t loopback[16] = { [15] = 1 };
	for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++)
		if (is_within(endpoint, &prefixes[i]))
			return true;
	return endpoint->address_length == 16 &&
	    span_equal(span_of(endpoint->address, 16), span_of(loopback, 16));
}

static void
check_failures(struct audit *audit)
{
	const struct route_host *host = audit->host;
	bool a = outcome_is_failure(host->a.outcome);
	bool aaaa = outcome_is_failure(host->aaaa.outcome);
	if (a || aaaa)
		audit_say(audit, NULL, FINDING_MX_ADDRESS_DNS_ERROR, "%s: %s%s%s",
		    outcome_text(a ? host->a.outcome : host->aaaa.outcome),
		    a ? "A" : "", a && aaaa ? " and " : "", aaaa ? "AAAA" : "");
}

static void
check_emptiness(struct audit *audit)
{
	const struct route_host *host = audit->host;
	bool is_gone = host->a.outcome == OUTCOME_NXDOMAIN ||
	    host->aaaa.outcome == OUTCOME_NXDOMAIN;
	if (route_name_is_address(&host->name) && host->has_preference)
		audit_say(audit, NULL, FINDING_MX_IP_LITERAL,
		    "the exchanger is an address written as a name");
	else if (!route_host_is_empty(host))
		return;
	else if (is_gone)
		audit_say(audit, NULL, FINDING_MX_DANGLING,
		    "the host does not exist (NXDOMAIN)");
	else
		audit_say(audit, NULL, FINDING_MX_NO_ADDRESS,
		    "the host has no %saddress",
		    audit->settings->only_ipv4       ? "IPv4 "
			: audit->settings->only_ipv6 ? "IPv6 "
						     : "");
}

void
audit_host_addresses(struct audit *audit)
{
	const struct route_host *host = audit->host;
	check_failures(audit);
	check_emptiness(audit);
	if (host->addresses_left_out > 0)
		audit_say(audit, NULL, FINDING_MX_TOO_MANY,
		    "%zu addresses, of which %d are looked at",
		    host->address_count + host->addresses_left_out,
		    LIMIT_ROUTE_ADDRESSES);
	if (audit->route->kind == ROUTE_HOST)
		return;
	if (host->is_alias && audit->route->kind == ROUTE_MX)
		audit_say(audit, NULL, FINDING_MX_CNAME, "the exchanger is an alias");
	for (size_t i = 0; i < host->address_count; i++)
		if (is_private(&host->addresses[i].endpoint))
			audit_say(audit, &host->addresses[i],
			    FINDING_MX_PRIVATE_ADDRESS,
			    "a private address, which others can't reach");
}
