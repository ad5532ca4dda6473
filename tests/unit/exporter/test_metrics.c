/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the text of /metrics: a snapshot made by hand, and what becomes of it. */
#include "exposition.h"
#include "metrics.h"
#include "results.h"
#include "zipped.h"

#include "core/arena.h"
#include "core/limits.h"
#include "support/listed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

struct bench {
	struct roster *roster;
	struct results *results;
	struct zipper *zipper;
	struct arena *arena;
	struct report report;
	struct buf text;
};

static int
set_up(void **state)
{
	static struct bench bench;
	/* The last one is "<b>" and a quote within a name. */
	bench.roster = listed("targets: [{domain: a.example}, {domain: b.example}, "
			      "{domain: '<b>\"\\x.example'}]");
	bench.results = results_new(bench.roster, 1000000000000);
	bench.zipper = zipper_new();
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
	zipper_free(bench->zipper);
	return 0;
}

static size_t
index_of(const struct bench *bench, const char *domain)
{
	size_t index;
	if (!roster_find(bench->roster, domain, 0, &index))
		fail_msg("no entry for %s", domain);
	return index;
}

static struct report *
begin(struct bench *bench, const char *domain)
{
	report_init(&bench->report, bench->arena, &bench->roster->config->policy, "spf",
	    "SPF", domain);
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
write_metrics_as(struct bench *bench, enum prometheus_format format, size_t piece)
{
	struct snapshot *snapshot = results_snapshot(bench->results, 0);
	struct exposition_cursor cursor;
	struct buf text;
	buf_init(&text, LIMIT_OUTPUT);
	buf_clear(&bench->text);
	exposition_begin(&cursor, snapshot, format);
	while (exposition_add(&cursor, &text, piece)) {
		assert_int_equal(text.text[text.length - 1], '\n');
		buf_add(&bench->text, buf_span(&text));
		buf_clear(&text);
	}
	buf_free(&text);
	snapshot_drop(snapshot);
	return bench->text.text;
}

static const char *
write_metrics(struct bench *bench, size_t piece)
{
	return write_metrics_as(bench, PROMETHEUS_TEXT, piece);
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

/* The page in buffers of `room` bytes, each filled as far as it goes, and in a large
 * one where that is not far enough even for one part. */
static void
write_in_rooms(struct buf *page, const struct snapshot *snapshot, size_t room)
{
	struct exposition_cursor cursor;
	struct buf small, large;
	char memory[2048];
	assert_true(room <= sizeof(memory));
	buf_clear(page);
	buf_init(&large, LIMIT_OUTPUT);
	exposition_begin(&cursor, snapshot, PROMETHEUS_TEXT);
	cursor.lasting = true; /* what is about the process changes */
	while (!cursor.ended) {
		buf_wrap(&small, memory, room);
		buf_clear(&large);
		if (exposition_add(&cursor, &small, SIZE_MAX))
			buf_add(page, buf_span(&small));
		else if (exposition_add(&cursor, &large, 1))
			buf_add(page, buf_span(&large));
		assert_false(small.cut);
	}
	buf_free(&large);
}

static void
rooms_of_any_size_make_the_same_text(void **state)
{
	struct bench *bench = *state;
	struct buf page;
	fill(bench);
	struct snapshot *snapshot = results_snapshot(bench->results, 0);
	buf_init(&page, LIMIT_OUTPUT);
	write_in_rooms(&bench->text, snapshot, 2048);
	assert_non_null(strstr(bench->text.text, checks_text));
	for (size_t room = 1; room < 2048; room += 7) {
		write_in_rooms(&page, snapshot, room);
		assert_string_equal(page.text, bench->text.text);
	}
	buf_free(&page);
	snapshot_drop(snapshot);
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
		"\nmailgauge_store_hits_total 7\n",
		"\nmailgauge_runs_total 9\n",
		"\nmailgauge_smtp_scans_total{outcome=\"done\"} 0\n",
		"\nmailgauge_smtp_scans_total{outcome=\"rate_limited\"} 8\n",
		"\nmailgauge_smtp_connections_total 12\n",
		"\nmailgauge_smtp_scans_in_flight 3\n",
		"\nmailgauge_config_last_reload_successful 0\n",
		"\nmailgauge_config_last_reload_success_timestamp_seconds 1234567.5\n",
		"\nmailgauge_schedule_lag_seconds 1.5\n",
		"\nprocess_start_time_seconds 1000000000\n",
		"\n# TYPE process_cpu_seconds_total counter\n",
		"\nprocess_resident_memory_bytes ",
		"\nprocess_open_fds ",
	};
	struct bench *bench = *state;
	struct figures figures = {
		.runs = 9,
		.loaded_unix_ms = 1234567500,
		.reload_failed = true,
		.facts = 11,
		.lag_ms = 1500,
		.counts = { .evaluations = 5, .joined = 6, .hits = 7 },
		.dns = { .in_flight = 2 },
		.scans = { .ends = { [SMTP_END_RATE_LIMITED] = 8 }, .connections = 12 },
		.scans_in_flight = 3,
	};
	figures.dns.outcomes[OUTCOME_SERVFAIL] = 4;
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
openmetrics_differs_in_its_heads(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	const char *text = write_metrics_as(bench, PROMETHEUS_OPENMETRICS, SIZE_MAX);
	assert_non_null(strstr(text, "# TYPE mailgauge_build info\n"));
	assert_non_null(strstr(
	    text, "\nmailgauge_build_info{version=\"" MAILGAUGE_VERSION "\"} 1\n"));
	assert_non_null(strstr(text, "# TYPE mailgauge_dns_queries counter\n"));
	assert_non_null(strstr(text, "\nmailgauge_dns_queries_total{outcome="));
	assert_non_null(strstr(text,
	    "# TYPE mailgauge_spf_dns_lookups gauge\n"
	    "mailgauge_spf_dns_lookups{domain=\"a.example\"} 7\n"));
	const char *end = strstr(text, "# EOF\n");
	assert_non_null(end);
	assert_string_equal(end, "# EOF\n");
}

/* gzip's own tool for it. */
static void
unzip(struct bench *bench, const struct buf *zipped)
{
	z_stream stream = { .next_in = (uint8_t *)zipped->text,
		.avail_in = (uInt)zipped->length };
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	buf_clear(&bench->text);
	int ended;
	do {
		uint8_t piece[512];
		stream.next_out = piece;
		stream.avail_out = sizeof(piece);
		ended = inflate(&stream, Z_NO_FLUSH);
		buf_add(&bench->text, span_of(piece, sizeof(piece) - stream.avail_out));
	} while (ended == Z_OK);
	/* One member, whole, with nothing behind it: not all clients go on reading. */
	assert_int_equal(ended, Z_STREAM_END);
	assert_int_equal(stream.avail_in, 0);
	inflateEnd(&stream);
}

static const char *
write_zipped(struct bench *bench, int64_t now_ms)
{
	struct snapshot *snapshot = results_snapshot(bench->results, now_ms);
	struct buf zipped, piece;
	char memory[100];
	buf_init(&zipped, LIMIT_OUTPUT);
	buf_wrap(&piece, memory, sizeof(memory));
	struct zipped *page = zipper_page(bench->zipper, snapshot, PROMETHEUS_TEXT);
	while (!zipped_is_sent(page)) {
		struct buf full;
		char nothing[1];
		buf_wrap(&full, nothing, sizeof(nothing));
		assert_false(zipped_next(page, &full));
		assert_true(zipped_next(page, &piece));
		buf_add(&zipped, buf_span(&piece));
		buf_clear(&piece);
	}
	assert_false(zipped_next(page, &piece));
	assert_int_equal(zipped.length, zipped_bytes(page));
	zipped_free(page);
	unzip(bench, &zipped);
	buf_free(&zipped);
	snapshot_drop(snapshot);
	return bench->text.text;
}

static void
compressed_it_is_the_same_text(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	for (int64_t now_ms = 0; now_ms < 3 * SNAPSHOT_MS; now_ms += SNAPSHOT_MS) {
		const char *text = write_zipped(bench, now_ms);
		const char *checks = strstr(text, "# HELP mailgauge_probe_success ");
		assert_non_null(checks);
		assert_string_equal(checks, checks_text);
	}
}

static void
compressed_it_follows_what_changes(void **state)
{
	struct bench *bench = *state;
	fill(bench);
	write_zipped(bench, 0);
	/* Only the time of the run is new, then a value too. */
	begin(bench, "b.example");
	report_finding(&bench->report, FINDING_SPF_DNS_ERROR, NULL, "SERVFAIL");
	report_finish(&bench->report);
	results_put(bench->results, index_of(bench, "b.example"),
	    result_new(&bench->report, 1600000000000, 13));
	const char *text = write_zipped(bench, SNAPSHOT_MS);
	assert_non_null(strstr(text,
	    "timestamp_seconds{domain=\"b.example\",probe=\"spf\"} 1600000000\n"));
	assert_non_null(
	    strstr(text, "mailgauge_spf_dns_lookups{domain=\"a.example\"} 7\n"));
	begin(bench, "a.example");
	report_measure(&bench->report, METRIC_SPF_DNS_LOOKUPS, 8);
	end(bench);
	text = write_zipped(bench, 2 * SNAPSHOT_MS);
	assert_non_null(
	    strstr(text, "mailgauge_spf_dns_lookups{domain=\"a.example\"} 8\n"));
	assert_null(strstr(text, "mailgauge_finding{domain=\"a.example\""));
	assert_null(strstr(text, "mailgauge_spf_all_qualifier"));
}

/* Two domains share a host, and one of them has another besides. */
static void
a_host_of_many_domains_stands_once(void **state)
{
	static const char *const shared[] = { "mx.example", "25" };
	static const char *const other[] = { "mx2.example", "25" };
	struct bench *bench = *state;
	struct report *report = begin(bench, "a.example");
	report_measure_labelled(report, METRIC_SMTP_STARTTLS, shared, 2, 1);
	end(bench);
	report = begin(bench, "b.example");
	report_measure_labelled(report, METRIC_SMTP_STARTTLS, shared, 2, 1);
	report_measure_labelled(report, METRIC_SMTP_STARTTLS, other, 2, 0);
	end(bench);
	for (int zipped = 0; zipped < 2; zipped++) {
		const char *text = zipped ? write_zipped(bench, 0)
					  : write_metrics(bench, SIZE_MAX);
		const char *first = strstr(text,
		    "\nmailgauge_smtp_starttls{mx=\"mx.example\",port=\"25\"} 1\n");
		assert_non_null(first);
		assert_null(strstr(first + 40, "starttls{mx=\"mx.example\""));
		assert_non_null(strstr(text,
		    "\nmailgauge_smtp_starttls{mx=\"mx2.example\",port=\"25\"} 0\n"));
	}
}

static void
labels_are_escaped(void **state)
{
	struct bench *bench = *state;
	begin(bench, bench->roster->config->targets[0].domain);
	end(bench);
	const char *text = write_metrics(bench, SIZE_MAX);
	if (strstr(text, "{domain=\"<b>\\\"\\\\\\\\x.example\",probe=\"spf\"} 1\n") ==
	    NULL)
		fail_msg("not escaped:\n%s", text);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(checks_are_written_family_by_family),
		WITH_BENCH(pieces_make_the_same_text),
		WITH_BENCH(rooms_of_any_size_make_the_same_text),
		WITH_BENCH(the_exporter_tells_of_itself),
		WITH_BENCH(openmetrics_differs_in_its_heads),
		WITH_BENCH(compressed_it_is_the_same_text),
		WITH_BENCH(compressed_it_follows_what_changes),
		WITH_BENCH(a_host_of_many_domains_stands_once),
		WITH_BENCH(labels_are_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
