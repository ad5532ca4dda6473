/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/destination: which destinations are external, whether they agreed, and
 * whether they take mail (RFC 9990 4, RFC 9991 5, RFC 5321 5.1, RFC 7505). */
#include "dmarc/destination.h"

#include "core/limits.h"
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

/* Whose mail reports can reach: in.*, and those who can't: off.*; *.out.example are
 * external. */
static const struct fact_row world[] = {
	{ "_dmarc.example", DNS_TXT, "NXDOMAIN" },
	{ "_dmarc.us.example", DNS_TXT, "NXDOMAIN" },
	{ "_dmarc.in.us.example", DNS_TXT, "NXDOMAIN" },
	{ "_dmarc.own.us.example", DNS_TXT, "v=DMARC1; p=none; psd=n" },
	{ "_dmarc.dark.us.example", DNS_TXT, "SERVFAIL" },
	{ "_dmarc.out.example", DNS_TXT, "v=DMARC1; p=none" },
	{ "_dmarc.yes.out.example", DNS_TXT, "NXDOMAIN" },
	{ "us.example", DNS_MX, "10 mail.us.example" },
	{ "in.us.example", DNS_MX, "NODATA" },
	{ "in.us.example", DNS_A, "192.0.2.1" },
	{ "in.us.example", DNS_AAAA, "NODATA" },
	{ "own.us.example", DNS_MX, "NODATA" },
	{ "own.us.example", DNS_A, "NODATA" },
	{ "own.us.example", DNS_AAAA, "2001:db8::1" },
	{ "dark.us.example", DNS_MX, "SERVFAIL" },
	{ "out.example", DNS_MX, "0 ." },
	{ "yes.out.example", DNS_MX, "NXDOMAIN" },
	{ "us.example._report._dmarc.own.us.example", DNS_TXT, "NXDOMAIN" },
	{ "us.example._report._dmarc.out.example", DNS_TXT, "v=DMARC2" },
	{ "us.example._report._dmarc.yes.out.example", DNS_TXT, "v=DMARC1" },
	{ "us.example._report._dmarc.yes.out.example", DNS_TXT, "other text" },
	{ .name = NULL },
};

static const char *
shown(struct arena *arena, const struct dmarc_destination *to)
{
	static const char *const consents[] = {
		[DMARC_CONSENT_UNKNOWN] = "consent?",
		[DMARC_CONSENT_NEEDLESS] = "internal",
		[DMARC_CONSENT_GIVEN] = "agreed",
		[DMARC_CONSENT_MISSING] = "refused",
		[DMARC_CONSENT_NO_NAME] = "no name",
	};
	static const char *const overrides[] = {
		[DMARC_OVERRIDE_NONE] = "",
		[DMARC_OVERRIDE_SAME_HOST] = " but to ",
		[DMARC_OVERRIDE_OTHER_HOST] = " but elsewhere ",
	};
	if (!to->is_checked)
		return "not checked";
	const char *text = arena_printf(arena, "%s%s%s, %s", consents[to->consent],
	    overrides[to->override],
	    to->override != DMARC_OVERRIDE_NONE
		? arena_safe_text(arena, to->override_uri)
		: "",
	    to->deliverable == TRUTH_YES      ? "takes mail"
		: to->deliverable == TRUTH_NO ? to->obstacle
					      : "mail?");
	const struct dmarc_failure *failures[] = { &to->consent_failure,
		&to->delivery_failure };
	for (size_t i = 0; i < ARRAY_LENGTH(failures); i++)
		if (outcome_is_failure(failures[i]->outcome))
			text = arena_printf(arena, "%s, %s %s", text,
			    dns_type_text(failures[i]->type),
			    dns_name_text(arena, &failures[i]->name));
	return to->is_repeated ? arena_printf(arena, "%s, again", text) : text;
}

/* The destinations of a record of us.example, with a line for each. */
static const char *
ask(struct facts *facts, const char *tags)
{
	struct dns_name domain = facts_name("us.example");
	facts_put_txt(facts, "_dmarc.us.example",
	    span_text(arena_printf(facts->arena, "v=DMARC1; p=none; %s", tags)));
	struct view *view = facts_view(facts);
	struct dmarc_walk *walk = dmarc_walk(view, facts->arena, &domain);
	struct dmarc_destinations *all = dmarc_destinations_ask(
	    view, facts->arena, dmarc_walk_policy(walk), &walk->organizational);
	assert_false(view->incomplete);
	const char *text = "";
	for (size_t i = 0; i < all->count; i++)
		text = arena_printf(facts->arena, "%s%s%s: %s", text, i > 0 ? "\n" : "",
		    dmarc_tag_text(all->list[i].tag),
		    shown(facts->arena, &all->list[i]));
	return text;
}

