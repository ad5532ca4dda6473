/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* What happened on the way from the connection to TLS, at each address and between
 * them. */
#include "audit_parts.h"

#include "core/limits.h"

#include <string.h>

/* The run's time may be over before the first connection. */
static bool
is_scanned(const struct route_address *address)
{
	return address->scan != NULL && address->scan->connections > 0;
}

/* The last connection did not come about. */
static bool
ends_at_connect(const struct smtp_scan *scan)
{
	return scan->end == SMTP_END_REFUSED_CONNECTION ||
	    scan->end == SMTP_END_UNREACHABLE ||
	    (scan->stage == SMTP_STAGE_CONNECT && scan->end != SMTP_END_DONE);
}

/* No TCP connection came about. */
static bool
is_unconnected(const struct route_address *address)
{
	return is_scanned(address) && address->scan->connections == 1 &&
	    ends_at_connect(address->scan);
}

/* After others one did not come about: it is the number that is too much. A time-out
 * says so only where it was waited for: nothing ends it but the scan's time, which may
 * have been over in a moment. */
static bool
limits_connections(const struct smtp_scan *scan)
{
	enum { MS_PER_SECOND = 1000 };
	if (scan->connections <= 1 || !ends_at_connect(scan))
		return false;
	double waited_ms = scan->visits[scan->connections - 1].seconds * MS_PER_SECOND;
	return scan->end == SMTP_END_REFUSED_CONNECTION ||
	    scan->end == SMTP_END_UNREACHABLE ||
	    (scan->end == SMTP_END_TIMEOUT && waited_ms >= LIMIT_SMTP_HELLO_MS);
}

/* Behind it: what the server said, if anything. */
static const char *
reply_of(struct audit *audit, const struct smtp_scan *scan)
{
	if (scan->reply.code == 0)
		return "";
	return arena_printf(audit->arena, ": %u %s", scan->reply.code,
	    arena_safe_text(audit->arena, span_text(scan->reply.text)));
}

static const char *
error_of(struct audit *audit, const struct smtp_scan *scan)
{
	if (scan->error[0] == '\0')
		return smtp_end_text(scan->end);
	return arena_safe_text(audit->arena, span_text(scan->error));
}

/* --- between the addresses ------------------------------------------------ */

/* Counts the addresses with a scan, and of them those without a connection. */
static void
count_connected(const struct route_host *host, size_t *scanned, size_t *unconnected)
{
	*scanned = *unconnected = 0;
	for (size_t i = 0; i < host->address_count; i++) {
		*scanned += is_scanned(&host->addresses[i]);
		*unconnected += is_unconnected(&host->addresses[i]);
	}
}

/* Without a route the lack may be ours: many hosts have no IPv6. */
static bool
may_be_ours(const struct route_address *address)
{
	return address->scan->end == SMTP_END_UNREACHABLE &&
	    address->endpoint.address_length == 16;
}

/* Of an address, where none that was scanned can be connected to. What was not scanned
 * might have answered. */
static enum severity
unconnected_severity(
    struct audit *audit, const struct route_address *address, size_t scanned)
{
	if (address->scan->end == SMTP_END_TIMEOUT)
		return audit_timed_out(audit);
	if (may_be_ours(address) && scanned < audit->host->address_count)
		return SEVERITY_INFO;
	return SEVERITY_CRITICAL;
}

static void
check_connections(struct audit *audit)
{
	const struct route_host *host = audit->host;
	size_t scanned, unconnected;
	count_connected(host, &scanned, &unconnected);
	for (size_t i = 0; i < host->address_count; i++) {
		const struct route_address *address = &host->addresses[i];
		if (!is_unconnected(address))
			continue;
		if (unconnected == scanned)
			audit_say_as(audit, address, FINDING_SMTP_CONNECT_FAILED,
			    unconnected_severity(audit, address, scanned),
			    "no connection to port %u: %s", address->endpoint.port,
			    error_of(audit, address->scan));
		else
			audit_say_as(audit, address, FINDING_SMTP_ADDRESS_DIFFERS,
			    may_be_ours(address) ? SEVERITY_INFO : SEVERITY_WARNING,
			    "no connection to port %u while other addresses answer: %s",
			    address->endpoint.port, error_of(audit, address->scan));
	}
}

static bool
differs(enum truth a, enum truth b)
{
	return a != b && a != TRUTH_UNKNOWN && b != TRUTH_UNKNOWN;
}

/* In what two scans differ that a sender would meet, as "STARTTLS, TLSv1.0"; empty:
 * in nothing that is known of both. */
static const char *
difference(struct arena *arena, const struct smtp_scan *a, const struct smtp_scan *b)
{
	const char *list = "";
	if (differs(a->starttls, b->starttls))
		list = audit_listed(arena, list, "STARTTLS");
	for (size_t i = 0; i < SMTP_PROTOCOLS; i++)
		if (differs(a->tls.protocols[i], b->tls.protocols[i]))
			list = audit_listed(arena, list, smtp_protocol_text(i));
	if (differs(a->chains[0].trusted, b->chains[0].trusted))
		list = audit_listed(arena, list, "the chain's trust");
	if (differs(a->chains[0].name_match, b->chains[0].name_match))
		list = audit_listed(arena, list, "the certificate's name");
	return list;
}

