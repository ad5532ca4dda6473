/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/fetch: every scan comes back once and in time, servers are not crowded,
 * and an end is an end. */
#include "smtp/fetch.h"

#include "core/deadline.h"
#include "smtp/scan.h"
#include "support/hostile_smtp.h"
#include "support/tls_server.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PATIENT_MS = 20000, HASTY_MS = 150 };

static int64_t
now(void)
{
	return clock_system()->now_ms(clock_system());
}

static void
is_silent(struct hostile_peer *peer)
{
	peer_hang(peer);
}

static void
refuses_slowly(struct hostile_peer *peer)
{
	peer_pause(peer, 100);
	peer_say(peer, "554 go away\r\n");
}

static void
speaks_clear_text(struct hostile_peer *peer)
{
	char hello[16];
	if (peer_starttls(peer) && peer_receive(peer, hello, sizeof(hello)))
		peer_say(peer, "500 what is this?\r\n");
	peer_hang(peer);
}

static struct fetcher *
fetcher_with(const struct smtp_fetch_settings *settings)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct fetcher *fetcher = smtp_fetch_new(settings, &why);
	if (fetcher == NULL)
		fail_msg("%s", why.text);
	return fetcher;
}

static void
ask(struct fetcher *fetcher, const struct smtp_endpoint *endpoint)
{
	struct smtp_key key;
	smtp_key_make(&key, endpoint);
	fetcher->ask(fetcher, span_of(key.bytes, key.length), now());
}

/* The next fact that comes back; the caller releases it. */
static struct arrival
await_arrival(struct fetcher *fetcher)
{
	struct clock *clock = clock_system();
	struct arrival arrival;
	int64_t give_up_ms = now() + PATIENT_MS;
	while (!fetcher->next(fetcher, &arrival)) {
		struct pollfd fds[FETCHER_FDS];
		int64_t wake_ms = give_up_ms;
		size_t count = fetcher->watch(fetcher, fds, &wake_ms);
		clock->wait(clock, fds, count, wake_ms);
		fetcher->work(fetcher, fds, count, now());
		assert_true(now() < give_up_ms);
	}
	assert_int_equal(arrival.fact.outcome, OUTCOME_FOUND);
	return arrival;
}

/* Its scan; the caller frees it. */
static struct smtp_scan *
await(struct fetcher *fetcher, struct smtp_endpoint *endpoint)
{
	struct arrival arrival = await_arrival(fetcher);
	assert_true(smtp_key_read(arrival.key, endpoint));
	return arrival.fact.data;
}

/* The scan of the server by another name. */
static struct smtp_scan *
scan_as(struct fetcher *fetcher, const struct hostile_smtp *server, const char *name)
{
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server), back;
	assert_int_equal(
	    dns_name_from_text(&endpoint.name, span_text(name)), STATUS_OK);
	ask(fetcher, &endpoint);
	return await(fetcher, &back);
}

static void
servers_without_an_end_end_in_time(void **state)
{
	static const struct {
		hostile_smtp_script *script;
		struct smtp_fetch_settings settings;
		enum smtp_stage stage;
	} cases[] = {
		{ is_silent, { .scan_ms = HASTY_MS }, SMTP_STAGE_GREETING },
		{ peer_hangs_at_tls, { .hello_ms = HASTY_MS }, SMTP_STAGE_HELLO },
		{ peer_drips_tls, { .hello_ms = HASTY_MS }, SMTP_STAGE_HELLO },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct hostile_smtp *server = hostile_smtp_start(
		    "127.0.0.1", cases[i].script, NULL);
		struct smtp_endpoint endpoint = hostile_smtp_endpoint(server), back;
		struct fetcher *fetcher = fetcher_with(&cases[i].settings);
		ask(fetcher, &endpoint);
		struct smtp_scan *scan = await(fetcher, &back);
		if (scan->end != SMTP_END_TIMEOUT || scan->stage != cases[i].stage)
			fail_msg("case %zu: %s at %s", i, smtp_end_text(scan->end),
			    smtp_stage_text(scan->stage));
		smtp_scan_free(scan);
		fetcher->free(fetcher);
		hostile_smtp_stop(server);
	}
}

/* The fetcher's own end counts for scans that begin late, too. */
static void
nothing_goes_on_after_the_end(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start("127.0.0.1", is_silent, NULL);
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server), back;
	const struct smtp_fetch_settings settings = { .until_ms = now() - 1 };
	struct fetcher *fetcher = fetcher_with(&settings);
	(void)state;
	ask(fetcher, &endpoint);
	struct smtp_scan *scan = await(fetcher, &back);
	assert_int_equal(scan->end, SMTP_END_TIMEOUT);
	assert_int_equal(scan->stage, SMTP_STAGE_CONNECT);
	smtp_scan_free(scan);
	fetcher->free(fetcher);
	hostile_smtp_stop(server);
}

