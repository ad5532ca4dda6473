/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The one parser of tag-lists (RFC 6376 3.2). Semicolons cut, since no value may hold
 * one; within a piece the first "=" does. Blanks count as in the most generous of the
 * four standards: spaces, tabs and folded lines around names, "=" and values.
 */
#include "core/tag_list.h"

#include "core/limits.h"

#include <assert.h>
#include <string.h>

/* Wide enough for all four: DKIM and MTA-STS allow '_' behind the first byte (RFC 6376
 * 3.2), MTA-STS and TLS-RPT also '-' and '.' (RFC 8461 3.1, RFC 8460 3). */
static bool
is_name_byte(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '_' || byte == '-' || byte == '.';
}

static bool
is_name(struct span text)
{
	struct span name;
	if (text.length == 0 || !byte_is_alnum(text.bytes[0]))
		return false;
	span_take_while(&text, is_name_byte, &name);
	return text.length == 0;
}

static bool
is_value_byte(uint8_t byte)
{
	return byte_is_printable(byte) || byte_is_blank(byte);
}

static bool
is_value(struct span text)
{
	struct span value;
	span_take_while(&text, is_value_byte, &value);
	return text.length == 0;
}

static enum tag_fault
read_tag(struct tag *tag)
{
	struct span rest = tag->text, name;
	if (rest.length == 0)
		return TAG_EMPTY;
	if (!span_take_until(&rest, '=', &name))
		return TAG_NO_EQUALS;
	tag->name = span_trim(name);
	tag->value = span_trim(span_slice(rest, 1, rest.length));
	if (!is_name(tag->name))
		return TAG_BAD_NAME;
	return is_value(tag->value) ? TAG_FINE : TAG_BAD_BYTE;
}

static bool
has_name(const struct tag_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal(list->tags[i].name, name))
			return true;
	return false;
}

static void
add_tag(struct tag_list *list, struct span text, struct span piece)
{
	struct tag *tag = &list->tags[list->count];
	tag->text = span_trim(piece);
	const uint8_t *start = tag->text.length > 0 ? tag->text.bytes : piece.bytes;
	tag->position = (size_t)(start - text.bytes) + 1;
	tag->fault = read_tag(tag);
	tag->is_repeated = tag->name.length > 0 && has_name(list, tag->name);
	list->count++;
}

static size_t
count_pieces(struct span text)
{
	size_t count = 1;
	for (size_t i = 0; i < text.length; i++)
		count += text.bytes[i] == ';';
	return count;
}

void
tag_list_read(struct tag_list *list, struct arena *arena, struct span text)
{
	size_t room = count_pieces(text);
	memset(list, 0, sizeof(*list));
	list->tags = arena_alloc_array(
	    arena, room < LIMIT_TAGS ? room : LIMIT_TAGS, sizeof(*list->tags));
	struct split split = { .rest = text };
	struct span piece;
	while (split_next(&split, ';', &piece)) {
		/* What stands behind the last semicolon may be nothing. */
		if (split.ended && span_trim(piece).length == 0)
			break;
		if (list->count == LIMIT_TAGS) {
			list->cut = true;
			break;
		}
		add_tag(list, text, piece);
	}
}

const struct tag *
tag_list_find(const struct tag_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->tags[i].fault == TAG_FINE &&
		    span_equal(list->tags[i].name, name))
			return &list->tags[i];
	return NULL;
}

const char *
tag_fault_text(enum tag_fault fault)
{
	static const char *const texts[] = {
		[TAG_FINE] = "is fine",
		[TAG_EMPTY] = "is empty: two semicolons in a row",
		[TAG_NO_EQUALS] = "has no '='",
		[TAG_BAD_NAME] = "has no valid tag name",
		[TAG_BAD_BYTE] = "has a byte that is not printable ASCII",
	};
	assert(fault < ARRAY_LENGTH(texts));
	return texts[fault];
}
