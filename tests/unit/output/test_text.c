/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of output/text and the writers `nagios` and `multi`: the first line with its
 * limit and its perfdata, the findings below it, the tree.
 */
#include "output/text.h"

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

enum { OUTPUT_MAX = 100000 };

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

/* The first line of the report, finished; in the arena. */
static const char *
first_line(struct report *report)
{
	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	report_finish(report);
	text_first_line(&out, report);
	assert_int_equal(out.text[out.length - 1], '\n');
	buf_shorten(&out, out.length - 1);
	assert_null(strchr(out.text, '\n'));
	const char *line = arena_text(report->arena, buf_span(&out));
	buf_free(&out);
	return line;
}

static void
check_line(struct report *report, const char *want)
{
	const char *got = first_line(report);
	if (strcmp(got, want) != 0)
		fail_msg("got  '%s'\nwant '%s'", got, want);
}

/* --- what stands before the bar ------------------------------------------- */

static void
the_line_of_a_good_state(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report->summary = "3 of 10 DNS lookups, ends in -all";
	report_finding(report, FINDING_SPF_ALL_SOFTFAIL, NULL, "not shown");
	check_line(report, "SPF OK - example.com: 3 of 10 DNS lookups, ends in -all");
}

static void
the_line_of_a_finding(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finding(report, FINDING_SPF_PTR, NULL, "ptr is used");
	check_line(report, "SPF WARNING - example.com: ptr is used [spf-ptr]");
	report_finding(report, FINDING_SPF_ALL_SOFTFAIL, NULL, "does not count");
	report_finding(report, FINDING_SPF_DNS_ERROR, NULL, "SERVFAIL");
	report_finding(report, FINDING_SPF_SYNTAX_ERROR, NULL, "no such term");
	check_line(report,
	    "SPF CRITICAL - example.com: no such term [spf-syntax-error] (+2 more)");
}

/* Then no finding is in the headline, and all of them are further ones. */
static void
the_line_of_a_threshold(void **state)
{
	struct facts *facts = *state;
	struct report *report = &facts->report;
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 11);
	check_line(report,
	    "SPF CRITICAL - example.com: spf_dns_lookups is 11, critical range is 10 "
	    "| 'spf_dns_lookups'=11;8;10;0");
	report_finding(report, FINDING_SPF_PTR, NULL, "ptr is used");
	check_line(report,
	    "SPF CRITICAL - example.com: spf_dns_lookups is 11, critical range is 10 "
	    "(+1 more) | 'spf_dns_lookups'=11;8;10;0");
}

static void
findings_over_the_limit_are_counted(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	for (size_t i = 0; i < LIMIT_FINDINGS + 50; i++)
		report_finding(report, FINDING_SPF_PTR, NULL, "ptr");
	check_line(report, "SPF WARNING - example.com: ptr [spf-ptr] (+249 more)");
}

struct length_case {
	size_t subject, message, findings;
};

/* However long its parts are, the line says subject, state and id. */
static void
the_line_is_under_200_bytes(void **state)
{
	static const struct length_case cases[] = {
		{ 3, 1, 1 },
		{ 80, 1000, 1 },
		{ 81, 1000, 2 },
		{ 250, 10, 1 },
		{ 1000, LIMIT_MESSAGE, LIMIT_FINDINGS + 999 },
		{ 20, 120, 1 },
		{ 20, 150, 1 },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct length_case *test = &cases[i];
		struct report *report = &facts->report;
		facts_view(facts);
		char *subject = arena_alloc(facts->arena, test->subject + 1);
		memset(subject, 's', test->subject);
		report->subject = subject;
		for (size_t j = 0; j < test->findings; j++)
			report_finding(report, FINDING_SPF_TOO_MANY_VOID_LOOKUPS, NULL,
			    "%0*d", (int)test->message, 1);
		report_measure(report, METRIC_SPF_DEPTH, 1);
		const char *line = first_line(report);
		if (strcspn(line, "|") >= 200)
			fail_msg("%zu bytes: %s", strcspn(line, "|"), line);
		assert_int_equal(strncmp(line, "SPF CRITICAL - sss", 18), 0);
		assert_non_null(strstr(line, " [spf-too-many-void-lookups]"));
	}
}

