/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * One pass over the snapshot finds out how each domain stands, and puts it in its place
 * in the configuration, where domains are sorted by name; to sort by standing is then
 * to walk over them once for each. Nothing is kept between requests.
 */
#include "page_overview.h"

#include "html.h"

#include "core/die.h"
#include "core/limits.h"
#include "dns/idn.h"

#include <assert.h>
#include <stdlib.h>

enum { PAGES_MAX = 1000000 };

struct row {
	const struct check_entry *entries; /* of one domain */
	struct result *const *results;
	uint8_t count; /* 0: not shown */
	uint8_t standing;
};

struct overview {
	struct buf *out;
	const struct overview_query *query;
	struct span text; /* what the query has, as the list has it */
	int64_t now_unix_ms;
	struct row *rows; /* by target */
	size_t row_count;
	size_t counts[STANDING_COUNT]; /* of what the query's other parts let pass */
};

static const struct {
	const char *name;  /* in a query */
	const char *title; /* for people */
} standings[STANDING_COUNT] = {
	[STANDING_CRITICAL] = { "critical", "CRITICAL" },
	[STANDING_WARNING] = { "warning", "WARNING" },
	[STANDING_UNKNOWN] = { "unknown", "UNKNOWN" },
	[STANDING_WAITING] = { "waiting", "not run yet" },
	[STANDING_OK] = { "ok", "OK" },
};

/* --- the query ------------------------------------------------------------ */

void
overview_query_read(struct overview_query *query, const struct http_request *request)
{
	struct span state = request->argument(request, "state");
	struct span page = request->argument(request, "page");
	*query = (struct overview_query){
		.text = span_slice(
		    span_trim(request->argument(request, "q")), 0, LIMIT_NAME_BYTES),
		.standing = STANDING_COUNT,
		.by_name = span_equal(
		    request->argument(request, "sort"), span_text("name")),
	};
	for (size_t i = 0; i < STANDING_COUNT; i++)
		if (span_equal_nocase(state, span_text(standings[i].name)))
			query->standing = i;
	query->has_finding = finding_by_name(
	    request->argument(request, "finding"), &query->finding);
	if (!span_take_number(&page, PAGES_MAX, &query->page) || page.length > 0 ||
	    query->page == 0)
		query->page = 1;
}

/* The address of the same query but for these. */
static void
add_address(const struct overview *overview, enum standing standing, uint32_t page)
{
	const struct overview_query *query = overview->query;
	struct buf *out = overview->out;
	buf_addf(out, "/?page=%u", (unsigned)page);
	if (standing < STANDING_COUNT)
		buf_addf(out, "&amp;state=%s", standings[standing].name);
	if (query->has_finding) {
		buf_add_text(out, "&amp;finding=");
		html_add_url(out, span_text(finding_info(query->finding)->id));
	}
	if (query->by_name)
		buf_add_text(out, "&amp;sort=name");
	if (overview->text.length > 0) {
		buf_add_text(out, "&amp;q=");
		html_add_url(out, overview->text);
	}
}

/* --- which domains, and how they stand ------------------------------------ */

static enum standing
standing_of(const struct row *row)
{
	static const enum standing of_state[STATE_COUNT] = {
		[STATE_OK] = STANDING_OK,
		[STATE_WARNING] = STANDING_WARNING,
		[STATE_CRITICAL] = STANDING_CRITICAL,
		[STATE_UNKNOWN] = STANDING_UNKNOWN,
	};
	enum standing worst = STANDING_OK;
	for (size_t i = 0; i < row->count; i++) {
		const struct result *result = row->results[i];
		enum standing standing = result != NULL ? of_state[result->state]
							: STANDING_WAITING;
		if (standing < worst)
			worst = standing;
	}
	return worst;
}

static bool
has_text(const char *domain, struct span text)
{
	struct span rest = span_text(domain);
	for (; rest.length >= text.length; rest = span_slice(rest, 1, SIZE_MAX)) {
		if (span_starts_nocase(rest, text))
			return true;
		if (rest.length == 0)
			break;
	}
	return false;
}

static bool
has_finding(const struct row *row, enum finding_id id)
{
	for (size_t i = 0; i < row->count; i++) {
		const struct result *result = row->results[i];
		for (size_t k = 0; result != NULL && k < result->finding_count; k++)
			if (result_findings(result)[k].id == id)
				return true;
	}
	return false;
}

/* The list has A-labels: who types letters finds them where a label is whole. */
static struct span
text_of(const struct overview_query *query, struct buf *ascii)
{
	if (span_is_printable(query->text) ||
	    idn_to_ascii(ascii, query->text) != STATUS_OK)
		return query->text;
	return buf_span(ascii);
}