static void
destinations_are_looked_at(void **state)
{
	static const struct {
		const char *tags, *want;
	} cases[] = {
		{ "", "" },
		{ "rua=mailto:a@us.example", "rua: internal, takes mail" },
		{ "ruf=mailto:a@US.Example", "ruf: internal, takes mail" },
		{ "rua=mailto:a@in.us.example", "rua: internal, takes mail" },
		/* psd=n makes a name below one of another organization. */
		{ "rua=mailto:a@own.us.example", "rua: refused, takes mail" },
		{ "rua=mailto:a@out.example",
		    "rua: refused, has a null MX: it takes no mail" },
		{ "rua=mailto:a@yes.out.example", "rua: agreed, does not exist" },
		{ "rua=mailto:a@dark.us.example",
		    "rua: consent?, mail?, TXT _dmarc.dark.us.example, "
		    "MX dark.us.example" },
		{ "rua=https://out.example/", "rua: not checked" },
		{ "rua=a@us.example", "rua: not checked" },
		/* rua first; one host is told once for each tag. */
		{ "ruf=mailto:c@us.example; "
		  "rua=mailto:a@us.example,mailto:b@us.example",
		    "rua: internal, takes mail\nrua: internal, takes mail, again\n"
		    "ruf: internal, takes mail" },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_string_equal(ask(facts, cases[i].tags), cases[i].want);
}

static void
consent_can_name_another_address(void **state)
{
	static const struct {
		const char *consent, *want;
	} cases[] = {
		{ "v=DMARC1; rua=mailto:z@yes.out.example",
		    "rua: agreed but to mailto:z@yes.out.example" },
		{ "v=DMARC1; rua=mailto:z@out.example",
		    "rua: agreed but elsewhere mailto:z@out.example" },
		{ "v=DMARC1; rua=z@yes.out.example",
		    "rua: agreed but elsewhere z@yes.out.example" },
		{ "v=DMARC1; ruf=mailto:z@out.example", "rua: agreed" },
		{ "v=DMARC1; p=none", "rua: agreed" },
		{ "v=DMARC1; x=1; x=2", "rua: refused" },
		{ "v=DMARC", "rua: refused" },
	};
	struct facts *facts = *state;
	facts_put(facts, world);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		facts_put_txt(facts, "us.example._report._dmarc.yes.out.example",
		    span_text(cases[i].consent));
		const char *want = arena_printf(
		    facts->arena, "%s, does not exist", cases[i].want);
		char copy[128];
		snprintf(copy, sizeof(copy), "%s", want);
		assert_string_equal(ask(facts, "rua=mailto:a@yes.out.example"), copy);
	}
}

/* Not one question more than the cap, whatever a record holds. */
static void
many_destinations_are_capped(void **state)
{
	struct facts *facts = *state;
	struct dns_name domain = facts_name("us.example");
	struct buf text;
	buf_init(&text, 64 * 1024);
	buf_add_text(&text, "v=DMARC1; p=none; rua=mailto:a@0.example");
	for (unsigned i = 1; i < 2 * LIMIT_DMARC_URIS; i++)
		buf_addf(&text, ",mailto:a@%u.example", i);
	facts_put(facts, world);
	facts_put_txt(facts, "_dmarc.us.example", buf_span(&text));
	buf_free(&text);
	struct view *view = facts_view(facts);
	struct dmarc_walk *walk = dmarc_walk(view, facts->arena, &domain);
	struct dmarc_destinations *all = dmarc_destinations_ask(
	    view, facts->arena, dmarc_walk_policy(walk), &walk->organizational);
	size_t checked = 0;
	for (size_t i = 0; i < all->count; i++)
		checked += all->list[i].is_checked;
	assert_int_equal(all->count, LIMIT_DMARC_URIS);
	assert_int_equal(checked, LIMIT_DMARC_DESTINATIONS);
}

/* Whatever is wanted does not exist. */
static struct dmarc_destinations *
ask_until_answered(struct facts *facts, const struct dns_name *domain)
{
	static const struct dns_answer nothing = { .type = DNS_TXT,
		.rcode = DNS_RCODE_NXDOMAIN };
	for (;;) {
		struct view *view = facts_view(facts);
		struct dmarc_walk *walk = dmarc_walk(view, facts->arena, domain);
		struct dmarc_destinations *all = dmarc_destinations_ask(
		    view, facts->arena, dmarc_walk_policy(walk), &walk->organizational);
		if (!view->incomplete)
			return all;
		for (size_t i = 0; i < view->want_count; i++)
			store_put(facts->store, view->wants[i],
			    dns_fact(dns_answer_copy(&nothing), view->now_ms));
	}
}

static void
long_names_have_no_consent(void **state)
{
	struct facts *facts = *state;
	struct buf text;
	buf_init(&text, 1024);
	buf_add_text(&text, "v=DMARC1; p=none; rua=mailto:a@");
	for (unsigned i = 0; i < 118; i++)
		buf_addf(&text, "%u.", i % 10);
	buf_add_text(&text, "example");
	struct dns_name domain = facts_name("us.example");
	facts_put(facts, world);
	facts_put_txt(facts, "_dmarc.us.example", buf_span(&text));
	buf_free(&text);
	struct dmarc_destinations *all = ask_until_answered(facts, &domain);
	assert_int_equal(all->list[0].consent, DMARC_CONSENT_NO_NAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    destinations_are_looked_at, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    consent_can_name_another_address, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    many_destinations_are_capped, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    long_names_have_no_consent, new_facts, free_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
