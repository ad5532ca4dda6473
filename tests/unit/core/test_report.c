/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/report: how findings and measurements become one state and one line,
 * and that nothing grows without an end. */
#include "core/report.h"

#include "core/limits.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEVERITIES_MAX = 6 };

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

/* One finding of each default severity. */
static enum finding_id
finding_of(enum severity severity)
{
	static const enum finding_id ids[SEVERITY_COUNT] = {
		[SEVERITY_INFO] = FINDING_SPF_ALL_SOFTFAIL,
		[SEVERITY_UNKNOWN] = FINDING_SPF_DNS_ERROR,
		[SEVERITY_WARNING] = FINDING_SPF_PTR,
		[SEVERITY_CRITICAL] = FINDING_SPF_SYNTAX_ERROR,
	};
	assert_int_equal(finding_info(ids[severity])->severity, severity);
	return ids[severity];
}

static void
an_empty_report_is_fine(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finish(report);
	assert_int_equal(report->state, STATE_OK);
	assert_string_equal(report_headline(report), "");
	assert_true(report_could_tell(report));
}

struct merge_case {
	const char *name;
	enum severity severities[SEVERITIES_MAX]; /* ends with IGNORE */
	enum state want;
};

static void
findings_merge_to_the_worst_state(void **state)
{
	static const struct merge_case cases[] = {
		{ "none", { SEVERITY_IGNORE }, STATE_OK },
		{ "info", { SEVERITY_INFO, SEVERITY_INFO }, STATE_OK },
		{ "unknown", { SEVERITY_INFO, SEVERITY_UNKNOWN }, STATE_UNKNOWN },
		{ "warning", { SEVERITY_WARNING, SEVERITY_UNKNOWN }, STATE_WARNING },
		{ "critical", { SEVERITY_UNKNOWN, SEVERITY_CRITICAL, SEVERITY_WARNING },
		    STATE_CRITICAL },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct merge_case *test = &cases[i];
		facts_view(facts);
		for (size_t j = 0; test->severities[j] != SEVERITY_IGNORE; j++)
			report_finding(&facts->report, finding_of(test->severities[j]),
			    NULL, "%zu", j);
		report_finish(&facts->report);
		if (facts->report.state != test->want)
			fail_msg("%s: got %s, want %s", test->name,
			    state_text(facts->report.state), state_text(test->want));
	}
}

/* The messages in their order, joined. */
static void
check_order(const struct report *report, const char *want)
{
	char memory[256];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	for (size_t i = 0; i < report->finding_count; i++)
		buf_add_text(&got, report->findings[i].message);
	assert_string_equal(got.text, want);
}

static void
findings_are_sorted_worst_first_else_as_they_came(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	static const enum severity severities[] = { SEVERITY_INFO, SEVERITY_WARNING,
		SEVERITY_UNKNOWN, SEVERITY_CRITICAL, SEVERITY_WARNING, SEVERITY_INFO,
		SEVERITY_CRITICAL, SEVERITY_UNKNOWN, SEVERITY_WARNING };
	for (size_t i = 0; i < ARRAY_LENGTH(severities); i++)
		report_finding(report, finding_of(severities[i]), NULL, "%zu", i);
	report_finish(report);
	check_order(report, "361482705");
	assert_string_equal(report_headline(report), "3");
}

static void
severities_follow_the_policy(void **state)
{
	struct facts *facts = *state;
	struct report *report = &facts->report;
	facts->policy.severities[FINDING_SPF_SYNTAX_ERROR] = SEVERITY_IGNORE;
	facts->policy.severities[FINDING_SPF_PTR] = SEVERITY_INFO;
	facts->policy.severities[FINDING_SPF_ALL_SOFTFAIL] = SEVERITY_WARNING;
	assert_false(report_wants(report, FINDING_SPF_SYNTAX_ERROR));
	assert_true(report_wants(report, FINDING_SPF_PTR));
	report_finding(report, FINDING_SPF_SYNTAX_ERROR, NULL, "a");
	report_finding(report, FINDING_SPF_PTR, NULL, "b");
	report_finding(report, FINDING_SPF_ALL_SOFTFAIL, NULL, "c");
	report_finish(report);
	check_order(report, "cb");
	assert_int_equal(report->findings_dropped, 0);
	assert_int_equal(report->state, STATE_WARNING);
}

