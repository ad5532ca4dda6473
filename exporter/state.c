/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The file around the items that state_result.c, state_fact.c and state_scan.c write
 * and read. */
#include "state.h"

#include "gzip.h"
#include "pack.h"
#include "state_fact.h"
#include "state_result.h"
#include "state_scan.h"
#include "wall_clock.h"

#include "core/arena.h"
#include "core/die.h"
#include "core/limits.h"
#include "core/salt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The form of everything below; what is added to it makes it another one. */
enum { FORMAT = 2 };

static const struct span first_line = SPAN("mailgauge state\n");

/* What a piece is, its first byte. */
enum piece {
	PIECE_HEAD = 'h',
	PIECE_RESULTS = 'r',
	PIECE_FACTS = 'f',
	PIECE_END = 'e'
};

enum { PIECE_BYTES = 64 * 1024, WORD_BYTES = 4, FRAME_BYTES = 2 * WORD_BYTES };

/* The longest item, which is begun where less than PIECE_BYTES have been written: a
 * result and the one before it, with as much of everything as there can be, and for
 * each of it the few numbers that go with it. A fact is an answer, with some names
 * written out, or a scan, with two chains of certificates: one that is too long is not
 * kept. OpenSSL takes no chain that would be. */
enum {
	NUMBERS_BYTES = 64,
	RUN_BYTES = LIMIT_STATE_MEASUREMENTS * (LIMIT_LABELS_BYTES + NUMBERS_BYTES) +
	    LIMIT_RESULT_FINDINGS * (LIMIT_STATE_TEXT + NUMBERS_BYTES),
	ITEM_BYTES = LIMIT_STATE_PIECE_BYTES - PIECE_BYTES
};
_Static_assert(2 * RUN_BYTES + LIMIT_STATE_TEXT + NUMBERS_BYTES <= ITEM_BYTES,
    "every result fits into a piece");
_Static_assert(LIMIT_MESSAGE_BYTES + LIMIT_RECORDS * 2 * LIMIT_NAME_BYTES +
	    LIMIT_CNAME_CHAIN * LIMIT_NAME_BYTES <=
	ITEM_BYTES,
    "every answer fits into a piece");

static void
put_word(struct buf *out, uint32_t value)
{
	buf_add_u16(out, value >> 16);
	buf_add_u16(out, value & UINT16_MAX);
}

/* What has to be added to a time of the process to make it one of day. */
static int64_t
epoch_of(const struct state_world *world)
{
	return wall_clock_ms() - world->clock->now_ms(world->clock);
}

static const struct config *
config_of(const struct state_world *world)
{
	return results_roster(world->results)->config;
}

/* --- writing -------------------------------------------------------------- */

static void
leave_scan(void *context, struct span key, const struct fact *fact)
{
	struct state_world *world = context;
	/* At that moment it is still good, and written. */
	if (key.bytes[0] == FACT_SMTP &&
	    fact->expires_ms >= world->scans_mixed_until_ms)
		world->scans_mixed_until_ms = fact->expires_ms + 1;
}

void
state_leave_scans(struct state_world *world)
{
	store_each(world->store, leave_scan, world);
}

struct state_writer {
	const struct state_world *world;
	struct snapshot *snapshot;
	int64_t epoch_ms;
	enum piece next;
	size_t at; /* the next result */
	struct state_counts counts;
	uint32_t sum;
	struct buf payload, item, bytes;
};

struct state_writer *
state_writer_new(const struct state_world *world)
{
	struct state_writer *writer = must_calloc(1, sizeof(*writer));
	writer->world = world;
	writer->snapshot = results_snapshot(
	    world->results, world->clock->now_ms(world->clock));
	writer->epoch_ms = epoch_of(world);
	writer->next = PIECE_HEAD;
	buf_init(&writer->payload, LIMIT_STATE_PIECE_BYTES);
	buf_init(&writer->item, ITEM_BYTES);
	buf_init(&writer->bytes, LIMIT_STATE_PIECE_BYTES + PIECE_BYTES);
	store_walk_begin(world->store);
	return writer;
}

void
state_writer_free(struct state_writer *writer)
{
	if (writer == NULL)
		return;
	snapshot_drop(writer->snapshot);
	buf_free(&writer->payload);
	buf_free(&writer->item);
	buf_free(&writer->bytes);
	free(writer);
}

static void
write_head(struct state_writer *writer)
{
	pack_bytes(&writer->payload, span_text(MAILGAUGE_VERSION));
	pack_number(&writer->payload, salt_of_process());
	pack_number(&writer->payload, writer->snapshot->roster->config->scans_stamp);
	state_names_pack(&writer->payload);
	writer->next = PIECE_RESULTS;
}

static void
write_item(struct state_writer *writer, uint64_t *count)
{
	assert(!writer->item.cut);
	buf_add(&writer->payload, buf_span(&writer->item));
	buf_clear(&writer->item);
	++*count;
}

