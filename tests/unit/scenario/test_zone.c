/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the zone that scenarios stand on, and of its fetcher and clock. */
#include "support/zone.h"
#include "support/zone_fetch.h"

#include "core/run.h"
#include "dns/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char zone_text[] =
    "; a comment, and an empty line\n"
    "\n"
    "$TTL 600\n"
    "example.com.          TXT   \"v=spf1 \" \"-all\" ; joined\n"
    "example.com.          TXT   \"second\"\n"
    "example.com.  60  IN  A     192.0.2.1\r\n"
    "example.com.          AAAA  2001:db8::1\n"
    "example.com.          MX    10 mail.example.com.\n"
    "example.com.          SPF   \"\"\n"
    "bytes.example.com.    TXT   \"\\000\\255\\\"\\\\\\;;\"\n"
    "a\\.b.\\095x.example.com. TXT \"odd name\"\n"
    "alias.example.com.    CNAME other.example.com.\n"
    "other.example.com. 30 CNAME example.com.\n"
    "broken.example.com.   CNAME nowhere.example.net.\n"
    "bad.example.com.      CNAME dead.example.com.\n"
    "loop.example.com.     CNAME loop.example.com.\n"
    "deep.ent.example.com. A     192.0.2.2\n"
    "*.wild.example.com.   TXT   \"wildcard\"\n"
    "own.wild.example.com. A     192.0.2.3\n"
    "dead.example.com.     TXT   SERVFAIL\n"
    "dead.example.com.     ANY   REFUSED\n"
    "dead.example.com.     A     192.0.2.4\n"
    "notimp.example.com.   TXT   NOTIMP\n"
    "gone.example.com.     TXT   NXDOMAIN\n"
    "empty.example.com.    ANY   NODATA\n"
    "silent.example.com.   TXT   TIMEOUT\n"
    "far.example.com.      TXT   UNREACHABLE\n"
    "odd.example.com.      TXT   MALFORMED\n"
    "slow.example.com.     TXT   after 3s \"late\"\n"
    "now.example.com.      TXT   after 0ms \"at once\"\n"
    "late.example.com.     TXT   after 300ms TIMEOUT\n"
    "many.example.com.     TXT   \"a\" 3*\"bc\" \"d\"\n"
    "$LAX ; as broken servers have it\n"
    "torn.example.com.     CNAME mail.example.com.\n"
    "torn.example.com.     TXT   \"own\"\n";

static void
expect_text(const char *name, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s: got %s, want %s", name, got, want);
}

static void
expect_number(const char *name, const char *what, int64_t got, int64_t want)
{
	if (got != want)
		fail_msg("%s: got %s %lld, want %lld", name, what, (long long)got,
		    (long long)want);
}

static struct zone *
zone_of(const char *text)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct zone *zone = zone_new();
	if (zone_add_text(zone, span_text(text), &why) != STATUS_OK)
		fail_msg("%s", why.text);
	return zone;
}

static struct dns_name
name_of(const char *text)
{
	struct dns_name name;
	assert_int_equal(dns_name_from_text(&name, span_text(text)), STATUS_OK);
	return name;
}

static void
add_record(struct buf *out, uint16_t type, const struct dns_record *record)
{
	struct span rest = record->data, string;
	struct dns_name name;
	switch (type) {
	case DNS_TXT:
	case DNS_SPF:
		while (dns_txt_next(&rest, &string)) {
			buf_add_text(out, " <");
			buf_add_safe(out, string);
			buf_add_byte(out, '>');
		}
		break;
	case DNS_CNAME:
		assert_true(dns_record_name(record, &name));
		buf_add_byte(out, ' ');
		dns_name_add(out, &name);
		break;
	default:
		buf_add_byte(out, ' ');
		for (size_t i = 0; i < rest.length; i++)
			buf_addf(out, "%02x", rest.bytes[i]);
	}
}

/* "found 192…, via alias": an answer in one line. */
static void
add_reply(struct buf *out, const struct zone_reply *reply)
{
	if (reply->answer == NULL) {
		buf_add_text(out, outcome_name(reply->failure));
		return;
	}
	const struct dns_answer *answer = reply->answer;
	buf_add_text(out, outcome_name(dns_answer_outcome(answer)));
	for (size_t i = 0; i < answer->record_count; i++)
		add_record(out, answer->type, &answer->records[i]);
	for (size_t i = 0; i < answer->alias_count; i++) {
		buf_add_text(out, " via ");
		dns_name_add(out, &dns_answer_aliases(answer)[i]);
	}
}

