/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the pages that list: escaping, the overview and its query, the catalogue,
 * and a domain's results, from a snapshot made by hand. */
#include "domain_page.h"
#include "html.h"
#include "page_findings.h"
#include "page_overview.h"

#include "core/arena.h"
#include "core/limits.h"
#include "support/listed.h"
#include "support/sound_html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_MS = 600000, MORE = 2 * OVERVIEW_ROWS };

struct bench {
	struct roster *roster;
	struct results *results;
	struct arena *arena;
	struct report report;
	struct buf text;
};

static int
set_up(void **state)
{
	static struct bench bench;
	static const char yaml[] =
	    "checks: [spf]\n"
	    "targets: [{domain: a.example}, {domain: b.example}, "
	    "{domain: c.example}, {domain: b\xc3\xbc"
	    "cher.example}, "
	    "{domain: '<b>\"\\x.example'}]";
	struct buf names;
	buf_init(&names, LIMIT_OUTPUT);
	for (unsigned i = 0; i < MORE; i++)
		buf_addf(&names, "n%03u.example\n", i);
	bench.roster = roster_new(listed_config(yaml, names.text));
	buf_free(&names);
	bench.results = results_new(bench.roster, 0);
	bench.arena = arena_new();
	buf_init(&bench.text, LIMIT_OUTPUT);
	*state = &bench;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *bench = *state;
	buf_free(&bench->text);
	arena_free(bench->arena);
	results_free(bench->results);
	roster_drop(bench->roster);
	return 0;
}

static void
check_sound(const char *text)
{
	const char *where;
	if (!sound_html(text, &where))
		fail_msg("not sound: %.200s", where);
}

/* One run of the domain's check: with a finding, or fine. */
static void
put(struct bench *bench, const char *domain, enum finding_id id, const char *subject)
{
	const struct place place = { .subject = subject };
	size_t index;
	if (!roster_find(bench->roster, domain, 0, &index))
		fail_msg("no entry for %s", domain);
	report_init(&bench->report, bench->arena, &bench->roster->config->policy, "spf",
	    "SPF", domain);
	if (id != FINDING_COUNT)
		report_finding(&bench->report, id, &place, "it is so");
	report_finish(&bench->report);
	results_put(
	    bench->results, index, result_new(&bench->report, NOW_MS - 300000, 12));
}

/* --- escaping ------------------------------------------------------------- */

static void
texts_are_escaped(void **state)
{
	static const struct {
		const char *text, *want, *url;
	} cases[] = {
		{ "", "", "" },
		{ "plain.example", "plain.example", "plain.example" },
		{ "<a href='x' title=\"y\">&amp;",
		    "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;",
		    "%3Ca%20href%3D%27x%27%20title%3D%22y%22%3E%26amp%3B" },
		{ "\x01\n\x7f\xc3\xbc", "\\001\\010\\127\\195\\188",
		    "%01%0A%7F%C3%BC" },
		{ "a/../b?c#d", "a/../b?c#d", "a%2F..%2Fb%3Fc%23d" },
	};
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		buf_clear(&bench->text);
		html_add(&bench->text, cases[i].text);
		assert_string_equal(bench->text.text, cases[i].want);
		buf_clear(&bench->text);
		html_add_url(&bench->text, span_text(cases[i].text));
		assert_string_equal(bench->text.text, cases[i].url);
	}
}

static void
ages_are_short(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} cases[] = {
		{ -5, ">0 s ago<" },
		{ 0, ">0 s ago<" },
		{ 119, ">119 s ago<" },
		{ 120, ">2 min ago<" },
		{ 7199, ">119 min ago<" },
		{ 7200, ">2 h ago<" },
		{ 172800, ">2 d ago<" },
	};
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		buf_clear(&bench->text);
		html_add_age(&bench->text, 0, cases[i].seconds * 1000);
		if (strstr(bench->text.text, cases[i].want) == NULL)
			fail_msg("want %s, got %s", cases[i].want, bench->text.text);
	}
}

