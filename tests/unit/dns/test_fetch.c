/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/fetch against name servers that misbehave: every question comes back
 * once, with what really happened, for no more packets than allowed.
 */
#include "dns/fetch.h"

#include "core/deadline.h"
#include "dns/message.h"
#include "dns/question.h"
#include "support/hostile_dns.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	PATIENT_MS = 3000, /* where a reply comes at once: no slow machine misses it */
	HASTY_MS = 60,     /* where none comes */
	GIVE_UP_MS = 20000 /* of one test */
};

/* --- asking --------------------------------------------------------------- */

static void
ask(struct fetcher *fetcher, const char *name, uint16_t type)
{
	struct dns_name parsed;
	struct dns_key key;
	assert_int_equal(dns_name_from_text(&parsed, span_text(name)), STATUS_OK);
	dns_key_make(&key, &parsed, type);
	struct clock *clock = clock_system();
	fetcher->ask(fetcher, span_of(key.bytes, key.length), clock->now_ms(clock));
}

static unsigned turns;

/* One turn of what core/run does, of at most 50 ms. */
static void
turn(struct fetcher *fetcher)
{
	turns++;
	struct pollfd fds[FETCHER_FDS];
	struct clock *clock = clock_system();
	int64_t wake_ms = clock->now_ms(clock) + 50;
	size_t count = fetcher->watch(fetcher, fds, &wake_ms);
	clock->wait(clock, fds, count, wake_ms);
	fetcher->work(fetcher, fds, count, clock->now_ms(clock));
}

/* Waits for the next arrival; the caller frees the fact's data. */
static struct arrival
await(struct fetcher *fetcher)
{
	struct clock *clock = clock_system();
	int64_t end_ms = clock->now_ms(clock) + GIVE_UP_MS;
	struct arrival arrival;
	while (!fetcher->next(fetcher, &arrival)) {
		assert_true(clock->now_ms(clock) < end_ms);
		turn(fetcher);
	}
	return arrival;
}

static void
drop(struct fact fact)
{
	if (fact.release != NULL)
		fact.release(fact.data);
}

static struct fact
ask_and_await(struct fetcher *fetcher, const char *name, uint16_t type)
{
	ask(fetcher, name, type);
	return await(fetcher).fact;
}

static struct fetcher *
fetcher_of(const struct dns_fetch_settings *settings)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct fetcher *fetcher = dns_fetch_new(settings, &why);
	if (fetcher == NULL)
		fail_msg("%s", memory);
	return fetcher;
}

static struct fetcher *
fetcher_at(struct hostile_dns *server, unsigned attempt_ms, size_t in_flight)
{
	struct dns_fetch_settings settings = {
		.servers = { .count = 1, .list = { hostile_dns_address(server) } },
		.attempt_ms = attempt_ms,
		.in_flight = in_flight,
	};
	return fetcher_of(&settings);
}

static struct hostile_dns *
start(bool tcp, hostile_script *script)
{
	struct hostile_dns *server = hostile_dns_start("127.0.0.1", tcp, script);
	assert_non_null(server);
	return server;
}

/* --- scripts -------------------------------------------------------------- */

static void
answers(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "v=spf1 -all");
	hostile_send(turn);
}

static void
answers_two_strings(struct hostile_turn *turn)
{
	static const char data[] = "\6v=spf1\5 -all";
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_record(turn, DNS_TXT, 300, span_text(data));
	hostile_send(turn);
}

/* A message of 842 bytes to a question of n.test: 12 + 12 + 12 and 806 of data. */
static void
answers_at_length(struct hostile_turn *turn)
{
	char data[806], *end = data;
	for (size_t left = sizeof(data); left > 0;) {
		size_t length = left > 256 ? 256 : left;
		*end = (char)(length - 1);
		memset(end + 1, 'x', length - 1);
		end += length;
		left -= length;
	}
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_record(turn, DNS_TXT, 300, span_of(data, sizeof(data)));
	hostile_send(turn);
}

static void
says_nothing_there(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NXDOMAIN);
	hostile_send(turn);
}

static void
truncates(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "not to be used");
	hostile_set_flags(turn, HOSTILE_TC);
	hostile_send(turn);
}

static void
truncates_over_udp(struct hostile_turn *turn)
{
	if (turn->tcp)
		answers(turn);
	else
		truncates(turn);
}

