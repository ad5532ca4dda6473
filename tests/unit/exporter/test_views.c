/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of reports as HTML: real probes over facts made by hand, and traces made so. */
#include "mail_view.h"
#include "report_view.h"
#include "svg_tree.h"

#include "core/limits.h"
#include "dkim/dkim.h"
#include "dkim/settings.h"
#include "dmarc/dmarc.h"
#include "spf/spf.h"
#include "support/facts.h"
#include "support/sound_html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400, NOW = 1000 * DAY };

struct bench {
	struct facts *facts;
	struct buf text;
};

static int
set_up(void **state)
{
	static struct bench bench;
	bench.facts = facts_new();
	buf_init(&bench.text, LIMIT_OUTPUT);
	*state = &bench;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *bench = *state;
	facts_free(bench->facts);
	buf_free(&bench->text);
	return 0;
}

static const char *
view_of_report(struct bench *bench, const struct report *report)
{
	const char *where;
	buf_clear(&bench->text);
	report_view_write(&bench->text, report, NOW);
	if (!sound_html(bench->text.text, &where))
		fail_msg("not sound: %.200s", where);
	return bench->text.text;
}

static const char *
view_of(struct bench *bench, const struct probe *probe)
{
	return view_of_report(
	    bench, facts_evaluate(bench->facts, probe, "example.com"));
}

static void
want(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("want %s in\n%s", part, text);
}

/* --- records -------------------------------------------------------------- */

static void
faulty_places_are_marked(void **state)
{
	static const struct {
		const char *record, *want;
	} cases[] = {
		{ "v=spf1 ip4:1.2.3.256 -all",
		    "v=spf1 <mark title=\"spf-ip4-invalid\">ip4:1.2.3.256</mark> "
		    "-all" },
		/* The same text stands twice, and only the second is the place. */
		{ "v=spf1 xptr ptr -all", ">ptr</mark> -all" },
		/* Bytes before it that are shown as four. */
		{ "v=spf1 \xc3\xbc:a ip4:1.2.3.256 -all",
		    ">ip4:1.2.3.256</mark> -all" },
		{ "v=spf1 <b> ip4:<i> -all", ">ip4:&lt;i&gt;</mark> -all" },
	};
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put_txt(bench->facts, "example.com", span_text(cases[i].record));
		want(view_of(bench, &spf_probe), cases[i].want);
	}
}

static void
a_record_below_is_shown_where_it_is_faulty(void **state)
{
	static const struct fact_row rows[] = {
		{ "example.com", DNS_TXT,
		    "v=spf1 include:good.example include:bad.example -all" },
		{ "good.example", DNS_TXT, "v=spf1 ip4:8.8.8.0/24 -all" },
		{ "bad.example", DNS_TXT, "v=spf1 ip6:::: -all" },
		{ .name = NULL },
	};
	struct bench *bench = *state;
	facts_put(bench->facts, rows);
	const char *text = view_of(bench, &spf_probe);
	want(text,
	    "<p class=\"dim\">bad.example</p>\n<pre class=\"record\">v=spf1 <mark");
	assert_null(strstr(text, "<p class=\"dim\">good.example</p>"));
}

static void
dmarc_says_where_it_comes_from(void **state)
{
	static const struct fact_row rows[] = {
		{ "_dmarc.example.com", DNS_TXT, "v=DMARC1; p=quarantine; np=reject" },
		{ .name = NULL },
	};
	struct bench *bench = *state;
	facts_put(bench->facts, rows);
	const char *text = view_of(bench, &dmarc_probe);
	want(text, "<dt>Domain</dt><dd>quarantine</dd>");
	want(text, "<dt>It comes from</dt><dd>_dmarc.example.com</dd>");
	want(text, "<tr><td>_dmarc.example.com</td><td>found</td></tr>");
}