static void
a_finding_points_to_its_place(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	const struct place place = {
		.subject = "b.example", .path = "a > b", .term = "mx", .position = 8
	};
	report_finding(report, FINDING_SPF_PTR, NULL, "%s", "first");
	report_finding(report, FINDING_SPF_PTR, &place, "second");
	assert_string_equal(report->findings[0].subject, "example.com");
	assert_null(report->findings[0].path);
	assert_null(report->findings[0].term);
	assert_int_equal(report->findings[0].position, 0);
	assert_string_equal(report->findings[1].subject, "b.example");
	assert_string_equal(report->findings[1].path, "a > b");
	assert_string_equal(report->findings[1].term, "mx");
	assert_int_equal(report->findings[1].position, 8);
}

static void
a_message_has_its_limit(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finding(report, FINDING_SPF_PTR, NULL, "%*d", 5000, 1);
	assert_int_equal(strlen(report->findings[0].message), LIMIT_MESSAGE);
}

/* --- caps ----------------------------------------------------------------- */

static void
findings_have_a_limit(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	for (size_t i = 0; i < LIMIT_FINDINGS + 5; i++)
		report_finding(report, FINDING_SPF_PTR, NULL, "%zu", i);
	report_finish(report);
	assert_int_equal(report->finding_count, LIMIT_FINDINGS);
	assert_int_equal(report->findings_dropped, 5);
	assert_string_equal(report->findings[0].message, "0");
}

/* Or a record with many small faults could hide its large one. */
static void
a_worse_finding_takes_the_place_of_a_weaker_one(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finding(report, FINDING_SPF_DNS_ERROR, NULL, "unknown");
	for (size_t i = 1; i < LIMIT_FINDINGS; i++)
		report_finding(report, FINDING_SPF_ALL_SOFTFAIL, NULL, "info %zu", i);
	report_finding(report, FINDING_SPF_PTR, NULL, "warning");
	report_finding(report, FINDING_SPF_SYNTAX_ERROR, NULL, "critical");
	report_finding(report, FINDING_SPF_ALL_SOFTFAIL, NULL, "one more");
	report_finish(report);
	assert_int_equal(report->finding_count, LIMIT_FINDINGS);
	assert_int_equal(report->findings_dropped, 3);
	assert_int_equal(report->state, STATE_CRITICAL);
	assert_string_equal(report->findings[0].message, "critical");
	assert_string_equal(report->findings[1].message, "warning");
	assert_string_equal(report->findings[2].message, "unknown");
	assert_string_equal(report->findings[3].message, "info 1");
	assert_string_equal(report->findings[LIMIT_FINDINGS - 1].message, "info 197");
}

/* Whatever its severity: the other 199 of the flood say the same. */
static void
a_flood_of_one_kind_hides_no_other(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_finding(report, FINDING_SPF_DNS_ERROR, NULL, "unknown");
	for (size_t i = 1; i < LIMIT_FINDINGS + 50; i++)
		report_finding(report, FINDING_SPF_SYNTAX_ERROR, NULL, "%zu", i);
	report_finding(report, FINDING_SPF_EXP_MISSING, NULL, "info");
	report_finish(report);
	assert_int_equal(report->finding_count, LIMIT_FINDINGS);
	assert_int_equal(report->findings_dropped, 51);
	assert_string_equal(report->findings[0].message, "1");
	assert_string_equal(report->findings[LIMIT_FINDINGS - 3].message, "198");
	assert_string_equal(report->findings[LIMIT_FINDINGS - 2].message, "unknown");
	assert_string_equal(report->findings[LIMIT_FINDINGS - 1].message, "info");
}

static size_t
count_nodes(const struct trace *node)
{
	size_t count = 1;
	for (const struct trace *child = node->first; child != NULL;
	     child = child->next)
		count += count_nodes(child);
	return count;
}

static void
the_trace_has_a_limit_of_nodes(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *array = trace_array(report, NULL, "list");
	for (size_t i = 0; i < LIMIT_TRACE_NODES + 100; i++)
		trace_number(report, array, NULL, 1);
	struct trace *late = trace_object(report, NULL, "late");
	trace_text(report, late, "key", "text"); /* part of nothing, but no fault */
	assert_int_equal(report->trace_count, LIMIT_TRACE_NODES);
	assert_int_equal(count_nodes(report->trace), LIMIT_TRACE_NODES + 1);
}

