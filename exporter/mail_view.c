/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Three answers in each cell: yes, no, and "?" for what could not be told. */
#include "mail_view.h"

#include "html.h"
#include "trace_look.h"
#include "wall_clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
	HOSTS_MAX = 100, /* drawn; a domain with more is a mistake */
	ROW_HEIGHT = 28,
	BAR_HEIGHT = 24,
	MARGIN = 6,
	DAY = 86400,
	SOON = 14 * DAY,  /* a certificate should have been renewed by then */
	PAST = 400 * DAY, /* of the scale; how old the certificate is matters little */
	FUTURE = 800 * DAY,
	ENDS_LETTERS = sizeof("2026-01-01 expired 99999 days ago: ") - 1,
	EDGE = 6 /* percent of a narrow picture that half of "today" is wide */
};

struct life {
	const struct trace *host;
	double begin, end; /* seconds since 1970 */
};

struct lives {
	struct buf *out;
	struct life list[HOSTS_MAX];
	size_t count;
	size_t text_width; /* of the longest line, in pixels */
	double from, to, now;
};

/* What colour an answer has: which of them is the good one, if any. */
struct column {
	const char *title;
	const char *object, *key; /* the object is NULL where it is the host's own */
	enum truth good;
};

static const struct column versions[] = {
	{ "SSLv2", "protocols", "SSLv2", TRUTH_NO },
	{ "SSLv3", "protocols", "SSLv3", TRUTH_NO },
	{ "TLS&nbsp;1.0", "protocols", "TLSv1.0", TRUTH_NO },
	{ "TLS&nbsp;1.1", "protocols", "TLSv1.1", TRUTH_NO },
	{ "TLS&nbsp;1.2", "protocols", "TLSv1.2", TRUTH_YES },
	{ "TLS&nbsp;1.3", "protocols", "TLSv1.3", TRUTH_YES },
};

static const struct column before_versions[] = {
	{ "STARTTLS", NULL, "starttls", TRUTH_YES },
};

static const struct column behind_versions[] = {
	{ "Trusted", "certificate", "trusted", TRUTH_UNKNOWN },
	{ "Name", "certificate", "name_match", TRUTH_UNKNOWN },
	{ "DANE", "dane", "valid", TRUTH_UNKNOWN },
};

static const struct {
	const struct column *columns;
	size_t count;
} matrix[] = {
	{ before_versions, ARRAY_LENGTH(before_versions) },
	{ versions, ARRAY_LENGTH(versions) },
	{ behind_versions, ARRAY_LENGTH(behind_versions) },
};

/* --- the matrix ----------------------------------------------------------- */

static void
add_cell(struct buf *out, const struct trace *host, const struct column *column)
{
	const struct trace *object = host;
	if (column->object != NULL)
		object = trace_child(host, column->object);
	enum truth answer = trace_truth(trace_child(object, column->key));
	const char *class = "dim";
	if (answer != TRUTH_UNKNOWN && column->good != TRUTH_UNKNOWN)
		class = answer == column->good ? "ok" : "critical";
	static const char *const words[] = {
		[TRUTH_UNKNOWN] = "?", [TRUTH_NO] = "no", [TRUTH_YES] = "yes"
	};
	buf_addf(out, "<td class=\"%s\">%s</td>", class, words[answer]);
}

static void
add_host_name(struct buf *out, const struct trace *host)
{
	const char *name = trace_child_text(host, "host");
	const char *address = trace_child_text(host, "address");
	html_add(out, name != NULL ? name : "?");
	if (address != NULL && (name == NULL || strcmp(address, name) != 0)) {
		buf_add_byte(out, ' ');
		html_add(out, address);
	}
}

static size_t
host_letters(const struct trace *host)
{
	const char *name = trace_child_text(host, "host");
	const char *address = trace_child_text(host, "address");
	return (name != NULL ? strlen(name) : 1) +
	    (address != NULL ? 1 + strlen(address) : 0);
}

static void
add_host(struct buf *out, const struct trace *host)
{
	double preference;
	buf_add_text(out, "<tr><td>");
	add_host_name(out, host);
	buf_add_text(out, "</td><td>");
	if (trace_child_number(host, "preference", &preference))
		buf_add_number(out, preference, 0);
	buf_add_text(out, "</td>");
	for (size_t i = 0; i < ARRAY_LENGTH(matrix); i++)
		for (size_t k = 0; k < matrix[i].count; k++)
			add_cell(out, host, &matrix[i].columns[k]);
	buf_add_text(out, "</tr>\n");
}

static void
add_matrix(struct buf *out, const struct trace *hosts)
{
	size_t count = 0;
	buf_add_text(out,
	    "<h3>Mail hosts</h3>\n<div class=\"wide\"><table class=\"matrix\">\n"
	    "<thead><tr><th>Host</th><th>Pref.</th>");
	for (size_t i = 0; i < ARRAY_LENGTH(matrix); i++)
		for (size_t k = 0; k < matrix[i].count; k++)
			buf_addf(out, "<th>%s</th>", matrix[i].columns[k].title);
	buf_add_text(out, "</tr></thead>\n<tbody>\n");
	for (const struct trace *host = hosts; host != NULL && count++ < HOSTS_MAX;
	     host = host->next)
		add_host(out, host);
	buf_add_text(out, "</tbody></table></div>\n");
}