/* The same without TC: the message just ends within its record. */
static void
cuts_over_udp(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "v=spf1 -all");
	if (turn->tcp)
		hostile_send(turn);
	else
		hostile_send_part(turn, turn->reply.length - 5);
}

static void
truncates_and_cuts_over_tcp(struct hostile_turn *turn)
{
	if (!turn->tcp) {
		truncates(turn);
		return;
	}
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "v=spf1 -all");
	hostile_send_part(turn, turn->reply.length / 2);
	turn->hang_up = true;
}

static void
truncates_and_hangs_over_tcp(struct hostile_turn *turn)
{
	if (!turn->tcp)
		truncates(turn);
}

static void
hangs_on_first_connection(struct hostile_turn *turn)
{
	if (turn->connection != 1)
		truncates_over_udp(turn);
}

static void
truncates_and_fails_over_tcp(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_SERVFAIL);
	if (!turn->tcp)
		hostile_set_flags(turn, HOSTILE_TC);
	hostile_send(turn);
}

static void
fails(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_SERVFAIL);
	hostile_send(turn);
}

/* As a validating resolver does (RFC 4035 5.5), unless CD is set. */
static void
withholds(struct hostile_turn *turn, unsigned rcode)
{
	enum { LOW_FLAGS = 3, FLAG_CD = 0x10 };
	bool is_unchecked = turn->query.bytes[LOW_FLAGS] & FLAG_CD;
	hostile_answer(turn, is_unchecked ? rcode : DNS_RCODE_SERVFAIL);
	if (is_unchecked && rcode == DNS_RCODE_NOERROR)
		hostile_add_txt(turn, "v=spf1 -all");
	hostile_send(turn);
}

static void
withholds_bogus_data(struct hostile_turn *turn)
{
	withholds(turn, DNS_RCODE_NOERROR);
}

static void
withholds_bogus_denial(struct hostile_turn *turn)
{
	withholds(turn, DNS_RCODE_NXDOMAIN);
}

static void
fails_once(struct hostile_turn *turn)
{
	if (turn->number == 1)
		fails(turn);
	else
		answers(turn);
}

static void
refuses(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_REFUSED);
	hostile_send(turn);
}

static void
does_not_implement(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NOTIMP);
	hostile_send(turn);
}

static void
finds_a_format_error(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_FORMERR);
	hostile_send(turn);
}

static void
knows_no_edns(struct hostile_turn *turn)
{
	if (turn->edns)
		finds_a_format_error(turn);
	else
		answers(turn);
}

static void
is_silent(struct hostile_turn *turn)
{
	(void)turn;
}

static void
loses_two(struct hostile_turn *turn)
{
	if (turn->number > 2)
		answers(turn);
}

static void
fails_after_a_loss(struct hostile_turn *turn)
{
	if (turn->number > 1)
		fails(turn);
}

static void
is_lost_after_a_failure(struct hostile_turn *turn)
{
	if (turn->number == 1)
		fails(turn);
}

static void
sends_wrong_id(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "forged");
	turn->reply.text[0] ^= 0x55;
	hostile_send(turn);
}

static void
sends_wrong_question(struct hostile_turn *turn)
{
	enum { FIRST_LETTER = 13 };
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "forged");
	turn->reply.text[FIRST_LETTER] = 'z';
	hostile_send(turn);
}

static void
sends_empty_datagram(struct hostile_turn *turn)
{
	if (turn->tcp)
		return;
	buf_clear(&turn->reply);
	hostile_send(turn);
}

static void
sends_garbage(struct hostile_turn *turn)
{
	buf_clear(&turn->reply);
	for (int i = 0; i < 60; i++)
		buf_add_byte(&turn->reply, 0xff);
	hostile_send(turn);
}

static void
sends_the_query_back(struct hostile_turn *turn)
{
	buf_clear(&turn->reply);
	buf_add(&turn->reply, turn->query);
	hostile_send(turn);
}

static void
forges_and_answers(struct hostile_turn *turn)
{
	sends_wrong_id(turn);
	sends_wrong_question(turn);
	sends_empty_datagram(turn);
	answers(turn);
}

