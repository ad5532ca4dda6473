/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of output/prometheus: escaping, and the rules of the text format 0.0.4 on a
 * whole report: a family's HELP and TYPE stand once and first, its samples together, no
 * series twice.
 */
#include "output/prometheus.h"

#include "core/limits.h"
#include "output/writer.h"
#include "support/facts.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OUTPUT_MAX = 1 << 20, LINES_MAX = 1000 };

static int
new_facts(void **state)
{
	*state = facts_new();
	return 0;
}

static int
free_facts(void **state)
{
	facts_free(*state);
	return 0;
}

/* --- pieces --------------------------------------------------------------- */

struct sample_case {
	const char *name;
	struct prometheus_label labels[3];
	size_t count;
	double value;
	const char *want;
};

static void
check_samples(void)
{
	static const struct sample_case cases[] = {
		{ "no label", { { NULL, NULL } }, 0, 1, "m 1\n" },
		{ "one", { { "a", "b" } }, 1, 1, "m{a=\"b\"} 1\n" },
		{ "two", { { "a", "b" }, { "c", "d" } }, 2, 0,
		    "m{a=\"b\",c=\"d\"} 0\n" },
		{ "first left out", { { "a", NULL }, { "c", "d" } }, 2, 0,
		    "m{c=\"d\"} 0\n" },
		{ "last left out", { { "a", "b" }, { "c", NULL } }, 2, 0,
		    "m{a=\"b\"} 0\n" },
		{ "all left out", { { "a", NULL }, { "c", NULL } }, 2, 0, "m 0\n" },
		{ "empty value", { { "a", "" } }, 1, 0, "m{a=\"\"} 0\n" },
		{ "escaping", { { "a", "\"\\\n{}=,|" } }, 1, 0,
		    "m{a=\"\\\"\\\\\\n{}=,|\"} 0\n" },
		{ "fraction", { { "a", "b" } }, 1, 0.25, "m{a=\"b\"} 0.25\n" },
		{ "large", { { "a", "b" } }, 1, 1e12, "m{a=\"b\"} 1000000000000\n" },
		{ "negative", { { "a", "b" } }, 1, -1.5, "m{a=\"b\"} -1.5\n" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct sample_case *test = &cases[i];
		struct buf out;
		buf_init(&out, OUTPUT_MAX);
		prometheus_sample(&out, "m", test->labels, test->count, test->value);
		if (strcmp(out.text, test->want) != 0)
			fail_msg("%s: got '%s', want '%s'", test->name, out.text,
			    test->want);
		buf_free(&out);
	}
}

/* Also where people write a comma; such locales may not be installed. */
static void
samples(void **state)
{
	static const char *const locales[] = { "C", "de_DE.UTF-8", "fr_FR.UTF-8" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(locales); i++)
		if (setlocale(LC_ALL, locales[i]) != NULL)
			check_samples();
	setlocale(LC_ALL, "C");
}

static void
heads(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, OUTPUT_MAX);
	prometheus_head(&out, PROMETHEUS_TEXT, "m", "counter", "a \"b\" \\ c\nd");
	assert_string_equal(
	    out.text, "# HELP m a \"b\" \\\\ c\\nd\n# TYPE m counter\n");
	buf_clear(&out);
	prometheus_metric_head(&out, PROMETHEUS_TEXT, METRIC_SPF_DEPTH);
	assert_memory_equal(out.text, "# HELP mailgauge_spf_depth Records ", 35);
	assert_non_null(strstr(out.text, "\n# TYPE mailgauge_spf_depth gauge\n"));
	buf_free(&out);
}

