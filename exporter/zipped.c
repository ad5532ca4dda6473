/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Who scrapes finds most pieces as they were. What a scrape itself takes is then a list
 * of them, and the checksum of the whole: that of a family is kept as well, since it is
 * put together from those of all groups.
 */
#include "zipped.h"

#include "exposition.h"
#include "gzip.h"
#include "own_metrics.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The compressed families of a group, one behind the other. They never change: what is
 * new takes their place in the zipper, pages under way go on with the old ones. */
struct pieces {
	atomic_uint references;
	struct stamp stamp; /* of the results that they tell */
	char *bytes;
	struct piece {
		uint32_t end; /* in `bytes` */
		struct gzip_sum sum;
	} families[];
};

/* Of a family, all groups together. */
struct family_sum {
	bool is_known;
	struct gzip_sum sum;
};

struct zipper {
	struct gzip *gzip;
	struct roster *roster;  /* that the groups are of */
	struct pieces **groups; /* NULL: not made yet */
	struct family_sum *sums;
	struct buf text; /* scratch */
};

/* A stretch of the page: the next bytes of its own text, or a piece of a group. */
struct stretch {
	const char *bytes; /* NULL: own text */
	size_t length;
};

struct zipped {
	struct pieces **groups; /* that are kept */
	size_t group_count;
	struct buf own; /* all that is not a piece: heads, what the exporter measures */
	struct gzip_sum sum;
	uint64_t bytes;
	size_t count, room;
	struct stretch *stretches;

	size_t at; /* the stretch that is next, and how much of it was sent */
	size_t sent;
	size_t own_at; /* own text that was sent */
};

/* --- pieces --------------------------------------------------------------- */

static struct pieces *
pieces_new(struct stamp stamp)
{
	struct pieces *pieces = must_calloc(
	    1, sizeof(*pieces) + metrics_families() * sizeof(struct piece));
	pieces->references = 1;
	pieces->stamp = stamp;
	return pieces;
}

static void
pieces_drop(struct pieces *pieces)
{
	if (pieces == NULL || atomic_fetch_sub(&pieces->references, 1) > 1)
		return;
	free(pieces->bytes);
	free(pieces);
}

static struct span
piece_bytes(const struct pieces *pieces, size_t family)
{
	size_t start = family > 0 ? pieces->families[family - 1].end : 0;
	return span_of(pieces->bytes + start, pieces->families[family].end - start);
}

/* --- the zipper ----------------------------------------------------------- */

struct zipper *
zipper_new(void)
{
	struct zipper *zipper = must_calloc(1, sizeof(*zipper));
	zipper->gzip = gzip_new();
	zipper->sums = must_calloc(metrics_families(), sizeof(*zipper->sums));
	buf_init(&zipper->text, LIMIT_GROUP_BYTES);
	return zipper;
}

static void
forget_groups(struct zipper *zipper)
{
	if (zipper->roster == NULL)
		return;
	for (size_t i = 0; i < roster_groups(zipper->roster); i++)
		pieces_drop(zipper->groups[i]);
	free(zipper->groups);
	roster_drop(zipper->roster);
}

void
zipper_free(struct zipper *zipper)
{
	if (zipper == NULL)
		return;
	forget_groups(zipper);
	gzip_free(zipper->gzip);
	buf_free(&zipper->text);
	free(zipper->sums);
	free(zipper);
}

