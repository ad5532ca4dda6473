/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/spf, the probe as a whole: what it measures, its summary, and its own
 * section of the report. */
#include "spf/spf.h"

#include "core/limits.h"
#include "output/writer.h"
#include "support/facts.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static const struct fact_row world[] = {
	{ "host.example", DNS_MX, "10 mail.host.example" },
	{ "mail.host.example", DNS_A, "192.0.2.25" },
	{ "mail.host.example", DNS_AAAA, "NODATA" },
	{ "gone.example", DNS_A, "NXDOMAIN" },
	{ "gone.example", DNS_AAAA, "NXDOMAIN" },
	{ "gone.example", DNS_TXT, "NXDOMAIN" },
	{ "one.example", DNS_TXT, "v=spf1 mx:host.example ~all" },
	{ "soft.example", DNS_TXT, "v=spf1 ~all" },
	{ "fail.example", DNS_TXT, "SERVFAIL" },
	{ .name = NULL },
};

static const struct report *
evaluate(struct facts *facts, const char *record)
{
	facts_put_txt(facts, "example.com", span_text(record));
	return facts_evaluate(facts, &spf_probe, "example.com");
}

/* --- measurements --------------------------------------------------------- */

static bool
is_tested(enum metric_id id)
{
	static const enum metric_id tested[] = {
		METRIC_SPF_RECORD_PRESENT,
		METRIC_SPF_DNS_LOOKUPS,
		METRIC_SPF_VOID_LOOKUPS,
		METRIC_SPF_RECORD_BYTES,
		METRIC_SPF_TXT_BYTES,
		METRIC_SPF_INCLUDES,
		METRIC_SPF_DEPTH,
		METRIC_SPF_ALL_QUALIFIER,
	};
	for (size_t i = 0; i < ARRAY_LENGTH(tested); i++)
		if (tested[i] == id)
			return true;
	return false; /* has its own test */
}

/* As "name=value name{label}=value", without "spf_". */
static void
check_measurements(const struct report *report, const char *name, const char *want)
{
	char memory[512];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	for (size_t i = 0; i < report->measurement_count; i++) {
		const struct measurement *measured = &report->measurements[i];
		if (!is_tested(measured->id))
			continue;
		buf_addf(&got, "%s%s", got.length > 0 ? " " : "",
		    metric_info(measured->id)->name + 4);
		if (measured->labels != NULL)
			buf_addf(&got, "{%s}", measured->labels);
		buf_addf(&got, "=%.0f", measured->value);
	}
	if (strcmp(got.text, want) != 0)
		fail_msg("%s:\ngot  '%s'\nwant '%s'", name, got.text, want);
}

struct measure_case {
	const char *record, *want;
};

/* All names in every run that has a record, whatever is found in it. */
static void
a_record_is_measured(void **state)
{
	static const struct measure_case cases[] = {
		{ "v=spf1 -all",
		    "record_present=1 dns_lookups=0 void_lookups=0 record_bytes=11 "
		    "includes=0 depth=1 all_qualifier{pass}=0 all_qualifier{fail}=1 "
		    "all_qualifier{softfail}=0 all_qualifier{neutral}=0 txt_bytes=64" },
		{ "v=spf1 a:gone.example include:one.example",
		    "record_present=1 dns_lookups=3 void_lookups=1 record_bytes=41 "
		    "includes=1 depth=2 all_qualifier{pass}=0 all_qualifier{fail}=0 "
		    "all_qualifier{softfail}=0 all_qualifier{neutral}=1 txt_bytes=94" },
		{ "v=spf1 redirect=soft.example",
		    "record_present=1 dns_lookups=1 void_lookups=0 record_bytes=28 "
		    "includes=1 depth=2 all_qualifier{pass}=0 all_qualifier{fail}=0 "
		    "all_qualifier{softfail}=1 all_qualifier{neutral}=0 txt_bytes=81" },
		{ "v=spf1 bogus all",
		    "record_present=1 dns_lookups=0 void_lookups=0 record_bytes=16 "
		    "includes=0 depth=1 all_qualifier{pass}=1 all_qualifier{fail}=0 "
		    "all_qualifier{softfail}=0 all_qualifier{neutral}=0 txt_bytes=69" },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_measurements(
		    evaluate(facts, cases[i].record), cases[i].record, cases[i].want);
}

/* Where the record that decides could not be read, its `all` is not made up. */
static void
what_holds_for_others_may_be_unknown(void **state)
{
	static const char *const records[] = { "v=spf1 redirect=gone.example",
		"v=spf1 redirect=fail.example", "v=spf1 redirect=example.com" };
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(records); i++) {
		const struct report *report = evaluate(facts, records[i]);
		for (size_t j = 0; j < report->measurement_count; j++)
			assert_int_not_equal(
			    report->measurements[j].id, METRIC_SPF_ALL_QUALIFIER);
	}
}

