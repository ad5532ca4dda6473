/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the state file: what is written comes back, and what is not whole is
 * refused, wherever it was damaged. */
#include "gzip.h"
#include "pack.h"
#include "state.h"

#include "core/arena.h"
#include "core/limits.h"
#include "core/salt.h"
#include "dns/question.h"
#include "smtp/scan.h"
#include "support/listed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A clock that stands still. */
struct still_clock {
	struct clock clock;
	int64_t now_ms;
};

static int64_t
still_now(struct clock *clock)
{
	return ((struct still_clock *)clock)->now_ms;
}

/* An exporter's memory. */
struct memory {
	struct still_clock clock;
	struct store *store;
	struct roster *roster;
	struct results *results;
	struct state_world world;
};

/* One that scans in its own way. */
static void
memory_init_as(
    struct memory *memory, const char *yaml, int64_t now_ms, uint64_t scans_stamp)
{
	struct config *config = listed_config(yaml, NULL);
	config->scans_stamp = scans_stamp;
	memory->clock = (struct still_clock){ { still_now, NULL }, now_ms };
	memory->store = store_new();
	memory->roster = roster_new(config);
	memory->results = results_new(memory->roster, 0);
	memory->world = (struct state_world){
		.clock = &memory->clock.clock,
		.store = memory->store,
		.results = memory->results,
	};
}

static void
memory_init(struct memory *memory, const char *yaml, int64_t now_ms)
{
	memory_init_as(memory, yaml, now_ms, 1);
}

static void
memory_free(struct memory *memory)
{
	results_free(memory->results);
	roster_drop(memory->roster);
	store_free(memory->store);
}

static struct buf
written(const struct memory *memory)
{
	struct buf file;
	struct span bytes;
	buf_init(&file, 64 * LIMIT_STATE_PIECE_BYTES);
	struct state_writer *writer = state_writer_new(&memory->world);
	while (state_writer_next(writer, &bytes))
		buf_add(&file, bytes);
	state_writer_free(writer);
	return file;
}

static bool
read_back(struct memory *memory, struct span bytes, struct state_counts *counts,
    struct buf *why)
{
	static uint8_t nothing[1];
	FILE *file = bytes.length > 0 ? fmemopen((void *)bytes.bytes, bytes.length, "r")
				      : fmemopen(nothing, 1, "r");
	assert_non_null(file);
	if (bytes.length == 0)
		assert_int_equal(fgetc(file), '\0');
	bool is_fine = state_read(file, &memory->world, counts, why);
	fclose(file);
	return is_fine;
}

/* --- something to remember ------------------------------------------------ */

static const char two_domains[] = "targets: [{domain: a.example}, {domain: b.example}]";

static struct result *
make_result(struct arena *arena, const char *domain, bool could_tell, int64_t unix_ms)
{
	static const char *const qualifiers[] = { "pass", "fail" };
	static struct policy policy;
	const struct place place = { .subject = "c.example" };
	struct report report;
	policy_init(&policy);
	arena_reset(arena);
	report_init(&report, arena, &policy, "spf", "SPF", domain);
	if (could_tell) {
		report_finding(&report, FINDING_SPF_PTR, &place, "text");
		report_measure_state(&report, METRIC_SPF_ALL_QUALIFIER, qualifiers,
		    ARRAY_LENGTH(qualifiers), "fail");
		report_measure(&report, METRIC_SPF_DNS_LOOKUPS, 7);
		report_measure(&report, METRIC_SPF_TXT_BYTES, 0.25);
	}
	report_finish(&report);
	report.could_not_tell = !could_tell;
	return result_new(&report, unix_ms, 89);
}

static void
put_name(struct dns_name *name, const char *text)
{
	assert_int_equal(dns_name_from_text(name, span_text(text)), STATUS_OK);
}

enum { KEEP_SECONDS = 3600 };

/* A certificate of so many bytes. */
static struct smtp_certificate *
make_certificate(size_t bytes)
{
	uint8_t *der = calloc(1, bytes);
	assert_non_null(der);
	const struct smtp_certificate certificate = {
		.der = span_of(der, bytes),
		.subject = "CN=mail",
		.issuer = "",
		.key_text = "RSA",
		.signature_text = "",
	};
	struct smtp_certificate *copy = smtp_certificate_copy(&certificate);
	free(der);
	return copy;
}

