/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of core/options: command lines by a table of a few toy rows, then the real one
 * of check_spf. What a line did is written down by the setters: "domain=a; verbose; ".
 */
#include "core/options.h"

#include "plugin_options.h"
#include "spf/spf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_MAX = 256, ARGS_MAX = 16, COLUMNS = 80 };

/* --- command lines -------------------------------------------------------- */

/* One as main() gets it. */
struct command {
	char text[LINE_MAX];
	char *args[ARGS_MAX + 1];
	int count;
};

/* From a line with a blank between arguments: two in a row are around an empty one. */
static void
command_init(struct command *command, const char *line)
{
	struct split words = { .rest = span_text(line) };
	struct span word;
	struct buf text;
	memset(command, 0, sizeof(*command));
	buf_wrap(&text, command->text, sizeof(command->text));
	while (split_next(&words, ' ', &word)) {
		assert_true(command->count < ARGS_MAX);
		command->args[command->count++] = command->text + text.length;
		buf_add(&text, word);
		buf_add_byte(&text, '\0');
	}
	assert_false(text.cut);
}

/* --- a toy table ---------------------------------------------------------- */

static enum status
note_domain(void *settings, struct span value, struct buf *why)
{
	(void)why;
	buf_addf(settings, "domain=%.*s; ", (int)value.length, value.bytes);
	return STATUS_OK;
}

static enum status
note_verbose(void *settings, struct span value, struct buf *why)
{
	(void)why;
	buf_addf(settings, "verbose%.*s; ", (int)value.length, value.bytes);
	return STATUS_OK;
}

static enum status
note_port(void *settings, struct span value, struct buf *why)
{
	double port;
	enum status status = option_number(value, 1, 65535, &port, why);
	if (status == STATUS_OK)
		buf_addf(settings, "port=%.0f; ", port);
	return status;
}

/* Refuses, and leaves it to the parser to say why. */
static enum status
refuse_silently(void *settings, struct span value, struct buf *why)
{
	(void)settings, (void)value, (void)why;
	return STATUS_OUT_OF_RANGE;
}

static enum status
note_positional(void *settings, struct span value, struct buf *why)
{
	(void)why;
	buf_addf(settings, "[%.*s] ", (int)value.length, value.bytes);
	return STATUS_OK;
}

static const struct option_row first_rows[] = {
	{ 'd', "domain", "NAME", "a domain", note_domain },
	{ 0, "refuse", "VALUE", "always wrong", refuse_silently },
};

static const struct option_row second_rows[] = {
	{ 'v', "verbose", NULL, "more", note_verbose },
	{ 'p', "port", "PORT", "a port", note_port },
	{ 'r', "refuse", NULL, "is never seen: the first table has one", note_verbose },
};

/* Parses into `did`; `why` stays empty on success. */
static enum status
parse_toy(const char *line, struct buf *did, struct buf *why)
{
	struct command command;
	struct option_table tables[] = {
		{ first_rows, ARRAY_LENGTH(first_rows), did, "First" },
		{ second_rows, ARRAY_LENGTH(second_rows), did, "Second" },
	};
	command_init(&command, line);
	return options_parse(command.count, command.args, tables, ARRAY_LENGTH(tables),
	    note_positional, did, why);
}

struct line_case {
	const char *name;
	const char *line;
	const char *want; /* what it did, or why it was refused */
};

static void
check_line(const struct line_case *test, bool refused)
{
	char did_memory[256], why_memory[256];
	struct buf did, why;
	buf_wrap(&did, did_memory, sizeof(did_memory));
	buf_wrap(&why, why_memory, sizeof(why_memory));
	enum status status = parse_toy(test->line, &did, &why);
	if ((status != STATUS_OK) != refused)
		fail_msg("%s: status %d, '%s'", test->name, status, why.text);
	const char *got = refused ? why.text : did.text;
	if (strcmp(got, test->want) != 0)
		fail_msg("%s: got '%s', want '%s'", test->name, got, test->want);
}

