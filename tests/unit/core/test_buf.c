/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/buf: the maximum holds, the text ends in NUL, outside text is harmless.
 */
#include "core/buf.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
a_new_buf_is_an_empty_text(void **state)
{
	struct buf buf;
	(void)state;
	buf_init(&buf, 100);
	assert_string_equal(buf.text, "");
	assert_int_equal(buf.length, 0);
	buf_shorten(&buf, 0);
	buf_clear(&buf);
	buf_free(&buf);
	assert_string_equal(buf.text, "");
}

static void
it_grows_up_to_its_maximum_and_remembers_the_cut(void **state)
{
	struct buf buf;
	(void)state;
	buf_init(&buf, 1000);
	for (int i = 0; i < 999; i++)
		buf_add_byte(&buf, 'x');
	assert_false(buf.cut);
	buf_add_text(&buf, "yz");
	assert_true(buf.cut);
	assert_int_equal(buf.length, 1000);
	assert_int_equal(strlen(buf.text), 1000);
	assert_int_equal(buf.text[999], 'y');
	buf_add_text(&buf, "more");
	assert_int_equal(buf.length, 1000);
	buf_clear(&buf);
	assert_false(buf.cut);
	buf_free(&buf);
}

static void
a_wrapped_buf_never_leaves_its_memory(void **state)
{
	char memory[9] = "########";
	struct buf buf;
	(void)state;
	buf_wrap(&buf, memory, 8);
	buf_addf(&buf, "%d-%s", 12345, "and more");
	assert_string_equal(buf.text, "12345-a");
	assert_true(buf.cut);
	assert_int_equal(memory[7], '\0');
	buf_free(&buf);

	buf_wrap(&buf, memory, 1);
	buf_addf(&buf, "%s", "x");
	assert_string_equal(buf.text, "");
	assert_true(buf.cut);
}

static void
parts_are_added_as_one_by_one(void **state)
{
	static const struct span parts[] = { SPAN("12"), { NULL, 0 }, SPAN("345") };
	char memory[5];
	struct buf buf;
	(void)state;
	buf_init(&buf, 100);
	buf_add_all(&buf, parts + 1, 1);
	assert_string_equal(buf.text, "");
	buf_add_all(&buf, parts, ARRAY_LENGTH(parts));
	assert_string_equal(buf.text, "12345");
	assert_false(buf.cut);
	buf_free(&buf);

	buf_wrap(&buf, memory, sizeof(memory));
	buf_add_all(&buf, parts, ARRAY_LENGTH(parts));
	assert_string_equal(buf.text, "1234");
	assert_true(buf.cut);
}

static void
formats_fit_exactly(void **state)
{
	char memory[6];
	struct buf buf;
	(void)state;
	buf_wrap(&buf, memory, sizeof(memory));
	buf_addf(&buf, "%s", "12345");
	assert_string_equal(buf.text, "12345");
	assert_false(buf.cut);
	buf_addf(&buf, "%s", "");
	assert_false(buf.cut);

	buf_init(&buf, 10000);
	for (int i = 0; i < 500; i++)
		buf_addf(&buf, "%03d,", i);
	assert_int_equal(buf.length, 2000);
	assert_memory_equal(buf.text + 1996, "499,", 5);
	buf_free(&buf);
}

static void
numbers_of_two_bytes_are_big_endian(void **state)
{
	char memory[5];
	struct buf buf;
	(void)state;
	buf_wrap(&buf, memory, sizeof(memory));
	buf_add_u16(&buf, 0x0102);
	buf_add_u16(&buf, 0xabfffe); /* the lower half of it */
	assert_int_equal(buf.length, 4);
	assert_memory_equal(buf.text, "\x01\x02\xff\xfe", 4);
	assert_false(buf.cut);
	buf_add_u16(&buf, 0);
	assert_true(buf.cut);
	buf_free(&buf);
}

static void
take_gives_the_text_away(void **state)
{
	struct buf buf;
	size_t length;
	(void)state;
	buf_init(&buf, 100);
	buf_add_text(&buf, "mine");
	char *text = buf_take(&buf, &length);
	assert_string_equal(text, "mine");
	assert_int_equal(length, 4);
	assert_int_equal(buf.length, 0);
	free(text);
	text = buf_take(&buf, NULL); /* of an empty one too */
	assert_string_equal(text, "");
	free(text);
}

static void
numbers_have_a_point_and_no_exponent(void **state)
{
	static const struct {
		double value;
		unsigned digits;
		const char *want;
	} cases[] = {
		{ 0, 3, "0" },
		{ 14, 0, "14" },
		{ -3, 3, "-3" },
		{ 0.5, 3, "0.5" },
		{ 1.25, 1, "1.3" },
		{ 0.0004, 3, "0" },
		{ -0.0004, 3, "0" },
		{ 2.999999, 3, "3" },
		{ 0.001, 9, "0.001" },
		{ 4294967296.0, 3, "4294967296" },
		{ 1e15, 0, "1000000000000000" },
	};
	(void)state;
	setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed */
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct buf buf;
		buf_init(&buf, 100);
		buf_add_number(&buf, cases[i].value, cases[i].digits);
		assert_string_equal(buf.text, cases[i].want);
		buf_free(&buf);
	}
	setlocale(LC_ALL, "C");
}

static void
text_from_outside_becomes_harmless(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *want;
	} cases[] = {
		{ "v=spf1 -all", 11, "v=spf1 -all" },
		{ "a|b", 3, "a\\124b" },
		{ "a\nb\r", 4, "a\\010b\\013" },
		{ "\0x", 2, "\\000x" },
		{ "\x1b[31m", 5, "\\027[31m" },
		{ "\x7f\x80\xff", 3, "\\127\\128\\255" },
		{ "<b>\"'&`$\\", 9, "<b>\"'&`$\\" }, /* each writer's own to escape */
		{ "", 0, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct buf buf;
		buf_init(&buf, 100);
		buf_add_safe(&buf, span_of(cases[i].bytes, cases[i].length));
		assert_string_equal(buf.text, cases[i].want);
		buf_free(&buf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buf_is_an_empty_text),
		cmocka_unit_test(it_grows_up_to_its_maximum_and_remembers_the_cut),
		cmocka_unit_test(a_wrapped_buf_never_leaves_its_memory),
		cmocka_unit_test(parts_are_added_as_one_by_one),
		cmocka_unit_test(formats_fit_exactly),
		cmocka_unit_test(numbers_of_two_bytes_are_big_endian),
		cmocka_unit_test(take_gives_the_text_away),
		cmocka_unit_test(numbers_have_a_point_and_no_exponent),
		cmocka_unit_test(text_from_outside_becomes_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