/* A scan of a host whose chains have `count` certificates each. */
static void
put_scan(struct memory *memory, uint8_t host, size_t count, size_t bytes)
{
	struct smtp_endpoint endpoint = { .address_length = 4, .port = 25 };
	struct smtp_key key;
	struct smtp_scan *scan = smtp_scan_new();
	scan->end = SMTP_END_REFUSED;
	for (size_t i = 0; i < SMTP_CHAINS; i++)
		while (scan->chains[i].count < count)
			scan->chains[i]
			    .list[scan->chains[i].count++] = make_certificate(bytes);
	endpoint.address[0] = host;
	dns_name_root(&endpoint.name);
	smtp_key_make(&key, &endpoint);
	store_put(memory->store, span_of(key.bytes, key.length),
	    smtp_fact(scan, KEEP_SECONDS, memory->clock.now_ms));
}

/* Answers of all sorts, failures, and scans. */
static void
fill(struct memory *memory)
{
	struct arena *arena = arena_new();
	size_t index;
	assert_true(roster_find(memory->roster, "a.example", 0, &index));
	results_put(
	    memory->results, index, make_result(arena, "a.example", true, 1000));
	results_put(
	    memory->results, index, make_result(arena, "a.example", false, 2000));
	assert_true(roster_find(memory->roster, "b.example", 0, &index));
	results_put(
	    memory->results, index, make_result(arena, "b.example", true, 3000));
	arena_free(arena);

	int64_t now_ms = memory->clock.now_ms;
	struct dns_name name;
	struct dns_key key;
	put_name(&name, "a.example");
	dns_give_txt(memory->store, &name, span_text("v=spf1 -all"), now_ms);
	dns_key_make(&key, &name, DNS_MX);
	store_put(memory->store, span_of(key.bytes, key.length),
	    dns_failure(OUTCOME_TIMEOUT, now_ms));
	struct dns_name alias;
	put_name(&alias, "www.example");
	const struct dns_answer answer = {
		.ttl_seconds = 300,
		.type = DNS_A,
		.rcode = DNS_RCODE_NXDOMAIN,
		.wire_bytes = 99,
		.alias_count = 1,
		.authentic = true,
	};
	dns_key_make(&key, &name, DNS_A);
	store_put(memory->store, span_of(key.bytes, key.length),
	    dns_fact(dns_answer_make(&answer, &alias), now_ms));
	put_scan(memory, 1, 0, 0);
	put_scan(memory, 2, 2, 1000);
}

/* --- tests ---------------------------------------------------------------- */

static void
numbers_come_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 300, UINT32_MAX,
		UINT64_MAX };
	static const double doubles[] = { 0, 7, 0.25, -1, 1e300, 4294967296.0 };
	struct buf bytes;
	(void)state;
	buf_init(&bytes, 1000);
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		pack_number(&bytes, numbers[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(doubles); i++)
		pack_double(&bytes, doubles[i]);
	struct unpack in = { .rest = buf_span(&bytes) };
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		assert_int_equal(unpack_number(&in, UINT64_MAX), numbers[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(doubles); i++)
		assert_true(unpack_double(&in) == doubles[i]);
	assert_false(in.is_bad);
	assert_int_equal(in.rest.length, 0);
	buf_free(&bytes);
}

static void
bad_numbers_are_told(void **state)
{
	static const struct {
		struct span bytes;
		uint64_t max;
	} cases[] = {
		{ SPAN(""), UINT64_MAX },
		{ SPAN("\x80"), UINT64_MAX },
		{ SPAN("\x80\x01"), 127 },
		{ SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), UINT64_MAX },
		{ SPAN("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), UINT64_MAX },
	};
	struct buf bytes;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct unpack in = { .rest = cases[i].bytes };
		assert_int_equal(unpack_number(&in, cases[i].max), 0);
		assert_true(in.is_bad);
	}
	buf_init(&bytes, 100);
	pack_double(&bytes, (double)NAN);
	struct unpack in = { .rest = buf_span(&bytes) };
	assert_true(unpack_double(&in) == 0 && in.is_bad);
	buf_free(&bytes);
}

static void
assert_same_result(struct memory *old, struct memory *new, const char *domain)
{
	size_t index;
	assert_true(roster_find(old->roster, domain, 0, &index));
	const struct result *was = results_get(old->results, index);
	const struct result *is = results_get(new->results, index);
	assert_non_null(is);
	assert_true(result_shows_same(was, is));
	assert_int_equal(is->run_unix_ms, was->run_unix_ms);
	assert_int_equal(is->duration_ms, was->duration_ms);
	assert_int_equal(is->known != NULL, was->known != NULL);
	if (is->known != NULL) {
		assert_true(result_shows_same(was->known, is->known));
		assert_int_equal(is->known->run_unix_ms, was->known->run_unix_ms);
	}
}

static void
assert_same_answer(const struct dns_answer *a, const struct dns_answer *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->rcode, b->rcode);
	assert_int_equal(a->wire_bytes, b->wire_bytes);
	assert_int_equal(a->authentic, b->authentic);
	assert_int_equal(a->alias_count, b->alias_count);
	if (a->alias_count > 0)
		assert_true(dns_name_equal(
		    &dns_answer_aliases(a)[0], &dns_answer_aliases(b)[0]));
	assert_int_equal(a->record_count, b->record_count);
	for (size_t i = 0; i < a->record_count; i++)
		assert_true(span_equal(a->records[i].data, b->records[i].data));
}