static const struct {
	const char *name;
	uint16_t type;
	const char *want;
} answer_cases[] = {
	{ "example.com", DNS_TXT, "found <v=spf1 > <-all> <second>" },
	{ "EXAMPLE.com", DNS_A, "found c0000201" },
	{ "example.com", DNS_AAAA, "found 20010db8000000000000000000000001" },
	{ "example.com", DNS_MX, "found 000a046d61696c076578616d706c6503636f6d00" },
	{ "example.com", DNS_SPF, "found <>" },
	{ "example.com", DNS_PTR, "nodata" },
	{ "com", DNS_TXT, "nodata" },
	{ "bytes.example.com", DNS_TXT, "found <\\000\\255\"\\;;>" },
	{ "nothing.example.com", DNS_TXT, "nxdomain" },
	{ "b._x.example.com", DNS_TXT, "nxdomain" },
	{ "_x.example.com", DNS_TXT, "nodata" },
	{ "below.example.com.example.com", DNS_TXT, "nxdomain" },
	{ "ent.example.com", DNS_A, "nodata" },

	/* chains */
	{ "other.example.com", DNS_CNAME, "found example.com" },
	{ "other.example.com", DNS_A, "found c0000201 via example.com" },
	{ "alias.example.com", DNS_A,
	    "found c0000201 via other.example.com via example.com" },
	{ "alias.example.com", DNS_PTR,
	    "nodata via other.example.com via example.com" },
	{ "broken.example.com", DNS_A, "nxdomain via nowhere.example.net" },
	{ "bad.example.com", DNS_TXT, "servfail via dead.example.com" },
	{ "loop.example.com", DNS_A, "servfail" },

	/* RFC 4592 2.2.1 */
	{ "a.wild.example.com", DNS_TXT, "found <wildcard>" },
	{ "a.b.wild.example.com", DNS_TXT, "found <wildcard>" },
	{ "a.wild.example.com", DNS_A, "nodata" },
	{ "own.wild.example.com", DNS_TXT, "nodata" },
	{ "a.own.wild.example.com", DNS_TXT, "nxdomain" },
	{ "wild.example.com", DNS_TXT, "nodata" },

	/* facts */
	{ "dead.example.com", DNS_TXT, "servfail" },
	{ "dead.example.com", DNS_MX, "refused" },
	{ "dead.example.com", DNS_A, "found c0000204" },
	{ "notimp.example.com", DNS_TXT, "bad_rcode" },
	{ "gone.example.com", DNS_TXT, "nxdomain" },
	{ "gone.example.com", DNS_A, "nodata" },
	{ "empty.example.com", DNS_TXT, "nodata" },
	{ "silent.example.com", DNS_TXT, "timeout" },
	{ "far.example.com", DNS_TXT, "unreachable" },
	{ "odd.example.com", DNS_TXT, "malformed" },

	/* more than zone files know */
	{ "many.example.com", DNS_TXT, "found <a> <bc> <bc> <bc> <d>" },
	{ "torn.example.com", DNS_TXT, "found <own>" },
	{ "torn.example.com", DNS_CNAME, "found mail.example.com" },
	{ "torn.example.com", DNS_MX, "nxdomain via mail.example.com" },
};

static void
answers(void **state)
{
	(void)state;
	struct zone *zone = zone_of(zone_text);
	for (size_t i = 0; i < ARRAY_LENGTH(answer_cases); i++) {
		char memory[512];
		struct buf got;
		buf_wrap(&got, memory, sizeof(memory));
		struct dns_name name = name_of(answer_cases[i].name);
		struct zone_reply reply = zone_ask(zone, &name, answer_cases[i].type);
		add_reply(&got, &reply);
		dns_answer_free(reply.answer);
		expect_text(answer_cases[i].name, got.text, answer_cases[i].want);
	}
	zone_free(zone);
}

/* A name whose label holds a dot can't be written by dns_name_from_text(). */
static void
escaped_names(void **state)
{
	static const uint8_t wire[] = "\3a.b\2_x\7example\3com";
	(void)state;
	struct zone *zone = zone_of(zone_text);
	struct span bytes = span_of(wire, sizeof(wire));
	struct dns_name name;
	assert_int_equal(dns_name_from_wire(&name, &bytes), STATUS_OK);
	struct zone_reply reply = zone_ask(zone, &name, DNS_TXT);
	assert_non_null(reply.answer);
	assert_int_equal(reply.answer->record_count, 1);
	dns_answer_free(reply.answer);
	zone_free(zone);
}

