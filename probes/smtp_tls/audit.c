/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The audit as a whole: host by host, and what their addresses have in common. */
#include "audit_parts.h"

#include "core/buf.h"

#include <string.h>

const char *
audit_listed(struct arena *arena, const char *list, const char *word)
{
	if (list == NULL || list[0] == '\0')
		return word;
	return arena_printf(arena, "%s, %s", list, word);
}

enum severity
audit_timed_out(struct audit *audit)
{
	const struct policy *policy = audit->report->policy;
	audit->report->could_not_tell = true;
	return policy->has_timeout_state ? policy_timeout_severity(policy)
					 : SEVERITY_CRITICAL;
}

/* The fault that says the same, or a new one at the end. */
static struct fault *
find_fault(struct audit *audit, enum finding_id id, enum severity severity,
    const char *message)
{
	struct fault **end = &audit->faults;
	for (; *end != NULL; end = &(*end)->next)
		if ((*end)->id == id && (*end)->severity == severity &&
		    strcmp((*end)->message, message) == 0)
			return *end;
	*end = arena_alloc(audit->arena, sizeof(**end));
	(*end)->id = id;
	(*end)->severity = severity;
	(*end)->message = arena_text(audit->arena, span_text(message));
	return *end;
}

static void say(struct audit *audit, const struct route_address *address,
    enum finding_id id, enum severity severity, const char *format, va_list values)
    PRINTF_LIKE(5, 0);

static void
say(struct audit *audit, const struct route_address *address, enum finding_id id,
    enum severity severity, const char *format, va_list values)
{
	char memory[LIMIT_MESSAGE + 1];
	struct buf message;
	buf_wrap(&message, memory, sizeof(memory));
	buf_addv(&message, format, values);
	struct fault *fault = find_fault(audit, id, severity, message.text);
	if (address == NULL)
		return;
	fault->count++;
	fault->addresses = audit_listed(audit->arena, fault->addresses, address->text);
}

void
audit_say(struct audit *audit, const struct route_address *address, enum finding_id id,
    const char *format, ...)
{
	va_list values;
	va_start(values, format);
	say(audit, address, id, finding_info(id)->severity, format, values);
	va_end(values);
}

void
audit_say_as(struct audit *audit, const struct route_address *address,
    enum finding_id id, enum severity severity, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	say(audit, address, id, severity, format, values);
	va_end(values);
}

/* Begins with the host where it is not what the report is about, and with the addresses
 * where there are others. */
static void
report_fault(struct audit *audit, const struct fault *fault)
{
	const struct route_host *host = audit->host;
	bool is_subject = strcmp(host->text, audit->report->subject) == 0;
	bool is_of_some = fault->count > 0 && fault->count < host->address_count;
	struct place place = { .subject = host->text,
		.term = is_of_some ? fault->addresses : NULL };
	report_finding_as(audit->report, fault->id, fault->severity, &place,
	    "%s%s%s%s%s", is_subject ? "" : host->text, is_subject ? "" : ": ",
	    is_of_some ? fault->addresses : "", is_of_some ? ": " : "", fault->message);
}

static void
audit_host(struct audit *audit, const struct route_host *host)
{
	audit->host = host;
	audit->faults = NULL;
	audit_host_addresses(audit);
	audit_host_talk(audit);
	for (size_t i = 0; i < host->address_count; i++) {
		const struct route_address *address = &host->addresses[i];
		audit_talk(audit, address);
		if (address->scan == NULL)
			continue;
		audit_tls(audit, address);
		audit_certificates(audit, address);
	}
	audit_host_dane(audit);
	for (const struct fault *fault = audit->faults; fault; fault = fault->next)
		report_fault(audit, fault);
}

void
smtp_tls_audit(
    struct report *report, const struct target *target, const struct route *route)
{
	struct audit audit = {
		.report = report,
		.arena = report->arena,
		.target = target,
		.settings = target->settings,
		.route = route,
	};
	audit_route(&audit);
	for (size_t i = 0; i < route->host_count; i++)
		audit_host(&audit, &route->hosts[i]);
	audit_partial_dane(&audit);
}