static void
assert_same_scan(const struct smtp_scan *a, const struct smtp_scan *b)
{
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->chains[1].count, b->chains[1].count);
	if (a->chains[1].count > 0)
		assert_true(
		    span_equal(a->chains[1].list[1]->der, b->chains[1].list[1]->der));
}

static void
check_fact(void *context, struct span key, const struct fact *fact)
{
	/* The other process's clock is 5 seconds ahead; the time of day goes on. */
	enum { AHEAD_MS = 5000, SLACK_MS = 2000 };
	const struct memory *new = context;
	const struct fact *same = store_find(new->store, key, new->clock.now_ms);
	assert_non_null(same);
	assert_int_equal(same->outcome, fact->outcome);
	assert_int_equal(same->data != NULL, fact->data != NULL);
	assert_in_range(same->expires_ms, fact->expires_ms + AHEAD_MS - SLACK_MS,
	    fact->expires_ms + AHEAD_MS);
	if (fact->data == NULL)
		return;
	if (key.bytes[0] == FACT_SMTP)
		assert_same_scan(fact->data, same->data);
	else
		assert_same_answer(fact->data, same->data);
}

static void
all_comes_back(void **state)
{
	struct memory old, new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init(&old, two_domains, 1000000);
	fill(&old);
	uint32_t salt = salt_of_process();
	struct buf file = written(&old);
	salt_take_over(salt + 1);
	memory_init(&new, two_domains, 1005000);
	if (!read_back(&new, buf_span(&file), &counts, &why))
		fail_msg("%s", why.text);
	assert_int_equal(counts.results, 2);
	assert_int_equal(counts.facts, 3);
	assert_int_equal(counts.scans, 2);
	assert_same_result(&old, &new, "a.example");
	assert_same_result(&old, &new, "b.example");
	store_each(old.store, check_fact, &new);
	assert_int_equal(salt_of_process(), salt);
	buf_free(&file);
	memory_free(&old);
	memory_free(&new);
}

static void
what_is_not_listed_is_dropped(void **state)
{
	struct memory old, new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init(&old, two_domains, 1000000);
	fill(&old);
	struct buf file = written(&old);
	memory_init(&new, "targets: [{domain: b.example}, {domain: z.example}]", 0);
	assert_true(read_back(&new, buf_span(&file), &counts, &why));
	assert_int_equal(counts.results, 1);
	buf_free(&file);
	memory_free(&old);
	memory_free(&new);
}

/* A scan says what its own CAs make of a host, and answers to its own name. */
static void
scans_are_for_who_scans_alike(void **state)
{
	struct memory old, new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init_as(&old, two_domains, 1000000, 1);
	fill(&old);
	struct buf file = written(&old);
	memory_init_as(&new, two_domains, 1000000, 2);
	assert_true(read_back(&new, buf_span(&file), &counts, &why));
	assert_int_equal(counts.results, 2);
	assert_int_equal(counts.facts, 3);
	assert_int_equal(counts.scans, 0);
	assert_int_equal(store_count(new.store), 3);
	buf_free(&file);
	memory_free(&old);
	memory_free(&new);
}

/* After a reload there are scans of both sorts for a while. */
static void
mixed_scans_are_left_out(void **state)
{
	(void)state;
	for (int64_t until_ms = 1000000; until_ms <= 1000001; until_ms++) {
		struct memory old, new;
		struct state_counts counts;
		char memory[LIMIT_MESSAGE];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		memory_init(&old, two_domains, 1000000);
		fill(&old);
		old.world.scans_mixed_until_ms = until_ms;
		struct buf file = written(&old);
		memory_init(&new, two_domains, 1000000);
		assert_true(read_back(&new, buf_span(&file), &counts, &why));
		assert_int_equal(counts.facts, 3);
		assert_int_equal(counts.scans, until_ms == 1000000 ? 2 : 0);
		buf_free(&file);
		memory_free(&old);
		memory_free(&new);
	}
}