static void
heads_of_openmetrics(void **state)
{
	static const struct {
		const char *name, *type, *want;
	} cases[] = {
		{ "m_total", "counter", "# HELP m a \\\"b\\\"\n# TYPE m counter\n" },
		{ "m_info", "gauge", "# HELP m a \\\"b\\\"\n# TYPE m info\n" },
		{ "m_cpu_seconds_total", "counter",
		    "# HELP m_cpu_seconds a \\\"b\\\"\n# TYPE m_cpu_seconds counter\n"
		    "# UNIT m_cpu_seconds seconds\n" },
		{ "m_bytes", "gauge",
		    "# HELP m_bytes a \\\"b\\\"\n# TYPE m_bytes gauge\n"
		    "# UNIT m_bytes bytes\n" },
	};
	struct buf out;
	(void)state;
	buf_init(&out, OUTPUT_MAX);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		buf_clear(&out);
		prometheus_head(&out, PROMETHEUS_OPENMETRICS, cases[i].name,
		    cases[i].type, "a \"b\"");
		assert_string_equal(out.text, cases[i].want);
	}
	buf_clear(&out);
	prometheus_end(&out, PROMETHEUS_TEXT);
	assert_string_equal(out.text, "");
	prometheus_end(&out, PROMETHEUS_OPENMETRICS);
	assert_string_equal(out.text, "# EOF\n");
	buf_free(&out);
}

static void
samples_of_a_metric(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, OUTPUT_MAX);
	prometheus_metric_sample(&out, METRIC_SPF_DEPTH, "example.com", NULL, 3);
	prometheus_metric_sample(
	    &out, METRIC_SPF_ALL_QUALIFIER, "example.com", "fail", 1);
	assert_string_equal(out.text,
	    "mailgauge_spf_depth{domain=\"example.com\"} 3\n"
	    "mailgauge_spf_all_qualifier{domain=\"example.com\",qualifier=\"fail\"} "
	    "1\n");
	buf_free(&out);
}

static void
one_series_for_each_state(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, OUTPUT_MAX);
	prometheus_state_samples(&out, "a.example", "spf", STATE_CRITICAL);
#define LABELS "{domain=\"a.example\",probe=\"spf\",state="
	assert_string_equal(out.text,
	    "mailgauge_probe_state" LABELS "\"OK\"} 0\n"
	    "mailgauge_probe_state" LABELS "\"WARNING\"} 0\n"
	    "mailgauge_probe_state" LABELS "\"CRITICAL\"} 1\n"
	    "mailgauge_probe_state" LABELS "\"UNKNOWN\"} 0\n");
#undef LABELS
	buf_free(&out);
}

/* --- a whole report ------------------------------------------------------- */

/* What has been seen of it so far. */
struct reader {
	struct span family;            /* the present one */
	struct span heads[LINES_MAX];  /* names of all families */
	struct span series[LINES_MAX]; /* samples without their values */
	size_t head_count, series_count;
	bool has_type;
};

static void
add_once(struct span list[], size_t *count, struct span entry)
{
	assert_true(*count < LINES_MAX);
	for (size_t i = 0; i < *count; i++)
		if (span_equal(list[i], entry))
			fail_msg("twice: %.*s", (int)entry.length, entry.bytes);
	list[(*count)++] = entry;
}

static void
read_line(struct reader *reader, struct span line)
{
	static const struct span help = SPAN("# HELP "), type = SPAN("# TYPE ");
	struct span rest = line, name;
	if (span_take_prefix_nocase(&rest, help)) {
		span_take_until_or_end(&rest, ' ', &reader->family);
		add_once(reader->heads, &reader->head_count, reader->family);
		reader->has_type = false;
	} else if (span_take_prefix_nocase(&rest, type)) {
		span_take_until_or_end(&rest, ' ', &name);
		assert_true(span_equal(name, reader->family));
		assert_false(reader->has_type);
		assert_true(span_equal(rest, span_text(" gauge")));
		reader->has_type = true;
	} else {
		span_take_until_or_end(&rest, '{', &name);
		if (!span_equal(name, reader->family) || !reader->has_type)
			fail_msg(
			    "not in its family: %.*s", (int)line.length, line.bytes);
		while (rest.length > 0 && rest.bytes[rest.length - 1] != ' ')
			rest.length--;
		add_once(reader->series, &reader->series_count,
		    span_of(
			line.bytes, (size_t)(rest.bytes + rest.length - line.bytes)));
	}
}

