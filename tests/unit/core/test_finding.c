/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/finding: the catalogue is whole, names are found, states merge. */
#include "core/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
is_id_byte(uint8_t byte)
{
	return byte == '-' || byte_is_digit(byte) ||
	    (byte_is_alpha(byte) && byte == byte_lower(byte));
}

static void
ids_are_lower_case_words_with_dashes(void **state)
{
	(void)state;
	for (int i = 0; i < FINDING_COUNT; i++) {
		const char *id = finding_info(i)->id;
		struct span rest = span_text(id), taken;
		span_take_while(&rest, is_id_byte, &taken);
		if (rest.length > 0 || strchr(id, '-') == NULL)
			fail_msg("'%s' is no id", id);
	}
	assert_string_equal(finding_info(FINDING_SPF_TXT_SIZE)->id, "spf-txt-size");
	assert_string_equal(
	    finding_info(FINDING_SPF_IP4_INVALID)->id, "spf-ip4-invalid");
}

static bool
ends_in_full_stop(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && text[length - 1] == '.';
}

/* Texts stand in lines of plugin output, where a bar would begin the perfdata. */
static void
rows_are_whole(void **state)
{
	(void)state;
	for (int i = 0; i < FINDING_COUNT; i++) {
		const struct finding_info *info = finding_info(i);
		const char *const texts[] = { info->title, info->why, info->remedy,
			info->reference };
		for (size_t j = 0; j < ARRAY_LENGTH(texts); j++)
			if (texts[j][0] == '\0' || strpbrk(texts[j], "|\n") != NULL)
				fail_msg("%s: text %zu: %s", info->id, j, texts[j]);
		if (ends_in_full_stop(info->title))
			fail_msg("%s: a title has no full stop", info->id);
		if (!ends_in_full_stop(info->why) || !ends_in_full_stop(info->remedy))
			fail_msg("%s: why and remedy are sentences", info->id);
		if (info->severity == SEVERITY_IGNORE)
			fail_msg("%s: nobody would ever see it", info->id);
	}
}

static void
each_is_found_by_its_id_alone(void **state)
{
	enum finding_id id;
	(void)state;
	for (int i = 0; i < FINDING_COUNT; i++) {
		const char *name = finding_info(i)->id;
		assert_true(finding_by_name(span_text(name), &id));
		assert_int_equal(id, i);
		assert_string_equal(finding_nearest(span_text(name)), name);
		assert_false(finding_by_name(span_of(name, strlen(name) - 1), &id));
	}
	assert_false(finding_by_name(span_text(""), &id));
	assert_false(finding_by_name(span_text("SPF_TXT_SIZE"), &id));
}

static void
a_mistyped_id_leads_to_the_right_one(void **state)
{
	static const struct {
		const char *typed, *want;
	} cases[] = {
		{ "spf-too-many-lookup", "spf-too-many-lookups" },
		{ "SPF_PTR", "spf-ptr" },
		{ "spf-al-pass", "spf-all-pass" },
		{ "spf-ip4-invalud", "spf-ip4-invalid" },
		{ "record-missing", "spf-record-missing" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *got = finding_nearest(span_text(cases[i].typed));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg(
			    "%s: got %s, want %s", cases[i].typed, got, cases[i].want);
	}
}

static void
severities_by_name(void **state)
{
	static const char *const names[SEVERITY_COUNT] = { "ignore", "info", "unknown",
		"warning", "critical" };
	enum severity severity;
	(void)state;
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		assert_string_equal(severity_text(i), names[i]);
		assert_true(severity_by_name(span_text(names[i]), &severity));
		assert_int_equal(severity, i);
	}
	assert_true(severity_by_name(span_text("WARNING"), &severity));
	assert_int_equal(severity, SEVERITY_WARNING);
	assert_false(severity_by_name(span_text("warn"), &severity));
	assert_false(severity_by_name(span_text(""), &severity));
}

static void
states_by_name_are_exit_codes(void **state)
{
	static const char *const names[STATE_COUNT] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	enum state found;
	(void)state;
	for (int i = 0; i < STATE_COUNT; i++) {
		assert_string_equal(state_text(i), names[i]);
		assert_true(state_by_name(span_text(names[i]), &found));
		assert_int_equal(found, i);
	}
	assert_true(state_by_name(span_text("ok"), &found));
	assert_int_equal(found, STATE_OK);
	assert_false(state_by_name(span_text("0"), &found));
}

static void
what_a_severity_means(void **state)
{
	static const enum state wants[SEVERITY_COUNT] = {
		[SEVERITY_IGNORE] = STATE_OK,
		[SEVERITY_INFO] = STATE_OK,
		[SEVERITY_UNKNOWN] = STATE_UNKNOWN,
		[SEVERITY_WARNING] = STATE_WARNING,
		[SEVERITY_CRITICAL] = STATE_CRITICAL,
	};
	(void)state;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert_int_equal(severity_state(i), wants[i]);
}

/* CRITICAL over WARNING over UNKNOWN over OK, not the order of the exit codes. */
static void
the_worst_of_two_states(void **state)
{
	static const enum state order[] = { STATE_OK, STATE_UNKNOWN, STATE_WARNING,
		STATE_CRITICAL };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
		for (size_t j = 0; j < ARRAY_LENGTH(order); j++) {
			enum state want = order[i > j ? i : j];
			enum state got = state_worst(order[i], order[j]);
			if (got != want)
				fail_msg("%s, %s: got %s, want %s",
				    state_text(order[i]), state_text(order[j]),
				    state_text(got), state_text(want));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_lower_case_words_with_dashes),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(each_is_found_by_its_id_alone),
		cmocka_unit_test(a_mistyped_id_leads_to_the_right_one),
		cmocka_unit_test(severities_by_name),
		cmocka_unit_test(states_by_name_are_exit_codes),
		cmocka_unit_test(what_a_severity_means),
		cmocka_unit_test(the_worst_of_two_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
