/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * pack: numbers and bytes one behind the other, and back. Most numbers of the state
 * file are small, so each takes as many bytes as it needs, seven bits in each, the
 * lowest first; the top bit says that there are more.
 *
 * Reading never fails at once: what is not of that form reads as 0 or nothing and makes
 * the rest bad, so that a reader checks once at its end.
 */
#ifndef MAILGAUGE_EXPORTER_PACK_H
#define MAILGAUGE_EXPORTER_PACK_H

#include "core/buf.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void pack_number(struct buf *out, uint64_t value);
void pack_double(struct buf *out, double value);
void pack_bytes(struct buf *out, struct span bytes); /* behind their number */

struct unpack {
	struct span rest;
	bool is_bad;
};

uint64_t unpack_number(struct unpack *in, uint64_t max); /* larger ones are bad */
double unpack_double(struct unpack *in);                 /* NaN and infinity, too */
struct span unpack_bytes(struct unpack *in, size_t max);

#endif
