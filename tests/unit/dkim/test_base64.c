/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dkim/base64: the vectors of RFC 4648 10, and everything that other decoders
 * let pass. */
#include "dkim/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
new_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static void
what_is_encoded_is_decoded(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" },
		{ "fn5+Pz8/", "~~~\?\?\?" },
		/* Folded, as in long records. */
		{ " Zm9v\r\n\tYmFy ", "foobar" },
		{ "Z m 9 v Y g = =", "foob" },
		{ " \t", "" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dkim_base64 got = dkim_base64_decode(
		    *state, span_text(cases[i].text));
		if (got.fault != DKIM_BASE64_FINE ||
		    !span_equal(got.bytes, span_text(cases[i].want)))
			fail_msg("'%s': %s, %zu bytes", cases[i].text,
			    dkim_base64_fault_text(got.fault), got.bytes.length);
	}
}

static void
all_digits_have_their_value(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
				     "xyz0123456789+/";
	for (unsigned value = 0; value < 64; value++) {
		char text[] = { 'A', 'A', 'A', digits[value], '\0' };
		struct dkim_base64 got = dkim_base64_decode(*state, span_text(text));
		assert_int_equal(got.fault, DKIM_BASE64_FINE);
		assert_int_equal(got.bytes.length, 3);
		assert_int_equal(got.bytes.bytes[2], value);
	}
}

static void
what_no_encoder_writes_is_refused(void **state)
{
	static const struct {
		struct span text;
		enum dkim_base64_fault fault;
		size_t position;
	} cases[] = {
		{ SPAN("Zm9*"), DKIM_BASE64_BAD_BYTE, 4 },
		{ SPAN("Zm-v"), DKIM_BASE64_BAD_BYTE, 3 },
		{ SPAN("Zm_v"), DKIM_BASE64_BAD_BYTE, 3 },
		{ SPAN("\"Zm9v"), DKIM_BASE64_BAD_BYTE, 1 },
		{ SPAN("Zm\0v"), DKIM_BASE64_BAD_BYTE, 3 },
		{ SPAN("Zm9v\x80"), DKIM_BASE64_BAD_BYTE, 5 },
		{ SPAN("Zm9v\f"), DKIM_BASE64_BAD_BYTE, 5 },
		{ SPAN("Z"), DKIM_BASE64_CUT_SHORT, 1 },
		{ SPAN("Zg"), DKIM_BASE64_CUT_SHORT, 2 },
		{ SPAN("Zg="), DKIM_BASE64_CUT_SHORT, 3 },
		{ SPAN("Zm8"), DKIM_BASE64_CUT_SHORT, 3 },
		{ SPAN("Zm9vY "), DKIM_BASE64_CUT_SHORT, 5 },
		{ SPAN("="), DKIM_BASE64_CUT_SHORT, 1 },
		{ SPAN("Z==="), DKIM_BASE64_CUT_SHORT, 2 },
		{ SPAN("Zm9v="), DKIM_BASE64_CUT_SHORT, 5 },
		{ SPAN("Zm8=="), DKIM_BASE64_CUT_SHORT, 5 },
		{ SPAN("Zg==="), DKIM_BASE64_CUT_SHORT, 5 },
		{ SPAN("Zg==Zg=="), DKIM_BASE64_AFTER_PADDING, 5 },
		{ SPAN("Zg=v"), DKIM_BASE64_AFTER_PADDING, 4 },
		{ SPAN("Zh=="), DKIM_BASE64_LOOSE_BITS, 4 },
		{ SPAN("Zm9="), DKIM_BASE64_LOOSE_BITS, 4 },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dkim_base64 got = dkim_base64_decode(*state, cases[i].text);
		if (got.fault != cases[i].fault || got.position != cases[i].position)
			fail_msg("'%s': got %s at %zu, want %s at %zu",
			    (const char *)cases[i].text.bytes,
			    dkim_base64_fault_text(got.fault), got.position,
			    dkim_base64_fault_text(cases[i].fault), cases[i].position);
		assert_int_equal(got.bytes.length, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_encoded_is_decoded, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    all_digits_have_their_value, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    what_no_encoder_writes_is_refused, new_arena, free_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
