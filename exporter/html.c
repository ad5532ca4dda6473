/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Pieces of pages. What they show is the business of the pages. */
#include "html.h"

#include "wall_clock.h"

#include "core/limits.h"

void
html_answer(struct http_answer *answer, unsigned status)
{
	answer->status = status;
	answer->type = "text/html; charset=utf-8";
	buf_init(&answer->body, LIMIT_PAGE_BYTES);
	http_answer_header(answer, "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
	    "form-action 'self'; frame-ancestors 'none'");
	http_answer_header(answer, "Referrer-Policy", "no-referrer");
	http_answer_header(answer, "Cache-Control", "no-store");
}

/* --- text ----------------------------------------------------------------- */

static void
add_escaped(struct buf *out, uint8_t byte)
{
	switch (byte) {
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
		if (byte_is_printable(byte))
			buf_add_byte(out, byte);
		else
			buf_addf(out, "\\%03u", (unsigned)byte);
	}
}

void
html_add_span(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		add_escaped(out, text.bytes[i]);
}

void
html_add(struct buf *out, const char *text)
{
	html_add_span(out, span_text(text));
}

/* All but the unreserved bytes (RFC 3986 2.3). */
void
html_add_url(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.bytes[i];
		if (byte_is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' ||
		    byte == '~')
			buf_add_byte(out, byte);
		else
			buf_addf(out, "%%%02X", (unsigned)byte);
	}
}

/* --- words ---------------------------------------------------------------- */

void
html_add_state(struct buf *out, enum state state)
{
	static const char *const classes[STATE_COUNT] = {
		[STATE_OK] = "ok",
		[STATE_WARNING] = "warning",
		[STATE_CRITICAL] = "critical",
		[STATE_UNKNOWN] = "unknown",
	};
	buf_addf(
	    out, "<b class=\"badge %s\">%s</b>", classes[state], state_text(state));
}

void
html_add_severity(struct buf *out, enum severity severity)
{
	const char *text = severity_text(severity);
	buf_addf(out, "<b class=\"badge %s\">%s</b>", text, text);
}

void
html_add_age(struct buf *out, int64_t unix_ms, int64_t now_unix_ms)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	int64_t seconds = (now_unix_ms - unix_ms) / 1000;
	size_t unit = 0;
	if (seconds < 0)
		seconds = 0; /* the clock was set back */
	while (unit < ARRAY_LENGTH(units) - 1 && seconds < 2 * units[unit].seconds)
		unit++;
	buf_add_text(out, "<time title=\"");
	wall_clock_add(out, unix_ms);
	buf_addf(out, "\">%lld %s ago</time>",
	    (long long)(seconds / units[unit].seconds), units[unit].name);
}

void
html_add_finding_link(struct buf *out, enum finding_id id, const char *text)
{
	buf_add_text(out, "<a href=\"/findings#");
	html_add(out, finding_info(id)->id);
	buf_add_text(out, "\">");
	html_add(out, text);
	buf_add_text(out, "</a>");
}

/* --- the frame ------------------------------------------------------------ */

void
html_begin(struct buf *out, const char *title)
{
	buf_add_text(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<link rel=\"stylesheet\" href=\"/style.css\">\n<title>");
	html_add(out, title);
	buf_add_text(out,
	    " - mailgauge</title>\n</head>\n<body>\n"
	    "<nav><a href=\"/\">Domains</a> <a href=\"/findings\">Findings</a> "
	    "<a href=\"/metrics\">Metrics</a></nav>\n<main>\n<h1>");
	html_add(out, title);
	buf_add_text(out, "</h1>\n");
}

void
html_end(struct buf *out)
{
	buf_add_text(out, "</main>\n<footer>mailgauge_exporter ");
	html_add(out, MAILGAUGE_VERSION);
	buf_add_text(out, "</footer>\n</body>\n</html>\n");
}

void
html_begin_picture(
    struct buf *out, const char *label, unsigned height, size_t text_width)
{
	enum { WIDTH_MAX = 4000 }; /* nobody scrolls farther */
	unsigned width = text_width < WIDTH_MAX ? (unsigned)text_width : WIDTH_MAX;
	buf_addf(out,
	    "<figure>\n<div class=\"wide\"><svg role=\"img\" width=\"%u\" "
	    "height=\"%u\" aria-label=\"%s\">\n",
	    width, height, label);
}
