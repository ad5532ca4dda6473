/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/side: which domain somebody would have to register, and what is asked
 * beside a tree. Scenarios show what the audit makes of the answers. */
#include "spf/side.h"

#include "spf/settings.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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

/* --- registrable domains ---------------------------------------------------- */

static void
registrable(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "example.com", "example.com" },
		{ "www.example.com", "example.com" },
		{ "a.b.c.d.example.com", "example.com" },
		{ "_spf.example.de", "example.de" },
		/* Country codes with customary second levels. */
		{ "www.example.co.uk", "example.co.uk" },
		{ "example.co.uk", "example.co.uk" },
		{ "a.b.example.com.au", "example.com.au" },
		{ "mail.example.ac.jp", "example.ac.jp" },
		{ "MAIL.Example.CO.Uk", "Example.CO.Uk" },
		/* The same words elsewhere. */
		{ "spf.com.example.com", "example.com" },
		{ "mail.co.com", "co.com" },
		{ "co.example.uk", "example.uk" },
		{ "mail.code.uk", "code.uk" },
		/* What is no domain of anybody stays as it is. */
		{ "co.uk", "co.uk" },
		{ "uk", "uk" },
		{ "localhost", "localhost" },
		{ ".", "." },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name, got;
		dns_name_root(&name);
		if (strcmp(cases[i].name, ".") != 0)
			name = facts_name(cases[i].name);
		spf_registrable(&got, &name);
		assert_string_equal(dns_name_text(facts->arena, &got), cases[i].want);
	}
}

/* --- what is asked ---------------------------------------------------------- */

/* Questions that are still open after one evaluation, as "MX example.com, ...". Those
 * of the tree are answered by the rows. */
static const char *
ask(struct facts *facts, const char *domain, const struct spf_settings *settings)
{
	struct dns_name name = facts_name(domain);
	struct view *view = facts_view(facts);
	struct spf_tree *tree = spf_tree_walk(view, facts->arena, &name);
	spf_side_ask(view, facts->arena, tree, settings, 0);
	const char *list = "";
	for (size_t i = 0; i < view->want_count; i++) {
		uint16_t type;
		assert_true(dns_key_read(view->wants[i], &name, &type));
		list = arena_printf(facts->arena, "%s%s%s %s", list, i > 0 ? ", " : "",
		    dns_type_text(type), dns_name_text(facts->arena, &name));
	}
	return list;
}

/* The name below example.com that does not exist. */
#define ABSENT "TXT mailgauge-absent-2f1e3e86.example.com"

static const struct fact_row world[] = {
	{ "host.example", DNS_A, "192.0.2.1" },
	{ "host.example", DNS_AAAA, "NODATA" },
	{ "dead.example", DNS_A, "SERVFAIL" },
	{ "dead.example", DNS_AAAA, "SERVFAIL" },
	{ "old.gone.example", DNS_A, "NXDOMAIN" },
	{ "old.gone.example", DNS_AAAA, "NXDOMAIN" },
	{ "old.gone.example", DNS_MX, "NXDOMAIN" },
	{ "old.gone.example", DNS_TXT, "NXDOMAIN" },
	{ "closed.example", DNS_TXT, "v=spf1 -all" },
	{ "open.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ .name = NULL },
};

static void
questions_beside_records(void **state)
{
	static const struct {
		const char *record, *want; /* besides type 99 and the absent name */
	} cases[] = {
		{ "v=spf1 -all", "" }, { "V=SPF1 -ALL", "" }, { "v=spf1  -all  ", "" },
		{ "v=spf1 x=y -all", "" }, { "v=spf1 redirect=closed.example", "" },
		{ "v=spf1 redirect=open.example", ", MX example.com" },
		{ "v=spf1 a:host.example redirect=closed.example", ", MX example.com" },
		{ "v=spf1 ~all", ", MX example.com" }, { "v=spf1", ", MX example.com" },
		{ "v=spf1 -ip4:192.0.2.1 -all", ", MX example.com" },
		{ "v=spf1 -all exp=why.%{d}", ", TXT why.example.com" },
		{ "v=spf1 -all exp=%{l}.example", "" }, /* depends on the message */
		{ "v=spf1 a:host.example a:dead.example -all", ", MX example.com" },
		{ "v=spf1 a:old.gone.example -all",
		    ", MX example.com, NS gone.example, NS example" },
		{ "v=spf1 include:old.gone.example mx:old.gone.example -all",
		    ", MX example.com, NS gone.example, NS example" },
		{ "v=spf1 ptr:old.gone.example -all",
		    ", MX example.com, NS gone.example, NS example" },
		{ "v=spf1 ptr:far.example -all",
		    ", MX example.com, A far.example, AAAA far.example" },
		{ "v=spf1 -all a:old.gone.example", "" }, /* never evaluated */
	};
	static const struct spf_settings defaults;
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put_txt(facts, "example.com", span_text(cases[i].record));
		const char *got = ask(facts, "example.com", &defaults);
		const char *want = arena_printf(
		    facts->arena, "SPF example.com, " ABSENT "%s", cases[i].want);
		if (strcmp(got, want) != 0)
			fail_msg("%s:\ngot  %s\nwant %s", cases[i].record, got, want);
	}
}