static void
vouches(struct hostile_turn *turn)
{
	hostile_answer(turn, DNS_RCODE_NOERROR);
	hostile_add_txt(turn, "v=spf1 -all");
	hostile_set_flags(turn, HOSTILE_AD);
	hostile_send(turn);
}

/* --- one question, one or two servers ------------------------------------- */

enum { ANY = -1 }; /* differs between versions of c-ares */

struct want {
	const char *name;
	hostile_script *first, *second; /* NULL: no second server */
	bool tcp;                       /* connections are accepted */
	unsigned attempt_ms;
	enum outcome outcome;
	int udp, udp_second, tcp_queries; /* packets that arrived */
};

static const struct want wants[] = {
	{ "an answer", answers, NULL, true, PATIENT_MS, OUTCOME_FOUND, 1, 0, 0 },
	{ "two strings", answers_two_strings, NULL, true, PATIENT_MS, OUTCOME_FOUND, 1,
	    0, 0 },
	{ "842 bytes", answers_at_length, NULL, true, PATIENT_MS, OUTCOME_FOUND, 1, 0,
	    0 },
	{ "no such name", says_nothing_there, answers, true, PATIENT_MS,
	    OUTCOME_NXDOMAIN, 1, 0, 0 },

	{ "truncated", truncates_over_udp, NULL, true, PATIENT_MS, OUTCOME_FOUND, 1, 0,
	    1 },
	{ "cut without TC", cuts_over_udp, NULL, true, PATIENT_MS, OUTCOME_FOUND, 1, 0,
	    1 },
	{ "truncated, TCP refused", truncates_over_udp, NULL, false, PATIENT_MS,
	    OUTCOME_UNREACHABLE, 2, 0, 0 },
	{ "truncated, TCP refused, another server", truncates_over_udp, answers, false,
	    PATIENT_MS, OUTCOME_FOUND, 1, 1, 0 },
	{ "truncated, TCP hangs", truncates_and_hangs_over_tcp, NULL, true, HASTY_MS,
	    OUTCOME_TIMEOUT, 4, 0, 4 },
	{ "truncated over both", truncates, NULL, true, PATIENT_MS, OUTCOME_MALFORMED,
	    2, 0, 2 },

	{ "SERVFAIL", fails, NULL, true, PATIENT_MS, OUTCOME_SERVFAIL, 2, 0, 0 },
	{ "SERVFAIL, two servers", fails, fails, true, PATIENT_MS, OUTCOME_SERVFAIL, 1,
	    1, 0 },
	/* The second one is asked without checks, and then with them. */
	{ "SERVFAIL, then an answer", fails, answers, true, PATIENT_MS, OUTCOME_FOUND,
	    1, 2, 0 },
	{ "bad signatures", withholds_bogus_data, NULL, true, PATIENT_MS, OUTCOME_BOGUS,
	    3, 0, 0 },
	{ "bad signatures of a denial", withholds_bogus_denial, NULL, true, PATIENT_MS,
	    OUTCOME_BOGUS, 3, 0, 0 },
	{ "bad signatures, two servers", withholds_bogus_data, withholds_bogus_data,
	    true, PATIENT_MS, OUTCOME_BOGUS, 1, 2, 0 },
	{ "a failure that passes", fails_once, NULL, true, PATIENT_MS, OUTCOME_FOUND, 3,
	    0, 0 },
	{ "SERVFAIL, truncated", truncates_and_fails_over_tcp, NULL, true, PATIENT_MS,
	    OUTCOME_SERVFAIL, 1, 0, 1 },
	{ "SERVFAIL after a loss", fails_after_a_loss, NULL, true, 300,
	    OUTCOME_SERVFAIL, 2, 0, 0 },
	{ "a loss after SERVFAIL", is_lost_after_a_failure, NULL, true, 300,
	    OUTCOME_TIMEOUT, 2, 0, 0 },
	{ "REFUSED", refuses, NULL, true, PATIENT_MS, OUTCOME_REFUSED, 2, 0, 0 },
	{ "REFUSED, then an answer", refuses, answers, true, PATIENT_MS, OUTCOME_FOUND,
	    1, 1, 0 },
	{ "NOTIMP", does_not_implement, NULL, true, PATIENT_MS, OUTCOME_BAD_RCODE, 2, 0,
	    0 },
	/* c-ares itself asks again without EDNS, once for each of our two packets but
	 * the one that has none. */
	{ "FORMERR", finds_a_format_error, NULL, true, PATIENT_MS, OUTCOME_BAD_RCODE, 3,
	    0, 0 },
	{ "FORMERR to EDNS", knows_no_edns, NULL, true, PATIENT_MS, OUTCOME_FOUND, 2, 0,
	    0 },

	{ "silence", is_silent, NULL, true, HASTY_MS, OUTCOME_TIMEOUT, 4, 0, 0 },
	{ "silence, two servers", is_silent, is_silent, true, HASTY_MS, OUTCOME_TIMEOUT,
	    2, 2, 0 },
	{ "silence, then an answer", is_silent, answers, true, 300, OUTCOME_FOUND, 1, 1,
	    0 },
	{ "two losses", loses_two, NULL, true, 300, OUTCOME_FOUND, 3, 0, 0 },

	{ "wrong id", sends_wrong_id, NULL, true, HASTY_MS, OUTCOME_TIMEOUT, 4, 0, 0 },
	{ "wrong question", sends_wrong_question, NULL, true, HASTY_MS, OUTCOME_TIMEOUT,
	    4, 0, 0 },
	{ "empty datagram", sends_empty_datagram, NULL, true, HASTY_MS, OUTCOME_TIMEOUT,
	    4, 0, 0 },
	{ "forged, then an answer", forges_and_answers, NULL, true, PATIENT_MS,
	    OUTCOME_FOUND, 1, 0, 0 },
};

