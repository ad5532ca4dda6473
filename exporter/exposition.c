/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A family without a sample is not mentioned: its head is written before the first
 * piece that is not empty. Both ways of putting the page together do that.
 */
#include "exposition.h"

#include "gzip.h"
#include "own_metrics.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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

/* Families of hosts are of all checks at once, and stand in the first group. */
static void
add_group(struct buf *out, const struct snapshot *snapshot, size_t family, size_t group)
{
	bool is_of_host = metrics_is_of_host(family);
	if (is_of_host && group > 0)
		return;
	const struct metrics_rows rows = rows_from(
	    snapshot, group, is_of_host ? SIZE_MAX : ROSTER_GROUP);
	metrics_add_samples(out, family, &rows);
}

/* --- plain ---------------------------------------------------------------- */

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
	add_group(out, cursor->snapshot, cursor->family, cursor->group);
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

/* --- compressed ----------------------------------------------------------- */

/* The compressed families of a group, one behind the other. */
struct pieces {
	bool made;
	struct stamp stamp; /* of the results that they tell */
	char *bytes;
	struct piece {
		uint32_t end; /* in `bytes` */
		struct gzip_sum sum;
	} * families;
};

struct exposition {
	struct gzip *gzip;
	struct roster *roster; /* that the groups are of */
	struct pieces *groups;
	struct buf text; /* scratch */
};

struct exposition *
exposition_new(void)
{
	struct exposition *exposition = must_calloc(1, sizeof(*exposition));
	exposition->gzip = gzip_new();
	buf_init(&exposition->text, LIMIT_GROUP_BYTES);
	return exposition;
}

static void
forget_groups(struct exposition *exposition)
{
	if (exposition->roster == NULL)
		return;
	for (size_t i = 0; i < roster_groups(exposition->roster); i++) {
		free(exposition->groups[i].bytes);
		free(exposition->groups[i].families);
	}
	free(exposition->groups);
	roster_drop(exposition->roster);
}

void
exposition_free(struct exposition *exposition)
{
	if (exposition == NULL)
		return;
	forget_groups(exposition);
	gzip_free(exposition->gzip);
	buf_free(&exposition->text);
	free(exposition);
}

static void
take_roster(struct exposition *exposition, struct roster *roster)
{
	if (exposition->roster == roster)
		return;
	forget_groups(exposition);
	exposition->roster = roster_keep(roster);
	exposition->groups = must_calloc(
	    roster_groups(roster), sizeof(*exposition->groups));
}

static struct span
piece_bytes(const struct pieces *pieces, size_t family)
{
	size_t start = family > 0 ? pieces->families[family - 1].end : 0;
	return span_of(pieces->bytes + start, pieces->families[family].end - start);
}

static struct gzip_sum
compress_group(struct exposition *exposition, struct buf *out,
    const struct snapshot *snapshot, size_t family, size_t group)
{
	buf_clear(&exposition->text);
	add_group(&exposition->text, snapshot, family, group);
	return gzip_add(exposition->gzip, out, buf_span(&exposition->text));
}

/* The first group has the hosts of all others too. */
static struct stamp
stamp_of(const struct snapshot *snapshot, size_t group)
{
	struct stamp stamp = snapshot->stamps[group];
	for (size_t i = 1; group == 0 && i < roster_groups(snapshot->roster); i++)
		stamp.values += snapshot->stamps[i].values;
	return stamp;
}

/* Makes the pieces of one group, those of unchanged families by copying. */
static void
refresh(struct exposition *exposition, const struct snapshot *snapshot, size_t group)
{
	struct pieces *old = &exposition->groups[group];
	struct stamp stamp = stamp_of(snapshot, group);
	bool has_values = old->made && old->stamp.values == stamp.values;
	if (has_values && old->stamp.runs == stamp.runs)
		return;

	struct pieces made = { .made = true, .stamp = stamp };
	struct buf bytes;
	buf_init(&bytes, LIMIT_GROUP_BYTES);
	made.families = must_calloc(metrics_families(), sizeof(*made.families));
	for (size_t family = 0; family < metrics_families(); family++) {
		struct piece *piece = &made.families[family];
		if (has_values && !metrics_tells_runs(family)) {
			piece->sum = old->families[family].sum;
			buf_add(&bytes, piece_bytes(old, family));
		} else if (metrics_may_have(snapshot->measured, family)) {
			piece->sum = compress_group(
			    exposition, &bytes, snapshot, family, group);
		}
		piece->end = (uint32_t)bytes.length;
	}
	assert(!bytes.cut && !exposition->text.cut);
	free(old->bytes);
	free(old->families);
	/* No larger than it has to be: there may be thousands. */
	size_t length = bytes.length;
	made.bytes = must_realloc(buf_take(&bytes, NULL), length + 1);
	*old = made;
}

/* A page under construction. */
struct zipped {
	struct exposition *exposition;
	struct buf *out;
	struct gzip_sum sum;
};

/* Compresses the scratch text and clears it. */
static void
add_text(struct zipped *page)
{
	struct buf *text = &page->exposition->text;
	gzip_sum_add(
	    &page->sum, gzip_add(page->exposition->gzip, page->out, buf_span(text)));
	buf_clear(text);
}

static void
add_family(struct zipped *page, enum prometheus_format format, size_t family)
{
	struct exposition *exposition = page->exposition;
	bool headed = false;
	for (size_t i = 0; i < roster_groups(exposition->roster); i++) {
		struct span bytes = piece_bytes(&exposition->groups[i], family);
		if (bytes.length > 0 && !headed) {
			metrics_add_head(&exposition->text, format, family);
			add_text(page);
			headed = true;
		}
		buf_add(page->out, bytes);
		gzip_sum_add(&page->sum, exposition->groups[i].families[family].sum);
	}
}

void
exposition_add_gzip(struct exposition *exposition, struct buf *out,
    const struct snapshot *snapshot, enum prometheus_format format)
{
	struct zipped page = { .exposition = exposition, .out = out };
	take_roster(exposition, snapshot->roster);
	for (size_t i = 0; i < roster_groups(snapshot->roster); i++)
		refresh(exposition, snapshot, i);
	buf_clear(&exposition->text);
	gzip_begin(out);
	own_metrics_add(&exposition->text, format, snapshot);
	add_text(&page);
	for (size_t family = 0; family < metrics_families(); family++)
		add_family(&page, format, family);
	prometheus_end(&exposition->text, format);
	add_text(&page);
	gzip_end(out, page.sum);
	assert(!out->cut);
}
