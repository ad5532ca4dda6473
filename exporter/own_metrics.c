/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The exporter's own figures, written anew for each scrape: they are few, and each of
 * them is different by then.
 */
#include "own_metrics.h"

#include "process.h"

#include "core/metric.h"

/* Where families go, and in which format. */
struct page {
	struct buf *out;
	enum prometheus_format format;
};

static void
add_plain(const struct page *page, const char *name, const char *type, const char *help,
    double value)
{
	prometheus_head(page->out, page->format, name, type, help);
	prometheus_sample(page->out, name, NULL, 0, value);
}

static void
add_known(const struct page *page, const char *name, const char *help, double value)
{
	if (value >= 0)
		add_plain(page, name, "gauge", help, value);
}

static void
add_process(const struct page *page, int64_t start_unix_ms)
{
	struct process_figures figures;
	process_read(&figures);
	if (figures.cpu_seconds >= 0)
		add_plain(page, "process_cpu_seconds_total", "counter",
		    "User and system CPU time spent.", figures.cpu_seconds);
	add_known(page, "process_resident_memory_bytes", "Resident memory.",
	    (double)figures.resident_bytes);
	add_known(page, "process_open_fds", "Open file descriptors.",
	    (double)figures.open_fds);
	add_known(page, "process_max_fds", "Most file descriptors that may be open.",
	    (double)figures.max_fds);
	add_known(page, "process_start_time_seconds",
	    "When the process started, in seconds since 1970.",
	    (double)start_unix_ms / 1000);
}

static void
add_build(const struct page *page)
{
	static const char name[] = METRIC_PREFIX "build_info";
	const struct prometheus_label version = { "version", MAILGAUGE_VERSION };
	prometheus_head(page->out, page->format, name, "gauge",
	    "The exporter's version; always 1.");
	prometheus_sample(page->out, name, &version, 1, 1);
}

static void
add_outcomes(const struct page *page, const char *name, const char *help,
    const struct run_kind_counts *counts)
{
	prometheus_head(page->out, page->format, name, "counter", help);
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		const struct prometheus_label label = { "outcome", outcome_name(i) };
		if (i != OUTCOME_WANTED && i != OUTCOME_OVER_BUDGET) /* never asked */
			prometheus_sample(
			    page->out, name, &label, 1, (double)counts->outcomes[i]);
	}
}

static void
add_limits(const struct page *page, const struct figures *figures)
{
	static const char name[] = METRIC_PREFIX "dns_in_flight_limit";
	prometheus_head(page->out, page->format, name, "gauge",
	    "Packets that may be out to a name server at once; halved while many of "
	    "them are lost.");
	for (size_t i = 0; i < figures->resolver_count; i++) {
		char memory[64]; /* an IPv6 address in brackets, and a port */
		struct buf text;
		buf_wrap(&text, memory, sizeof(memory));
		nameserver_add(&text, &figures->resolvers[i].server);
		const struct prometheus_label label = { "server", text.text };
		prometheus_sample(
		    page->out, name, &label, 1, (double)figures->resolvers[i].limit);
	}
}

static void
add_questions(const struct page *page, const struct figures *figures)
{
	add_outcomes(page, METRIC_PREFIX "dns_queries_total",
	    "DNS questions that were asked, by how they ended.", &figures->dns);
	add_plain(page, METRIC_PREFIX "dns_queries_in_flight", "gauge",
	    "DNS questions without an answer yet.", (double)figures->dns.in_flight);
	add_limits(page, figures);
}

static void
add_scans(const struct page *page, const struct figures *figures)
{
	static const char name[] = METRIC_PREFIX "smtp_scans_total";
	prometheus_head(page->out, page->format, name, "counter",
	    "Scans of addresses of mail hosts, by how they ended.");
	for (size_t i = 0; i < SMTP_ENDS; i++) {
		const struct prometheus_label label = { "outcome", smtp_end_name(i) };
		if (i != SMTP_END_ABANDONED) /* with the exporter, or asked again */
			prometheus_sample(
			    page->out, name, &label, 1, (double)figures->scans.ends[i]);
	}
	add_plain(page, METRIC_PREFIX "smtp_scans_in_flight", "gauge",
	    "Scans that are not done yet, those that wait for their turn too.",
	    (double)figures->scans_in_flight);
	add_plain(page, METRIC_PREFIX "smtp_connections_total", "counter",
	    "Connections that were opened for scans.",
	    (double)figures->scans.connections);
}

static void
add_store(const struct page *page, const struct figures *figures)
{
	add_plain(page, METRIC_PREFIX "store_facts", "gauge",
	    "Answers that are kept until their time to live ends.",
	    (double)figures->facts);
	add_plain(page, METRIC_PREFIX "store_hits_total", "counter",
	    "Answers that a run found in the store when it began.",
	    (double)figures->counts.hits);
	add_plain(page, METRIC_PREFIX "wants_joined_total", "counter",
	    "Questions that were in flight already when another check wanted them.",
	    (double)figures->counts.joined);
}

static void
add_work(const struct page *page, const struct figures *figures)
{
	add_plain(page, METRIC_PREFIX "runs_total", "counter",
	    "Runs of checks that have ended.", (double)figures->runs);
	add_plain(page, METRIC_PREFIX "evaluations_total", "counter",
	    "Evaluations of checks; a run takes one for each round of questions.",
	    (double)figures->counts.evaluations);
	add_plain(page, METRIC_PREFIX "schedule_lag_seconds", "gauge",
	    "How long the most overdue check has been waiting for its turn.",
	    (double)figures->lag_ms / 1000);
}

static void
add_reload(const struct page *page, const struct figures *figures)
{
	add_plain(page, METRIC_PREFIX "config_last_reload_successful", "gauge",
	    "Whether the configuration in use is the one that was read last.",
	    figures->reload_failed ? 0 : 1);
	add_plain(page, METRIC_PREFIX "config_last_reload_success_timestamp_seconds",
	    "gauge", "When the configuration in use was read, in seconds since 1970.",
	    (double)figures->loaded_unix_ms / 1000);
}

static size_t
dropped_findings(const struct snapshot *snapshot)
{
	size_t dropped = 0;
	for (size_t i = 0; i < snapshot->roster->count; i++)
		if (snapshot->results[i] != NULL)
			dropped += snapshot->results[i]->findings_dropped;
	return dropped;
}

void
own_metrics_add_lasting(
    struct buf *out, enum prometheus_format format, const struct snapshot *snapshot)
{
	const struct page page = { out, format };
	add_build(&page);
	add_plain(&page, METRIC_PREFIX "targets", "gauge", "Domains that are checked.",
	    (double)snapshot->roster->config->target_count);
	add_plain(&page, METRIC_PREFIX "findings_dropped", "gauge",
	    "Findings of the last runs that are not shown, because a check had too "
	    "many.",
	    (double)dropped_findings(snapshot));
}

void
own_metrics_add(
    struct buf *out, enum prometheus_format format, const struct snapshot *snapshot)
{
	const struct page page = { out, format };
	const struct figures *figures = &snapshot->figures;
	own_metrics_add_lasting(out, format, snapshot);
	add_reload(&page, figures);
	add_questions(&page, figures);
	add_scans(&page, figures);
	add_store(&page, figures);
	add_work(&page, figures);
	add_process(&page, snapshot->start_unix_ms);
}