static void
set_stamp_of_scans(struct memory *memory, uint64_t scans_stamp)
{
	struct config *config = listed_config(two_domains, NULL);
	config->scans_stamp = scans_stamp;
	struct roster *roster = roster_new(config);
	results_change(memory->results, roster);
	roster_drop(memory->roster);
	memory->roster = roster;
}

static uint64_t
scans_in(const struct buf *file, uint64_t scans_stamp)
{
	struct memory new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init_as(&new, two_domains, 1000000, scans_stamp);
	if (!read_back(&new, buf_span(file), &counts, &why))
		fail_msg("%s", why.text);
	memory_free(&new);
	return counts.scans;
}

/* However long they are good: the interval may have been another one at some time. */
static void
scans_of_before_are_left_out_while_there_are_some(void **state)
{
	struct memory old;
	(void)state;
	memory_init(&old, two_domains, 1000000);
	put_scan(&old, 1, 0, 0);
	old.clock.now_ms += 1000;
	put_scan(&old, 2, 0, 0);
	state_leave_scans(&old.world);
	int64_t last_ms = old.clock.now_ms + 1000 * KEEP_SECONDS;
	for (int64_t now_ms = last_ms - 1; now_ms <= last_ms + 1; now_ms++) {
		old.clock.now_ms = now_ms;
		put_scan(&old, 3, 0, 0);
		struct buf file = written(&old);
		assert_int_equal(scans_in(&file, 1), now_ms > last_ms ? 1 : 0);
		buf_free(&file);
	}
	memory_free(&old);
}

/* The first piece says how they were made. */
static void
scans_of_a_change_meanwhile_are_left_out(void **state)
{
	enum { FIRST = 1, SECOND = 2 };
	(void)state;
	for (int is_back = 0; is_back <= 1; is_back++) {
		struct memory old;
		struct span bytes;
		struct buf file;
		memory_init_as(&old, two_domains, 1000000, FIRST);
		buf_init(&file, 64 * LIMIT_STATE_PIECE_BYTES);
		struct state_writer *writer = state_writer_new(&old.world);
		assert_true(state_writer_next(writer, &bytes));
		buf_add(&file, bytes);
		set_stamp_of_scans(&old, SECOND);
		put_scan(&old, 1, 0, 0);
		if (is_back) {
			state_leave_scans(&old.world);
			set_stamp_of_scans(&old, FIRST);
		}
		while (state_writer_next(writer, &bytes))
			buf_add(&file, bytes);
		state_writer_free(writer);
		assert_int_equal(scans_in(&file, FIRST), 0);
		buf_free(&file);
		memory_free(&old);
	}
}

static void
too_long_a_scan_is_left_out(void **state)
{
	struct memory old, new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init(&old, two_domains, 0);
	memory_init(&new, two_domains, 0);
	put_scan(&old, 1, 1, 1000);
	put_scan(&old, 2, LIMIT_SMTP_CHAIN, LIMIT_SMTP_CERTIFICATE_BYTES);
	put_scan(&old, 3, LIMIT_SMTP_CHAIN, 100000);
	struct buf file = written(&old);
	assert_true(read_back(&new, buf_span(&file), &counts, &why));
	assert_int_equal(counts.scans, 2);
	buf_free(&file);
	memory_free(&old);
	memory_free(&new);
}

/* Expects a refusal, and one line of a reason that has `part` in it. */
static void
assert_refused(struct span bytes, const char *part)
{
	struct memory new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init(&new, two_domains, 0);
	assert_false(read_back(&new, bytes, &counts, &why));
	assert_true(why.length > 0 && span_is_printable(buf_span(&why)));
	if (strstr(why.text, part) == NULL)
		fail_msg("want %s, got %s", part, why.text);
	memory_free(&new);
}

/* --- files that only their checksums vouch for ---------------------------- */

static void
put_word(struct buf *out, uint32_t value)
{
	buf_add_u16(out, value >> 16);
	buf_add_u16(out, value & UINT16_MAX);
}

