/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of modules, and of who may be asked about. */
#include "config.h"
#include "config_schema.h"

#include "core/limits.h"

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

static void
modules_are_found_by_name(void **state)
{
	(void)state;
	struct config *config = load(
	    "modules: {mail: {checks: [spf], timeout: 20s}, other: {}}", "");
	const struct config_module *module = config_module(config, span_text("mail"));
	assert_non_null(module);
	assert_int_equal(module->timeout_ms, 20000);
	assert_int_equal(module->checks, checks_one(0));
	module = config_module(config, span_text("other"));
	assert_int_equal(module->timeout_ms, LIMIT_EVALUATION_MS);
	assert_int_equal(module->checks, 0);
	assert_null(config_module(config, span_text("mai")));
	config_free(config);
}

static void
patterns_allow_names_below(void **state)
{
	static const struct {
		const char *domain;
		bool allowed;
	} cases[] = {
		{ "a.example.com", true },
		{ "b.A.Example.COM", true },
		{ "example.com", false },
		{ "badexample.com", false },
		{ "example.net", true },
		{ "a.example.net", false },
		{ "com", false },
	};
	(void)state;
	struct config *config = load(
	    "probe: {allow: [\"*.example.com\", Example.net.]}", "");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_name name;
		assert_int_equal(
		    dns_name_from_text(&name, span_text(cases[i].domain)), STATUS_OK);
		if (config_allows(config, &name) != cases[i].allowed)
			fail_msg("%s", cases[i].domain);
	}
	config_free(config);
}

static void
a_star_allows_all_and_nothing_allows_none(void **state)
{
	struct dns_name name;
	(void)state;
	assert_int_equal(dns_name_from_text(&name, span_text("a.example")), STATUS_OK);
	struct config *config = load("probe: {allow: [\"*\"]}", "");
	assert_true(config_allows(config, &name));
	config_free(config);
	config = load("probe: {allow: []}", "");
	assert_false(config_allows(config, &name));
	config_free(config);
}

static void
faults_are_told_with_their_line(void **state)
{
	static const struct {
		const char *yaml, *want;
	} cases[] = {
		{ "modules:\n m: {timeout: 31s}\n",
		    "f:2: timeout: 31s is out of range, expected 100ms to 30s\n" },
		{ "modules:\n m: {checks: [x]}\n m: {}\n",
		    "f:2: checks: unknown check 'x', expected some of: spf, dmarc, "
		    "dkim, smtp_tls\n"
		    "f:3: modules: m stands twice\n" },
		{ "modules:\n m: mail\n",
		    "f:2: modules: expected a mapping such as {checks: [spf], timeout: "
		    "20s}, found a single value\n" },
		{ "probe:\n allow: [\"*.\"]\n",
		    "f:2: domain '' is empty, expected one such as example.com\n" },
		{ "probe: {allow: [\"a.*.example\", \"*.*.example\", \"*example\"]}\n",
		    "f:1: allow: 'a.*.example' is no pattern, expected one such as "
		    "\"*.example.com\"\n"
		    "f:1: allow: '*.*.example' is no pattern, expected one such as "
		    "\"*.example.com\"\n"
		    "f:1: allow: '*example' is no pattern, expected one such as "
		    "\"*.example.com\"\n" },
		{ "probe: {deny: []}",
		    "f:1: unknown key 'deny' of probe, expected "
		    "allow\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		config_free(load(cases[i].yaml, cases[i].want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_are_found_by_name),
		cmocka_unit_test(patterns_allow_names_below),
		cmocka_unit_test(a_star_allows_all_and_nothing_allows_none),
		cmocka_unit_test(faults_are_told_with_their_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
