/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the exporter's command line. */
#include "flags.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum status
parse(
    struct flags *flags, char why[static LIMIT_MESSAGE], const char *const arguments[])
{
	char *argv[10] = { NULL }; /* getopt_long(3) reorders pointers, never bytes */
	int argc = 0;
	struct buf reason;
	buf_wrap(&reason, why, LIMIT_MESSAGE);
	for (; arguments[argc] != NULL; argc++)
		argv[argc] = (char *)arguments[argc];
	return flags_parse(flags, argc, argv, &reason);
}

static void
both_notations(void **state)
{
	struct flags flags;
	char why[LIMIT_MESSAGE];
	(void)state;
	assert_int_equal(parse(&flags, why,
			     (const char *const[]){ "x", "--config.file=a.yml",
				 "--log.level", "debug", "--log.format=json",
				 "--web.listen-address", "[::1]:0", NULL }),
	    STATUS_OK);
	assert_string_equal(flags.config_file, "a.yml");
	assert_string_equal(flags.listen_addresses[0], "[::1]:0");
	assert_int_equal(flags.log.level, LOG_LEVEL_DEBUG);
	assert_int_equal(flags.log.format, LOG_FORMAT_JSON);
	assert_false(flags.config_check || flags.help || flags.version);
}

static void
several_addresses(void **state)
{
	struct flags flags;
	char why[LIMIT_MESSAGE];
	(void)state;
	assert_int_equal(parse(&flags, why,
			     (const char *const[]){ "x", "--config.file=a.yml",
				 "--web.listen-address=:1",
				 "--web.listen-address=unix:/run/x", NULL }),
	    STATUS_OK);
	assert_int_equal(flags.listen_count, 2);
	assert_string_equal(flags.listen_addresses[0], ":1");
	assert_string_equal(flags.listen_addresses[1], "unix:/run/x");
	assert_int_equal(parse(&flags, why,
			     (const char *const[]){ "x", "--config.file=a.yml",
				 "--web.systemd-socket", NULL }),
	    STATUS_OK);
	assert_true(flags.systemd_socket);
	assert_int_equal(flags.listen_count, 0);
	assert_int_equal(
	    parse(&flags, why,
		(const char *const[]){ "x", "--config.file=a.yml",
		    "--web.systemd-socket", "--web.listen-address=:1", NULL }),
	    STATUS_MALFORMED);
}

static void
shards(void **state)
{
	static const struct {
		const char *text;
		enum status status;
	} cases[] = {
		{ "1/1", STATUS_OK },
		{ "3/3", STATUS_OK },
		{ "0/3", STATUS_MALFORMED },
		{ "4/3", STATUS_MALFORMED },
		{ "1", STATUS_MALFORMED },
		{ "1/", STATUS_MALFORMED },
		{ "1/3x", STATUS_MALFORMED },
		{ "1/9999", STATUS_MALFORMED },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct flags flags;
		char why[LIMIT_MESSAGE];
		assert_int_equal(parse(&flags, why,
				     (const char *const[]){ "x", "--config.file=a",
					 "--shard", cases[i].text, NULL }),
		    cases[i].status);
	}
}

static void
one_sweep(void **state)
{
	static const struct {
		const char *arguments[8];
		enum status status;
	} cases[] = {
		{ { "x", "--config.file=a", "--once", "--output", "textfile=a.prom" },
		    STATUS_OK },
		{ { "x", "--config.file=a", "--once" }, STATUS_EMPTY },
		{ { "x", "--config.file=a", "--output=textfile=a.prom" },
		    STATUS_EMPTY },
		{ { "x", "--config.file=a", "--once", "--output=textfile=" },
		    STATUS_EMPTY },
		{ { "x", "--config.file=a", "--once", "--output=a.prom" },
		    STATUS_MALFORMED },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct flags flags;
		char why[LIMIT_MESSAGE];
		assert_int_equal(
		    parse(&flags, why, cases[i].arguments), cases[i].status);
		if (cases[i].status == STATUS_OK)
			assert_string_equal(flags.textfile, "a.prom");
	}
}

static void
defaults(void **state)
{
	struct flags flags;
	char why[LIMIT_MESSAGE];
	(void)state;
	assert_int_equal(parse(&flags, why,
			     (const char *const[]){ "x", "--config.file", "a", NULL }),
	    STATUS_OK);
	assert_string_equal(flags.listen_addresses[0], ":9632");
	assert_int_equal(flags.shard.count, 1);
	assert_int_equal(flags.log.level, LOG_LEVEL_INFO);
	assert_int_equal(flags.log.format, LOG_FORMAT_LOGFMT);
}

static void
what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *arguments[4];
		const char *want; /* within the reason */
	} cases[] = {
		{ { "x", NULL }, "--config.file is required" },
		{ { "x", "--config.check", NULL }, "--config.file is required" },
		{ { "x", "--config.file", NULL }, "--config.file needs a value" },
		{ { "x", "--config.file=", NULL }, "--config.file '': is empty" },
		{ { "x", "--log.level=loud", NULL },
		    "expected debug, info, warn or error" },
		{ { "x", "--log.format=xml", NULL }, "expected logfmt or json" },
		{ { "x", "--colour", NULL }, "unknown option --colour" },
		{ { "x", "a.yml", NULL }, "unexpected argument 'a.yml'" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct flags flags;
		char why[LIMIT_MESSAGE];
		enum status status = parse(&flags, why, cases[i].arguments);
		if (status == STATUS_OK)
			fail_msg("taken, want %s", cases[i].want);
		if (strstr(why, cases[i].want) == NULL)
			fail_msg("got %s, want %s", why, cases[i].want);
	}
}

static void
help_and_version_need_no_configuration(void **state)
{
	struct flags flags;
	char why[LIMIT_MESSAGE];
	(void)state;
	assert_int_equal(
	    parse(&flags, why, (const char *const[]){ "x", "-h", NULL }), STATUS_OK);
	assert_true(flags.help);
	assert_int_equal(
	    parse(&flags, why, (const char *const[]){ "x", "--version", NULL }),
	    STATUS_OK);
	assert_true(flags.version);
}

static void
usage_fits_a_terminal(void **state)
{
	struct buf usage;
	struct span line;
	(void)state;
	buf_init(&usage, LIMIT_OUTPUT);
	flags_usage(&usage);
	struct split lines = { .rest = buf_span(&usage) };
	while (split_next(&lines, '\n', &line))
		assert_true(line.length <= 80);
	assert_non_null(strstr(usage.text, "--web.listen-address ADDRESS"));
	buf_free(&usage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_notations),
		cmocka_unit_test(several_addresses),
		cmocka_unit_test(shards),
		cmocka_unit_test(one_sweep),
		cmocka_unit_test(defaults),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(help_and_version_need_no_configuration),
		cmocka_unit_test(usage_fits_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
