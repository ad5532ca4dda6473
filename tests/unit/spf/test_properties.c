/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The properties that every probe has to keep (see probe.h), tried with the SPF probe
 * on some hundred worlds: a few names whose records, made from a number, include one
 * another, lead nowhere, loop, fail or are nonsense.
 */
#include "core/run.h"
#include "dns/question.h"
#include "output/writer.h"
#include "spf/settings.h"
#include "spf/spf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORLDS = 300, NAMES = 9, KEYS_MAX = NAMES * 4 };

/* --- worlds --------------------------------------------------------------- */

struct world {
	uint32_t
	    seed; /* of the pseudo-random numbers; the same seed is the same world */
};

static uint32_t
roll(struct world *world, uint32_t below)
{
	world->seed = world->seed * 1664525u + 1013904223u;
	return (world->seed >> 16) % below;
}

static struct dns_name
name_of(unsigned index)
{
	char text[32];
	struct dns_name name;
	snprintf(text, sizeof(text), "n%u.example", index);
	enum status status = dns_name_from_text(&name, span_text(text));
	assert_int_equal(status, STATUS_OK);
	return name;
}

static void
add_record(struct world *world, struct buf *record)
{
	static const char *const terms[] = { "include:n%u.example", "a:n%u.example",
		"mx:n%u.example", "exists:n%u.example", "redirect=n%u.example", "a",
		"mx", "ptr", "ip4:192.0.2.%u", "ip4:192.0.2.1/%u",
		"include:%%{i}.n%u.example", "include:n%u..example", "~all", "-all",
		"+all", "nonsense%u", "a:/%u" };
	buf_add_text(record, "v=spf1");
	for (uint32_t count = roll(world, 8); count > 0; count--) {
		char term[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(term, sizeof(term), terms[roll(world, ARRAY_LENGTH(terms))],
		    roll(world, NAMES));
#pragma GCC diagnostic pop
		buf_addf(record, " %s", term);
	}
}

static struct fact
txt_fact(struct world *world)
{
	struct buf data;
	buf_init(&data, 300);
	buf_add_byte(&data, 0); /* length of the string: set below */
	add_record(world, &data);
	data.text[0] = (char)(data.length - 1);
	struct dns_record records[2] = {
		{ .ttl_seconds = 300, .data = buf_span(&data) },
		{ .ttl_seconds = 300, .data = buf_span(&data) },
	};
	struct dns_answer answer = { .type = DNS_TXT,
		.wire_bytes = (uint16_t)(60 + data.length),
		.ttl_seconds = 300,
		.record_count = roll(world, 10) == 0 ? 2 : 1,
		.records = records };
	struct fact fact = dns_fact(dns_answer_copy(&answer), 0);
	buf_free(&data);
	return fact;
}

static struct fact
fact_of(struct world *world, uint16_t type)
{
	static const enum outcome failures[] = { OUTCOME_TIMEOUT, OUTCOME_UNREACHABLE,
		OUTCOME_MALFORMED };
	static const uint8_t rcodes[] = { DNS_RCODE_NOERROR, DNS_RCODE_NXDOMAIN,
		DNS_RCODE_SERVFAIL, DNS_RCODE_REFUSED };
	uint32_t kind = roll(world, 10);
	if (kind == 0)
		return dns_failure(failures[roll(world, ARRAY_LENGTH(failures))], 0);
	if (type == DNS_TXT && kind < 8)
		return txt_fact(world);
	struct dns_answer answer = { .type = type,
		.wire_bytes = 60,
		.ttl_seconds = 60,
		.rcode = rcodes[roll(world, ARRAY_LENGTH(rcodes))] };
	return dns_fact(dns_answer_copy(&answer), 0);
}

/* Fact number `index` of a world, whatever was made before it. */
static void
put_fact(struct store *store, uint32_t world_number, unsigned index)
{
	static const uint16_t types[] = { DNS_TXT, DNS_A, DNS_AAAA, DNS_MX };
	struct world world = { .seed = world_number * 7919u + index * 104729u };
	roll(&world, 2);
	struct dns_name name = name_of(index / 4);
	struct dns_key key;
	dns_key_make(&key, &name, types[index % 4]);
	store_put(
	    store, span_of(key.bytes, key.length), fact_of(&world, types[index % 4]));
}

/* --- evaluations ---------------------------------------------------------- */

/* The finished report as JSON, and how the view came out. The caller frees the text. */
static char *
evaluate(const struct store *store, struct arena *arena, struct view *view)
{
	static struct policy policy;
	static const struct spf_settings defaults;
	struct target target = { .domain = name_of(0), .settings = &defaults };
	struct report report;
	policy_init(&policy);
	arena_reset(arena);
	view_init(view, store, arena, 0, OUTCOME_WANTED);
	report_init(&report, arena, &policy, "spf", "SPF", "n0.example");
	spf_probe.evaluate(&target, view, &report);
	report_finish(&report);

	struct buf json;
	buf_init(&json, 1u << 24);
	json_write(&json, &report, 1);
	return buf_take(&json, NULL);
}

/* What else the probe asks for does not exist. */
static void
complete_world(struct store *store)
{
	struct arena *arena = arena_new();
	struct view view;
	do {
		free(evaluate(store, arena, &view));
		for (size_t i = 0; i < view.want_count; i++) {
			const struct dns_answer nothing = { .rcode = DNS_RCODE_NXDOMAIN,
				.ttl_seconds = 60 };
			store_put(store, view.wants[i],
			    dns_fact(dns_answer_copy(&nothing), 0));
		}
	} while (view.incomplete);
	arena_free(arena);
}

static struct store *
store_of_world(uint32_t world_number, bool backwards)
{
	struct store *store = store_new();
	for (unsigned i = 0; i < KEYS_MAX; i++)
		put_fact(store, world_number, backwards ? KEYS_MAX - 1 - i : i);
	complete_world(store);
	return store;
}

static void
the_same_facts_give_the_same_report(void **state)
{
	struct arena *arena = arena_new();
	struct view view;
	(void)state;
	for (uint32_t number = 0; number < WORLDS; number++) {
		struct store *store = store_of_world(number, false);
		struct store *backwards = store_of_world(number, true);
		char *first = evaluate(store, arena, &view);
		char *again = evaluate(store, arena, &view);
		char *other_order = evaluate(backwards, arena, &view);
		assert_string_equal(first, again);
		assert_string_equal(first, other_order);
		free(first);
		free(again);
		free(other_order);
		store_free(store);
		store_free(backwards);
	}
	arena_free(arena);
}

static void
a_full_store_needs_no_wants(void **state)
{
	struct arena *arena = arena_new();
	struct view view;
	(void)state;
	for (uint32_t number = 0; number < WORLDS; number++) {
		struct store *store = store_of_world(number, false);
		free(evaluate(store, arena, &view));
		assert_false(view.incomplete);
		assert_int_equal(view.want_count, 0);
		store_free(store);
	}
	arena_free(arena);
}

static void
an_unrelated_fact_changes_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct view view;
	(void)state;
	for (uint32_t number = 0; number < WORLDS; number++) {
		struct store *store = store_of_world(number, false);
		char *before = evaluate(store, arena, &view);
		put_fact(
		    store, number + 1, KEYS_MAX + 3); /* of a name nobody asks for */
		char *after = evaluate(store, arena, &view);
		assert_string_equal(before, after);
		free(before);
		free(after);
		store_free(store);
	}
	arena_free(arena);
}