/* By hand: header 12, question 13 + 4, OPT 11, and for each record 12 and its data. */
static void
sizes_and_times(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		unsigned wire_bytes, ttl_seconds;
		int64_t delay_ms;
	} cases[] = {
		{ "example.com", DNS_A, 40 + 12 + 4, 60, 20 },
		{ "example.com", DNS_TXT, 40 + 12 + (1 + 7 + 1 + 4) + 12 + (1 + 6), 600,
		    20 },
		{ "example.com", DNS_PTR, 40, 600, 20 },
		{ "alias.example.com", DNS_A, 46 + (12 + 19) + (12 + 13) + (12 + 4), 30,
		    20 },
		{ "slow.example.com", DNS_TXT, 45 + 12 + 5, 600, 3000 },
		{ "now.example.com", DNS_TXT, 44 + 12 + 8, 600, 0 },
		{ "late.example.com", DNS_TXT, 0, 0, 300 },
		{ "silent.example.com", DNS_TXT, 0, 0, 6000 },
		{ "far.example.com", DNS_TXT, 0, 0, 20 },
	};
	(void)state;
	struct zone *zone = zone_of(zone_text);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name = name_of(cases[i].name);
		struct zone_reply reply = zone_ask(zone, &name, cases[i].type);
		const char *label = cases[i].name;
		expect_number(label, "delay", reply.delay_ms, cases[i].delay_ms);
		assert_int_equal(reply.answer != NULL, cases[i].wire_bytes > 0);
		if (reply.answer == NULL)
			continue;
		expect_number(
		    label, "size", reply.answer->wire_bytes, cases[i].wire_bytes);
		expect_number(
		    label, "TTL", reply.answer->ttl_seconds, cases[i].ttl_seconds);
		dns_answer_free(reply.answer);
	}
	zone_free(zone);
}

static const struct {
	const char *name, *text, *want;
} faulty_cases[] = {
	{ "relative", "example.com A 192.0.2.1",
	    "line 1: expected a name that ends in a dot, not 'example.com'" },
	{ "no owner", " ; fine\n . ", "line 2: not a type known here: ''" },
	{ "empty label", "a..b. A 192.0.2.1",
	    "line 1: empty or too long label in 'a..b.'" },
	{ "bad escape", "\\256.b. A 192.0.2.1", "line 1: bad escape in '\\256.b.'" },
	{ "open escape", "a.\\", "line 1: bad escape in 'a.\\'" },
	{ "TTL", "a. 5x A 192.0.2.1", "line 1: not a TTL in seconds: '5x'" },
	{ "$TTL", "$TTL x", "line 1: expected $TTL and seconds" },
	{ "type", "a. b. A 192.0.2.1", "line 1: not a type known here: 'b.'" },
	{ "IPv4", "a. A 192.0.2.256", "line 1: expected an IPv4 address" },
	{ "IPv6", "a. AAAA 192.0.2.1", "line 1: expected an IPv6 address" },
	{ "MX", "a. MX mail.b.", "line 1: expected a preference from 0 to 65535" },
	{ "bare string", "a. TXT servfail", "line 1: expected strings in quotes" },
	{ "too many strings", "a. TXT 6000*\"0123456789\"",
	    "line 1: more than fits into one answer or one zone" },
	{ "times what", "a. TXT 3*x", "line 1: expected strings in quotes" },
	{ "$LAX", "$LAX x", "line 1: not expected here: 'x'" },
	{ "open string", "a. TXT \"x",
	    "line 1: a string without its closing quote, or a bad escape "
	    "(\\000 "
	    "to \\255, \\\", \\\\)" },
	{ "rest", "a. A 192.0.2.1 192.0.2.2",
	    "line 1: not expected here: '192.0.2.2'" },
	{ "behind a fact", "a. A TIMEOUT x", "line 1: not expected here: 'x'" },
	{ "time", "a. A after 3 192.0.2.1",
	    "line 1: expected a time such as 300ms or 3s" },
	{ "ANY", "a. ANY 192.0.2.1",
	    "line 1: expected a fact such as SERVFAIL; records of this type "
	    "can't be written here" },
	{ "CNAME and more", "a. A 192.0.2.1\na. CNAME b.",
	    "line 2: a CNAME stands alone at its name" },
	{ "fact and record", "a. A SERVFAIL\na. A 192.0.2.1",
	    "line 2: a fact stands alone for its name and type" },
};

static void
faulty_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(faulty_cases); i++) {
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		struct zone *zone = zone_new();
		assert_int_equal(
		    zone_add_text(zone, span_text(faulty_cases[i].text), &why),
		    STATUS_MALFORMED);
		expect_text(faulty_cases[i].name, why.text, faulty_cases[i].want);
		zone_free(zone);
	}
}

