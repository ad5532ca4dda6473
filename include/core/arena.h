/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * arena: the memory of one evaluation, given back all at once.
 *
 * What is always true:
 *  - an allocation never fails and is zeroed: what comes from outside is capped by
 *    limits.h before it gets here, so running out of memory is the host's failure
 *    (die_unknown());
 *  - nothing is freed singly; everything ends at the next arena_reset();
 *  - a reset keeps the first block, so that a warm evaluation asks for no memory.
 */
#ifndef MAILGAUGE_CORE_ARENA_H
#define MAILGAUGE_CORE_ARENA_H

#include "core/attributes.h"
#include "core/span.h"

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);
void arena_reset(struct arena *arena);

/* Overwrites all that was handed out since the last reset: it holds a secret. */
void arena_wipe(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

/* Copies: of bytes, of text with a NUL behind it, of at most LIMIT_MESSAGE bytes made
 * by a format. */
struct span arena_copy(struct arena *arena, struct span bytes);
char *arena_text(struct arena *arena, struct span text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same as arena_text(), for bytes from outside: made harmless by buf_add_safe(). */
char *arena_safe_text(struct arena *arena, struct span untrusted);

/* For messages: only its first LIMIT_TEXT_SHOWN bytes, with "..." where it goes on. */
char *arena_short_text(struct arena *arena, struct span untrusted);

/* Bytes handed out since the last reset; for tests and caps. */
size_t arena_used(const struct arena *arena);

#endif
