/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/settings: the lines of --senders, the options that take a value, their
 * caps, and what is said of a slip. */
#include "spf/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Settings, and why the last setter refused; the text is enough for any reason. */
struct fixture {
	struct spf_settings settings;
	struct buf why;
	char memory[LIMIT_MESSAGE];
	char path[sizeof("/tmp/mailgauge-XXXXXX")]; /* of a file, or empty */
};

static int
new_settings(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	assert_non_null(fixture);
	buf_wrap(&fixture->why, fixture->memory, sizeof(fixture->memory));
	*state = fixture;
	return 0;
}

static int
free_settings(void **state)
{
	struct fixture *fixture = *state;
	if (fixture->path[0] != '\0')
		unlink(fixture->path);
	spf_settings_release(&fixture->settings);
	free(fixture);
	return 0;
}

/* Forgets everything but the file. */
static void
start_again(struct fixture *fixture)
{
	spf_settings_release(&fixture->settings);
	memset(&fixture->settings, 0, sizeof(fixture->settings));
	buf_clear(&fixture->why);
}

static enum status
set(struct fixture *fixture, const char *option, struct span value)
{
	buf_clear(&fixture->why);
	for (size_t i = 0; i < SPF_OPTION_COUNT; i++)
		if (strcmp(spf_option_rows[i].name, option) == 0)
			return spf_option_rows[i].set(
			    &fixture->settings, value, &fixture->why);
	fail_msg("no option --%s", option);
	return STATUS_OK;
}

static void
check_accepted(struct fixture *fixture, const char *option, const char *value)
{
	if (set(fixture, option, span_text(value)) != STATUS_OK)
		fail_msg("--%s '%s': %s", option, value, fixture->why.text);
}

static void
check_refused(
    struct fixture *fixture, const char *option, struct span value, const char *want)
{
	if (set(fixture, option, value) == STATUS_OK)
		fail_msg("--%s '%.*s' is accepted", option, (int)value.length,
		    (const char *)value.bytes);
	assert_string_equal(fixture->why.text, want);
}

/* A file with the text; the one before is gone. */
static struct span
write_file(struct fixture *fixture, struct span text)
{
	if (fixture->path[0] != '\0')
		unlink(fixture->path);
	strcpy(fixture->path, "/tmp/mailgauge-XXXXXX");
	int fd = mkstemp(fixture->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.bytes, text.length), text.length);
	assert_int_equal(close(fd), 0);
	return span_text(fixture->path);
}

/* --- lines of --senders ----------------------------------------------------- */

/* "192.0.2.1=pass(ann@example.com)", with a blank between two. */
static void
write_senders(struct buf *out, const struct spf_settings *settings)
{
	for (size_t i = 0; i < settings->sender_count; i++) {
		const struct spf_sender *sender = &settings->senders[i];
		buf_add_text(out, i > 0 ? " " : "");
		buf_add(out, sender->ip);
		if (sender->has_expected)
			buf_addf(out, "=%s", spf_result_text(sender->expected));
		if (sender->mailbox.length > 0)
			buf_addf(out, "(%.*s)", (int)sender->mailbox.length,
			    sender->mailbox.bytes);
	}
}

static void
good_lines(void **state)
{
	static const struct {
		const char *lines, *want;
	} cases[] = {
		{ "192.0.2.1 pass\n", "192.0.2.1=pass" },
		{ "192.0.2.1 pass", "192.0.2.1=pass" }, /* no line end */
		{ "192.0.2.1 FAIL\n2001:db8::1 SoftFail\n",
		    "192.0.2.1=fail 2001:db8::1=softfail" },
		{ "192.0.2.1 neutral ann@example.com\n",
		    "192.0.2.1=neutral(ann@example.com)" },
		{ "192.0.2.1\tnone \t ann@example.com  \r\n",
		    "192.0.2.1=none(ann@example.com)" },
		{ "# what we have\n\n  192.0.2.1 pass\n \t\n#192.0.2.2 pass\n",
		    "192.0.2.1=pass" },
		{ "192.0.2.1 temperror\n192.0.2.1 permerror\n",
		    "192.0.2.1=temperror 192.0.2.1=permerror" },
		{ "::ffff:192.0.2.1 pass\n", "::ffff:192.0.2.1=pass" },
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char got[256];
		struct buf out;
		buf_wrap(&out, got, sizeof(got));
		start_again(fixture);
		if (spf_settings_read_senders(&fixture->settings,
			span_text(cases[i].lines), &fixture->why) != STATUS_OK)
			fail_msg("%s: %s", cases[i].lines, fixture->why.text);
		write_senders(&out, &fixture->settings);
		assert_string_equal(got, cases[i].want);
	}
}

