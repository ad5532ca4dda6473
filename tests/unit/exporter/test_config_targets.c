/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of targets: what they tell their probes. */
#include "config.h"
#include "config_schema.h"
#include "settings.h"

#include "core/limits.h"
#include "spf/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct config *
load(const char *yaml, const char *errors)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct config *config = config_new();
	config_parse(config, "f", span_text(yaml), &messages);
	config_finish_targets(config, "f", &messages);
	assert_string_equal(messages.errors.text, errors);
	config_messages_free(&messages);
	return config;
}

static const struct spf_settings *
spf_of(const struct config *config, const char *domain)
{
	const struct config_target *target = config_find(config, domain);
	size_t check;
	assert_non_null(target);
	assert_true(checks_by_name(span_text("spf"), &check));
	return settings_of(target->settings, config->defaults, check);
}

static void
senders_become_settings_of_their_target(void **state)
{
	(void)state;
	struct config *config = load(
	    "targets:\n"
	    " - domain: a.example\n"
	    "   senders: [{ip: 192.0.2.1}, {ip: \"2001:db8::1\", expect: fail, "
	    "sender: joe@a.example}]\n"
	    " - domain: b.example\n",
	    "");
	const struct spf_settings *spf = spf_of(config, "a.example");
	assert_int_equal(spf->sender_count, 2);
	assert_int_equal(spf->senders[0].expected, SPF_RESULT_PASS);
	assert_false(spf->senders[0].has_mailbox);
	assert_int_equal(spf->senders[1].expected, SPF_RESULT_FAIL);
	assert_true(span_equal(spf->senders[1].mailbox, span_text("joe@a.example")));
	assert_int_equal(spf_of(config, "b.example")->sender_count, 0);
	config_free(config);
}

static void
a_target_that_says_nothing_costs_no_settings(void **state)
{
	(void)state;
	struct config *config = load("targets: [{domain: a.example}]", "");
	assert_null(config->targets[0].settings);
	assert_ptr_equal(spf_of(config, "a.example"), config->defaults->objects[0]);
	config_free(config);
}

static void
a_domain_that_stands_twice_keeps_its_settings(void **state)
{
	(void)state;
	struct config *config = load(
	    "targets: [{domain: a.example, senders: [{ip: 192.0.2.1}]}, {domain: "
	    "a.example}]",
	    "");
	assert_int_equal(config->target_count, 1);
	assert_int_equal(spf_of(config, "a.example")->sender_count, 1);
	config_free(config);
}

static void
faults_are_told_with_their_line(void **state)
{
	static const struct {
		const char *yaml, *want;
	} cases[] = {
		{ "targets:\n- domain: a.example\n  senders:\n  - ip: nonsense\n",
		    "f:4: senders: 'nonsense pass ': expected an IPv4 or IPv6 "
		    "address\n" },
		{ "targets:\n- domain: a.example\n  senders:\n  - expect: pass\n",
		    "f:4: senders: no ip, expected a mapping such as {ip: 192.0.2.1, "
		    "expect: pass}\n" },
		{ "targets:\n- domain: a.example\n  senders: [{ip: \"1 2\"}]\n",
		    "f:3: senders: ip: '1 2' has a blank in it\n" },
		{ "targets:\n- domain: a.example\n  senders: [{helo: x}]\n",
		    "f:3: unknown key 'helo' of a sender, expected one of ip, expect, "
		    "sender\n" },
		{ "targets:\n- domain: a.example\n  senders: 192.0.2.1\n",
		    "f:3: senders: expected a list such as [{ip: 192.0.2.1}], found a "
		    "single value\n" },
		{ "targets:\n- domain: a.example\n  dkim_selectors: [[s1]]\n",
		    "f:3: dkim_selectors: expected a selector such as s1, found a "
		    "list\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		config_free(load(cases[i].yaml, cases[i].want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders_become_settings_of_their_target),
		cmocka_unit_test(a_target_that_says_nothing_costs_no_settings),
		cmocka_unit_test(a_domain_that_stands_twice_keeps_its_settings),
		cmocka_unit_test(faults_are_told_with_their_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