struct root_case {
	struct fact_row rows[3];
	const char *measurements;
	enum state state;
};

static void
without_a_record_little_is_measured(void **state)
{
	static const struct root_case cases[] = {
		{ { { "example.com", DNS_TXT, "NODATA" } }, "record_present=0",
		    STATE_CRITICAL },
		{ { { "example.com", DNS_TXT, "NXDOMAIN" } }, "record_present=0",
		    STATE_CRITICAL },
		{ { { "example.com", DNS_TXT, "x" } }, "record_present=0 txt_bytes=54",
		    STATE_CRITICAL },
		{ { { "example.com", DNS_TXT, "v=spf1" },
		      { "example.com", DNS_TXT, "v=spf1" } },
		    "record_present=0 txt_bytes=78", STATE_CRITICAL },
		{ { { "example.com", DNS_TXT, "SERVFAIL" } }, "", STATE_UNKNOWN },
		{ { { "example.com", DNS_TXT, "TIMEOUT" } }, "", STATE_UNKNOWN },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put(facts, cases[i].rows);
		const struct report *report = facts_evaluate(
		    facts, &spf_probe, "example.com");
		check_measurements(
		    report, cases[i].rows[0].data, cases[i].measurements);
		assert_int_equal(report->state, cases[i].state);
	}
}

/* --- the summary ---------------------------------------------------------- */

static void
the_summary_of_a_good_record(void **state)
{
	static const struct measure_case cases[] = {
		{ "v=spf1 -all", "0 of 10 DNS lookups, ends in -all" },
		{ "v=spf1 mx:host.example a:gone.example -ALL",
		    "2 of 10 DNS lookups, 1 void, ends in -ALL" },
		{ "v=spf1 redirect=one.example", "2 of 10 DNS lookups, ends in ~all" },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	facts_want_only(facts, NULL, 0);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct report *report = evaluate(facts, cases[i].record);
		assert_int_equal(report->state, STATE_OK);
		assert_string_equal(report_headline(report), cases[i].want);
	}
}

/* --- the section ---------------------------------------------------------- */

