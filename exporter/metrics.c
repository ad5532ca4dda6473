/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * /metrics. The format wants all samples of a family together, so the snapshot is
 * walked once for each family: for those of the exporter itself, for those about the
 * runs of checks, and for each row of the metric table.
 */
#include "metrics.h"

#include "process.h"

#include "output/prometheus.h"

#include <assert.h>

/* --- the exporter itself -------------------------------------------------- */

static void
add_plain(
    struct buf *out, const char *name, const char *type, const char *help, double value)
{
	prometheus_head(out, name, type, help);
	prometheus_sample(out, name, NULL, 0, value);
}

static void
add_known(struct buf *out, const char *name, const char *help, double value)
{
	if (value >= 0)
		add_plain(out, name, "gauge", help, value);
}

static void
add_process(struct buf *out, int64_t start_unix_ms)
{
	struct process_figures figures;
	process_read(&figures);
	if (figures.cpu_seconds >= 0)
		add_plain(out, "process_cpu_seconds_total", "counter",
		    "User and system CPU time spent.", figures.cpu_seconds);
	add_known(out, "process_resident_memory_bytes", "Resident memory.",
	    (double)figures.resident_bytes);
	add_known(out, "process_open_fds", "Open file descriptors.",
	    (double)figures.open_fds);
	add_known(out, "process_max_fds", "Most file descriptors that may be open.",
	    (double)figures.max_fds);
	add_known(out, "process_start_time_seconds",
	    "When the process started, in seconds since 1970.",
	    (double)start_unix_ms / 1000);
}

static void
add_build(struct buf *out)
{
	static const char name[] = METRIC_PREFIX "build_info";
	const struct prometheus_label version = { "version", MAILGAUGE_VERSION };
	prometheus_head(out, name, "gauge", "The exporter's version; always 1.");
	prometheus_sample(out, name, &version, 1, 1);
}

static void
add_questions(struct buf *out, const struct run_counts *counts)
{
	static const char name[] = METRIC_PREFIX "dns_queries_total";
	prometheus_head(
	    out, name, "counter", "DNS questions that were asked, by how they ended.");
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		const struct prometheus_label label = { "outcome", outcome_name(i) };
		if (i != OUTCOME_WANTED && i != OUTCOME_OVER_BUDGET) /* never asked */
			prometheus_sample(
			    out, name, &label, 1, (double)counts->outcomes[i]);
	}
}

static size_t
dropped_findings(const struct snapshot *snapshot)
{
	size_t dropped = 0;
	for (size_t i = 0; i < snapshot->count; i++)
		if (snapshot->results[i] != NULL)
			dropped += snapshot->results[i]->findings_dropped;
	return dropped;
}

static void
add_exporter(struct buf *out, const struct snapshot *snapshot)
{
	const struct figures *figures = &snapshot->figures;
	add_build(out);
	add_plain(out, METRIC_PREFIX "targets", "gauge", "Domains that are checked.",
	    (double)snapshot->targets);
	add_questions(out, &figures->counts);
	add_plain(out, METRIC_PREFIX "dns_queries_in_flight", "gauge",
	    "DNS questions without an answer yet.", (double)figures->in_flight);
	add_plain(out, METRIC_PREFIX "store_facts", "gauge",
	    "Answers that are kept until their time to live ends.",
	    (double)figures->facts);
	add_plain(out, METRIC_PREFIX "evaluations_total", "counter",
	    "Evaluations of checks; a run takes one for each round of questions.",
	    (double)figures->counts.evaluations);
	add_plain(out, METRIC_PREFIX "wants_joined_total", "counter",
	    "Questions that were in flight already when another check wanted them.",
	    (double)figures->counts.joined);
	add_plain(out, METRIC_PREFIX "schedule_lag_seconds", "gauge",
	    "How long the most overdue check has been waiting for its turn.",
	    (double)figures->lag_ms / 1000);
	add_plain(out, METRIC_PREFIX "findings_dropped", "gauge",
	    "Findings of the last runs that are not shown, because a check had too "
	    "many.",
	    (double)dropped_findings(snapshot));
	add_process(out, snapshot->start_unix_ms);
}

/* --- runs of checks ------------------------------------------------------- */

/* One entry of the snapshot that has a result. */
struct sample {
	const char *domain;
	const char *probe;
	const struct result *result;
};

static void
add_for_probe(
    struct buf *out, const char *name, const struct sample *sample, double value)
{
	const struct prometheus_label labels[] = {
		{ "domain", sample->domain },
		{ "probe", sample->probe },
	};
	prometheus_sample(out, name, labels, ARRAY_LENGTH(labels), value);
}

static void
add_success(struct buf *out, const char *name, const struct sample *sample)
{
	add_for_probe(out, name, sample, sample->result->could_tell);
}

static void
add_state(struct buf *out, const char *name, const struct sample *sample)
{
	(void)name;
	prometheus_state_samples(
	    out, sample->domain, sample->probe, sample->result->state);
}

static void
add_duration(struct buf *out, const char *name, const struct sample *sample)
{
	add_for_probe(out, name, sample, sample->result->duration_ms / 1e3);
}

