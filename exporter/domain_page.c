/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The way of /probe (probe_page.c), but with reports instead of results: each is
 * written down in the thread of the runner, as soon as it is there, since it is good
 * only then.
 */
#include "domain_page.h"

#include "html.h"
#include "live_page.h"
#include "probe_query.h"
#include "report_view.h"
#include "wall_clock.h"

#include "core/die.h"
#include "core/limits.h"
#include "output/writer.h"

#include <stdlib.h>

enum { CHECKS_MAX = 32, PATIENCE_SECONDS = 10 };

struct domain_page {
	struct live_page live; /* first: it is handed to us as that */
	struct snapshot *snapshot;
	const struct config_target *target;
	enum domain_format format;
	bool is_alone; /* one check was asked for by name */
	check_set taken;
	enum state state; /* the worst of them */
	struct buf sections[CHECKS_MAX];
};

/* --- in the thread of the runner ------------------------------------------ */

static void
take(struct live_request *request, uint32_t check, const struct report *report,
    int64_t duration_ms)
{
	struct domain_page *page = (struct domain_page *)live_page_of(request);
	struct buf *section = &page->sections[check];
	(void)duration_ms; /* of the look at the store, which nobody asked for */
	page->taken |= checks_one(check);
	page->state = state_worst(page->state, report->state);
	if (page->format == DOMAIN_JSON)
		json_write(section, report, 0);
	else
		report_view_write(section, report, wall_clock_ms() / 1000);
}

/* --- the page ------------------------------------------------------------- */

static void
add_old(struct buf *out, const struct result *known, int64_t now_unix_ms)
{
	const struct result_finding *findings = result_findings(known);
	buf_add_text(out, "<p class=\"dim\">old: ");
	html_add_state(out, known->state);
	buf_add_byte(out, ' ');
	html_add_age(out, known->run_unix_ms, now_unix_ms);
	for (size_t i = 0; i < known->finding_count; i++) {
		buf_add_text(out, i > 0 ? ", " : ": ");
		html_add_finding_link(
		    out, findings[i].id, finding_info(findings[i].id)->title);
	}
	buf_add_text(out, "</p>");
}

static void
add_result(struct buf *out, const char *title, const struct result *result,
    int64_t now_unix_ms)
{
	buf_add_text(out, "<tr><td>");
	html_add(out, title);
	buf_add_text(out, "</td><td>");
	if (result == NULL) {
		buf_add_text(out, "<span class=\"dim\">not run yet</span></td><td>");
	} else {
		html_add_state(out, result->state);
		if (!result->could_tell)
			buf_add_text(out, " could not tell");
		if (result->known != NULL)
			add_old(out, result->known, now_unix_ms);
		buf_add_text(out, "</td><td class=\"dim\">");
		html_add_age(out, result->run_unix_ms, now_unix_ms);
		buf_addf(out, ", took %u ms", (unsigned)result->duration_ms);
	}
	buf_add_text(out, "</td></tr>\n");
}

/* The results that are on /metrics. */
static void
add_results(struct buf *out, const struct snapshot *snapshot,
    const struct config_target *target, int64_t now_unix_ms)
{
	buf_add_text(out,
	    "<table class=\"rows\">\n<thead><tr><th>Check</th><th>State</th>"
	    "<th>Last run</th></tr></thead>\n<tbody>\n");
	for (uint32_t check = 0; check < checks_count(); check++) {
		size_t index;
		if (roster_find(snapshot->roster, target->domain, check, &index))
			add_result(out, checks_probe(check)->title,
			    snapshot->results[index], now_unix_ms);
	}
	buf_add_text(out, "</tbody></table>\n");
}

void
domain_page_write(struct buf *out, const struct snapshot *snapshot,
    const struct config_target *target, const struct buf *sections, int64_t now_unix_ms)
{
	html_begin(out, target->domain);
	add_results(out, snapshot, target, now_unix_ms);
	for (uint32_t check = 0; check < checks_count(); check++)
		buf_add(out, buf_span(&sections[check]));
	buf_add_text(out, "<p><a href=\"/api/v1/domains/");
	html_add_url(out, span_text(target->domain));
	buf_add_text(out, "\">The same as JSON</a></p>\n");
	html_end(out);
}

/* --- JSON ----------------------------------------------------------------- */

/* Without the line feed that a plugin ends with. */
static void
add_object(struct buf *out, const struct buf *section)
{
	buf_add(out, span_trim(buf_span(section)));
}

