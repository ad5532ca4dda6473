/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * gzip: one gzip stream (RFC 1952), put together from pieces that may have been
 * compressed long ago.
 *
 *	struct gzip_sum sum = { 0 };
 *	gzip_begin(out);
 *	gzip_sum_add(&sum, gzip_add(gzip, out, text));      (now)
 *	buf_add(out, piece); gzip_sum_add(&sum, piece_sum);   (what was kept)
 *	gzip_end(out, sum);
 *
 * Pieces are deflate blocks that end at a byte and look at nothing before them, so that
 * they can stand in any order. They are not gzip members of their own, although members
 * in a row are a valid stream too (2.2): curl and others read only the first one.
 */
#ifndef MAILGAUGE_EXPORTER_GZIP_H
#define MAILGAUGE_EXPORTER_GZIP_H

#include "core/buf.h"
#include "core/span.h"

#include <stdint.h>

/* What the end of a stream has to tell of a text. */
struct gzip_sum {
	uint32_t crc;
	uint32_t length; /* modulo 2^32 */
};

/* The compressor's state, for one thread. */
struct gzip;

struct gzip *gzip_new(void);
void gzip_free(struct gzip *gzip);

/* Adds the text as one piece; nothing for an empty one. */
struct gzip_sum gzip_add(struct gzip *gzip, struct buf *out, struct span text);

void gzip_sum_add(struct gzip_sum *sum, struct gzip_sum more);

/* The checksum of gzip (RFC 1952 8) alone, of a text behind one that had `before`; 0 to
 * begin with. */
uint32_t gzip_checksum(uint32_t before, struct span bytes);

void gzip_begin(struct buf *out);
void gzip_end(struct buf *out, struct gzip_sum sum);

#endif
