/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/span: the cursor takes what is there, and nothing else. */
#include "core/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
assert_span(struct span got, const char *want)
{
	if (got.length != strlen(want) || memcmp(got.bytes, want, got.length) != 0)
		fail_msg("got \"%.*s\", want \"%s\"", (int)got.length,
		    (const char *)got.bytes, want);
}

static void
slices_stay_inside(void **state)
{
	static const struct {
		const char *whole;
		size_t start, length;
		const char *want;
	} cases[] = {
		{ "abcdef", 0, 6, "abcdef" },
		{ "abcdef", 2, 2, "cd" },
		{ "abcdef", 4, 10, "ef" },
		{ "abcdef", 6, 1, "" },
		{ "abcdef", 99, 1, "" },
		{ "abcdef", 1, SIZE_MAX, "bcdef" },
		{ "", 0, 0, "" },
		{ "", 1, 1, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_span(span_slice(span_text(cases[i].whole), cases[i].start,
				cases[i].length),
		    cases[i].want);
}

static void
an_empty_span_may_point_nowhere(void **state)
{
	struct span nothing = { NULL, 0 }, taken;
	uint8_t byte;
	(void)state;
	assert_int_equal(span_slice(nothing, 0, 5).length, 0);
	assert_true(span_equal(nothing, span_text("")));
	assert_true(span_equal_nocase(nothing, span_text("")));
	assert_true(span_starts_nocase(nothing, nothing));
	assert_false(span_contains_byte(nothing, 0));
	assert_false(span_peek(&nothing, &byte));
	assert_false(span_take_byte(&nothing, 0));
	assert_true(span_take(&nothing, 0, &taken));
	assert_false(span_take_until(&nothing, 0, &taken));
	assert_int_equal(span_trim(nothing).length, 0);
}

static void
comparing_counts_length_and_nul(void **state)
{
	(void)state;
	assert_true(span_equal(span_of("a\0b", 3), span_of("a\0b", 3)));
	assert_false(span_equal(span_of("a\0b", 3), span_of("a\0c", 3)));
	assert_false(span_equal(span_text("ab"), span_text("abc")));
	assert_true(
	    span_equal_nocase(span_text("Mail.Example"), span_text("mAIL.eXAMPLE")));
	/* Only ASCII letters fold: '@' and '`' differ from each other by the same bit.
	 */
	assert_false(span_equal_nocase(span_text("@"), span_text("`")));
	assert_false(span_equal_nocase(span_text("\xc0"), span_text("\xe0")));
	assert_true(span_starts_nocase(span_text("V=SPF1 -all"), span_text("v=spf1")));
	assert_false(span_starts_nocase(span_text("v=sp"), span_text("v=spf1")));
}

static void
integers_are_big_endian_and_whole(void **state)
{
	struct span rest = span_of("\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	(void)state;
	assert_true(span_take_u8(&rest, &u8));
	assert_int_equal(u8, 0x01);
	assert_true(span_take_u16(&rest, &u16));
	assert_int_equal(u16, 0x0203);
	assert_true(span_take_u32(&rest, &u32));
	assert_int_equal(u32, 0x04050607);
	assert_false(span_take_u32(&rest, &u32));
	assert_false(span_take_u16(&rest, &u16));
	assert_int_equal(rest.length, 1); /* a failure moves nothing */
	assert_true(span_take_u8(&rest, &u8));
	assert_false(span_take_u8(&rest, &u8));

	rest = span_of("\x01\x02\x03\x04\x05", 5);
	assert_true(span_take_u24(&rest, &u32));
	assert_int_equal(u32, 0x010203);
	assert_false(span_take_u24(&rest, &u32));
	assert_int_equal(rest.length, 2);
}

static void
numbers_end_at_their_maximum(void **state)
{
	static const struct {
		const char *text;
		uint32_t max;
		bool want;
		uint32_t value;
		const char *rest;
	} cases[] = {
		{ "0", 10, true, 0, "" },
		{ "32/", 32, true, 32, "/" },
		{ "33/", 32, false, 0, "33/" },
		{ "007x", 10, true, 7, "x" },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX, "" },
		{ "4294967296", UINT32_MAX, false, 0, "4294967296" },
		{ "99999999999999999999999", UINT32_MAX, false, 0,
		    "99999999999999999999999" },
		{ "-1", 10, false, 0, "-1" },
		{ "", 10, false, 0, "" },
		{ "x1", 10, false, 0, "x1" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct span rest = span_text(cases[i].text);
		uint32_t value = 0;
		bool got = span_take_number(&rest, cases[i].max, &value);
		if (got != cases[i].want || value != cases[i].value)
			fail_msg("\"%s\": got %d and %u, want %d and %u", cases[i].text,
			    got, value, cases[i].want, cases[i].value);
		assert_span(rest, cases[i].rest);
	}
}

static void
until_needs_the_stop_and_or_end_does_not(void **state)
{
	struct span rest = span_text("key=value"), taken;
	(void)state;
	assert_true(span_take_until(&rest, '=', &taken));
	assert_span(taken, "key");
	assert_span(rest, "=value");
	assert_true(span_take_byte(&rest, '='));
	assert_false(span_take_until(&rest, '=', &taken));
	assert_span(rest, "value");
	span_take_until_or_end(&rest, '=', &taken);
	assert_span(taken, "value");
	assert_span(rest, "");
}

/* Every list by its pieces, joined by bars. */
static void
split_gives_each_piece_once(void **state)
{
	static const struct {
		const char *list, *want;
	} cases[] = {
		{ "", "" },
		{ "a", "a|" },
		{ "a,b", "a|b|" },
		{ "a,", "a||" },
		{ ",", "||" },
		{ ",a", "|a|" },
		{ "a,,b", "a||b|" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct split split = { .rest = span_text(cases[i].list) };
		struct span piece;
		char got[32] = "";
		while (split_next(&split, ',', &piece)) {
			strncat(got, (const char *)piece.bytes, piece.length);
			strcat(got, "|");
		}
		assert_string_equal(got, cases[i].want);
		assert_false(split_next(&split, ',', &piece));
	}
}

static void
trim_and_prefix(void **state)
{
	struct span rest = span_text("V=SPF1 all");
	(void)state;
	assert_span(span_trim(span_text(" \t\r\n a b \n")), "a b");
	assert_span(span_trim(span_text("  ")), "");
	assert_true(span_take_prefix_nocase(&rest, span_text("v=spf1")));
	assert_span(rest, " all");
	assert_false(span_take_prefix_nocase(&rest, span_text("v=spf1")));
	assert_span(span_before(span_text("V=SPF1 all"), span_text(" all")), "V=SPF1");
}

static void
byte_classes_are_ascii(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		bool digit = byte >= '0' && byte <= '9';
		bool alpha = (byte >= 'a' && byte <= 'z') ||
		    (byte >= 'A' && byte <= 'Z');
		assert_int_equal(byte_is_digit((uint8_t)byte), digit);
		assert_int_equal(byte_is_alpha((uint8_t)byte), alpha);
		assert_int_equal(byte_is_alnum((uint8_t)byte), digit || alpha);
		assert_int_equal(
		    byte_is_printable((uint8_t)byte), byte >= 32 && byte < 127);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_stay_inside),
		cmocka_unit_test(an_empty_span_may_point_nowhere),
		cmocka_unit_test(comparing_counts_length_and_nul),
		cmocka_unit_test(integers_are_big_endian_and_whole),
		cmocka_unit_test(numbers_end_at_their_maximum),
		cmocka_unit_test(until_needs_the_stop_and_or_end_does_not),
		cmocka_unit_test(split_gives_each_piece_once),
		cmocka_unit_test(trim_and_prefix),
		cmocka_unit_test(byte_classes_are_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
