/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of /metrics and of the landing page: a snapshot made by hand, and its text. */
#include "config_schema.h"
#include "metrics.h"
#include "pages.h"
#include "results.h"

#include "core/arena.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct config *config;
	struct results *results;
	struct arena *arena;
	struct report report;
	struct buf text;
};

static int
set_up(void **state)
{
	static struct bench bench;
	struct config_messages messages;
	config_messages_init(&messages);
	bench.config = config_new();
	/* The last one is "<b>" and a quote within a name. */
	config_parse(bench.config, "f",
	    span_text("targets: [{domain: a.example}, {domain: b.example}, "
		      "{domain: '<b>\"\\x.example'}]"),
	    &messages);
	config_finish_targets(bench.config, "f", &messages);
	config_messages_free(&messages);
	bench.results = results_new(bench.config, 1000000000000);
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
	config_free(bench->config);
	return 0;
}

static size_t
index_of(const struct bench *bench, const char *domain)
{
	for (size_t i = 0; i < results_count(bench->results); i++)
		if (strcmp(results_entry(bench->results, i)->target->domain, domain) ==
		    0)
			return i;
	fail_msg("no entry for %s", domain);
	return 0;
}

static struct report *
begin(struct bench *bench, const char *domain)
{
	report_init(
	    &bench->report, bench->arena, &bench->config->policy, "spf", "SPF", domain);
	return &bench->report;
}

static void
end(struct bench *bench)
{
	report_finish(&bench->report);
	results_put(bench->results, index_of(bench, bench->report.subject),
	    result_new(&bench->report, 1500000000000, 12));
}

static const char *
write_metrics(struct bench *bench, size_t piece)
{
	struct snapshot *snapshot = results_snapshot(bench->results, 0);
	struct metrics_cursor cursor;
	struct buf text;
	buf_init(&text, LIMIT_OUTPUT);
	buf_clear(&bench->text);
	metrics_begin(&cursor, snapshot);
	while (metrics_add(&cursor, &text, piece)) {
		assert_int_equal(text.text[text.length - 1], '\n');
		buf_add(&bench->text, buf_span(&text));
		buf_clear(&text);
	}
	buf_free(&text);
	snapshot_drop(snapshot);
	return bench->text.text;
}