/* --- certificates --------------------------------------------------------- */

static double
within(double value, double low, double high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

static void
take_life(struct lives *lives, const struct trace *host, const char *key)
{
	const struct trace *certificate = trace_child(host, key);
	struct life life = { .host = host };
	if (lives->count == HOSTS_MAX ||
	    !trace_child_number(certificate, "not_after", &life.end))
		return;
	if (!trace_child_number(certificate, "not_before", &life.begin))
		life.begin = lives->now;
	lives->list[lives->count++] = life;
	size_t width = MARGIN + HTML_LETTER_WIDTH * (ENDS_LETTERS + host_letters(host));
	lives->text_width = width > lives->text_width ? width : lives->text_width;
	lives->from = within(life.begin, lives->now - PAST, lives->from);
	lives->to = within(life.end, lives->to, lives->now + FUTURE);
}

static void
add_part(struct lives *lives, const char *name, double seconds, double length)
{
	double from = within(seconds, lives->from, lives->to);
	double to = within(seconds + length, from, lives->to);
	double part = length > 0 ? to - from : from - lives->from;
	buf_addf(lives->out, " %s=\"", name);
	buf_add_number(lives->out, 100 * part / (lives->to - lives->from), 2);
	buf_add_text(lives->out, "%\"");
}

static void
add_life(struct lives *lives, size_t index)
{
	const struct life *life = &lives->list[index];
	struct buf *out = lives->out;
	double begin = within(life->begin, lives->from, lives->to);
	double left = life->end - lives->now;
	unsigned top = ROW_HEIGHT * (unsigned)index;
	buf_addf(out, "<rect class=\"%s\" y=\"%u\" height=\"%d\" rx=\"2\"",
	    left < SOON ? "over" : "bar", top, BAR_HEIGHT);
	add_part(lives, "x", begin, 0);
	add_part(lives, "width", begin, life->end > begin ? life->end - begin : 1);
	buf_addf(out, "/><text x=\"%d\" y=\"%u\"%s>", MARGIN, top + BAR_HEIGHT - 8,
	    left < SOON ? " class=\"bad\"" : "");
	wall_clock_add_date(out, (int64_t)life->end);
	if (left < 0)
		buf_addf(out, " expired %.0f days ago: ", -left / DAY);
	else
		buf_addf(out, " in %.0f days: ", left / DAY);
	add_host_name(out, life->host);
	buf_add_text(out, "</text>\n");
}

static void
add_lives(struct lives *lives)
{
	struct buf *out = lives->out;
	unsigned end = ROW_HEIGHT * (unsigned)lives->count;
	buf_add_text(out, "<h3>Certificates</h3>\n");
	html_begin_picture(out, "When certificates end", end + 20, lives->text_width);
	for (size_t i = 0; i < lives->count; i++)
		add_life(lives, i);
	buf_addf(out, "<line class=\"limit\" y1=\"0\" y2=\"%u\"", end);
	add_part(lives, "x1", lives->now, 0);
	add_part(lives, "x2", lives->now, 0);
	buf_addf(out, "/><text class=\"dim\" y=\"%u\" text-anchor=\"%s\"", end + 14,
	    100 * (lives->now - lives->from) > EDGE * (lives->to - lives->from)
		? "middle"
		: "start");
	add_part(lives, "x", lives->now, 0);
	buf_add_text(out,
	    ">today</text>\n</svg></div>\n<figcaption>From when until when each "
	    "certificate "
	    "is good.</figcaption>\n</figure>\n");
}

static void
add_certificates(struct buf *out, const struct trace *hosts, int64_t now_seconds)
{
	double now = (double)now_seconds;
	struct lives lives = {
		.out = out, .from = now, .to = now + 30 * DAY, .now = now
	};
	for (const struct trace *host = hosts; host != NULL; host = host->next) {
		take_life(&lives, host, "certificate");
		take_life(&lives, host, "other_certificate");
	}
	if (lives.count > 0)
		add_lives(&lives);
}

void
mail_view_write(struct buf *out, const struct trace *trace, int64_t now_seconds)
{
	const struct trace *list = trace_child(trace, "hosts");
	if (list == NULL)
		list = trace_child(trace, "addresses");
	const struct trace *hosts = list != NULL ? list->first : NULL;
	/* Alone: what follows it is another section. */
	struct trace one = { .kind = TRACE_OBJECT };
	const struct trace *tls = trace_child(trace, "tls");
	if (hosts == NULL && tls != NULL) {
		one.first = tls->first;
		hosts = &one;
	}
	if (hosts == NULL)
		return;
	add_matrix(out, hosts);
	add_certificates(out, hosts, now_seconds);
}
