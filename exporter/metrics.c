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
enum { AHEAD = 6, AHEAD_BYTES = 256, CACHE_LINE = 64 };

/* A host's label values that were written already. */
struct seen {
	UT_hash_handle hh;
};

/* One family, while it is written. */
struct family {
	char memory[128];
	struct buf start; /* of each line, but for those of hosts: name{domain=" */

	/* Of measurements. */
	enum metric_id id;
	const struct metric_info *metric;
	size_t place; /* of the first one in the last result */
	bool is_of_host;
	struct arena *arena; /* of hosts */
	struct seen *seen;
};

/* One check that has a result. */
struct row {
	struct family *family;
	struct span start;
	struct span domain; /* as a label value */
	const struct config_target *target;
	struct span probe;
	const struct result *result;
};

/* The end of a line that has labels. Most values are a digit, and stand ready. */
static struct span
line_end(char memory[static 64], double value)
{
	static const struct span digits[] = { SPAN("\"} 0\n"), SPAN("\"} 1\n"),
		SPAN("\"} 2\n"), SPAN("\"} 3\n"), SPAN("\"} 4\n"), SPAN("\"} 5\n"),
		SPAN("\"} 6\n"), SPAN("\"} 7\n"), SPAN("\"} 8\n"), SPAN("\"} 9\n") };
	if (value >= 0 && value <= 9 && value == (unsigned)value)
		return digits[(unsigned)value];
	struct buf end;
	buf_wrap(&end, memory, 64);
	buf_add(&end, (struct span)SPAN("\"} "));
	buf_add_number(&end, value, 9);
	buf_add_byte(&end, '\n');
	assert(!end.cut);
	return buf_span(&end);
}

/* --- about the run -------------------------------------------------------- */

static void
add_for_probe(struct buf *out, const struct row *row, double value)
{
	char memory[64];
	const struct span parts[] = { row->start, row->domain, SPAN("\",probe=\""),
		row->probe, line_end(memory, value) };
	buf_add_all(out, parts, ARRAY_LENGTH(parts));
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
	buf_add(out, (struct span)SPAN("\"} 1\n"));
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
is_first(struct family *family, const char *values)
{
	struct seen *seen;
	size_t bytes = metric_labels_bytes(family->metric, values);
	HASH_FIND(hh, family->seen, values, bytes, seen);
	if (seen != NULL)
		return false;
	seen = arena_alloc(family->arena, sizeof(*seen));
	HASH_ADD_KEYPTR(hh, family->seen, values, bytes, seen);
	return true;
}

static void
add_labels(struct buf *out, const struct metric_info *metric, const char *values)
{
	struct metric_labels label = metric_labels(metric, values);
	while (metric_labels_next(&label)) {
		const struct span parts[] = { SPAN("\","), label.name, SPAN("=\"") };
		buf_add_all(out, parts, ARRAY_LENGTH(parts));
		prometheus_add_escaped(out, label.value);
	}
}

static void
add_measurement(struct buf *out, const struct row *row,
    const struct result_measurement *measurement)
{
	struct family *family = row->family;
	const char *values = result_text(row->result, measurement->labels);
	double value = result_value(row->result, measurement);
	if (family->is_of_host) {
		if (values != NULL && is_first(family, values))
			prometheus_metric_sample(
			    out, family->id, row->target->domain, values, value);
		return;
	}
	char memory[64];
	const struct span end = line_end(memory, value);
	const struct span parts[] = { row->start, row->domain, end };
	buf_add_all(out, parts, values != NULL ? 2 : 3);
	if (values == NULL)
		return;
	add_labels(out, family->metric, values);
	buf_add(out, end);
}

/* Where those of the family begin in a result: most results have the same ones. */
static size_t
find_place(struct family *family, const struct result *result)
{
	const struct result_measurement *measurements = result->measurements;
	size_t place = family->place, count = result->measurement_count;
	if (place < count && measurements[place].id == family->id &&
	    (place == 0 || measurements[place - 1].id < family->id))
		return place;
	for (place = 0; place < count && measurements[place].id < family->id;)
		place++; /* they are sorted */
	family->place = place;
	return place;
}

static void
add_measurements(struct buf *out, const struct row *row)
{
	const struct result *result = row->result;
	for (size_t i = find_place(row->family, result);
	     i < result->measurement_count &&
	     result->measurements[i].id == row->family->id;
	     i++)
		add_measurement(out, row, &result->measurements[i]);
}

/* --- all together --------------------------------------------------------- */

bool
metrics_may_have(const bool measured[METRIC_COUNT], size_t family)
{
	return family < ARRAY_LENGTH(run_families) ||
	    measured[family - ARRAY_LENGTH(run_families)];
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

static void
begin_family(struct family *family, size_t number)
{
	*family = (struct family){ .metric = NULL };
	buf_wrap(&family->start, family->memory, sizeof(family->memory));
	if (number < ARRAY_LENGTH(run_families)) {
		buf_add_text(&family->start, run_family(number)->name);
	} else {
		family->id = number - ARRAY_LENGTH(run_families);
		family->metric = metric_info(family->id);
		family->is_of_host = metric_is_of_host(family->metric);
		buf_addf(&family->start, METRIC_PREFIX "%s", family->metric->name);
	}
	buf_add_text(&family->start, "{domain=\"");
	assert(!family->start.cut);
	if (family->is_of_host)
		family->arena = arena_new();
}

static void
end_family(struct family *family)
{
	HASH_CLEAR(hh, family->seen);
	arena_free(family->arena);
}

static void
fetch_ahead(const struct result *result)
{
	const char *bytes = (const char *)result;
	for (size_t i = 0; bytes != NULL && i < AHEAD_BYTES; i += CACHE_LINE)
		__builtin_prefetch(bytes + i);
}

void
metrics_add_samples(struct buf *out, size_t number, const struct metrics_rows *rows)
{
	struct family family;
	begin_family(&family, number);
	void (*add)(struct buf *, const struct row *) = number <
		ARRAY_LENGTH(run_families)
	    ? run_families[number].add
	    : add_measurements;
	if (family.metric != NULL && !metric_is_for_prometheus(family.metric))
		add = NULL;
	struct row row = { .family = &family, .start = buf_span(&family.start) };
	for (size_t i = 0; i < rows->count && add != NULL; i++) {
		const struct check_entry *entry = &rows->entries[i];
		if (i == 0 || entry->check != rows->entries[i - 1].check)
			row.probe = span_text(check_entry_probe(entry)->name);
		if (i + AHEAD < rows->count)
			fetch_ahead(rows->results[i + AHEAD]);
		row.domain = entry->label;
		row.target = entry->target;
		row.result = rows->results[i];
		if (row.result != NULL)
			add(out, &row);
	}
	end_family(&family);
}
