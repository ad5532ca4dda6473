/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A report as it grows. Arrays double within the arena; what is left behind goes with
 * its reset. The state follows from findings and thresholds only: no probe sets it.
 */
#include "core/report.h"

#include "core/buf.h"
#include "core/limits.h"

#include <assert.h>
#include <string.h>

static struct threshold
default_threshold(const char *text)
{
	struct threshold threshold = { .set = false };
	if (text[0] == '\0')
		return threshold;
	enum status status = threshold_parse(&threshold, span_text(text));
	assert(status == STATUS_OK);
	return threshold;
}

void
policy_init(struct policy *policy)
{
	for (size_t i = 0; i < FINDING_COUNT; i++)
		policy->severities[i] = SEVERITY_AS_FOUND;
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		policy->warning[i] = default_threshold(metric_info(i)->warning);
		policy->critical[i] = default_threshold(metric_info(i)->critical);
	}
	policy->timeout_state = STATE_UNKNOWN;
	policy->has_timeout_state = false;
}

enum severity
policy_timeout_severity(const struct policy *policy)
{
	static const enum severity severities[STATE_COUNT] = {
		[STATE_OK] = SEVERITY_INFO,
		[STATE_WARNING] = SEVERITY_WARNING,
		[STATE_CRITICAL] = SEVERITY_CRITICAL,
		[STATE_UNKNOWN] = SEVERITY_UNKNOWN,
	};
	return severities[policy->timeout_state];
}

void
report_init(struct report *report, struct arena *arena, const struct policy *policy,
    const char *probe, const char *title, const char *subject)
{
	*report = (struct report){
		.arena = arena,
		.policy = policy,
		.probe = probe,
		.title = title,
		.subject = subject,
		.summary = "",
		.traced = true,
		.told = true,
	};
}

/* Room for one more in an array whose size is always a power of two, from 8. */
static void *
grown(struct arena *arena, void *array, size_t count, size_t size)
{
	bool is_full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);
	if (!is_full)
		return array;
	void *larger = arena_alloc_array(arena, count == 0 ? 8 : 2 * count, size);
	if (count > 0)
		memcpy(larger, array, count * size);
	return larger;
}

/* Once the deadline has passed, "could not tell" means what the user said it means. */
static enum severity
severity_of(const struct report *report, enum finding_id id, enum severity found)
{
	enum severity severity = report->policy->severities[id];
	if (severity == SEVERITY_AS_FOUND)
		severity = found;
	if (severity == SEVERITY_UNKNOWN && report->timed_out)
		return policy_timeout_severity(report->policy);
	return severity;
}

bool
report_wants(const struct report *report, enum finding_id id)
{
	return severity_of(report, id, finding_info(id)->severity) != SEVERITY_IGNORE;
}

/* Of the kind that there is most of, the weakest finding, of equals the last. */
static size_t
least_missed(const struct report *report)
{
	uint16_t counts[FINDING_COUNT] = { 0 };
	const struct finding *findings = report->findings;
	size_t least = 0;
	for (size_t i = 0; i < report->finding_count; i++)
		if (++counts[findings[i].id] > counts[findings[least].id])
			least = i;
	for (size_t i = 0; i < report->finding_count; i++)
		if (findings[i].id == findings[least].id &&
		    findings[i].severity <= findings[least].severity)
			least = i;
	return least;
}

/* At the limit kinds that are there many times give way: a record with hundreds of
 * small faults must not hide its large one. */
static bool
make_room(struct report *report, enum finding_id id, enum severity severity)
{
	if (report->finding_count < LIMIT_FINDINGS)
		return true;
	report->findings_dropped++;
	struct finding *findings = report->findings;
	size_t place = least_missed(report);
	if (findings[place].id == id && findings[place].severity >= severity)
		return false;
	report->finding_count--;
	memmove(&findings[place], &findings[place + 1],
	    (report->finding_count - place) * sizeof(*findings));
	return true;
}

static const char *message_of(struct report *report, const char *format, va_list values)
    PRINTF_LIKE(2, 0);

