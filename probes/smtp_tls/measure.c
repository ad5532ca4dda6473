/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Measurements by host and port: of several addresses the worst that is known. What no
 * address could tell has no sample. Metric by metric, as the text format wants them.
 */
#include "figures.h"

#include "smtp_tls/audit.h"

/* A value of one host; false: not known. */
typedef bool figure(
    const struct target *target, const struct route_host *host, double *value);

/* Folds a fact over the scans of a host. */
static enum truth
fold(const struct route_host *host, size_t offset, enum truth decides)
{
	enum truth all = TRUTH_UNKNOWN;
	for (size_t i = 0; i < host->address_count; i++) {
		const struct smtp_scan *scan = host->addresses[i].scan;
		if (scan == NULL)
			continue;
		enum truth fact = *(const enum truth *)((const char *)scan + offset);
		if (fact == decides)
			return fact;
		if (fact != TRUTH_UNKNOWN)
			all = fact;
	}
	return all;
}

static bool
as_value(enum truth fact, double *value)
{
	*value = fact == TRUTH_YES;
	return fact != TRUTH_UNKNOWN;
}

/* Facts of a scan: for good ones the worst is a no, for bad ones a yes. */
static const struct {
	enum metric_id id;
	size_t offset;
	enum truth worst;
} facts[] = {
	{ METRIC_SMTP_STARTTLS, offsetof(struct smtp_scan, starttls), TRUTH_NO },
	{ METRIC_SMTP_TLS_FALLBACK_SCSV, offsetof(struct smtp_scan, tls.fallback_scsv),
	    TRUTH_NO },
	{ METRIC_SMTP_TLS_SECURE_RENEGOTIATION,
	    offsetof(struct smtp_scan, tls.secure_renegotiation), TRUTH_NO },
	{ METRIC_SMTP_TLS_COMPRESSION, offsetof(struct smtp_scan, tls.compression),
	    TRUTH_YES },
	{ METRIC_SMTP_TLS_HEARTBLEED, offsetof(struct smtp_scan, tls.heartbleed),
	    TRUTH_YES },
	{ METRIC_SMTP_TLS_PQ_GROUP, offsetof(struct smtp_scan, tls.post_quantum),
	    TRUTH_NO },
	{ METRIC_SMTP_TLS_CERTIFICATE_TRUSTED,
	    offsetof(struct smtp_scan, chains[0].trusted), TRUTH_NO },
	{ METRIC_SMTP_TLS_CERTIFICATE_NAME_MATCH,
	    offsetof(struct smtp_scan, chains[0].name_match), TRUTH_NO },
};

static bool
first_end(const struct target *target, const struct route_host *host, double *value)
{
	bool found = false;
	(void)target;
	for (size_t i = 0; i < host->address_count; i++) {
		int64_t end;
		if (host->addresses[i].scan == NULL ||
		    !smtp_tls_first_end(host->addresses[i].scan, &end))
			continue;
		if (!found || (double)end < *value)
			*value = (double)end;
		found = true;
	}
	return found;
}

static bool
least_key_bits(
    const struct target *target, const struct route_host *host, double *value)
{
	*value = 0;
	(void)target;
	for (size_t i = 0; i < host->address_count; i++) {
		const struct smtp_scan *scan = host->addresses[i].scan;
		for (size_t k = 0; scan != NULL && k < SMTP_CHAINS; k++) {
			if (scan->chains[k].count == 0)
				continue;
			double bits = scan->chains[k].list[0]->key_bits;
			if (bits > 0 && (*value == 0 || bits < *value))
				*value = bits;
		}
	}
	return *value > 0;
}

static bool
dane_valid(const struct target *target, const struct route_host *host, double *value)
{
	return as_value(smtp_tls_dane_valid(target, host), value);
}

static bool
connections(const struct target *target, const struct route_host *host, double *value)
{
	bool found = false;
	*value = 0;
	(void)target;
	for (size_t i = 0; i < host->address_count; i++) {
		const struct smtp_scan *scan = host->addresses[i].scan;
		found |= scan != NULL;
		*value += scan != NULL ? scan->connections : 0;
	}
	return found;
}

