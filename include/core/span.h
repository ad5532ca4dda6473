/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * span: a borrowed range of bytes, and the only way to read them.
 *
 * What is always true:
 *  - bytes may hold anything, NUL too; nothing here looks behind the length;
 *  - a span owns nothing: it is good for as long as what it points into;
 *  - functions that take a `struct span *` are a cursor: they move its start
 *    forward by what they took, and leave it alone when they return false.
 *
 *	struct span rest = span_text("ip4:192.0.2.0/24");
 *	struct span name, address;
 *	if (span_take_until(&rest, ':', &name) && span_take_byte(&rest, ':'))
 *		span_take_until_or_end(&rest, '/', &address);
 */
#ifndef MAILGAUGE_CORE_SPAN_H
#define MAILGAUGE_CORE_SPAN_H

#include "core/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *bytes; /* never NULL where length > 0 */
	size_t length;
};

/* Making spans. SPAN() is for string literals, usable in static tables. */
#define SPAN(literal) \
	{ \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

static inline struct span
span_of(const void *bytes, size_t length)
{
	return (struct span){ .bytes = bytes, .length = length };
}

static inline struct span
span_text(const char *text)
{
	return span_of(text, strlen(text));
}

/* Part of a span; a start or length behind its end is cut to what there is. */
static inline struct span
span_slice(struct span whole, size_t start, size_t length)
{
	if (start > whole.length)
		start = whole.length;
	if (length > whole.length - start)
		length = whole.length - start;
	if (whole.length == 0)
		return whole; /* no arithmetic on what may be NULL */
	return span_of(whole.bytes + start, length);
}

/* What `rest`, a tail of `whole`, has left behind. */
struct span span_before(struct span whole, struct span rest);

/* Comparing. Case is folded for ASCII letters only (RFC 4343). */
bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span whole, struct span prefix);
bool span_contains_byte(struct span whole, uint8_t byte);

/* Only printable ASCII, 0x20 to 0x7e; also when it is empty. */
bool span_is_printable(struct span text);

/* The cursor: false, and nothing moved, when there is not that much. */
bool span_peek(const struct span *rest, uint8_t *byte);
bool span_take_byte(struct span *rest, uint8_t expected);
bool span_take_prefix_nocase(struct span *rest, struct span prefix);
bool span_take_u8(struct span *rest, uint8_t *value) MUST_CHECK;
bool span_take_u16(struct span *rest, uint16_t *value) MUST_CHECK; /* big-endian */
bool span_take_u24(struct span *rest, uint32_t *value) MUST_CHECK; /* big-endian */
bool span_take_u32(struct span *rest, uint32_t *value) MUST_CHECK; /* big-endian */
bool span_take(struct span *rest, size_t length, struct span *taken) MUST_CHECK;

/* Everything before the next `stop`, which stays; false when there is none. */
bool span_take_until(struct span *rest, uint8_t stop, struct span *taken) MUST_CHECK;

/* The same, but without a `stop` everything is taken. */
void span_take_until_or_end(struct span *rest, uint8_t stop, struct span *taken);

/* The longest run of bytes of one class; it may be empty. */
void span_take_while(struct span *rest, bool (*belongs)(uint8_t), struct span *taken);

/* Decimal digits, at least one, value at most `max`; leading zeros are taken. */
bool span_take_number(struct span *rest, uint32_t max, uint32_t *value) MUST_CHECK;

/* The next piece of a list: takes it and the separator behind it. False at the end.
 * An empty span has no pieces; "a," has two, the last one empty. Start with
 * `struct split split = { .rest = list };`. */
struct split {
	struct span rest;
	bool inside; /* a separator was taken, so a piece follows, perhaps an empty one
		      */
	bool ended;
};
bool split_next(struct split *split, uint8_t separator, struct span *piece);

/* Without blanks, tabs and line ends at both ends. */
struct span span_trim(struct span text);

/* Byte classes, in ASCII whatever the locale; inline, because scanning calls them for
 * every byte. */
static inline uint8_t
byte_lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static inline bool
byte_is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static inline bool
byte_is_alpha(uint8_t byte)
{
	return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static inline bool
byte_is_alnum(uint8_t byte)
{
	return byte_is_alpha(byte) || byte_is_digit(byte);
}

static inline bool
byte_is_blank(uint8_t byte) /* space, tab, CR, LF */
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static inline bool
byte_is_printable(uint8_t byte) /* 0x20 to 0x7e */
{
	return byte >= 0x20 && byte <= 0x7e;
}

#endif
