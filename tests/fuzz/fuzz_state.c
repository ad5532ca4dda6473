/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Pieces of a state file, with sound checksums, and behind a sound head where they
 * don't begin with one: each is two bytes of its length, and the piece. Whatever they
 * are, what is taken of them can be written, and all of that is read again. Scans are
 * told to people, and looked at by the probe, where they are those of mx.example. */
#include "gzip.h"
#include "state.h"

#include "dns/question.h"
#include "smtp/scan.h"
#include "smtp_tls/smtp_tls.h"
#include "support/facts.h"
#include "support/listed.h"
#include "support/report_check.h"
#include "support/scan_text.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
	FILE_MAX = 1 << 24,
	TEXT_MAX = 1 << 20,
	LINE_BYTES = 20,
	SUM_AT = 24,
	MINUTE_MS = 60000
};

static int64_t
no_time(struct clock *clock)
{
	(void)clock;
	return 0;
}

static struct roster *
make_roster(void)
{
	static struct roster *roster;
	if (roster == NULL)
		roster = listed(
		    "checks: [spf, dmarc]\n"
		    "targets: [{domain: a.example}, {domain: b.example}]\n");
	return roster;
}

static struct state_world
make_world(void)
{
	static struct clock clock = { no_time, NULL };
	return (struct state_world){
		.clock = &clock,
		.store = store_new(),
		.results = results_new(make_roster(), 0),
	};
}

static void
free_world(const struct state_world *world)
{
	results_free(world->results);
	store_free(world->store);
}

/* As many pieces as `most`. */
static void
write_pieces(struct buf *file, const struct state_world *world, size_t most)
{
	struct span bytes;
	struct state_writer *writer = state_writer_new(world);
	while (most-- > 0 && state_writer_next(writer, &bytes))
		buf_add(file, bytes);
	state_writer_free(writer);
}

static bool
read_file(const struct buf *bytes, const struct state_world *world,
    struct state_counts *counts)
{
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	FILE *file = fmemopen(bytes->text, bytes->length, "r");
	bool is_fine = state_read(file, world, counts, &why);
	fclose(file);
	assert(is_fine == (why.length == 0));
	return is_fine;
}

static void
put_word(struct buf *out, uint32_t value)
{
	buf_add_u16(out, value >> 16);
	buf_add_u16(out, value);
}

/* The sum of the head, which is all there is. */
static uint32_t
sum_of_head(const struct buf *file)
{
	struct span rest = span_slice(buf_span(file), SUM_AT, sizeof(uint32_t));
	uint32_t sum = 0;
	if (!span_take_u32(&rest, &sum))
		assert(!"a head without a checksum");
	return sum;
}

static void
put_pieces(struct buf *file, struct span input)
{
	uint16_t length;
	struct span piece;
	uint32_t sum = sum_of_head(file);
	if (input.length > sizeof(length) && input.bytes[sizeof(length)] == 'h') {
		buf_shorten(file, LINE_BYTES);
		sum = 0;
	}
	while (span_take_u16(&input, &length)) {
		piece = span_slice(input, 0, length);
		input = span_slice(input, piece.length, input.length);
		sum = gzip_checksum(sum, piece);
		put_word(file, (uint32_t)piece.length);
		put_word(file, sum);
		buf_add(file, piece);
	}
}

/* Those that don't expire while the time of day goes on. */
static void
count_lasting(void *context, struct span key, const struct fact *fact)
{
	size_t *count = context;
	(void)key;
	*count += fact->expires_ms >= MINUTE_MS;
}

static void
tell(void *context, struct span key, const struct fact *fact)
{
	struct smtp_endpoint endpoint;
	struct buf text;
	(void)context;
	if (!smtp_key_read(key, &endpoint))
		return;
	buf_init(&text, TEXT_MAX);
	smtp_scan_describe(&text, &endpoint, fact->data);
	scan_text_add(&text, fact->data);
	buf_free(&text);
}

/* The way to mx.example, which no input knows better. */
static void
evaluate(struct store *store)
{
	static const struct fact_row rows[] = {
		{ "example", DNS_MX, "10 mx.example" },
		{ "mx.example", DNS_A, "192.0.2.1" },
		{ NULL, 0, NULL },
	};
	static const struct smtp_tls_settings settings = { .require_trust = true };
	struct facts *facts = facts_new();
	struct store *own = facts->store;
	facts->store = store;
	facts_put(facts, rows);
	report_check(facts_evaluate_with(facts, &smtp_tls_probe, &settings, "example"));
	facts->store = own;
	facts_free(facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct state_world world = make_world(), again = make_world();
	struct state_counts counts, same;
	struct buf file;
	size_t lasting = 0;
	buf_init(&file, FILE_MAX);
	write_pieces(&file, &world, 1);
	put_pieces(&file, span_of(bytes, length));
	if (read_file(&file, &world, &counts))
		assert(counts.results <= make_roster()->count);

	buf_clear(&file);
	write_pieces(&file, &world, SIZE_MAX);
	if (!read_file(&file, &again, &same))
		assert(!"what we wrote is refused");
	store_each(world.store, count_lasting, &lasting);
	size_t kept = same.facts + same.scans;
	assert(kept >= lasting && kept <= store_count(world.store));
	store_each(world.store, tell, NULL);
	if (same.scans > 0)
		evaluate(world.store);
	buf_free(&file);
	free_world(&world);
	free_world(&again);
	return 0;
}
