/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of targets: what they tell their probes. */
#include "config.h"
#include "config_schema.h"
#include "settings.h"

#include "core/limits.h"
#include "smtp_tls/settings.h"
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

static const struct smtp_tls_settings *
smtp_of(const struct config *config, const char *domain)
{
	const struct config_target *target = config_find(config, domain);
	size_t check;
	assert_non_null(target);
	assert_true(checks_by_name(span_text("smtp_tls"), &check));
	return settings_of(target->settings, config->defaults, check);
}

/* Wherever in the file those for all stand. */
static void
a_target_changes_what_stands_for_all(void **state)
{
	(void)state;
	struct config *config = load(
	    "targets:\n"
	    " - {domain: a.example, checks: [smtp_tls]}\n"
	    " - domain: b.example\n"
	    "   smtp_port: 465\n"
	    "   smtp_tls: {require_dane: true, require_trust: false, addresses: both}\n"
	    "smtp_tls: {min_tls: 1.2, require_trust: true, addresses: ipv4, quick: "
	    "true, ehlo: probe.example.com}\n"
	    "smtp_port: 2525\n",
	    "");
	const struct smtp_tls_settings *a = smtp_of(config, "a.example");
	const struct smtp_tls_settings *b = smtp_of(config, "b.example");
	assert_ptr_equal(a, config_smtp(config));
	assert_int_equal(a->port, 2525);
	assert_int_equal(a->min_tls, SMTP_TLSV12);
	assert_true(a->require_trust && a->only_ipv4 && a->quick && !a->require_dane);
	assert_true(span_equal(a->ehlo, span_text("probe.example.com")));
	assert_int_equal(b->port, 465);
	assert_true(smtp_tls_is_implicit(b));
	assert_int_equal(b->min_tls, SMTP_TLSV12);
	assert_true(!b->require_trust && !b->only_ipv4 && b->quick && b->require_dane);
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
		{ "targets:\n- domain: a.example\n  smtp_tls: {min_tls: 3}\n",
		    "f:3: smtp_tls: '3': expected 1.0, 1.1, 1.2 or 1.3\n" },
		{ "targets:\n- domain: a.example\n  smtp_tls: {quick: maybe}\n",
		    "f:3: quick: 'maybe' is not a truth value, expected true or "
		    "false\n" },
		{ "targets:\n- domain: a.example\n  smtp_tls: {addresses: ipv5}\n",
		    "f:3: addresses: 'ipv5' is no family, expected ipv4, ipv6 or "
		    "both\n" },
		{ "targets:\n- domain: a.example\n  smtp_port: 0\n",
		    "f:3: smtp_port: '0' is out of range, expected a number from 1 to "
		    "65535\n" },
		{ "targets: [{domain: a.example}]\nsmtp_tls: {ca_file: /nowhere/ca}\n",
		    "f:2: ca_file: /nowhere/ca can't be read: No such file or "
		    "directory\n" },
		{ "targets: [{domain: a.example}]\nsmtp_tls: {ca_file: /dev/null}\n",
		    "f:2: ca_file: CAs can't be read: /dev/null: no certificates in "
		    "PEM\n" },
		{ "targets: [{domain: a.example}]\nsmtp_tls: {ehlo: \"a b\"}\n",
		    "f:2: smtp_tls: 'a b': expected a host name such as "
		    "probe.example.com\n" },
		{ "targets:\n- domain: a.example\n  smtp_tls: {ca_dir: /}\n",
		    "f:3: unknown key 'ca_dir' of a target's smtp_tls, expected one of "
		    "min_tls, require_dane, require_trust, addresses, implicit_tls, "
		    "quick, test_injection\n" },
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
		cmocka_unit_test(a_target_changes_what_stands_for_all),
		cmocka_unit_test(faults_are_told_with_their_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