static void
expect_count(const char *what, const struct want *want, unsigned got, int expected)
{
	if (expected != ANY && got != (unsigned)expected)
		fail_msg("%s: %s: got %u, want %d", want->name, what, got, expected);
}

static void
try_want(const struct want *want)
{
	struct hostile_dns *first = start(want->tcp, want->first), *second = NULL;
	struct dns_fetch_settings settings = { .attempt_ms = want->attempt_ms };
	settings.servers.list[settings.servers.count++] = hostile_dns_address(first);
	if (want->second != NULL) {
		second = start(true, want->second);
		settings.servers.list[settings.servers.count++] = hostile_dns_address(
		    second);
	}
	struct fetcher *fetcher = fetcher_of(&settings);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	if (fact.outcome != want->outcome)
		fail_msg("%s: got %s, want %s", want->name, outcome_name(fact.outcome),
		    outcome_name(want->outcome));
	drop(fact);

	expect_count("over UDP", want, hostile_dns_udp(first), want->udp);
	expect_count("over TCP", want, hostile_dns_tcp(first), want->tcp_queries);
	if (second != NULL) {
		expect_count(
		    "to the second", want, hostile_dns_udp(second), want->udp_second);
		hostile_dns_stop(second);
	}
	fetcher->free(fetcher);
	hostile_dns_stop(first);
}

static void
outcomes_and_packets_are_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
		try_want(&wants[i]);
}

/* What one version of c-ares ignores another one takes for an error; it is a failure
 * either way. */
static void
nonsense_is_a_failure(void **state)
{
	static hostile_script *const scripts[] = { sends_garbage,
		sends_the_query_back };
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct hostile_dns *server = start(true, scripts[i]);
		struct fetcher *fetcher = fetcher_at(server, HASTY_MS, 0);
		struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
		assert_true(outcome_is_failure(fact.outcome));
		assert_true(hostile_dns_udp(server) <= LIMIT_DNS_ATTEMPTS);
		drop(fact);
		fetcher->free(fetcher);
		hostile_dns_stop(server);
	}
}

/* A connection that ends within a reply: no version of c-ares may take it for one, nor
 * be woken by it for ever. */
