/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * What pages know of a check is the names in its section of the trace, as the readers
 * of its JSON do: a section that has no picture here is shown as the tree that it is.
 */
#include "report_view.h"

#include "html.h"
#include "mail_view.h"
#include "record_view.h"
#include "svg_tree.h"
#include "trace_look.h"

#include <stddef.h>
#include <string.h>

enum {
	VALUES_MAX = 2000, /* of a trace, shown one by one */
	RECORDS_MAX = 20   /* of others, in which something is wrong */
};

struct view_of_report {
	struct buf *out;
	const struct report *report;
	int64_t now_seconds;
	size_t left; /* values or records that may still be shown */
};

/* --- findings ------------------------------------------------------------- */

static void
add_place(struct buf *out, const struct finding *finding)
{
	if (finding->path == NULL && finding->term == NULL)
		return;
	buf_add_text(out, "<p class=\"dim\">at ");
	if (finding->path != NULL)
		html_add(out, finding->path);
	if (finding->term != NULL) {
		buf_add_text(out, finding->path != NULL ? ": <code>" : "<code>");
		html_add(out, finding->term);
		buf_add_text(out, "</code>");
	}
	if (finding->position > 0)
		buf_addf(out, " (byte %zu)", finding->position);
	buf_add_text(out, "</p>\n");
}

static bool
is_first_of_its_kind(const struct report *report, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (report->findings[i].id == report->findings[index].id)
			return false;
	return true;
}

static void
add_finding(struct view_of_report *view, size_t index)
{
	const struct finding *finding = &view->report->findings[index];
	const struct finding_info *info = finding_info(finding->id);
	struct buf *out = view->out;
	buf_addf(
	    out, "<div class=\"finding %s\">\n<p>", severity_text(finding->severity));
	html_add_severity(out, finding->severity);
	buf_add_byte(out, ' ');
	html_add_finding_link(out, finding->id, info->title);
	buf_add_text(out, "</p>\n<p>");
	html_add(out, finding->message);
	buf_add_text(out, "</p>\n");
	add_place(out, finding);
	if (is_first_of_its_kind(view->report, index)) {
		buf_add_text(out, "<dl><dt>Why</dt><dd>");
		html_add(out, info->why);
		buf_add_text(out, "</dd><dt>What to do</dt><dd>");
		html_add(out, info->remedy);
		buf_add_text(out, "</dd></dl>\n");
	}
	buf_add_text(out, "</div>\n");
}

/* What counts comes first, then records and pictures, then what is only a remark. */
static void
add_what_counts(struct view_of_report *view)
{
	const struct report *report = view->report;
	for (size_t i = 0; i < report->finding_count; i++)
		if (report->findings[i].severity > SEVERITY_INFO)
			add_finding(view, i);
	if (report->findings_dropped > 0)
		buf_addf(view->out, "<p>And %zu findings more, not shown.</p>\n",
		    report->findings_dropped);
}

static void
add_remarks(struct view_of_report *view)
{
	const struct report *report = view->report;
	size_t first = 0;
	while (first < report->finding_count &&
	    report->findings[first].severity > SEVERITY_INFO)
		first++;
	if (first == report->finding_count)
		return;
	buf_addf(view->out, "<details><summary>Remarks (%zu)</summary>\n",
	    report->finding_count - first);
	for (size_t i = first; i < report->finding_count; i++)
		add_finding(view, i);
	buf_add_text(view->out, "</details>\n");
}

/* --- measurements --------------------------------------------------------- */

static void
add_measurement(struct buf *out, const struct measurement *measurement)
{
	const struct metric_info *metric = metric_info(measurement->id);
	struct metric_labels label = metric_labels(metric, measurement->labels);
	buf_add_text(out, "<tr><td>");
	html_add(out, metric->name);
	while (metric_labels_next(&label)) {
		buf_add_byte(out, ' ');
		html_add(out, label.value);
	}
	buf_add_text(out, "</td><td>");
	buf_add_number(out, measurement->value, 3);
	if (measurement->state != STATE_OK) {
		buf_add_byte(out, ' ');
		html_add_state(out, measurement->state);
	}
	buf_add_text(out, "</td></tr>\n");
}

