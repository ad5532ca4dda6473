/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The landing page. Every text that is not a literal of this file goes through
 * pages_add_escaped(), names of ours too: nobody has to know which is which.
 */
#include "pages.h"

#include "wall_clock.h"

enum { WORST_SHOWN = 20 };

void
pages_add_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			buf_add_text(out, "&amp;");
			break;
		case '<':
			buf_add_text(out, "&lt;");
			break;
		case '>':
			buf_add_text(out, "&gt;");
			break;
		case '"':
			buf_add_text(out, "&quot;");
			break;
		case '\'':
			buf_add_text(out, "&#39;");
			break;
		default:
			buf_add_byte(out, (uint8_t)*text);
		}
	}
}

static void
add_top(struct buf *out)
{
	buf_add_text(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>mailgauge_exporter</title>\n<style>\n"
	    ":root { color-scheme: light dark }\n"
	    "body { font-family: sans-serif; margin: 2em auto; max-width: 60em; "
	    "padding: 0 1em }\n"
	    "td, th { text-align: left; padding: .2em 1em .2em 0; "
	    "overflow-wrap: anywhere }\n"
	    "</style>\n</head>\n<body>\n<h1>mailgauge_exporter</h1>\n");
}

static void
add_summary(struct buf *out, const struct snapshot *snapshot)
{
	size_t states[STATE_COUNT] = { 0 }, waiting = 0;
	for (size_t i = 0; i < snapshot->roster->count; i++) {
		if (snapshot->results[i] != NULL)
			states[snapshot->results[i]->state]++;
		else
			waiting++;
	}
	buf_add_text(out, "<p>Version ");
	pages_add_escaped(out, MAILGAUGE_VERSION);
	buf_addf(out,
	    ", %zu domains, %zu checks: ", snapshot->roster->config->target_count,
	    snapshot->roster->count);
	for (size_t i = 0; i < STATE_COUNT; i++)
		buf_addf(out, "%zu %s, ", states[i], state_text(i));
	buf_addf(out,
	    "%zu not run yet.</p>\n<p><a href=\"/metrics\">Metrics</a> "
	    "&middot; <a href=\"/-/healthy\">Healthy</a> "
	    "&middot; <a href=\"/-/ready\">Ready</a></p>\n",
	    waiting);
}

/* The worst finding; they are sorted so. */
static void
add_finding(struct buf *out, const struct result *result)
{
	if (result->finding_count == 0)
		return;
	const struct result_finding *finding = &result_findings(result)[0];
	const char *subject = result_text(result, finding->subject);
	pages_add_escaped(out, finding_info(finding->id)->title);
	if (subject != NULL) {
		buf_add_text(out, ": ");
		pages_add_escaped(out, subject);
	}
}

static void
add_row(struct buf *out, const struct check_entry *entry, const struct result *result)
{
	buf_add_text(out, "<tr><td>");
	pages_add_escaped(out, entry->target->domain);
	buf_add_text(out, "</td><td>");
	pages_add_escaped(out, check_entry_probe(entry)->title);
	buf_add_text(out, "</td><td>");
	pages_add_escaped(out, state_text(result->state));
	buf_add_text(out, "</td><td>");
	add_finding(out, result);
	buf_add_text(out, "</td><td>");
	wall_clock_add(out, result->run_unix_ms);
	buf_add_text(out, "</td></tr>\n");
}

/* Rows of one state, until `*left` are used up. */
static void
add_rows(
    struct buf *out, const struct snapshot *snapshot, enum state state, size_t *left)
{
	size_t count = snapshot->roster->count;
	for (size_t i = 0; i<count && * left> 0; i++) {
		const struct result *result = snapshot->results[i];
		if (result == NULL || result->state != state)
			continue;
		add_row(out, &snapshot->roster->entries[i], result);
		--*left;
	}
}

void
pages_landing(struct buf *out, const struct snapshot *snapshot)
{
	size_t left = WORST_SHOWN;
	add_top(out);
	add_summary(out, snapshot);
	buf_add_text(out,
	    "<h2>Worst</h2>\n<table>\n<tr><th>Domain</th><th>Check</th><th>State</th>"
	    "<th>Finding</th><th>Last run</th></tr>\n");
	add_rows(out, snapshot, STATE_CRITICAL, &left);
	add_rows(out, snapshot, STATE_WARNING, &left);
	add_rows(out, snapshot, STATE_UNKNOWN, &left);
	buf_add_text(out, "</table>\n");
	if (left == WORST_SHOWN)
		buf_add_text(out, "<p>Nothing to complain about.</p>\n");
	buf_add_text(out, "</body>\n</html>\n");
}