/* Answers each round's wants from the world, as the driver does. */
static unsigned
rounds_from_nothing(struct store *world, struct store *store, struct arena *arena)
{
	unsigned rounds = 0;
	struct view view;
	do {
		free(evaluate(store, arena, &view));
		assert_true(view.incomplete == (view.want_count > 0));
		for (size_t i = 0; i < view.want_count; i++) {
			assert_null(store_find(store, view.wants[i], 0));
			struct dns_name name;
			uint16_t type;
			assert_true(dns_key_read(view.wants[i], &name, &type));
			/* What was only wanted on the way is not in the world. */
			const struct dns_answer nothing = {
				.rcode = DNS_RCODE_NXDOMAIN
			};
			const struct fact *fact = store_find(world, view.wants[i], 0);
			struct fact copy = fact != NULL
			    ? *fact
			    : dns_fact(dns_answer_copy(&nothing), 0);
			if (fact != NULL && fact->data != NULL)
				copy.data = dns_answer_copy(fact->data);
			store_put(store, view.wants[i], copy);
		}
		rounds++;
	} while (view.incomplete && rounds <= LIMIT_ROUNDS);
	assert_false(view.incomplete);
	return rounds;
}

static void
rounds_stay_under_the_cap_and_end_in_the_same_report(void **state)
{
	struct arena *arena = arena_new();
	struct view view;
	(void)state;
	for (uint32_t number = 0; number < WORLDS; number++) {
		struct store *world = store_of_world(number, false);
		struct store *store = store_new();
		assert_true(rounds_from_nothing(world, store, arena) <= LIMIT_ROUNDS);
		char *got = evaluate(store, arena, &view);
		char *want = evaluate(world, arena, &view);
		assert_string_equal(got, want);
		free(got);
		free(want);
		store_free(world);
		store_free(store);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_facts_give_the_same_report),
		cmocka_unit_test(a_full_store_needs_no_wants),
		cmocka_unit_test(an_unrelated_fact_changes_nothing),
		cmocka_unit_test(rounds_stay_under_the_cap_and_end_in_the_same_report),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
