/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/audit: which findings a world leads to, what they say and where they
 * point. Scenarios show each of them once; here are the edges between them. */
#include "spf/audit.h"

#include "core/limits.h"
#include "spf/spf.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The findings that are tested here; others have their own tests. */
static const enum finding_id tested[] = {
	FINDING_SPF_RECORD_MISSING,
	FINDING_SPF_DOMAIN_NONEXISTENT,
	FINDING_SPF_DNS_ERROR,
	FINDING_SPF_MULTIPLE_RECORDS,
	FINDING_SPF_SYNTAX_ERROR,
	FINDING_SPF_IP4_INVALID,
	FINDING_SPF_IP6_INVALID,
	FINDING_SPF_TOO_MANY_LOOKUPS,
	FINDING_SPF_LOOKUPS_NEAR_LIMIT,
	FINDING_SPF_TOO_MANY_VOID_LOOKUPS,
	FINDING_SPF_INCLUDE_LOOP,
	FINDING_SPF_INCLUDE_NO_RECORD,
	FINDING_SPF_PTR,
	FINDING_SPF_ALL_PASS,
	FINDING_SPF_ALL_PASS_RESTRICTED,
	FINDING_SPF_ALL_SOFTFAIL,
	FINDING_SPF_ALL_NEUTRAL,
	FINDING_SPF_ALL_MISSING,
	FINDING_SPF_RECORD_SIZE,
	FINDING_SPF_TXT_SIZE,
	FINDING_SPF_HIGH_VOLUME_ORDER,
};

static int
new_facts(void **state)
{
	struct facts *facts = facts_new();
	facts_want_only(facts, tested, ARRAY_LENGTH(tested));
	*state = facts;
	return 0;
}

static int
free_facts(void **state)
{
	facts_free(*state);
	return 0;
}

