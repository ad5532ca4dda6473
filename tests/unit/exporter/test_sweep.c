/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the sweep: a list of domains against a small world of DNS, in virtual time.
 */
#include "results.h"
#include "sweep.h"

#include "core/limits.h"
#include "support/listed.h"
#include "support/zone.h"
#include "support/zone_fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
	DOMAINS = 300,
	/* Of each good domain: TXT, type 99, MX, and TXT of a name below it. */
	QUESTIONS_EACH = 4,
	/* The broken one and the silent one are only asked for TXT, and no domain has
	 * the first number; the include once. */
	QUESTIONS = (DOMAINS - 3) * QUESTIONS_EACH + 2 + 1
};

/* An exporter without a server. */
struct bench {
	struct roster *roster;
	struct zone *zone;
	struct zone_world zone_world;
	struct fetcher *dns;
	struct store *store;
	struct runner *runner;
	struct results *results;
	struct sweep *sweep;
	struct log log;
};

static void
add_line(struct zone *zone, const char *line)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	if (zone_add_line(zone, span_text(line), &why) != STATUS_OK)
		fail_msg("%s: %s", line, why.text);
}

/* Good domains that share an include, a broken one and a silent one. */
static struct zone *
make_zone(void)
{
	struct zone *zone = zone_new();
	char line[128];
	add_line(zone, "$TTL 3600");
	add_line(zone, "_spf.example. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"");
	add_line(zone, "d1.example. TXT SERVFAIL");
	add_line(zone, "d2.example. TXT after 100s \"v=spf1 -all\"");
	for (int i = 3; i < DOMAINS; i++) {
		snprintf(line, sizeof(line),
		    "d%d.example. TXT \"v=spf1 include:_spf.example -all\"", i);
		add_line(zone, line);
		snprintf(line, sizeof(line), "d%d.example. MX 10 mail.example.", i);
		add_line(zone, line);
	}
	return zone;
}

static struct config *
make_config(const char *head, int first, int last)
{
	struct buf lines;
	buf_init(&lines, LIMIT_CONFIG_BYTES);
	for (int i = first; i <= last; i++)
		buf_addf(&lines, "d%d.example\n", i);
	struct config *config = listed_config(head, lines.text);
	buf_free(&lines);
	return config;
}

static void
open_bench(struct bench *bench, const char *head)
{
	bench->log = (struct log){ LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT };
	struct config *config = make_config(head, 1, DOMAINS - 1);
	bench->roster = roster_new(config);
	bench->zone = make_zone();
	zone_world_init(&bench->zone_world, bench->zone);
	bench->dns = zone_fetch_new(&bench->zone_world, true);
	bench->store = store_new();
	bench->runner = runner_new(&bench->zone_world.clock, bench->store);
	runner_add_fetcher(bench->runner, bench->dns);
	bench->results = results_new(bench->roster, 0);
	const struct sweep_world world = { &bench->log, &bench->zone_world.clock,
		bench->store, bench->runner, bench->results, false };
	bench->sweep = sweep_new(&world);
}

static void
close_bench(struct bench *bench)
{
	sweep_free(bench->sweep);
	runner_free(bench->runner);
	bench->dns->free(bench->dns);
	store_free(bench->store);
	results_free(bench->results);
	roster_drop(bench->roster);
	zone_free(bench->zone);
}

/* Returns the most jobs that were active between two turns. */
static size_t
run_for(struct bench *bench, int64_t time_ms)
{
	int64_t end_ms = bench->zone_world.now_ms + time_ms;
	size_t most = 0;
	while (bench->zone_world.now_ms < end_ms) {
		int64_t wake_ms = sweep_turn(bench->sweep);
		if (runner_active(bench->runner) > most)
			most = runner_active(bench->runner);
		runner_step(bench->runner, NULL, 0, wake_ms);
	}
	return most;
}

static const struct result *
result_of(const struct snapshot *snapshot, const char *domain)
{
	size_t index;
	if (!roster_find(snapshot->roster, domain, 0, &index))
		fail_msg("no entry for %s", domain);
	return snapshot->results[index];
}

static void
every_domain_is_checked_and_shared_answers_are_asked_once(void **state)
{
	struct bench bench;
	(void)state;
	open_bench(&bench, "interval: 5m");
	/* Only to tell a time-out from another failure. */
	bench.roster->config->policy.timeout_state = STATE_CRITICAL;
	run_for(&bench, 60000);
	struct snapshot *snapshot = results_snapshot(
	    bench.results, bench.zone_world.now_ms);
	for (size_t i = 0; i < snapshot->roster->count; i++)
		assert_non_null(snapshot->results[i]);
	assert_int_equal(result_of(snapshot, "d7.example")->state, STATE_OK);
	/* What failed was tried once more. */
	assert_in_range(bench.zone_world.questions, QUESTIONS, QUESTIONS + 2);

	const struct result *failed = result_of(snapshot, "d1.example");
	assert_int_equal(failed->state, STATE_UNKNOWN);
	assert_false(failed->could_tell);
	const struct result *silent = result_of(snapshot, "d2.example");
	assert_int_equal(silent->state, STATE_CRITICAL);
	assert_false(silent->could_tell);
	assert_int_equal(silent->duration_ms, LIMIT_EVALUATION_MS);
	snapshot_drop(snapshot);
	close_bench(&bench);
}

static void
within_the_ttl_nothing_is_asked_again(void **state)
{
	struct bench bench;
	(void)state;
	open_bench(&bench, "interval: 5m");
	run_for(&bench, 300000);
	unsigned questions = bench.zone_world.questions;
	uint64_t evaluations = runner_counts(bench.runner)->evaluations;
	run_for(&bench, 900000);
	/* Three more rounds; only those that fail are asked, or evaluated, again. */
	assert_in_range(runner_counts(bench.runner)->evaluations - evaluations, 4, 16);
	assert_in_range(bench.zone_world.questions - questions, 2, 4);
	struct snapshot *snapshot = results_snapshot(
	    bench.results, bench.zone_world.now_ms);
	assert_int_equal(result_of(snapshot, "d7.example")->state, STATE_OK);
	assert_int_equal(result_of(snapshot, "d7.example")->duration_ms, 0);
	snapshot_drop(snapshot);

	/* An hour: behind the TTL of all answers. */
	run_for(&bench, 3600000);
	assert_true(bench.zone_world.questions >= 2 * QUESTIONS - 4);
	assert_true(runner_counts(bench.runner)->evaluations >= 2 * evaluations - 4);
	close_bench(&bench);
}

static void
what_is_old_leaves_the_store(void **state)
{
	struct bench bench;
	(void)state;
	open_bench(&bench, "interval: 30d");
	run_for(&bench, 120000);
	assert_in_range(
	    store_count(bench.store), QUESTIONS - 3, QUESTIONS + QUESTIONS_EACH);
	run_for(&bench, 3700000);
	assert_int_equal(store_count(bench.store), 0);
	close_bench(&bench);
}

static void
no_more_jobs_than_slots_and_all_get_their_turn(void **state)
{
	struct bench bench;
	(void)state;
	open_bench(&bench, "interval: 1s\nconcurrency: {dns: 4}");
	size_t most = run_for(&bench, 20000);
	assert_in_range(most, 1, 8);
	struct snapshot *snapshot = results_snapshot(
	    bench.results, bench.zone_world.now_ms);
	for (size_t i = 0; i < snapshot->roster->count; i++)
		if (snapshot->results[i] == NULL)
			assert_string_equal(snapshot->roster->entries[i].target->domain,
			    "d2.example"); /* still waited for */
	snapshot_drop(snapshot);
	close_bench(&bench);
}

/* A list without the first hundred domains, and with one that is new. */
static void
another_list_keeps_what_is_known(void **state)
{
	struct bench bench;
	(void)state;
	open_bench(&bench, "interval: 5m");
	run_for(&bench, 10000);
	unsigned questions = bench.zone_world.questions;
	struct roster *roster = roster_new(make_config("{}", 100, DOMAINS));

	results_change(bench.results, roster);
	sweep_restart(bench.sweep);
	run_for(&bench, 10000);
	size_t index;
	assert_false(roster_find(roster, "d7.example", 0, &index));
	for (size_t i = 0; i < roster->count; i++)
		assert_non_null(results_get(bench.results, i));
	/* One that has no record is asked for a few names around it. */
	assert_in_range(bench.zone_world.questions - questions, 1, 8);
	roster_drop(roster);
	close_bench(&bench);
}

/* With all jobs waiting for an answer that takes its time. */
static void
another_list_in_the_midst_of_work(void **state)
{
	struct bench bench;
	(void)state;
	open_bench(&bench, "interval: 5m\nconcurrency: {dns: 4}");
	run_for(&bench, 300);
	for (int i = 0; i < 5; i++) {
		sweep_restart(bench.sweep);
		assert_int_equal(runner_active(bench.runner), 0);
		run_for(&bench, 100);
	}
	run_for(&bench, 120000);
	for (size_t i = 0; i < bench.roster->count; i++)
		assert_non_null(results_get(bench.results, i));
	close_bench(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_domain_is_checked_and_shared_answers_are_asked_once),
		cmocka_unit_test(within_the_ttl_nothing_is_asked_again),
		cmocka_unit_test(what_is_old_leaves_the_store),
		cmocka_unit_test(no_more_jobs_than_slots_and_all_get_their_turn),
		cmocka_unit_test(another_list_keeps_what_is_known),
		cmocka_unit_test(another_list_in_the_midst_of_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
