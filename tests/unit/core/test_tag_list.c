/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/tag_list: how texts are cut into tags, and what is said of each. */
#include "core/tag_list.h"

#include "core/buf.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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

/* "v[1]=DMARC1 p[13]=none": names, positions and values, and faults as words. */
static const char *
shown(struct arena *arena, const struct tag_list *list)
{
	static const char *const faults[] = {
		[TAG_FINE] = "",
		[TAG_EMPTY] = " (empty)",
		[TAG_NO_EQUALS] = " (no equals)",
		[TAG_BAD_NAME] = " (bad name)",
		[TAG_BAD_BYTE] = " (bad byte)",
	};
	struct buf out;
	buf_init(&out, LIMIT_MESSAGE);
	for (size_t i = 0; i < list->count; i++) {
		const struct tag *tag = &list->tags[i];
		if (i > 0)
			buf_add_text(&out, ", ");
		buf_add_safe(&out, tag->name);
		buf_addf(&out, "[%zu]=", tag->position);
		buf_add_safe(&out, tag->value);
		buf_addf(&out, "%s%s", faults[tag->fault],
		    tag->is_repeated ? " (again)" : "");
	}
	const char *text = arena_text(arena, buf_span(&out));
	buf_free(&out);
	return text;
}

static void
texts_are_cut_into_tags(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ " \t ", "" },
		{ "v=DMARC1", "v[1]=DMARC1" },
		{ "v=DMARC1;", "v[1]=DMARC1" },
		{ "v=DMARC1; ", "v[1]=DMARC1" },
		{ "v=DMARC1;p=none", "v[1]=DMARC1, p[10]=none" },
		{ " v = DMARC1 ;\tp\t=\tnone ; ", "v[2]=DMARC1, p[15]=none" },
		{ "v=DKIM1;\r\n p=AB\r\n CD", "v[1]=DKIM1, p[12]=AB\\013\\010 CD" },
		{ "n=a = b", "n[1]=a = b" },
		{ "p=", "p[1]=" },
		{ "rua=mailto:a@b.example!10m,mailto:c@d.example",
		    "rua[1]=mailto:a@b.example!10m,mailto:c@d.example" },
		/* Faults cost one tag. */
		{ ";", "[1]= (empty)" },
		{ ";;", "[1]= (empty), [2]= (empty)" },
		{ "a=1;;b=2", "a[1]=1, [5]= (empty), b[6]=2" },
		{ "a=1; ;b=2", "a[1]=1, [5]= (empty), b[7]=2" },
		{ "v=DMARC1 p=none; sp", "v[1]=DMARC1 p=none, [18]= (no equals)" },
		{ "=x; p=none", "[1]=x (bad name), p[5]=none" },
		{ "p q=x", "p q[1]=x (bad name)" },
		{ "_p=x; p_1-2.3=y", "_p[1]=x (bad name), p_1-2.3[7]=y" },
		{ "p\\=x", "p\\[1]=x (bad name)" },
		{ "p=n\xc3\xb6; q=\x01",
		    "p[1]=n\\195\\182 (bad byte), q[8]=\\001 (bad byte)" },
		/* Names are compared with their case. */
		{ "p=a; P=b; p=c", "p[1]=a, P[6]=b, p[11]=c (again)" },
	};
	struct arena *arena = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct tag_list list;
		tag_list_read(&list, arena, span_text(cases[i].text));
		assert_string_equal(shown(arena, &list), cases[i].want);
		assert_false(list.cut);
	}
}

static void
nul_is_a_byte_like_others(void **state)
{
	static const struct span text = SPAN("p=a\0b; q=c");
	struct tag_list list;
	tag_list_read(&list, *state, text);
	assert_string_equal(shown(*state, &list), "p[1]=a\\000b (bad byte), q[8]=c");
}

static void
found_are_tags_without_fault(void **state)
{
	struct tag_list list;
	tag_list_read(&list, *state, span_text("p=\x01; P=upper; p=first; p=second"));
	const struct tag *tag = tag_list_find(&list, span_text("p"));
	assert_non_null(tag);
	assert_true(span_equal(tag->value, span_text("first")));
	assert_null(tag_list_find(&list, span_text("sp")));
	assert_null(tag_list_find(&list, span_text("")));
}

static void
long_lists_are_cut(void **state)
{
	struct buf text;
	buf_init(&text, 4 * (LIMIT_TAGS + 1));
	for (size_t i = 0; i < LIMIT_TAGS; i++)
		buf_add_text(&text, "a=1;");
	struct tag_list list;
	tag_list_read(&list, *state, buf_span(&text));
	assert_int_equal(list.count, LIMIT_TAGS);
	assert_false(list.cut);
	buf_add_text(&text, "b=2");
	tag_list_read(&list, *state, buf_span(&text));
	assert_int_equal(list.count, LIMIT_TAGS);
	assert_true(list.cut);
	buf_free(&text);
}

static void
every_fault_has_words(void **state)
{
	(void)state;
	for (enum tag_fault fault = TAG_FINE; fault <= TAG_BAD_BYTE; fault++)
		assert_true(strlen(tag_fault_text(fault)) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_cut_into_tags),
		cmocka_unit_test(nul_is_a_byte_like_others),
		cmocka_unit_test(found_are_tags_without_fault),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(every_fault_has_words),
	};
	return cmocka_run_group_tests(tests, new_arena, free_arena);
}
