/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A range of bytes and a cursor over it. All text and wire data of the world are read
 * through these few functions, so that "behind the end" is decided in one place. No
 * function here depends on the locale: DNS and SMTP are ASCII protocols.
 */
#include "core/span.h"

#include <string.h>

struct span
span_before(struct span whole, struct span rest)
{
	return span_slice(whole, 0, whole.length - rest.length);
}

bool
span_equal(struct span a, struct span b)
{
	if (a.length != b.length)
		return false;
	return a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0;
}

bool
span_equal_nocase(struct span a, struct span b)
{
	return a.length == b.length && span_starts_nocase(a, b);
}

bool
span_starts_nocase(struct span whole, struct span prefix)
{
	if (whole.length < prefix.length)
		return false;
	for (size_t i = 0; i < prefix.length; i++)
		if (byte_lower(whole.bytes[i]) != byte_lower(prefix.bytes[i]))
			return false;
	return true;
}

bool
span_contains_byte(struct span whole, uint8_t byte)
{
	return whole.length > 0 && memchr(whole.bytes, byte, whole.length) != NULL;
}

bool
span_is_printable(struct span text)
{
	struct span printable;
	span_take_while(&text, byte_is_printable, &printable);
	return text.length == 0;
}

bool
span_peek(const struct span *rest, uint8_t *byte)
{
	if (rest->length == 0)
		return false;
	*byte = rest->bytes[0];
	return true;
}

static void
skip(struct span *rest, size_t length)
{
	*rest = span_slice(*rest, length, rest->length);
}

bool
span_take_byte(struct span *rest, uint8_t expected)
{
	if (rest->length == 0 || rest->bytes[0] != expected)
		return false;
	skip(rest, 1);
	return true;
}

bool
span_take_prefix_nocase(struct span *rest, struct span prefix)
{
	if (!span_starts_nocase(*rest, prefix))
		return false;
	skip(rest, prefix.length);
	return true;
}

bool
span_take(struct span *rest, size_t length, struct span *taken)
{
	if (rest->length < length)
		return false;
	*taken = span_slice(*rest, 0, length);
	skip(rest, length);
	return true;
}

static bool
take_big_endian(struct span *rest, size_t length, uint32_t *value)
{
	struct span taken;
	if (!span_take(rest, length, &taken))
		return false;
	*value = 0;
	for (size_t i = 0; i < length; i++)
		*value = *value << 8 | taken.bytes[i];
	return true;
}

bool
span_take_u8(struct span *rest, uint8_t *value)
{
	uint32_t wide;
	if (!take_big_endian(rest, 1, &wide))
		return false;
	*value = (uint8_t)wide;
	return true;
}

bool
span_take_u16(struct span *rest, uint16_t *value)
{
	uint32_t wide;
	if (!take_big_endian(rest, 2, &wide))
		return false;
	*value = (uint16_t)wide;
	return true;
}

bool
span_take_u24(struct span *rest, uint32_t *value)
{
	return take_big_endian(rest, 3, value);
}

bool
span_take_u32(struct span *rest, uint32_t *value)
{
	return take_big_endian(rest, 4, value);
}

/* How many bytes stand before the first `stop`; all of them without one. */
static size_t
distance(struct span rest, uint8_t stop)
{
	if (rest.length == 0)
		return 0;
	const uint8_t *found = memchr(rest.bytes, stop, rest.length);
	return found != NULL ? (size_t)(found - rest.bytes) : rest.length;
}

bool
span_take_until(struct span *rest, uint8_t stop, struct span *taken)
{
	size_t length = distance(*rest, stop);
	return length < rest->length && span_take(rest, length, taken);
}

void
span_take_until_or_end(struct span *rest, uint8_t stop, struct span *taken)
{
	size_t length = distance(*rest, stop);
	*taken = span_slice(*rest, 0, length);
	skip(rest, length);
}

void
span_take_while(struct span *rest, bool (*belongs)(uint8_t), struct span *taken)
{
	size_t length = 0;
	while (length < rest->length && belongs(rest->bytes[length]))
		length++;
	*taken = span_slice(*rest, 0, length);
	skip(rest, length);
}

bool
span_take_number(struct span *rest, uint32_t max, uint32_t *value)
{
	struct span after = *rest, digits;
	span_take_while(&after, byte_is_digit, &digits);
	if (digits.length == 0)
		return false;

	uint64_t number = 0;
	for (size_t i = 0; i < digits.length; i++) {
		number = number * 10 + (digits.bytes[i] - '0');
		if (number > max)
			return false;
	}
	*value = (uint32_t)number;
	*rest = after;
	return true;
}

bool
split_next(struct split *split, uint8_t separator, struct span *piece)
{
	if (split->ended || (split->rest.length == 0 && !split->inside))
		return false;
	span_take_until_or_end(&split->rest, separator, piece);
	split->inside = span_take_byte(&split->rest, separator);
	split->ended = !split->inside;
	return true;
}

struct span
span_trim(struct span text)
{
	struct span blanks;
	span_take_while(&text, byte_is_blank, &blanks);
	while (text.length > 0 && byte_is_blank(text.bytes[text.length - 1]))
		text.length--;
	return text;
}
