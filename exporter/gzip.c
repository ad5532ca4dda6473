/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The one room of zlib. Setting it up costs more than a small member, so its state is
 * kept from one to the next. */
#include "gzip.h"

#include "core/die.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

enum {
	/* Level 6 takes twice the time for a sixth less. */
	LEVEL = 1,
	WINDOW_BITS = -15, /* negative: deflate without a header */
	MEMORY_LEVEL = 8,
	PIECE_BYTES = 16 * 1024
};

struct gzip {
	z_stream stream;
};

struct gzip *
gzip_new(void)
{
	struct gzip *gzip = must_calloc(1, sizeof(*gzip));
	if (deflateInit2(&gzip->stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
		Z_DEFAULT_STRATEGY) != Z_OK)
		die_unknown("out of memory");
	return gzip;
}

void
gzip_free(struct gzip *gzip)
{
	if (gzip == NULL)
		return;
	deflateEnd(&gzip->stream);
	free(gzip);
}

struct gzip_sum
gzip_add(struct gzip *gzip, struct buf *out, struct span text)
{
	z_stream *stream = &gzip->stream;
	uint8_t piece[PIECE_BYTES];
	if (text.length == 0)
		return (struct gzip_sum){ 0, 0 };
	int ended = deflateReset(stream);
	assert(ended == Z_OK && text.length <= UINT32_MAX);
	stream->next_in = (uint8_t *)text.bytes; /* not written to */
	stream->avail_in = (uInt)text.length;
	do {
		stream->next_out = piece;
		stream->avail_out = sizeof(piece);
		ended = deflate(stream, Z_SYNC_FLUSH);
		assert(ended == Z_OK || ended == Z_BUF_ERROR);
		buf_add(out, span_of(piece, sizeof(piece) - stream->avail_out));
	} while (stream->avail_out == 0);
	return (struct gzip_sum){
		.crc = (uint32_t)crc32(0, text.bytes, (uInt)text.length),
		.length = (uint32_t)text.length,
	};
}

void
gzip_sum_add(struct gzip_sum *sum, struct gzip_sum more)
{
	if (more.length == 0)
		return;
	sum->crc = (uint32_t)crc32_combine(sum->crc, more.crc, more.length);
	sum->length += more.length;
}

uint32_t
gzip_checksum(uint32_t before, struct span bytes)
{
	return (uint32_t)crc32(before, bytes.bytes, (uInt)bytes.length);
}

/* RFC 1952 2.3: no name and no time, the system is Unix. */
void
gzip_begin(struct buf *out)
{
	static const uint8_t header[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	buf_add(out, span_of(header, sizeof(header)));
}

static void
add_u32(struct buf *out, uint32_t value)
{
	for (unsigned shift = 0; shift < 32; shift += 8)
		buf_add_byte(out, (uint8_t)(value >> shift));
}

/* An empty block that says it is the last one, the sum and the length. */
void
gzip_end(struct buf *out, struct gzip_sum sum)
{
	static const uint8_t last[] = { 0x03, 0x00 };
	buf_add(out, span_of(last, sizeof(last)));
	add_u32(out, sum.crc);
	add_u32(out, sum.length);
}