static void
what_is_cut_shows_that_it_was(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finding(report, FINDING_SPF_PTR, NULL, "%0*d", 300, 1);
	const char *line = first_line(report);
	assert_int_equal(strlen(line), LIMIT_FIRST_LINE - 1);
	assert_non_null(strstr(line, "000... [spf-ptr]"));
}

/* --- perfdata ------------------------------------------------------------- */

static bool
is_value_byte(uint8_t byte)
{
	return byte_is_digit(byte) || byte == '.' || byte == '-';
}

static bool
is_label_byte(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '_';
}

/* 'label'=value[unit];[warning];[critical];0, where 0 is the least that it can be */
static void
check_datum(struct span datum)
{
	struct span rest = datum, taken;
	bool good = span_take_byte(&rest, '\'');
	span_take_while(&rest, is_label_byte, &taken);
	good = good && taken.length > 0 && span_take_byte(&rest, '\'') &&
	    span_take_byte(&rest, '=');
	span_take_while(&rest, is_value_byte, &taken);
	good = good && taken.length > 0;
	span_take_byte(&rest, 'B');
	for (int i = 0; i < 2; i++) {
		good = good && span_take_byte(&rest, ';');
		span_take_until_or_end(&rest, ';', &taken);
	}
	if (!good || !span_take_byte(&rest, ';') ||
	    (rest.length > 0 && !span_equal(rest, span_text("0"))))
		fail_msg("no perfdata: '%.*s'", (int)datum.length, datum.bytes);
}

static void
check_perfdata(const char *line, const char *want)
{
	const char *bar = strchr(line, '|');
	assert_non_null(bar);
	assert_null(strchr(bar + 1, '|'));
	assert_memory_equal(bar - 1, " | ", 3);
	bar++;
	struct split data = { .rest = span_text(bar + 1) };
	struct span datum;
	while (split_next(&data, ' ', &datum))
		check_datum(datum);
	if (strcmp(bar + 1, want) != 0)
		fail_msg("got  '%s'\nwant '%s'", bar + 1, want);
}

struct value_case {
	double value;
	const char *want;
};

static void
check_values(struct facts *facts)
{
	static const struct value_case cases[] = {
		{ 0, "'spf_record_bytes'=0B;;;0" },
		{ 450, "'spf_record_bytes'=450B;;;0" },
		{ 0.5, "'spf_record_bytes'=0.5B;;;0" },
		{ 1.0 / 3, "'spf_record_bytes'=0.333B;;;0" },
		{ -2.25, "'spf_record_bytes'=-2.25B;;;" },
		{ 1e9, "'spf_record_bytes'=1000000000B;;;0" },
		{ 1e15, "'spf_record_bytes'=1000000000000000B;;;0" },
		{ 1e-9, "'spf_record_bytes'=0B;;;0" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_view(facts);
		report_measure(&facts->report, METRIC_SPF_RECORD_BYTES, cases[i].value);
		check_perfdata(first_line(&facts->report), cases[i].want);
	}
}

/* Also where people write a comma; such locales may not be installed. */
static void
values_have_a_point_and_no_exponent(void **state)
{
	static const char *const locales[] = { "C", "de_DE.UTF-8", "fr_FR.UTF-8",
		"de_DE", "da_DK.UTF-8" };
	for (size_t i = 0; i < ARRAY_LENGTH(locales); i++)
		if (setlocale(LC_ALL, locales[i]) != NULL)
			check_values(*state);
	setlocale(LC_ALL, "C");
}

static void
data_stand_in_order_with_their_ranges(void **state)
{
	struct facts *facts = *state;
	struct report *report = &facts->report;
	struct threshold *warning = &facts->policy.warning[METRIC_SPF_DEPTH];
	assert_int_equal(threshold_parse(warning, span_text("@~:2.5")), STATUS_OK);
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 7);
	report_measure(report, METRIC_SPF_RECORD_PRESENT, 1); /* not shown here */
	report_measure(report, METRIC_SPF_TXT_BYTES, 300);
	report_measure(report, METRIC_SPF_DEPTH, 3);
	check_perfdata(first_line(report),
	    "'spf_dns_lookups'=7;8;10;0 'spf_txt_bytes'=300B;;;0 "
	    "'spf_depth'=3;@~:2.5;;0");
}

static void
no_data_no_bar(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report->summary = "fine";
	report_measure(report, METRIC_SPF_RECORD_PRESENT, 1);
	check_line(report, "SPF OK - example.com: fine");
}

