/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Base64, byte by byte: four digits of six bits make three bytes. It is our own because
 * EVP_DecodeBlock() pads and skips, and because check_dmarc reads key records without
 * libcrypto.
 */
#include "dkim/base64.h"

#include <assert.h>

enum { GROUP = 4, DIGIT_BITS = 6 };

struct reader {
	uint8_t *bytes;
	size_t length;
	uint32_t bits;    /* of the group so far */
	unsigned digits;  /* of the group so far */
	unsigned padding; /* "=" of the group so far */
};

/* The value of a digit, or -1. */
static int
digit_value(uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '+')
		return 62;
	return byte == '/' ? 63 : -1;
}

/* Two digits carry one byte, three carry two, four carry three. The bits behind the
 * last whole byte are zero in what an encoder wrote (RFC 4648 3.5). */
static enum dkim_base64_fault
end_group(struct reader *reader)
{
	if (reader->digits == 0)
		return DKIM_BASE64_FINE;
	if (reader->digits + reader->padding != GROUP || reader->digits < 2)
		return DKIM_BASE64_CUT_SHORT;
	unsigned count = reader->digits * DIGIT_BITS / 8;
	unsigned loose = reader->digits * DIGIT_BITS % 8;
	if ((reader->bits & ((1u << loose) - 1)) != 0)
		return DKIM_BASE64_LOOSE_BITS;
	for (unsigned i = count; i-- > 0;)
		reader->bytes[reader->length++] = (uint8_t)(reader->bits >>
		    (loose + 8 * i));
	reader->bits = 0;
	reader->digits = 0;
	return DKIM_BASE64_FINE;
}

static enum dkim_base64_fault
take(struct reader *reader, uint8_t byte)
{
	if (byte == '=') {
		bool fits = reader->digits >= 2 &&
		    reader->digits + reader->padding < GROUP;
		reader->padding++;
		return fits ? DKIM_BASE64_FINE : DKIM_BASE64_CUT_SHORT;
	}
	int value = digit_value(byte);
	if (value < 0)
		return DKIM_BASE64_BAD_BYTE;
	if (reader->padding > 0)
		return DKIM_BASE64_AFTER_PADDING;
	reader->bits = reader->bits << DIGIT_BITS | (uint32_t)value;
	if (++reader->digits < GROUP)
		return DKIM_BASE64_FINE;
	return end_group(reader);
}

struct dkim_base64
dkim_base64_decode(struct arena *arena, struct span text)
{
	struct reader reader = { .bytes = arena_alloc(arena, text.length) };
	enum dkim_base64_fault fault = DKIM_BASE64_FINE;
	size_t last = 0;
	for (size_t i = 0; i < text.length && fault == DKIM_BASE64_FINE; i++) {
		if (byte_is_blank(text.bytes[i]))
			continue;
		last = i + 1;
		fault = take(&reader, text.bytes[i]);
	}
	if (fault == DKIM_BASE64_FINE)
		fault = end_group(&reader);
	if (fault != DKIM_BASE64_FINE)
		return (struct dkim_base64){ .fault = fault, .position = last };
	return (struct dkim_base64){ .bytes = span_of(reader.bytes, reader.length) };
}

const char *
dkim_base64_fault_text(enum dkim_base64_fault fault)
{
	static const char *const texts[] = {
		[DKIM_BASE64_FINE] = "nothing wrong",
		[DKIM_BASE64_BAD_BYTE] = "a byte that is not of base64",
		[DKIM_BASE64_CUT_SHORT] = "digits or padding are missing, or too many",
		[DKIM_BASE64_AFTER_PADDING] = "something follows the padding",
		[DKIM_BASE64_LOOSE_BITS] = "the last digit has bits of no byte",
	};
	assert(fault < ARRAY_LENGTH(texts));
	return texts[fault];
}