static void
write_results(struct state_writer *writer)
{
	const struct snapshot *snapshot = writer->snapshot;
	const struct roster *roster = snapshot->roster;
	for (; writer->at < roster->count && writer->payload.length < PIECE_BYTES;
	     writer->at++) {
		const struct result *result = snapshot->results[writer->at];
		if (result == NULL)
			continue;
		state_result_pack(&writer->item, &roster->entries[writer->at], result);
		write_item(writer, &writer->counts.results);
	}
	if (writer->at == roster->count)
		writer->next = PIECE_FACTS;
}

/* The head speaks for all scans of the file, and the configuration may have been
 * changed since that was written. */
static bool
is_for_scans(const struct state_writer *writer)
{
	const struct state_world *world = writer->world;
	return world->clock->now_ms(world->clock) >= world->scans_mixed_until_ms &&
	    config_of(world)->scans_stamp ==
	    writer->snapshot->roster->config->scans_stamp;
}

/* Behind its kind. */
static void
write_fact(struct state_writer *writer, struct span key, const struct fact *fact)
{
	bool is_scan = key.bytes[0] == FACT_SMTP;
	if (is_scan && !is_for_scans(writer))
		return;
	buf_add_byte(&writer->item, is_scan ? FACT_SMTP : FACT_DNS);
	bool is_kept = is_scan
	    ? state_scan_pack(&writer->item, key, fact, writer->epoch_ms)
	    : state_fact_pack(&writer->item, key, fact, writer->epoch_ms);
	if (is_kept && !writer->item.cut)
		write_item(
		    writer, is_scan ? &writer->counts.scans : &writer->counts.facts);
	buf_clear(&writer->item);
}

static void
write_facts(struct state_writer *writer)
{
	struct span key;
	const struct fact *fact;
	struct clock *clock = writer->world->clock;
	int64_t now_ms = clock->now_ms(clock);
	while (writer->payload.length < PIECE_BYTES) {
		if (!store_walk_next(writer->world->store, &key, &fact)) {
			writer->next = PIECE_END;
			break;
		}
		if (fact->expires_ms >= now_ms)
			write_fact(writer, key, fact);
	}
}

static void
write_end(struct state_writer *writer)
{
	pack_number(&writer->payload, writer->counts.results);
	pack_number(&writer->payload, writer->counts.facts);
	pack_number(&writer->payload, writer->counts.scans);
	writer->next = 0;
}

static void
write_payload(struct state_writer *writer)
{
	buf_clear(&writer->payload);
	buf_add_byte(&writer->payload, (uint8_t)writer->next);
	switch (writer->next) {
	case PIECE_HEAD:
		write_head(writer);
		return;
	case PIECE_RESULTS:
		write_results(writer);
		return;
	case PIECE_FACTS:
		write_facts(writer);
		return;
	case PIECE_END:
		write_end(writer);
		return;
	}
}

bool
state_writer_next(struct state_writer *writer, struct span *bytes)
{
	if (writer->next == 0)
		return false;
	buf_clear(&writer->bytes);
	if (writer->next == PIECE_HEAD) {
		buf_add(&writer->bytes, first_line);
		put_word(&writer->bytes, FORMAT);
	}
	write_payload(writer);
	struct span payload = buf_span(&writer->payload);
	writer->sum = gzip_checksum(writer->sum, payload);
	put_word(&writer->bytes, (uint32_t)payload.length);
	put_word(&writer->bytes, writer->sum);
	buf_add(&writer->bytes, payload);
	*bytes = buf_span(&writer->bytes);
	return true;
}

/* --- reading -------------------------------------------------------------- */

struct state_reader {
	struct state_world world;
	struct state_names names;
	struct arena *arena; /* of one item */
	struct state_scan_world scans;
	int64_t epoch_ms, now_ms;
	struct state_counts read, taken;
	uint32_t sum;
	uint8_t *payload;
	bool headed, ended;
};

/* Exactly as many bytes. */
static bool
read_bytes(FILE *file, void *memory, size_t length)
{
	return fread(memory, 1, length, file) == length;
}

static bool
refuse(struct buf *why, const char *reason)
{
	buf_add_text(why, reason);
	return false;
}

static bool
read_first_line(FILE *file, struct buf *why)
{
	uint8_t bytes[64];
	uint32_t format;
	struct span rest = span_of(bytes, first_line.length + WORD_BYTES), line;
	if (!read_bytes(file, bytes, rest.length))
		return refuse(why, "it is too short for a state file");
	if (!span_take(&rest, first_line.length, &line) ||
	    !span_equal(line, first_line))
		return refuse(why, "it is not a state file");
	if (!span_take_u32(&rest, &format) || format != FORMAT) {
		buf_addf(why, "its format is %u, and this version reads %d",
		    (unsigned)format, FORMAT);
		return false;
	}
	return true;
}