/* A file of one piece, or of two, of which the first is a sound head. */
static struct buf
file_of(const struct buf *piece, bool is_head)
{
	enum { LINE_BYTES = 20, SUM_AT = 24 };
	struct memory memory;
	struct span head, rest;
	struct buf file;
	uint32_t sum = 0;
	memory_init(&memory, two_domains, 0);
	struct state_writer *writer = state_writer_new(&memory.world);
	assert_true(state_writer_next(writer, &head));
	buf_init(&file, 2 * LIMIT_STATE_PIECE_BYTES);
	buf_add(&file, is_head ? span_slice(head, 0, LINE_BYTES) : head);
	rest = span_slice(head, SUM_AT, sizeof(sum) + SUM_AT);
	if (!is_head)
		assert_true(span_take_u32(&rest, &sum));
	put_word(&file, (uint32_t)piece->length);
	put_word(&file, gzip_checksum(sum, buf_span(piece)));
	buf_add(&file, buf_span(piece));
	state_writer_free(writer);
	memory_free(&memory);
	return file;
}

static void
assert_no_sense(struct buf *piece, bool is_head)
{
	struct buf file = file_of(piece, is_head);
	assert_refused(buf_span(&file), "its contents make no sense");
	buf_free(&file);
	buf_free(piece);
}

/* A result of so many measurements of two metrics. */
static struct buf
piece_of(size_t count, enum metric_id first, enum metric_id second)
{
	struct buf piece;
	buf_init(&piece, LIMIT_STATE_PIECE_BYTES);
	buf_add_byte(&piece, 'r');
	pack_bytes(&piece, span_text("a.example"));
	pack_number(&piece, 0);    /* the check */
	pack_number(&piece, 0);    /* none before it */
	pack_number(&piece, 1);    /* could tell */
	pack_number(&piece, 0);    /* the state */
	pack_number(&piece, 1000); /* when */
	pack_number(&piece, 10);   /* how long */
	pack_number(&piece, count);
	for (size_t i = 0; i < count; i++) {
		pack_number(&piece, i < count / 2 ? first : second);
		pack_double(&piece, 1);
		pack_bytes(&piece, span_of(NULL, 0));
	}
	pack_number(&piece, 0); /* findings */
	pack_number(&piece, 0);
	return piece;
}

static void
absurd_results_are_refused(void **state)
{
	(void)state;
	/* A good one, so that it is what follows that is refused. */
	struct buf piece = piece_of(2, METRIC_SPF_DNS_LOOKUPS, METRIC_SPF_VOID_LOOKUPS);
	struct buf file = file_of(&piece, false);
	assert_refused(buf_span(&file), "cut short");
	buf_free(&file);
	buf_free(&piece);

	piece = piece_of(2, METRIC_SPF_VOID_LOOKUPS, METRIC_SPF_DNS_LOOKUPS);
	assert_no_sense(&piece, false);
	piece = piece_of(LIMIT_STATE_MEASUREMENTS + 1, METRIC_SPF_DNS_LOOKUPS,
	    METRIC_SPF_VOID_LOOKUPS);
	assert_no_sense(&piece, false);
	piece = piece_of(2, METRIC_SPF_DNS_LOOKUPS, METRIC_COUNT);
	assert_no_sense(&piece, false);
}

static void
facts_are_of_a_known_kind(void **state)
{
	(void)state;
	struct buf piece;
	buf_init(&piece, LIMIT_STATE_PIECE_BYTES);
	buf_add_text(&piece, "fx");
	assert_no_sense(&piece, false);
	buf_init(&piece, LIMIT_STATE_PIECE_BYTES);
	buf_add_text(&piece, "fs");
	pack_bytes(&piece, span_text("s\4no such key"));
	assert_no_sense(&piece, false);
}

static void
a_name_stands_once(void **state)
{
	static const struct span again = SPAN("spf_dns_lookups");
	(void)state;
	for (size_t count = 1; count <= 2; count++) {
		struct buf piece;
		buf_init(&piece, LIMIT_STATE_PIECE_BYTES);
		buf_add_byte(&piece, 'h');
		pack_bytes(&piece, span_text("1"));
		pack_number(&piece, 0); /* salt */
		pack_number(&piece, 0); /* of scans */
		pack_number(&piece, 0); /* checks */
		pack_number(&piece, count);
		for (size_t i = 0; i < count; i++) {
			pack_bytes(&piece, again);
			pack_bytes(&piece, span_of(NULL, 0));
		}
		pack_number(&piece, 0); /* findings */
		if (count == 2) {
			assert_no_sense(&piece, true);
			continue;
		}
		struct buf file = file_of(&piece, true);
		assert_refused(buf_span(&file), "cut short");
		buf_free(&file);
		buf_free(&piece);
	}
}

