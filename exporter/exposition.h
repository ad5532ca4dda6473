/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * exposition: all of /metrics, put together from a snapshot. The formats want the
 * samples of a family side by side, so the page goes through all checks once a family.
 *
 * It is written piece by piece while it is sent, and never exists as a whole:
 *
 *	struct exposition_cursor cursor;
 *	exposition_begin(&cursor, snapshot, format);
 *	while (exposition_add(&cursor, &text, PIECE)) { ... send text; buf_clear(&text);
 *}
 */
#ifndef MAILGAUGE_EXPORTER_EXPOSITION_H
#define MAILGAUGE_EXPORTER_EXPOSITION_H

#include "metrics.h"
#include "results.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "output/prometheus.h"

#include <stdbool.h>
#include <stddef.h>

struct exposition_cursor {
	const struct snapshot *snapshot;
	enum prometheus_format format;
	bool lasting;         /* without what is about the process: nobody scrapes it */
	bool began;           /* the exporter's own families are written */
	size_t family, group; /* the next to be written */
	bool headed;          /* the family's head is written */
	bool ended;
};

/* Borrows the snapshot. */
void exposition_begin(struct exposition_cursor *cursor, const struct snapshot *snapshot,
    enum prometheus_format format);

/* Adds to `out`, to line ends, until it holds `enough` bytes, has no room for the next
 * part or the end has come. False when nothing was added: then the cursor has `ended`,
 * or `out` is too small; in one of LIMIT_GROUP_BYTES there is room for any part. */
bool exposition_add(
    struct exposition_cursor *cursor, struct buf *out, size_t enough) MUST_CHECK;

/* The samples of one family of one group; of families of hosts, which are of all checks
 * at once, all stand in the first group. */
void exposition_add_group(
    struct buf *out, const struct snapshot *snapshot, size_t family, size_t group);

#endif