/* --- the overview --------------------------------------------------------- */

struct asked {
	struct http_request request;
	const char *q, *state, *finding, *sort, *page;
};

static struct span
argument(const struct http_request *request, const char *name)
{
	const struct asked *asked = (const struct asked *)request;
	const struct {
		const char *name, *value;
	} arguments[] = {
		{ "q", asked->q },
		{ "state", asked->state },
		{ "finding", asked->finding },
		{ "sort", asked->sort },
		{ "page", asked->page },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(arguments); i++)
		if (strcmp(name, arguments[i].name) == 0 && arguments[i].value != NULL)
			return span_text(arguments[i].value);
	return span_text("");
}

static const char *
overview(struct bench *bench, struct asked asked)
{
	struct snapshot *snapshot = results_snapshot(bench->results, 0);
	struct overview_query query;
	asked.request.argument = argument;
	overview_query_read(&query, &asked.request);
	buf_clear(&bench->text);
	page_overview_write(&bench->text, snapshot, &query, NOW_MS);
	snapshot_drop(snapshot);
	check_sound(bench->text.text);
	return bench->text.text;
}

static size_t
count(const char *text, const char *part)
{
	size_t found = 0;
	while ((text = strstr(text, part)) != NULL) {
		found++;
		text += strlen(part);
	}
	return found;
}

static void
fill(struct bench *bench)
{
	put(bench, "a.example", FINDING_COUNT, NULL);
	put(bench, "b.example", FINDING_SPF_PTR, NULL);
	put(bench, "c.example", FINDING_SPF_DNS_ERROR, "x.c.example");
	put(bench, "n000.example", FINDING_COUNT, NULL);
	put(bench, "n000.example", FINDING_SPF_DNS_ERROR, NULL);
	put(bench, "n199.example", FINDING_SPF_INCLUDE_LOOP, "<i>");
}

static void
the_worst_come_first(void **state)
{
	static const char *const order[] = { "/domain/n199.example",
		"/domain/b.example", "/domain/c.example", "/domain/n000.example",
		"/domain/%3Cb%3E%22%5C%5Cx.example", "/domain/n001.example" };
	struct bench *bench = *state;
	fill(bench);
	const char *page = overview(bench, (struct asked){ .q = NULL });
	assert_int_equal(count(page, "<tr><td>"), OVERVIEW_ROWS);
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
		const char *next = strstr(page, order[i]);
		if (next == NULL)
			fail_msg("%s is not where it should be", order[i]);
		page = next;
	}
}

static void
what_could_not_tell_shows_what_was_known(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	const char *page = overview(bench, (struct asked){ .q = "n000" });
	assert_non_null(strstr(page, "(old: OK, <time"));
	page = overview(bench, (struct asked){ .q = "c.example" });
	assert_null(strstr(page, "(old:"));
	assert_non_null(strstr(page, "x.c.example"));
}