#define RESULTS \
	"behind the address, expected one of: none neutral pass fail softfail " \
	"temperror permerror"

static void
bad_lines(void **state)
{
	static const struct {
		const char *lines, *want;
	} cases[] = {
		{ "192.0.2 pass\n", "line 1: expected an IPv4 or IPv6 address" },
		{ "192.0.2.0/24 pass\n", "line 1: expected an IPv4 or IPv6 address" },
		{ "mail.example.com pass\n",
		    "line 1: expected an IPv4 or IPv6 address" },
		{ "192.0.2.1\n", "line 1: " RESULTS },
		{ "192.0.2.1 ann@example.com\n", "line 1: " RESULTS },
		{ "192.0.2.1 passed\n", "line 1: " RESULTS },
		{ "192.0.2.1 pass\n\n# a remark\n192.0.2.2 good\n",
		    "line 4: " RESULTS },
		{ "192.0.2.1 pass ann@example.com # a remark\n",
		    "line 1: expected an address, a result and perhaps a mailbox" },
		{ "", "no line with an address" },
		{ "# nothing yet\n\n", "no line with an address" },
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		start_again(fixture);
		if (spf_settings_read_senders(&fixture->settings,
			span_text(cases[i].lines), &fixture->why) == STATUS_OK)
			fail_msg("'%s' is accepted", cases[i].lines);
		assert_string_equal(fixture->why.text, cases[i].want);
	}
}

/* Bytes of no text are no address either, and their end is the line's. */
static void
lines_of_any_bytes(void **state)
{
	static const struct span lines[] = { SPAN("192.0.2.1\0 pass\n"),
		SPAN("192.0.2.1 pass\0\n"), SPAN("\xff\xfe\n"), SPAN("\0") };
	struct fixture *fixture = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
		start_again(fixture);
		assert_int_not_equal(spf_settings_read_senders(
					 &fixture->settings, lines[i], &fixture->why),
		    STATUS_OK);
		assert_int_equal(fixture->settings.sender_count, 0);
	}
}

static void
most_senders(void **state)
{
	struct fixture *fixture = *state;
	struct buf lines;
	char want[64];
	buf_init(&lines, LIMIT_SPF_SENDERS_BYTES);
	for (size_t i = 0; i < LIMIT_SPF_SENDERS; i++)
		buf_add_text(&lines, "192.0.2.1 pass\n");
	assert_int_equal(spf_settings_read_senders(
			     &fixture->settings, buf_span(&lines), &fixture->why),
	    STATUS_OK);
	assert_int_equal(fixture->settings.sender_count, LIMIT_SPF_SENDERS);
	snprintf(want, sizeof(want), "at most %d addresses", LIMIT_SPF_SENDERS);
	check_refused(fixture, "ip", span_text("192.0.2.2"), want);

	start_again(fixture);
	buf_add_text(&lines, "192.0.2.1 pass\n");
	assert_int_not_equal(spf_settings_read_senders(
				 &fixture->settings, buf_span(&lines), &fixture->why),
	    STATUS_OK);
	snprintf(want, sizeof(want), "line %d: at most %d addresses",
	    LIMIT_SPF_SENDERS + 1, LIMIT_SPF_SENDERS);
	assert_string_equal(fixture->why.text, want);
	buf_free(&lines);
}