/* Writes the finished report and holds it to the rules; the caller frees the text. */
static char *
write_checked(struct report *report, struct reader *reader)
{
	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	report_finish(report);
	prometheus_write(&out, report, 0);
	assert_false(out.cut);
	assert_int_equal(out.text[out.length - 1], '\n');
	memset(reader, 0, sizeof(*reader));
	struct split lines = { .rest = span_of(out.text, out.length - 1) };
	struct span line;
	while (split_next(&lines, '\n', &line))
		read_line(reader, line);
	return buf_take(&out, NULL);
}

static void
add_measurements(struct report *report)
{
	static const char *const labels[] = { "pass", "fail" };
	report_measure(report, METRIC_SPF_RECORD_PRESENT, 1);
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 12);
	report_measure_state(report, METRIC_SPF_ALL_QUALIFIER, labels, 2, "fail");
	report_measure(report, METRIC_SPF_TXT_BYTES, 100);
}

static void
a_report_keeps_the_rules_of_the_format(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct reader reader;
	add_measurements(report);
	report_finding(report, FINDING_SPF_PTR, NULL, "a message is no label");
	char *text = write_checked(report, &reader);
	assert_int_equal(reader.head_count, 7);
	assert_int_equal(reader.series_count, 1 + STATE_COUNT + 1 + 5);
	assert_non_null(strstr(text,
	    "\nmailgauge_finding{domain=\"example.com\",probe=\"spf\",id=\"spf-ptr\","
	    "severity=\"warning\",subject=\"example.com\"} 1\n"));
	assert_non_null(strstr(text,
	    "\nmailgauge_probe_success{domain=\"example.com\","
	    "probe=\"spf\"} 1\n"));
	assert_null(strstr(text, "message"));
	free(text);
}

static void
a_finding_at_many_places_is_one_series(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	const struct place elsewhere = { .subject = "b.example" };
	struct reader reader;
	for (size_t i = 0; i < LIMIT_FINDINGS; i++)
		report_finding(report,
		    i % 3 == 0 ? FINDING_SPF_PTR : FINDING_SPF_SYNTAX_ERROR,
		    i % 2 == 0 ? &elsewhere : NULL, "%zu", i);
	free(write_checked(report, &reader));
	assert_int_equal(reader.series_count, 1 + STATE_COUNT + 4);
}

static void
without_findings_there_is_no_such_family(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct reader reader;
	char *text = write_checked(report, &reader);
	assert_null(strstr(text, "mailgauge_finding"));
	assert_int_equal(reader.head_count, 2);
	free(text);
}

static void
success_is_whether_it_could_be_told(void **state)
{
	struct facts *facts = *state;
	struct reader reader;
	facts->policy.severities[FINDING_SPF_DNS_ERROR] = SEVERITY_IGNORE;
	report_finding(&facts->report, FINDING_SPF_DNS_ERROR, NULL, "SERVFAIL");
	char *text = write_checked(&facts->report, &reader);
	assert_non_null(strstr(text,
	    "mailgauge_probe_success{domain=\"example.com\","
	    "probe=\"spf\"} 0\n"));
	assert_non_null(strstr(text, "state=\"OK\"} 1\n"));
	free(text);
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples),
		cmocka_unit_test(heads),
		cmocka_unit_test(heads_of_openmetrics),
		cmocka_unit_test(samples_of_a_metric),
		cmocka_unit_test(one_series_for_each_state),
		WITH_FACTS(a_report_keeps_the_rules_of_the_format),
		WITH_FACTS(a_finding_at_many_places_is_one_series),
		WITH_FACTS(without_findings_there_is_no_such_family),
		WITH_FACTS(success_is_whether_it_could_be_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