/* What cases share; they state the record of example.com themselves. */
static const struct fact_row world[] = {
	{ "host.example", DNS_A, "192.0.2.1" },
	{ "host.example", DNS_AAAA, "NODATA" },
	{ "host.example", DNS_MX, "10 mail.host.example" },
	{ "mail.host.example", DNS_A, "192.0.2.25" },
	{ "mail.host.example", DNS_AAAA, "NODATA" },
	{ "gone.example", DNS_A, "NXDOMAIN" },
	{ "gone.example", DNS_AAAA, "NXDOMAIN" },
	{ "gone.example", DNS_MX, "NXDOMAIN" },
	{ "gone.example", DNS_TXT, "NXDOMAIN" },
	{ "fail.example", DNS_A, "NODATA" },
	{ "fail.example", DNS_AAAA, "TIMEOUT" },
	{ "fail.example", DNS_MX, "REFUSED" },
	{ "fail.example", DNS_TXT, "SERVFAIL" },
	{ "none.example", DNS_TXT, "text of another kind" },
	{ "two.example", DNS_TXT, "v=spf1 -all" },
	{ "two.example", DNS_TXT, "v=spf1 -all" },
	{ "good.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ "soft.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 ~all" },
	{ "open.example", DNS_TXT, "v=spf1 +all" },
	{ "bad.example", DNS_TXT, "v=spf1 mx:host.example bogus -all" },
	{ "loop.example", DNS_TXT, "v=spf1 include:example.com -all" },
	{ "bits.example", DNS_TXT, "v=spf1 ptr a:fail.example -all" },
	{ "lost.example", DNS_TXT, "v=spf1 include:gone.example -all" },
	{ .name = NULL },
};

static const struct report *
audit(struct facts *facts, const char *record)
{
	facts_put_txt(facts, "example.com", span_text(record));
	return facts_evaluate(facts, &spf_probe, "example.com");
}

/* --- which findings ------------------------------------------------------- */

struct audit_case {
	const char *record;
	const char *want; /* ids without "spf-", worst first */
};

static void
check_findings(const struct report *report, const char *name, const char *want)
{
	char memory[1024];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	for (size_t i = 0; i < report->finding_count; i++)
		buf_addf(&got, "%s%s", i > 0 ? " " : "",
		    finding_info(report->findings[i].id)->id + 4);
	if (strcmp(got.text, want) != 0)
		fail_msg("%s:\ngot  '%s'\nwant '%s'", name, got.text, want);
}

static void
check_cases(struct facts *facts, const struct audit_case cases[], size_t count)
{
	facts_put(facts, world);
	for (size_t i = 0; i < count; i++)
		check_findings(
		    audit(facts, cases[i].record), cases[i].record, cases[i].want);
}

static void
good_records(void **state)
{
	static const struct audit_case cases[] = {
		{ "v=spf1 -all", "" },
		{ "v=spf1 a:host.example mx:host.example include:good.example -all",
		    "" },
		{ "v=spf1 ip4:192.0.2.1 redirect=good.example", "" },
		{ "v=spf1 exists:%{i}.host.example -all", "" },
		{ "v=spf1 exp=e.example x=y -all", "" },
		{ "v=spf1 a:a..example -all", "" }, /* matches nothing, no fault */
	};
	check_cases(*state, cases, ARRAY_LENGTH(cases));
}

/* What holds for everybody else is asked of the record that decides it. */
static void
how_records_end(void **state)
{
	static const struct audit_case cases[] = {
		{ "v=spf1 +all", "all-pass" },
		{ "v=spf1 all", "all-pass" },
		{ "v=spf1 -ip4:192.0.2.1 +all", "all-pass" },
		{ "v=spf1 -ip4:192.0.2.1 -ip4:192.0.2.2 +all", "all-pass-restricted" },
		{ "v=spf1 -ip4:192.0.2.1 all -ip4:192.0.2.2", "all-pass" },
		{ "v=spf1 ~all", "all-softfail" },
		{ "v=spf1 ?all", "all-neutral" },
		{ "v=spf1", "all-missing" },
		{ "v=spf1 ip4:192.0.2.1", "all-missing" },
		{ "v=spf1 -all +all", "" },
		{ "v=spf1 redirect=soft.example", "all-softfail" },
		{ "v=spf1 redirect=open.example", "all-pass" },
		{ "v=spf1 redirect=open.example -all", "" },
		{ "v=spf1 include:soft.example -all", "" },
		{ "v=spf1 redirect=gone.example", "include-no-record" },
	};
	check_cases(*state, cases, ARRAY_LENGTH(cases));
}

static void
targets_without_a_record(void **state)
{
	static const struct audit_case cases[] = {
		{ "v=spf1 include:gone.example -all", "include-no-record" },
		{ "v=spf1 include:none.example -all", "include-no-record" },
		{ "v=spf1 include:two.example -all", "include-no-record" },
		{ "v=spf1 include:lost.example -all", "include-no-record" },
		{ "v=spf1 include:a..example -all", "include-no-record" },
		{ "v=spf1 redirect=a..example", "include-no-record" },
		{ "v=spf1 include:%{i}.gone.example -all", "" },
		{ "v=spf1 include:example.com -all", "include-loop" },
		{ "v=spf1 include:loop.example -all", "include-loop" },
		{ "v=spf1 redirect=example.com", "include-loop" },
		{ "v=spf1 -all include:gone.example", "" },
	};
	check_cases(*state, cases, ARRAY_LENGTH(cases));
}

static void
faulty_terms(void **state)
{
	static const struct audit_case cases[] = {
		{ "v=spf1 bogus -all", "syntax-error" },
		{ "v=spf1 ip4:x -all", "ip4-invalid" },
		{ "v=spf1 ip6:x -all", "ip6-invalid" },
		{ "v=spf1 ip4:x bogus ip6:x a/33 -all",
		    "ip4-invalid syntax-error ip6-invalid syntax-error" },
		{ "v=spf1 -all bogus", "syntax-error" },
		{ "v=spf1 include:bad.example -all", "syntax-error" },
		{ "v=spf1 -all include:bad.example", "" },
	};
	check_cases(*state, cases, ARRAY_LENGTH(cases));
}

static void
what_could_not_be_told(void **state)
{
	static const struct audit_case cases[] = {
		{ "v=spf1 a:fail.example -all", "dns-error" },
		{ "v=spf1 mx:fail.example -all", "dns-error" },
		{ "v=spf1 include:fail.example -all", "dns-error" },
		{ "v=spf1 redirect=fail.example", "dns-error" },
		{ "v=spf1 exists:fail.example -all", "" }, /* asks only for A */
		{ "v=spf1 mx:fail.example include:fail.example -all",
		    "dns-error dns-error" },
		{ "v=spf1 include:bits.example ?all", "all-neutral ptr dns-error" },
	};
	check_cases(*state, cases, ARRAY_LENGTH(cases));
}

static void
ptr_in_the_whole_tree(void **state)
{
	static const struct audit_case cases[] = {
		{ "v=spf1 ptr -all", "ptr" },
		{ "v=spf1 ptr ptr:host.example -all", "ptr ptr" },
		{ "v=spf1 -all ptr", "" },
	};
	check_cases(*state, cases, ARRAY_LENGTH(cases));
}

struct root_case {
	struct fact_row rows[3];
	const char *want;
};

/* A failure is never "missing", and one finding is enough. */
static void
domains_without_a_record(void **state)
{
	static const struct root_case cases[] = {
		{ { { "example.com", DNS_TXT, "NODATA" } }, "record-missing" },
		{ { { "example.com", DNS_TXT, "v=spf 1 -all" } }, "record-missing" },
		{ { { "example.com", DNS_TXT, "NXDOMAIN" } }, "domain-nonexistent" },
		{ { { "example.com", DNS_TXT, "SERVFAIL" } }, "dns-error" },
		{ { { "example.com", DNS_TXT, "REFUSED" } }, "dns-error" },
		{ { { "example.com", DNS_TXT, "TIMEOUT" } }, "dns-error" },
		{ { { "example.com", DNS_TXT, "UNREACHABLE" } }, "dns-error" },
		{ { { "example.com", DNS_TXT, "MALFORMED" } }, "dns-error" },
		{ { { "example.com", DNS_TXT, "v=spf1 +all" },
		      { "example.com", DNS_TXT, "v=spf1 bogus" } },
		    "multiple-records" },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put(facts, cases[i].rows);
		check_findings(facts_evaluate(facts, &spf_probe, "example.com"),
		    cases[i].rows[0].data, cases[i].want);
	}
}

/* --- limits --------------------------------------------------------------- */

/* "v=spf1", then `count` times the term, then -all; in the arena of a report. */
static const char *
repeated(struct facts *facts, const char *term, unsigned count)
{
	struct buf record;
	buf_init(&record, LIMIT_MESSAGE_BYTES);
	buf_add_text(&record, "v=spf1");
	for (unsigned i = 0; i < count; i++)
		buf_addf(&record, " %s", term);
	buf_add_text(&record, " -all");
	const char *text = arena_text(facts->arena, buf_span(&record));
	buf_free(&record);
	return text;
}

struct limit_case {
	const char *term;
	unsigned count;
	const char *range; /* -w of the lookups */
	const char *want;
};

static void
counts_at_their_limits(void **state)
{
	static const struct limit_case cases[] = {
		{ "a:host.example", 8, "8", "" },
		{ "a:host.example", 9, "8", "lookups-near-limit" },
		{ "a:host.example", 10, "8", "lookups-near-limit" },
		{ "a:host.example", 11, "8", "too-many-lookups" },
		{ "a:host.example", 5, "4", "lookups-near-limit" },
		{ "a:host.example", 10, "20", "" },
		{ "a:host.example", 11, "20", "too-many-lookups" },
		{ "a:gone.example", 2, "8", "" },
		{ "a:gone.example", 3, "8", "too-many-void-lookups" },
		{ "include:bad.example", 6, "8",
		    "too-many-lookups syntax-error syntax-error syntax-error "
		    "syntax-error syntax-error syntax-error" },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct limit_case *test = &cases[i];
		struct threshold *warning = &facts->policy
						 .warning[METRIC_SPF_DNS_LOOKUPS];
		assert_int_equal(
		    threshold_parse(warning, span_text(test->range)), STATUS_OK);
		const char *record = repeated(facts, test->term, test->count);
		char name[64];
		snprintf(name, sizeof(name), "%u x %s", test->count, test->term);
		check_findings(audit(facts, record), name, test->want);
	}
}

/* A record padded to a length. */
static const char *
padded(struct facts *facts, size_t length)
{
	return arena_printf(facts->arena, "v=spf1 %*s", (int)length - 7, "-all");
}

static void
sizes_at_their_limits(void **state)
{
	struct facts *facts = *state;
	facts_put(facts, world);
	check_findings(audit(facts, padded(facts, LIMIT_SPF_RECORD_BYTES)), "450", "");
	check_findings(audit(facts, padded(facts, LIMIT_SPF_RECORD_BYTES + 1)), "451",
	    "record-size");

	/* Of an included record it is not the domain's fault, of a redirect's it is. */
	facts_put_txt(facts, "long.example", span_text(padded(facts, 600)));
	check_findings(audit(facts, "v=spf1 include:long.example -all"), "include", "");
	check_findings(audit(facts, "v=spf1 redirect=long.example"), "redirect",
	    "record-size txt-size");
}

struct answer_case {
	uint16_t wire_bytes;
	bool tcp;
	const char *want;
};

static void
answers_at_their_limits(void **state)
{
	static const struct answer_case cases[] = {
		{ LIMIT_SPF_TXT_BYTES, false, "" },
		{ LIMIT_SPF_TXT_BYTES + 1, false, "txt-size" },
		{ 400, true, "txt-size" }, /* it was truncated over UDP */
	};
	static const uint8_t data[] = "\013v=spf1 -all";
	const struct dns_record record = { .data = { data, sizeof(data) - 1 } };
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_answer answer = {
			.type = DNS_TXT,
			.wire_bytes = cases[i].wire_bytes,
			.tcp = cases[i].tcp,
			.record_count = 1,
			.records = &record,
		};
		facts_put_answer(facts, "example.com", &answer);
		check_findings(facts_evaluate(facts, &spf_probe, "example.com"),
		    "an answer", cases[i].want);
	}
}