static void
dkim_shows_each_selectors_record(void **state)
{
	static const struct fact_row rows[] = {
		{ "s1._domainkey.example.com", DNS_TXT, "v=DKIM1; k=rsa; p=MII" },
		{ "s2._domainkey.example.com", DNS_TXT, "v=DKIM1; p=" },
		{ "s3._domainkey.example.com", DNS_TXT, "NXDOMAIN" },
		{ .name = NULL },
	};
	struct bench *bench = *state;
	struct dns_name selectors[] = { facts_name("s1"), facts_name("s2"),
		facts_name("s3") };
	const struct dkim_settings settings = {
		.selectors = selectors,
		.selector_count = ARRAY_LENGTH(selectors),
	};
	facts_put(bench->facts, rows);
	const char *text = view_of_report(bench,
	    facts_evaluate_with(bench->facts, &dkim_probe, &settings, "example.com"));
	want(text,
	    "<h3>Records</h3>\n<p class=\"dim\">s1._domainkey.example.com</p>\n"
	    "<pre class=\"record\">v=DKIM1; k=rsa; "
	    "<mark title=\"dkim-key-base64\">p=MII</mark></pre>\n"
	    "<p class=\"dim\">s2._domainkey.example.com</p>\n");
	assert_null(strstr(text, "<p class=\"dim\">s3"));
}

/* --- the tree ------------------------------------------------------------- */

static void
the_tree_shows_where_lookups_go(void **state)
{
	static const struct fact_row rows[] = {
		{ "example.com", DNS_TXT, "v=spf1 a include:p.example mx -all" },
		{ "p.example", DNS_TXT, "v=spf1 a a a a a a a a a -all" },
		{ .name = NULL },
	};
	struct bench *bench = *state;
	facts_put(bench->facts, rows);
	const char *text = view_of(bench, &spf_probe);
	/* Twelve lookups are the whole width: `a` is the first twelfth. */
	want(text,
	    "<rect class=\"bar\" y=\"52\" height=\"24\" rx=\"2\" x=\"0%\" "
	    "width=\"8.33%\"/>");
	/* The include from the second to the eleventh, of which one is too much. */
	want(text, "y=\"80\" height=\"24\" rx=\"2\" x=\"8.33%\" width=\"75%\"/>");
	want(text,
	    "<rect class=\"over\" y=\"80\" height=\"24\" rx=\"2\" x=\"83.33%\" "
	    "width=\"8.33%\"/>");
	want(text, "<line class=\"limit\"");
	/* As thick as it is expensive: 1 and half of 10. */
	want(text, "stroke-width=\"6\"");
	want(text, "class=\"bad\"><tspan font-weight=\"bold\">1</tspan> mx");
}

static void
a_huge_tree_is_cut(void **state)
{
	struct bench *bench = *state;
	struct buf record;
	buf_init(&record, LIMIT_OUTPUT);
	buf_add_text(&record, "v=spf1");
	for (unsigned i = 0; i < 400; i++)
		buf_addf(&record, " a:<%u>.example", i);
	facts_put_txt(bench->facts, "example.com", buf_span(&record));
	buf_free(&record);
	want(view_of(bench, &spf_probe), "more than 200 are not drawn");
}

static void
without_a_record_there_is_no_tree(void **state)
{
	static const struct fact_row rows[] = {
		{ "example.com", DNS_TXT, "NXDOMAIN" },
		{ .name = NULL },
	};
	struct bench *bench = *state;
	facts_put(bench->facts, rows);
	assert_null(strstr(view_of(bench, &spf_probe), "<svg"));
	buf_clear(&bench->text);
	svg_tree_write(&bench->text, NULL);
	assert_int_equal(bench->text.length, 0);
}

/* --- mail hosts ----------------------------------------------------------- */

