/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/policy: what receivers make of records (RFC 9989 4.7, 4.10.1). */
#include "dmarc/policy.h"

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

static const char *
word(enum dmarc_policy policy)
{
	const char *text = dmarc_policy_text(policy);
	return text != NULL ? text : "-";
}

static void
records_have_an_effect(void **state)
{
	static const struct {
		const char *tags, *want; /* domain, names below, those not there */
	} cases[] = {
		{ "p=none", "none none none" },
		{ "p=reject", "reject reject reject" },
		{ "p=reject; sp=quarantine", "reject quarantine quarantine" },
		{ "p=reject; np=none", "reject reject none" },
		{ "p=none; sp=quarantine; np=reject", "none quarantine reject" },
		/* t=y takes one level off each. */
		{ "p=reject; t=y", "quarantine quarantine quarantine" },
		{ "p=quarantine; sp=reject; t=y", "none quarantine quarantine" },
		{ "p=none; t=y", "none none none" },
		/* A bad policy costs all, and rua rescues a none. */
		{ "p=block", "nothing" },
		{ "p=block; rua=mailto:a@example.com", "none none none" },
		{ "p=reject; sp=x", "nothing" },
		{ "p=reject; sp=x; rua=mailto:a@example.com", "none none none" },
		{ "p=reject; np=x; rua=mailto:a@example.com", "none none none" },
		{ "p=reject; np=; rua=mailto:a@example.com", "none none none" },
		{ "rua=mailto:a@example.com", "none none none" },
		{ "", "nothing" },
		/* Only a URI that is one. */
		{ "p=block; rua=a@example.com", "nothing" },
		{ "p=block; rua=a@example.com,mailto:a@example.com", "none none none" },
		{ "p=block; ruf=mailto:a@example.com", "nothing" },
		/* A tag that stands twice costs the record. */
		{ "p=reject; sp=none; sp=none; rua=mailto:a@example.com", "nothing" },
	};
	struct facts *facts = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *text = arena_printf(
		    facts->arena, "v=DMARC1; %s", cases[i].tags);
		struct dmarc_effect effect = dmarc_effect_of(
		    facts->arena, dmarc_record_read(facts->arena, span_text(text)));
		const char *got = effect.applies
		    ? arena_printf(facts->arena, "%s %s %s", word(effect.domain),
			  word(effect.subdomains), word(effect.nonexistent))
		    : "nothing";
		assert_string_equal(got, cases[i].want);
	}
}

#define NONE "NXDOMAIN"

static void
domains_get_a_verdict(void **state)
{
	static const struct {
		const char *own, *above, *top; /* of a.example.com, example.com, com */
		bool exists;
		const char *want;
	} cases[] = {
		{ NONE, NONE, NONE, true, "nothing, -, below - -" },
		{ "p=reject", NONE, NONE, true, "reject, below reject reject" },
		/* Names below a domain that is not the Organizational Domain go by
		 * that one's record. */
		{ "p=reject; sp=none", "p=quarantine; sp=quarantine; np=reject", NONE,
		    true, "reject, below quarantine reject" },
		{ NONE, "p=reject; sp=none; np=quarantine", NONE, true,
		    "none, below none quarantine" },
		{ NONE, "p=reject; sp=none; np=quarantine", NONE, false,
		    "quarantine, below none quarantine" },
		{ NONE, "p=reject; sp=none", NONE, false, "none, below none none" },
		{ NONE, NONE, "p=reject; sp=quarantine; psd=y", true,
		    "quarantine, below quarantine quarantine" },
	};
	struct facts *facts = *state;
	struct dns_name domain = facts_name("a.example.com");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *texts[] = { cases[i].own, cases[i].above, cases[i].top };
		static const char *const names[] = { "_dmarc.a.example.com",
			"_dmarc.example.com", "_dmarc.com" };
		for (size_t j = 0; j < ARRAY_LENGTH(names); j++) {
			char text[128];
			bool is_none = strcmp(texts[j], NONE) == 0;
			snprintf(text, sizeof(text), "%s%s",
			    is_none ? "" : "v=DMARC1; ", texts[j]);
			const struct fact_row rows[] = { { names[j], DNS_TXT, text },
				{ .name = NULL } };
			facts_put(facts, rows);
		}
		struct dmarc_walk *walk = dmarc_walk(
		    facts_view(facts), facts->arena, &domain);
		struct dmarc_verdict verdict = dmarc_verdict_of(facts->arena, walk,
		    dmarc_walk_policy(walk), truth_of(cases[i].exists));
		const char *got = arena_printf(facts->arena, "%s%s, below %s %s",
		    verdict.applies ? "" : "nothing, ", word(verdict.domain),
		    word(verdict.subdomains), word(verdict.nonexistent));
		assert_string_equal(got, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    records_have_an_effect, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    domains_get_a_verdict, new_facts, free_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