static const char *
message_of(struct report *report, const char *format, va_list values)
{
	char memory[LIMIT_MESSAGE + 1];
	struct buf message;
	buf_wrap(&message, memory, sizeof(memory));
	buf_addv(&message, format, values);
	return arena_text(report->arena, buf_span(&message));
}

static void add_finding(struct report *report, enum finding_id id, enum severity found,
    const struct place *place, const char *format, va_list values) PRINTF_LIKE(5, 0);

static void
add_finding(struct report *report, enum finding_id id, enum severity found,
    const struct place *place, const char *format, va_list values)
{
	if (found == SEVERITY_UNKNOWN)
		report->could_not_tell = true; /* also where nobody wants to hear it */
	enum severity severity = severity_of(report, id, found);
	if (severity == SEVERITY_IGNORE || !make_room(report, id, severity))
		return;

	static const struct place nowhere = { .subject = NULL };
	if (place == NULL)
		place = &nowhere;
	report->findings = grown(report->arena, report->findings, report->finding_count,
	    sizeof(*report->findings));
	report->findings[report->finding_count++] = (struct finding){
		.id = id,
		.severity = severity,
		.message = report->told ? message_of(report, format, values) : "",
		.subject = place->subject != NULL ? place->subject : report->subject,
		.path = place->path,
		.term = place->term,
		.position = place->position,
	};
}

void
report_finding(struct report *report, enum finding_id id, const struct place *place,
    const char *format, ...)
{
	va_list values;
	va_start(values, format);
	add_finding(report, id, finding_info(id)->severity, place, format, values);
	va_end(values);
}

void
report_finding_as(struct report *report, enum finding_id id, enum severity severity,
    const struct place *place, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	add_finding(report, id, severity, place, format, values);
	va_end(values);
}

static enum state
threshold_state(const struct policy *policy, enum metric_id id, double value)
{
	if (threshold_alerts(&policy->critical[id], value))
		return STATE_CRITICAL;
	if (threshold_alerts(&policy->warning[id], value))
		return STATE_WARNING;
	return STATE_OK;
}

static void
add_measurement(
    struct report *report, enum metric_id id, const char *labels, double value)
{
	report->measurements = grown(report->arena, report->measurements,
	    report->measurement_count, sizeof(*report->measurements));
	report->measurements[report->measurement_count++] = (struct measurement){
		.id = id,
		.labels = labels,
		.value = value,
		.state = threshold_state(report->policy, id, value),
	};
}

void
report_measure(struct report *report, enum metric_id id, double value)
{
	add_measurement(report, id, NULL, value);
}

void
report_measure_only(struct report *report, enum metric_id id, double value)
{
	add_measurement(report, id, NULL, value);
	report->measurements[report->measurement_count - 1].state = STATE_OK;
}

void
report_measure_labelled(struct report *report, enum metric_id id,
    const char *const values[], size_t count, double value)
{
	char memory[LIMIT_LABELS_BYTES + 1];
	struct buf labels;
	buf_wrap(&labels, memory, sizeof(memory));
	for (size_t i = 0; i < count; i++) {
		buf_add_text(&labels, values[i]);
		buf_add_byte(&labels, '\0');
	}
	assert(!labels.cut);
	struct span copy = arena_copy(report->arena, buf_span(&labels));
	add_measurement(report, id, (const char *)copy.bytes, value);
}

void
report_measure_state(struct report *report, enum metric_id id,
    const char *const labels[], size_t count, const char *current)
{
	for (size_t i = 0; i < count; i++) {
		bool is_current = current != NULL && strcmp(labels[i], current) == 0;
		add_measurement(report, id, labels[i], is_current);
	}
}

static struct trace *
trace_add(
    struct report *report, struct trace *parent, const char *key, enum trace_kind kind)
{
	if (report->trace == NULL) {
		report->trace = arena_alloc(report->arena, sizeof(*report->trace));
		report->trace->kind = TRACE_OBJECT;
	}
	if (parent == NULL)
		parent = report->trace;
	assert(parent->kind == TRACE_OBJECT || parent->kind == TRACE_ARRAY);

