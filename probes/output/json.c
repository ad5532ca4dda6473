/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A report as one JSON object, by jansson. All texts of a report are printable ASCII
 * already, so that no value can be refused for its encoding. A value that is not known
 * is null or absent.
 */
#include "output/writer.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>

/* jansson fails only without memory. */
static void
set(json_t *object, const char *key, json_t *value)
{
	if (value == NULL || json_object_set_new(object, key, value) != 0)
		die_unknown("out of memory");
}

static void
append(json_t *array, json_t *value)
{
	if (value == NULL || json_array_append_new(array, value) != 0)
		die_unknown("out of memory");
}

static json_t *
json_text(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

/* Whole numbers without a decimal point; JSON's are exact up to 2^53. */
static json_t *
json_from_number(double number)
{
	bool exact = fabs(number) < 9007199254740992.0;
	json_int_t whole = exact ? (json_int_t)number : 0;
	return exact && (double)whole == number ? json_integer(whole)
						: json_real(number);
}

static json_t *
json_from_finding(const struct finding *finding)
{
	const struct finding_info *info = finding_info(finding->id);
	json_t *object = json_object();
	set(object, "id", json_text(info->id));
	set(object, "severity", json_text(severity_text(finding->severity)));
	set(object, "message", json_text(finding->message));
	set(object, "subject", json_text(finding->subject));
	if (finding->path != NULL)
		set(object, "path", json_text(finding->path));
	if (finding->term != NULL)
		set(object, "term", json_text(finding->term));
	if (finding->position > 0)
		set(object, "position", json_integer((json_int_t)finding->position));
	set(object, "reference", json_text(info->reference));
	return object;
}

static json_t *
json_from_measurement(const struct measurement *measurement)
{
	const struct metric_info *metric = metric_info(measurement->id);
	json_t *object = json_object();
	set(object, "name", json_text(metric->name));
	if (measurement->label != NULL) {
		json_t *labels = json_object();
		set(labels, metric->label, json_text(measurement->label));
		set(object, "labels", labels);
	}
	set(object, "value", json_from_number(measurement->value));
	if (measurement->state != STATE_OK)
		set(object, "state", json_text(state_text(measurement->state)));
	return object;
}

static json_t *json_from_trace(const struct trace *node);

static json_t *
json_from_children(const struct trace *node)
{
	bool is_object = node->kind == TRACE_OBJECT;
	json_t *children = is_object ? json_object() : json_array();
	for (const struct trace *child = node->first; child != NULL;
	     child = child->next) {
		if (is_object)
			set(children, child->key, json_from_trace(child));
		else
			append(children, json_from_trace(child));
	}
	return children;
}

/* Depth is capped where traces are made (LIMIT_TRACE_DEPTH). */
static json_t *
json_from_trace(const struct trace *node)
{
	switch (node->kind) {
	case TRACE_OBJECT:
	case TRACE_ARRAY:
		return json_from_children(node);
	case TRACE_TEXT:
		return json_text(node->text);
	case TRACE_NUMBER:
		return json_from_number(node->number);
	case TRACE_BOOL:
		return json_boolean(node->truth);
	case TRACE_NULL:
		return json_null();
	}
	assert(!"a trace node of no kind");
	return NULL;
}

static int
add_bytes(const char *bytes, size_t length, void *out)
{
	buf_add(out, span_of(bytes, length));
	return 0;
}

static json_t *
json_from_report(const struct report *report)
{
	json_t *object = json_object();
	set(object, "mailgauge", json_text(MAILGAUGE_VERSION));
	set(object, "probe", json_text(report->probe));
	set(object, "domain", json_text(report->subject));
	set(object, "state", json_text(state_text(report->state)));
	set(object, "summary", json_text(report_headline(report)));

	json_t *findings = json_array();
	for (size_t i = 0; i < report->finding_count; i++)
		append(findings, json_from_finding(&report->findings[i]));
	set(object, "findings", findings);
	json_t *measurements = json_array();
	for (size_t i = 0; i < report->measurement_count; i++)
		append(measurements, json_from_measurement(&report->measurements[i]));
	set(object, "measurements", measurements);
	return object;
}

static void
dump(struct buf *out, const json_t *object, size_t flags)
{
	if (json_dump_callback(object, add_bytes, out, flags) != 0)
		die_unknown("out of memory");
	buf_add_byte(out, '\n');
}

/* A section can be larger than the output may be, where records are; half an object
 * would be worse than one without it. */
void
json_write(struct buf *out, const struct report *report, unsigned verbosity)
{
	size_t start = out->length;
	size_t flags = verbosity > 0 ? JSON_INDENT(2) : JSON_COMPACT;
	const struct trace *section = report->trace != NULL ? report->trace->first
							    : NULL;
	json_t *object = json_from_report(report);
	for (; section != NULL; section = section->next)
		set(object, section->key, json_from_trace(section));
	dump(out, object, flags);
	json_decref(object);
	if (!out->cut)
		return;

	buf_shorten(out, start);
	object = json_from_report(report);
	for (section = report->trace->first; section != NULL; section = section->next)
		set(object, section->key, json_null());
	dump(out, object, flags);
	json_decref(object);
}
