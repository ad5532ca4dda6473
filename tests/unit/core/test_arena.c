/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/arena: memory is zeroed, aligned, its own, and there again. */
#include "core/arena.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LARGE = 100000 }; /* more than a block holds */

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

static bool
is_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void
memory_is_zeroed_also_when_used_before(void **state)
{
	static const size_t sizes[] = { 1, 7, 16, 1000, 16 * 1024, LARGE };
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
			uint8_t *bytes = arena_alloc(*state, sizes[i]);
			assert_true(is_zero(bytes, sizes[i]));
			memset(bytes, 0xff, sizes[i]);
		}
		arena_reset(*state);
	}
}

static void
a_wipe_overwrites_all_of_it(void **state)
{
	static const size_t sizes[] = { 7, 1000, LARGE, 16 };
	uint8_t *pieces[ARRAY_LENGTH(sizes)];
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		pieces[i] = arena_alloc(*state, sizes[i]);
		memset(pieces[i], 0xff, sizes[i]);
	}
	arena_wipe(*state);
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
		assert_true(is_zero(pieces[i], sizes[i]));
}

static void
every_allocation_is_aligned_and_apart(void **state)
{
	uint8_t *previous = arena_alloc(*state, 0);
	for (size_t size = 0; size < 100; size++) {
		uint8_t *bytes = arena_alloc(*state, size);
		assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
		assert_ptr_not_equal(bytes, previous);
		memset(bytes, (int)size, size);
		if (size > 1)
			assert_int_equal(previous[size - 2], size - 1);
		previous = bytes;
	}
}

static void
used_counts_until_the_reset(void **state)
{
	struct arena *arena = *state;
	assert_int_equal(arena_used(arena), 0);
	arena_alloc(arena, 100);
	assert_true(arena_used(arena) >= 100);
	arena_alloc_array(arena, 1000, 100);
	assert_true(arena_used(arena) >= LARGE + 100);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
}

static void
a_reset_keeps_the_first_block(void **state)
{
	void *first = arena_alloc(*state, 100);
	arena_alloc(*state, LARGE);
	arena_reset(*state);
	assert_ptr_equal(arena_alloc(*state, 100), first);
}

static void
copies_are_their_own(void **state)
{
	char original[] = "a\0b";
	struct span copy = arena_copy(*state, span_of(original, 3));
	char *text = arena_text(*state, span_text(original));
	original[0] = 'x';
	assert_int_equal(copy.length, 3);
	assert_memory_equal(copy.bytes, "a\0b", 3);
	assert_string_equal(text, "a");

	struct span empty = arena_copy(*state, span_of(NULL, 0));
	assert_int_equal(empty.length, 0);
	assert_non_null(empty.bytes);
	assert_string_equal(arena_text(*state, span_of(NULL, 0)), "");
}

static void
a_format_is_cut_at_its_limit(void **state)
{
	assert_string_equal(arena_printf(*state, "%s", ""), "");
	assert_string_equal(arena_printf(*state, "%d of %s", 14, "10"), "14 of 10");
	const char *text = arena_printf(*state, "%*d", LIMIT_MESSAGE + 100, 1);
	assert_int_equal(strlen(text), LIMIT_MESSAGE);
}

static void
safe_text_is_whole_and_harmless(void **state)
{
	static const uint8_t bytes[] = { 'a', 0, '|', '\n', 0x1b, 0xff, ' ', 'z' };
	assert_string_equal(arena_safe_text(*state, span_of(bytes, sizeof(bytes))),
	    "a\\000\\124\\010\\027\\255 z");
	assert_string_equal(arena_safe_text(*state, span_of(NULL, 0)), "");

	uint8_t *bad = arena_alloc(*state, LARGE);
	const char *text = arena_safe_text(*state, span_of(bad, LARGE));
	assert_int_equal(strlen(text), 4 * LARGE);
}

static void
short_text_says_that_it_goes_on(void **state)
{
	char text[LIMIT_TEXT_SHOWN + 2];
	memset(text, 'x', sizeof(text));
	const char *got = arena_short_text(*state, span_of(text, LIMIT_TEXT_SHOWN));
	assert_int_equal(strlen(got), LIMIT_TEXT_SHOWN);
	got = arena_short_text(*state, span_of(text, LIMIT_TEXT_SHOWN + 1));
	assert_int_equal(strlen(got), LIMIT_TEXT_SHOWN + 3);
	assert_string_equal(got + LIMIT_TEXT_SHOWN - 1, "x...");
	assert_string_equal(arena_short_text(*state, span_text("a|b")), "a\\124b");
}

static void
freeing_nothing_is_fine(void **state)
{
	(void)state;
	arena_free(NULL);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(memory_is_zeroed_also_when_used_before),
		WITH_ARENA(a_wipe_overwrites_all_of_it),
		WITH_ARENA(every_allocation_is_aligned_and_apart),
		WITH_ARENA(used_counts_until_the_reset),
		WITH_ARENA(a_reset_keeps_the_first_block),
		WITH_ARENA(copies_are_their_own),
		WITH_ARENA(a_format_is_cut_at_its_limit),
		WITH_ARENA(safe_text_is_whole_and_harmless),
		WITH_ARENA(short_text_says_that_it_goes_on),
		cmocka_unit_test(freeing_nothing_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