static const struct {
	enum metric_id id;
	figure *figure;
} figures[] = {
	{ METRIC_SMTP_TLS_CERTIFICATE_NOT_AFTER_TIMESTAMP_SECONDS, first_end },
	{ METRIC_SMTP_TLS_CERTIFICATE_KEY_SIZE, least_key_bits },
	{ METRIC_SMTP_DANE_VALID, dane_valid },
	{ METRIC_SMTP_TLS_CONNECTIONS, connections },
};

static void
measure_host(struct report *report, const struct route *route,
    const struct route_host *host, enum metric_id id, const char *protocol,
    double value)
{
	const char *port = arena_printf(report->arena, "%u", route->port);
	const char *const values[] = { host->text, port, protocol };
	report_measure_labelled(report, id, values, protocol != NULL ? 3 : 2, value);
}

static void
measure_facts(struct report *report, const struct route *route)
{
	double value;
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		for (size_t k = 0; k < route->host_count; k++)
			if (as_value(
				fold(&route->hosts[k], facts[i].offset, facts[i].worst),
				&value))
				measure_host(report, route, &route->hosts[k],
				    facts[i].id, NULL, value);
}

static void
measure_protocols(struct report *report, const struct route *route)
{
	double value;
	for (size_t k = 0; k < route->host_count; k++)
		for (size_t i = 0; i < SMTP_PROTOCOLS; i++)
			if (as_value(fold(&route->hosts[k],
					 offsetof(struct smtp_scan, tls.protocols) +
					     i * sizeof(enum truth),
					 TRUTH_YES),
				&value))
				measure_host(report, route, &route->hosts[k],
				    METRIC_SMTP_TLS_PROTOCOL_SUPPORTED,
				    smtp_protocol_text(i), value);
}

static void
measure_figures(
    struct report *report, const struct target *target, const struct route *route)
{
	double value;
	for (size_t i = 0; i < ARRAY_LENGTH(figures); i++)
		for (size_t k = 0; k < route->host_count; k++)
			if (figures[i].figure(target, &route->hosts[k], &value))
				measure_host(report, route, &route->hosts[k],
				    figures[i].id, NULL, value);
}

/* True when senders go by a DANE-EE record at every address: then dates don't count. */
static bool
is_excused(const struct target *target, const struct route_host *host)
{
	for (size_t i = 0; i < host->address_count; i++) {
		struct dane_match match = smtp_tls_dane_of(
		    target, host, &host->addresses[i]);
		if (match.matched != TRUTH_YES || !match.by_ee)
			return false;
	}
	return host->address_count > 0;
}

/* The end of the first certificate of all hosts, or of those that are not excused. */
static bool
first_end_of_all(const struct target *target, const struct route *route,
    bool with_excused, double *first)
{
	bool found = false;
	for (size_t k = 0; k < route->host_count; k++) {
		const struct route_host *host = &route->hosts[k];
		double end;
		if ((!with_excused && is_excused(target, host)) ||
		    !first_end(target, host, &end))
			continue;
		if (!found || end < *first)
			*first = end;
		found = true;
	}
	return found;
}

/* The headline. Where all are excused the days are still good to see. */
static void
measure_days(
    struct report *report, const struct target *target, const struct route *route)
{
	double end;
	if (first_end_of_all(target, route, false, &end))
		report_measure(report, METRIC_CERTIFICATE_EXPIRY_DAYS,
		    smtp_tls_days((int64_t)end, target->now_seconds));
	else if (first_end_of_all(target, route, true, &end))
		report_measure_only(report, METRIC_CERTIFICATE_EXPIRY_DAYS,
		    smtp_tls_days((int64_t)end, target->now_seconds));
}

static void
measure_names(struct report *report, const struct route *route)
{
	if (route->kind != ROUTE_MX && route->kind != ROUTE_IMPLICIT)
		return;
	for (size_t k = 0; k < route->host_count; k++)
		report_measure_labelled(
		    report, METRIC_MX_INFO, &route->hosts[k].text, 1, 1);
}

void
smtp_tls_measure(
    struct report *report, const struct target *target, const struct route *route)
{
	measure_days(report, target, route);
	measure_names(report, route);
	measure_facts(report, route);
	measure_protocols(report, route);
	measure_figures(report, target, route);
}
