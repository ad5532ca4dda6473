/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A report made small. Texts stand behind the arrays, one after the other, and are
 * named by their offset; a subject that is the domain itself, the usual one, is not
 * written down at all.
 */
#include "result.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Which findings of a report are kept. */
struct choice {
	size_t count, dropped;
	const struct finding *findings[LIMIT_RESULT_FINDINGS];
};

/* Of a bit-field, whose width the compiler wants to see. */
enum { ID_MASK = (1 << 9) - 1 };
static_assert(METRIC_COUNT <= ID_MASK + 1, "an id has nine bits");

/* One finding can stand at several terms, but it is one series. */
static bool
is_chosen(const struct choice *choice, const struct finding *finding)
{
	for (size_t i = 0; i < choice->count; i++)
		if (choice->findings[i]->id == finding->id &&
		    strcmp(choice->findings[i]->subject, finding->subject) == 0)
			return true;
	return false;
}

static void
choose(struct choice *choice, const struct report *report)
{
	choice->count = 0;
	choice->dropped = report->findings_dropped;
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		if (is_chosen(choice, finding))
			continue;
		if (choice->count < LIMIT_RESULT_FINDINGS)
			choice->findings[choice->count++] = finding;
		else
			choice->dropped++;
	}
}

static bool
is_about_domain(const struct report *report, const struct finding *finding)
{
	return strcmp(finding->subject, report->subject) == 0;
}

static size_t
label_bytes(const struct measurement *measured)
{
	return metric_labels_bytes(metric_info(measured->id), measured->labels);
}

/* Nearly all values are counts. */
static bool
is_whole(double value)
{
	return value >= 0 && value <= UINT32_MAX && value == (double)(uint32_t)value;
}

static size_t
text_bytes(const struct report *report, const struct choice *choice)
{
	size_t bytes = 0;
	for (size_t i = 0; i < report->measurement_count; i++) {
		bytes += label_bytes(&report->measurements[i]);
		if (!is_whole(report->measurements[i].value))
			bytes += sizeof(double);
	}
	for (size_t i = 0; i < choice->count; i++)
		if (!is_about_domain(report, choice->findings[i]))
			bytes += strlen(choice->findings[i]->subject) + 1;
	return bytes;
}

static char *
texts_of(const struct result *result)
{
	return (char *)(result_findings(result) + result->finding_count);
}

/* Copies a text with its NUL, or several, behind the last one. */
static uint32_t
put_text(struct result *result, uint32_t *used, const void *text, size_t size)
{
	uint32_t offset = *used;
	memcpy(texts_of(result) + offset, text, size);
	*used += (uint32_t)size;
	return offset;
}

static struct result_measurement
kept(struct result *result, const struct measurement *from, uint32_t *used)
{
	struct result_measurement measured = {
		.id = from->id & ID_MASK,
		.is_whole = is_whole(from->value),
		.labels = RESULT_NO_TEXT,
	};
	if (measured.is_whole)
		measured.number = (uint32_t)from->value;
	else
		measured.number = put_text(
		    result, used, &from->value, sizeof(from->value));
	if (from->labels != NULL)
		measured.labels = RESULT_NO_TEXT &
		    put_text(result, used, from->labels, label_bytes(from));
	return measured;
}

/* Sorted first, so that equal results have equal texts whatever their reports' order.
 */
static void
put_measurements(struct result *result, const struct report *report, uint32_t *used)
{
	struct result_measurement *measurements = result->measurements;
	for (size_t i = 0; i < report->measurement_count; i++) {
		enum metric_id id = report->measurements[i].id;
		size_t place = i;
		for (; place > 0 && measurements[place - 1].id > id; place--)
			measurements[place] = measurements[place - 1];
		measurements[place].id = id & ID_MASK;
		measurements[place].number = (uint32_t)i;
	}
	for (size_t i = 0; i < report->measurement_count; i++)
		measurements[i] = kept(
		    result, &report->measurements[measurements[i].number], used);
}

static void
put_findings(struct result *result, const struct report *report,
    const struct choice *choice, uint32_t *used)
{
	struct result_finding *findings = (struct result_finding *)result_findings(
	    result);
	for (size_t i = 0; i < choice->count; i++) {
		const struct finding *from = choice->findings[i];
		findings[i] = (struct result_finding){
			.id = (uint16_t)from->id,
			.severity = (uint8_t)from->severity,
			.subject = is_about_domain(report, from)
			    ? RESULT_NO_TEXT
			    : put_text(result, used, from->subject,
				  strlen(from->subject) + 1),
		};
	}
}

