/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A report as one JSON object, written as it is walked. Not by a library: to load one
 * cost every run of a plugin about as much as three DNS questions, whatever it printed,
 * and a writer alone, for texts that are printable ASCII already, is not much more than
 * commas. A value that is not known is null or absent.
 */
#include "output/writer.h"

#include "core/limits.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { LABEL_NAME_MAX = 31 };

/* Where the next value goes. */
struct json {
	struct buf *out;
	bool indented;
	unsigned depth;
	bool has_sibling; /* a value stands before it in the same object or array */
};

static void
begin_line(const struct json *json)
{
	if (!json->indented)
		return;
	buf_add_byte(json->out, '\n');
	for (unsigned i = 0; i < json->depth; i++)
		buf_add_text(json->out, "  ");
}

/* Texts hold no control bytes (core/report.h); RFC 8259 7 leaves two to escape. */
static void
add_string(struct json *json, const char *text)
{
	buf_add_byte(json->out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_add_byte(json->out, '\\');
		buf_add_byte(json->out, (uint8_t)*text);
	}
	buf_add_byte(json->out, '"');
}

/* What stands before a value; the key is NULL in an array, and for the whole. */
static void
begin_value(struct json *json, const char *key)
{
	if (json->has_sibling)
		buf_add_byte(json->out, ',');
	if (json->depth > 0)
		begin_line(json);
	json->has_sibling = true;
	if (key == NULL)
		return;
	add_string(json, key);
	buf_add_text(json->out, json->indented ? ": " : ":");
}

static void
begin_list(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	buf_add_byte(json->out, (uint8_t)bracket);
	json->depth++;
	json->has_sibling = false;
}

static void
end_list(struct json *json, char bracket)
{
	json->depth--;
	if (json->has_sibling)
		begin_line(json);
	buf_add_byte(json->out, (uint8_t)bracket);
	json->has_sibling = true;
}

static void
add_word(struct json *json, const char *key, const char *word)
{
	begin_value(json, key);
	buf_add_text(json->out, word);
}

static void
add_text(struct json *json, const char *key, const char *text)
{
	if (text == NULL) {
		add_word(json, key, "null");
		return;
	}
	begin_value(json, key);
	add_string(json, text);
}

/* Whole numbers without a decimal point, where they are exact, which is up to 2^53; all
 * others with as many digits as tell them from their neighbours. */
static void
add_number(struct json *json, const char *key, double number)
{
	char memory[32];
	struct buf digits;
	buf_wrap(&digits, memory, sizeof(memory));
	bool is_exact = fabs(number) < 9007199254740992.0;
	bool is_whole = is_exact && (double)(int64_t)number == number;
	buf_addf(&digits, is_whole ? "%.0f" : "%.17g", number);
	char *comma = strchr(memory, ','); /* of the locale */
	if (comma != NULL)
		*comma = '.';
	add_word(json, key, memory);
}

static void
add_finding(struct json *json, const struct finding *finding)
{
	const struct finding_info *info = finding_info(finding->id);
	begin_list(json, NULL, '{');
	add_text(json, "id", info->id);
	add_text(json, "severity", severity_text(finding->severity));
	add_text(json, "message", finding->message);
	add_text(json, "subject", finding->subject);
	if (finding->path != NULL)
		add_text(json, "path", finding->path);
	if (finding->term != NULL)
		add_text(json, "term", finding->term);
	if (finding->position > 0)
		add_number(json, "position", (double)finding->position);
	add_text(json, "reference", info->reference);
	end_list(json, '}');
}

static void
add_labels(struct json *json, const struct metric_info *metric, const char *values)
{
	struct metric_labels label = metric_labels(metric, values);
	begin_list(json, "labels", '{');
	while (metric_labels_next(&label)) {
		char name[LABEL_NAME_MAX + 1];
		struct buf copy;
		buf_wrap(&copy, name, sizeof(name));
		buf_add(&copy, label.name);
		add_text(json, name, label.value);
	}
	end_list(json, '}');
}

static void
add_measurement(struct json *json, const struct measurement *measurement)
{
	const struct metric_info *metric = metric_info(measurement->id);
	begin_list(json, NULL, '{');
	add_text(json, "name", metric->name);
	if (measurement->labels != NULL)
		add_labels(json, metric, measurement->labels);
	add_number(json, "value", measurement->value);
	if (measurement->state != STATE_OK)
		add_text(json, "state", state_text(measurement->state));
	end_list(json, '}');
}

/* Depth is capped where traces are made (LIMIT_TRACE_DEPTH). */
static void
add_trace(struct json *json, const struct trace *node)
{
	bool is_object = node->kind == TRACE_OBJECT;
	switch (node->kind) {
	case TRACE_OBJECT:
	case TRACE_ARRAY:
		begin_list(json, node->key, is_object ? '{' : '[');
		for (node = node->first; node != NULL; node = node->next)
			add_trace(json, node);
		end_list(json, is_object ? '}' : ']');
		break;
	case TRACE_TEXT:
		add_text(json, node->key, node->text);
		break;
	case TRACE_NUMBER:
		add_number(json, node->key, node->number);
		break;
	case TRACE_BOOL:
		add_word(json, node->key, node->truth ? "true" : "false");
		break;
	case TRACE_NULL:
		add_word(json, node->key, "null");
		break;
	}
}

static void
add_report(struct json *json, const struct report *report, bool has_sections)
{
	const struct trace *section = report->trace != NULL ? report->trace->first
							    : NULL;
	begin_list(json, NULL, '{');
	add_text(json, "mailgauge", MAILGAUGE_VERSION);
	add_text(json, "probe", report->probe);
	add_text(json, "domain", report->subject);
	add_text(json, "state", state_text(report->state));
	add_text(json, "summary", report_headline(report));
	begin_list(json, "findings", '[');
	for (size_t i = 0; i < report->finding_count; i++)
		add_finding(json, &report->findings[i]);
	end_list(json, ']');
	begin_list(json, "measurements", '[');
	for (size_t i = 0; i < report->measurement_count; i++)
		add_measurement(json, &report->measurements[i]);
	end_list(json, ']');
	for (; section != NULL; section = section->next) {
		if (has_sections)
			add_trace(json, section);
		else
			add_word(json, section->key, "null");
	}
	end_list(json, '}');
	buf_add_byte(json->out, '\n');
}

/* A section can be larger than the output may be, where records are; half an object
 * would be worse than one without it. */
void
json_write(struct buf *out, const struct report *report, unsigned verbosity)
{
	size_t start = out->length;
	struct json json = { .out = out, .indented = verbosity > 0 };
	add_report(&json, report, true);
	if (!out->cut)
		return;
	buf_shorten(out, start);
	json = (struct json){ .out = out, .indented = verbosity > 0 };
	add_report(&json, report, false);
}