static const char checks_text[] =
    "# HELP mailgauge_probe_success Whether the last run could tell everything it "
    "looked for (1) or not (0).\n"
    "# TYPE mailgauge_probe_success gauge\n"
    "mailgauge_probe_success{domain=\"a.example\",probe=\"spf\"} 1\n"
    "mailgauge_probe_success{domain=\"b.example\",probe=\"spf\"} 0\n"
    "# HELP mailgauge_probe_state State of the last run: one series a state, 1 for the "
    "one it is in.\n"
    "# TYPE mailgauge_probe_state gauge\n"
    "mailgauge_probe_state{domain=\"a.example\",probe=\"spf\",state=\"OK\"} 0\n"
    "mailgauge_probe_state{domain=\"a.example\",probe=\"spf\",state=\"WARNING\"} 0\n"
    "mailgauge_probe_state{domain=\"a.example\",probe=\"spf\",state=\"CRITICAL\"} 1\n"
    "mailgauge_probe_state{domain=\"a.example\",probe=\"spf\",state=\"UNKNOWN\"} 0\n"
    "mailgauge_probe_state{domain=\"b.example\",probe=\"spf\",state=\"OK\"} 0\n"
    "mailgauge_probe_state{domain=\"b.example\",probe=\"spf\",state=\"WARNING\"} 0\n"
    "mailgauge_probe_state{domain=\"b.example\",probe=\"spf\",state=\"CRITICAL\"} 0\n"
    "mailgauge_probe_state{domain=\"b.example\",probe=\"spf\",state=\"UNKNOWN\"} 1\n"
    "# HELP mailgauge_probe_duration_seconds How long the last run took, waiting for "
    "its turn not included.\n"
    "# TYPE mailgauge_probe_duration_seconds gauge\n"
    "mailgauge_probe_duration_seconds{domain=\"a.example\",probe=\"spf\"} 0.012\n"
    "mailgauge_probe_duration_seconds{domain=\"b.example\",probe=\"spf\"} 0.012\n"
    "# HELP mailgauge_probe_last_run_timestamp_seconds When the last run ended, in "
    "seconds since 1970. Checks run by a schedule of their own, not at each scrape.\n"
    "# TYPE mailgauge_probe_last_run_timestamp_seconds gauge\n"
    "mailgauge_probe_last_run_timestamp_seconds{domain=\"a.example\",probe=\"spf\"} "
    "1500000000\n"
    "mailgauge_probe_last_run_timestamp_seconds{domain=\"b.example\",probe=\"spf\"} "
    "1500000000\n"
    "# HELP mailgauge_finding What the last run found; the catalogue explains each id. "
    "Always 1.\n"
    "# TYPE mailgauge_finding gauge\n"
    "mailgauge_finding{domain=\"a.example\",probe=\"spf\",id=\"spf-include-loop\","
    "severity=\"critical\",subject=\"x\\\\034y.example\"} 1\n"
    "mailgauge_finding{domain=\"a.example\",probe=\"spf\",id=\"spf-ptr\",severity="
    "\"warning\",subject=\"a.example\"} 1\n"
    "mailgauge_finding{domain=\"b.example\",probe=\"spf\",id=\"spf-dns-error\","
    "severity=\"unknown\",subject=\"b.example\"} 1\n"
    "# HELP mailgauge_spf_dns_lookups Terms of the whole SPF tree that cost a DNS "
    "lookup; receivers stop at 10.\n"
    "# TYPE mailgauge_spf_dns_lookups gauge\n"
    "mailgauge_spf_dns_lookups{domain=\"a.example\"} 7\n"
    "# HELP mailgauge_spf_all_qualifier What the SPF record says of senders that it "
    "does not list: one series for each qualifier, 1 for the one in force.\n"
    "# TYPE mailgauge_spf_all_qualifier gauge\n"
    "mailgauge_spf_all_qualifier{domain=\"a.example\",qualifier=\"pass\"} 0\n"
    "mailgauge_spf_all_qualifier{domain=\"a.example\",qualifier=\"fail\"} 1\n";

static void
fill(struct bench *bench)
{
	static const char *const qualifiers[] = { "pass", "fail" };
	struct report *report = begin(bench, "a.example");
	const struct place elsewhere = { .subject = "x\\034y.example" };
	report_finding(report, FINDING_SPF_PTR, NULL, "once");
	report_finding(report, FINDING_SPF_PTR, NULL, "and again");
	report_finding(report, FINDING_SPF_INCLUDE_LOOP, &elsewhere, "loop");
	report_measure_state(report, METRIC_SPF_ALL_QUALIFIER, qualifiers,
	    ARRAY_LENGTH(qualifiers), "fail");
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 7);
	end(bench);

	report = begin(bench, "b.example");
	report_finding(report, FINDING_SPF_DNS_ERROR, NULL, "SERVFAIL");
	end(bench);
}

static void
checks_are_written_family_by_family(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	const char *text = write_metrics(bench, SIZE_MAX);
	const char *checks = strstr(text, "# HELP mailgauge_probe_success ");
	assert_non_null(checks);
	assert_string_equal(checks, checks_text);
}

static void
pieces_make_the_same_text(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	for (size_t piece = 1; piece < 4096; piece += 97) {
		const char *text = write_metrics(bench, piece);
		const char *checks = strstr(text, "# HELP mailgauge_probe_success ");
		assert_non_null(checks);
		assert_string_equal(checks, checks_text);
	}
}