/* --- files ------------------------------------------------------------------ */

static void
files_of_senders(void **state)
{
	struct fixture *fixture = *state;
	struct span path = write_file(fixture, span_text("192.0.2.1 fail\n"));
	assert_int_equal(set(fixture, "senders", path), STATUS_OK);
	check_accepted(fixture, "ip", "192.0.2.2");
	char got[64];
	struct buf out;
	buf_wrap(&out, got, sizeof(got));
	write_senders(&out, &fixture->settings);
	assert_string_equal(got, "192.0.2.1=fail 192.0.2.2");
	check_refused(fixture, "senders", path, "one file is enough");
}

static void
bad_files(void **state)
{
	struct fixture *fixture = *state;
	struct span nowhere = SPAN("/nonexistent/file");
	check_refused(fixture, "senders", nowhere, "No such file or directory");
	check_refused(fixture, "record-file", nowhere, "No such file or directory");
	check_refused(fixture, "record-file", span_text("/tmp"), "Is a directory");
	start_again(fixture);
	check_refused(fixture, "senders",
	    write_file(fixture, span_text("192.0.2.1 pass\nhello\n")),
	    "line 2: " RESULTS);
}

/* A text of `length` bytes, which the caller frees. */
static struct buf
long_text(size_t length)
{
	struct buf text;
	buf_init(&text, length);
	while (text.length < length)
		buf_add_byte(&text, '#');
	return text;
}

static void
large_files(void **state)
{
	static const struct {
		const char *option;
		size_t max;
	} cases[] = {
		{ "senders", LIMIT_SPF_SENDERS_BYTES },
		{ "record-file", LIMIT_RECORD_GIVEN },
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char want[64];
		struct buf text = long_text(cases[i].max + 1);
		struct span path = write_file(fixture, buf_span(&text));
		snprintf(want, sizeof(want), "larger than %zu bytes", cases[i].max);
		check_refused(fixture, cases[i].option, path, want);
		buf_free(&text);
	}
}

/* Line ends at the end of a file are the editor's. */
static void
files_of_records(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "v=spf1 -all", "v=spf1 -all" },
		{ "v=spf1 -all\n", "v=spf1 -all" },
		{ "v=spf1 -all\r\n\n", "v=spf1 -all" },
		{ "v=spf1 -all \n", "v=spf1 -all " },
		{ "\nv=spf1 -all\n", "\nv=spf1 -all" },
		{ "v=spf1\n-all\n", "v=spf1\n-all" },
		{ "", "" },
		{ "\n", "" },
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct span path = write_file(fixture, span_text(cases[i].text));
		assert_int_equal(set(fixture, "record-file", path), STATUS_OK);
		assert_true(fixture->settings.has_record);
		assert_string_equal(fixture->settings.record.text, cases[i].want);
	}
}

/* --- values on the command line --------------------------------------------- */

static void
longest_record(void **state)
{
	struct fixture *fixture = *state;
	struct buf text = long_text(LIMIT_RECORD_GIVEN + 1);
	char want[64];
	snprintf(want, sizeof(want), "longer than %d bytes", LIMIT_RECORD_GIVEN);
	check_refused(fixture, "record", buf_span(&text), want);
	buf_shorten(&text, LIMIT_RECORD_GIVEN);
	assert_int_equal(set(fixture, "record", buf_span(&text)), STATUS_OK);
	assert_int_equal(fixture->settings.record.length, LIMIT_RECORD_GIVEN);
	buf_free(&text);

	check_accepted(fixture, "record", "v=spf1 -all"); /* the last one counts */
	assert_string_equal(fixture->settings.record.text, "v=spf1 -all");
}

static void
expected_results(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < SPF_RESULT_COUNT; i++) {
		check_accepted(fixture, "expect", spf_result_text(i));
		assert_true(fixture->settings.has_expect);
		assert_int_equal(fixture->settings.expect, i);
	}
	check_refused(fixture, "expect", span_text("passed"),
	    "expected one of: none neutral pass fail softfail temperror permerror");
	check_refused(fixture, "expect", span_text(""),
	    "expected one of: none neutral pass fail softfail temperror permerror");
}