/* Graphs end where a label changes. */
static void
labels_are_the_same_in_every_state(void **state)
{
	static const double lookups[] = { 3, 9, 11 };
	static const char *const wants[] = {
		"'spf_dns_lookups'=3;8;10;0 'spf_depth'=1;;;0",
		"'spf_dns_lookups'=9;8;10;0 'spf_depth'=1;;;0",
		"'spf_dns_lookups'=11;8;10;0 'spf_depth'=1;;;0",
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(lookups); i++) {
		for (int failed = 0; failed < 2; failed++) {
			facts_view(facts);
			report_measure(
			    &facts->report, METRIC_SPF_DNS_LOOKUPS, lookups[i]);
			report_measure(&facts->report, METRIC_SPF_DEPTH, 1);
			if (failed)
				report_finding(&facts->report, FINDING_SPF_DNS_ERROR,
				    NULL, "SERVFAIL");
			check_perfdata(first_line(&facts->report), wants[i]);
		}
	}
}

/* --- below the first line ------------------------------------------------- */

/* What a writer makes of the report; in the arena. */
static const char *
written(void (*write)(struct buf *, const struct report *, unsigned),
    struct report *report, unsigned verbosity)
{
	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	report_finish(report);
	write(&out, report, verbosity);
	const char *text = arena_text(report->arena, buf_span(&out));
	buf_free(&out);
	return text;
}

static void
add_findings(struct report *report)
{
	const struct place place = { .subject = "b.example",
		.path = "example.com > b.example",
		.term = "ptr:c.example",
		.position = 8 };
	const struct place no_term = { .path = "example.com" };
	report_finding(report, FINDING_SPF_PTR, &place, "ptr:c.example is used");
	report_finding(report, FINDING_SPF_ALL_SOFTFAIL, &no_term, "ends in ~all");
	report_finding(report, FINDING_SPF_RECORD_SIZE, NULL, "500 bytes");
}

static void
findings_are_lines_with_their_place(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	add_findings(report);
	assert_string_equal(written(multi_write, report, 0),
	    "SPF WARNING - example.com: ptr:c.example is used [spf-ptr] (+1 more)\n"
	    "[warning] spf-ptr: ptr:c.example is used\n"
	    "    at example.com > b.example: ptr:c.example (byte 8)\n"
	    "[warning] spf-record-size: 500 bytes\n"
	    "[info] spf-all-softfail: ends in ~all\n"
	    "    at example.com\n");
}

/* At blanks only: a name of any length stays in one piece. */
static void
long_records_are_broken_into_lines(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	char record[300];
	memset(record, 'a', sizeof(record) - 1);
	record[100] = record[250] = ' ';
	record[299] = '\0';
	report->record = record;
	const char *want = arena_printf(report->arena,
	    "\nrecord: %.100s\n        %.149s\n        %s\n", record, record + 101,
	    record + 251);
	assert_non_null(strstr(written(multi_write, report, 0), want));
}

/* 64 kB of it would hide everything else. */
static void
very_long_records_are_cut(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	char record[4001];
	memset(record, 'a', sizeof(record) - 1);
	record[4000] = '\0';
	report->record = record;
	const char *want = arena_printf(
	    report->arena, "\nrecord: %.2000s...\n", record);
	assert_non_null(strstr(written(multi_write, report, 0), want));
}

static void
verbosity_adds_why_and_what_to_do(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	const struct finding_info *info = finding_info(FINDING_SPF_PTR);
	add_findings(report);
	const char *text = written(multi_write, report, 1);
	assert_non_null(strstr(text, info->why));
	assert_non_null(strstr(text, info->remedy));
	assert_non_null(strstr(text, "\n    see: RFC 7208 5.5\n"));
}

static void
dropped_findings_are_told(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	for (size_t i = 0; i < LIMIT_FINDINGS + 7; i++)
		report_finding(report, FINDING_SPF_PTR, NULL, "ptr");
	assert_non_null(strstr(
	    written(multi_write, report, 0), "\nand 7 findings more, not shown\n"));
}

static void
nagios_is_one_line_unless_asked_for_more(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	add_findings(report);
	const char *line = written(nagios_write, report, 0);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	for (unsigned verbosity = 1; verbosity <= 3; verbosity++)
		assert_string_equal(written(nagios_write, report, verbosity),
		    written(multi_write, report, verbosity));
}

