/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of results: what a report becomes, and that snapshots don't change. */
#include "results.h"

#include "core/arena.h"
#include "core/limits.h"
#include "support/listed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A report under construction. */
struct bench {
	struct arena *arena;
	struct policy policy;
	struct report report;
};

static int
set_up(void **state)
{
	static struct bench bench;
	bench.arena = arena_new();
	policy_init(&bench.policy);
	report_init(
	    &bench.report, bench.arena, &bench.policy, "spf", "SPF", "example.com");
	*state = &bench;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct bench *)*state)->arena);
	return 0;
}

static void
find(struct bench *bench, enum finding_id id, const char *subject)
{
	const struct place place = { .subject = subject };
	report_finding(&bench->report, id, &place, "text");
}

static struct result *
finished(struct bench *bench)
{
	report_finish(&bench->report);
	return result_new(&bench->report, 1234567, 89);
}

static void
a_report_is_kept_whole(void **state)
{
	static const char *const qualifiers[] = { "pass", "fail" };
	struct bench *bench = *state;
	find(bench, FINDING_SPF_PTR, NULL);
	find(bench, FINDING_SPF_INCLUDE_LOOP, "a.example");
	report_measure_state(&bench->report, METRIC_SPF_ALL_QUALIFIER, qualifiers,
	    ARRAY_LENGTH(qualifiers), "fail");
	report_measure(&bench->report, METRIC_SPF_DNS_LOOKUPS, 7);

	struct result *result = finished(bench);
	assert_int_equal(result->state, STATE_CRITICAL);
	assert_true(result->could_tell);
	assert_int_equal(result->run_unix_ms, 1234567);
	assert_int_equal(result->duration_ms, 89);

	assert_int_equal(result->finding_count, 2);
	const struct result_finding *findings = result_findings(result);
	assert_int_equal(findings[0].id, FINDING_SPF_INCLUDE_LOOP);
	assert_int_equal(findings[0].severity, SEVERITY_CRITICAL);
	assert_string_equal(result_text(result, findings[0].subject), "a.example");
	assert_int_equal(findings[1].id, FINDING_SPF_PTR);
	assert_null(result_text(result, findings[1].subject)); /* the domain */

	assert_int_equal(result->measurement_count, 3);
	const struct result_measurement *measurements = result->measurements;
	assert_int_equal(measurements[0].id, METRIC_SPF_DNS_LOOKUPS);
	assert_true(result_value(result, &measurements[0]) == 7);
	assert_null(result_text(result, measurements[0].labels));
	assert_string_equal(result_text(result, measurements[1].labels), "pass");
	assert_string_equal(result_text(result, measurements[2].labels), "fail");
	assert_true(result_value(result, &measurements[1]) == 0);
	assert_true(result_value(result, &measurements[2]) == 1);
	result_drop(result);
}

static void
any_value_is_kept(void **state)
{
	static const double values[] = { 0, 1, UINT32_MAX, 4294967296.0, -1, -0.0, 0.25,
		1e300 };
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
		report_measure(&bench->report, METRIC_SPF_DNS_LOOKUPS, values[i]);
	struct result *result = finished(bench);
	for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
		assert_true(
		    result_value(result, &result->measurements[i]) == values[i]);
	struct result *again = result_again(result, 1);
	assert_true(result_shows_same(result, again));
	result_drop(again);
	result_drop(result);
}

static void
equal_findings_are_one(void **state)
{
	struct bench *bench = *state;
	find(bench, FINDING_SPF_PTR, "a.example");
	find(bench, FINDING_SPF_PTR, "b.example");
	find(bench, FINDING_SPF_PTR, "a.example");
	find(bench, FINDING_SPF_PTR, NULL);
	find(bench, FINDING_SPF_PTR, "example.com");
	struct result *result = finished(bench);
	assert_int_equal(result->finding_count, 3);
	assert_int_equal(result->findings_dropped, 0);
	result_drop(result);
}

static void
too_many_findings_are_counted(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < LIMIT_FINDINGS + 5; i++)
		find(bench, FINDING_SPF_PTR,
		    arena_printf(bench->arena, "d%d.example", i));
	struct result *result = finished(bench);
	assert_int_equal(result->finding_count, LIMIT_RESULT_FINDINGS);
	assert_int_equal(
	    result->findings_dropped, LIMIT_FINDINGS + 5 - LIMIT_RESULT_FINDINGS);
	result_drop(result);
}

static void
what_could_not_be_told_is_said(void **state)
{
	struct bench *bench = *state;
	find(bench, FINDING_SPF_DNS_ERROR, NULL);
	struct result *result = finished(bench);
	assert_false(result->could_tell);
	assert_int_equal(result->state, STATE_UNKNOWN);
	result_drop(result);
}

/* --- the table ------------------------------------------------------------ */

static struct roster *
two_domains(void)
{
	return listed("targets: [{domain: a.example}, {domain: b.example}]");
}

static void
a_snapshot_does_not_change(void **state)
{
	struct roster *roster = two_domains();
	struct results *results = results_new(roster, 77);
	assert_ptr_equal(results_roster(results), roster);

	results_put(results, 1, finished(*state));
	struct snapshot *before = results_snapshot(results, 5000);
	struct result *seen = before->results[1];
	results_put(results, 1, finished(*state));
	results_put(results, 0, finished(*state));
	struct snapshot *after = results_snapshot(results, 5000 + SNAPSHOT_MS);

	assert_null(before->results[0]);
	assert_ptr_equal(before->results[1], seen);
	assert_int_equal(before->results[1]->duration_ms, 89); /* still there */
	assert_non_null(after->results[0]);
	assert_ptr_not_equal(after->results[1], seen);
	assert_int_equal(after->start_unix_ms, 77);
	assert_ptr_equal(after->roster, roster);
	snapshot_drop(after);
	results_free(results);
	snapshot_drop(before);
	roster_drop(roster);
}