static void
add_host(struct report *report, struct trace *parent, const char *key, const char *name,
    double begin, double end)
{
	struct trace *host = trace_object(report, parent, key);
	trace_text(report, host, "host", name);
	trace_text(report, host, "address", "192.0.2.1");
	trace_number(report, host, "preference", 10);
	trace_bool(report, host, "starttls", true);
	struct trace *protocols = trace_object(report, host, "protocols");
	trace_bool(report, protocols, "SSLv3", true);
	trace_bool(report, protocols, "TLSv1.0", false);
	trace_bool(report, protocols, "TLSv1.2", true);
	trace_null(report, protocols, "TLSv1.3");
	struct trace *certificate = trace_object(report, host, "certificate");
	trace_bool(report, certificate, "trusted", false);
	trace_number(report, certificate, "not_before", begin);
	trace_number(report, certificate, "not_after", end);
}

static const char *
mail_view(struct bench *bench)
{
	const char *where;
	buf_clear(&bench->text);
	mail_view_write(&bench->text, bench->facts->report.trace, NOW);
	if (!sound_html(bench->text.text, &where))
		fail_msg("not sound: %.200s", where);
	return bench->text.text;
}

static void
hosts_are_a_matrix_and_a_time_line(void **state)
{
	struct bench *bench = *state;
	struct report *report = &bench->facts->report;
	facts_view(bench->facts);
	struct trace *hosts = trace_array(report, NULL, "hosts");
	add_host(report, hosts, NULL, "mx1.example", NOW - 10 * DAY, NOW + 80.0 * DAY);
	add_host(report, hosts, NULL, "<b>", NOW - 100 * DAY, NOW - 3 * DAY);
	add_host(report, hosts, NULL, "odd.example", -1e15, 1e15);
	const char *text = mail_view(bench);
	want(text,
	    "<tr><td>mx1.example 192.0.2.1</td><td>10</td><td class=\"ok\">yes</td>"
	    "<td class=\"dim\">?</td><td class=\"critical\">yes</td>"
	    "<td class=\"ok\">no</td><td class=\"dim\">?</td><td class=\"ok\">yes</td>"
	    "<td class=\"dim\">?</td><td class=\"dim\">no</td>");
	want(text, "1972-12-16 in 80 days: mx1.example 192.0.2.1</text>");
	want(text, "expired 3 days ago: &lt;b&gt; 192.0.2.1</text>");
	want(text, "text-anchor=\"middle\" x=\"33.33%\">today</text>");
}

/* Half of the word would be cut off at the edge. */
static void
today_is_readable_where_no_certificate_is_old(void **state)
{
	struct bench *bench = *state;
	struct report *report = &bench->facts->report;
	facts_view(bench->facts);
	add_host(report, trace_array(report, NULL, "hosts"), NULL, "mx.example",
	    NOW - 1 * DAY, NOW + 89 * DAY);
	want(mail_view(bench), "text-anchor=\"start\" x=\"1.11%\">today</text>");
}

static void
one_host_is_a_row(void **state)
{
	struct bench *bench = *state;
	facts_view(bench->facts);
	add_host(&bench->facts->report, NULL, "tls", "mx.example", NOW, NOW + 9 * DAY);
	trace_object(&bench->facts->report, NULL, "other");
	const char *text = mail_view(bench);
	want(text, "<td>mx.example 192.0.2.1</td>");
	want(text, "class=\"bad\">1972-10-06 in 9 days");
}

static void
without_hosts_there_is_nothing(void **state)
{
	struct bench *bench = *state;
	facts_view(bench->facts);
	assert_string_equal(mail_view(bench), "");
	trace_array(&bench->facts->report, NULL, "hosts");
	assert_string_equal(mail_view(bench), "");
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(faulty_places_are_marked),
		WITH_BENCH(a_record_below_is_shown_where_it_is_faulty),
		WITH_BENCH(dmarc_says_where_it_comes_from),
		WITH_BENCH(dkim_shows_each_selectors_record),
		WITH_BENCH(the_tree_shows_where_lookups_go),
		WITH_BENCH(a_huge_tree_is_cut),
		WITH_BENCH(without_a_record_there_is_no_tree),
		WITH_BENCH(hosts_are_a_matrix_and_a_time_line),
		WITH_BENCH(today_is_readable_where_no_certificate_is_old),
		WITH_BENCH(one_host_is_a_row),
		WITH_BENCH(without_hosts_there_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
