/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A family without a sample is not mentioned: its head is written before the first
 * group that has one. */
#include "exposition.h"

#include "own_metrics.h"

#include <assert.h>

/* Checks from the beginning of a group on, to its end or to that of all. */
static struct metrics_rows
rows_from(const struct snapshot *snapshot, size_t group, size_t most)
{
	size_t first = group * ROSTER_GROUP;
	size_t count = snapshot->roster->count - first;
	return (struct metrics_rows){
		.entries = snapshot->roster->entries + first,
		.results = snapshot->results + first,
		.count = count < most ? count : most,
	};
}

void
exposition_add_group(
    struct buf *out, const struct snapshot *snapshot, size_t family, size_t group)
{
	bool is_of_host = metrics_is_of_host(family);
	if (is_of_host && group > 0)
		return;
	const struct metrics_rows rows = rows_from(
	    snapshot, group, is_of_host ? SIZE_MAX : ROSTER_GROUP);
	metrics_add_samples(out, family, &rows);
}

void
exposition_begin(struct exposition_cursor *cursor, const struct snapshot *snapshot,
    enum prometheus_format format)
{
	*cursor = (struct exposition_cursor){ .snapshot = snapshot, .format = format };
}

static void
next_family(struct exposition_cursor *cursor)
{
	cursor->family++;
	cursor->group = 0;
	cursor->headed = false;
}

/* One group of one family, with the head before the first sample. */
static void
add_next_group(struct exposition_cursor *cursor, struct buf *out)
{
	if (!metrics_may_have(cursor->snapshot->measured, cursor->family)) {
		next_family(cursor);
		return;
	}
	size_t start = out->length;
	if (!cursor->headed)
		metrics_add_head(out, cursor->format, cursor->family);
	size_t headed = out->length;
	exposition_add_group(out, cursor->snapshot, cursor->family, cursor->group);
	if (out->length > headed)
		cursor->headed = true;
	else
		buf_shorten(out, start);
	if (++cursor->group == roster_groups(cursor->snapshot->roster))
		next_family(cursor);
}

static void
add_next(struct exposition_cursor *cursor, struct buf *out)
{
	bool has_checks = cursor->snapshot->roster->count > 0;
	if (!cursor->began) {
		cursor->began = true;
		if (cursor->lasting)
			own_metrics_add_lasting(out, cursor->format, cursor->snapshot);
		else
			own_metrics_add(out, cursor->format, cursor->snapshot);
	} else if (has_checks && cursor->family < metrics_families()) {
		add_next_group(cursor, out);
	} else {
		prometheus_end(out, cursor->format);
		cursor->ended = true;
	}
}

bool
exposition_add(struct exposition_cursor *cursor, struct buf *out, size_t enough)
{
	size_t start = out->length, last = 0;
	/* A part that turns out to have no room was made for nothing: the next one is
	 * likely to be as long as the last. */
	while (
	    !cursor->ended && out->length < enough && last <= out->max - out->length) {
		struct exposition_cursor before = *cursor;
		size_t length = out->length;
		add_next(cursor, out);
		last = out->length - length;
		if (!out->cut)
			continue;
		*cursor = before;
		buf_shorten(out, length);
		out->cut = false;
		break;
	}
	return out->length > start;
}
