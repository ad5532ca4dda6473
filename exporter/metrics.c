/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The families of checks. A scrape may have a million lines, so a line is a few copies
 * of texts that stand ready: only findings, which are few, go the long way.
 */
#include "metrics.h"

#include "core/arena.h"
#include "core/metric.h"

#include <assert.h>
#include <string.h>

/* The hash function that compilers have no warnings about. */
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

/* Results that are on their way to the cache while one is written, and how much of
 * each: most have ended by then. */
enum { AHEAD = 6, AHEAD_BYTES = 512, CACHE_LINE = 64 };

/* A host's label values that were written already. */
struct seen {
	UT_hash_handle hh;
};

/* Of one family, while it is written. */
struct hosts {
	struct arena *arena;
	struct seen *seen;
};

/* One check that has a result. */
struct row {
	struct hosts *hosts;
	struct span start;  /* of each line of the family: name{domain=" */
	struct span domain; /* as a label value */
	const struct config_target *target;
	struct span probe;
	const struct result *result;
};

static void
add_value(struct buf *out, double value)
{
	buf_add_number(out, value, 9);
	buf_add_byte(out, '\n');
}

/* --- about the run -------------------------------------------------------- */

static void
add_for_probe(struct buf *out, const struct row *row, double value)
{
	const struct span parts[] = { row->start, row->domain, SPAN("\",probe=\""),
		row->probe, SPAN("\"} ") };
	buf_add_all(out, parts, ARRAY_LENGTH(parts));
	add_value(out, value);
}

static void
add_success(struct buf *out, const struct row *row)
{
	add_for_probe(out, row, row->result->could_tell);
}

static void
add_duration(struct buf *out, const struct row *row)
{
	add_for_probe(out, row, row->result->duration_ms / 1e3);
}

static void
add_last_run(struct buf *out, const struct row *row)
{
	add_for_probe(out, row, (double)row->result->run_unix_ms / 1e3);
}

static void
add_state(struct buf *out, const struct row *row)
{
	static const struct span ends[STATE_COUNT][2] = {
		[STATE_OK] = { SPAN("\",state=\"OK\"} 0\n"),
		    SPAN("\",state=\"OK\"} 1\n") },
		[STATE_WARNING] = { SPAN("\",state=\"WARNING\"} 0\n"),
		    SPAN("\",state=\"WARNING\"} 1\n") },
		[STATE_CRITICAL] = { SPAN("\",state=\"CRITICAL\"} 0\n"),
		    SPAN("\",state=\"CRITICAL\"} 1\n") },
		[STATE_UNKNOWN] = { SPAN("\",state=\"UNKNOWN\"} 0\n"),
		    SPAN("\",state=\"UNKNOWN\"} 1\n") },
	};
	for (size_t i = 0; i < STATE_COUNT; i++) {
		const struct span parts[] = { row->start, row->domain,
			SPAN("\",probe=\""), row->probe,
			ends[i][row->result->state == i] };
		buf_add_all(out, parts, ARRAY_LENGTH(parts));
	}
}

static void
add_finding(
    struct buf *out, const struct row *row, const struct result_finding *finding)
{
	const char *subject = result_text(row->result, finding->subject);
	const struct span parts[] = { row->start, row->domain, SPAN("\",probe=\""),
		row->probe, SPAN("\",id=\""), span_text(finding_info(finding->id)->id),
		SPAN("\",severity=\""), span_text(severity_text(finding->severity)),
		SPAN("\",subject=\""),
		subject != NULL ? span_of(NULL, 0) : row->domain };
	buf_add_all(out, parts, ARRAY_LENGTH(parts));
	if (subject != NULL)
		prometheus_add_escaped(out, subject);
	buf_add_text(out, "\"} 1\n");
}

static void
add_findings(struct buf *out, const struct row *row)
{
	const struct result_finding *findings = result_findings(row->result);
	for (size_t i = 0; i < row->result->finding_count; i++)
		add_finding(out, row, &findings[i]);
}

/* Families of runs that only the exporter has; those that plugins print as well have
 * their head in output/prometheus.c. */
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
	bool tells_runs;
	void (*add)(struct buf *out, const struct row *row);
} run_families[] = {
	{ NULL, PROMETHEUS_PROBE_SUCCESS, false, add_success },
	{ NULL, PROMETHEUS_PROBE_STATE, false, add_state },
	{ &duration_family, 0, true, add_duration },
	{ &last_run_family, 0, true, add_last_run },
	{ NULL, PROMETHEUS_FINDING, false, add_findings },
};

static const struct prometheus_family *
run_family(size_t index)
{
	if (run_families[index].family != NULL)
		return run_families[index].family;
	return prometheus_family(run_families[index].shared);
}

/* --- measurements --------------------------------------------------------- */

/* The first row with these label values; of others, whose scan was another one, nobody
 * could tell which is which. */
static bool
is_first(struct hosts *hosts, const struct metric_info *metric, const char *values)
{
	struct seen *seen;
	size_t bytes = metric_labels_bytes(metric, values);
	HASH_FIND(hh, hosts->seen, values, bytes, seen);
	if (seen != NULL)
		return false;
	seen = arena_alloc(hosts->arena, sizeof(*seen));
	HASH_ADD_KEYPTR(hh, hosts->seen, values, bytes, seen);
	return true;
}