static void
a_reply_cut_by_its_connection_is_a_failure(void **state)
{
	(void)state;
	turns = 0;
	struct hostile_dns *server = start(true, truncates_and_cuts_over_tcp);
	struct fetcher *fetcher = fetcher_at(server, HASTY_MS, 0);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	assert_true(
	    fact.outcome == OUTCOME_UNREACHABLE || fact.outcome == OUTCOME_TIMEOUT);
	assert_true(hostile_dns_tcp(server) >= 1); /* on a busy machine, not more */
	assert_true(turns < 100);
	drop(fact);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
and_another_server_is_asked(void **state)
{
	(void)state;
	struct hostile_dns *cuts = start(true, truncates_and_cuts_over_tcp);
	struct hostile_dns *good = start(true, answers);
	struct dns_fetch_settings settings = {
		.servers = { .count = 2,
		    .list = { hostile_dns_address(cuts), hostile_dns_address(good) } },
		.attempt_ms = 300,
	};
	struct fetcher *fetcher = fetcher_of(&settings);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	assert_int_equal(fact.outcome, OUTCOME_FOUND);
	drop(fact);
	fetcher->free(fetcher);
	hostile_dns_stop(cuts);
	hostile_dns_stop(good);
}

/* --- what an answer holds ------------------------------------------------- */

static void
strings_of_a_record_stay_apart(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, answers_two_strings);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	assert_int_equal(fact.outcome, OUTCOME_FOUND);

	const struct dns_answer *answer = fact.data;
	assert_int_equal(answer->record_count, 1);
	struct span rest = answer->records[0].data, string;
	assert_true(dns_txt_next(&rest, &string));
	assert_true(span_equal(string, span_text("v=spf1")));
	assert_true(dns_txt_next(&rest, &string));
	assert_true(span_equal(string, span_text(" -all")));
	assert_false(dns_txt_next(&rest, &string));
	assert_false(answer->tcp);

	drop(fact);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
an_answer_over_tcp_says_so(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, truncates_over_udp);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	const struct dns_answer *answer = fact.data;
	assert_true(answer->tcp);
	assert_false(answer->truncated);
	assert_int_equal(answer->record_count, 1);
	assert_int_equal(dns_fetch_counts(fetcher)->packets, 2);
	assert_int_equal(dns_fetch_counts(fetcher)->tcp, 1);
	assert_int_equal(dns_fetch_counts(fetcher)->lost, 0);
	drop(fact);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
authenticity_counts_only_where_it_is_trusted(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, vouches);
	for (int trust = 0; trust <= 1; trust++) {
		struct dns_fetch_settings settings = {
			.servers = { .count = 1,
			    .list = { hostile_dns_address(server) } },
			.trust_ad = trust,
		};
		struct fetcher *fetcher = fetcher_of(&settings);
		struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
		const struct dns_answer *answer = fact.data;
		assert_int_equal(answer->authentic, trust);
		drop(fact);
		fetcher->free(fetcher);
	}
	hostile_dns_stop(server);
}