static json_t *
section(const struct report *report)
{
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	json_write(&out, report, 0);
	json_t *object = json_loads(out.text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	json_t *spf = json_incref(json_object_get(object, "spf"));
	assert_non_null(spf);
	json_decref(object);
	buf_free(&out);
	return spf;
}

static void
the_section_of_a_record(void **state)
{
	const char *record, *domain, *term, *inner;
	int lookups, voids, bytes, complete, position;
	struct facts *facts = *state;
	facts_put(facts, world);
	json_t *spf = section(evaluate(facts, "v=spf1 include:one.example -all"));
	assert_int_equal(
	    json_unpack(spf,
		"{s:s, s:i, s:i, s:i, s:b, s:{s:s, s:[{s:s, s:i, s:{s:s}}]}}", "record",
		&record, "dns_lookups", &lookups, "void_lookups", &voids,
		"record_bytes", &bytes, "complete", &complete, "tree", "domain",
		&domain, "terms", "term", &term, "position", &position, "target",
		"record", &inner),
	    0);
	assert_string_equal(record, "v=spf1 include:one.example -all");
	assert_int_equal(lookups, 2);
	assert_int_equal(voids, 0);
	assert_int_equal(bytes, 31);
	assert_true(complete);
	assert_string_equal(domain, "example.com");
	assert_string_equal(term, "include:one.example");
	assert_int_equal(position, 8);
	assert_string_equal(inner, "v=spf1 mx:host.example ~all");
	json_decref(spf);
}

static void
the_section_says_when_counts_are_lower_bounds(void **state)
{
	static const struct {
		const char *record;
		bool complete;
	} cases[] = {
		{ "v=spf1 mx:host.example -all", true },
		{ "v=spf1 a:gone.example -all", true },
		{ "v=spf1 bogus -all", false },
		{ "v=spf1 include:fail.example -all", false },
		{ "v=spf1 include:gone.example -all", false },
		{ "v=spf1 include:example.com -all", false },
		{ "v=spf1 include:a..example -all", false },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		json_t *spf = section(evaluate(facts, cases[i].record));
		if (json_is_true(json_object_get(spf, "complete")) != cases[i].complete)
			fail_msg("%s: want %d", cases[i].record, cases[i].complete);
		json_decref(spf);
	}
}

/* Never a made-up number. */
static void
the_section_without_a_record_is_null(void **state)
{
	static const char *const keys[] = { "record", "dns_lookups", "void_lookups",
		"record_bytes", "txt_bytes" };
	static const char *const outcomes[] = { "NODATA", "NXDOMAIN", "SERVFAIL",
		"TIMEOUT" };
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(outcomes); i++) {
		const struct fact_row rows[] = {
			{ "example.com", DNS_TXT, outcomes[i] },
			{ .name = NULL },
		};
		facts_put(facts, rows);
		json_t *spf = section(facts_evaluate(facts, &spf_probe, "example.com"));
		for (size_t j = 0; j < ARRAY_LENGTH(keys); j++)
			if (!json_is_null(json_object_get(spf, keys[j])))
				fail_msg("%s: %s is not null", outcomes[i], keys[j]);
		assert_true(json_is_object(json_object_get(spf, "tree")));
		json_decref(spf);
	}
}

/* --- what is always true of a probe --------------------------------------- */

static void
a_report_is_only_made_of_all_facts(void **state)
{
	struct facts *facts = *state;
	struct target target = {
		.domain = facts_name("example.com"),
		.settings = arena_alloc(facts->arena, spf_probe.settings_size),
	};
	spf_probe.evaluate(&target, &facts->view, &facts->report);
	assert_true(facts->view.incomplete);
	assert_true(facts->view.want_count > 0);
	assert_int_equal(facts->report.finding_count, 0);
	assert_int_equal(facts->report.measurement_count, 0);
}

static void
what_it_measures_is_what_it_says(void **state)
{
	struct facts *facts = *state;
	facts_put(facts, world);
	const struct report *report = evaluate(
	    facts, "v=spf1 include:one.example -all");
	assert_int_equal(spf_probe.metrics[0], METRIC_SPF_DNS_LOOKUPS);
	for (size_t i = 0; i < report->measurement_count; i++) {
		bool known = false;
		for (size_t j = 0; j < spf_probe.metric_count; j++)
			known = known ||
			    spf_probe.metrics[j] == report->measurements[i].id;
		assert_true(known);
	}
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FACTS(a_record_is_measured),
		WITH_FACTS(what_holds_for_others_may_be_unknown),
		WITH_FACTS(without_a_record_little_is_measured),
		WITH_FACTS(the_summary_of_a_good_record),
		WITH_FACTS(the_section_of_a_record),
		WITH_FACTS(the_section_says_when_counts_are_lower_bounds),
		WITH_FACTS(the_section_without_a_record_is_null),
		WITH_FACTS(a_report_is_only_made_of_all_facts),
		WITH_FACTS(what_it_measures_is_what_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