static void
questions_without_record(void **state)
{
	static const struct fact_row rows[] = {
		{ "none.example", DNS_TXT, "NODATA" },
		{ "gone.example", DNS_TXT, "NXDOMAIN" },
		{ "lame.example", DNS_TXT, "SERVFAIL" },
		{ .name = NULL },
	};
	static const struct spf_settings defaults;
	struct facts *facts = *state;
	facts_put(facts, rows);
	assert_string_equal(ask(facts, "none.example", &defaults), "SPF none.example");
	assert_string_equal(ask(facts, "gone.example", &defaults), "");
	assert_string_equal(ask(facts, "lame.example", &defaults), "");
}

/* A domain's addresses only matter where it has no MX record. */
static void
questions_about_mail(void **state)
{
	static const struct {
		const char *mx, *want;
	} cases[] = {
		{ "NODATA", ", A example.com, AAAA example.com" },
		{ "10 mail.example.com", "" },
		{ "0 .", "" },
		{ "SERVFAIL", "" },
	};
	static const struct spf_settings defaults;
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct fact_row rows[] = {
			{ "example.com", DNS_TXT, "v=spf1 ~all" },
			{ "example.com", DNS_MX, cases[i].mx },
			{ .name = NULL },
		};
		facts_put(facts, rows);
		const char *got = ask(facts, "example.com", &defaults);
		const char *want = arena_printf(
		    facts->arena, "SPF example.com, " ABSENT "%s", cases[i].want);
		assert_string_equal(got, want);
	}
}

/* The same name for the same domain, however it is written; none where it would be too
 * long. */
static void
absent_names(void **state)
{
	static const struct spf_settings defaults;
	struct facts *facts = *state;
	static const char *const names[] = { "example.com", "EXAMPLE.com" };
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		facts_put_txt(facts, names[i], span_text("v=spf1 -all"));
		const char *got = ask(facts, names[i], &defaults);
		assert_non_null(strstr(got, "mailgauge-absent-2f1e3e86."));
	}

	char label[64], domain[256];
	memset(label, 'x', 60);
	label[60] = '\0';
	snprintf(
	    domain, sizeof(domain), "%s.%s.%s.%.50s.com", label, label, label, label);
	facts_put_txt(facts, domain, span_text("v=spf1 -all"));
	assert_null(strstr(ask(facts, domain, &defaults), "absent"));
}

/* Reverse names are asked for where ptr is used and somebody may match it. */
static void
reverse_names(void **state)
{
	static const struct {
		const char *record, *want;
	} cases[] = {
		{ "v=spf1 ptr:host.example -all", "PTR 1.2.0.192.in-addr.arpa" },
		{ "v=spf1 ptr:%{l}.example -all", "PTR 1.2.0.192.in-addr.arpa" },
		{ "v=spf1 -all ptr", NULL },
		{ "v=spf1 a:host.example -all", NULL },
	};
	struct spf_sender sender = { .ip = SPAN("192.0.2.1") };
	struct spf_settings settings = { .sender_count = 1, .senders = &sender };
	struct facts *facts = *state;
	assert_true(spf_client_parse(&sender.client, sender.ip));
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put_txt(facts, "example.com", span_text(cases[i].record));
		const char *got = strstr(ask(facts, "example.com", &settings), "PTR ");
		if (cases[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registrable, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    questions_beside_records, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    questions_without_record, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    questions_about_mail, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(absent_names, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(reverse_names, new_facts, free_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
