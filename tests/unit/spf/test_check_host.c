/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of spf/check_host: what the openspf suite (tests/conformance) leaves open.
 * Worlds are zones, and each one shows what a receiver makes of one message:
 *
 *	record   the SPF record of example.com; NULL: the zone has it, or there is none
 *	zone     the rest of the world
 *	ip       where the message comes from; 192.0.2.1 unless said
 *	sender   user@example.com unless said
 *	helo     mail.example.net unless said
 *
 * Every case is evaluated again with its answers coming one at a time and the last one
 * first, and must come out the same.
 */
#include "spf/check_host.h"

#include "core/limits.h"
#include "support/receiver.h"
#include "support/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* So that tables are about the world. */
enum {
	NONE = SPF_RESULT_NONE,
	NEUTRAL = SPF_RESULT_NEUTRAL,
	PASS = SPF_RESULT_PASS,
	FAIL = SPF_RESULT_FAIL,
	SOFTFAIL = SPF_RESULT_SOFTFAIL,
	TEMPERROR = SPF_RESULT_TEMPERROR,
	PERMERROR = SPF_RESULT_PERMERROR
};

struct check {
	const char *name;
	const char *record;
	const char *zone;
	int want;                /* one of the above */
	const char *explanation; /* NULL: none */
	const char *reason;      /* NULL: not looked at */
	const char *ip, *sender, *helo;
	unsigned lookups; /* 0: not looked at; so the other figures */
	unsigned rounds;
	unsigned questions;
};

/* --- running a case ------------------------------------------------------- */

static void
add_lines(struct zone *zone, const char *name, const char *text)
{
	char memory[512];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	if (text != NULL && zone_add_text(zone, span_text(text), &why) != STATUS_OK)
		fail_msg("%s: %s", name, why.text);
}

/* Of any length, as an administrator would split it. */
static void
add_record(struct zone *zone, const char *name, const char *record)
{
	struct buf line;
	buf_init(&line, 4096);
	buf_add_text(&line, "example.com. TXT");
	for (struct span rest = span_text(record); rest.length > 0;) {
		struct span string = span_slice(rest, 0, 255);
		buf_addf(&line, " \"%.*s\"", (int)string.length, string.bytes);
		rest = span_slice(rest, string.length, rest.length);
	}
	add_lines(zone, name, line.text);
	buf_free(&line);
}

static struct zone *
zone_of(const struct check *check)
{
	struct zone *zone = zone_new();
	if (check->record != NULL)
		add_record(zone, check->name, check->record);
	add_lines(zone, check->name, check->zone);
	return zone;
}

static struct span
text_or(const char *text, const char *otherwise)
{
	return span_text(text != NULL ? text : otherwise);
}

static struct spf_message
message_of(const struct check *check)
{
	struct spf_message message = {
		.sender = text_or(check->sender, "user@example.com"),
		.helo = text_or(check->helo, "mail.example.net"),
	};
	assert_true(spf_client_parse(&message.client, text_or(check->ip, "192.0.2.1")));
	return message;
}

static void
expect_number(const struct check *check, const char *what, unsigned got, unsigned want)
{
	if (want != 0 && got != want)
		fail_msg("%s: %s: got %u, want %u", check->name, what, got, want);
}

static void
expect_verdict(const struct check *check, const struct spf_verdict *got)
{
	const char *reason = got->reason != NULL ? got->reason : "";
	if ((int)got->result != check->want)
		fail_msg("%s: got %s (%s), want %s", check->name,
		    spf_result_text(got->result), reason,
		    spf_result_text((enum spf_result)check->want));
	struct span explanation = text_or(check->explanation, "");
	if (!span_equal(got->explanation, explanation))
		fail_msg("%s: got explanation '%.*s', want '%.*s'", check->name,
		    (int)got->explanation.length, got->explanation.bytes,
		    (int)explanation.length, explanation.bytes);
	if (check->reason != NULL && strcmp(reason, check->reason) != 0)
		fail_msg("%s: got reason '%s', want '%s'", check->name, reason,
		    check->reason);
	bool is_error = got->result == SPF_RESULT_TEMPERROR ||
	    got->result == SPF_RESULT_PERMERROR;
	if (is_error != (got->reason != NULL) && got->result != SPF_RESULT_NONE)
		fail_msg("%s: an error has a reason, and only an error", check->name);
	expect_number(check, "lookups", got->lookups, check->lookups);
}

static void
run_check(const struct check *check)
{
	struct zone *zone = zone_of(check);
	struct spf_message message = message_of(check);
	struct receiver receiver;
	receiver_init(&receiver, zone);
	struct spf_verdict verdict = receiver_check(&receiver, &message);
	expect_verdict(check, &verdict);
	expect_number(check, "rounds", receiver.rounds, check->rounds);
	expect_number(check, "questions", receiver.questions, check->questions);
	verdict = receiver_check_again(&receiver, &message);
	expect_verdict(check, &verdict);

	receiver.one_at_a_time = true;
	verdict = receiver_check(&receiver, &message);
	expect_verdict(check, &verdict);
	receiver_free(&receiver);
	zone_free(zone);
}

static void
run_checks(const struct check *checks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_check(&checks[i]);
}

/* --- DNS faults (RFC 7208 4.4, 5, 5.5, 6.2, 7.2) -------------------------- */

static const char *const faults[] = { "SERVFAIL", "REFUSED", "NOTIMP", "TIMEOUT",
	"UNREACHABLE", "MALFORMED" };

/* The case with one more line in its zone: `question` meets each fault. */
static void
run_with_faults(const struct check *check, const char *question)
{
	for (size_t i = 0; i < ARRAY_LENGTH(faults); i++) {
		struct buf zone, name;
		buf_init(&zone, 4096);
		buf_init(&name, 256);
		buf_addf(&zone, "%s%s %s\n", check->zone != NULL ? check->zone : "",
		    question, faults[i]);
		buf_addf(&name, "%s, %s", check->name, faults[i]);
		struct check faulty = *check;
		faulty.zone = zone.text;
		faulty.name = name.text;
		run_check(&faulty);
		buf_free(&zone);
		buf_free(&name);
	}
}

struct fault_case {
	const char *question;
	struct check check;
};