static void
the_trace_has_a_limit_of_depth(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *node = NULL;
	for (size_t i = 0; i < 2 * LIMIT_TRACE_DEPTH; i++)
		node = trace_object(report, node, "deeper");
	size_t depth = 0;
	for (node = report->trace; node->first != NULL; node = node->first)
		depth++;
	assert_int_equal(depth, LIMIT_TRACE_DEPTH);
	assert_int_equal(node->depth, LIMIT_TRACE_DEPTH);
}

static void
the_trace_keeps_kinds_and_order(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *section = trace_object(report, NULL, "spf");
	trace_text(report, section, "text", "a");
	trace_number(report, section, "number", 1.5);
	trace_bool(report, section, "bool", true);
	trace_null(report, section, "null");
	const struct trace *node = section->first;
	assert_string_equal(node->text, "a");
	node = node->next;
	assert_true(node->kind == TRACE_NUMBER && node->number == 1.5);
	node = node->next;
	assert_true(node->kind == TRACE_BOOL && node->truth);
	node = node->next;
	assert_true(node->kind == TRACE_NULL);
	assert_string_equal(node->key, "null");
	assert_null(node->next);
	assert_ptr_equal(report->trace->first, section);
	assert_null(section->next);
}

/* --- measurements --------------------------------------------------------- */

struct measure_case {
	const char *name;
	const char *warning, *critical;
	double value;
	enum state want;
	const char *headline;
};

static void
set_range(struct threshold *threshold, const char *range)
{
	*threshold = (struct threshold){ .set = false };
	if (range[0] != '\0')
		assert_int_equal(
		    threshold_parse(threshold, span_text(range)), STATUS_OK);
}

static void
thresholds_make_states(void **state)
{
	static const struct measure_case cases[] = {
		{ "none set", "", "", 1e9, STATE_OK, "summary" },
		{ "within", "8", "10", 8, STATE_OK, "summary" },
		{ "warning", "8", "10", 9, STATE_WARNING,
		    "spf_record_bytes is 9B, warning range is 8" },
		{ "critical", "8", "10", 11, STATE_CRITICAL,
		    "spf_record_bytes is 11B, critical range is 10" },
		{ "only critical", "", "10", 10.5, STATE_CRITICAL,
		    "spf_record_bytes is 10.5B, critical range is 10" },
		{ "too little", "5:", "", 4, STATE_WARNING,
		    "spf_record_bytes is 4B, warning range is 5:" },
		{ "inside", "", "@1:2", 2, STATE_CRITICAL,
		    "spf_record_bytes is 2B, critical range is @1:2" },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct measure_case *test = &cases[i];
		struct report *report = &facts->report;
		enum metric_id id = METRIC_SPF_RECORD_BYTES;
		facts_view(facts);
		set_range(&facts->policy.warning[id], test->warning);
		set_range(&facts->policy.critical[id], test->critical);
		report->summary = "summary";
		report_measure(report, id, test->value);
		report_finish(report);
		assert_int_equal(report->measurements[0].state, report->state);
		if (report->state != test->want)
			fail_msg("%s: got %s", test->name, state_text(report->state));
		if (strcmp(report_headline(report), test->headline) != 0)
			fail_msg("%s: got '%s', want '%s'", test->name,
			    report_headline(report), test->headline);
	}
}

static void
the_headline_is_what_decided(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report->summary = "summary";
	report_finding(report, FINDING_SPF_PTR, NULL, "a warning");
	report_measure(report, METRIC_SPF_DEPTH, 3);       /* has no threshold */
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 9); /* warning too */
	report_finish(report);
	assert_string_equal(report_headline(report), "a warning");
	report_measure(report, METRIC_SPF_VOID_LOOKUPS, 3); /* critical */
	report_finish(report);
	assert_string_equal(
	    report_headline(report), "spf_void_lookups is 3, critical range is 2");
}

