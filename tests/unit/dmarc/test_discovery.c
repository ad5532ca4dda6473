/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/discovery: which names are asked, where the walk stops, and what the
 * Organizational Domain is (RFC 9989 4.10). */
#include "dmarc/discovery.h"

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

/* --- what is asked -------------------------------------------------------- */

static void
names_are_cut_to_seven_labels(void **state)
{
	static const struct {
		const char *domain, *want; /* labels of each name asked */
	} cases[] = {
		{ "com", "1" },
		{ "example.com", "2 1" },
		{ "a.b.c.d.e.f.g", "7 6 5 4 3 2 1" },
		{ "a.b.c.d.e.f.g.h", "8 7 6 5 4 3 2 1" },
		{ "a.b.c.d.e.f.g.h.i", "9 7 6 5 4 3 2 1" },
		{ "a.b.c.d.e.f.g.h.i.j.k.l.m", "13 7 6 5 4 3 2 1" },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name domain = facts_name(cases[i].domain), name;
		struct view *view = facts_view(facts);
		dmarc_walk(view, facts->arena, &domain);
		const char *got = "";
		for (size_t j = 0; j < view->want_count; j++) {
			uint16_t type;
			assert_true(dns_key_read(view->wants[j], &name, &type));
			assert_int_equal(type, DNS_TXT);
			got = arena_printf(facts->arena, "%s%s%u", got,
			    j > 0 ? " " : "", dns_name_labels(&name) - 1);
		}
		assert_string_equal(got, cases[i].want);
	}
}

/* --- what is found -------------------------------------------------------- */

/* One letter for each of _dmarc.a.b.c.example, _dmarc.b.c.example, ... _dmarc.example:
 * "-" none, "u" a record, "n" and "y" one with that psd, "2" two records, "!" no
 * answer, "x" something else. */