static void
most_high_volume_names(void **state)
{
	struct fixture *fixture = *state;
	check_refused(fixture, "high-volume", span_text(""), "the name is empty");
	for (size_t i = 0; i < LIMIT_SPF_HIGH_VOLUME; i++)
		check_accepted(fixture, "high-volume", "example.net");
	assert_int_equal(
	    fixture->settings.audit.high_volume_count, LIMIT_SPF_HIGH_VOLUME);
	char want[64];
	snprintf(want, sizeof(want), "at most %d names", LIMIT_SPF_HIGH_VOLUME);
	check_refused(fixture, "high-volume", span_text("example.net"), want);
}

/* --- options that need each other ------------------------------------------- */

struct completion {
	const char *ip, *sender, *helo; /* NULL: not given */
	bool has_domain;
	const char *want; /* the domain; after "! " the reason; "-": none */
};

static void
write_completion(struct buf *got, struct fixture *fixture, bool has_domain)
{
	struct dns_name domain;
	bool had_domain = has_domain;
	buf_clear(&fixture->why);
	if (spf_settings_complete(
		&fixture->settings, &domain, &has_domain, &fixture->why) != STATUS_OK)
		buf_addf(got, "! %s", fixture->why.text);
	else if (has_domain && !had_domain)
		dns_name_add(got, &domain);
	else
		buf_add_text(got, has_domain ? "=" : "-");
}

#define NEED "! --sender, --helo, --expect and --best-guess need --ip or --senders"

static void
completions(void **state)
{
	static const struct completion cases[] = {
		{ NULL, NULL, NULL, true, "=" },
		{ NULL, NULL, NULL, false, "-" },
		{ "192.0.2.1", NULL, NULL, true, "=" },
		{ "192.0.2.1", NULL, NULL, false, "-" },
		{ "192.0.2.1", "ann@example.com", NULL, false, "example.com" },
		{ "192.0.2.1", "ann@example.com", "example.net", false, "example.com" },
		{ "192.0.2.1", NULL, "mail.example.net", false, "mail.example.net" },
		{ "192.0.2.1", "ann@example.com", NULL, true, "=" },
		{ "192.0.2.1", "\"a@b\"@example.com", NULL, false, "example.com" },
		{ "192.0.2.1", "@example.com", NULL, false, "example.com" },
		{ "192.0.2.1", "example.com", NULL, false, "example.com" },
		{ "192.0.2.1", "ann@", NULL, false, "-" },
		{ "192.0.2.1", "ann@example..com", NULL, false,
		    "! the domain of the sender has an empty label (two dots in a "
		    "row, or a leading dot)" },
		{ NULL, "ann@example.com", NULL, false, NEED },
		{ NULL, "ann@example.com", NULL, true, NEED },
		{ NULL, NULL, "mail.example.com", true, NEED },
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct completion *wanted = &cases[i];
		char memory[256];
		struct buf got;
		buf_wrap(&got, memory, sizeof(memory));
		start_again(fixture);
		if (wanted->ip != NULL)
			check_accepted(fixture, "ip", wanted->ip);
		if (wanted->sender != NULL)
			check_accepted(fixture, "sender", wanted->sender);
		if (wanted->helo != NULL)
			check_accepted(fixture, "helo", wanted->helo);
		write_completion(&got, fixture, wanted->has_domain);
		if (strcmp(got.text, wanted->want) != 0)
			fail_msg(
			    "case %zu:\ngot  %s\nwant %s", i, got.text, wanted->want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    good_lines, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(bad_lines, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    lines_of_any_bytes, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    most_senders, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    files_of_senders, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(bad_files, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    large_files, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    files_of_records, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    longest_record, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    expected_results, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    most_high_volume_names, new_settings, free_settings),
		cmocka_unit_test_setup_teardown(
		    completions, new_settings, free_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
