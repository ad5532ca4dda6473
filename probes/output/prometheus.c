/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Text exposition format 0.0.4 (prometheus.io, "Exposition formats"): UTF-8, LF, HELP
 * and TYPE once before a family's samples, no timestamps, values without a locale.
 */
#include "output/prometheus.h"

#include "core/report.h"
#include "output/writer.h"

#include <assert.h>
#include <string.h>

static const struct prometheus_family families[PROMETHEUS_FAMILIES] = {
	[PROMETHEUS_PROBE_SUCCESS] = { METRIC_PREFIX "probe_success", "gauge",
	    "Whether the last run could tell everything it looked for (1) or not "
	    "(0)." },
	[PROMETHEUS_PROBE_STATE] = { METRIC_PREFIX "probe_state", "gauge",
	    "State of the last run: one series a state, 1 for the one it is in." },
	[PROMETHEUS_FINDING] = { METRIC_PREFIX "finding", "gauge",
	    "What the last run found; the catalogue explains each id. Always 1." },
};

const struct prometheus_family *
prometheus_family(enum prometheus_family_id id)
{
	assert(id >= 0 && id < PROMETHEUS_FAMILIES);
	return &families[id];
}

/* By hand: to get ready for three bytes takes strcspn() longer than most texts are. */
static size_t
plain_length(const char *text)
{
	size_t length = 0;
	while (text[length] != '\0' && text[length] != '\n' && text[length] != '\\' &&
	    text[length] != '"')
		length++;
	return length;
}

/* Longer pieces first: most texts have nothing to escape. */
static void
add_escaped(struct buf *out, const char *text, bool quotes)
{
	for (;;) {
		size_t plain = plain_length(text);
		buf_add(out, span_of(text, plain));
		text += plain;
		if (*text == '\0')
			return;
		if (*text == '\n')
			buf_add_text(out, "\\n");
		else if (*text == '"' && !quotes)
			buf_add_byte(out, '"');
		else
			buf_addf(out, "\\%c", *text);
		text++;
	}
}

void
prometheus_add_escaped(struct buf *out, const char *value)
{
	add_escaped(out, value, true);
}

static bool
ends_in(struct span name, const char *suffix)
{
	struct span end = span_text(suffix);
	return name.length > end.length &&
	    span_equal(span_slice(name, name.length - end.length, end.length), end);
}

/* OpenMetrics 1.0: HELP escapes the double quote too, a family of counters is named
 * without _total, one of constant labels without _info, and a unit is told. */
static void
add_open_head(struct buf *out, struct span name, const char *type, const char *help)
{
	static const char *const units[] = { "seconds", "bytes" };
	if (ends_in(name, "_total"))
		name.length -= strlen("_total");
	if (ends_in(name, "_info")) {
		name.length -= strlen("_info");
		type = "info";
	}
	buf_add_text(out, "# HELP ");
	buf_add(out, name);
	buf_add_byte(out, ' ');
	add_escaped(out, help, true);
	buf_add_text(out, "\n# TYPE ");
	buf_add(out, name);
	buf_addf(out, " %s\n", type);
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
		if (!ends_in(name, units[i]))
			continue;
		buf_add_text(out, "# UNIT ");
		buf_add(out, name);
		buf_addf(out, " %s\n", units[i]);
	}
}

/* HELP escapes backslash and line feed, label values the double quote as well. */
void
prometheus_head(struct buf *out, enum prometheus_format format, const char *name,
    const char *type, const char *help)
{
	if (format == PROMETHEUS_OPENMETRICS) {
		add_open_head(out, span_text(name), type, help);
		return;
	}
	buf_addf(out, "# HELP %s ", name);
	add_escaped(out, help, false);
	buf_addf(out, "\n# TYPE %s %s\n", name, type);
}

void
prometheus_end(struct buf *out, enum prometheus_format format)
{
	if (format == PROMETHEUS_OPENMETRICS)
		buf_add_text(out, "# EOF\n");
}

static void
add_label(struct buf *out, const char **separator, struct span name, const char *value)
{
	buf_add_text(out, *separator);
	buf_add(out, name);
	buf_add_text(out, "=\"");
	add_escaped(out, value, true);
	buf_add_byte(out, '"');
	*separator = ",";
}

/* Ends a sample; `separator` is still a brace when it has no labels. */
static void
add_value(struct buf *out, const char *separator, double value)
{
	buf_add_text(out, *separator == ',' ? "} " : " ");
	buf_add_number(out, value, 9);
	buf_add_byte(out, '\n');
}