/* Every name in the list is one, and what lies below it is meant too. */
static void
great_senders_come_first(void **state)
{
	static const char *const names[] = { "spf.protection.outlook.com",
		"_spf.google.com", "amazonses.com", "sendgrid.net", "mailgun.org",
		"servers.mcsv.net", "spf.mandrillapp.com", "spf.mtasv.net",
		"_spf.salesforce.com", "mail.zendesk.com", "spf.mailjet.com",
		"spf.sendinblue.com", "spf.brevo.com" };
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		char below[64], record[128];
		snprintf(below, sizeof(below), "eu.%s", names[i]);
		facts_put_txt(facts, names[i], span_text("v=spf1 -all"));
		facts_put_txt(facts, below, span_text("v=spf1 -all"));
		snprintf(record, sizeof(record),
		    "v=spf1 include:good.example include:%s -all", names[i]);
		check_findings(audit(facts, record), record, "high-volume-order");
		snprintf(record, sizeof(record),
		    "v=spf1 include:good.example include:%s -all", below);
		check_findings(audit(facts, record), record, "high-volume-order");
		snprintf(record, sizeof(record),
		    "v=spf1 include:%s include:good.example -all", names[i]);
		check_findings(audit(facts, record), record, "");
	}
}

/* --- what they say -------------------------------------------------------- */