/* c-ares 1.34 does not send such names at all; then there is no answer either way. */
static void
names_may_hold_any_byte(void **state)
{
	static const uint8_t wire[] = "\7a.\0\\ \377\"\4test";
	struct span rest = span_of(wire, sizeof(wire));
	struct dns_name name;
	struct dns_key key;
	(void)state;
	assert_int_equal(dns_name_from_wire(&name, &rest), STATUS_OK);
	dns_key_make(&key, &name, DNS_TXT);

	struct hostile_dns *server = start(true, answers);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	struct clock *clock = clock_system();
	fetcher->ask(fetcher, span_of(key.bytes, key.length), clock->now_ms(clock));
	struct arrival arrival = await(fetcher);
	bool sent = hostile_dns_udp(server) > 0;
	assert_int_equal(
	    arrival.fact.outcome, sent ? OUTCOME_FOUND : OUTCOME_MALFORMED);
	assert_true(span_equal(arrival.key, span_of(key.bytes, key.length)));
	drop(arrival.fact);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

/* --- servers -------------------------------------------------------------- */

static void
where_nobody_listens_it_is_unreachable(void **state)
{
	struct dns_fetch_settings settings = {
		.servers = { .count = 1, .list = { hostile_dns_nobody() } },
		.attempt_ms = PATIENT_MS,
	};
	(void)state;
	struct fetcher *fetcher = fetcher_of(&settings);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	assert_int_equal(fact.outcome, OUTCOME_UNREACHABLE);
	assert_int_equal(
	    dns_fetch_counts(fetcher)->packets, LIMIT_DNS_ATTEMPTS_FAILING);
	drop(fact);
	fetcher->free(fetcher);
}

static void
every_server_is_tried_before_it_is_unreachable(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, answers);
	struct dns_fetch_settings settings = {
		.servers = { .count = 3,
		    .list = { hostile_dns_nobody(), hostile_dns_nobody(),
			hostile_dns_address(server) } },
		.attempt_ms = PATIENT_MS,
	};
	struct fetcher *fetcher = fetcher_of(&settings);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	assert_int_equal(fact.outcome, OUTCOME_FOUND);
	drop(fact);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
a_dead_first_server_costs_one_time_out(void **state)
{
	(void)state;
	struct hostile_dns *dead = start(true, is_silent), *good = start(true, answers);
	struct dns_fetch_settings settings = {
		.servers = { .count = 2,
		    .list = { hostile_dns_address(dead), hostile_dns_address(good) } },
		.attempt_ms = 300,
	};
	struct fetcher *fetcher = fetcher_of(&settings);
	for (int i = 0; i < 3; i++) {
		struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
		assert_int_equal(fact.outcome, OUTCOME_FOUND);
		drop(fact);
	}
	assert_int_equal(hostile_dns_udp(dead), 1);
	assert_int_equal(hostile_dns_udp(good), 3);
	fetcher->free(fetcher);
	hostile_dns_stop(dead);
	hostile_dns_stop(good);
}

static void
a_server_may_have_an_ipv6_address(void **state)
{
	(void)state;
	struct hostile_dns *server = hostile_dns_start("::1", true, truncates_over_udp);
	if (server == NULL)
		skip();
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
	assert_int_equal(fact.outcome, OUTCOME_FOUND);
	drop(fact);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
bursts_share_a_port(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, answers);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	for (int i = 0; i < 4; i++)
		drop(ask_and_await(fetcher, "n.test", DNS_TXT));
	assert_int_equal(hostile_dns_ports(server), 1);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
a_retry_leaves_from_another_port(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, is_silent);
	struct fetcher *fetcher = fetcher_at(server, HASTY_MS, 0);
	drop(ask_and_await(fetcher, "n.test", DNS_TXT));
	assert_int_equal(hostile_dns_ports(server), LIMIT_DNS_ATTEMPTS);
	assert_int_equal(dns_fetch_counts(fetcher)->lost, LIMIT_DNS_ATTEMPTS);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

/* The first question is given up while the second still waits on that connection. */
static void
a_connection_that_hangs_is_left(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, hangs_on_first_connection);
	struct fetcher *fetcher = fetcher_at(server, 400, 0);
	ask(fetcher, "first.test", DNS_TXT);
	while (hostile_dns_tcp(server) == 0)
		turn(fetcher);
	for (int i = 0; i < 3; i++)
		turn(fetcher); /* 50 ms each, where nothing comes */
	ask(fetcher, "second.test", DNS_TXT);
	for (int i = 0; i < 2; i++) {
		struct fact fact = await(fetcher).fact;
		assert_int_equal(fact.outcome, OUTCOME_FOUND);
		drop(fact);
	}
	assert_int_equal(dns_fetch_counts(fetcher)->lost, 2);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

/* --- many questions ------------------------------------------------------- */

static void
ask_many(struct fetcher *fetcher, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "%u.test", i);
		ask(fetcher, name, DNS_TXT);
	}
}

/* Takes `count` arrivals, of which no key may come twice. */
static void
await_many(struct fetcher *fetcher, unsigned count, enum outcome outcome)
{
	bool *seen = calloc(count, sizeof(*seen));
	for (unsigned i = 0; i < count; i++) {
		struct arrival arrival = await(fetcher);
		struct dns_name name;
		uint16_t type;
		uint32_t number;
		assert_true(dns_key_read(arrival.key, &name, &type));
		struct span label = dns_name_first_label(&name);
		assert_true(span_take_number(&label, count - 1, &number));
		assert_false(seen[number]);
		seen[number] = true;
		assert_int_equal(arrival.fact.outcome, outcome);
		drop(arrival.fact);
	}
	free(seen);
	struct arrival more;
	assert_false(fetcher->next(fetcher, &more));
}

static void
all_of_many_come_back(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, answers);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 10);
	ask_many(fetcher, 300);
	await_many(fetcher, 300, OUTCOME_FOUND);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
all_of_many_come_back_over_tcp(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, truncates_over_udp);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	ask_many(fetcher, 100);
	await_many(fetcher, 100, OUTCOME_FOUND);
	assert_int_equal(hostile_dns_tcp(server), 100);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