void
prometheus_sample(struct buf *out, const char *name,
    const struct prometheus_label *labels, size_t count, double value)
{
	buf_add_text(out, name);
	const char *separator = "{";
	for (size_t i = 0; i < count; i++)
		if (labels[i].value != NULL)
			add_label(out, &separator, span_text(labels[i].name),
			    labels[i].value);
	add_value(out, separator, value);
}

void
prometheus_metric_head(
    struct buf *out, enum prometheus_format format, enum metric_id id)
{
	char memory[128];
	struct buf name;
	buf_wrap(&name, memory, sizeof(memory));
	buf_addf(&name, METRIC_PREFIX "%s", metric_info(id)->name);
	prometheus_head(out, format, name.text, "gauge", metric_info(id)->help);
}

void
prometheus_metric_sample(struct buf *out, enum metric_id id, const char *domain,
    const char *values, double value)
{
	const struct metric_info *metric = metric_info(id);
	const char *separator = "{";
	buf_addf(out, METRIC_PREFIX "%s", metric->name);
	if (!metric_is_of_host(metric))
		add_label(out, &separator, span_text("domain"), domain);
	struct metric_labels label = metric_labels(metric, values);
	while (metric_labels_next(&label))
		add_label(out, &separator, label.name, label.value);
	add_value(out, separator, value);
}

void
prometheus_state_samples(
    struct buf *out, const char *domain, const char *probe, enum state state)
{
	for (size_t i = 0; i < STATE_COUNT; i++) {
		const struct prometheus_label labels[] = {
			{ "domain", domain },
			{ "probe", probe },
			{ "state", state_text(i) },
		};
		prometheus_sample(out, families[PROMETHEUS_PROBE_STATE].name, labels,
		    ARRAY_LENGTH(labels), i == state);
	}
}

void
prometheus_finding_sample(struct buf *out, const char *domain, const char *probe,
    enum finding_id id, enum severity severity, const char *subject)
{
	const struct prometheus_label labels[] = {
		{ "domain", domain },
		{ "probe", probe },
		{ "id", finding_info(id)->id },
		{ "severity", severity_text(severity) },
		{ "subject", subject },
	};
	prometheus_sample(
	    out, families[PROMETHEUS_FINDING].name, labels, ARRAY_LENGTH(labels), 1);
}

static void
family_head(struct buf *out, enum prometheus_family_id id)
{
	prometheus_head(out, PROMETHEUS_TEXT, families[id].name, families[id].type,
	    families[id].help);
}

/* A finding can stand at several terms; a series may stand only once. */
static bool
is_repeated(const struct report *report, size_t index)
{
	const struct finding *finding = &report->findings[index];
	for (size_t i = 0; i < index; i++) {
		const struct finding *earlier = &report->findings[i];
		if (earlier->id == finding->id &&
		    strcmp(earlier->subject, finding->subject) == 0)
			return true;
	}
	return false;
}

static void
write_findings(struct buf *out, const struct report *report)
{
	if (report->finding_count == 0)
		return;
	family_head(out, PROMETHEUS_FINDING);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		if (!is_repeated(report, i))
			prometheus_finding_sample(out, report->subject, report->probe,
			    finding->id, finding->severity, finding->subject);
	}
}

void
prometheus_write(struct buf *out, const struct report *report, unsigned verbosity)
{
	(void)verbosity;
	const struct prometheus_label labels[] = {
		{ "domain", report->subject },
		{ "probe", report->probe },
	};
	family_head(out, PROMETHEUS_PROBE_SUCCESS);
	prometheus_sample(out, families[PROMETHEUS_PROBE_SUCCESS].name, labels,
	    ARRAY_LENGTH(labels), report_could_tell(report));
	family_head(out, PROMETHEUS_PROBE_STATE);
	prometheus_state_samples(out, report->subject, report->probe, report->state);
	write_findings(out, report);

	for (size_t i = 0; i < report->measurement_count; i++) {
		const struct measurement *measurement = &report->measurements[i];
		if (!metric_is_for_prometheus(metric_info(measurement->id)))
			continue;
		if (i == 0 || measurement->id != report->measurements[i - 1].id)
			prometheus_metric_head(out, PROMETHEUS_TEXT, measurement->id);
		prometheus_metric_sample(out, measurement->id, report->subject,
		    measurement->labels, measurement->value);
	}
}
