/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * audit_parts: what the files of the audit share. Each looks at one side: audit.c at
 * the whole, audit_route.c at MX and addresses, audit_talk.c at SMTP, audit_tls.c at
 * TLS, audit_certificate.c at certificates, audit_dane.c at DANE.
 *
 * What addresses of one host have in common is one finding that names them, not one for
 * each: audit_say() collects, and the host's end writes it down.
 */
#ifndef MAILGAUGE_SMTP_TLS_AUDIT_PARTS_H
#define MAILGAUGE_SMTP_TLS_AUDIT_PARTS_H

#include "core/attributes.h"
#include "core/report.h"
#include "smtp_tls/audit.h"

struct fault {
	struct fault *next;
	enum finding_id id;
	enum severity severity;
	const char *message;
	size_t count;          /* addresses that share it; 0: it is the host's */
	const char *addresses; /* "192.0.2.1, 2001:db8::1" */
};

struct audit {
	struct report *report;
	struct arena *arena;
	const struct target *target;
	const struct smtp_tls_settings *settings;
	const struct route *route;

	const struct route_host *host; /* the one that is being looked at */
	struct fault *faults;
};

/* Of one address of the host, or of the host itself (`address` NULL). */
void audit_say(struct audit *audit, const struct route_address *address,
    enum finding_id id, const char *format, ...) PRINTF_LIKE(4, 5);
void audit_say_as(struct audit *audit, const struct route_address *address,
    enum finding_id id, enum severity severity, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* Appends to a list of words: "a, b". */
const char *audit_listed(struct arena *arena, const char *list, const char *word);

/* Notes that a time-out left untold what the host is like. How grave that is, the user
 * may have said; by default it is critical. */
enum severity audit_timed_out(struct audit *audit);

void audit_route(struct audit *audit);

/* Of the current host, and of one address of it that was scanned. */
void audit_host_addresses(struct audit *audit);
void audit_host_talk(struct audit *audit);
void audit_talk(struct audit *audit, const struct route_address *address);
void audit_tls(struct audit *audit, const struct route_address *address);
void audit_certificates(struct audit *audit, const struct route_address *address);
void audit_host_dane(struct audit *audit);
void audit_partial_dane(struct audit *audit);

#endif