static void
queries_choose(void **state)
{
	static const struct {
		struct asked asked;
		size_t rows;
		const char *within;
	} cases[] = {
		{ { .page = "2" }, OVERVIEW_ROWS, "Page 2 of 3" },
		{ { .page = "3" }, 5, "/domain/a.example" },
		{ { .page = "4" }, 5, "Page 3 of 3" },
		{ { .page = "4294967297" }, OVERVIEW_ROWS, "Page 1 of 3" },
		{ { .page = "0" }, OVERVIEW_ROWS, "Page 1 of 3" },
		{ { .page = "2x" }, OVERVIEW_ROWS, "Page 1 of 3" },
		{ { .state = "critical" }, 1, "/domain/n199.example" },
		{ { .state = "CRITICAL" }, 1, "&lt;i&gt;" },
		{ { .state = "ok" }, 1, "/domain/a.example" },
		{ { .state = "waiting", .page = "2" }, MORE - OVERVIEW_ROWS,
		    "/?page=1&amp;state=waiting" },
		{ { .state = "?" }, OVERVIEW_ROWS, "Page 1 of 3" },
		{ { .sort = "name" }, OVERVIEW_ROWS,
		    "a.example</a></td><td><div>SPF <b class=\"badge ok\"" },
		{ { .finding = "spf-ptr" }, 1, "/domain/b.example" },
		{ { .finding = "no-such" }, OVERVIEW_ROWS, "Page 1 of 3" },
		{ { .q = "N19" }, 10, "value=\"N19\"" },
		{ { .q = "B\xc3\x9c"
			 "cher" },
		    1, "value=\"xn--bcher-kva\"" },
		{ { .q = "b\xc3\xbc" }, 0, "No domain is like that" },
		{ { .q = "\xff" }, 0, "No domain is like that" },
		{ { .q = "<B>" }, 1, "value=\"&lt;B&gt;\"" },
		{ { .q = "\"><script>" }, 0, "No domain is like that" },
		{ { .q = "n1", .state = "ok" }, 0, "q=n1" },
	};
	struct bench *bench = *state;
	fill(bench);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *page = overview(bench, cases[i].asked);
		size_t rows = count(page, "<tr><td>");
		if (rows != cases[i].rows || strstr(page, cases[i].within) == NULL)
			fail_msg("case %zu: %zu rows, want %zu and %s in\n%s", i, rows,
			    cases[i].rows, cases[i].within, page);
	}
}

/* --- the others ----------------------------------------------------------- */

static void
the_catalogue_has_all(void **state)
{
	struct bench *bench = *state;
	struct policy policy = bench->roster->config->policy;
	policy.severities[FINDING_SPF_PTR] = SEVERITY_CRITICAL;
	page_findings_write(&bench->text, &policy);
	const char *page = bench->text.text;
	check_sound(page);
	assert_int_equal(count(page, "<section id=\""), FINDING_COUNT);
	const char *ptr = strstr(page, "<section id=\"spf-ptr\">");
	assert_non_null(ptr);
	assert_non_null(strstr(ptr, "critical</b> <span class=\"dim\">here; usually "));
	assert_non_null(strstr(page,
	    "<a href=\"https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4\">"
	    "RFC 7208 4.6.4</a>"));
	assert_non_null(strstr(page, "<h3 id=\"exporter-down\">"));
}

static void
a_domain_shows_its_results(void **state)
{
	struct bench *bench = *state;
	struct buf sections[32];
	fill(bench);
	for (size_t i = 0; i < ARRAY_LENGTH(sections); i++)
		buf_init(&sections[i], LIMIT_OUTPUT);
	struct snapshot *snapshot = results_snapshot(bench->results, 0);
	static const struct {
		const char *domain, *within;
	} cases[] = {
		{ "n000.example", "could not tell<p class=\"dim\">old: <b" },
		{ "n001.example", "not run yet" },
		{ "b.example", ">5 min ago</time>, took 12 ms" },
		{ "<b>\"\\\\x.example", "<h1>&lt;b&gt;&quot;\\\\x.example</h1>" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct config_target *target = config_find(
		    snapshot->roster->config, cases[i].domain);
		assert_non_null(target);
		buf_clear(&bench->text);
		domain_page_write(&bench->text, snapshot, target, sections, NOW_MS);
		check_sound(bench->text.text);
		if (strstr(bench->text.text, cases[i].within) == NULL)
			fail_msg("want %s in\n%s", cases[i].within, bench->text.text);
	}
	snapshot_drop(snapshot);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(texts_are_escaped),
		WITH_BENCH(ages_are_short),
		WITH_BENCH(the_worst_come_first),
		WITH_BENCH(what_could_not_tell_shows_what_was_known),
		WITH_BENCH(queries_choose),
		WITH_BENCH(the_catalogue_has_all),
		WITH_BENCH(a_domain_shows_its_results),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