/* Into reader->payload; the length is 0 where it can't be read. */
static size_t
read_payload(struct state_reader *reader, FILE *file, struct buf *why)
{
	uint8_t frame[FRAME_BYTES];
	struct span rest = span_of(frame, sizeof(frame));
	uint32_t length, sum;
	if (!read_bytes(file, frame, sizeof(frame)) || !span_take_u32(&rest, &length) ||
	    !span_take_u32(&rest, &sum)) {
		refuse(why, "it is cut short");
		return 0;
	}
	if (length == 0 || length > LIMIT_STATE_PIECE_BYTES) {
		refuse(why, "it is damaged");
		return 0;
	}
	if (!read_bytes(file, reader->payload, length)) {
		refuse(why, "it is cut short");
		return 0;
	}
	reader->sum = gzip_checksum(reader->sum, span_of(reader->payload, length));
	if (reader->sum == sum)
		return length;
	refuse(why, "it is damaged: a checksum is wrong");
	return 0;
}

static void
take_head(struct state_reader *reader, struct unpack *in)
{
	(void)unpack_bytes(in, LIMIT_MESSAGE); /* the version, for people */
	uint32_t salt = (uint32_t)unpack_number(in, UINT32_MAX);
	/* What scans came to is also of those who made them. */
	if (unpack_number(in, UINT64_MAX) != config_of(&reader->world)->scans_stamp)
		reader->scans.store = NULL;
	state_names_unpack(in, &reader->names);
	in->is_bad = in->is_bad || reader->headed;
	reader->headed = true;
	if (!in->is_bad)
		salt_take_over(salt);
}

static void
take_end(struct state_reader *reader, struct unpack *in)
{
	in->is_bad = unpack_number(in, UINT64_MAX) != reader->read.results ||
	    unpack_number(in, UINT64_MAX) != reader->read.facts ||
	    unpack_number(in, UINT64_MAX) != reader->read.scans || in->is_bad;
	reader->ended = true;
}

static void
take_fact(struct state_reader *reader, struct unpack *in)
{
	uint64_t kind = unpack_number(in, UINT8_MAX);
	if (kind == FACT_SMTP) {
		reader->read.scans++;
		reader->taken.scans += state_scan_unpack(in, &reader->scans);
	} else if (kind == FACT_DNS) {
		reader->read.facts++;
		state_fact_unpack(
		    in, reader->world.store, reader->epoch_ms, reader->now_ms);
	} else {
		in->is_bad = true;
	}
}

static void
take_item(struct state_reader *reader, uint8_t kind, struct unpack *in)
{
	if (kind == PIECE_FACTS) {
		take_fact(reader, in);
		return;
	}
	reader->read.results++;
	reader->taken.results += state_result_unpack(
	    in, &reader->names, reader->world.results, reader->arena);
}

/* False when it is not of the form that it should be. */
static bool
take_payload(struct state_reader *reader, struct span payload)
{
	struct unpack in = { .rest = payload };
	uint8_t kind = 0;
	bool is_there = span_take_u8(&in.rest, &kind);
	if (!is_there || (kind != PIECE_HEAD && !reader->headed))
		return false;
	if (kind == PIECE_HEAD)
		take_head(reader, &in);
	else if (kind == PIECE_END)
		take_end(reader, &in);
	else if (kind != PIECE_RESULTS && kind != PIECE_FACTS)
		return false;
	else
		while (in.rest.length > 0 && !in.is_bad)
			take_item(reader, kind, &in);
	return !in.is_bad && in.rest.length == 0;
}

static bool
read_pieces(struct state_reader *reader, FILE *file, struct buf *why)
{
	while (!reader->ended) {
		size_t length = read_payload(reader, file, why);
		if (length == 0)
			return false;
		if (!take_payload(reader, span_of(reader->payload, length)))
			return refuse(why, "it is damaged: its contents make no sense");
	}
	if (fgetc(file) != EOF)
		return refuse(why, "there is more behind its end");
	return true;
}

bool
state_read(FILE *file, const struct state_world *world, struct state_counts *counts,
    struct buf *why)
{
	struct state_reader reader = {
		.world = *world,
		.arena = arena_new(),
		.names.arena = arena_new(),
		.epoch_ms = epoch_of(world),
		.now_ms = world->clock->now_ms(world->clock),
		.payload = must_alloc(LIMIT_STATE_PIECE_BYTES),
	};
	reader.scans = (struct state_scan_world){
		.store = world->store,
		.keep_seconds = (unsigned)(config_of(world)->smtp_interval_ms / 1000),
		.epoch_ms = reader.epoch_ms,
		.now_ms = reader.now_ms,
	};
	bool is_fine = read_first_line(file, why) && read_pieces(&reader, file, why);
	reader.taken.facts = store_count(world->store) - reader.taken.scans;
	*counts = reader.taken;
	arena_free(reader.arena);
	arena_free(reader.names.arena);
	free(reader.payload);
	return is_fine;
}