static void
take_roster(struct zipper *zipper, struct roster *roster)
{
	if (zipper->roster == roster)
		return;
	forget_groups(zipper);
	zipper->roster = roster_keep(roster);
	zipper->groups = must_calloc(roster_groups(roster), sizeof(*zipper->groups));
	memset(zipper->sums, 0, metrics_families() * sizeof(*zipper->sums));
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

static struct gzip_sum
compress_group(struct zipper *zipper, struct buf *out, const struct snapshot *snapshot,
    size_t family, size_t group)
{
	zipper->sums[family].is_known = false;
	buf_clear(&zipper->text);
	exposition_add_group(&zipper->text, snapshot, family, group);
	assert(!zipper->text.cut);
	return gzip_add(zipper->gzip, out, buf_span(&zipper->text));
}

/* Makes the pieces of one group, those of unchanged families by copying. */
static void
refresh(struct zipper *zipper, const struct snapshot *snapshot, size_t group)
{
	struct pieces *old = zipper->groups[group];
	struct stamp stamp = stamp_of(snapshot, group);
	bool has_values = old != NULL && old->stamp.values == stamp.values;
	if (has_values && old->stamp.runs == stamp.runs)
		return;

	struct pieces *made = pieces_new(stamp);
	struct buf bytes;
	buf_init(&bytes, LIMIT_GROUP_BYTES);
	for (size_t family = 0; family < metrics_families(); family++) {
		struct piece *piece = &made->families[family];
		if (has_values && !metrics_tells_runs(family)) {
			piece->sum = old->families[family].sum;
			buf_add(&bytes, piece_bytes(old, family));
		} else if (metrics_may_have(snapshot->measured, family)) {
			piece->sum = compress_group(
			    zipper, &bytes, snapshot, family, group);
		}
		piece->end = (uint32_t)bytes.length;
	}
	assert(!bytes.cut);
	/* No larger than it has to be: there may be thousands. */
	size_t length = bytes.length;
	made->bytes = must_realloc(buf_take(&bytes, NULL), length + 1);
	zipper->groups[group] = made;
	pieces_drop(old);
}

/* --- a page --------------------------------------------------------------- */

static void
add_stretch(struct zipped *page, const char *bytes, size_t length)
{
	if (length == 0)
		return;
	assert(page->count < page->room);
	page->stretches[page->count++] = (struct stretch){ bytes, length };
	page->bytes += length;
}

/* What was added to the page's own text behind `start`. */
static void
add_own(struct zipped *page, size_t start)
{
	add_stretch(page, NULL, page->own.length - start);
}

/* Compresses the scratch text and clears it. */
static void
add_text(struct zipped *page, struct zipper *zipper)
{
	size_t start = page->own.length;
	gzip_sum_add(
	    &page->sum, gzip_add(zipper->gzip, &page->own, buf_span(&zipper->text)));
	add_own(page, start);
	buf_clear(&zipper->text);
}

static struct gzip_sum
sum_of(struct zipper *zipper, size_t family)
{
	struct family_sum *known = &zipper->sums[family];
	if (known->is_known)
		return known->sum;
	*known = (struct family_sum){ .is_known = true };
	for (size_t i = 0; i < roster_groups(zipper->roster); i++)
		gzip_sum_add(&known->sum, zipper->groups[i]->families[family].sum);
	return known->sum;
}

static void
add_family(struct zipped *page, struct zipper *zipper, enum prometheus_format format,
    size_t family)
{
	struct gzip_sum sum = sum_of(zipper, family);
	if (sum.length == 0)
		return; /* a family without a sample is not mentioned */
	metrics_add_head(&zipper->text, format, family);
	add_text(page, zipper);
	for (size_t i = 0; i < page->group_count; i++) {
		struct span bytes = piece_bytes(page->groups[i], family);
		add_stretch(page, (const char *)bytes.bytes, bytes.length);
	}
	gzip_sum_add(&page->sum, sum);
}

static void
fill(struct zipped *page, struct zipper *zipper, const struct snapshot *snapshot,
    enum prometheus_format format)
{
	buf_clear(&zipper->text);
	gzip_begin(&page->own);
	add_own(page, 0);
	own_metrics_add(&zipper->text, format, snapshot);
	add_text(page, zipper);
	for (size_t family = 0; page->group_count > 0 && family < metrics_families();
	     family++)
		add_family(page, zipper, format, family);
	prometheus_end(&zipper->text, format);
	add_text(page, zipper);
	size_t start = page->own.length;
	gzip_end(&page->own, page->sum);
	add_own(page, start);
	assert(!page->own.cut);
}

struct zipped *
zipper_page(struct zipper *zipper, const struct snapshot *snapshot,
    enum prometheus_format format)
{
	enum { OTHERS = 4 }; /* stretches: begin and end, what is first and last */
	struct zipped *page = must_calloc(1, sizeof(*page));
	take_roster(zipper, snapshot->roster);
	page->group_count = roster_groups(snapshot->roster);
	page->groups = must_calloc(page->group_count, sizeof(*page->groups));
	page->room = OTHERS + metrics_families() * (page->group_count + 1);
	page->stretches = must_calloc(page->room, sizeof(*page->stretches));
	buf_init(&page->own, LIMIT_GROUP_BYTES);
	for (size_t i = 0; i < page->group_count; i++) {
		refresh(zipper, snapshot, i);
		page->groups[i] = zipper->groups[i];
		atomic_fetch_add_explicit(
		    &page->groups[i]->references, 1, memory_order_relaxed);
	}
	fill(page, zipper, snapshot, format);
	/* That of hosts may have been long. */
	buf_free(&zipper->text);
	buf_init(&zipper->text, LIMIT_GROUP_BYTES);
	return page;
}

void
zipped_free(struct zipped *page)
{
	if (page == NULL)
		return;
	for (size_t i = 0; i < page->group_count; i++)
		pieces_drop(page->groups[i]);
	free(page->groups);
	free(page->stretches);
	buf_free(&page->own);
	free(page);
}

uint64_t
zipped_bytes(const struct zipped *page)
{
	return page->bytes;
}

bool
zipped_is_sent(const struct zipped *page)
{
	return page->at == page->count;
}

bool
zipped_next(struct zipped *page, struct buf *out)
{
	size_t start = out->length, room;
	while (page->at < page->count && (room = out->max - out->length) > 0) {
		const struct stretch *stretch = &page->stretches[page->at];
		const char *bytes = stretch->bytes != NULL
		    ? stretch->bytes + page->sent
		    : page->own.text + page->own_at;
		struct span part = span_slice(
		    span_of(bytes, stretch->length - page->sent), 0, room);
		buf_add(out, part);
		page->sent += part.length;
		if (stretch->bytes == NULL)
			page->own_at += part.length;
		if (page->sent < stretch->length)
			continue;
		page->at++;
		page->sent = 0;
	}
	return out->length > start;
}
