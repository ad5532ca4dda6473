/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A report as lines. The first one is all that a pager or NRPE shows: subject, state,
 * the number that decided and the id to look up, within 200 bytes; perfdata directly
 * behind it, in one block (Monitoring Plugins Development Guidelines, 2.1 and 2.6).
 */
#include "text.h"

#include "core/limits.h"

#include <assert.h>
#include <string.h>

enum {
	SUBJECT_MAX = 80,    /* of the first line; a DNS name can be longer than it */
	INDENT = 3,          /* of the tree, at each depth */
	RECORD_SHOWN = 2000, /* bytes of it; JSON has all, which may be 64 kB */
	LINE_SHOWN = 120,    /* of a record, where it has blanks to break it at */
	ALIKE_SHOWN = 12,    /* findings of one kind; a record can hold hundreds */
	TEXT_MAX = LIMIT_FIRST_LINE - 1 /* a blank comes between it and the bar */
};

/* `text`, cut to `room` bytes; "..." shows that it was. */
static void
add_cut(struct buf *out, const char *text, size_t room)
{
	static const char mark[] = "...";
	size_t length = strlen(text);
	if (length <= room) {
		buf_add_text(out, text);
		return;
	}
	size_t kept = room > sizeof(mark) - 1 ? room - (sizeof(mark) - 1) : 0;
	buf_add(out, span_of(text, kept));
	buf_add_text(out, mark);
}

static bool
finding_decided(const struct report *report)
{
	return report->state != STATE_OK && report->finding_count > 0 &&
	    severity_state(report->findings[0].severity) == report->state;
}

/* Findings that count, besides the one in the headline. */
static size_t
further_findings(const struct report *report)
{
	size_t count = report->findings_dropped;
	for (size_t i = 0; i < report->finding_count; i++)
		count += severity_state(report->findings[i].severity) != STATE_OK;
	return finding_decided(report) ? count - 1 : count;
}

/* A label ends at its quote, and old parsers cut it at the first "=" (Monitoring
 * Plugins Development Guidelines, 2.6): both become \DDD, so that labels stay distinct.
 */
static void
add_label_value(struct buf *out, const char *value)
{
	buf_add_byte(out, '_');
	for (; *value != '\0'; value++) {
		if (*value == '\'' || *value == '=')
			buf_addf(out, "\\%03u", (unsigned)(uint8_t)*value);
		else
			buf_add_byte(out, (uint8_t)*value);
	}
}

static void
add_perfdata(
    struct buf *out, const struct policy *policy, const struct measurement *measured)
{
	const struct metric_info *metric = metric_info(measured->id);
	buf_addf(out, " '%s", metric->name);
	struct metric_labels label = metric_labels(metric, measured->labels);
	while (metric_labels_next(&label))
		add_label_value(out, label.value);
	buf_add_text(out, "'=");
	buf_add_number(out, measured->value, 3);
	buf_addf(out, "%s;%s;%s;%s", metric->unit, policy->warning[measured->id].text,
	    policy->critical[measured->id].text, measured->value >= 0 ? "0" : "");
}

void
text_first_line(struct buf *out, const struct report *report)
{
	char memory[TEXT_MAX + 1], tail_memory[TEXT_MAX / 2];
	struct buf line, tail;
	buf_wrap(&line, memory, sizeof(memory));
	buf_wrap(&tail, tail_memory, sizeof(tail_memory));
	if (finding_decided(report))
		buf_addf(&tail, " [%s]", finding_info(report->findings[0].id)->id);
	size_t further = further_findings(report);
	if (further > 0)
		buf_addf(&tail, " (+%zu more)", further);

	buf_addf(&line, "%s %s - ", report->title, state_text(report->state));
	add_cut(&line, report->subject, SUBJECT_MAX);
	buf_add_text(&line, ": ");
	add_cut(&line, report_headline(report), TEXT_MAX - line.length - tail.length);
	buf_add(&line, buf_span(&tail));
	buf_add(out, buf_span(&line));

	const char *separator = " |";
	for (size_t i = 0; i < report->measurement_count; i++) {
		if (!metric_info(report->measurements[i].id)->perfdata)
			continue;
		buf_add_text(out, separator);
		separator = "";
		add_perfdata(out, report->policy, &report->measurements[i]);
	}
	buf_add_byte(out, '\n');
}

static void
add_place(struct buf *out, const struct finding *finding)
{
	if (finding->path == NULL && finding->term == NULL)
		return;
	buf_add_text(out, "    at ");
	if (finding->path != NULL)
		buf_add_text(out, finding->path);
	if (finding->term != NULL)
		buf_addf(out, "%s%s", finding->path != NULL ? ": " : "", finding->term);
	if (finding->position > 0)
		buf_addf(out, " (byte %zu)", finding->position);
	buf_add_byte(out, '\n');
}