static void
add_measurements(struct view_of_report *view)
{
	const struct report *report = view->report;
	if (report->measurement_count == 0)
		return;
	buf_add_text(view->out,
	    "<details><summary>Measurements</summary><div class=\"wide\"><table>\n");
	for (size_t i = 0; i < report->measurement_count; i++)
		add_measurement(view->out, &report->measurements[i]);
	buf_add_text(view->out, "</table></div></details>\n");
}

/* --- records -------------------------------------------------------------- */

static void
add_record(struct view_of_report *view, const char *name, const char *record)
{
	buf_add_text(view->out, "<p class=\"dim\">");
	html_add(view->out, name);
	buf_add_text(view->out, "</p>\n");
	record_view_write(view->out, view->report, name, record);
}

/* Records below the domain's own, where a finding points into them. The depth of a
 * trace is capped where it is made. */
static void
add_records_below(struct view_of_report *view, const struct trace *node)
{
	const struct trace *terms = trace_child(node, "terms");
	const struct trace *step = terms != NULL ? terms->first : NULL;
	for (; step != NULL; step = step->next) {
		const struct trace *target = trace_child(step, "target");
		const char *name = trace_child_text(target, "domain");
		const char *record = trace_child_text(target, "record");
		if (name != NULL && record != NULL && view->left > 0 &&
		    record_view_has_marks(view->report, name)) {
			view->left--;
			add_record(view, name, record);
		}
		add_records_below(view, target);
	}
}

static void
add_spf(struct view_of_report *view, const struct trace *section)
{
	const struct trace *tree = trace_child(section, "tree");
	const char *name = trace_child_text(tree, "domain");
	const char *record = trace_child_text(tree, "record");
	if (name == NULL || record == NULL)
		return;
	buf_add_text(view->out, "<h3>Record</h3>\n");
	add_record(view, name, record);
	view->left = RECORDS_MAX;
	add_records_below(view, tree);
	buf_add_text(view->out, "<h3>Where the DNS lookups go</h3>\n");
	svg_tree_write(view->out, tree);
}

/* --- DMARC ---------------------------------------------------------------- */

static void
add_fact(struct buf *out, const char *title, const char *text)
{
	buf_addf(out, "<dt>%s</dt><dd>", title);
	html_add(out, text != NULL ? text : "-");
	buf_add_text(out, "</dd>");
}

static void
add_walk(struct view_of_report *view, const struct trace *walk)
{
	struct buf *out = view->out;
	if (walk == NULL)
		return;
	buf_add_text(
	    out, "<h3>Where it was looked for</h3>\n<div class=\"wide\"><table>\n");
	for (const struct trace *step = walk->first; step != NULL; step = step->next) {
		const char *location = trace_child_text(step, "location");
		const char *result = trace_child_text(step, "result");
		buf_add_text(out, "<tr><td>");
		html_add(out, location != NULL ? location : "?");
		buf_add_text(out, "</td><td>");
		html_add(out, result != NULL ? result : "?");
		buf_add_text(out, "</td></tr>\n");
	}
	buf_add_text(out, "</table></div>\n");
}

static void
add_dmarc(struct view_of_report *view, const struct trace *section)
{
	const char *location = trace_child_text(section, "location");
	const char *record = trace_child_text(section, "record");
	struct buf *out = view->out;
	buf_add_text(out, "<h3>Policy</h3>\n<dl>");
	add_fact(out, "Domain", trace_child_text(section, "policy"));
	add_fact(out, "Names below it", trace_child_text(section, "subdomain_policy"));
	add_fact(out, "Names that do not exist", trace_child_text(section, "np"));
	add_fact(out, "It comes from", location != NULL ? location : "no record");
	add_fact(out, "Organizational domain",
	    trace_child_text(section, "organizational_domain"));
	buf_add_text(out, "</dl>\n");
	if (record != NULL) {
		buf_add_text(out, "<h3>Record</h3>\n");
		add_record(
		    view, location != NULL ? location : view->report->subject, record);
	}
	add_walk(view, trace_child(section, "walk"));
}