static void
clear_text_is_no_tls(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", speaks_clear_text, NULL);
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server), back;
	const struct smtp_fetch_settings settings = { .hello_ms = PATIENT_MS };
	struct fetcher *fetcher = fetcher_with(&settings);
	(void)state;
	ask(fetcher, &endpoint);
	struct smtp_scan *scan = await(fetcher, &back);
	assert_int_equal(scan->end, SMTP_END_PROTOCOL_ERROR);
	assert_int_equal(scan->stage, SMTP_STAGE_HELLO);
	assert_true(scan->error[0] != '\0');
	assert_int_equal(scan->tls.heartbleed, TRUTH_UNKNOWN);
	smtp_scan_free(scan);
	fetcher->free(fetcher);
	hostile_smtp_stop(server);
}

/* Six names at one address, one after another; a second address meanwhile. */
static void
an_address_is_scanned_once_at_a_time(void **state)
{
	enum { NAMES = 6 };
	struct hostile_smtp *one = hostile_smtp_start(
	    "127.0.0.1", refuses_slowly, NULL);
	struct hostile_smtp *two = hostile_smtp_start(
	    "127.0.0.2", refuses_slowly, NULL);
	const struct smtp_fetch_settings settings = { .keep_seconds = 60 };
	struct fetcher *fetcher = fetcher_with(&settings);
	unsigned seen = 0;
	(void)state;
	for (unsigned i = 0; i < NAMES; i++) {
		struct smtp_endpoint endpoint = hostile_smtp_endpoint(one);
		char name[] = "mx0.example";
		name[2] = (char)('0' + i);
		assert_int_equal(
		    dns_name_from_text(&endpoint.name, span_text(name)), STATUS_OK);
		ask(fetcher, &endpoint);
	}
	struct smtp_endpoint other = hostile_smtp_endpoint(two), back;
	ask(fetcher, &other);
	for (unsigned i = 0; i < NAMES + 1; i++) {
		struct smtp_scan *scan = await(fetcher, &back);
		assert_int_equal(scan->end, SMTP_END_REFUSED);
		assert_int_equal(scan->connections, 1);
		bool is_other = back.address[3] == 2;
		seen |= 1u << (is_other ? NAMES : back.name.wire[3] - '0');
		smtp_scan_free(scan);
	}
	assert_int_equal(seen, (1u << (NAMES + 1)) - 1);
	assert_int_equal(hostile_smtp_most(one), 1);
	assert_int_equal(hostile_smtp_connections(one), NAMES);
	assert_int_equal(smtp_fetch_counts(fetcher).connections, NAMES + 1);
	fetcher->free(fetcher);
	hostile_smtp_stop(one);
	hostile_smtp_stop(two);
}

static struct hostile_smtp *
tls_server_start(const struct tls_server_settings *settings, struct tls_server **tls)
{
	*tls = tls_server_new(settings);
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", tls_server_serve, *tls);
	assert_non_null(server);
	return server;
}

static void
tls_server_stop(struct hostile_smtp *server, struct tls_server *tls)
{
	hostile_smtp_stop(server);
	tls_server_free(tls);
}

static const struct smtp_fetch_settings patient = {
	.scan_ms = PATIENT_MS,
	.hello_ms = PATIENT_MS,
	.keep_seconds = 3600,
};