static bool
is_meant(const struct overview *overview, const struct row *row)
{
	const struct overview_query *query = overview->query;
	return has_text(row->entries->target->domain, overview->text) &&
	    (!query->has_finding || has_finding(row, query->finding));
}

/* Checks of one domain are side by side. */
static void
collect(struct overview *overview, const struct snapshot *snapshot)
{
	const struct roster *roster = snapshot->roster;
	overview->row_count = roster->config->target_count;
	overview->rows = must_calloc(overview->row_count + 1, sizeof(struct row));
	for (size_t i = 0, next; i < roster->count; i = next) {
		struct row row = { &roster->entries[i], &snapshot->results[i], 0, 0 };
		const struct config_target *target = row.entries->target;
		for (next = i;
		     next < roster->count && roster->entries[next].target == target;
		     next++)
			row.count++;
		if (!is_meant(overview, &row))
			continue;
		row.standing = standing_of(&row);
		overview->counts[row.standing]++;
		overview->rows[target - roster->config->targets] = row;
	}
}

/* --- rows ----------------------------------------------------------------- */

static const char *
subject_of(const struct result *result, const struct result_finding *finding)
{
	return result_text(result, finding->subject);
}

static void
add_result(struct overview *overview, const struct result *result)
{
	struct buf *out = overview->out;
	html_add_state(out, result->state);
	if (result->finding_count > 0) {
		const struct result_finding *finding = &result_findings(result)[0];
		const char *subject = subject_of(result, finding);
		buf_add_byte(out, ' ');
		html_add_finding_link(
		    out, finding->id, finding_info(finding->id)->title);
		if (subject != NULL) {
			buf_add_text(out, ": ");
			html_add(out, subject);
		}
		if (result->finding_count > 1)
			buf_addf(out, " <span class=\"dim\">(+%u)</span>",
			    result->finding_count - 1u);
	}
	if (result->known != NULL) {
		buf_addf(out, " <span class=\"dim\">(old: %s, ",
		    state_text(result->known->state));
		html_add_age(out, result->known->run_unix_ms, overview->now_unix_ms);
		buf_add_text(out, ")</span>");
	}
}

/* When the check ran that has not run for the longest time; 0: one has not at all. */
static int64_t
oldest_run(const struct row *row)
{
	int64_t oldest = INT64_MAX;
	for (size_t i = 0; i < row->count; i++) {
		if (row->results[i] == NULL)
			return 0;
		if (row->results[i]->run_unix_ms < oldest)
			oldest = row->results[i]->run_unix_ms;
	}
	return oldest;
}

static void
add_row(struct overview *overview, const struct row *row)
{
	struct buf *out = overview->out;
	const char *domain = row->entries->target->domain;
	int64_t run_unix_ms = oldest_run(row);
	buf_add_text(out, "<tr><td><a href=\"/domain/");
	html_add_url(out, span_text(domain));
	buf_add_text(out, "\">");
	html_add(out, domain);
	buf_add_text(out, "</a></td><td>");
	for (size_t i = 0; i < row->count; i++) {
		buf_add_text(out, "<div>");
		html_add(out, check_entry_probe(&row->entries[i])->title);
		buf_add_byte(out, ' ');
		if (row->results[i] != NULL)
			add_result(overview, row->results[i]);
		else
			buf_add_text(out, "<span class=\"dim\">not run yet</span>");
		buf_add_text(out, "</div>");
	}
	buf_add_text(out, "</td><td class=\"dim\">");
	if (run_unix_ms > 0)
		html_add_age(out, run_unix_ms, overview->now_unix_ms);
	buf_add_text(out, "</td></tr>\n");
}

/* Those of one standing, or all, of which `*skip` are on earlier pages. */
static void
add_rows(struct overview *overview, enum standing standing, size_t *skip, size_t *left)
{
	for (size_t i = 0; *left > 0 && i < overview->row_count; i++) {
		const struct row *row = &overview->rows[i];
		bool is_shown = standing == STANDING_COUNT || row->standing == standing;
		if (row->count == 0 || !is_shown)
			continue;
		if (*skip > 0) {
			--*skip;
			continue;
		}
		add_row(overview, row);
		--*left;
	}
}

/* --- the page ------------------------------------------------------------- */

static size_t
count_of(const struct overview *overview, enum standing standing)
{
	size_t count = 0;
	if (standing < STANDING_COUNT)
		return overview->counts[standing];
	for (size_t i = 0; i < STANDING_COUNT; i++)
		count += overview->counts[i];
	return count;
}