/* --- DKIM ----------------------------------------------------------------- */

static void
add_dkim(struct view_of_report *view, const struct trace *section)
{
	const struct trace *selectors = trace_child(section, "selectors");
	const struct trace *step = selectors != NULL ? selectors->first : NULL;
	bool is_first = true;
	for (; step != NULL; step = step->next) {
		const char *location = trace_child_text(step, "location");
		const char *record = trace_child_text(step, "record");
		if (location == NULL || record == NULL)
			continue;
		if (is_first)
			buf_add_text(view->out, "<h3>Records</h3>\n");
		is_first = false;
		add_record(view, location, record);
	}
}

/* --- every section -------------------------------------------------------- */

static void add_members(struct view_of_report *view, const struct trace *parent);

static void
add_value(struct view_of_report *view, const struct trace *node)
{
	struct buf *out = view->out;
	switch (node->kind) {
	case TRACE_OBJECT:
	case TRACE_ARRAY:
		add_members(view, node);
		break;
	case TRACE_TEXT:
		html_add(out, node->text);
		break;
	case TRACE_NUMBER:
		buf_add_number(out, node->number, 3);
		break;
	case TRACE_BOOL:
		buf_add_text(out, node->truth ? "yes" : "no");
		break;
	case TRACE_NULL:
		buf_add_byte(out, '?');
		break;
	}
}

static void
add_members(struct view_of_report *view, const struct trace *parent)
{
	struct buf *out = view->out;
	size_t number = 0;
	buf_add_text(out, "<dl>");
	for (const struct trace *node = parent->first; node != NULL;
	     node = node->next) {
		number++;
		if (view->left == 0)
			break;
		view->left--;
		buf_add_text(out, "<dt>");
		if (node->key != NULL)
			html_add(out, node->key);
		else
			buf_addf(out, "%zu", number);
		buf_add_text(out, "</dt><dd>");
		add_value(view, node);
		buf_add_text(out, "</dd>");
	}
	buf_add_text(out, "</dl>");
}

static void
add_values(struct view_of_report *view)
{
	const struct trace *trace = view->report->trace;
	if (trace == NULL || trace->first == NULL)
		return;
	view->left = VALUES_MAX;
	buf_add_text(view->out, "<details><summary>All that was learnt</summary>\n");
	add_members(view, trace);
	if (view->left == 0)
		buf_add_text(view->out, "<p>And more, not shown.</p>");
	buf_add_text(view->out, "</details>\n");
}

/* The headline is the first finding, which follows. */
static const char *
facts_of(const struct report *report)
{
	return report->summary != NULL ? report->summary : report_headline(report);
}

void
report_view_write(struct buf *out, const struct report *report, int64_t now_seconds)
{
	struct view_of_report view = {
		.out = out, .report = report, .now_seconds = now_seconds
	};
	const struct trace *spf = trace_child(report->trace, "spf");
	const struct trace *dmarc = trace_child(report->trace, "dmarc");
	const struct trace *dkim = trace_child(report->trace, "dkim");
	buf_add_text(out, "<h2>");
	html_add(out, report->title);
	buf_add_byte(out, ' ');
	html_add_state(out, report->state);
	buf_add_text(out, "</h2>\n<p>");
	html_add(out, facts_of(report));
	buf_add_text(out, "</p>\n");
	add_what_counts(&view);
	if (spf != NULL)
		add_spf(&view, spf);
	if (dmarc != NULL)
		add_dmarc(&view, dmarc);
	if (dkim != NULL)
		add_dkim(&view, dkim);
	mail_view_write(out, report->trace, now_seconds);
	add_remarks(&view);
	add_measurements(&view);
	add_values(&view);
}