static void
a_finding_names_record_term_and_position(void **state)
{
	struct facts *facts = *state;
	facts_put(facts, world);
	const struct report *report = audit(facts, "v=spf1 include:bad.example -all");
	const struct finding *finding = &report->findings[0];
	assert_string_equal(finding->subject, "bad.example");
	assert_string_equal(finding->path, "example.com > bad.example");
	assert_string_equal(finding->term, "bogus");
	assert_int_equal(finding->position, 24);
	assert_non_null(strstr(finding->message, "\"bogus\" at byte 24"));
}

static void
a_failure_names_outcome_type_and_name(void **state)
{
	static const struct {
		const char *record, *subject, *want;
	} cases[] = {
		{ "v=spf1 include:fail.example -all", "fail.example",
		    "SERVFAIL: TXT of fail.example" },
		{ "v=spf1 mx:fail.example -all", "fail.example",
		    "REFUSED: MX of fail.example" },
		{ "v=spf1 a:fail.example -all", "fail.example",
		    "time-out: AAAA of fail.example" },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct finding *finding = &audit(facts, cases[i].record)
						     ->findings[0];
		assert_string_equal(finding->message, cases[i].want);
		assert_string_equal(finding->subject, cases[i].subject);
	}
}

static void
a_loop_names_its_way(void **state)
{
	struct facts *facts = *state;
	facts_put(facts, world);
	const struct finding
	    *finding = &audit(facts, "v=spf1 include:loop.example -all")->findings[0];
	assert_string_equal(finding->subject, "example.com");
	assert_string_equal(finding->term, "include:example.com");
	assert_non_null(
	    strstr(finding->message, "example.com > loop.example > example.com"));
}

struct cost_case {
	const char *record, *want;
};

