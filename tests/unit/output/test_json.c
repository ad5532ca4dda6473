/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of output/json: what is written parses back, and says what the report says. */
#include "output/writer.h"

#include "core/limits.h"
#include "support/facts.h"

#include <jansson.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OUTPUT_MAX = 1 << 22 };

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

/* The report, finished, as text that the caller frees. */
static char *
write_json(struct report *report, unsigned verbosity)
{
	struct buf out;
	buf_init(&out, OUTPUT_MAX);
	report_finish(report);
	json_write(&out, report, verbosity);
	assert_false(out.cut);
	return buf_take(&out, NULL);
}

/* The same, parsed again; duplicate keys are faults. */
static json_t *
parsed(struct report *report)
{
	json_error_t error;
	char *text = write_json(report, 0);
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		fail_msg("%s at byte %d of %s", error.text, error.position, text);
	free(text);
	return object;
}

static void
check_text(const json_t *object, const char *key, const char *want)
{
	const char *got = json_string_value(json_object_get(object, key));
	if (got == NULL || strcmp(got, want) != 0)
		fail_msg(
		    "%s: got '%s', want '%s'", key, got != NULL ? got : "(none)", want);
}

static void
the_head(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report->summary = "all is well";
	json_t *object = parsed(report);
	check_text(object, "mailgauge", MAILGAUGE_VERSION);
	check_text(object, "probe", "spf");
	check_text(object, "domain", "example.com");
	check_text(object, "state", "OK");
	check_text(object, "summary", "all is well");
	assert_int_equal(json_array_size(json_object_get(object, "findings")), 0);
	assert_true(json_is_array(json_object_get(object, "measurements")));
	assert_int_equal(json_object_size(object), 7);
	json_decref(object);
}

static void
findings(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	const struct place place = {
		.subject = "b.example", .path = "a > b", .term = "ptr", .position = 8
	};
	report_finding(report, FINDING_SPF_ALL_SOFTFAIL, NULL, "second");
	report_finding(report, FINDING_SPF_PTR, &place, "a \"quoted\" \\255 one");
	json_t *object = parsed(report);
	const json_t *list = json_object_get(object, "findings");
	const json_t *first = json_array_get(list, 0);
	const json_t *second = json_array_get(list, 1);
	check_text(object, "state", "WARNING");
	check_text(object, "summary", "a \"quoted\" \\255 one");
	check_text(first, "id", "spf-ptr");
	check_text(first, "severity", "warning");
	check_text(first, "message", "a \"quoted\" \\255 one");
	check_text(first, "subject", "b.example");
	check_text(first, "path", "a > b");
	check_text(first, "term", "ptr");
	check_text(first, "reference", "RFC 7208 5.5");
	assert_int_equal(json_integer_value(json_object_get(first, "position")), 8);
	check_text(second, "subject", "example.com");
	assert_null(json_object_get(second, "path"));
	assert_null(json_object_get(second, "term"));
	assert_null(json_object_get(second, "position"));
	json_decref(object);
}

static void
measurements(void **state)
{
	static const char *const labels[] = { "pass", "fail" };
	struct report *report = &((struct facts *)*state)->report;
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 12);
	report_measure_state(report, METRIC_SPF_ALL_QUALIFIER, labels, 2, "fail");
	json_t *object = parsed(report);
	const json_t *list = json_object_get(object, "measurements");
	const json_t *lookups = json_array_get(list, 0);
	const json_t *fail = json_array_get(list, 2);
	assert_int_equal(json_array_size(list), 3);
	check_text(lookups, "name", "spf_dns_lookups");
	check_text(lookups, "state", "CRITICAL");
	assert_int_equal(json_integer_value(json_object_get(lookups, "value")), 12);
	assert_null(json_object_get(lookups, "labels"));
	check_text(fail, "name", "spf_all_qualifier");
	check_text(json_object_get(fail, "labels"), "qualifier", "fail");
	assert_int_equal(json_integer_value(json_object_get(fail, "value")), 1);
	assert_null(json_object_get(fail, "state"));
	json_decref(object);
}

struct number_case {
	double value;
	bool whole;
};

