/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The rows of findings.def, by groups: the first word of an id. Behind them stands what
 * no check finds but alerts speak of: trouble with the exporter itself. */
#include "page_findings.h"

#include "html.h"

#include <string.h>

static const struct {
	const char *id, *title, *why, *remedy;
} own_troubles[] = {
	{ "exporter-down", "the exporter can't be scraped",
	    "Nothing is known of any domain that it watches, and no other alert "
	    "of theirs can fire.",
	    "See whether it runs, and what its log says last; then whether "
	    "Prometheus reaches its address, with the right scheme and "
	    "password." },
	{ "exporter-reload", "a new configuration was not taken",
	    "The exporter goes on with the one before: domains that were added "
	    "since are not watched.",
	    "Its log names the file and the line; so does --config.check. Mend "
	    "them, and reload again." },
	{ "exporter-lag", "checks are overdue",
	    "More checks are due than get done: what is shown is older than the "
	    "interval promises.",
	    "Look for name servers that answer slowly, raise the concurrency or "
	    "the interval, or share the list among exporters by --shard." },
	{ "exporter-stale", "a result is hours old",
	    "A check has not come to its end for a long time; what is shown of "
	    "the domain may not be true any more.",
	    "Compare the interval in the configuration with the alert's three "
	    "hours; otherwise look for exporter-lag, and restart the exporter." },
};

static struct span
group_of(enum finding_id id)
{
	struct span rest = span_text(finding_info(id)->id), group;
	span_take_until_or_end(&rest, '-', &group);
	return group;
}

static bool
begins_group(size_t id)
{
	return id == 0 || !span_equal(group_of(id), group_of(id - 1));
}

static void
add_group_name(struct buf *out, enum finding_id id)
{
	struct span group = group_of(id);
	for (size_t i = 0; i < group.length; i++) {
		uint8_t byte = group.bytes[i];
		uint8_t upper = byte_is_alpha(byte) ? byte & ~0x20 : byte;
		html_add_span(out, span_of(&upper, 1));
	}
}

/* "RFC 7208 4.6.4, 5": the first section is where it leads to. */
static void
add_reference(struct buf *out, const char *reference)
{
	struct span rest = span_text(reference), section;
	uint32_t rfc;
	if (!span_take_prefix_nocase(&rest, span_text("RFC ")) ||
	    !span_take_number(&rest, 99999, &rfc)) {
		html_add(out, reference);
		return;
	}
	bool has_section = span_take_byte(&rest, ' ');
	span_take_until_or_end(&rest, ',', &section);
	buf_addf(out, "<a href=\"https://www.rfc-editor.org/rfc/rfc%u", (unsigned)rfc);
	if (has_section && section.length > 0 && byte_is_digit(section.bytes[0])) {
		buf_add_text(out, "#section-");
		html_add_url(out, section);
	}
	buf_add_text(out, "\">");
	html_add(out, reference);
	buf_add_text(out, "</a>");
}

static void
add_severity(struct buf *out, const struct policy *policy, enum finding_id id)
{
	enum severity severity = finding_info(id)->severity;
	enum severity chosen = policy->severities[id];
	if (chosen == SEVERITY_AS_FOUND || chosen == severity) {
		html_add_severity(out, severity);
		return;
	}
	html_add_severity(out, chosen);
	buf_addf(out, " <span class=\"dim\">here; usually %s</span>",
	    severity_text(severity));
}

static void
add_finding(struct buf *out, const struct policy *policy, enum finding_id id)
{
	const struct finding_info *info = finding_info(id);
	buf_add_text(out, "<section id=\"");
	html_add(out, info->id);
	buf_add_text(out, "\">\n<h3>");
	html_add_finding_link(out, id, info->id);
	buf_add_text(out, "</h3>\n<p>");
	add_severity(out, policy, id);
	buf_add_byte(out, ' ');
	html_add(out, info->title);
	buf_add_text(out, "</p>\n<dl><dt>Why</dt><dd>");
	html_add(out, info->why);
	buf_add_text(out, "</dd><dt>What to do</dt><dd>");
	html_add(out, info->remedy);
	if (strcmp(info->reference, "-") != 0) {
		buf_add_text(out, "</dd><dt>See</dt><dd>");
		add_reference(out, info->reference);
	}
	buf_add_text(out, "</dd><dt>Where</dt><dd><a href=\"/?finding=");
	html_add(out, info->id);
	buf_add_text(out, "\">domains that have it</a></dd></dl>\n</section>\n");
}

static void
add_own_troubles(struct buf *out)
{
	buf_add_text(out, "<h2 id=\"group-exporter\">The exporter itself</h2>\n");
	for (size_t i = 0; i < ARRAY_LENGTH(own_troubles); i++) {
		buf_add_text(out, "<h3 id=\"");
		html_add(out, own_troubles[i].id);
		buf_add_text(out, "\">");
		html_add(out, own_troubles[i].title);
		buf_add_text(out, "</h3>\n<dl><dt>Why</dt><dd>");
		html_add(out, own_troubles[i].why);
		buf_add_text(out, "</dd><dt>What to do</dt><dd>");
		html_add(out, own_troubles[i].remedy);
		buf_add_text(out, "</dd></dl>\n");
	}
}

static void
add_contents(struct buf *out)
{
	buf_add_text(out, "<ul class=\"counts\">");
	for (size_t id = 0; id < FINDING_COUNT; id++) {
		if (!begins_group(id))
			continue;
		buf_add_text(out, "<li><a href=\"#group-");
		html_add_span(out, group_of(id));
		buf_add_text(out, "\">");
		add_group_name(out, id);
		buf_add_text(out, "</a></li>");
	}
	buf_add_text(
	    out, "<li><a href=\"#group-exporter\">The exporter itself</a></li></ul>\n");
}

void
page_findings_write(struct buf *out, const struct policy *policy)
{
	html_begin(out, "Findings");
	buf_addf(out,
	    "<p>All %d things that the checks can find, why they matter and what to "
	    "do.</p>\n",
	    (int)FINDING_COUNT);
	add_contents(out);
	for (size_t id = 0; id < FINDING_COUNT; id++) {
		if (begins_group(id)) {
			buf_add_text(out, "<h2 id=\"group-");
			html_add_span(out, group_of(id));
			buf_add_text(out, "\">");
			add_group_name(out, id);
			buf_add_text(out, "</h2>\n");
		}
		add_finding(out, policy, id);
	}
	add_own_troubles(out);
	html_end(out);
}