/* One check's object is the plugin's; several stand in a list. */
static void
write_json(struct buf *out, const struct domain_page *page)
{
	const char *separator = "";
	buf_init(out, CHECKS_MAX * LIMIT_OUTPUT);
	if (!page->is_alone) {
		buf_addf(out, "{\"mailgauge\":\"%s\",\"domain\":\"", MAILGAUGE_VERSION);
		/* The label of /metrics escapes what JSON does, in safe text. */
		buf_add(out, page->target->label);
		buf_addf(
		    out, "\",\"state\":\"%s\",\"reports\":[", state_text(page->state));
	}
	for (uint32_t check = 0; check < checks_count(); check++) {
		if (!(page->taken & checks_one(check)))
			continue;
		buf_add_text(out, separator);
		separator = ",";
		add_object(out, &page->sections[check]);
	}
	buf_add_text(out, page->is_alone ? "\n" : "]}\n");
}

/* --- in the server's thread ----------------------------------------------- */

static void
answer_later(struct http_later *later, struct http_answer *answer)
{
	struct domain_page *page = (struct domain_page *)later;
	if (page->taken == 0) { /* given up: the exporter is ending */
		live_page_answer_ending(answer);
		return;
	}
	if (page->format == DOMAIN_JSON) {
		answer->status = 200;
		answer->type = "application/json";
		http_answer_header(answer, "Cache-Control", "no-store");
		write_json(&answer->body, page);
		return;
	}
	html_answer(answer, 200);
	domain_page_write(&answer->body, page->snapshot, page->target, page->sections,
	    wall_clock_ms());
}

static void
free_later(struct http_later *later)
{
	struct domain_page *page = (struct domain_page *)later;
	for (size_t i = 0; i < CHECKS_MAX; i++)
		buf_free(&page->sections[i]);
	roster_drop(page->live.request.roster);
	snapshot_drop(page->snapshot);
	free(page);
}

/* As long as a plugin would wait for the slowest of them. */
static int64_t
timeout_of(check_set checks)
{
	unsigned seconds = PATIENCE_SECONDS;
	for (uint32_t check = 0; check < checks_count(); check++)
		if ((checks & checks_one(check)) != 0 &&
		    checks_probe(check)->timeout_seconds > seconds)
			seconds = checks_probe(check)->timeout_seconds;
	return (int64_t)seconds * 1000;
}

static struct domain_page *
page_new(struct snapshot *snapshot, const struct config_target *target,
    const struct dns_name *domain, check_set checks, struct tasks *tasks)
{
	struct domain_page *page = must_calloc(1, sizeof(*page));
	live_page_init(&page->live, tasks, answer_later, free_later);
	page->snapshot = snapshot;
	page->target = target;
	page->state = STATE_OK;
	page->live.request = (struct live_request){
		.roster = roster_keep(snapshot->roster),
		.domain = *domain,
		.domain_text = target->domain,
		.checks = checks,
		.settings = target->settings,
		.timeout_ms = timeout_of(checks),
		.traced = true,
		.take = take,
		.done = live_page_done,
	};
	for (size_t i = 0; i < CHECKS_MAX; i++)
		buf_init(&page->sections[i], LIMIT_OUTPUT);
	return page;
}

static void
answer_unknown(struct http_answer *answer, const char *name, enum domain_format format)
{
	if (format == DOMAIN_JSON) {
		http_answer_text(
		    answer, 404, "{\"error\":\"no such domain or check\"}\n");
		answer->type = "application/json";
		return;
	}
	html_answer(answer, 404);
	html_begin(&answer->body, "Not found");
	buf_add_text(&answer->body, "<p>");
	html_add(&answer->body, name);
	buf_add_text(&answer->body,
	    " is not among the <a href=\"/\">domains</a> that are watched here.</p>\n");
	html_end(&answer->body);
}

/* All that the target has, or the one that was asked for by name; 0: it has no such. */
static check_set
checks_of(const struct config_target *target, struct span name)
{
	size_t check;
	if (name.length == 0)
		return target->checks;
	return checks_by_name(name, &check) ? target->checks & checks_one(check) : 0;
}

void
domain_page_answer(const struct http_request *request, const char *name,
    enum domain_format format, struct snapshot *snapshot, struct tasks *tasks,
    struct http_answer *answer)
{
	struct span check = request->argument(request, "check");
	struct dns_name domain;
	const struct config_target *target = NULL;
	if (probe_query_name(&domain, span_text(name)) == STATUS_OK)
		target = probe_query_target(snapshot->roster->config, &domain);
	check_set checks = target != NULL ? checks_of(target, check) : 0;
	if (checks == 0) {
		answer_unknown(answer, name, format);
		snapshot_drop(snapshot);
		return;
	}
	struct domain_page *page = page_new(snapshot, target, &domain, checks, tasks);
	page->format = format;
	page->is_alone = check.length > 0;
	answer->later = &page->live.later;
}