static void
a_crowd_gets_one_snapshot(void **state)
{
	(void)state;
	struct roster *roster = two_domains();
	struct results *results = results_new(roster, 0);
	const struct figures figures = { .facts = 3 };
	struct snapshot *first = results_snapshot(results, 1000);
	struct snapshot *same = results_snapshot(results, 1000 + SNAPSHOT_MS - 1);
	results_put_figures(results, &figures, 1000 + SNAPSHOT_MS - 1);
	struct snapshot *again = results_snapshot(results, 1000 + SNAPSHOT_MS - 1);
	struct snapshot *next = results_snapshot(results, 1000 + SNAPSHOT_MS);
	assert_ptr_equal(first, same);
	assert_ptr_equal(first, again);
	assert_ptr_not_equal(first, next);
	assert_int_equal(first->figures.facts, 0);
	assert_int_equal(next->figures.facts, 3);
	snapshot_drop(first);
	snapshot_drop(same);
	snapshot_drop(again);
	snapshot_drop(next);
	results_put_figures(results, &figures, 1000 + 3 * SNAPSHOT_MS);
	results_free(results);
	roster_drop(roster);
}

static void
a_reload_shows_at_once(void **state)
{
	(void)state;
	struct roster *roster = two_domains();
	struct results *results = results_new(roster, 0);
	const struct figures failed = { .reload_failed = true };
	snapshot_drop(results_snapshot(results, 1000));
	results_put_figures(results, &failed, 1001);
	struct snapshot *next = results_snapshot(results, 1001);
	assert_true(next->figures.reload_failed);
	snapshot_drop(next);
	results_free(results);
	roster_drop(roster);
}

static void
a_stamp_tells_what_changed(void **state)
{
	struct bench *bench = *state;
	struct roster *roster = two_domains();
	struct results *results = results_new(roster, 0);
	find(bench, FINDING_SPF_PTR, "a.example");
	results_put(results, 0, finished(bench));
	struct snapshot *first = results_snapshot(results, 0);
	results_put(results, 0, finished(bench));
	struct snapshot *second = results_snapshot(results, SNAPSHOT_MS);
	assert_int_equal(second->stamps[0].runs, first->stamps[0].runs + 1);
	assert_int_equal(second->stamps[0].values, first->stamps[0].values);
	find(bench, FINDING_SPF_PTR, "b.example");
	results_put(results, 0, finished(bench));
	struct snapshot *third = results_snapshot(results, 2 * SNAPSHOT_MS);
	assert_int_equal(third->stamps[0].values, second->stamps[0].values + 1);
	snapshot_drop(first);
	snapshot_drop(second);
	snapshot_drop(third);
	results_free(results);
	roster_drop(roster);
}

static void
the_last_known_result_is_kept(void **state)
{
	struct bench *bench = *state;
	struct roster *roster = two_domains();
	struct results *results = results_new(roster, 0);
	results_put(results, 0, finished(bench));
	const struct result *good = results_get(results, 0);
	assert_null(good->known);
	find(bench, FINDING_SPF_DNS_ERROR, NULL);
	for (int i = 0; i < 3; i++) {
		results_put(results, 0, finished(bench));
		assert_false(results_get(results, 0)->could_tell);
		assert_ptr_equal(results_get(results, 0)->known, good);
	}
	results_free(results);
	roster_drop(roster);
}

static void
what_stays_in_the_list_keeps_its_result(void **state)
{
	struct roster *before = two_domains();
	struct roster *after = listed(
	    "targets: [{domain: c.example}, {domain: b.example}]");
	struct results *results = results_new(before, 0);
	size_t index;
	assert_true(roster_find(before, "b.example", 0, &index));
	results_put(results, index, finished(*state));
	const struct result *kept = results_get(results, index);
	results_put(results, 1 - index, finished(*state));
	struct snapshot *snapshot = results_snapshot(results, 0);

	results_change(results, after);
	assert_ptr_equal(results_roster(results), after);
	assert_true(roster_find(after, "b.example", 0, &index));
	assert_ptr_equal(results_get(results, index), kept);
	assert_null(results_get(results, 1 - index));
	assert_false(roster_find(after, "a.example", 0, &index));
	/* Who looks at the old list still can. */
	roster_drop(before);
	assert_int_equal(snapshot->roster->count, 2);
	assert_non_null(snapshot->results[0]);
	snapshot_drop(snapshot);
	results_free(results);
	roster_drop(after);
}

#define WITH_REPORT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_REPORT(a_report_is_kept_whole),
		WITH_REPORT(any_value_is_kept),
		WITH_REPORT(equal_findings_are_one),
		WITH_REPORT(too_many_findings_are_counted),
		WITH_REPORT(what_could_not_be_told_is_said),
		WITH_REPORT(a_snapshot_does_not_change),
		cmocka_unit_test(a_crowd_gets_one_snapshot),
		cmocka_unit_test(a_reload_shows_at_once),
		WITH_REPORT(a_stamp_tells_what_changed),
		WITH_REPORT(the_last_known_result_is_kept),
		WITH_REPORT(what_stays_in_the_list_keeps_its_result),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