static void
lines_that_are_taken(void **state)
{
	static const struct line_case cases[] = {
		{ "no argument", "x", "" },
		{ "no program name either", "", "" },
		{ "short", "x -d a", "domain=a; " },
		{ "short, joined", "x -da", "domain=a; " },
		{ "long", "x --domain a", "domain=a; " },
		{ "long, joined", "x --domain=a=b", "domain=a=b; " },
		{ "abbreviated", "x --dom=a", "domain=a; " },
		{ "empty value", "x --domain= -d ", "domain=; domain=; " },
		{ "a value like an option", "x -d -v", "domain=-v; " },
		{ "bundled", "x -vvv", "verbose; verbose; verbose; " },
		{ "bundled with a value", "x -vvd a", "verbose; verbose; domain=a; " },
		{ "positional", "x a -v b", "[a] verbose; [b] " },
		{ "a dash alone", "x -", "[-] " },
		{ "empty positional", "x ", "[] " },
		{ "behind --", "x -v -- -v --domain", "verbose; [-v] [--domain] " },
		{ "around --", "x a -- b", "[a] [b] " },
		{ "-- at the end", "x a --", "[a] " },
		{ "both tables", "x -p 25 -d a", "port=25; domain=a; " },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_line(&cases[i], false);
}

static void
lines_that_are_refused(void **state)
{
	static const struct line_case cases[] = {
		{ "unknown, near", "x --domian=a|b",
		    "unknown option --domian (did you mean --domain?)" },
		{ "unknown, far", "x --frobnicate", "unknown option --frobnicate" },
		{ "unknown letter", "x -q", "unknown option -q" },
		{ "unknown letter in a bundle", "x -vq", "unknown option -q" },
		{ "a row that was replaced", "x -r", "unknown option -r" },
		{ "unknown byte", "x -\xff", "unknown option -?" },
		{ "behind others", "x -d a b -v --prot",
		    "unknown option --prot (did you mean --port?)" },
		{ "unsafe bytes", "x --\x1b[2J|", "unknown option --\\027[2J\\124" },
		{ "missing value", "x -d", "option --domain needs a value: NAME" },
		{ "missing value, long", "x -v --port",
		    "option --port needs a value: PORT" },
		{ "value not wanted", "x --verbose=3",
		    "option --verbose takes no value" },
		{ "bad value", "x -p 0",
		    "--port '0': expected a number from 1 to 65535" },
		{ "refused without a reason", "x --refuse=1|2",
		    "--refuse '1\\1242': is out of range" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_line(&cases[i], true);
}

static void
nothing_is_done_behind_a_fault(void **state)
{
	char did_memory[64], why_memory[64];
	struct buf did, why;
	(void)state;
	buf_wrap(&did, did_memory, sizeof(did_memory));
	buf_wrap(&why, why_memory, sizeof(why_memory));
	assert_int_not_equal(parse_toy("x -v -q -v a", &did, &why), STATUS_OK);
	assert_string_equal(did.text, "verbose; ");
}

struct number_case {
	const char *text;
	bool good;
	double want;
};

static void
numbers(void **state)
{
	static const struct number_case cases[] = {
		{ "0", true, 0 },
		{ "10", true, 10 },
		{ "2.5", true, 2.5 },
		{ "007", true, 7 },
		{ "10.001", false, 0 },
		{ "-1", false, 0 },
		{ "", false, 0 },
		{ "5:", false, 0 },
		{ "@5", false, 0 },
		{ "~", false, 0 },
		{ "1e1", false, 0 },
		{ "0x5", false, 0 },
		{ "1,5", false, 0 },
		{ "inf", false, 0 },
		{ "5 ", false, 0 },
	};
	char memory[64];
	struct buf why;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct number_case *test = &cases[i];
		double number = 0;
		buf_wrap(&why, memory, sizeof(memory));
		enum status status = option_number(
		    span_text(test->text), 0, 10, &number, &why);
		if ((status == STATUS_OK) != test->good || number != test->want)
			fail_msg("'%s': got %g, %s", test->text, number, why.text);
		assert_true(test->good == (why.length == 0));
	}
}

/* --- check_spf ------------------------------------------------------------ */

static enum status
parse_spf(struct plugin_options *options, const char *line, struct buf *why)
{
	struct command command;
	command_init(&command, line);
	plugin_options_init(options, &spf_probe);
	return plugin_options_parse(options, command.count, command.args, why);
}

/* What a line prints instead of a check; the caller frees it. */
static char *
told(const char *line)
{
	char memory[512];
	struct plugin_options options;
	struct buf out, why;
	buf_init(&out, 1u << 16);
	buf_wrap(&why, memory, sizeof(memory));
	if (parse_spf(&options, line, &why) != STATUS_OK)
		fail_msg("%s: %s", line, why.text);
	assert_true(plugin_options_tell(&options, &out));
	plugin_options_free(&options);
	return buf_take(&out, NULL);
}

static void
help_fits_into_80_columns(void **state)
{
	char *help = told("check_spf --help");
	struct split lines = { .rest = span_text(help) };
	struct span line;
	size_t count = 0;
	(void)state;
	for (; split_next(&lines, '\n', &line); count++) {
		if (line.length > COLUMNS)
			fail_msg("%zu columns: %.*s", line.length, (int)line.length,
			    line.bytes);
		if (line.length > 0)
			assert_int_not_equal(line.bytes[line.length - 1], ' ');
	}
	assert_true(count > 20);
	free(help);
}

static void
help_names_every_option(void **state)
{
	static const char *const names[] = { "-d, --domain NAME", "-H, --hostname NAME",
		"-n, --nameserver ADDR[:PORT]", "--trust-ad", "--no-trust-ad",
		"-o, --output FORMAT", "-w, --warning [METRIC=]RANGE",
		"-c, --critical [METRIC=]RANGE", "--severity ID=SEVERITY",
		"-t, --timeout SECONDS[:STATE]", "--explain ID", "--list-findings",
		"--list-metrics", "-v, --verbose", "-4, --ipv4", "-6, --ipv6",
		"-V, --version", "-h, --help" };
	char *help = told("check_spf --help");
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (strstr(help, names[i]) == NULL)
			fail_msg("no %s in:\n%s", names[i], help);
	free(help);
}

static void
what_is_told_instead_of_a_check(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "check_spf -V", "check_spf (mailgauge) " MAILGAUGE_VERSION "\n" },
		{ "check_spf --list-findings", "\nspf-too-many-lookups " },
		{ "check_spf --list-metrics", "spf_dns_lookups       -w 8     -c 10 " },
		{ "check_spf --list-metrics -w 5:", "  -w 5:    -c 10 " },
		{ "check_spf --explain spf-ptr", "See: RFC 7208 5.5\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char *text = told(cases[i].line);
		if (strstr(text, cases[i].want) == NULL)
			fail_msg(
			    "%s: no '%s' in:\n%s", cases[i].line, cases[i].want, text);
		free(text);
	}
}

static void
check_spf_lines_that_are_refused(void **state)
{
	static const struct line_case cases[] = {
		{ "empty argv", "", "no domain given" },
		{ "nothing", "check_spf", "no domain given" },
		{ "only behind --", "check_spf --", "no domain given" },
		{ "positional twice", "check_spf a.example b.example",
		    "one domain is enough: 'b.example'" },
		{ "both ways", "check_spf a.example -d b.example",
		    "--domain 'b.example': one domain is enough" },
		{ "empty domain", "check_spf ", "the domain is empty: ''" },
		{ "format", "check_spf -o xml",
		    "--output 'xml': expected one of: nagios multi json prometheus" },
		{ "range", "check_spf -w 5:1",
		    "--warning '5:1': expected a range [@][start:][end], such as 10, "
		    "5: or ~:3" },
		{ "metric", "check_spf -c spf_void_lookup=2",
		    "--critical 'spf_void_lookup=2': no such metric (did you mean "
		    "spf_void_lookups?)" },
		{ "finding", "check_spf --severity spf-prt=info",
		    "--severity 'spf-prt=info': no such finding (did you mean "
		    "spf-ptr?)" },
		{ "severity", "check_spf --severity=spf-ptr=bad",
		    "--severity 'spf-ptr=bad': expected ID= and ignore, info, unknown, "
		    "warning or critical" },
		{ "severity left out", "check_spf --severity=spf-ptr",
		    "--severity 'spf-ptr': expected ID= and ignore, info, unknown, "
		    "warning or critical" },
		{ "timeout", "check_spf -t soon",
		    "--timeout 'soon': expected a number from 0 to 3600" },
		{ "timeout's state", "check_spf -t 5:bad",
		    "--timeout '5:bad': expected SECONDS: and ok, warning, critical or "
		    "unknown" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct line_case *test = &cases[i];
		char memory[512];
		struct buf why;
		struct plugin_options options;
		buf_wrap(&why, memory, sizeof(memory));
		enum status status = parse_spf(&options, test->line, &why);
		if (status == STATUS_OK || strcmp(why.text, test->want) != 0)
			fail_msg("%s: got '%s', want '%s'", test->name, why.text,
			    test->want);
		plugin_options_free(&options);
	}
}

static void
check_spf_settings(void **state)
{
	static const char line[] =
	    "check_spf -vvv -t 2.5:critical -w spf_depth=3 -c~:9 "
	    "--severity=spf-ptr=IGNORE -ojson example.com";
	char memory[512];
	struct plugin_options options;
	struct buf why;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	assert_int_equal(parse_spf(&options, line, &why), STATUS_OK);
	assert_int_equal(options.verbosity, 3);
	assert_int_equal(options.timeout_ms, 2500);
	assert_int_equal(options.policy.timeout_state, STATE_CRITICAL);
	assert_string_equal(options.policy.warning[METRIC_SPF_DEPTH].text, "3");
	assert_string_equal(
	    options.policy.critical[METRIC_SPF_DNS_LOOKUPS].text, "~:9");
	assert_int_equal(options.policy.severities[FINDING_SPF_PTR], SEVERITY_IGNORE);
	assert_string_equal(options.writer->name, "json");
	assert_int_equal(dns_name_labels(&options.domain), 2);
	assert_false(plugin_options_tell(&options, &why));
	plugin_options_free(&options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_are_taken),
		cmocka_unit_test(lines_that_are_refused),
		cmocka_unit_test(nothing_is_done_behind_a_fault),
		cmocka_unit_test(numbers),
		cmocka_unit_test(help_fits_into_80_columns),
		cmocka_unit_test(help_names_every_option),
		cmocka_unit_test(what_is_told_instead_of_a_check),
		cmocka_unit_test(check_spf_lines_that_are_refused),
		cmocka_unit_test(check_spf_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