static void
a_fault_is_temperror(void **state)
{
	static const struct fault_case cases[] = {
		{ "example.com. TXT", { "the record itself", .want = TEMPERROR } },
		{ "example.com. A", { "a", "v=spf1 a +all", .want = TEMPERROR } },
		{ "h.example. A",
		    { "a with a name", "v=spf1 a:h.example/0 +all",
			.want = TEMPERROR } },
		{ "h.example. AAAA",
		    { "a, IPv6", "v=spf1 a:h.example +all", .ip = "2001:db8::1",
			.want = TEMPERROR } },
		{ "example.com. MX", { "mx", "v=spf1 mx +all", .want = TEMPERROR } },
		{ "m.example. A",
		    { "an exchanger", "v=spf1 mx +all",
			"example.com. MX 1 m.example.\n", .want = TEMPERROR } },
		{ "m.example. A",
		    { "an exchanger behind another one", "v=spf1 mx +all",
			"example.com. MX 1 ok.example.\n"
			"example.com. MX 2 m.example.\n"
			"ok.example.  A  192.0.2.9\n",
			.want = TEMPERROR } },
		{ "i.example. TXT",
		    { "include", "v=spf1 include:i.example +all", .want = TEMPERROR } },
		{ "h.example. A",
		    { "within an include", "v=spf1 include:i.example +all",
			"i.example. TXT \"v=spf1 a:h.example -all\"\n",
			.want = TEMPERROR } },
		{ "r.example. TXT",
		    { "redirect", "v=spf1 redirect=r.example", .want = TEMPERROR } },
		{ "x.example. A",
		    { "exists", "v=spf1 exists:x.example +all", .want = TEMPERROR } },
		{ "x.example. A",
		    { "exists, IPv6", "v=spf1 exists:x.example +all",
			.ip = "2001:db8::1", .want = TEMPERROR } },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		run_with_faults(&cases[i].check, cases[i].question);
}

/* Who has no say in a record can't break its evaluation. */
static void
a_fault_is_passed_over(void **state)
{
	static const struct fault_case cases[] = {
		{ "other.example. A",
		    { "the second exchanger, behind a match", "v=spf1 mx -all",
			"example.com.  MX 1 m.example.\n"
			"example.com.  MX 2 other.example.\n"
			"m.example.    A  192.0.2.1\n",
			.want = PASS } },
		{ "1.2.0.192.in-addr.arpa. PTR",
		    { "ptr", "v=spf1 ptr ~all", NULL, .want = SOFTFAIL } },
		{ "a.example.com. A",
		    { "the only name of ptr", "v=spf1 ptr ~all",
			"1.2.0.192.in-addr.arpa. PTR a.example.com.\n",
			.want = SOFTFAIL } },
		{ "a.example.com. A",
		    { "one name of ptr", "v=spf1 ptr ~all",
			"1.2.0.192.in-addr.arpa. PTR a.example.com.\n"
			"1.2.0.192.in-addr.arpa. PTR b.example.com.\n"
			"b.example.com. A 192.0.2.1\n",
			.want = PASS } },
		{ "1.2.0.192.in-addr.arpa. PTR",
		    { "%{p}", "v=spf1 exists:%{p}.x.example -all",
			"unknown.x.example. A 127.0.0.2\n", .want = PASS } },
		{ "a.example.com. A",
		    { "a name of %{p}", "v=spf1 exists:%{p}.x.example -all",
			"1.2.0.192.in-addr.arpa. PTR a.example.com.\n"
			"unknown.x.example. A 127.0.0.2\n",
			.want = PASS } },
		{ "e.example. TXT",
		    { "exp", "v=spf1 -all exp=e.example", NULL, .want = FAIL } },
		{ "1.2.0.192.in-addr.arpa. PTR",
		    { "%{p} in an explanation", "v=spf1 -all exp=e.example",
			"e.example. TXT \"%{p} may not\"\n", .want = FAIL,
			.explanation = "unknown may not" } },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		run_with_faults(&cases[i].check, cases[i].question);
}

/* NXDOMAIN and an empty answer are answers. */
static void
what_is_not_there_is_no_fault(void **state)
{
	static const struct check checks[] = {
		{ "no such domain", NULL, NULL, .want = NONE },
		{ "no TXT", NULL, "example.com. A 192.0.2.1\n", .want = NONE },
		{ "no such host", "v=spf1 a:h.example -all", NULL, .want = FAIL },
		{ "no exchangers", "v=spf1 mx -all", "example.com. A 192.0.2.1\n",
		    .want = FAIL },
		{ "an exchanger that is not there", "v=spf1 mx -all",
		    "example.com. MX 1 m.example.\n", .want = FAIL },
		{ "no mail (RFC 7505)", "v=spf1 mx -all", "example.com. MX 0 .\n",
		    .want = FAIL, .questions = 2 },
		{ "include", "v=spf1 include:i.example -all", NULL, .want = PERMERROR,
		    .reason = "include of a name without SPF record" },
		{ "include of another TXT", "v=spf1 include:i.example -all",
		    "i.example. TXT \"hello\"\n", .want = PERMERROR },
		{ "redirect", "v=spf1 redirect=i.example", NULL, .want = PERMERROR,
		    .reason = "redirect to a name without SPF record" },
		{ "redirect to another TXT", "v=spf1 redirect=i.example",
		    "i.example. TXT \"hello\"\n", .want = PERMERROR },
		{ "an unused redirect", "v=spf1 redirect=i.example ?all", NULL,
		    .want = NEUTRAL, .questions = 1 },
		{ "a chain of aliases without end", "v=spf1 a:h.example -all",
		    "h.example. CNAME h.example.\n", .want = TEMPERROR },
		{ "the record behind an alias", NULL,
		    "example.com. CNAME real.example.\n"
		    "real.example. TXT \"v=spf1 a:%{d} -all\"\n"
		    "real.example. A 192.0.2.1\n",
		    .want = PASS },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* Reason and place of what went wrong: the innermost term. */
static void
a_verdict_names_its_term(void **state)
{
	static const struct check check = {
		"an include's include",
		"v=spf1 ip4:192.0.2.7 include:i.example -all",
		"i.example. TXT \"v=spf1 mx:m.example -all\"\n"
		"m.example. MX SERVFAIL\n",
		.want = TEMPERROR,
		.reason = "SERVFAIL for MX of m.example",
	};
	(void)state;
	struct zone *zone = zone_of(&check);
	struct spf_message message = message_of(&check);
	struct receiver receiver;
	receiver_init(&receiver, zone);
	struct spf_verdict got = receiver_check(&receiver, &message);
	expect_verdict(&check, &got);
	assert_true(span_equal(got.matched, span_text("mx:m.example")));
	assert_string_equal(dns_name_text(receiver.arena, &got.domain), "i.example");

	/* A match is told of the record that decided, not of the included one. */
	add_lines(zone, "the match", "i2.example. TXT \"v=spf1 ip4:192.0.2.7 -all\"\n");
	message.client.address[3] = 7;
	got = receiver_check(&receiver, &message);
	assert_int_equal(got.result, SPF_RESULT_PASS);
	assert_true(span_equal(got.matched, span_text("ip4:192.0.2.7")));
	assert_string_equal(dns_name_text(receiver.arena, &got.domain), "example.com");
	receiver_free(&receiver);
	zone_free(zone);
}

/* --- the ten look-ups (4.6.4) --------------------------------------------- */

#define FIVE_A "a a a a a "
#define NOT_US "example.com. A 192.0.2.99\n"
#define US " ip4:192.0.2.1 -all"

static void
ten_terms_and_no_more(void **state)
{
	static const char two_levels[] = NOT_US
	    "i.example. TXT \"v=spf1 a:example.com a:example.com a:example.com "
	    "include:j.example\"\n"
	    "j.example. TXT \"v=spf1 a:example.com a:example.com\"\n";
	static const struct check checks[] = {
		{ "ten", "v=spf1 " FIVE_A FIVE_A US, NOT_US, .want = PASS,
		    .lookups = 10, .questions = 2 },
		{ "eleven", "v=spf1 " FIVE_A FIVE_A "a" US, NOT_US, .want = PERMERROR,
		    .lookups = 10, .reason = "more than 10 DNS lookups" },
		{ "a match before the eleventh", "v=spf1 " FIVE_A FIVE_A US " a",
		    NOT_US, .want = PASS },
		{ "a match in the tenth", "v=spf1 " FIVE_A "a a a a a:us.example -all",
		    NOT_US "us.example. A 192.0.2.1\n", .want = PASS },
		{ "a match in the eleventh",
		    "v=spf1 " FIVE_A FIVE_A "a:us.example -all",
		    NOT_US "us.example. A 192.0.2.1\n", .want = PERMERROR },
		{ "includes count, and what is in them",
		    "v=spf1 a a a include:i.example" US, two_levels, .want = PASS,
		    .lookups = 10 },
		{ "the eleventh behind an include",
		    "v=spf1 a a a include:i.example a" US, two_levels,
		    .want = PERMERROR, .lookups = 10 },
		{ "the eleventh in an include", "v=spf1 a a a a include:i.example" US,
		    two_levels, .want = PERMERROR, .lookups = 10 },
		{ "the same include twice counts twice",
		    "v=spf1 include:j.example include:j.example include:j.example a" US,
		    two_levels, .want = PASS, .lookups = 10, .questions = 3 },
		{ "redirect counts", "v=spf1 " FIVE_A "a a a a redirect=r.example",
		    NOT_US "r.example. TXT \"v=spf1" US "\"\n", .want = PASS,
		    .lookups = 10 },
		{ "redirect as the eleventh",
		    "v=spf1 " FIVE_A FIVE_A "redirect=r.example",
		    NOT_US "r.example. TXT \"v=spf1" US "\"\n", .want = PERMERROR },
		{ "every kind counts",
		    "v=spf1 " FIVE_A "exists:none.example ptr mx ptr a" US,
		    NOT_US "1.2.0.192.in-addr.arpa. PTR o.example.\n"
			   "example.com. MX 1 example.com.\n",
		    .want = PASS, .lookups = 10 },
		{ "ptr as the eleventh", "v=spf1 " FIVE_A FIVE_A "ptr" US,
		    NOT_US "1.2.0.192.in-addr.arpa. PTR o.example.\n",
		    .want = PERMERROR },
		{ "a record that includes itself", "v=spf1 include:example.com -all",
		    NULL, .want = PERMERROR, .lookups = 10, .questions = 1 },
		{ "a record that redirects to itself", "v=spf1 redirect=example.com",
		    NULL, .want = PERMERROR, .lookups = 10, .questions = 1 },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* What asks nothing, or asks when all is over, is free. */
static void
terms_that_cost_nothing(void **state)
{
	static const struct check checks[] = {
		{ "ip4, ip6 and all",
		    "v=spf1 ip4:192.0.2.9 ip6:2001:db8::1 ip4:192.0.2.9 "
		    "ip4:192.0.2.9 ip4:192.0.2.9 ip4:192.0.2.9 ip4:192.0.2.9 "
		    "ip4:192.0.2.9 ip4:192.0.2.9 ip4:192.0.2.9 ip4:192.0.2.9 a ~all",
		    NOT_US, .want = SOFTFAIL, .lookups = 1 },
		{ "exp", "v=spf1 " FIVE_A FIVE_A "-all exp=e.example",
		    NOT_US "e.example. TXT \"no\"\n", .want = FAIL, .explanation = "no",
		    .lookups = 10 },
		{ "unknown modifiers",
		    "v=spf1 " FIVE_A FIVE_A "x=a.example y=%{d} redirect-to=b ~all",
		    NOT_US, .want = SOFTFAIL, .lookups = 10 },
		{ "%{p}", "v=spf1 " FIVE_A "a a a a -exists:%{p}.example" US,
		    NOT_US "1.2.0.192.in-addr.arpa. PTR o.example.\n", .want = PASS,
		    .lookups = 10 },
		{ "all that an mx leads to", "v=spf1 " FIVE_A "a a a a mx" US,
		    NOT_US "example.com. MX 1 m1.example.\n"
			   "example.com. MX 2 m2.example.\n"
			   "m1.example. A 192.0.2.9\n"
			   "m2.example. A 192.0.2.9\n",
		    .want = PASS, .lookups = 10 },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- void look-ups (4.6.4) ------------------------------------------------ */

static void
two_voids_and_no_more(void **state)
{
	static const struct check checks[] = {
		{ "two", "v=spf1 a:x.example a:y.example" US, NULL, .want = PASS },
		{ "three", "v=spf1 a:x.example a:y.example a:z.example" US, NULL,
		    .want = PERMERROR, .reason = "more than 2 void lookups" },
		{ "no such name and no such record alike",
		    "v=spf1 a:x.example a:y.example a:z.example" US,
		    "x.example. TXT \"\"\n"
		    "y.example. A NODATA\n",
		    .want = PERMERROR },
		{ "the same one three times",
		    "v=spf1 a:x.example a:x.example a:x.example" US, NULL,
		    .want = PERMERROR, .questions = 2 },
		{ "mx", "v=spf1 mx:x.example mx:y.example mx:z.example" US, NULL,
		    .want = PERMERROR },
		{ "exists", "v=spf1 exists:x.example exists:y.example exists:z.ex" US,
		    NULL, .want = PERMERROR },
		{ "ptr", "v=spf1 ptr ptr ptr" US, NULL, .want = PERMERROR },
		{ "in includes",
		    "v=spf1 include:i.example include:j.example a:z.example" US,
		    "i.example. TXT \"v=spf1 a:x.example\"\n"
		    "j.example. TXT \"v=spf1 a:y.example\"\n",
		    .want = PERMERROR },
		{ "behind a redirect", "v=spf1 a:x.example redirect=r.example",
		    "r.example. TXT \"v=spf1 a:y.example a:z.example -all\"\n",
		    .want = PERMERROR },
		{ "a match before the third",
		    "v=spf1 a:x.example a:y.example" US " a:z.example", NULL,
		    .want = PASS, .questions = 3 },
		/* Only the client's family is asked for, so this is void. */
		{ "hosts without an IPv6 address, for an IPv6 client",
		    "v=spf1 a:x.example a:y.example a:z.example +all",
		    "x.example. A 192.0.2.1\n"
		    "y.example. A 192.0.2.1\n"
		    "z.example. A 192.0.2.1\n",
		    .want = PERMERROR, .ip = "2001:db8::1" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

static void
what_is_not_void(void **state)
{
	static const struct check checks[] = {
		{ "a name that can't be asked for",
		    "v=spf1 a:x..example a:y..example a:z..example" US, NULL,
		    .want = PASS, .lookups = 3, .questions = 1 },
		{ "exchangers without an address: the term was answered",
		    "v=spf1 mx" US,
		    "example.com. MX 1 x.example.\n"
		    "example.com. MX 1 y.example.\n"
		    "example.com. MX 1 z.example.\n",
		    .want = PASS },
		{ "names of ptr without an address", "v=spf1 ptr" US,
		    "1.2.0.192.in-addr.arpa. PTR x.example.\n"
		    "1.2.0.192.in-addr.arpa. PTR y.example.\n"
		    "1.2.0.192.in-addr.arpa. PTR z.example.\n",
		    .want = PASS },
		{ "%{p} without a name",
		    "v=spf1 exists:%{p}.x.example exists:%{p}.y.example" US, NULL,
		    .want = PASS },
		{ "exp", "v=spf1 a:x.example a:y.example -all exp=z.example", NULL,
		    .want = FAIL },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- ten exchangers, ten names (4.6.4) ------------------------------------ */

#define EIGHT_EXCHANGERS \
	"example.com. MX 1 m1.example.\n" \
	"example.com. MX 1 m2.example.\n" \
	"example.com. MX 1 m3.example.\n" \
	"example.com. MX 1 m4.example.\n" \
	"example.com. MX 1 m5.example.\n" \
	"example.com. MX 1 m6.example.\n" \
	"example.com. MX 1 m7.example.\n" \
	"example.com. MX 1 m8.example.\n"

#define EIGHT_NAMES \
	"1.2.0.192.in-addr.arpa. PTR n1.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n2.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n3.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n4.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n5.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n6.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n7.example.\n" \
	"1.2.0.192.in-addr.arpa. PTR n8.example.\n"

static void
ten_exchangers_and_ten_names(void **state)
{
	static const struct check checks[] = {
		{ "the tenth exchanger", "v=spf1 mx -all",
		    EIGHT_EXCHANGERS "example.com. MX 9 m9.example.\n"
				     "example.com. MX 9 us.example.\n"
				     "us.example. A 192.0.2.1\n",
		    .want = PASS, .questions = 12, .rounds = 3, .lookups = 1 },
		{ "eleven exchangers, the first of which matches", "v=spf1 mx -all",
		    "example.com. MX 0 us.example.\n" EIGHT_EXCHANGERS
		    "example.com. MX 9 m9.example.\n"
		    "example.com. MX 9 m10.example.\n"
		    "us.example. A 192.0.2.1\n",
		    .want = PERMERROR, .questions = 2,
		    .reason = "mx with more than 10 exchangers" },
		{ "ten for each mx", "v=spf1 mx mx:b.example -all",
		    EIGHT_EXCHANGERS "b.example. MX 1 m1.example.\n"
				     "b.example. MX 1 m2.example.\n"
				     "b.example. MX 2 us.example.\n"
				     "us.example. A 192.0.2.1\n",
		    .want = PASS },
		{ "the tenth name", "v=spf1 ptr:us.example ~all",
		    EIGHT_NAMES "1.2.0.192.in-addr.arpa. PTR n9.example.\n"
				"1.2.0.192.in-addr.arpa. PTR us.example.\n"
				"us.example. A 192.0.2.1\n",
		    .want = PASS, .questions = 12 },
		{ "the eleventh name is not looked at, and no error",
		    "v=spf1 ptr:us.example ~all",
		    EIGHT_NAMES "1.2.0.192.in-addr.arpa. PTR n9.example.\n"
				"1.2.0.192.in-addr.arpa. PTR n10.example.\n"
				"1.2.0.192.in-addr.arpa. PTR us.example.\n"
				"us.example. A 192.0.2.1\n",
		    .want = SOFTFAIL, .questions = 12 },
		{ "nor by %{p}", "v=spf1 exists:%{p}.x.example ~all",
		    EIGHT_NAMES "1.2.0.192.in-addr.arpa. PTR n9.example.\n"
				"1.2.0.192.in-addr.arpa. PTR n10.example.\n"
				"1.2.0.192.in-addr.arpa. PTR us.example.\n"
				"us.example. A 192.0.2.1\n"
				"us.example.x.example. A 127.0.0.2\n",
		    .want = SOFTFAIL },
		{ "any number of addresses", "v=spf1 a -all",
		    "example.com. A 192.0.2.11\n"
		    "example.com. A 192.0.2.12\n"
		    "example.com. A 192.0.2.13\n"
		    "example.com. A 192.0.2.14\n"
		    "example.com. A 192.0.2.15\n"
		    "example.com. A 192.0.2.16\n"
		    "example.com. A 192.0.2.17\n"
		    "example.com. A 192.0.2.18\n"
		    "example.com. A 192.0.2.19\n"
		    "example.com. A 192.0.2.20\n"
		    "example.com. A 192.0.2.21\n"
		    "example.com. A 192.0.2.1\n",
		    .want = PASS },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- parsing comes first (4.6) -------------------------------------------- */

static void
faults_behind_a_match(void **state)
{
	static const char *const terms[] = { "moo", "a:", "ip4:1.2.3",
		"ip4:192.0.2.1/33", "ip6:1::2::3", "ip6:::/129", "include",
		"include:", "exists:x", "a:%{z}.example", "a:%{d0}.example",
		"a:x%.example", "mx/33", "a//129", "ptr/24", "all/8", "all:x",
		"redirect=", "redirect=x", "exp=", "exp=%{c}.example.com/", "x=%",
		"x=%{q}", "1x=y", "=x", "a:%{r}.example", "-",
		"redirect=a.example redirect=b.example", "exp=a.example exp=a.example",
		"\\009a", "a\\000", "\\195\\164=x" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(terms); i++) {
		char memory[256];
		struct buf record;
		buf_wrap(&record, memory, sizeof(memory));
		buf_addf(&record, "v=spf1 ip4:192.0.2.1 -all %s", terms[i]);
		struct check check = { terms[i], record.text, NULL, .want = PERMERROR,
			.reason = "syntax error in the record", .questions = 1 };
		run_check(&check);
	}
}

static void
faults_elsewhere(void **state)
{
	static const struct check checks[] = {
		{ "in an include", "v=spf1 include:i.example" US,
		    "i.example. TXT \"v=spf1 ip4:192.0.2.1 a:\"\n", .want = PERMERROR },
		{ "in an include that is not reached", "v=spf1" US " include:i.example",
		    "i.example. TXT \"v=spf1 a:\"\n", .want = PASS, .questions = 1 },
		{ "two records", NULL,
		    "example.com. TXT \"v=spf1 +all\"\n"
		    "example.com. TXT \"v=spf1 -all\"\n",
		    .want = PERMERROR, .reason = "more than one SPF record" },
		{ "two records in an include", "v=spf1 include:i.example" US,
		    "i.example. TXT \"v=spf1 +all\"\n"
		    "i.example. TXT \"v=spf1\"\n",
		    .want = PERMERROR },
		{ "no fault: other TXT beside it", NULL,
		    "example.com. TXT \"v=spf10 +all\"\n"
		    "example.com. TXT \"\\255v=spf1\"\n"
		    "example.com. TXT \"v=spf1 -all\"\n",
		    .want = FAIL },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* Beyond the cap nothing was read, so that nobody can say what it means. */
static void
a_record_without_end(void **state)
{
	struct buf record;
	(void)state;
	buf_init(&record, 4000);
	buf_add_text(&record, "v=spf1 all");
	for (size_t i = 1; i < LIMIT_SPF_TERMS; i++)
		buf_add_text(&record, " a");
	struct check check = { "as many terms as are read", record.text, NULL,
		.want = PASS };
	run_check(&check);
	buf_add_text(&record, " a");
	check = (struct check){ "one more", record.text, NULL, .want = TEMPERROR,
		.reason = "a record of more terms than are read here" };
	run_check(&check);
	buf_free(&record);
}

/* --- explanations (6.2) --------------------------------------------------- */

static void
explanations(void **state)
{
	static const char says_no[] = "e.example. TXT \"no\"\n";
	static const struct check checks[] = {
		{ "of a fail", "v=spf1 exp=e.example -all", says_no, .want = FAIL,
		    .explanation = "no" },
		{ "not of a softfail", "v=spf1 exp=e.example ~all", says_no,
		    .want = SOFTFAIL, .questions = 1 },
		{ "not of a neutral", "v=spf1 exp=e.example ?all", says_no,
		    .want = NEUTRAL, .questions = 1 },
		{ "not of the end of the record", "v=spf1 exp=e.example", says_no,
		    .want = NEUTRAL, .questions = 1 },
		{ "not of a permerror",
		    "v=spf1 exp=e.example a:1.example a:2.example a:3.example -all",
		    says_no, .want = PERMERROR },
		{ "of any term that fails", "v=spf1 -ip4:192.0.2.0/24 exp=e.example",
		    says_no, .want = FAIL, .explanation = "no" },
		{ "not the include's", "v=spf1 include:i.example -all",
		    "i.example. TXT \"v=spf1 -all exp=e.example\"\n"
		    "e.example. TXT \"no\"\n",
		    .want = FAIL, .questions = 2 },
		{ "not the include's, also when it passes: -include",
		    "v=spf1 -include:i.example exp=own.example",
		    "i.example. TXT \"v=spf1 +all exp=e.example\"\n"
		    "e.example. TXT \"no\"\n"
		    "own.example. TXT \"own\"\n",
		    .want = FAIL, .explanation = "own" },
		{ "not of a redirect within an include",
		    "v=spf1 include:i.example -all",
		    "i.example. TXT \"v=spf1 redirect=r.example\"\n"
		    "r.example. TXT \"v=spf1 -all exp=e.example\"\n"
		    "e.example. TXT \"no\"\n",
		    .want = FAIL },
		{ "the redirect target's", "v=spf1 exp=e.example redirect=r.example",
		    "r.example. TXT \"v=spf1 -all exp=own.example\"\n"
		    "e.example. TXT \"no\"\n"
		    "own.example. TXT \"%{d} says so\"\n",
		    .want = FAIL, .explanation = "r.example says so" },
		{ "none where the redirect target has none",
		    "v=spf1 exp=e.example redirect=r.example",
		    "r.example. TXT \"v=spf1 -all\"\n"
		    "e.example. TXT \"no\"\n",
		    .want = FAIL },
		{ "not the domain's own when the redirect is not followed",
		    "v=spf1 -all exp=e.example redirect=r.example",
		    "r.example. TXT \"v=spf1 -all\"\n"
		    "e.example. TXT \"no\"\n",
		    .want = FAIL, .explanation = "no" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* "Proceed as if no exp modifier was given". */
static void
explanations_that_are_none(void **state)
{
	static const char record[] = "v=spf1 -all exp=e.example";
	static const struct check checks[] = {
		{ "no such name", record, NULL, .want = FAIL },
		{ "no TXT", record, "e.example. A 192.0.2.1\n", .want = FAIL },
		{ "two", record,
		    "e.example. TXT \"a\"\n"
		    "e.example. TXT \"b\"\n",
		    .want = FAIL },
		{ "empty", record, "e.example. TXT \"\"\n", .want = FAIL },
		{ "a bad macro", record, "e.example. TXT \"50% off\"\n", .want = FAIL },
		{ "beyond ASCII", record, "e.example. TXT \"n\\195\\164h\"\n",
		    .want = FAIL },
		{ "a control character", record, "e.example. TXT \"a\\010b\"\n",
		    .want = FAIL },
		{ "a NUL", record, "e.example. TXT \"a\\000b\"\n", .want = FAIL },
		{ "beyond ASCII by a macro", record, "e.example. TXT \"%{h}\"\n",
		    .want = FAIL, .helo = "h\xc3\xa4.example" },
		{ "a name that can't be", "v=spf1 -all exp=%{l}..example", NULL,
		    .want = FAIL, .questions = 1 },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

static void
explanations_with_macros(void **state)
{
	static const char record[] = "v=spf1 -all exp=e.example";
	static const struct check checks[] = {
		{ "strings joined, blanks kept", record,
		    "e.example. TXT \" %{i}  is \" \"not %{o}'s \"\n", .want = FAIL,
		    .explanation = " 192.0.2.1  is not example.com's " },
		{ "letters of explanations only", record,
		    "e.example. TXT \"%{c} %{r} %{t}\"\n", .want = FAIL,
		    .explanation = "192.0.2.1 unknown 0" },
		{ "upper case is escaped", record,
		    "e.example. TXT \"http://why.example/?s=%{S}&c=%{C}\"\n",
		    .want = FAIL,
		    .explanation = "http://why.example/"
				   "?s=a%20%22b%22~%40example.com&c=2001%3Adb8%3A"
				   "%3A1",
		    .sender = "a \"b\"~@example.com", .ip = "2001:db8::1" },
		{ "where to find it", "v=spf1 -all exp=%{ir}._e.%{d2}",
		    "1.2.0.192._e.example.com. TXT \"found\"\n", .want = FAIL,
		    .explanation = "found" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- addresses (5, 5.6) --------------------------------------------------- */

static void
families_never_mix(void **state)
{
	static const char hosts[] = "example.com. A 192.0.2.1\n"
				    "example.com. AAAA ::ffff:192.0.2.1\n"
				    "example.com. MX 1 example.com.\n";
	static const struct check checks[] = {
		{ "any IPv6 address", "v=spf1 ip6:::/0 -all", NULL, .want = FAIL },
		{ "the mapped range", "v=spf1 ip6:::ffff:0:0/96 -all", NULL,
		    .want = FAIL },
		{ "the mapped address", "v=spf1 ip6:::ffff:192.0.2.1 -all", NULL,
		    .want = FAIL },
		{ "the compatible address", "v=spf1 ip6:::192.0.2.1 -all", NULL,
		    .want = FAIL },
		{ "a mapped client, any IPv6 address", "v=spf1 ip6:::/0 -all", NULL,
		    .want = FAIL, .ip = "::ffff:192.0.2.1" },
		{ "a mapped client, the mapped range", "v=spf1 ip6:::ffff:0:0/96 -all",
		    NULL, .want = FAIL, .ip = "::ffff:192.0.2.1" },
		{ "a mapped client is an IPv4 client", "v=spf1 ip4:192.0.2.1 -all",
		    NULL, .want = PASS, .ip = "::ffff:192.0.2.1" },
		{ "in hexadecimal too", "v=spf1 ip4:192.0.2.1 -all", NULL, .want = PASS,
		    .ip = "::FFFF:C000:201" },
		{ "a mapped client in macros",
		    "v=spf1 exists:%{ir}.%{v}.x.example -all",
		    "1.2.0.192.in-addr.x.example. A 127.0.0.2\n", .want = PASS,
		    .ip = "::ffff:192.0.2.1" },
		{ "any IPv4 address", "v=spf1 ip4:0.0.0.0/0 -all", NULL, .want = FAIL,
		    .ip = "2001:db8::1" },
		{ "a compatible client is an IPv6 client", "v=spf1 ip4:0.0.0.0/0 -all",
		    NULL, .want = FAIL, .ip = "::192.0.2.1" },
		{ "a mapped client and AAAA", "v=spf1 a//0 -all",
		    "example.com. AAAA ::ffff:192.0.2.1\n", .want = FAIL,
		    .ip = "::ffff:192.0.2.1" },
		{ "a, IPv4", "v=spf1 a -all", hosts, .want = PASS },
		{ "a, IPv6", "v=spf1 a -all", hosts, .want = FAIL,
		    .ip = "2001:db8::1" },
		{ "mx/0 is for IPv4", "v=spf1 mx/0 -all", hosts, .want = FAIL,
		    .ip = "2001:db8::1" },
		{ "mx//0 is for IPv6", "v=spf1 mx//0 -all", hosts, .want = PASS,
		    .ip = "2001:db8::1" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

static void
prefixes(void **state)
{
	static const struct check checks[] = {
		{ "/31, inside", "v=spf1 ip4:192.0.2.0/31 -all", NULL, .want = PASS },
		{ "/31, outside", "v=spf1 ip4:192.0.2.2/31 -all", NULL, .want = FAIL },
		{ "/32", "v=spf1 ip4:192.0.2.0/32 -all", NULL, .want = FAIL },
		{ "/1", "v=spf1 ip4:128.0.0.0/1 -all", NULL, .want = PASS },
		{ "/1, outside", "v=spf1 ip4:127.0.0.0/1 -all", NULL, .want = FAIL },
		{ "/0", "v=spf1 ip4:10.0.0.1/0 -all", NULL, .want = PASS },
		{ "/127", "v=spf1 ip6:2001:db8::/127 -all", NULL, .want = PASS,
		    .ip = "2001:db8::1" },
		{ "/127, outside", "v=spf1 ip6:2001:db8::2/127 -all", NULL,
		    .want = FAIL, .ip = "2001:db8::1" },
		{ "/128", "v=spf1 ip6:2001:db8::1/128 -all", NULL, .want = PASS,
		    .ip = "2001:db8::1" },
		{ "/33, the bit behind 32", "v=spf1 ip6:2001:db8::/33 -all", NULL,
		    .want = FAIL, .ip = "2001:db8:8000::1" },
		{ "of exchangers", "v=spf1 mx/24 -all",
		    "example.com. MX 1 m.example.\n"
		    "m.example. A 192.0.2.200\n",
		    .want = PASS },
		{ "of hosts", "v=spf1 a:m.example/25 -all",
		    "m.example. A 192.0.2.200\n", .want = FAIL },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- ptr (5.5) ------------------------------------------------------------ */

static void
only_validated_names_pass(void **state)
{
	static const struct check checks[] = {
		{ "a name without address", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n", .want = FAIL },
		{ "a name with another address", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n"
		    "www.example.com. A 192.0.2.2\n",
		    .want = FAIL },
		{ "another name is valid", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR example.com.\n"
		    "1.2.0.192.in-addr.arpa. PTR us.example.\n"
		    "us.example. A 192.0.2.1\n",
		    .want = FAIL },
		{ "the name itself", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR Example.COM.\n"
		    "example.com. A 192.0.2.1\n",
		    .want = PASS },
		{ "a name below it", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR a.b.example.com.\n"
		    "a.b.example.com. A 192.0.2.1\n",
		    .want = PASS },
		{ "a name that only ends the same", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR badexample.com.\n"
		    "badexample.com. A 192.0.2.1\n",
		    .want = FAIL },
		{ "a name above it", "v=spf1 ptr:www.example.com -all",
		    "1.2.0.192.in-addr.arpa. PTR example.com.\n"
		    "example.com. A 192.0.2.1\n",
		    .want = FAIL },
		{ "the family of the client", "v=spf1 ptr -all",
		    "1.2.0.192.in-addr.arpa. PTR example.com.\n"
		    "example.com. AAAA ::ffff:192.0.2.1\n",
		    .want = FAIL },
		{ "IPv6", "v=spf1 ptr -all",
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
		    "ip6.arpa. PTR example.com.\n"
		    "example.com. AAAA 2001:db8::1\n",
		    .want = PASS, .ip = "2001:db8::1" },
		{ "within an include, its own domain", "v=spf1 include:i.example -all",
		    "i.example. TXT \"v=spf1 ptr -all\"\n"
		    "1.2.0.192.in-addr.arpa. PTR www.i.example.\n"
		    "www.i.example. A 192.0.2.1\n",
		    .want = PASS },
		{ "a macro in it", "v=spf1 ptr:%{d2} -all",
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n"
		    "www.example.com. A 192.0.2.1\n",
		    .want = PASS },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* The domain itself, else a name below it, else any (7.3). */
static void
which_name_p_is(void **state)
{
	static const char record[] = "v=spf1 exists:%{p}.x.example -all";
	static const struct check checks[] = {
		{ "the domain", record,
		    "1.2.0.192.in-addr.arpa. PTR o.example.\n"
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n"
		    "1.2.0.192.in-addr.arpa. PTR example.com.\n"
		    "o.example. A 192.0.2.1\n"
		    "www.example.com. A 192.0.2.1\n"
		    "example.com. A 192.0.2.1\n"
		    "example.com.x.example. A 127.0.0.2\n",
		    .want = PASS },
		{ "a name below it", record,
		    "1.2.0.192.in-addr.arpa. PTR o.example.\n"
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n"
		    "1.2.0.192.in-addr.arpa. PTR example.com.\n"
		    "o.example. A 192.0.2.1\n"
		    "www.example.com. A 192.0.2.1\n"
		    "example.com. A 192.0.2.2\n"
		    "www.example.com.x.example. A 127.0.0.2\n",
		    .want = PASS },
		{ "any other", record,
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n"
		    "1.2.0.192.in-addr.arpa. PTR o.example.\n"
		    "o.example. A 192.0.2.1\n"
		    "o.example.x.example. A 127.0.0.2\n",
		    .want = PASS },
		{ "the first of two equals", record,
		    "1.2.0.192.in-addr.arpa. PTR b.example.com.\n"
		    "1.2.0.192.in-addr.arpa. PTR a.example.com.\n"
		    "a.example.com. A 192.0.2.1\n"
		    "b.example.com. A 192.0.2.1\n"
		    "b.example.com.x.example. A 127.0.0.2\n",
		    .want = PASS },
		{ "none", record, "unknown.x.example. A 127.0.0.2\n", .want = PASS },
		{ "by the include's domain", "v=spf1 include:i.example -all",
		    "i.example. TXT \"v=spf1 exists:%{p}.x.example -all\"\n"
		    "1.2.0.192.in-addr.arpa. PTR www.example.com.\n"
		    "1.2.0.192.in-addr.arpa. PTR www.i.example.\n"
		    "www.example.com. A 192.0.2.1\n"
		    "www.i.example. A 192.0.2.1\n"
		    "www.i.example.x.example. A 127.0.0.2\n",
		    .want = PASS },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- sender and HELO (2.3, 2.4, 4.3) -------------------------------------- */

static void
who_is_checked(void **state)
{
	static const char zone[] = "mail.example.net. TXT \"v=spf1 "
				   "exists:%{l}._at_.%{o}.%{d}.%{h}.x.example -all\"\n"
				   "postmaster._at_.mail.example.net.mail.example.net."
				   "mail.example.net.x.example. A 127.0.0.2\n"
				   "postmaster._at_.example.com.example.com."
				   "mail.example.net.x.example. A 127.0.0.2\n"
				   "a@b._at_.example.com.example.com."
				   "mail.example.net.x.example. A 127.0.0.2\n";
	static const char record[] =
	    "v=spf1 exists:%{l}._at_.%{o}.%{d}.%{h}.x.example -all";
	static const struct check checks[] = {
		{ "the null sender: postmaster at HELO", record, zone, .want = PASS,
		    .sender = "" },
		{ "no local part", record, zone, .want = PASS,
		    .sender = "@example.com" },
		{ "no local part and no @", record, zone, .want = PASS,
		    .sender = "example.com" },
		{ "the last @ counts", record, zone, .want = PASS,
		    .sender = "a@b@example.com" },
		{ "a dot at the end", record, zone, .want = PASS,
		    .sender = "@example.com." },
		{ "the case of letters", record, zone, .want = PASS,
		    .sender = "PostMaster@EXAMPLE.com" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* 4.3: nothing is asked for them. */
static void
domains_that_can_have_no_record(void **state)
{
	static const char *const names[] = { "localhost", "com.", ".", "a..example",
		".example.com", "[192.0.2.1]", "[IPv6:2001:db8::1]",
		"a123456789012345678901234567890123456789012345678901234567890123.com",
		"" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		char memory[256];
		struct buf sender;
		buf_wrap(&sender, memory, sizeof(memory));
		buf_addf(&sender, "user@%s", names[i]);
		struct check check = { names[i], NULL, "com. TXT \"v=spf1 +all\"\n",
			.want = NONE, .sender = sender.text,
			.reason = "the domain is not one that can have a record" };
		run_check(&check);
		check.sender = "";
		check.helo = names[i];
		run_check(&check);
	}
}

static void
names_as_they_are(void **state)
{
	static const struct check checks[] = {
		{ "a sender's odd domain", NULL,
		    "a\\032b_c.example. TXT \"v=spf1 +all\"\n", .want = PASS,
		    .sender = "user@a b_c.example" },
		{ "an odd target", "v=spf1 a:foo:bar/baz.example.com -all",
		    "foo\\058bar\\047baz.example.com. A 192.0.2.1\n", .want = PASS },
		{ "blanks and percent signs", "v=spf1 a:a%%b%_c%-d.example -all",
		    "a\\037b\\032c\\03720d.example. A 192.0.2.1\n", .want = PASS },
		{ "a dot at the end", "v=spf1 a:h.example. -all",
		    "h.example. A 192.0.2.1\n", .want = PASS },
		{ "a bad HELO is no host", "v=spf1 a:%{h} -all", NULL, .want = FAIL,
		    .helo = "bad..helo", .questions = 1 },
		{ "two dots are no host", "v=spf1 a:%{h} -all", NULL, .want = FAIL,
		    .helo = "..", .questions = 1 },
		{ "no HELO", "v=spf1 exists:%{h}.x.example -all",
		    "unknown.x.example. A 127.0.0.2\n", .want = PASS, .helo = "" },
		{ "a local part beyond ASCII matches nothing (RFC 8616 4)",
		    "v=spf1 exists:%{l}.x.example exists:%{s}.x.example ?all",
		    "*.x.example. A 127.0.0.2\n", .want = NEUTRAL,
		    .sender = "j\xc3\xa4ger@example.com", .questions = 1 },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* include and redirect of what is no name: check_host() there says none (4.3). */
static void
records_that_can_not_be(void **state)
{
	static const struct check checks[] = {
		{ "include of a bad HELO", "v=spf1 include:%{h} +all", NULL,
		    .want = PERMERROR, .helo = "bad..helo", .questions = 1,
		    .reason = "include of a name without SPF record" },
		{ "redirect to a bad HELO", "v=spf1 redirect=%{h}", NULL,
		    .want = PERMERROR, .helo = "bad..helo", .questions = 1,
		    .reason = "redirect to a name without SPF record" },
		{ "include of one label", "v=spf1 include:%{h} +all",
		    "localhost. TXT \"v=spf1 -all\"\n", .want = PERMERROR,
		    .helo = "localhost", .questions = 1 },
		{ "redirect to one label", "v=spf1 redirect=%{h}",
		    "localhost. TXT \"v=spf1 +all\"\n", .want = PERMERROR,
		    .helo = "localhost", .questions = 1 },
		{ "include of an empty label", "v=spf1 include:a..example +all", NULL,
		    .want = PERMERROR },
		/* Terms with such a macro do not match anything (RFC 8616 4). */
		{ "include by a local part beyond ASCII",
		    "v=spf1 include:%{l}.x.example ?all", NULL, .want = NEUTRAL,
		    .questions = 1, .sender = "j\xc3\xa4ger@example.com" },
		{ "redirect by a local part beyond ASCII",
		    "v=spf1 redirect=%{l}.x.example", NULL, .want = NEUTRAL,
		    .questions = 1, .sender = "j\xc3\xa4ger@example.com" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- macros in their places (7) ------------------------------------------- */

/* %{d} is the record's domain; %{o}, %{s}, %{l}, %{h} stay the message's. */
static void
macros_within_other_records(void **state)
{
	static const char text[] = "v=spf1 exists:%{d}.%{o}.%{l}.%{h}.x.example -all";
	static const struct check checks[] = {
		{ "within an include", "v=spf1 include:i.example -all",
		    "i.example. TXT \"v=spf1 exists:%{d}.%{o}.%{l}.%{h}.x.example\"\n"
		    "i.example.example.com.user.mail.example.net.x.example. A "
		    "127.0.0.2\n",
		    .want = PASS },
		{ "behind a redirect", "v=spf1 redirect=r.example",
		    "r.example. TXT \"v=spf1 exists:%{d}.%{o}.%{l}.%{h}.x.example\"\n"
		    "r.example.example.com.user.mail.example.net.x.example. A "
		    "127.0.0.2\n",
		    .want = PASS },
		{ "in the record itself", text,
		    "example.com.example.com.user.mail.example.net.x.example. A "
		    "127.0.0.2\n",
		    .want = PASS },
		{ "back from an include",
		    "v=spf1 include:i.example exists:%{d}.x.example -all",
		    "i.example. TXT \"v=spf1 exists:%{d}.x.example -all\"\n"
		    "example.com.x.example. A 127.0.0.2\n",
		    .want = PASS },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

static void
macros_in_every_place(void **state)
{
	static const struct check checks[] = {
		{ "a", "v=spf1 a:%{l}.%{d2} -all", "user.example.com. A 192.0.2.1\n",
		    .want = PASS },
		{ "a with a prefix", "v=spf1 a:%{l}.%{d2}/24//64 -all",
		    "user.example.com. A 192.0.2.200\n", .want = PASS },
		{ "mx", "v=spf1 mx:%{l}.%{d2} -all",
		    "user.example.com. MX 1 m.example.\n"
		    "m.example. A 192.0.2.1\n",
		    .want = PASS },
		{ "include", "v=spf1 include:%{ir}.%{v}.%{d} -all",
		    "1.2.0.192.in-addr.example.com. TXT \"v=spf1 +all\"\n",
		    .want = PASS },
		{ "redirect", "v=spf1 redirect=%{l1r-}.%{o}",
		    "user.example.com. TXT \"v=spf1 ?all\"\n", .want = NEUTRAL },
		{ "exists with nibbles", "v=spf1 exists:%{i}.x.example -all",
		    "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1."
		    "x.example. A 127.0.0.2\n",
		    .want = PASS, .ip = "2001:db8::1" },
		{ "an unknown modifier asks nothing", "v=spf1 x=%{p}.example -all",
		    NULL, .want = FAIL, .questions = 1 },
		{ "an upper-case letter in a name", "v=spf1 exists:%{L}.x.example -all",
		    "a%2Bb.x.example. A 127.0.0.2\n", .want = PASS,
		    .sender = "a+b@example.com" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* From the left, whole labels (7.3). */
static void
long_names_lose_their_left_end(void **state)
{
#define LABEL "a2345678901234567890123456789012345678901234567890" /* 50 */
#define LABELS LABEL "." LABEL "." LABEL "." LABEL "."
	static const struct check checks[] = {
		{ "253 bytes stay", "v=spf1 exists:%{l}." LABELS "example.com -all",
		    "l234567890123456789012345678901234567." LABELS
		    "example.com. A 127.0.0.2\n",
		    .want = PASS,
		    .sender = "l234567890123456789012345678901234567"
			      "@example.com" },
		{ "254 don't", "v=spf1 exists:%{l}." LABELS "example.com -all",
		    LABELS "example.com. A 127.0.0.2\n", .want = PASS,
		    .sender = "l2345678901234567890123456789012345678@example.com" },
		{ "with a dot at the end",
		    "v=spf1 exists:%{l}." LABELS "example.com. -all",
		    "l234567890123456789012345678901234567." LABELS
		    "example.com. A 127.0.0.2\n",
		    .want = PASS,
		    .sender = "l234567890123456789012345678901234567"
			      "@example.com" },
		{ "no more than needed",
		    "v=spf1 exists:%{l}." LABELS "example.com -all",
		    "b2345." LABELS "example.com. A 127.0.0.2\n", .want = PASS,
		    .sender = "l234567890123456789012345678901234567.b2345"
			      "@example.com" },
		{ "where the left end is a bad label, nothing is asked",
		    "v=spf1 exists:%{l}." LABELS "example.com -all", NULL, .want = FAIL,
		    .questions = 1,
		    .sender = "l234567890123456789012345678901234567..b@example.com" },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* --- rounds --------------------------------------------------------------- */

/* What a receiver asks one after another is asked level by level. */
static void
levels_are_asked_at_once(void **state)
{
	static const char tree[] =
	    "a.example.  TXT \"v=spf1 include:a1.example include:a2.example ?all\"\n"
	    "b.example.  TXT \"v=spf1 include:b1.example ?all\"\n"
	    "a1.example. TXT \"v=spf1 ip4:198.51.100.0/24 ?all\"\n"
	    "a2.example. TXT \"v=spf1 ip4:198.51.100.0/24 ?all\"\n"
	    "b1.example. TXT \"v=spf1 ip4:198.51.100.0/24 ?all\"\n"
	    "example.com. MX 1 m.example.\n"
	    "m.example. A 198.51.100.1\n";
	static const struct check checks[] = {
		{ "a typical record",
		    "v=spf1 include:a.example include:b.example mx -all", tree,
		    .want = FAIL, .rounds = 3, .questions = 8, .lookups = 6 },
		{ "nothing behind all",
		    "v=spf1 include:b.example -all include:a.example", tree,
		    .want = FAIL, .rounds = 3, .questions = 3 },
		{ "a redirect with the terms before it",
		    "v=spf1 include:b1.example redirect=a1.example", tree,
		    .want = NEUTRAL, .rounds = 2, .questions = 3 },
		{ "exp only when all is known",
		    "v=spf1 include:a1.example -all exp=e.example",
		    "a1.example. TXT \"v=spf1 +all\"\n", .want = PASS, .rounds = 2,
		    .questions = 2 },
		{ "nothing behind a sure match",
		    "v=spf1 ip4:192.0.2.1 include:a.example", tree, .want = PASS,
		    .rounds = 1, .questions = 1 },
		{ "nothing behind a sure error",
		    "v=spf1 include:nothere.example include:b.example", tree,
		    .want = PERMERROR, .rounds = 2, .questions = 3 },
	};
	(void)state;
	run_checks(checks, ARRAY_LENGTH(checks));
}

/* Twelve includes: the last two are never asked for, not even ahead of time. */
static void
no_eleventh_term_is_asked(void **state)
{
	static const struct check check = { "twelve includes",
		"v=spf1 include:1.e.example include:2.e.example include:3.e.example "
		"include:4.e.example include:5.e.example include:6.e.example "
		"include:7.e.example include:8.e.example include:9.e.example "
		"include:10.e.example include:11.e.example include:12.e.example -all",
		"*.e.example. TXT \"v=spf1 ?all\"\n", .want = PERMERROR, .rounds = 2,
		.questions = 11, .lookups = 10 };
	(void)state;
	run_check(&check);

	struct zone *zone = zone_of(&check);
	struct spf_message message = message_of(&check);
	struct receiver receiver;
	receiver_init(&receiver, zone);
	receiver_check(&receiver, &message);
	assert_true(receiver_has_asked(&receiver, "10.e.example", DNS_TXT));
	assert_false(receiver_has_asked(&receiver, "11.e.example", DNS_TXT));
	assert_false(receiver_has_asked(&receiver, "12.e.example", DNS_TXT));
	receiver_free(&receiver);
	zone_free(zone);
}

/* --- words ---------------------------------------------------------------- */

static void
results_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < SPF_RESULT_COUNT; i++) {
		enum spf_result result;
		const char *text = spf_result_text(i);
		assert_true(spf_result_by_name(span_text(text), &result));
		assert_int_equal(result, i);
	}
	enum spf_result result;
	assert_true(spf_result_by_name(span_text("SoftFail"), &result));
	assert_int_equal(result, SPF_RESULT_SOFTFAIL);
	assert_false(spf_result_by_name(span_text("hardfail"), &result));
	assert_false(spf_result_by_name(span_text(""), &result));
}

static void
clients(void **state)
{
	static const char *const bad[] = { "", "192.0.2", "192.0.2.256", "192.0.2.1/32",
		"2001:db8::1%eth0", "::g", "[::1]", "192.0.2.1 ", "example.com",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };
	struct spf_client client;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		if (spf_client_parse(&client, span_text(bad[i])))
			fail_msg("'%s': want it refused", bad[i]);
	assert_false(spf_client_parse(&client, span_of("192.0.2.1\0", 10)));
	assert_true(spf_client_parse(&client, span_text("::ffff:192.0.2.1")));
	assert_true(client.is_ip4);
	assert_memory_equal(client.address, "\xc0\x00\x02\x01", 4);
	assert_true(spf_client_parse(&client, span_text("::192.0.2.1")));
	assert_false(client.is_ip4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_is_temperror),
		cmocka_unit_test(a_fault_is_passed_over),
		cmocka_unit_test(what_is_not_there_is_no_fault),
		cmocka_unit_test(a_verdict_names_its_term),
		cmocka_unit_test(ten_terms_and_no_more),
		cmocka_unit_test(terms_that_cost_nothing),
		cmocka_unit_test(two_voids_and_no_more),
		cmocka_unit_test(what_is_not_void),
		cmocka_unit_test(ten_exchangers_and_ten_names),
		cmocka_unit_test(faults_behind_a_match),
		cmocka_unit_test(faults_elsewhere),
		cmocka_unit_test(a_record_without_end),
		cmocka_unit_test(explanations),
		cmocka_unit_test(explanations_that_are_none),
		cmocka_unit_test(explanations_with_macros),
		cmocka_unit_test(families_never_mix),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(only_validated_names_pass),
		cmocka_unit_test(which_name_p_is),
		cmocka_unit_test(who_is_checked),
		cmocka_unit_test(domains_that_can_have_no_record),
		cmocka_unit_test(names_as_they_are),
		cmocka_unit_test(records_that_can_not_be),
		cmocka_unit_test(macros_within_other_records),
		cmocka_unit_test(macros_in_every_place),
		cmocka_unit_test(long_names_lose_their_left_end),
		cmocka_unit_test(levels_are_asked_at_once),
		cmocka_unit_test(no_eleventh_term_is_asked),
		cmocka_unit_test(results_by_name),
		cmocka_unit_test(clients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
