/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * metrics: a snapshot as Prometheus text, piece by piece, so that the page of a
 * hundred thousand domains never exists as a whole.
 *
 *	struct metrics_cursor cursor;
 *	metrics_begin(&cursor, snapshot);
 *	while (metrics_add(&cursor, &text, PIECE)) { ... send text; buf_clear(&text); }
 *
 * What is always true: pieces end at line ends; a family's HELP and TYPE stand once,
 * before its first sample; a family without a sample is not mentioned; what is not
 * known is absent.
 */
#ifndef MAILGAUGE_EXPORTER_METRICS_H
#define MAILGAUGE_EXPORTER_METRICS_H

#include "results.h"

#include "core/attributes.h"
#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics_cursor {
	const struct snapshot *snapshot;
	size_t family, entry; /* the next to be written */
	bool headed;          /* the family's head is written */
};

/* Borrows the snapshot. */
void metrics_begin(struct metrics_cursor *cursor, const struct snapshot *snapshot);

/* Adds to `out` until it holds `enough` bytes or the end has come. False when there was
 * nothing left to add. */
bool metrics_add(
    struct metrics_cursor *cursor, struct buf *out, size_t enough) MUST_CHECK;

#endif