/* How many there are of each, as links to them. */
static void
add_counts(struct overview *overview)
{
	struct buf *out = overview->out;
	buf_add_text(out, "<ul class=\"counts\">");
	for (size_t i = 0; i <= STANDING_COUNT; i++) {
		bool is_all = i == STANDING_COUNT;
		buf_add_text(out, "<li><a href=\"");
		add_address(overview, i, 1);
		buf_addf(out, "\"%s class=\"%s\">%s %zu</a></li>",
		    overview->query->standing == i ? " aria-current=\"true\"" : "",
		    is_all ? "all" : standings[i].name,
		    is_all ? "all" : standings[i].title, count_of(overview, i));
	}
	buf_add_text(out, "</ul>\n");
}

static void
add_hidden(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	html_add(out, value);
	buf_add_text(out, "\">");
}

static void
add_form(struct overview *overview)
{
	const struct overview_query *query = overview->query;
	struct buf *out = overview->out;
	buf_add_text(out,
	    "<form action=\"/\"><input type=\"search\" name=\"q\" "
	    "aria-label=\"Part of a domain\" placeholder=\"Part of a domain\" "
	    "value=\"");
	html_add_span(out, overview->text);
	buf_addf(out,
	    "\"><select name=\"sort\" aria-label=\"Order\">"
	    "<option value=\"worst\">worst first</option>"
	    "<option value=\"name\"%s>by name</option></select>",
	    query->by_name ? " selected" : "");
	if (query->standing < STANDING_COUNT)
		add_hidden(out, "state", standings[query->standing].name);
	if (query->has_finding)
		add_hidden(out, "finding", finding_info(query->finding)->id);
	buf_add_text(out, "<button>Show</button></form>\n");
	if (query->has_finding) {
		buf_add_text(out, "<p>Only domains that have ");
		html_add_finding_link(
		    out, query->finding, finding_info(query->finding)->id);
		buf_add_text(out, "; <a href=\"/\">show all</a>.</p>\n");
	}
}

static void
add_page_link(struct overview *overview, const char *text, uint32_t page)
{
	buf_add_text(overview->out, "<a href=\"");
	add_address(overview, overview->query->standing, page);
	buf_addf(overview->out, "\">%s</a> ", text);
}

static void
add_pages(struct overview *overview, uint32_t page, uint32_t pages)
{
	if (pages < 2)
		return;
	buf_add_text(overview->out, "<p class=\"pages\">");
	if (page > 1)
		add_page_link(overview, "Previous", page - 1);
	buf_addf(overview->out, "<span>Page %u of %u</span> ", (unsigned)page,
	    (unsigned)pages);
	if (page < pages)
		add_page_link(overview, "Next", page + 1);
	buf_add_text(overview->out, "</p>\n");
}

static void
add_table(struct overview *overview, size_t skip)
{
	const struct overview_query *query = overview->query;
	size_t left = OVERVIEW_ROWS;
	buf_add_text(overview->out,
	    "<table class=\"rows\">\n<thead><tr><th>Domain</th><th>Checks</th>"
	    "<th>Last run</th></tr></thead>\n<tbody>\n");
	if (query->by_name || query->standing < STANDING_COUNT)
		add_rows(overview, query->standing, &skip, &left);
	else
		for (size_t i = 0; i < STANDING_COUNT; i++)
			add_rows(overview, i, &skip, &left);
	buf_add_text(overview->out, "</tbody></table>\n");
}

void
page_overview_write(struct buf *out, const struct snapshot *snapshot,
    const struct overview_query *query, int64_t now_unix_ms)
{
	struct overview overview = {
		.out = out, .query = query, .now_unix_ms = now_unix_ms
	};
	struct buf ascii;
	buf_init(&ascii, LIMIT_OUTPUT);
	overview.text = text_of(query, &ascii);
	collect(&overview, snapshot);
	size_t count = count_of(&overview, query->standing);
	uint32_t pages = count > 0 ? (uint32_t)((count - 1) / OVERVIEW_ROWS + 1) : 1;
	uint32_t page = query->page < pages ? query->page : pages;
	html_begin(out, "Domains");
	add_counts(&overview);
	add_form(&overview);
	if (count > 0) {
		add_table(&overview, (size_t)(page - 1) * OVERVIEW_ROWS);
		add_pages(&overview, page, pages);
	} else {
		buf_add_text(out, "<p>No domain is like that.</p>\n");
	}
	html_end(out);
	free(overview.rows);
	buf_free(&ascii);
}
