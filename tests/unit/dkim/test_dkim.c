/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dkim/dkim and dkim/settings: what is measured, what is asked, and that facts
 * decide, not their order. */
#include "dkim/dkim.h"

#include "core/limits.h"
#include "dkim/settings.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Keys as short as the numbers allow: 9 bits, and 32 bytes. */
#define RSA_9_BITS "MB0wDQYJKoZIhvcNAQEBBQADDAAwCQICAQECAwEAAQ=="
#define ED25519 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

struct fixture {
	struct facts *facts;
	struct dkim_settings settings;
	char memory[256];
	struct buf why;
};

static int
new_fixture(void **state)
{
	static struct fixture fixture;
	memset(&fixture, 0, sizeof(fixture));
	fixture.facts = facts_new();
	buf_wrap(&fixture.why, fixture.memory, sizeof(fixture.memory));
	*state = &fixture;
	return 0;
}

static int
free_fixture(void **state)
{
	struct fixture *fixture = *state;
	dkim_settings_release(&fixture->settings);
	facts_free(fixture->facts);
	return 0;
}

static enum status
set(struct fixture *fixture, const char *option, const char *value)
{
	buf_clear(&fixture->why);
	for (size_t i = 0; i < DKIM_OPTION_COUNT; i++)
		if (strcmp(dkim_option_rows[i].name, option) == 0)
			return dkim_option_rows[i].set(
			    &fixture->settings, span_text(value), &fixture->why);
	fail_msg("no option %s", option);
	return STATUS_MALFORMED;
}

static enum status
complete(struct fixture *fixture)
{
	struct dns_name domain = facts_name("example.com");
	bool has_domain = true;
	buf_clear(&fixture->why);
	return dkim_settings_complete(
	    &fixture->settings, &domain, &has_domain, &fixture->why);
}

/* --- settings ------------------------------------------------------------- */

static void
selectors_are_names_and_told_once(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(set(fixture, "selector", "s1"), STATUS_OK);
	assert_int_equal(set(fixture, "selector", "S1."), STATUS_OK);
	assert_int_equal(set(fixture, "selector", "mail.2026"), STATUS_OK);
	assert_int_equal(fixture->settings.selector_count, 2);
	assert_int_equal(set(fixture, "selector", ""), STATUS_EMPTY);
	assert_int_equal(set(fixture, "selector", "."), STATUS_EMPTY);
	assert_int_equal(set(fixture, "selector", "a b"), STATUS_MALFORMED);
	assert_int_equal(set(fixture, "selector", "a..b"), STATUS_EMPTY_LABEL);
	assert_int_equal(fixture->settings.selector_count, 2);
	for (int i = 2; i < LIMIT_DKIM_SELECTORS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "x%d", i);
		assert_int_equal(set(fixture, "selector", name), STATUS_OK);
	}
	assert_int_equal(set(fixture, "selector", "more"), STATUS_TOO_MANY);
	assert_int_equal(complete(fixture), STATUS_OK);
}

static void
a_record_is_of_one_selector(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(complete(fixture), STATUS_OK);
	assert_int_equal(fixture->settings.selector_count, 0);
	assert_int_equal(set(fixture, "record", "p="), STATUS_OK);
	assert_int_equal(set(fixture, "record", "k=rsa; p="), STATUS_OK);
	assert_int_equal(complete(fixture), STATUS_OK);
	assert_int_equal(fixture->settings.selector_count, 1);
	assert_int_equal(set(fixture, "selector", "s1"), STATUS_OK);
	assert_int_equal(complete(fixture), STATUS_TOO_MANY);
	assert_string_equal(fixture->settings.record.text, "k=rsa; p=");
	assert_int_equal(
	    set(fixture, "record-file", "/nonexistent/file"), STATUS_UNREADABLE);
}

/* --- the probe ------------------------------------------------------------ */

static const struct fact_row world[] = {
	{ "rsa._domainkey.example.com", DNS_TXT, "v=DKIM1; p=" RSA_9_BITS },
	{ "ed._domainkey.example.com", DNS_TXT, "k=ed25519; p=" ED25519 },
	{ "cut._domainkey.example.com", DNS_TXT, "v=DKIM1; p=QUJD" },
	{ "old._domainkey.example.com", DNS_TXT, "v=DKIM1; p=" },
	{ "two._domainkey.example.com", DNS_TXT, "v=DKIM1; p=" RSA_9_BITS },
	{ "two._domainkey.example.com", DNS_TXT, "k=ed25519; p=" ED25519 },
	{ "gone._domainkey.example.com", DNS_TXT, "NXDOMAIN" },
	{ "fail._domainkey.example.com", DNS_TXT, "SERVFAIL" },
	{ "_domainkey.example.com", DNS_TXT, "NODATA" },
	{ .name = NULL },
};

