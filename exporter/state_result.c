/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A result is read back by way of a report, so that the one function that makes results
 * sees to what is always true of them.
 */
#include "state_result.h"

#include "checks.h"

#include "core/limits.h"
#include "core/report.h"

#include <assert.h>
#include <string.h>

enum { NAME_BYTES_MAX = 255 };

/* --- names ---------------------------------------------------------------- */

void
state_names_pack(struct buf *out)
{
	pack_number(out, checks_count());
	for (size_t i = 0; i < checks_count(); i++)
		pack_bytes(out, span_text(checks_probe(i)->name));
	pack_number(out, METRIC_COUNT);
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		pack_bytes(out, span_text(metric_info(i)->name));
		pack_bytes(out, span_text(metric_info(i)->labels));
	}
	pack_number(out, FINDING_COUNT);
	for (size_t i = 0; i < FINDING_COUNT; i++)
		pack_bytes(out, span_text(finding_info(i)->id));
}

static int
unpack_check(struct unpack *in)
{
	size_t index;
	return checks_by_name(unpack_bytes(in, NAME_BYTES_MAX), &index)
	    ? (int)index
	    : STATE_NAME_UNKNOWN;
}

/* A metric that has other labels by now is another one. */
static int
unpack_metric(struct unpack *in)
{
	enum metric_id id;
	struct span name = unpack_bytes(in, NAME_BYTES_MAX);
	struct span labels = unpack_bytes(in, NAME_BYTES_MAX);
	return metric_by_name(name, &id) &&
		span_equal(labels, span_text(metric_info(id)->labels))
	    ? (int)id
	    : STATE_NAME_UNKNOWN;
}

static int
unpack_finding(struct unpack *in)
{
	enum finding_id id;
	return finding_by_name(unpack_bytes(in, NAME_BYTES_MAX), &id)
	    ? (int)id
	    : STATE_NAME_UNKNOWN;
}

/* Whether a name that is known here stands in the list already. */
static bool
is_among(const int *list, size_t count, int index)
{
	for (size_t i = 0; i < count; i++)
		if (index != STATE_NAME_UNKNOWN && list[i] == index)
			return true;
	return false;
}

static int *
unpack_list(struct unpack *in, struct arena *arena, size_t *count,
    int (*unpack)(struct unpack *in))
{
	*count = unpack_number(in, LIMIT_STATE_NAMES);
	int *list = arena_alloc_array(arena, *count, sizeof(*list));
	for (size_t i = 0; i < *count; i++) {
		list[i] = unpack(in);
		in->is_bad = in->is_bad || is_among(list, i, list[i]);
	}
	return list;
}

void
state_names_unpack(struct unpack *in, struct state_names *names)
{
	struct arena *arena = names->arena;
	names->checks = unpack_list(in, arena, &names->check_count, unpack_check);
	names->metrics = unpack_list(in, arena, &names->metric_count, unpack_metric);
	names->findings = unpack_list(in, arena, &names->finding_count, unpack_finding);
}

static int
name_of(struct unpack *in, const int *list, size_t count, uint64_t number)
{
	if (number < count)
		return list[number];
	in->is_bad = true;
	return STATE_NAME_UNKNOWN;
}

static int
unpack_name(struct unpack *in, const int *list, size_t count)
{
	return name_of(in, list, count, unpack_number(in, LIMIT_STATE_NAMES));
}

/* --- writing -------------------------------------------------------------- */

static void
pack_measurements(struct buf *out, const struct result *result)
{
	assert(result->measurement_count <= LIMIT_STATE_MEASUREMENTS);
	pack_number(out, result->measurement_count);
	for (size_t i = 0; i < result->measurement_count; i++) {
		const struct result_measurement *measured = &result->measurements[i];
		const char *values = result_text(result, measured->labels);
		size_t bytes = metric_labels_bytes(metric_info(measured->id), values);
		pack_number(out, measured->id);
		pack_double(out, result_value(result, measured));
		pack_bytes(out, span_of(values, bytes));
	}
}

static void
pack_findings(struct buf *out, const struct result *result)
{
	const struct result_finding *findings = result_findings(result);
	pack_number(out, result->finding_count);
	for (size_t i = 0; i < result->finding_count; i++) {
		const char *subject = result_text(result, findings[i].subject);
		pack_number(out, findings[i].id);
		pack_number(out, findings[i].severity);
		/* Of the domain itself: nothing. */
		pack_bytes(out, span_text(subject != NULL ? subject : ""));
	}
	pack_number(out, result->findings_dropped);
}

static void
pack_run(struct buf *out, const struct result *result)
{
	pack_number(out, result->could_tell);
	pack_number(out, result->state);
	pack_number(out, (uint64_t)result->run_unix_ms);
	pack_number(out, result->duration_ms);
	pack_measurements(out, result);
	pack_findings(out, result);
}

void
state_result_pack(
    struct buf *out, const struct check_entry *entry, const struct result *result)
{
	pack_bytes(out, span_text(entry->target->domain));
	pack_number(out, entry->check);
	pack_number(out, result->known != NULL);
	if (result->known != NULL)
		pack_run(out, result->known);
	pack_run(out, result);
}

