/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/side: what is asked beside the walk, and what the answers mean. */
#include "dmarc/side.h"

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

#define LOCATION "_dmarc.us.example"

/* The side of us.example; the walk's own wants are answered. */
static struct dmarc_side *
ask(struct facts *facts, const struct dmarc_step **own)
{
	static const struct fact_row above[] = {
		{ "_dmarc.example", DNS_TXT, "NXDOMAIN" },
		{ .name = NULL },
	};
	struct dns_name domain = facts_name("us.example");
	facts_put(facts, above);
	struct view *view = facts_view(facts);
	*own = &dmarc_walk(view, facts->arena, &domain)->steps[0];
	return dmarc_side_ask(view, facts->arena, *own, 0);
}

static void
only_names_that_answer_are_asked_more(void **state)
{
	static const struct {
		const char *txt;
		size_t wants; /* type 99, an absent name, CNAME */
	} cases[] = {
		{ "v=DMARC1; p=none", 3 },
		{ "NODATA", 1 },
		{ "NXDOMAIN", 1 },
		{ "SERVFAIL", 0 },
		{ "TIMEOUT", 0 },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct fact_row rows[] = { { LOCATION, DNS_TXT, cases[i].txt },
			{ .name = NULL } };
		const struct dmarc_step *own;
		facts_put(facts, rows);
		ask(facts, &own);
		assert_int_equal(facts->view.want_count, cases[i].wants);
		for (size_t j = 0; j < facts->view.want_count; j++)
			assert_true(facts->view.optional[j]);
	}
}

static void
wildcards_are_known_by_their_texts(void **state)
{
	static const struct {
		const char *own, *absent;
		bool want;
	} cases[] = {
		{ "v=spf1 -all", "v=spf1 -all", true },
		{ "v=DMARC1; p=none", "v=spf1 -all", false },
		{ "v=DMARC1; p=none", "NXDOMAIN", false },
		{ "v=DMARC1; p=none", "SERVFAIL", false },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name domain = facts_name("us.example"), absent;
		assert_int_equal(dns_name_absent(&absent, &domain, 0), STATUS_OK);
		char name[128];
		snprintf(
		    name, sizeof(name), "%s", dns_name_text(facts->arena, &absent));
		const struct fact_row rows[] = {
			{ LOCATION, DNS_TXT, cases[i].own },
			{ name, DNS_TXT, cases[i].absent },
			{ .name = NULL },
		};
		const struct dmarc_step *own;
		facts_put(facts, rows);
		struct dmarc_side *side = ask(facts, &own);
		assert_int_equal(
		    dmarc_side_is_wildcard(facts->arena, side, own), cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    only_names_that_answer_are_asked_more, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    wildcards_are_known_by_their_texts, new_facts, free_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