static void
check_numbers(struct facts *facts)
{
	static const struct number_case cases[] = {
		{ 0, true },
		{ -3, true },
		{ 4294967296, true },
		{ 9007199254740991, true },
		{ 1e300, false },
		{ 0.5, false },
		{ 1.0 / 3, false },
	};
	facts_view(facts);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		report_measure(&facts->report, METRIC_SPF_DEPTH, cases[i].value);
	json_t *object = parsed(&facts->report);
	const json_t *list = json_object_get(object, "measurements");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const json_t *value = json_object_get(json_array_get(list, i), "value");
		if (json_is_integer(value) != cases[i].whole ||
		    json_number_value(value) != cases[i].value)
			fail_msg("got %g, want %g", json_number_value(value),
			    cases[i].value);
	}
	json_decref(object);
}

/* Also where people write a comma; such locales may not be installed. */
static void
numbers_come_back_as_they_were(void **state)
{
	static const char *const locales[] = { "C", "de_DE.UTF-8", "fr_FR.UTF-8" };
	for (size_t i = 0; i < ARRAY_LENGTH(locales); i++)
		if (setlocale(LC_ALL, locales[i]) != NULL)
			check_numbers(*state);
	setlocale(LC_ALL, "C");
}

/* --- the probe's own section ---------------------------------------------- */

static void
what_is_not_known_is_null(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *section = trace_object(report, NULL, "spf");
	trace_null(report, section, "record");
	trace_text(report, section, "note", NULL);
	trace_number(report, section, "dns_lookups", 0);
	trace_bool(report, section, "complete", false);
	json_t *object = parsed(report);
	const json_t *spf = json_object_get(object, "spf");
	assert_true(json_is_null(json_object_get(spf, "record")));
	assert_true(json_is_null(json_object_get(spf, "note")));
	assert_true(json_is_integer(json_object_get(spf, "dns_lookups")));
	assert_true(json_is_false(json_object_get(spf, "complete")));
	assert_int_equal(json_object_size(spf), 4);
	json_decref(object);
}

static void
a_section_keeps_its_shape(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *section = trace_object(report, NULL, "spf");
	struct trace *terms = trace_array(report, section, "terms");
	trace_text(report, trace_object(report, terms, NULL), "term", "mx");
	trace_text(report, trace_object(report, terms, NULL), "term", "a");
	trace_array(report, section, "none");
	trace_object(report, NULL, "more")->title = "a title is for people";
	json_t *object = parsed(report);
	const json_t *list = json_object_get(json_object_get(object, "spf"), "terms");
	assert_int_equal(json_array_size(list), 2);
	check_text(json_array_get(list, 0), "term", "mx");
	check_text(json_array_get(list, 1), "term", "a");
	assert_true(
	    json_is_array(json_object_get(json_object_get(object, "spf"), "none")));
	assert_int_equal(json_object_size(json_object_get(object, "more")), 0);
	json_decref(object);
}

static void
the_largest_trace_parses(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	struct trace *deep = NULL;
	for (size_t i = 0; i < LIMIT_TRACE_DEPTH + 10; i++)
		deep = trace_object(report, deep, "deeper");
	struct trace *wide = trace_array(report, NULL, "wide");
	for (size_t i = 0; i < LIMIT_TRACE_NODES; i++)
		trace_text(report, wide, NULL, "a node");
	json_t *object = parsed(report);
	const json_t *node = object;
	for (size_t i = 0; i < LIMIT_TRACE_DEPTH; i++)
		node = json_object_get(node, "deeper");
	assert_non_null(node);
	assert_null(json_object_get(node, "deeper"));
	assert_int_equal(json_array_size(json_object_get(object, "wide")),
	    LIMIT_TRACE_NODES - LIMIT_TRACE_DEPTH - 1);
	json_decref(object);
}

/* --- its layout ----------------------------------------------------------- */

static void
it_is_one_line_or_indented(void **state)
{
	struct report *report = &((struct facts *)*state)->report;
	report_measure(report, METRIC_SPF_DEPTH, 1);
	char *compact = write_json(report, 0);
	assert_ptr_equal(strchr(compact, '\n'), compact + strlen(compact) - 1);
	assert_memory_equal(compact, "{\"mailgauge\":\"", 14);
	char *indented = write_json(report, 1);
	assert_memory_equal(indented, "{\n  \"mailgauge\": \"", 18);
	assert_string_equal(indented + strlen(indented) - 3, "\n}\n");
	free(compact);
	free(indented);
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FACTS(the_head),
		WITH_FACTS(findings),
		WITH_FACTS(measurements),
		WITH_FACTS(numbers_come_back_as_they_were),
		WITH_FACTS(what_is_not_known_is_null),
		WITH_FACTS(a_section_keeps_its_shape),
		WITH_FACTS(the_largest_trace_parses),
		WITH_FACTS(it_is_one_line_or_indented),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