/* The certificate is what a further name costs; the rest is known by then. */
static void
a_further_name_costs_its_certificate(void **state)
{
	static const struct {
		struct tls_server_settings settings;
		unsigned connections;
	} cases[] = {
		{ { .name = "mx0.example" }, 1 },
		{ { .name = "mx0.example", .only_tls12 = true }, 1 },
		{ { .name = "mx0.example", .two_keys = true }, 2 },
		{ { .name = "mx0.example", .two_keys = true, .only_tls12 = true }, 2 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct tls_server *tls;
		struct hostile_smtp *server = tls_server_start(
		    &cases[i].settings, &tls);
		struct fetcher *fetcher = fetcher_with(&patient);
		struct smtp_scan *first = scan_as(fetcher, server, "mx0.example");
		struct smtp_scan *second = scan_as(fetcher, server, "mx1.example");
		assert_int_equal(first->end, SMTP_END_DONE);
		assert_int_equal(second->end, SMTP_END_DONE);
		assert_false(first->borrowed);
		assert_true(second->borrowed);
		assert_true(first->connections > cases[i].connections);
		if (second->connections != cases[i].connections)
			fail_msg("case %zu: %u connections", i, second->connections);
		assert_int_equal(hostile_smtp_connections(server),
		    first->connections + second->connections);
		assert_memory_equal(&first->tls, &second->tls, sizeof(first->tls));
		for (unsigned k = 0; k < SMTP_CHAINS; k++) {
			bool has = k == 0 || cases[i].settings.two_keys;
			assert_int_equal(first->chains[k].count, has);
			assert_int_equal(second->chains[k].count, has);
		}
		assert_int_equal(first->chains[0].name_match, TRUTH_YES);
		assert_int_equal(second->chains[0].name_match, TRUTH_NO);
		assert_int_equal(second->handshake.ehlo_after, TRUTH_YES);
		smtp_scan_free(first);
		smtp_scan_free(second);
		fetcher->free(fetcher);
		tls_server_stop(server, tls);
	}
}

/* As many names at once: one of them is the first, whichever that is. */
static void
many_names_cost_one_scan(void **state)
{
	enum { NAMES = 16 };
	const struct tls_server_settings settings = { .name = "mx.example" };
	struct tls_server *tls;
	struct hostile_smtp *server = tls_server_start(&settings, &tls);
	struct fetcher *fetcher = fetcher_with(&patient);
	unsigned whole = 0, connections = 0;
	(void)state;
	for (unsigned i = 0; i < NAMES; i++) {
		struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
		char name[] = "mxa.example";
		name[2] = (char)('a' + i);
		assert_int_equal(
		    dns_name_from_text(&endpoint.name, span_text(name)), STATUS_OK);
		ask(fetcher, &endpoint);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		struct smtp_endpoint back;
		struct smtp_scan *scan = await(fetcher, &back);
		whole += !scan->borrowed;
		connections += scan->connections;
		assert_int_equal(scan->tls.protocols[SMTP_TLSV13], TRUTH_YES);
		assert_int_equal(scan->tls.protocols[SMTP_TLSV10], TRUTH_NO);
		smtp_scan_free(scan);
	}
	assert_int_equal(whole, 1);
	assert_int_equal(hostile_smtp_connections(server), connections);
	assert_int_equal(smtp_fetch_counts(fetcher).connections, connections);
	fetcher->free(fetcher);
	tls_server_stop(server, tls);
}

static void
what_is_borrowed_is_good_as_long_as_it_was(void **state)
{
	const struct tls_server_settings settings = { .name = "mx.example" };
	struct tls_server *tls;
	struct hostile_smtp *server = tls_server_start(&settings, &tls);
	struct fetcher *fetcher = fetcher_with(&patient);
	int64_t expires_ms[2];
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
		struct arrival arrival;
		endpoint.name.wire[1] ^= (uint8_t)i; /* another name */
		ask(fetcher, &endpoint);
		arrival = await_arrival(fetcher);
		assert_true(arrival.fact.expires_ms > now());
		expires_ms[i] = arrival.fact.expires_ms;
		arrival.fact.release(arrival.fact.data);
	}
	assert_true(expires_ms[0] == expires_ms[1]);
	fetcher->free(fetcher);
	tls_server_stop(server, tls);
}

/* By a fetcher that is gone, which a restart brings along. */
static void
an_earlier_scan_serves_other_names(void **state)
{
	const struct tls_server_settings settings = { .name = "mx.example" };
	struct smtp_endpoint endpoint, back;
	struct tls_server *tls;
	struct hostile_smtp *server = tls_server_start(&settings, &tls);
	struct fetcher *fetcher = fetcher_with(&patient);
	(void)state;
	endpoint = hostile_smtp_endpoint(server);
	ask(fetcher, &endpoint);
	struct smtp_scan *first = await(fetcher, &back);
	fetcher->free(fetcher);
	fetcher = fetcher_with(&patient);
	smtp_fetch_lend(fetcher, &endpoint, first, now() + PATIENT_MS);

	int64_t latest_ms = now() + PATIENT_MS;
	endpoint.name.wire[1] ^= 1; /* another name */
	ask(fetcher, &endpoint);
	struct arrival arrival = await_arrival(fetcher);
	const struct smtp_scan *second = arrival.fact.data;
	assert_true(second->borrowed);
	assert_int_equal(second->connections, 1);
	assert_true(arrival.fact.expires_ms <= latest_ms);
	arrival.fact.release(arrival.fact.data);
	smtp_scan_free(first);
	fetcher->free(fetcher);
	tls_server_stop(server, tls);
}