/* What is too large for one answer is refused, not cut. */
static void
large_sets(void **state)
{
	(void)state;
	char line_memory[512], why_memory[256];
	struct buf line, why;
	buf_wrap(&line, line_memory, sizeof(line_memory));
	buf_wrap(&why, why_memory, sizeof(why_memory));
	buf_add_text(&line, "a. TXT \"");
	for (size_t i = 0; i < 255; i++)
		buf_add_byte(&line, 'x');
	buf_add_byte(&line, '"');

	struct zone *zone = zone_new();
	size_t count = 0;
	while (zone_add_line(zone, buf_span(&line), &why) == STATUS_OK)
		count++;
	assert_in_range(count, 200, 255);
	struct dns_name name = name_of("a");
	struct zone_reply reply = zone_ask(zone, &name, DNS_TXT);
	assert_int_equal(reply.answer->record_count, count);
	dns_answer_free(reply.answer);
	zone_free(zone);
}

/* --- fetcher and clock ---------------------------------------------------- */

/* Asks for a name, and for the name that its answer's only string holds, and so on. */
struct follower {
	struct job job;
	struct dns_name name;
	char seen[256];
	bool finished;
};

static void
follower_evaluate(struct job *job, struct view *view)
{
	struct follower *follower = (struct follower *)job;
	struct dns_name name = follower->name;
	struct buf seen;
	buf_wrap(&seen, follower->seen, sizeof(follower->seen));
	for (;;) {
		struct dns_result txt = dns_get(view, &name, DNS_TXT);
		struct dns_result a = dns_get(view, &name, DNS_A);
		buf_addf(&seen, "%s %s;", outcome_name(txt.outcome),
		    outcome_name(a.outcome));
		if (txt.outcome != OUTCOME_FOUND)
			return;
		struct span text = dns_txt_join(view->arena, &txt.answer->records[0]);
		if (dns_name_from_text(&name, text) != STATUS_OK)
			return;
	}
}

static void
follower_finish(struct job *job)
{
	((struct follower *)job)->finished = true;
}

/* Runs one follower to its end within `timeout_ms`. */
static void
follow(struct follower *follower, struct zone_world *world, const char *name,
    int64_t timeout_ms)
{
	*follower = (struct follower){
		.job = { .evaluate = follower_evaluate,
		    .finish = follower_finish,
		    .arena = arena_new(),
		    .deadline_ms = world->now_ms + timeout_ms },
		.name = name_of(name),
	};
	struct store *store = store_new();
	struct fetcher *fetcher = zone_fetch_new(world, true);
	struct runner *runner = runner_new(&world->clock, store);
	runner_add_fetcher(runner, fetcher);
	runner_start(runner, &follower->job);
	while (!follower->finished)
		runner_step(runner, NULL, 0, DEADLINE_NEVER);
	runner_free(runner);
	fetcher->free(fetcher);
	store_free(store);
	arena_free(follower->job.arena);
}

static void
fetching(void **state)
{
	static const char text[] = "one. TXT \"two\"\n"
				   "two. TXT \"three\"\n"
				   "three. TXT \"slow\"\n"
				   "slow. TXT after 3s \"end\"\n"
				   "slow. A 192.0.2.1\n"
				   "end. TXT SERVFAIL\n";
	static const struct {
		const char *name;
		int64_t timeout_ms;
		const char *seen;
		unsigned rounds, questions;
		int64_t takes_ms;
	} cases[] = {
		{ "end", 10000, "servfail nodata;", 1, 2, 20 },
		{ "three", 10000, "found nodata;found found;servfail nodata;", 3, 6,
		    20 + 3000 + 20 },
		{ "one", 10000,
		    "found nodata;found nodata;found nodata;found found;servfail "
		    "nodata;",
		    5, 10, 4 * 20 + 3000 },
		/* The deadline ends the wait; what came by then is there. */
		{ "three", 2000, "found nodata;timeout found;", 2, 4, 2000 },
		{ "three", 10, "timeout timeout;", 1, 2, 10 },
	};
	(void)state;
	struct zone *zone = zone_of(text);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct zone_world world;
		struct follower follower;
		zone_world_init(&world, zone);
		follow(&follower, &world, cases[i].name, cases[i].timeout_ms);
		expect_text(cases[i].name, follower.seen, cases[i].seen);
		expect_number(cases[i].name, "rounds", world.rounds, cases[i].rounds);
		expect_number(
		    cases[i].name, "questions", world.questions, cases[i].questions);
		expect_number(cases[i].name, "time", world.now_ms - ZONE_EPOCH_MS,
		    cases[i].takes_ms);
	}
	zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(escaped_names),
		cmocka_unit_test(sizes_and_times),
		cmocka_unit_test(faulty_lines),
		cmocka_unit_test(large_sets),
		cmocka_unit_test(fetching),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
