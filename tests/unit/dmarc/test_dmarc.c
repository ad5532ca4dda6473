/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/dmarc, the probe as a whole: what it measures, its section of the
 * report, and the properties that every probe has to keep (probe.h). */
#include "dmarc/dmarc.h"

#include "core/limits.h"
#include "dns/question.h"
#include "output/writer.h"
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

static const struct fact_row world[] = {
	{ "us.example", DNS_TXT, "v=spf1 mx -all" },
	{ "us.example", DNS_MX, "10 mail.us.example" },
	{ "mail.us.example", DNS_A, "192.0.2.1" },
	{ "mail.us.example", DNS_AAAA, "NODATA" },
	{ "_dmarc.us.example", DNS_TXT,
	    "v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@us.example" },
	{ "_dmarc.example", DNS_TXT, "NXDOMAIN" },
	{ "_dmarc.down.example", DNS_TXT, "SERVFAIL" },
	{ "_dmarc.none.example", DNS_TXT, "NODATA" },
	{ "_dmarc.own.down.example", DNS_TXT, "v=DMARC1; p=none" },
	{ .name = NULL },
};

/* --- measurements --------------------------------------------------------- */

static const char *
measured(struct facts *facts, const char *domain)
{
	facts_put(facts, world);
	const struct report *report = facts_evaluate(facts, &dmarc_probe, domain);
	const char *text = "";
	for (size_t i = 0; i < report->measurement_count; i++) {
		const struct measurement *one = &report->measurements[i];
		if (one->labels != NULL && one->value == 0)
			continue;
		text = arena_printf(facts->arena, "%s%s%s=%s%.0f", text,
		    i > 0 ? " " : "", metric_info(one->id)->name + strlen("dmarc_"),
		    one->labels != NULL ? one->labels : "", one->value);
	}
	return text;
}

static void
what_is_known_is_measured(void **state)
{
	assert_string_equal(measured(*state, "us.example"),
	    "record_present=1 policy=reject1 subdomain_policy=quarantine1");
	assert_string_equal(measured(*state, "none.example"), "record_present=0");
	/* Its own record is there; what holds below it, nobody can say. */
	assert_string_equal(
	    measured(*state, "own.down.example"), "record_present=1 policy=none1");
	assert_string_equal(measured(*state, "down.example"), "");
}

/* --- properties ----------------------------------------------------------- */

static void
evaluate(struct facts *facts, const struct dns_name *domain)
{
	struct view *view = facts_view(facts);
	const struct target target = {
		.domain = *domain,
		.settings = arena_alloc(facts->arena, dmarc_probe.settings_size),
	};
	dmarc_probe.evaluate(&target, view, &facts->report);
}

/* The answer of the whole world to a want. */
static void
answer(struct facts *facts, const struct facts *whole, struct span key)
{
	static const struct dns_answer nothing = { .rcode = DNS_RCODE_NXDOMAIN };
	int64_t now_ms = facts->view.now_ms;
	const struct fact *fact = store_find(whole->store, key, now_ms);
	if (fact != NULL && fact->data == NULL)
		store_put(facts->store, key, dns_failure(fact->outcome, now_ms));
	else
		store_put(facts->store, key,
		    dns_fact(
			dns_answer_copy(fact != NULL ? fact->data : &nothing), now_ms));
}

/* Runs with so many answers a round, the last wants first, and returns the JSON. */
static char *
run(const struct facts *whole, size_t answers, unsigned *rounds)
{
	struct facts *facts = facts_new();
	struct dns_name domain = facts_name("us.example");
	for (*rounds = 1;; *rounds += 1) {
		evaluate(facts, &domain);
		size_t count = facts->view.want_count;
		assert_true(facts->view.incomplete == (count > 0));
		if (count == 0)
			break;
		for (size_t i = 0; i < answers && i < count; i++)
			answer(facts, whole, facts->view.wants[count - 1 - i]);
	}
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	report_finish(&facts->report);
	json_write(&out, &facts->report, 0);
	facts_free(facts);
	return buf_take(&out, NULL);
}

static void
order_of_answers_does_not_matter(void **state)
{
	struct facts *facts = *state;
	unsigned rounds, many;
	facts_put(facts, world);
	char *at_once = run(facts, SIZE_MAX, &rounds);
	char *one_by_one = run(facts, 1, &many);
	assert_string_equal(at_once, one_by_one);
	assert_true(many > rounds);
	/* Walk, apex and side; then destinations and SPF; then addresses. */
	assert_true(rounds - 1 <= 3);
	free(at_once);
	free(one_by_one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_known_is_measured, new_facts, free_facts),
		cmocka_unit_test_setup_teardown(
		    order_of_answers_does_not_matter, new_facts, free_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