static void
add_measurement(struct buf *out, enum metric_id id, const struct row *row,
    const struct result_measurement *measurement)
{
	const struct metric_info *metric = metric_info(id);
	const char *values = result_text(row->result, measurement->labels);
	if (metric_is_of_host(metric)) {
		if (values != NULL && is_first(row->hosts, metric, values))
			prometheus_metric_sample(
			    out, id, row->target->domain, values, measurement->value);
		return;
	}
	const struct span start[] = { row->start, row->domain };
	buf_add_all(out, start, ARRAY_LENGTH(start));
	struct metric_labels label = metric_labels(metric, values);
	while (metric_labels_next(&label)) {
		const struct span parts[] = { SPAN("\","), label.name, SPAN("=\"") };
		buf_add_all(out, parts, ARRAY_LENGTH(parts));
		prometheus_add_escaped(out, label.value);
	}
	buf_add(out, (struct span)SPAN("\"} "));
	add_value(out, measurement->value);
}

static void
add_measurements(struct buf *out, enum metric_id id, const struct row *row)
{
	const struct result *result = row->result;
	if (!metric_is_for_prometheus(metric_info(id)))
		return;
	for (size_t i = 0; i < result->measurement_count; i++) {
		const struct result_measurement *measurement = &result->measurements[i];
		if (measurement->id > id)
			return; /* they are sorted */
		if (measurement->id == id)
			add_measurement(out, id, row, measurement);
	}
}

/* --- all together --------------------------------------------------------- */

void
metrics_find(struct metrics_set *set, const struct metrics_rows *rows)
{
	memset(set, 0, sizeof(*set));
	for (size_t i = 0; i < rows->count; i++) {
		const struct result *result = rows->results[i];
		for (size_t j = 0; result != NULL && j < result->measurement_count; j++)
			set->measured[result->measurements[j].id] = true;
	}
}

bool
metrics_may_have(const struct metrics_set *set, size_t family)
{
	return family < ARRAY_LENGTH(run_families) ||
	    set->measured[family - ARRAY_LENGTH(run_families)];
}

const char *
metrics_type(enum prometheus_format format)
{
	if (format == PROMETHEUS_OPENMETRICS)
		return "application/openmetrics-text; version=1.0.0; charset=utf-8";
	return "text/plain; version=0.0.4; charset=utf-8";
}

size_t
metrics_families(void)
{
	return ARRAY_LENGTH(run_families) + METRIC_COUNT;
}

bool
metrics_tells_runs(size_t family)
{
	return family < ARRAY_LENGTH(run_families) && run_families[family].tells_runs;
}

bool
metrics_is_of_host(size_t family)
{
	return family >= ARRAY_LENGTH(run_families) &&
	    metric_is_of_host(metric_info(family - ARRAY_LENGTH(run_families)));
}

void
metrics_add_head(struct buf *out, enum prometheus_format format, size_t family)
{
	if (family >= ARRAY_LENGTH(run_families)) {
		prometheus_metric_head(
		    out, format, family - ARRAY_LENGTH(run_families));
		return;
	}
	const struct prometheus_family *head = run_family(family);
	prometheus_head(out, format, head->name, head->type, head->help);
}

/* What each line of the family begins with, but for those of hosts. */
static void
add_start(struct buf *start, size_t family)
{
	if (family < ARRAY_LENGTH(run_families))
		buf_add_text(start, run_family(family)->name);
	else
		buf_addf(start, METRIC_PREFIX "%s",
		    metric_info(family - ARRAY_LENGTH(run_families))->name);
	buf_add_text(start, "{domain=\"");
	assert(!start->cut);
}

static void
fetch_ahead(const struct result *result)
{
	const char *bytes = (const char *)result;
	for (size_t i = 0; bytes != NULL && i < AHEAD_BYTES; i += CACHE_LINE)
		__builtin_prefetch(bytes + i);
}

static void
add_row(struct buf *out, size_t family, const struct row *row)
{
	if (family < ARRAY_LENGTH(run_families))
		run_families[family].add(out, row);
	else
		add_measurements(out, family - ARRAY_LENGTH(run_families), row);
}

void
metrics_add_samples(struct buf *out, size_t family, const struct metrics_rows *rows)
{
	struct hosts hosts = { .seen = NULL };
	char memory[128];
	struct buf start;
	buf_wrap(&start, memory, sizeof(memory));
	add_start(&start, family);
	if (metrics_is_of_host(family))
		hosts.arena = arena_new();
	for (size_t i = 0; i < rows->count; i++) {
		const struct check_entry *entry = &rows->entries[i];
		if (i + AHEAD < rows->count)
			fetch_ahead(rows->results[i + AHEAD]);
		const struct row row = {
			.hosts = &hosts,
			.start = buf_span(&start),
			.domain = entry->label,
			.target = entry->target,
			.probe = span_text(check_entry_probe(entry)->name),
			.result = rows->results[i],
		};
		if (row.result != NULL)
			add_row(out, family, &row);
	}
	HASH_CLEAR(hh, hosts.seen);
	arena_free(hosts.arena);
}