static const struct report *
evaluate(struct fixture *fixture, const char *const *selectors)
{
	dkim_settings_release(&fixture->settings);
	memset(&fixture->settings, 0, sizeof(fixture->settings));
	for (; *selectors != NULL; selectors++)
		assert_int_equal(set(fixture, "selector", *selectors), STATUS_OK);
	facts_put(fixture->facts, world);
	return facts_evaluate_with(
	    fixture->facts, &dkim_probe, &fixture->settings, "example.com");
}

/* "key_bits{rsa}=9 record_present{rsa}=1" */
static void
check_measurements(const struct report *report, const char *want)
{
	char memory[512];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	for (size_t i = 0; i < report->measurement_count; i++) {
		const struct measurement *measured = &report->measurements[i];
		buf_addf(&got, "%s%s{%s}=%.0f", i > 0 ? " " : "",
		    metric_info(measured->id)->name + strlen("dkim_"), measured->labels,
		    measured->value);
	}
	assert_string_equal(got.text, want);
}

/* Absent where it is not known: a size of no key, the presence that nobody could tell.
 */
static void
what_is_known_is_measured(void **state)
{
	static const struct {
		const char *selectors[4], *want;
	} cases[] = {
		{ { NULL }, "" },
		{ { "rsa" }, "key_bits{rsa}=9 record_present{rsa}=1" },
		{ { "ed", "rsa" },
		    "key_bits{ed}=256 key_bits{rsa}=9 record_present{ed}=1 "
		    "record_present{rsa}=1" },
		{ { "cut", "old" }, "record_present{cut}=1 record_present{old}=1" },
		{ { "two", "gone" }, "record_present{two}=0 record_present{gone}=0" },
		{ { "fail", "rsa" }, "key_bits{rsa}=9 record_present{rsa}=1" },
		{ { "fail" }, "" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_measurements(evaluate(*state, cases[i].selectors), cases[i].want);
}

static void
failures_are_unknown_and_never_missing(void **state)
{
	static const char *const fails[] = { "fail", NULL }, *const none[] = { NULL };
	const struct report *report = evaluate(*state, fails);
	assert_int_equal(report->state, STATE_UNKNOWN);
	assert_int_equal(report->finding_count, 1);
	assert_int_equal(report->findings[0].id, FINDING_DKIM_DNS_ERROR);
	assert_false(report_could_tell(report));

	report = evaluate(*state, none);
	assert_int_equal(report->state, STATE_OK);
	assert_int_equal(report->findings[0].id, FINDING_DKIM_SELECTOR_NEEDED);
	assert_true(report_could_tell(report));
}

/* All questions are wanted in the first round, and only those. */
static void
each_selector_is_one_question(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(set(fixture, "selector", "a"), STATUS_OK);
	assert_int_equal(set(fixture, "selector", "b"), STATUS_OK);
	struct view *view = facts_view(fixture->facts);
	const struct target target = { .domain = facts_name("example.com"),
		.settings = &fixture->settings };
	dkim_probe.evaluate(&target, view, &fixture->facts->report);
	assert_true(view->incomplete);
	assert_int_equal(view->want_count, 2);

	memset(&fixture->settings.selector_count, 0, sizeof(size_t));
	view = facts_view(fixture->facts);
	dkim_probe.evaluate(&target, view, &fixture->facts->report);
	assert_int_equal(view->want_count, 1);
}

static void
a_given_record_is_an_answer(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(set(fixture, "record", "k=ed25519; p=" ED25519), STATUS_OK);
	assert_int_equal(complete(fixture), STATUS_OK);
	const struct target target = { .domain = facts_name("example.com"),
		.settings = &fixture->settings };
	dkim_probe.give(&target, fixture->facts->store, 0);
	const struct report *report = facts_evaluate_with(
	    fixture->facts, &dkim_probe, &fixture->settings, "example.com");
	check_measurements(report, "key_bits{new}=256 record_present{new}=1");
}

#define WITH_FIXTURE(test) \
	cmocka_unit_test_setup_teardown(test, new_fixture, free_fixture)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(selectors_are_names_and_told_once),
		WITH_FIXTURE(a_record_is_of_one_selector),
		WITH_FIXTURE(what_is_known_is_measured),
		WITH_FIXTURE(failures_are_unknown_and_never_missing),
		WITH_FIXTURE(each_selector_is_one_question),
		WITH_FIXTURE(a_given_record_is_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