struct result *
result_new(const struct report *report, int64_t run_unix_ms, int64_t duration_ms)
{
	struct choice choice;
	choose(&choice, report);
	size_t texts = text_bytes(report, &choice);
	assert(texts < RESULT_NO_TEXT && report->measurement_count <= UINT16_MAX);
	size_t size = sizeof(struct result) +
	    report->measurement_count * sizeof(struct result_measurement) +
	    choice.count * sizeof(struct result_finding) + texts;
	struct result *result = must_alloc(size);
	*result = (struct result){
		.references = 1,
		.size = (uint32_t)size,
		.duration_ms = (uint32_t)duration_ms,
		.run_unix_ms = run_unix_ms,
		.could_tell = report_could_tell(report),
		.state = (uint8_t)report->state,
		.finding_count = (uint16_t)choice.count,
		.findings_dropped = (uint16_t)(choice.dropped < UINT16_MAX
			? choice.dropped
			: UINT16_MAX),
		.measurement_count = (uint16_t)report->measurement_count,
		.text_bytes = (uint32_t)texts,
	};
	uint32_t used = 0;
	put_measurements(result, report, &used);
	put_findings(result, report, &choice, &used);
	assert(used == texts);
	return result;
}

struct result *
result_again(const struct result *result, int64_t run_unix_ms)
{
	/* All but the number of references, which readers change meanwhile. */
	static const size_t start = offsetof(struct result, size);
	struct result *again = must_alloc(result->size);
	memcpy(
	    (char *)again + start, (const char *)result + start, result->size - start);
	atomic_init(&again->references, 1);
	again->known = NULL;
	again->duration_ms = 0;
	again->run_unix_ms = run_unix_ms;
	return again;
}

struct result *
result_keep(struct result *result)
{
	atomic_fetch_add_explicit(&result->references, 1, memory_order_relaxed);
	return result;
}

void
result_drop(struct result *result)
{
	/* Acquire and release: the last reader is done before the memory goes. */
	if (result == NULL || atomic_fetch_sub(&result->references, 1) > 1)
		return;
	result_drop(result->known); /* which has none */
	free(result);
}

struct result *
result_keep_known(struct result *result)
{
	struct result *known = result->could_tell ? result : result->known;
	return known != NULL ? result_keep(known) : NULL;
}

static bool
has_same_measurements(const struct result *a, const struct result *b)
{
	if (a->measurement_count != b->measurement_count)
		return false;
	for (size_t i = 0; i < a->measurement_count; i++) {
		const struct result_measurement *first = &a->measurements[i];
		const struct result_measurement *second = &b->measurements[i];
		if (first->number != second->number || first->id != second->id ||
		    first->is_whole != second->is_whole ||
		    first->labels != second->labels)
			return false;
	}
	return true;
}

static bool
has_same_findings(const struct result *a, const struct result *b)
{
	if (a->finding_count != b->finding_count ||
	    a->findings_dropped != b->findings_dropped)
		return false;
	const struct result_finding *first = result_findings(a);
	const struct result_finding *second = result_findings(b);
	for (size_t i = 0; i < a->finding_count; i++)
		if (first[i].id != second[i].id ||
		    first[i].severity != second[i].severity ||
		    first[i].subject != second[i].subject)
			return false;
	return true;
}

bool
result_shows_same(const struct result *a, const struct result *b)
{
	return a->could_tell == b->could_tell && a->state == b->state &&
	    has_same_measurements(a, b) && has_same_findings(a, b) &&
	    a->text_bytes == b->text_bytes &&
	    memcmp(texts_of(a), texts_of(b), a->text_bytes) == 0;
}

double
result_value(const struct result *result, const struct result_measurement *measurement)
{
	double value = measurement->number;
	if (!measurement->is_whole)
		memcpy(&value, texts_of(result) + measurement->number, sizeof(value));
	return value;
}

const struct result_finding *
result_findings(const struct result *result)
{
	return (const struct result_finding *)(result->measurements +
	    result->measurement_count);
}

const char *
result_text(const struct result *result, uint32_t offset)
{
	return offset != RESULT_NO_TEXT ? texts_of(result) + offset : NULL;
}
