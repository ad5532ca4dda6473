/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Whole numbers are written as such also where they may have a fraction: nearly all
 * measurements are counts. */
#include "pack.h"

#include <math.h>
#include <string.h>

enum { BITS = 7, MORE = 0x80, BITS_MAX = 64 };

/* How a double is written. */
enum { AS_COUNT, AS_BITS };

void
pack_number(struct buf *out, uint64_t value)
{
	for (; value >= MORE; value >>= BITS)
		buf_add_byte(out, (uint8_t)(value | MORE));
	buf_add_byte(out, (uint8_t)value);
}

void
pack_double(struct buf *out, double value)
{
	if (value >= 0 && value <= UINT32_MAX && value == (double)(uint32_t)value &&
	    !signbit(value)) {
		pack_number(out, AS_COUNT);
		pack_number(out, (uint32_t)value);
		return;
	}
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	pack_number(out, AS_BITS);
	pack_number(out, bits);
}

void
pack_bytes(struct buf *out, struct span bytes)
{
	pack_number(out, bytes.length);
	buf_add(out, bytes);
}

static uint64_t
bad(struct unpack *in)
{
	in->is_bad = true;
	in->rest = span_of(NULL, 0);
	return 0;
}

uint64_t
unpack_number(struct unpack *in, uint64_t max)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < BITS_MAX; shift += BITS) {
		uint8_t byte;
		if (!span_take_u8(&in->rest, &byte))
			return bad(in);
		uint64_t bits = byte & (MORE - 1u);
		if (bits << shift >> shift != bits)
			return bad(in);
		value |= bits << shift;
		if ((byte & MORE) == 0)
			return value <= max ? value : bad(in);
	}
	return bad(in);
}

double
unpack_double(struct unpack *in)
{
	if (unpack_number(in, AS_BITS) == AS_COUNT)
		return (double)unpack_number(in, UINT32_MAX);
	uint64_t bits = unpack_number(in, UINT64_MAX);
	double value;
	memcpy(&value, &bits, sizeof(value));
	return isfinite(value) ? value : (double)bad(in);
}

struct span
unpack_bytes(struct unpack *in, size_t max)
{
	struct span bytes;
	uint64_t length = unpack_number(in, max);
	if (!in->is_bad && span_take(&in->rest, length, &bytes))
		return bytes;
	bad(in);
	return in->rest;
}