	struct trace *node = arena_alloc(report->arena, sizeof(*node));
	node->kind = kind;
	node->key = key;
	node->depth = parent->depth + 1;
	if (report->trace_count >= LIMIT_TRACE_NODES || node->depth > LIMIT_TRACE_DEPTH)
		return node; /* part of nothing */

	report->trace_count++;
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

struct trace *
trace_object(struct report *report, struct trace *parent, const char *key)
{
	return trace_add(report, parent, key, TRACE_OBJECT);
}

struct trace *
trace_array(struct report *report, struct trace *parent, const char *key)
{
	return trace_add(report, parent, key, TRACE_ARRAY);
}

void
trace_text(
    struct report *report, struct trace *parent, const char *key, const char *text)
{
	enum trace_kind kind = text != NULL ? TRACE_TEXT : TRACE_NULL;
	trace_add(report, parent, key, kind)->text = text;
}

void
trace_number(struct report *report, struct trace *parent, const char *key, double value)
{
	trace_add(report, parent, key, TRACE_NUMBER)->number = value;
}

void
trace_bool(struct report *report, struct trace *parent, const char *key, bool truth)
{
	trace_add(report, parent, key, TRACE_BOOL)->truth = truth;
}

void
trace_null(struct report *report, struct trace *parent, const char *key)
{
	trace_add(report, parent, key, TRACE_NULL);
}

/* Insertion keeps the order of equals, and there are at most LIMIT_FINDINGS. */
static void
sort_findings(struct report *report)
{
	for (size_t i = 1; i < report->finding_count; i++) {
		struct finding moved = report->findings[i];
		size_t place = i;
		for (; place > 0; place--) {
			if (report->findings[place - 1].severity >= moved.severity)
				break;
			report->findings[place] = report->findings[place - 1];
		}
		report->findings[place] = moved;
	}
}

void
report_finish(struct report *report)
{
	sort_findings(report);
	report->state = STATE_OK;
	for (size_t i = 0; i < report->finding_count; i++)
		report->state = state_worst(
		    report->state, severity_state(report->findings[i].severity));
	for (size_t i = 0; i < report->measurement_count; i++)
		report->state = state_worst(
		    report->state, report->measurements[i].state);
}

bool
report_could_tell(const struct report *report)
{
	return !report->could_not_tell;
}

/* " of s1": which of several values a metric has; "" of one that stands alone. */
static const char *
measurement_owner(const struct report *report, const struct measurement *measurement)
{
	struct metric_labels label = metric_labels(
	    metric_info(measurement->id), measurement->labels);
	const char *owner = "";
	while (metric_labels_next(&label))
		owner = arena_printf(report->arena, "%s%s%s", owner,
		    owner[0] == '\0' ? " of " : ":", label.value);
	return owner;
}

static const char *
measurement_headline(const struct report *report, const struct measurement *measurement)
{
	const struct metric_info *metric = metric_info(measurement->id);
	const struct policy *policy = report->policy;
	bool critical = measurement->state == STATE_CRITICAL;
	const struct threshold *threshold = critical
	    ? &policy->critical[measurement->id]
	    : &policy->warning[measurement->id];

	char memory[64];
	struct buf value;
	buf_wrap(&value, memory, sizeof(memory));
	buf_add_number(&value, measurement->value, 3);
	return arena_printf(report->arena, "%s%s is %s%s, %s range is %s", metric->name,
	    measurement_owner(report, measurement), value.text, metric->unit,
	    critical ? "critical" : "warning", threshold->text);
}

const char *
report_headline(const struct report *report)
{
	if (report->state == STATE_OK)
		return report->summary;
	if (report->finding_count > 0 &&
	    severity_state(report->findings[0].severity) == report->state)
		return report->findings[0].message;
	for (size_t i = 0; i < report->measurement_count; i++)
		if (report->measurements[i].state == report->state)
			return measurement_headline(report, &report->measurements[i]);
	assert(!"a state that nothing explains");
	return report->summary;
}
