/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tag-lists of any bytes: tags stand where they say, in order, and what has no fault is
 * what the grammar allows. */
#include "core/tag_list.h"

#include "core/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_tag(struct span text, const struct tag *tag)
{
	size_t start = tag->position - 1;
	assert(start + tag->text.length <= text.length);
	assert(tag->text.length == 0 || tag->text.bytes == text.bytes + start);
	assert(!span_contains_byte(tag->text, ';'));
	assert(span_equal(tag->value, span_trim(tag->value)));
	if (tag->fault != TAG_FINE)
		return;
	assert(tag->name.length > 0 && span_is_printable(tag->name));
	assert(!span_contains_byte(tag->name, '='));
	assert(tag->name.bytes == tag->text.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct span text = span_of(bytes, length);
	struct tag_list list;
	tag_list_read(&list, arena, text);
	assert(list.count <= LIMIT_TAGS);
	assert(!list.cut || list.count == LIMIT_TAGS);
	for (size_t i = 0; i < list.count; i++) {
		const struct tag *tag = &list.tags[i];
		check_tag(text, tag);
		assert(i == 0 || tag[-1].position < tag->position);
		if (tag->fault != TAG_FINE)
			continue;
		const struct tag *first = tag_list_find(&list, tag->name);
		assert(first != NULL && first <= tag);
		assert(first == tag || tag->is_repeated);
	}
	arena_free(arena);
	return 0;
}