static void
the_exporter_tells_of_itself(void **state)
{
	static const char *const wanted[] = {
		"\nmailgauge_build_info{version=\"" MAILGAUGE_VERSION "\"} 1\n",
		"\nmailgauge_targets 3\n",
		"\nmailgauge_dns_queries_total{outcome=\"servfail\"} 4\n",
		"\nmailgauge_dns_queries_total{outcome=\"found\"} 0\n",
		"\nmailgauge_dns_queries_in_flight 2\n",
		"\nmailgauge_store_facts 11\n",
		"\nmailgauge_evaluations_total 5\n",
		"\nmailgauge_wants_joined_total 6\n",
		"\nmailgauge_schedule_lag_seconds 1.5\n",
		"\nprocess_start_time_seconds 1000000000\n",
		"\n# TYPE process_cpu_seconds_total counter\n",
		"\nprocess_resident_memory_bytes ",
		"\nprocess_open_fds ",
	};
	struct bench *bench = *state;
	struct figures figures = {
		.in_flight = 2,
		.facts = 11,
		.lag_ms = 1500,
		.counts = { .evaluations = 5, .joined = 6 },
	};
	figures.counts.outcomes[OUTCOME_SERVFAIL] = 4;
	results_put_figures(bench->results, &figures, 0);
	const char *text = write_metrics(bench, SIZE_MAX);
	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
		if (strstr(text, wanted[i]) == NULL)
			fail_msg("no %s in:\n%s", wanted[i], text);
	assert_null(strstr(text, "outcome=\"wanted\""));
	/* Nothing has run: nothing is said of any domain. */
	assert_null(strstr(text, "domain="));
	assert_null(strstr(text, "mailgauge_probe_success"));
}

static void
labels_are_escaped(void **state)
{
	struct bench *bench = *state;
	begin(bench, results_entry(bench->results, 0)->target->domain);
	end(bench);
	const char *text = write_metrics(bench, SIZE_MAX);
	if (strstr(text, "{domain=\"<b>\\\"\\\\\\\\x.example\",probe=\"spf\"} 1\n") ==
	    NULL)
		fail_msg("not escaped:\n%s", text);
}

static const char *
write_landing(struct bench *bench)
{
	struct snapshot *snapshot = results_snapshot(bench->results, 0);
	buf_clear(&bench->text);
	pages_landing(&bench->text, snapshot);
	snapshot_drop(snapshot);
	return bench->text.text;
}

static void
the_landing_page_shows_the_worst_first(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	const char *page = write_landing(bench);
	assert_non_null(strstr(page, "<h1>mailgauge_exporter</h1>"));
	assert_non_null(strstr(page,
	    "Version " MAILGAUGE_VERSION
	    ", 3 domains, 3 checks: 0 OK, 0 WARNING, 1 CRITICAL, 1 UNKNOWN, 1 not run "
	    "yet."));
	assert_non_null(strstr(page, "<a href=\"/metrics\">"));
	const char *worst = strstr(page,
	    "<tr><td>a.example</td><td>SPF</td><td>CRITICAL</td><td>include or "
	    "redirect in a circle: x\\034y.example</td><td>2017-07-14T02:40:00.000Z"
	    "</td></tr>");
	assert_non_null(worst);
	assert_non_null(strstr(worst, "<tr><td>b.example</td>"));
	assert_null(strstr(page, "Nothing to complain about"));
}

static void
the_landing_page_escapes_names(void **state)
{
	struct bench *bench = *state;
	struct report *report = begin(
	    bench, results_entry(bench->results, 0)->target->domain);
	report_finding(report, FINDING_SPF_PTR, NULL, "text");
	end(bench);
	const char *page = write_landing(bench);
	assert_non_null(strstr(page, "<td>&lt;b&gt;&quot;\\\\x.example</td>"));
	assert_null(strstr(page, "<b>"));
}

static void
html_is_escaped(void **state)
{
	struct bench *bench = *state;
	buf_clear(&bench->text);
	pages_add_escaped(&bench->text, "<a href='x' title=\"y\">&amp;");
	assert_string_equal(bench->text.text,
	    "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;");
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(checks_are_written_family_by_family),
		WITH_BENCH(pieces_make_the_same_text),
		WITH_BENCH(the_exporter_tells_of_itself),
		WITH_BENCH(labels_are_escaped),
		WITH_BENCH(the_landing_page_shows_the_worst_first),
		WITH_BENCH(the_landing_page_escapes_names),
		WITH_BENCH(html_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