answers_all_but_the_first(struct hostile_turn *turn)
{
	enum { FIRST_LENGTH = 12 };
	if (turn->query.bytes[FIRST_LENGTH] == 1 &&
	    turn->query.bytes[FIRST_LENGTH + 1] == '0')
		return;
	answers(turn);
}

/* More than one channel is good for; and never idle, since one question stays out. */
static void
a_busy_fetcher_renews_its_channel(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, answers_all_but_the_first);
	struct fetcher *fetcher = fetcher_at(server, 4 * PATIENT_MS, 100);
	ask_many(fetcher, LIMIT_DNS_CHANNEL_QUERIES);
	for (int i = 1; i < LIMIT_DNS_CHANNEL_QUERIES; i++)
		drop(await(fetcher).fact);
	assert_int_equal(hostile_dns_ports(server), 1);
	drop(ask_and_await(fetcher, "n.test", DNS_TXT));
	assert_int_equal(hostile_dns_ports(server), 2);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
no_more_are_out_than_allowed(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, is_silent);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 10);
	ask_many(fetcher, 30);
	for (int i = 0; i < 4; i++)
		turn(fetcher);
	assert_int_equal(hostile_dns_udp(server), 10);
	assert_int_equal(dns_fetch_counts(fetcher)->packets, 10);
	fetcher->free(fetcher); /* and what is out or waits is freed with it */
	hostile_dns_stop(server);
}

/* A server that is overrun: it answers at first two of three. */
static void
answers_two_of_three(struct hostile_turn *turn)
{
	if (turn->number % 3 != 0)
		answers(turn);
}

static size_t
limit_of(const struct fetcher *fetcher)
{
	struct dns_fetch_limit limits[LIMIT_NAMESERVERS];
	assert_int_equal(dns_fetch_limits(fetcher, limits), 1);
	return limits[0].limit;
}

/* Asks and waits until all have come; how many without an answer. */
static size_t
failures_of_many(struct fetcher *fetcher, unsigned count)
{
	size_t failures = 0;
	ask_many(fetcher, count);
	for (unsigned i = 0; i < count; i++) {
		struct arrival arrival = await(fetcher);
		failures += arrival.fact.outcome != OUTCOME_FOUND;
		drop(arrival.fact);
	}
	return failures;
}