static void
check_differences(struct audit *audit)
{
	const struct route_host *host = audit->host;
	const struct route_address *first = NULL;
	for (size_t i = 0; i < host->address_count; i++) {
		const struct route_address *address = &host->addresses[i];
		if (!is_scanned(address) || is_unconnected(address))
			continue;
		if (first == NULL) {
			first = address;
			continue;
		}
		const char *list = difference(audit->arena, first->scan, address->scan);
		if (list[0] != '\0')
			audit_say(audit, address, FINDING_SMTP_ADDRESS_DIFFERS,
			    "differs from %s in %s", first->text, list);
	}
}

void
audit_host_talk(struct audit *audit)
{
	check_connections(audit);
	check_differences(audit);
}

/* --- one address ---------------------------------------------------------- */

/* How the conversation ended, where that was not the plan's choice. */
static void
check_end(struct audit *audit, const struct route_address *address)
{
	const struct smtp_scan *scan = address->scan;
	const char *stage = smtp_stage_text(scan->stage);
	switch (scan->end) {
	case SMTP_END_TIMEOUT:
		audit_say_as(audit, address, FINDING_SMTP_TIMEOUT,
		    audit_timed_out(audit), "time-out at %s", stage);
		break;
	case SMTP_END_CLOSED:
		/* Where SMTP was spoken before, it is the number that is too much. */
		if (scan->stage < SMTP_STAGE_HELLO && scan->starttls != TRUTH_UNKNOWN)
			audit_say(audit, address, FINDING_SMTP_RATE_LIMITED,
			    "closes at %s, connection %u", stage, scan->connections);
		else if (scan->stage < SMTP_STAGE_HELLO)
			audit_say(audit, address, FINDING_SMTP_PROTOCOL_ERROR,
			    "the connection was closed at %s", stage);
		else
			audit_say(audit, address, FINDING_SMTP_TEMPORARY,
			    "closes every connection at %s", stage);
		break;
	case SMTP_END_TEMPORARY:
		audit_say(audit, address, FINDING_SMTP_TEMPORARY,
		    "refuses for now at %s%s", stage, reply_of(audit, scan));
		break;
	case SMTP_END_ABANDONED:
		audit_say(audit, address, FINDING_SMTP_TEMPORARY,
		    "the scan was abandoned at %s", stage);
		break;
	case SMTP_END_RATE_LIMITED:
		audit_say(audit, address, FINDING_SMTP_RATE_LIMITED,
		    "limits rates at %s, connection %u%s", stage, scan->connections,
		    reply_of(audit, scan));
		break;
	case SMTP_END_REFUSED:
		audit_say(audit, address, FINDING_SMTP_REFUSED, "refuses at %s%s",
		    stage, reply_of(audit, scan));
		break;
	case SMTP_END_STARTTLS_REFUSED:
		audit_say(audit, address, FINDING_SMTP_STARTTLS_REFUSED,
		    "STARTTLS is offered and then refused%s", reply_of(audit, scan));
		break;
	case SMTP_END_PROTOCOL_ERROR:
		audit_say(audit, address, FINDING_SMTP_PROTOCOL_ERROR, "at %s: %s",
		    stage, error_of(audit, scan));
		break;
	case SMTP_END_NO_STARTTLS:
		if (scan->starttls == TRUTH_YES)
			audit_say(audit, address, FINDING_SMTP_TEMPORARY,
			    "STARTTLS was offered before, and is not at connection %u",
			    scan->connections);
		break;
	case SMTP_END_REFUSED_CONNECTION:
	case SMTP_END_UNREACHABLE:
	case SMTP_END_DONE:
	case SMTP_ENDS:
		break;
	}
}

/* Not scanned at all: the run's time or its questions were up. */
static void
check_unscanned(struct audit *audit, const struct route_address *address)
{
	enum outcome outcome = address->scan != NULL ? OUTCOME_TIMEOUT
						     : address->outcome;
	audit_say_as(audit, address, FINDING_SMTP_TIMEOUT,
	    outcome == OUTCOME_TIMEOUT ? audit_timed_out(audit) : SEVERITY_UNKNOWN,
	    "not scanned: %s", outcome_text(outcome));
}

void
audit_talk(struct audit *audit, const struct route_address *address)
{
	const struct smtp_scan *scan = address->scan;
	if (!is_scanned(address)) {
		check_unscanned(audit, address);
		return;
	}
	if (limits_connections(scan))
		audit_say(audit, address, FINDING_SMTP_RATE_LIMITED,
		    "limits rates at connection %u: %s", scan->connections,
		    smtp_end_text(scan->end));
	else if (!is_unconnected(address))
		check_end(audit, address);
	if (scan->handshake.ehlo_after == TRUTH_NO)
		audit_say(audit, address, FINDING_SMTP_REFUSED, "refuses at %s",
		    smtp_stage_text(SMTP_STAGE_EHLO_TLS));
	if (scan->starttls == TRUTH_NO)
		audit_say(audit, address, FINDING_SMTP_STARTTLS_MISSING,
		    "STARTTLS is not offered");
	if (scan->injection == TRUTH_YES)
		audit_say(audit, address, FINDING_SMTP_STARTTLS_INJECTION,
		    "a command sent in clear behind STARTTLS is executed under TLS");
}
