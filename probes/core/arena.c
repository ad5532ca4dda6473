/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A bump allocator in blocks. An evaluation allocates many small things and frees all
 * of them at once, thousands of times; the first block stays, so that the usual
 * evaluation never meets malloc().
 */
#include "core/arena.h"

#include "core/buf.h"
#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024 };

struct block {
	struct block *next; /* older */
	size_t size, used;  /* of memory */
	alignas(max_align_t) uint8_t memory[];
};

struct arena {
	struct block *newest;
	size_t used; /* in all blocks */
};

static struct block *
block_new(size_t size, struct block *next)
{
	struct block *block = must_alloc(sizeof(*block) + size);
	block->next = next;
	block->size = size;
	block->used = 0;
	return block;
}

struct arena *
arena_new(void)
{
	struct arena *arena = must_calloc(1, sizeof(*arena));
	arena->newest = block_new(BLOCK_SIZE, NULL);
	return arena;
}

/* Frees all blocks but the oldest one, which is left in place. */
static void
drop_newer_blocks(struct arena *arena)
{
	while (arena->newest->next != NULL) {
		struct block *block = arena->newest;
		arena->newest = block->next;
		free(block);
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	drop_newer_blocks(arena);
	free(arena->newest);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	drop_newer_blocks(arena);
	arena->newest->used = 0;
	arena->used = 0;
}

void
arena_wipe(struct arena *arena)
{
	for (struct block *block = arena->newest; block; block = block->next)
		explicit_bzero(block->memory, block->used);
}

static size_t
aligned(size_t size)
{
	size_t unit = alignof(max_align_t);
	return (size + unit - 1) / unit * unit;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	assert(size < SIZE_MAX / 2);
	size = aligned(size > 0 ? size : 1);
	struct block *block = arena->newest;
	if (size > block->size - block->used) {
		block = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE, block);
		arena->newest = block;
	}
	void *memory = block->memory + block->used;
	block->used += size;
	arena->used += size;
	return memset(memory, 0, size);
}

void *
arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
	assert(size == 0 || count < SIZE_MAX / 2 / size);
	return arena_alloc(arena, count * size);
}

struct span
arena_copy(struct arena *arena, struct span bytes)
{
	if (bytes.length == 0)
		return span_of("", 0);
	return span_of(
	    memcpy(arena_alloc(arena, bytes.length), bytes.bytes, bytes.length),
	    bytes.length);
}

char *
arena_text(struct arena *arena, struct span text)
{
	char *copy = arena_alloc(arena, text.length + 1);
	if (text.length > 0)
		memcpy(copy, text.bytes, text.length);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	struct buf text;
	char memory[LIMIT_MESSAGE + 1];
	buf_wrap(&text, memory, sizeof(memory));

	va_list values;
	va_start(values, format);
	buf_addv(&text, format, values);
	va_end(values);
	return arena_text(arena, buf_span(&text));
}

char *
arena_safe_text(struct arena *arena, struct span untrusted)
{
	size_t escape = sizeof("\\000") - 1;
	size_t size = untrusted.length * escape + 1;
	struct buf text;
	buf_init(&text, size);
	buf_add_safe(&text, untrusted);
	char *copy = arena_text(arena, buf_span(&text));
	buf_free(&text);
	return copy;
}

char *
arena_short_text(struct arena *arena, struct span untrusted)
{
	const char *start = arena_safe_text(
	    arena, span_slice(untrusted, 0, LIMIT_TEXT_SHOWN));
	bool is_cut = untrusted.length > LIMIT_TEXT_SHOWN;
	return arena_printf(arena, "%s%s", start, is_cut ? "..." : "");
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}