static void
put_world(struct facts *facts, const char *letters)
{
	static const char *const names[] = { "_dmarc.a.b.c.example",
		"_dmarc.b.c.example", "_dmarc.c.example", "_dmarc.example" };
	static const struct {
		char letter;
		const char *data;
	} kinds[] = {
		{ '-', "NXDOMAIN" },
		{ 'u', "v=DMARC1; p=none" },
		{ 'n', "v=DMARC1; p=none; psd=n" },
		{ 'y', "v=DMARC1; p=none; psd=y" },
		{ '!', "SERVFAIL" },
		{ 'x', "v=spf1 -all" },
		{ '2', "v=DMARC1; p=reject; psd=n" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		for (size_t j = 0; j < ARRAY_LENGTH(kinds); j++) {
			if (kinds[j].letter != letters[i])
				continue;
			bool is_pair = letters[i] == '2';
			const struct fact_row rows[] = {
				{ names[i], DNS_TXT, kinds[j].data },
				{ is_pair ? names[i] : NULL, DNS_TXT,
				    "v=DMARC1; p=none" },
				{ .name = NULL },
			};
			facts_put(facts, rows);
		}
	}
}

static void
walks_end_as_the_standard_says(void **state)
{
	static const struct {
		const char *world; /* of a.b.c.example and its parents */
		size_t steps;
		const char *organizational, *policy;
		bool incomplete;
	} cases[] = {
		/* None: the start name. */
		{ "----", 4, "a.b.c.example", "none", false },
		{ "x---", 4, "a.b.c.example", "none", false },
		/* Its own; then that with the fewest labels is the organization's. */
		{ "u---", 4, "a.b.c.example", "a.b.c.example", false },
		{ "u-u-", 4, "c.example", "a.b.c.example", false },
		{ "--u-", 4, "c.example", "c.example", false },
		/* Never the nearest one above. */
		{ "-uu-", 4, "c.example", "c.example", false },
		{ "-u-u", 4, "example", "example", false },
		/* psd=n is it, and the walk stops. */
		{ "-nu-", 2, "b.c.example", "b.c.example", false },
		{ "n-u-", 1, "a.b.c.example", "a.b.c.example", false },
		{ "un-!", 2, "b.c.example", "a.b.c.example", false },
		/* psd=y: one label below, and only its own record if there is none. */
		{ "---y", 4, "c.example", "example", false },
		{ "--uy", 4, "c.example", "c.example", false },
		{ "--y-", 3, "b.c.example", "c.example", false },
		{ "-uy-", 3, "b.c.example", "b.c.example", false },
		{ "u-yu", 3, "b.c.example", "a.b.c.example", false },
		/* At the start name, psd=y is no reason to go down. */
		{ "y-u-", 1, "a.b.c.example", "a.b.c.example", false },
		/* Several are dropped, and the walk goes on. */
		{ "2-u-", 4, "c.example", "c.example", false },
		{ "-2u-", 4, "c.example", "c.example", false },
		{ "2---", 4, "a.b.c.example", "none", false },
		/* No answer is not "no record". */
		{ "!-u-", 4, "c.example", "none", true },
		{ "--!u", 4, "example", "none", true },
		{ "u-!-", 4, "a.b.c.example", "a.b.c.example", true },
		{ "-n!!", 2, "b.c.example", "b.c.example", false },
	};
	struct facts *facts = *state;
	struct dns_name domain = facts_name("a.b.c.example");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		put_world(facts, cases[i].world);
		struct dmarc_walk *walk = dmarc_walk(
		    facts_view(facts), facts->arena, &domain);
		const struct dmarc_step *step = dmarc_walk_policy(walk);
		const char *got = arena_printf(facts->arena, "%s: %zu %s %s%s",
		    cases[i].world, walk->step_count,
		    dns_name_text(facts->arena, &walk->organizational),
		    step != NULL ? dns_name_text(facts->arena, &step->domain) : "none",
		    walk->incomplete ? " ?" : "");
		const char *want = arena_printf(facts->arena, "%s: %zu %s %s%s",
		    cases[i].world, cases[i].steps, cases[i].organizational,
		    cases[i].policy, cases[i].incomplete ? " ?" : "");
		assert_string_equal(got, want);
	}
}

/* psd=y above a name that was cut: still one label below it. */
static void
deep_names_find_their_organization(void **state)
{
	static const struct fact_row rows[] = {
		{ "_dmarc.a.b.c.d.e.f.g.h.i.j", DNS_TXT, "NXDOMAIN" },
		{ "_dmarc.d.e.f.g.h.i.j", DNS_TXT, "v=DMARC1; psd=y" },
		{ .name = NULL },
	};
	struct facts *facts = *state;
	struct dns_name domain = facts_name("a.b.c.d.e.f.g.h.i.j");
	facts_put(facts, rows);
	struct dmarc_walk *walk = dmarc_walk(facts_view(facts), facts->arena, &domain);
	assert_int_equal(walk->step_count, 2);
	assert_false(walk->incomplete);
	assert_string_equal(
	    dns_name_text(facts->arena, &walk->organizational), "c.d.e.f.g.h.i.j");
}

/* 253 bytes of name leave no room for a label in front. */
static void
names_without_room_have_no_record(void **state)
{
	struct facts *facts = *state;
	struct dns_name domain,
	    label = facts_name(
		"l123456789012345678901234567890123456789012345678901234567890.x");
	domain = label;
	while (dns_name_append_name(&domain, &label) == STATUS_OK)
		;
	struct view *view = facts_view(facts);
	struct dmarc_walk *walk = dmarc_walk(view, facts->arena, &domain);
	assert_null(walk->steps[0].record);
	assert_false(walk->steps[0].failed);
	assert_true(view->want_count < LIMIT_DMARC_WALK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    names_are_cut_to_seven_labels, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    walks_end_as_the_standard_says, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    deep_names_find_their_organization, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    names_without_room_have_no_record, new_facts, free_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