static void
add_finding(struct buf *out, const struct finding *finding)
{
	buf_addf(out, "[%s] %s: %s\n", severity_text(finding->severity),
	    finding_info(finding->id)->id, finding->message);
	add_place(out, finding);
}

static void
add_remedy(struct buf *out, enum finding_id id)
{
	const struct finding_info *info = finding_info(id);
	buf_addf(out, "    why: %s\n    do:  %s\n    see: %s\n", info->why,
	    info->remedy, info->reference);
}

static bool
are_alike(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->severity == b->severity;
}

static bool
is_first_of_kind(const struct report *report, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (are_alike(&report->findings[i], &report->findings[index]))
			return false;
	return true;
}

/* The findings like the one at `first`, and once what to do about them. */
static void
add_kind(struct buf *out, const struct report *report, size_t first, unsigned verbosity)
{
	const struct finding *kind = &report->findings[first];
	size_t count = 0;
	for (size_t i = first; i < report->finding_count; i++)
		if (are_alike(&report->findings[i], kind) && ++count <= ALIKE_SHOWN)
			add_finding(out, &report->findings[i]);
	if (count > ALIKE_SHOWN)
		buf_addf(out, "    and %zu more of this kind\n", count - ALIKE_SHOWN);
	if (verbosity > 0)
		add_remedy(out, kind->id);
}

/* The blank at which a line of `room` bytes ends, or the first one behind. */
static size_t
find_break(const char *text, size_t room)
{
	size_t at = room;
	while (at > 0 && text[at] != ' ')
		at--;
	return at > 0 ? at : room + strcspn(text + room, " ");
}

/* Lines of a text that may be long, below one another. */
static void
add_wrapped(struct buf *out, const char *head, const char *text)
{
	size_t indent = strlen(head), room = LINE_SHOWN - indent;
	size_t whole = strlen(text);
	size_t left = whole < RECORD_SHOWN ? whole : RECORD_SHOWN;
	buf_add_text(out, head);
	while (left > room) {
		size_t length = find_break(text, room);
		if (length >= left)
			break;
		buf_add(out, span_of(text, length));
		buf_addf(out, "\n%*s", (int)indent, "");
		text += length + 1;
		left -= length + 1;
	}
	buf_add(out, span_of(text, left));
	buf_add_text(out, whole > RECORD_SHOWN ? "...\n" : "\n");
}

/* Kind by kind, the worst first. */
void
text_findings(struct buf *out, const struct report *report, unsigned verbosity)
{
	for (size_t i = 0; i < report->finding_count; i++)
		if (is_first_of_kind(report, i))
			add_kind(out, report, i, verbosity);
	if (report->findings_dropped > 0)
		buf_addf(out, "and %zu findings more, not shown\n",
		    report->findings_dropped);
	if (report->record != NULL) {
		buf_addf(out, "facts:  %s\n", report->summary);
		add_wrapped(out, "record: ", report->record);
	}
}

/* Lines directly below a node: what has a title, and no title between. */
static size_t
count_lines(const struct trace *node)
{
	size_t count = 0;
	for (const struct trace *child = node->first; child != NULL;
	     child = child->next)
		count += child->title != NULL ? 1 : count_lines(child);
	return count;
}

/* Drawn without bars: one in any line would begin perfdata. `left` are the lines still
 * to come at this depth. */
static void
add_lines(
    struct buf *out, const struct trace *node, char *indent, size_t depth, size_t *left)
{
	assert(depth < LIMIT_TRACE_DEPTH);
	for (const struct trace *child = node->first; child != NULL;
	     child = child->next) {
		if (child->title == NULL) {
			add_lines(out, child, indent, depth, left);
			continue;
		}
		bool is_last = --*left == 0;
		buf_add(out, span_of(indent, INDENT * depth));
		buf_addf(out, "%s%s\n", is_last ? "`- " : "+- ", child->title);
		memcpy(indent + INDENT * depth, is_last ? "   " : ":  ", INDENT);
		size_t below = count_lines(child);
		add_lines(out, child, indent, depth + 1, &below);
	}
}

static void
add_roots(struct buf *out, const struct trace *node)
{
	char indent[INDENT * LIMIT_TRACE_DEPTH];
	for (const struct trace *child = node->first; child != NULL;
	     child = child->next) {
		if (child->title == NULL) {
			add_roots(out, child);
			continue;
		}
		buf_addf(out, "%s\n", child->title);
		size_t below = count_lines(child);
		add_lines(out, child, indent, 0, &below);
	}
}

void
text_tree(struct buf *out, const struct report *report)
{
	if (report->trace != NULL)
		add_roots(out, report->trace);
}
