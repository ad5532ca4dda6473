/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Base64 of any bytes: what decodes is what an encoder makes of the bytes again, but
 * for blanks; and what an encoder makes of the input decodes to it. */
#include "core/buf.h"
#include "dkim/base64.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
encode(struct buf *text, struct span bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
				     "xyz0123456789+/";
	for (size_t i = 0; i < bytes.length; i += 3) {
		struct span group = span_slice(bytes, i, 3);
		uint32_t bits = 0;
		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < group.length ? group.bytes[j] : 0u);
		for (size_t j = 0; j < 4; j++)
			buf_add_byte(text,
			    j <= group.length
				? (uint8_t)digits[bits >> (18 - 6 * j) & 63]
				: '=');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct span text = span_of(bytes, length);
	struct buf again, plain;
	buf_init(&again, 2 * length + 4);
	buf_init(&plain, length + 1);
	struct dkim_base64 got = dkim_base64_decode(arena, text);
	assert((got.fault == DKIM_BASE64_FINE) == (got.position == 0));
	assert(got.position <= length);
	for (size_t i = 0; i < length; i++)
		if (!byte_is_blank(bytes[i]))
			buf_add_byte(&plain, bytes[i]);
	encode(&again, got.bytes);
	assert(got.fault != DKIM_BASE64_FINE ||
	    span_equal(buf_span(&again), buf_span(&plain)));

	buf_clear(&again);
	encode(&again, text);
	got = dkim_base64_decode(arena, buf_span(&again));
	assert(got.fault == DKIM_BASE64_FINE && span_equal(got.bytes, text));
	buf_free(&again);
	buf_free(&plain);
	arena_free(arena);
	return 0;
}