static void
an_enumeration_has_all_its_states(void **state)
{
	static const char *const labels[] = { "pass", "fail", "neutral" };
	static const char *const currents[] = { "fail", NULL, "other" };
	static const double wants[][3] = { { 0, 1, 0 }, { 0, 0, 0 }, { 0, 0, 0 } };
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(currents); i++) {
		facts_view(facts);
		report_measure_state(&facts->report, METRIC_SPF_ALL_QUALIFIER, labels,
		    ARRAY_LENGTH(labels), currents[i]);
		assert_int_equal(facts->report.measurement_count, 3);
		for (size_t j = 0; j < 3; j++) {
			const struct measurement *measured = &facts->report
								  .measurements[j];
			assert_string_equal(measured->labels, labels[j]);
			assert_true(measured->value == wants[i][j]);
		}
	}
}

static void
measurements_stay_as_they_grow(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	for (size_t i = 0; i < 1000; i++)
		report_measure(report, METRIC_SPF_DEPTH, (double)i);
	assert_int_equal(report->measurement_count, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_true(report->measurements[i].value == (double)i);
}

/* --- what could not be told ----------------------------------------------- */

struct timeout_case {
	enum state timeout_state;
	enum severity want;
};

static void
a_timeout_means_what_the_user_says(void **state)
{
	static const struct timeout_case cases[] = {
		{ STATE_OK, SEVERITY_INFO },
		{ STATE_WARNING, SEVERITY_WARNING },
		{ STATE_CRITICAL, SEVERITY_CRITICAL },
		{ STATE_UNKNOWN, SEVERITY_UNKNOWN },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct timeout_case *test = &cases[i];
		struct report *report = &facts->report;
		facts_view(facts);
		facts->policy.timeout_state = test->timeout_state;
		report->timed_out = true;
		report_finding(report, FINDING_SPF_DNS_ERROR, NULL, "late");
		report_finish(report);
		assert_int_equal(report->findings[0].severity, test->want);
		assert_int_equal(report->state, test->timeout_state);
		assert_false(report_could_tell(report));
	}
}

/* A failure that came in time is no time-out; other findings are none either. */
static void
only_a_timeout_is_one(void **state)
{
	struct facts *facts = *state;
	facts->policy.timeout_state = STATE_CRITICAL;
	report_finding(&facts->report, FINDING_SPF_DNS_ERROR, NULL, "SERVFAIL");
	assert_int_equal(facts->report.findings[0].severity, SEVERITY_UNKNOWN);

	facts_view(facts);
	facts->report.timed_out = true;
	report_finding(&facts->report, FINDING_SPF_PTR, NULL, "ptr");
	assert_int_equal(facts->report.findings[0].severity, SEVERITY_WARNING);
}

static void
a_failure_that_is_ignored_is_still_one(void **state)
{
	struct facts *facts = *state;
	facts->policy.severities[FINDING_SPF_DNS_ERROR] = SEVERITY_IGNORE;
	report_finding(&facts->report, FINDING_SPF_DNS_ERROR, NULL, "SERVFAIL");
	report_finish(&facts->report);
	assert_int_equal(facts->report.finding_count, 0);
	assert_int_equal(facts->report.state, STATE_OK);
	assert_false(report_could_tell(&facts->report));
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FACTS(an_empty_report_is_fine),
		WITH_FACTS(findings_merge_to_the_worst_state),
		WITH_FACTS(findings_are_sorted_worst_first_else_as_they_came),
		WITH_FACTS(severities_follow_the_policy),
		WITH_FACTS(a_finding_points_to_its_place),
		WITH_FACTS(a_message_has_its_limit),
		WITH_FACTS(findings_have_a_limit),
		WITH_FACTS(a_worse_finding_takes_the_place_of_a_weaker_one),
		WITH_FACTS(a_flood_of_one_kind_hides_no_other),
		WITH_FACTS(the_trace_has_a_limit_of_nodes),
		WITH_FACTS(the_trace_has_a_limit_of_depth),
		WITH_FACTS(the_trace_keeps_kinds_and_order),
		WITH_FACTS(thresholds_make_states),
		WITH_FACTS(the_headline_is_what_decided),
		WITH_FACTS(an_enumeration_has_all_its_states),
		WITH_FACTS(measurements_stay_as_they_grow),
		WITH_FACTS(a_timeout_means_what_the_user_says),
		WITH_FACTS(only_a_timeout_is_one),
		WITH_FACTS(a_failure_that_is_ignored_is_still_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