static void
losses_slow_it_down_and_nothing_is_lost(void **state)
{
	enum { CAP = 64 };
	(void)state;
	struct hostile_dns *server = start(false, answers_two_of_three);
	struct fetcher *fetcher = fetcher_at(server, HASTY_MS, CAP);
	assert_int_equal(limit_of(fetcher), CAP);
	/* One in eighty is lost four times, on a quick machine. */
	assert_true(failures_of_many(fetcher, 300) < 300);
	size_t low = limit_of(fetcher);
	assert_true(low < CAP / 2 && low >= LIMIT_DNS_IN_FLIGHT_MIN);

	hostile_dns_becomes(server, answers);
	fetcher->free(fetcher);
	fetcher = fetcher_at(server, PATIENT_MS, CAP);
	assert_int_equal(failures_of_many(fetcher, 300), 0);
	assert_int_equal(limit_of(fetcher), CAP);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

/* One of ask_many(). */
static void
hurry(struct fetcher *fetcher, unsigned number, struct dns_key *key)
{
	char text[32];
	struct dns_name name;
	snprintf(text, sizeof(text), "%u.test", number);
	assert_int_equal(dns_name_from_text(&name, span_text(text)), STATUS_OK);
	dns_key_make(key, &name, DNS_TXT);
	fetcher->hurry(fetcher, span_of(key->bytes, key->length),
	    clock_system()->now_ms(clock_system()));
}

static void
what_is_hurried_does_not_wait_for_its_turn(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, answers_all_but_the_first);
	struct fetcher *fetcher = fetcher_at(server, GIVE_UP_MS, 1);
	struct dns_key key;
	ask_many(fetcher, 3); /* the first of which is never answered */
	hurry(fetcher, 2, &key);
	struct arrival arrival = await(fetcher);
	assert_true(span_equal(arrival.key, span_of(key.bytes, key.length)));
	drop(arrival.fact);
	hurry(fetcher, 2, &key); /* too late: nothing happens */
	assert_int_equal(dns_fetch_counts(fetcher)->packets, 2);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

/* Its packet may come to its end within the call that sends it, which leaves nothing
 * half done: free() checks that. */
static void
what_is_hurried_in_vain_is_settled(void **state)
{
	enum { COUNT = 8 };
	struct dns_key key;
	(void)state;
	struct hostile_dns *server = start(true, is_silent);
	struct fetcher *fetcher = fetcher_at(server, GIVE_UP_MS, 1);
	ask_many(fetcher, COUNT);
	hostile_dns_stop(server);
	for (unsigned i = 0; i < COUNT; i++)
		hurry(fetcher, i, &key);
	fetcher->free(fetcher);
}

/* One FORMERR switches EDNS off in c-ares 1.18 for all that follows on its channel.
 * More come here than there may be channels. */
static void
format_errors_do_not_cut_later_answers(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, finds_a_format_error);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	for (int i = 0; i < 2 * LIMIT_DNS_CHANNELS; i++) {
		ask_many(fetcher, 3);
		await_many(fetcher, 3, OUTCOME_BAD_RCODE);
	}

	hostile_dns_becomes(server, answers_at_length);
	for (int i = 0; i < 3; i++) {
		struct fact fact = ask_and_await(fetcher, "n.test", DNS_TXT);
		assert_int_equal(fact.outcome, OUTCOME_FOUND);
		const struct dns_answer *answer = fact.data;
		assert_int_equal(answer->records[0].data.length, 806);
		drop(fact);
	}
	assert_int_equal(hostile_dns_tcp(server), 0);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
a_server_without_edns_answers_many(void **state)
{
	(void)state;
	struct hostile_dns *server = start(true, knows_no_edns);
	struct fetcher *fetcher = fetcher_at(server, PATIENT_MS, 0);
	ask_many(fetcher, 50);
	await_many(fetcher, 50, OUTCOME_FOUND);
	fetcher->free(fetcher);
	hostile_dns_stop(server);
}

static void
an_unreachable_server_loses_no_question(void **state)
{
	struct dns_fetch_settings settings = {
		.servers = { .count = 1, .list = { hostile_dns_nobody() } },
		.in_flight = 10,
	};
	(void)state;
	struct fetcher *fetcher = fetcher_of(&settings);
	ask_many(fetcher, 100);
	await_many(fetcher, 100, OUTCOME_UNREACHABLE);
	fetcher->free(fetcher);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_and_packets_are_as_the_table_says),
		cmocka_unit_test(nonsense_is_a_failure),
		cmocka_unit_test(a_reply_cut_by_its_connection_is_a_failure),
		cmocka_unit_test(and_another_server_is_asked),
		cmocka_unit_test(strings_of_a_record_stay_apart),
		cmocka_unit_test(an_answer_over_tcp_says_so),
		cmocka_unit_test(authenticity_counts_only_where_it_is_trusted),
		cmocka_unit_test(names_may_hold_any_byte),
		cmocka_unit_test(where_nobody_listens_it_is_unreachable),
		cmocka_unit_test(every_server_is_tried_before_it_is_unreachable),
		cmocka_unit_test(a_dead_first_server_costs_one_time_out),
		cmocka_unit_test(a_server_may_have_an_ipv6_address),
		cmocka_unit_test(bursts_share_a_port),
		cmocka_unit_test(a_retry_leaves_from_another_port),
		cmocka_unit_test(a_connection_that_hangs_is_left),
		cmocka_unit_test(all_of_many_come_back),
		cmocka_unit_test(all_of_many_come_back_over_tcp),
		cmocka_unit_test(a_busy_fetcher_renews_its_channel),
		cmocka_unit_test(no_more_are_out_than_allowed),
		cmocka_unit_test(losses_slow_it_down_and_nothing_is_lost),
		cmocka_unit_test(what_is_hurried_does_not_wait_for_its_turn),
		cmocka_unit_test(what_is_hurried_in_vain_is_settled),
		cmocka_unit_test(format_errors_do_not_cut_later_answers),
		cmocka_unit_test(a_server_without_edns_answers_many),
		cmocka_unit_test(an_unreachable_server_loses_no_question),
	};
	signal(SIGPIPE, SIG_IGN); /* as programs do */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
