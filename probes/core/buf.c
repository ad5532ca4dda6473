/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Growing text with a mandatory maximum. Whoever makes a buf says how much is sane;
 * nobody who adds to it has to think of it. No failure is returned: a full buf
 * remembers that it was cut, memory that runs out is the host's failure.
 */
#include "core/buf.h"

#include "core/die.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

/* What an empty buf points to: it is never written, since size 0 forbids it. */
static char empty_text[1];

void
buf_init(struct buf *buf, size_t max)
{
	assert(max > 0);
	*buf = (struct buf){ .text = empty_text, .max = max };
}

void
buf_wrap(struct buf *buf, char *memory, size_t size)
{
	assert(size > 0);
	memory[0] = '\0';
	*buf = (struct buf){
		.text = memory, .size = size, .max = size - 1, .wrapped = true
	};
}

void
buf_free(struct buf *buf)
{
	if (buf->size > 0 && !buf->wrapped)
		free(buf->text);
	*buf = (struct buf){ .text = empty_text };
}

void
buf_clear(struct buf *buf)
{
	buf_shorten(buf, 0);
	buf->cut = false;
}

void
buf_shorten(struct buf *buf, size_t length)
{
	assert(length <= buf->length);
	buf->length = length;
	if (buf->size > 0)
		buf->text[length] = '\0';
}

char *
buf_take(struct buf *buf, size_t *length)
{
	assert(!buf->wrapped);
	char *text = buf->size > 0 ? buf->text : must_calloc(1, 1);
	if (length != NULL)
		*length = buf->length;
	*buf = (struct buf){ .text = empty_text, .max = buf->max };
	return text;
}

/* Room for `more` bytes and the NUL where there is too little; how many of them fit. */
static size_t
grow(struct buf *buf, size_t more)
{
	size_t fit = buf->max - buf->length;
	if (more > fit) {
		buf->cut = true;
		more = fit;
	}
	size_t needed = buf->length + more + 1;
	if (needed <= buf->size)
		return more;

	size_t size = buf->size > 0 ? buf->size : FIRST_SIZE;
	while (size < needed)
		size *= 2;
	if (size > buf->max + 1)
		size = buf->max + 1;
	buf->text = must_realloc(buf->size > 0 ? buf->text : NULL, size);
	buf->size = size;
	return more;
}

/* Makes room for `more` bytes and the NUL; returns how many of them fit. */
static inline size_t
make_room(struct buf *buf, size_t more)
{
	return more < buf->size - buf->length ? more : grow(buf, more);
}

void
buf_add(struct buf *buf, struct span bytes)
{
	if (bytes.length == 0)
		return;
	size_t length = make_room(buf, bytes.length);
	if (length == 0)
		return;
	memcpy(buf->text + buf->length, bytes.bytes, length);
	buf->length += length;
	buf->text[buf->length] = '\0';
}

/* Room is looked for once: lines of /metrics are made so. */
void
buf_add_all(struct buf *buf, const struct span *parts, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++)
		length += parts[i].length;
	if (length == 0)
		return;
	if (make_room(buf, length) < length) {
		for (size_t i = 0; i < count; i++)
			buf_add(buf, parts[i]);
		return;
	}
	char *end = buf->text + buf->length;
	for (size_t i = 0; i < count; i++)
		if (parts[i].length > 0)
			end = mempcpy(end, parts[i].bytes, parts[i].length);
	*end = '\0';
	buf->length += length;
}

void
buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, span_text(text));
}

void
buf_add_byte(struct buf *buf, uint8_t byte)
{
	buf_add(buf, span_of(&byte, 1));
}

void
buf_add_u16(struct buf *buf, unsigned value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };
	buf_add(buf, span_of(bytes, sizeof(bytes)));
}

void
buf_addf(struct buf *buf, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	buf_addv(buf, format, values);
	va_end(values);
}

void
buf_addv(struct buf *buf, const char *format, va_list values)
{
	va_list again;
	va_copy(again, values);
	size_t room = buf->size > 0 ? buf->size - buf->length : 0;
	int needed = vsnprintf(
	    room > 0 ? buf->text + buf->length : NULL, room, format, values);
	assert(needed >= 0);

	if ((size_t)needed >= room && needed > 0) {
		size_t length = make_room(buf, (size_t)needed);
		if (buf->size > 0)
			vsnprintf(buf->text + buf->length, length + 1, format, again);
		buf->length += length;
	} else {
		buf->length += (size_t)needed;
	}
	va_end(again);
}

/* At least `width` digits. Not by printf(3): /metrics may have a million numbers. */
static void
add_digits(struct buf *buf, uint64_t value, unsigned width)
{
	char digits[20];
	size_t at = sizeof(digits);
	do
		digits[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0 || sizeof(digits) - at < width);
	buf_add(buf, span_of(digits + at, sizeof(digits) - at));
}

/* |value| below 2^53 in units of 10^-digits: the integer part and the decimals. */
static void
add_decimal(struct buf *buf, double value, unsigned digits)
{
	uint64_t unit = 1;
	for (unsigned i = 0; i < digits; i++)
		unit *= 10;
	uint64_t scaled = (uint64_t)(fabs(value) * (double)unit + 0.5);
	unsigned kept = digits;
	while (kept > 0 && scaled % 10 == 0) {
		scaled /= 10;
		unit /= 10;
		kept--;
	}
	if (value < 0 && scaled > 0)
		buf_add_byte(buf, '-');
	add_digits(buf, scaled / unit, 1);
	if (kept == 0)
		return;
	buf_add_byte(buf, '.');
	add_digits(buf, scaled % unit, kept);
}

void
buf_add_number(struct buf *buf, double value, unsigned digits)
{
	assert(isfinite(value) && digits <= 9);
	if (value >= 0 && value < UINT32_MAX && value == (uint32_t)value)
		add_digits(buf, (uint32_t)value, 1);
	else if (value >= 9e8 && value < 1e18)
		add_digits(buf, (uint64_t)(value + 0.5), 1);
	else if (fabs(value) < 9e8)
		add_decimal(buf, value, digits);
	else
		buf_addf(buf, "%.0f",
		    value); /* no decimal point that a locale could change */
}

static bool
is_safe(uint8_t byte)
{
	return byte_is_printable(byte) && byte != '|';
}

void
buf_add_safe(struct buf *buf, struct span untrusted)
{
	while (untrusted.length > 0) {
		struct span good;
		span_take_while(&untrusted, is_safe, &good);
		buf_add(buf, good);
		uint8_t bad;
		if (span_take_u8(&untrusted, &bad))
			buf_addf(buf, "\\%03u", bad);
	}
}

struct span
buf_span(const struct buf *buf)
{
	return span_of(buf->text, buf->length);
}