/* A name that gets other settings borrows nothing, nor does what it shows count for
 * those that get the usual ones. */
static void
settings_by_name_are_not_borrowed(void **state)
{
	const struct tls_server_settings settings = {
		.name = "mx.example", .old_name = "old.example", /* without TLS 1.3 */
	};
	struct tls_server *tls;
	struct hostile_smtp *server = tls_server_start(&settings, &tls);
	struct fetcher *fetcher = fetcher_with(&patient);
	struct smtp_scan *usual = scan_as(fetcher, server, "mx.example");
	struct smtp_scan *odd = scan_as(fetcher, server, "old.example");
	struct smtp_scan *other = scan_as(fetcher, server, "mx1.example");
	(void)state;
	assert_int_equal(usual->tls.protocols[SMTP_TLSV13], TRUTH_YES);
	assert_false(odd->borrowed);
	assert_int_equal(odd->tls.protocols[SMTP_TLSV13], TRUTH_NO);
	assert_true(other->borrowed);
	assert_int_equal(other->tls.protocols[SMTP_TLSV13], TRUTH_YES);
	smtp_scan_free(usual);
	smtp_scan_free(odd);
	smtp_scan_free(other);
	fetcher->free(fetcher);
	tls_server_stop(server, tls);
}

/* One that was told to come back later has nothing to lend. */
static void
a_scan_that_could_not_tell_lends_nothing(void **state)
{
	const struct tls_server_settings settings = {
		.name = "mx.example",
		.busy_connection = 2,
	};
	struct tls_server *tls;
	struct hostile_smtp *server = tls_server_start(&settings, &tls);
	struct fetcher *fetcher = fetcher_with(&patient);
	struct smtp_scan *limited = scan_as(fetcher, server, "mx.example");
	struct smtp_scan *whole = scan_as(fetcher, server, "mx1.example");
	(void)state;
	assert_int_equal(limited->end, SMTP_END_RATE_LIMITED);
	assert_int_equal(limited->tls.heartbleed, TRUTH_UNKNOWN);
	assert_int_equal(whole->end, SMTP_END_DONE);
	assert_false(whole->borrowed);
	assert_int_equal(whole->tls.heartbleed, TRUTH_NO);
	smtp_scan_free(limited);
	smtp_scan_free(whole);
	fetcher->free(fetcher);
	tls_server_stop(server, tls);
}

static void
addresses_are_scanned_side_by_side(void **state)
{
	enum { SERVERS = 12 };
	struct hostile_smtp *servers[SERVERS];
	const struct smtp_fetch_settings settings = { .scans = SERVERS };
	struct fetcher *fetcher = fetcher_with(&settings);
	struct smtp_endpoint back;
	(void)state;
	for (unsigned i = 0; i < SERVERS; i++) {
		char address[32];
		snprintf(address, sizeof(address), "127.0.1.%u", i + 1);
		servers[i] = hostile_smtp_start(address, refuses_slowly, NULL);
		assert_non_null(servers[i]);
		struct smtp_endpoint endpoint = hostile_smtp_endpoint(servers[i]);
		ask(fetcher, &endpoint);
	}
	/* Whatever the machine's speed: all are connected before the first has ended,
	 * since none ends before its server has paused. */
	for (unsigned i = 0; i < SERVERS; i++)
		smtp_scan_free(await(fetcher, &back));
	for (unsigned i = 0; i < SERVERS; i++) {
		assert_int_equal(hostile_smtp_connections(servers[i]), 1);
		hostile_smtp_stop(servers[i]);
	}
	fetcher->free(fetcher);
}

