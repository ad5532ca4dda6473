/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The probe of mail hosts: find the way, audit, measure, draw. */
#include "smtp_tls/smtp_tls.h"

#include "figures.h"

#include "smtp_tls/audit.h"
#include "smtp_tls/route.h"
#include "smtp_tls/settings.h"

/* --- the summary ---------------------------------------------------------- */

/* Of one host: what its first address that was scanned speaks. */
static const char *
summary_of_host(struct report *report, const struct route_host *host)
{
	const char *list = "";
	for (size_t i = 0; i < host->address_count; i++) {
		const struct smtp_scan *scan = host->addresses[i].scan;
		for (size_t k = 0; scan != NULL && k < SMTP_PROTOCOLS; k++)
			if (scan->tls.protocols[k] == TRUTH_YES)
				list = arena_printf(report->arena, "%s%s%s", list,
				    list[0] != '\0' ? ", " : "", smtp_protocol_text(k));
		if (list[0] != '\0')
			return list;
	}
	return "TLS works";
}

/* Behind it: when the first certificate ends. An ended one is no fault where DANE says
 * what counts. */
static const char *
expiry_text(struct report *report)
{
	for (size_t i = 0; i < report->measurement_count; i++) {
		double days = report->measurements[i].value;
		if (report->measurements[i].id != METRIC_CERTIFICATE_EXPIRY_DAYS)
			continue;
		return arena_printf(report->arena, ", certificate %s %.0f days%s",
		    days < 0 ? "ended" : "good for", days < 0 ? -days : days,
		    days < 0 ? " ago" : "");
	}
	return "";
}

static const char *
summary_of(struct report *report, const struct route *route)
{
	size_t addresses = 0;
	for (size_t i = 0; i < route->host_count; i++)
		addresses += route->hosts[i].address_count;
	switch (route->kind) {
	case ROUTE_UNKNOWN:
		return "could not tell where its mail goes";
	case ROUTE_NOWHERE:
		return "takes no mail";
	case ROUTE_NULL:
		return "takes no mail (null MX)";
	default:
		break;
	}
	if (addresses == 0)
		return "no address";
	if (route->host_count == 1)
		return arena_printf(report->arena, "%s%s",
		    summary_of_host(report, &route->hosts[0]), expiry_text(report));
	return arena_printf(report->arena, "%zu hosts, %zu address%s%s",
	    route->host_count, addresses, addresses == 1 ? "" : "es",
	    expiry_text(report));
}

/* -------------------------------------------------------------------------- */

static void
evaluate(const struct target *target, struct view *view, struct report *report)
{
	struct route *route = route_find(target, view, report->arena);
	if (view->incomplete)
		return; /* this report is thrown away: spare the work */
	smtp_tls_audit(report, target, route);
	smtp_tls_measure(report, target, route);
	report->summary = summary_of(report, route);
	if (report->traced)
		smtp_tls_draw(report, target, route);
}

static const enum metric_id metrics[] = {
	METRIC_CERTIFICATE_EXPIRY_DAYS,
	METRIC_MX_INFO,
	METRIC_SMTP_STARTTLS,
	METRIC_SMTP_TLS_PROTOCOL_SUPPORTED,
	METRIC_SMTP_TLS_FALLBACK_SCSV,
	METRIC_SMTP_TLS_SECURE_RENEGOTIATION,
	METRIC_SMTP_TLS_COMPRESSION,
	METRIC_SMTP_TLS_HEARTBLEED,
	METRIC_SMTP_TLS_PQ_GROUP,
	METRIC_SMTP_TLS_CERTIFICATE_NOT_AFTER_TIMESTAMP_SECONDS,
	METRIC_SMTP_TLS_CERTIFICATE_TRUSTED,
	METRIC_SMTP_TLS_CERTIFICATE_NAME_MATCH,
	METRIC_SMTP_TLS_CERTIFICATE_KEY_SIZE,
	METRIC_SMTP_DANE_VALID,
	METRIC_SMTP_TLS_CONNECTIONS,
};

static const char *const groups[] = { "smtp", "tls", "cert", "mx", "dane", "dnssec",
	NULL };

static void
describe(struct buf *out, struct span key, const struct fact *fact)
{
	struct smtp_endpoint endpoint;
	if (smtp_key_read(key, &endpoint) && fact->data != NULL)
		smtp_scan_describe(out, &endpoint, fact->data);
}

const struct probe smtp_tls_probe = {
	.name = "smtp_tls",
	.title = "SMTP TLS",
	.purpose =
	    "Checks what a sending server meets at a mail host, or at all hosts of "
	    "a domain: STARTTLS, versions and flaws of TLS, certificates, DANE.",
	.groups = groups,
	.usage = "-H HOST [-p PORT]",
	.timeout_seconds = 30,
	.timeout_is_critical = true,
	.describe = describe,
	.metrics = metrics,
	.metric_count = ARRAY_LENGTH(metrics),
	.settings_size = sizeof(struct smtp_tls_settings),
	.options = smtp_tls_option_rows,
	.option_count = SMTP_TLS_OPTION_COUNT,
	.complete = smtp_tls_settings_complete,
	.evaluate = evaluate,
};