/* --- reading -------------------------------------------------------------- */

/* Texts of results are safe ones. */
static const char *
unpack_text(struct unpack *in, struct arena *arena)
{
	struct span text = unpack_bytes(in, LIMIT_STATE_TEXT);
	in->is_bad = in->is_bad || !span_is_printable(text);
	return arena_text(arena, text);
}

static size_t
count_labels(const char *names)
{
	size_t count = names[0] != '\0';
	for (; *names != '\0'; names++)
		count += *names == ',';
	return count;
}

/* As many printable texts as the metric has labels, each with its NUL. */
static bool
are_labels(const struct metric_info *metric, struct span values)
{
	size_t wanted = count_labels(metric->labels), count = 0;
	struct span value;
	while (values.length > 0 && count < wanted) {
		if (!span_take_until(&values, '\0', &value) ||
		    !span_is_printable(value))
			return false;
		span_take_byte(&values, '\0');
		count++;
	}
	return count == wanted && values.length == 0;
}

static const char *
unpack_labels(struct unpack *in, struct arena *arena, int metric)
{
	struct span values = unpack_bytes(in, LIMIT_LABELS_BYTES);
	if (metric == STATE_NAME_UNKNOWN)
		return NULL;
	if (!are_labels(metric_info(metric), values))
		in->is_bad = true;
	return values.length > 0 ? (const char *)arena_copy(arena, values).bytes : NULL;
}

/* In the order of the file's own table, in which results have them. */
static void
unpack_measurements(
    struct unpack *in, const struct state_names *names, struct report *report)
{
	size_t count = unpack_number(in, LIMIT_STATE_MEASUREMENTS);
	uint64_t last = 0;
	report->measurements = arena_alloc_array(
	    report->arena, count, sizeof(*report->measurements));
	for (size_t i = 0; i < count && !in->is_bad; i++) {
		uint64_t number = unpack_number(in, LIMIT_STATE_NAMES);
		int id = name_of(in, names->metrics, names->metric_count, number);
		in->is_bad = in->is_bad || number < last;
		last = number;
		double value = unpack_double(in);
		const char *labels = unpack_labels(in, report->arena, id);
		if (id == STATE_NAME_UNKNOWN)
			continue;
		report->measurements[report->measurement_count++] =
		    (struct measurement){ .id = id, .value = value, .labels = labels };
	}
}

static void
unpack_findings(
    struct unpack *in, const struct state_names *names, struct report *report)
{
	size_t count = unpack_number(in, LIMIT_RESULT_FINDINGS);
	report->findings = arena_alloc_array(
	    report->arena, count, sizeof(*report->findings));
	for (size_t i = 0; i < count && !in->is_bad; i++) {
		int id = unpack_name(in, names->findings, names->finding_count);
		uint64_t severity = unpack_number(in, SEVERITY_COUNT - 1);
		const char *subject = unpack_text(in, report->arena);
		if (id == STATE_NAME_UNKNOWN)
			continue;
		report->findings[report->finding_count++] = (struct finding){
			.id = id,
			.severity = severity,
			.subject = subject[0] != '\0' ? subject : report->subject,
		};
	}
	report->findings_dropped = unpack_number(in, UINT16_MAX);
}

/* NULL where it is bad. */
static struct result *
unpack_run(struct unpack *in, const struct state_names *names, const char *domain,
    struct arena *arena)
{
	struct report report = { .arena = arena, .subject = domain };
	report.could_not_tell = unpack_number(in, 1) == 0;
	report.state = unpack_number(in, STATE_COUNT - 1);
	int64_t run_unix_ms = (int64_t)unpack_number(in, INT64_MAX);
	int64_t duration_ms = (int64_t)unpack_number(in, UINT32_MAX);
	unpack_measurements(in, names, &report);
	unpack_findings(in, names, &report);
	return in->is_bad ? NULL : result_new(&report, run_unix_ms, duration_ms);
}

/* The older one first, since it is what is known where the other could not tell. */
static bool
put(struct results *results, const char *domain, int check, struct result *known,
    struct result *result)
{
	size_t index;
	if (check == STATE_NAME_UNKNOWN ||
	    !roster_find(results_roster(results), domain, (uint32_t)check, &index) ||
	    results_get(results, index) != NULL)
		return false;
	if (known != NULL)
		results_put(results, index, known);
	results_put(results, index, result);
	return true;
}

bool
state_result_unpack(struct unpack *in, const struct state_names *names,
    struct results *results, struct arena *arena)
{
	arena_reset(arena);
	struct result *known = NULL, *result = NULL;
	const char *domain = unpack_text(in, arena);
	int check = unpack_name(in, names->checks, names->check_count);
	if (unpack_number(in, 1) != 0)
		known = unpack_run(in, names, domain, arena);
	result = unpack_run(in, names, domain, arena);
	if (!in->is_bad && put(results, domain, check, known, result))
		return true;
	result_drop(known);
	result_drop(result);
	return false;
}