/* False when the time is over. */
static bool
has_connected(struct hostile_smtp *server)
{
	int64_t give_up_ms = now() + PATIENT_MS;
	while (hostile_smtp_connections(server) == 0) {
		if (now() > give_up_ms)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* One thread that has nothing to do is not enough for all of a burst. */
static void
a_burst_does_not_wait_for_one_thread(void **state)
{
	enum { SERVERS = 12 };
	struct hostile_smtp *first = hostile_smtp_start(
	    "127.0.0.1", refuses_slowly, NULL);
	struct hostile_smtp *servers[SERVERS];
	const struct smtp_fetch_settings settings = { .scans = SERVERS };
	struct fetcher *fetcher = fetcher_with(&settings);
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(first), back;
	(void)state;
	ask(fetcher, &endpoint);
	smtp_scan_free(await(fetcher, &back));
	poll(NULL, 0, 10); /* most likely it is idle by now */
	for (unsigned i = 0; i < SERVERS; i++) {
		char address[32];
		snprintf(address, sizeof(address), "127.0.1.%u", i + 1);
		servers[i] = hostile_smtp_start(address, is_silent, NULL);
		endpoint = hostile_smtp_endpoint(servers[i]);
		ask(fetcher, &endpoint);
	}
	for (unsigned i = 0; i < SERVERS; i++)
		assert_true(has_connected(servers[i]));
	fetcher->free(fetcher);
	for (unsigned i = 0; i < SERVERS; i++)
		hostile_smtp_stop(servers[i]);
	hostile_smtp_stop(first);
}

/* All threads are taken by hosts that hang, and others wait. */
static void
who_is_in_a_hurry_waits_for_nobody(void **state)
{
	struct hostile_smtp *hangs = hostile_smtp_start("127.0.0.1", is_silent, NULL);
	struct hostile_smtp *waits = hostile_smtp_start("127.0.0.2", is_silent, NULL);
	struct hostile_smtp *answers = hostile_smtp_start(
	    "127.0.0.3", refuses_slowly, NULL);
	const struct smtp_fetch_settings settings = { .scans = 1 };
	struct fetcher *fetcher = fetcher_with(&settings);
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(hangs), back;
	struct smtp_key key;
	(void)state;
	ask(fetcher, &endpoint);
	assert_true(has_connected(hangs));
	endpoint = hostile_smtp_endpoint(waits);
	ask(fetcher, &endpoint);
	endpoint = hostile_smtp_endpoint(answers);
	ask(fetcher, &endpoint);
	smtp_key_make(&key, &endpoint);
	fetcher->hurry(fetcher, span_of(key.bytes, key.length), now());
	smtp_scan_free(await(fetcher, &back));
	assert_int_equal(back.address[3], 3);
	assert_int_equal(hostile_smtp_connections(waits), 0);
	assert_int_equal(smtp_fetch_counts(fetcher).ends[SMTP_END_REFUSED], 1);
	fetcher->free(fetcher);
	hostile_smtp_stop(hangs);
	hostile_smtp_stop(waits);
	hostile_smtp_stop(answers);
}

/* Scans that go on, wait or are done are dropped without waiting for any server. */
static void
the_end_does_not_wait(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start("127.0.0.1", is_silent, NULL);
	const struct smtp_fetch_settings settings = { .scans = 1 };
	struct fetcher *fetcher = fetcher_with(&settings);
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
	(void)state;
	ask(fetcher, &endpoint);
	endpoint.address[3] = 9;
	ask(fetcher, &endpoint);
	while (hostile_smtp_connections(server) == 0)
		poll(NULL, 0, 1);
	int64_t started_ms = now();
	fetcher->free(fetcher);
	assert_true(now() - started_ms < PATIENT_MS / 10);
	hostile_smtp_stop(server);
}

static void
cas_that_cant_be_read_are_told(void **state)
{
	static const struct {
		struct smtp_fetch_settings settings;
		const char *why;
	} cases[] = {
		{ { .ca_file = "/nonexistent/ca" },
		    "CAs can't be read: /nonexistent/ca: No such file or directory" },
		{ { .ca_directory = "/nonexistent/cas" },
		    "CAs can't be read: /nonexistent/cas: No such file or directory" },
		{ { .ca_directory = "/dev/null" },
		    "CAs can't be read: /dev/null: Not a directory" },
		{ { .ca_file = "/dev/null" },
		    "CAs can't be read: /dev/null: no certificates in PEM" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		assert_null(smtp_fetch_new(&cases[i].settings, &why));
		assert_string_equal(why.text, cases[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_without_an_end_end_in_time),
		cmocka_unit_test(nothing_goes_on_after_the_end),
		cmocka_unit_test(clear_text_is_no_tls),
		cmocka_unit_test(an_address_is_scanned_once_at_a_time),
		cmocka_unit_test(a_further_name_costs_its_certificate),
		cmocka_unit_test(many_names_cost_one_scan),
		cmocka_unit_test(what_is_borrowed_is_good_as_long_as_it_was),
		cmocka_unit_test(an_earlier_scan_serves_other_names),
		cmocka_unit_test(settings_by_name_are_not_borrowed),
		cmocka_unit_test(a_scan_that_could_not_tell_lends_nothing),
		cmocka_unit_test(addresses_are_scanned_side_by_side),
		cmocka_unit_test(a_burst_does_not_wait_for_one_thread),
		cmocka_unit_test(who_is_in_a_hurry_waits_for_nobody),
		cmocka_unit_test(the_end_does_not_wait),
		cmocka_unit_test(cas_that_cant_be_read_are_told),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
