/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of checks that somebody waits for, in virtual time. */
#include "config_schema.h"
#include "live.h"

#include "core/limits.h"
#include "support/zone.h"
#include "support/zone_fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct zone *zone;
	struct zone_world world;
	struct fetcher *dns;
	struct store *store;
	struct runner *runner;
	struct live *live;
	struct roster *roster;
};

/* Somebody who waits, and what they got. */
struct client {
	struct live_request request;
	unsigned taken, done;
	enum state state;
	bool timed_out, has_trace;
};

static void
take(struct live_request *request, uint32_t check, const struct report *report,
    int64_t duration_ms)
{
	struct client *client = (struct client *)request;
	(void)check, (void)duration_ms;
	assert_int_equal(client->done, 0);
	client->taken++;
	client->state = report->state;
	client->timed_out = report->timed_out;
	client->has_trace = report->trace != NULL && report->trace->first != NULL;
}

static void
done(struct live_request *request)
{
	((struct client *)request)->done++;
}

static void
begin(
    struct bench *bench, struct client *client, const char *domain, int64_t timeout_ms)
{
	*client = (struct client){ .request = {
				       .roster = bench->roster,
				       .domain_text = domain,
				       .checks = checks_one(0),
				       .timeout_ms = timeout_ms,
				       .take = take,
				       .done = done,
				   } };
	assert_int_equal(
	    dns_name_from_text(&client->request.domain, span_text(domain)), STATUS_OK);
}

static int
set_up(void **state)
{
	static const char *const lines[] = {
		"$TTL 3600",
		"a.example. TXT \"v=spf1 -all\"",
		"slow.example. TXT after 5s \"v=spf1 -all\"",
	};
	static struct bench bench;
	bench.zone = zone_new();
	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		assert_int_equal(
		    zone_add_line(bench.zone, span_text(lines[i]), &why), STATUS_OK);
	}
	zone_world_init(&bench.world, bench.zone);
	bench.dns = zone_fetch_new(&bench.world, true);
	bench.store = store_new();
	bench.runner = runner_new(&bench.world.clock, bench.store);
	runner_add_fetcher(bench.runner, bench.dns);
	bench.live = live_new(&bench.world.clock, bench.runner);
	bench.roster = roster_new(config_new());
	*state = &bench;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *bench = *state;
	live_free(bench->live);
	runner_free(bench->runner);
	bench->dns->free(bench->dns);
	store_free(bench->store);
	zone_free(bench->zone);
	roster_drop(bench->roster);
	return 0;
}

static void
run_until(struct bench *bench, int64_t time_ms)
{
	int64_t end_ms = bench->world.now_ms + time_ms;
	while (bench->world.now_ms < end_ms)
		runner_step(bench->runner, NULL, 0, bench->world.now_ms + 100);
}

static void
a_report_comes_once(void **state)
{
	struct bench *bench = *state;
	struct client client;
	begin(bench, &client, "a.example", 10000);
	live_start(bench->live, &client.request);
	run_until(bench, 1000);
	assert_int_equal(client.taken, 1);
	assert_int_equal(client.done, 1);
	assert_int_equal(client.state, STATE_OK);
	assert_false(client.has_trace);
}

static void
who_wants_a_trace_gets_one(void **state)
{
	struct bench *bench = *state;
	struct client client;
	begin(bench, &client, "a.example", 10000);
	client.request.traced = true;
	live_start(bench->live, &client.request);
	run_until(bench, 1000);
	assert_true(client.has_trace);
}

static void
requests_share_a_run(void **state)
{
	struct bench *bench = *state;
	struct client clients[3];
	for (size_t i = 0; i < 3; i++) {
		begin(bench, &clients[i], "slow.example", 20000);
		live_start(bench->live, &clients[i].request);
	}
	assert_int_equal(runner_active(bench->runner), 1);
	run_until(bench, 10000);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(clients[i].done, 1);
		assert_int_equal(clients[i].state, STATE_OK);
	}
}

/* A run that takes longer than somebody may wait is not for them. */
static void
each_deadline_is_kept(void **state)
{
	struct bench *bench = *state;
	struct client patient, hasty;
	begin(bench, &patient, "slow.example", 20000);
	begin(bench, &hasty, "slow.example", 1000);
	live_start(bench->live, &patient.request);
	live_start(bench->live, &hasty.request);
	assert_int_equal(runner_active(bench->runner), 2);
	run_until(bench, 2000);
	assert_int_equal(hasty.done, 1);
	assert_true(hasty.timed_out);
	assert_int_equal(hasty.state, STATE_UNKNOWN);
	assert_int_equal(patient.done, 0);
	run_until(bench, 10000);
	assert_int_equal(patient.state, STATE_OK);
}

static void
at_the_end_nobody_waits_any_more(void **state)
{
	struct bench *bench = *state;
	struct client clients[2];
	begin(bench, &clients[0], "slow.example", 20000);
	begin(bench, &clients[1], "a.example", 20000);
	live_start(bench->live, &clients[0].request);
	live_start(bench->live, &clients[1].request);
	live_free(bench->live);
	bench->live = NULL;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(clients[i].taken, 0);
		assert_int_equal(clients[i].done, 1);
	}
	assert_int_equal(runner_active(bench->runner), 0);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(a_report_comes_once),
		WITH_BENCH(who_wants_a_trace_gets_one),
		WITH_BENCH(requests_share_a_run),
		WITH_BENCH(each_deadline_is_kept),
		WITH_BENCH(at_the_end_nobody_waits_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