/* --- the tree ------------------------------------------------------------- */

static struct trace *
titled(struct report *report, struct trace *parent, const char *title)
{
	struct trace *node = trace_object(report, parent, "node");
	node->title = title;
	return node;
}

/* Nodes without a title are no lines, and their children move up. */
static void
the_tree_is_drawn_of_titles(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *root = titled(report, NULL, "example.com");
	struct trace *terms = trace_array(report, root, "terms");
	struct trace *include = titled(report, terms, "include:b.example  2");
	struct trace *target = trace_object(report, include, "target");
	trace_text(report, target, "domain", "b.example");
	titled(report, trace_array(report, target, "terms"), "a  1");
	titled(report, trace_array(report, target, "more"), "mx  1");
	titled(report, titled(report, terms, "redirect=c.example  1"), "void");

	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	text_tree(&out, report);
	assert_string_equal(out.text,
	    "example.com\n"
	    "+- include:b.example  2\n"
	    ":  +- a  1\n"
	    ":  `- mx  1\n"
	    "`- redirect=c.example  1\n"
	    "   `- void\n");
	buf_free(&out);
}

static void
a_deep_tree_stays_in_bounds(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *node = NULL;
	for (size_t i = 0; i < 2 * LIMIT_TRACE_DEPTH; i++)
		node = titled(report, node, "deeper");
	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	text_tree(&out, report);
	size_t lines = 0;
	for (size_t i = 0; i < out.length; i++)
		lines += out.text[i] == '\n';
	assert_int_equal(lines, LIMIT_TRACE_DEPTH);
	buf_free(&out);
}

static void
no_trace_no_tree(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	text_tree(&out, report);
	assert_int_equal(out.length, 0);
	buf_free(&out);
}

/* One in any line below would begin perfdata there. */
static void
only_the_first_line_has_a_bar(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *root = titled(report, NULL, "example.com");
	add_findings(report);
	titled(report, titled(report, root, "a"), "b");
	titled(report, titled(report, root, "c"), "d");
	report_measure(report, METRIC_SPF_DEPTH, 1);
	const char *text = written(multi_write, report, 3);
	assert_non_null(strstr(text, "b\n"));
	assert_non_null(strchr(text, '|'));
	assert_null(strchr(strchr(text, '\n'), '|'));
}

static void
findings_that_are_alike_are_shown_a_dozen_times(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finding(report, FINDING_SPF_PTR, NULL, "another");
	for (size_t i = 0; i < 14; i++)
		report_finding(report, FINDING_SPF_EXISTS, NULL, "number %zu", i);
	report_finish(report);
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	text_findings(&out, report, 0);
	assert_non_null(strstr(out.text, "another\n[warning] spf-exists: number 0\n"));
	assert_non_null(strstr(out.text, "number 11\n    and 2 more of this kind\n"));
	assert_null(strstr(out.text, "number 12"));
	buf_free(&out);
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FACTS(the_line_of_a_good_state),
		WITH_FACTS(the_line_of_a_finding),
		WITH_FACTS(the_line_of_a_threshold),
		WITH_FACTS(findings_over_the_limit_are_counted),
		WITH_FACTS(the_line_is_under_200_bytes),
		WITH_FACTS(what_is_cut_shows_that_it_was),
		WITH_FACTS(values_have_a_point_and_no_exponent),
		WITH_FACTS(data_stand_in_order_with_their_ranges),
		WITH_FACTS(no_data_no_bar),
		WITH_FACTS(labels_are_the_same_in_every_state),
		WITH_FACTS(findings_are_lines_with_their_place),
		WITH_FACTS(long_records_are_broken_into_lines),
		WITH_FACTS(very_long_records_are_cut),
		WITH_FACTS(verbosity_adds_why_and_what_to_do),
		WITH_FACTS(dropped_findings_are_told),
		WITH_FACTS(nagios_is_one_line_unless_asked_for_more),
		WITH_FACTS(the_tree_is_drawn_of_titles),
		WITH_FACTS(findings_that_are_alike_are_shown_a_dozen_times),
		WITH_FACTS(a_deep_tree_stays_in_bounds),
		WITH_FACTS(no_trace_no_tree),
		WITH_FACTS(only_the_first_line_has_a_bar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