static void
add_last_run(struct buf *out, const char *name, const struct sample *sample)
{
	add_for_probe(out, name, sample, (double)sample->result->run_unix_ms / 1e3);
}

static void
add_findings(struct buf *out, const char *name, const struct sample *sample)
{
	(void)name;
	const struct result_finding *findings = result_findings(sample->result);
	for (size_t i = 0; i < sample->result->finding_count; i++) {
		const char *subject = result_text(sample->result, findings[i].subject);
		prometheus_finding_sample(out, sample->domain, sample->probe,
		    findings[i].id, findings[i].severity,
		    subject != NULL ? subject : sample->domain);
	}
}

/* Families of probe runs that only the exporter has; those that plugins print as well
 * have their head in output/prometheus.c. */
static const struct prometheus_family duration_family = {
	METRIC_PREFIX "probe_duration_seconds",
	"gauge",
	"How long the last run took, waiting for its turn not included.",
};
static const struct prometheus_family last_run_family = {
	METRIC_PREFIX "probe_last_run_timestamp_seconds",
	"gauge",
	"When the last run ended, in seconds since 1970. Checks run by a schedule of "
	"their own, not at each scrape.",
};

static const struct {
	const struct prometheus_family *family; /* NULL: `shared` */
	enum prometheus_family_id shared;
	void (*add)(struct buf *out, const char *name, const struct sample *sample);
} run_families[] = {
	{ NULL, PROMETHEUS_PROBE_SUCCESS, add_success },
	{ NULL, PROMETHEUS_PROBE_STATE, add_state },
	{ &duration_family, 0, add_duration },
	{ &last_run_family, 0, add_last_run },
	{ NULL, PROMETHEUS_FINDING, add_findings },
};

static const struct prometheus_family *
run_family(size_t index)
{
	if (run_families[index].family != NULL)
		return run_families[index].family;
	return prometheus_family(run_families[index].shared);
}

/* --- measurements --------------------------------------------------------- */

static void
add_measurements(struct buf *out, enum metric_id id, const struct sample *sample)
{
	const struct result *result = sample->result;
	if (!metric_is_for_prometheus(metric_info(id)))
		return;
	for (size_t i = 0; i < result->measurement_count; i++) {
		const struct result_measurement *measurement = &result->measurements[i];
		if (measurement->id > id)
			return; /* they are sorted */
		if (measurement->id == id)
			prometheus_metric_sample(out, id, sample->domain,
			    result_text(result, measurement->labels),
			    measurement->value);
	}
}

/* --- all together --------------------------------------------------------- */

enum {
	FIRST_RUN = 1, /* behind the exporter's own families */
	FIRST_METRIC = FIRST_RUN + ARRAY_LENGTH(run_families),
	FAMILY_END = FIRST_METRIC + METRIC_COUNT
};

void
metrics_begin(struct metrics_cursor *cursor, const struct snapshot *snapshot)
{
	*cursor = (struct metrics_cursor){ .snapshot = snapshot };
}

static void
add_head(struct buf *out, size_t family)
{
	if (family >= FIRST_METRIC) {
		prometheus_metric_head(out, family - FIRST_METRIC);
		return;
	}
	const struct prometheus_family *head = run_family(family - FIRST_RUN);
	prometheus_head(out, head->name, head->type, head->help);
}

static void
add_samples(struct buf *out, size_t family, const struct sample *sample)
{
	size_t run = family - FIRST_RUN;
	if (family >= FIRST_METRIC)
		add_measurements(out, family - FIRST_METRIC, sample);
	else
		run_families[run].add(out, run_family(run)->name, sample);
}

/* What one entry has to say in one family, with the head before the first sample. */
static void
add_entry(struct metrics_cursor *cursor, struct buf *out)
{
	const struct check_entry *entry = &cursor->snapshot->entries[cursor->entry];
	const struct sample sample = {
		.domain = entry->target->domain,
		.probe = entry->probe->name,
		.result = cursor->snapshot->results[cursor->entry],
	};
	if (sample.result == NULL)
		return;
	size_t start = out->length;
	if (!cursor->headed)
		add_head(out, cursor->family);
	size_t headed = out->length;
	add_samples(out, cursor->family, &sample);
	if (out->length > headed)
		cursor->headed = true;
	else
		buf_shorten(out, start);
}

static void
next_family(struct metrics_cursor *cursor)
{
	cursor->family++;
	cursor->entry = 0;
	cursor->headed = false;
}

bool
metrics_add(struct metrics_cursor *cursor, struct buf *out, size_t enough)
{
	size_t start = out->length;
	while (cursor->family < FAMILY_END && out->length < enough) {
		if (cursor->family == 0) {
			add_exporter(out, cursor->snapshot);
			next_family(cursor);
		} else if (cursor->entry == cursor->snapshot->count) {
			next_family(cursor);
		} else {
			add_entry(cursor, out);
			cursor->entry++;
		}
	}
	assert(!out->cut);
	return out->length > start;
}