/* Dearest first; a record that only redirects is passed over. */
static void
the_dearest_branches_come_first(void **state)
{
	static const struct cost_case cases[] = {
		{ "v=spf1 -all", "" },
		{ "v=spf1 mx:host.example -all", "mx:host.example 1" },
		{ "v=spf1 ptr include:six.example mx:host.example -all",
		    "include:six.example 7, ptr 1, mx:host.example 1" },
		{ "v=spf1 redirect=all.example",
		    "include:six.example 7, mx:host.example 1" },
		{ "v=spf1 include:good.example -all", "include:good.example 1" },
		{ "v=spf1 ptr:a.b ptr:c.d ptr:e.f ptr:g.h ptr:i.j include:six.example",
		    "include:six.example 7, ptr:a.b 1, ptr:c.d 1, ptr:e.f 1, "
		    "ptr:g.h 1, ptr:i.j 1" },
		{ "v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr",
		    "ptr 1, ptr 1, ptr 1, ptr 1, ptr 1, ptr 1, ptr 1, ptr 1, ptr 1, "
		    "ptr 1, ptr 1, ptr 1, 2 more" },
	};
	struct facts *facts = *state;
	struct dns_name domain = facts_name("example.com");
	facts_put(facts, world);
	facts_put_txt(
	    facts, "six.example", span_text(repeated(facts, "ptr:a.example", 6)));
	facts_put_txt(facts, "all.example",
	    span_text("v=spf1 mx:host.example include:six.example -all"));
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put_txt(facts, "example.com", span_text(cases[i].record));
		struct view *view = facts_view(facts);
		const struct spf_tree *tree = spf_tree_walk(
		    view, facts->arena, &domain);
		const char *got = spf_audit_costs(facts->arena, tree);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s:\ngot  '%s'\nwant '%s'", cases[i].record, got,
			    cases[i].want);
	}
}

static void
numbers_over_the_limit_are_the_true_ones(void **state)
{
	struct facts *facts = *state;
	facts_put(facts, world);
	const struct report *report = audit(
	    facts, repeated(facts, "a:gone.example", 14));
	assert_memory_equal(report->findings[0].message, "14 of 10 DNS lookups: ", 22);
	assert_memory_equal(
	    report->findings[1].message, "14 void lookups, 2 are allowed: ", 32);
	assert_non_null(strstr(report->findings[1].message, ", 9 more"));
	report = audit(facts, repeated(facts, "a:host.example bogus", 11));
	assert_memory_equal(
	    report->findings[0].message, "at least 11 of 10 DNS lookups: ", 31);
}

static void
check_harmless(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		assert_true(byte_is_printable((uint8_t)*text) && *text != '|');
}

/* Whatever a record holds, the texts of all findings can be printed. */
static void
texts_from_outside_are_harmless(void **state)
{
	static const struct span record = SPAN(
	    "v=spf1 a|b\x1b[2J include:x\"|y.gone.example \xff\xfe ip4:\n -all");
	struct facts *facts = *state;
	static const struct fact_row rows[] = {
		{ "x\"|y.gone.example", DNS_TXT, "NXDOMAIN" },
		{ .name = NULL },
	};
	policy_init(&facts->policy);
	facts_put(facts, rows);
	facts_put_txt(facts, "example.com", record);
	const struct report *report = facts_evaluate(facts, &spf_probe, "example.com");
	assert_true(report->finding_count > 2);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		const char *const texts[] = { finding->message, finding->subject,
			finding->path, finding->term };
		for (size_t j = 0; j < ARRAY_LENGTH(texts); j++)
			check_harmless(texts[j]);
	}
}

/* A message is cut at its limit, the term in it before that. */
static void
long_terms_are_shortened(void **state)
{
	struct facts *facts = *state;
	char *record = arena_alloc(facts->arena, 3001);
	memset(record, 'x', 3000);
	memcpy(record, "v=spf1 ", 7);
	const struct report *report = audit(facts, record);
	assert_int_equal(report->findings[0].id, FINDING_SPF_SYNTAX_ERROR);
	assert_true(strlen(report->findings[0].message) < 200);
	assert_non_null(strstr(report->findings[0].message, "xxx...\""));
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FACTS(good_records),
		WITH_FACTS(how_records_end),
		WITH_FACTS(targets_without_a_record),
		WITH_FACTS(faulty_terms),
		WITH_FACTS(what_could_not_be_told),
		WITH_FACTS(ptr_in_the_whole_tree),
		WITH_FACTS(domains_without_a_record),
		WITH_FACTS(counts_at_their_limits),
		WITH_FACTS(sizes_at_their_limits),
		WITH_FACTS(answers_at_their_limits),
		WITH_FACTS(great_senders_come_first),
		WITH_FACTS(a_finding_names_record_term_and_position),
		WITH_FACTS(a_failure_names_outcome_type_and_name),
		WITH_FACTS(a_loop_names_its_way),
		WITH_FACTS(the_dearest_branches_come_first),
		WITH_FACTS(numbers_over_the_limit_are_the_true_ones),
		WITH_FACTS(texts_from_outside_are_harmless),
		WITH_FACTS(long_terms_are_shortened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
