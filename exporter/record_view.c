/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A finding has the term and where it stood in the bytes of the record. What is shown
 * is the record made safe, in which every strange byte before the term has become four:
 * so the position counts only where the term really is there, else the term is
 * searched.
 */
#include "record_view.h"

#include "html.h"

#include "core/span.h"

#include <stddef.h>
#include <string.h>

enum { MARKS_MAX = 64 };

struct mark {
	size_t start, length;
	enum finding_id id;
};

struct marks {
	struct mark list[MARKS_MAX]; /* by start */
	size_t count;
};

/* The path ends with the record that the finding is about; without one it is that of
 * its subject. What is only a remark marks nothing. */
static bool
is_about(const struct finding *finding, const char *name)
{
	static const char arrow[] = " > ";
	const char *last = finding->path;
	if (finding->severity <= SEVERITY_INFO)
		return false;
	if (last == NULL)
		last = finding->subject;
	for (const char *next; (next = strstr(last, arrow)) != NULL;)
		last = next + sizeof(arrow) - 1;
	return finding->term != NULL && finding->term[0] != '\0' &&
	    span_equal_nocase(span_text(last), span_text(name));
}

bool
record_view_has_marks(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->finding_count; i++)
		if (is_about(&report->findings[i], name))
			return true;
	return false;
}

/* Where the term is in the shown text; false: nowhere. A long term was cut, and then
 * goes on to the next blank. */
static bool
find_term(const char *record, const struct finding *finding, struct mark *mark)
{
	static const char dots[] = "...";
	size_t length = strlen(finding->term), dotted = sizeof(dots) - 1;
	bool is_cut = length > dotted &&
	    strcmp(finding->term + length - dotted, dots) == 0;
	struct span term = span_of(finding->term, is_cut ? length - dotted : length);
	struct span rest = span_text(record), at, tail;
	if (finding->position > 0) {
		at = span_slice(rest, finding->position - 1, term.length);
		if (span_equal(at, term))
			rest = span_slice(rest, finding->position - 1, SIZE_MAX);
	}
	while (!span_equal(span_slice(rest, 0, term.length), term)) {
		if (rest.length <= term.length)
			return false;
		rest = span_slice(rest, 1, SIZE_MAX);
	}
	mark->start = span_before(span_text(record), rest).length;
	mark->length = term.length;
	mark->id = finding->id;
	if (is_cut) {
		rest = span_slice(rest, term.length, SIZE_MAX);
		span_take_until_or_end(&rest, ' ', &tail);
		mark->length += tail.length;
	}
	return true;
}

static void
insert(struct marks *marks, struct mark mark)
{
	size_t at = marks->count;
	if (marks->count == MARKS_MAX)
		return;
	for (; at > 0 && marks->list[at - 1].start > mark.start; at--)
		marks->list[at] = marks->list[at - 1];
	marks->list[at] = mark;
	marks->count++;
}

void
record_view_write(
    struct buf *out, const struct report *report, const char *name, const char *record)
{
	struct marks marks = { .count = 0 };
	struct mark mark;
	for (size_t i = 0; i < report->finding_count; i++)
		if (is_about(&report->findings[i], name) &&
		    find_term(record, &report->findings[i], &mark))
			insert(&marks, mark);

	struct span text = span_text(record);
	size_t shown = 0;
	buf_add_text(out, "<pre class=\"record\">");
	for (size_t i = 0; i < marks.count; i++) {
		mark = marks.list[i];
		if (mark.start < shown)
			continue; /* within the one before it */
		html_add_span(out, span_slice(text, shown, mark.start - shown));
		buf_add_text(out, "<mark title=\"");
		html_add(out, finding_info(mark.id)->id);
		buf_add_text(out, "\">");
		html_add_span(out, span_slice(text, mark.start, mark.length));
		buf_add_text(out, "</mark>");
		shown = mark.start + mark.length;
	}
	html_add_span(out, span_slice(text, shown, SIZE_MAX));
	buf_add_text(out, "</pre>\n");
}