/* One with as many measurements as there may be, of the longest names. */
static struct result *
make_longest(struct arena *arena, bool could_tell)
{
	static struct policy policy;
	struct report report;
	char label[LIMIT_LABELS_BYTES];
	const char *const labels[] = { label };
	memset(label, 'x', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	policy_init(&policy);
	report_init(&report, arena, &policy, "spf", "SPF", "a.example");
	for (size_t i = 0; i < LIMIT_STATE_MEASUREMENTS; i++)
		report_measure_labelled(
		    &report, METRIC_DKIM_KEY_BITS, labels, 1, (double)i);
	report_finish(&report);
	report.could_not_tell = !could_tell;
	return result_new(&report, 1000, 10);
}

static void
the_longest_comes_back(void **state)
{
	struct memory old, new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	size_t index;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init(&old, two_domains, 0);
	memory_init(&new, two_domains, 0);
	struct arena *arena = arena_new();
	assert_true(roster_find(old.roster, "a.example", 0, &index));
	results_put(old.results, index, make_longest(arena, true));
	results_put(old.results, index, make_longest(arena, false));
	arena_free(arena);
	struct buf file = written(&old);
	if (!read_back(&new, buf_span(&file), &counts, &why))
		fail_msg("%s", why.text);
	assert_int_equal(counts.results, 1);
	assert_same_result(&old, &new, "a.example");
	buf_free(&file);
	memory_free(&old);
	memory_free(&new);
}

/* --- and ones that are damaged -------------------------------------------- */

/* Steps without a common factor with what the file is made of. */
enum { STEP = 13 };

static void
damage_is_refused(void **state)
{
	struct memory old;
	(void)state;
	memory_init(&old, two_domains, 1000000);
	fill(&old);
	struct buf file = written(&old);
	struct span whole = buf_span(&file);
	for (size_t length = 0; length < whole.length; length += STEP)
		assert_refused(span_slice(whole, 0, length),
		    length < 20 ? "too short" : "cut short");
	for (size_t at = 0; at < whole.length; at += STEP) {
		file.text[at] ^= 0x10;
		assert_refused(whole, "it");
		file.text[at] ^= 0x10;
	}
	file.text[19] = 3;
	assert_refused(whole, "its format is 3, and this version reads 2");
	file.text[19] = 2;
	buf_add_byte(&file, 0);
	assert_refused(buf_span(&file), "behind its end");
	assert_refused(
	    span_text("# HELP mailgauge_something else\n"), "not a state file");
	buf_free(&file);
	memory_free(&old);
}

/* A clock that was set back doesn't make facts good for ever. */
static void
facts_get_no_younger(void **state)
{
	struct memory old, new;
	struct state_counts counts;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	struct dns_name name;
	struct dns_key key;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	memory_init(&old, two_domains, 1000000);
	put_name(&name, "a.example");
	dns_key_make(&key, &name, DNS_MX);
	struct span span = span_of(key.bytes, key.length);
	struct fact fact = dns_failure(OUTCOME_TIMEOUT, old.clock.now_ms);
	int64_t good_ms = fact.expires_ms - old.clock.now_ms;
	fact.expires_ms += INT64_C(100000000);
	store_put(old.store, span, fact);
	struct buf file = written(&old);
	memory_init(&new, two_domains, 0);
	assert_true(read_back(&new, buf_span(&file), &counts, &why));
	assert_int_equal(store_find(new.store, span, 0)->expires_ms, good_ms);
	buf_free(&file);
	memory_free(&old);
	memory_free(&new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(bad_numbers_are_told),
		cmocka_unit_test(all_comes_back),
		cmocka_unit_test(what_is_not_listed_is_dropped),
		cmocka_unit_test(scans_are_for_who_scans_alike),
		cmocka_unit_test(mixed_scans_are_left_out),
		cmocka_unit_test(scans_of_before_are_left_out_while_there_are_some),
		cmocka_unit_test(scans_of_a_change_meanwhile_are_left_out),
		cmocka_unit_test(too_long_a_scan_is_left_out),
		cmocka_unit_test(absurd_results_are_refused),
		cmocka_unit_test(facts_are_of_a_known_kind),
		cmocka_unit_test(a_name_stands_once),
		cmocka_unit_test(the_longest_comes_back),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(facts_get_no_younger),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
