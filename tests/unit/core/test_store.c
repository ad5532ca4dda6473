/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/store: a fact or a want, and nothing between. */
#include "core/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int released;

static void
count_release(void *data)
{
	(void)data;
	released++;
}

static struct fact
fact_until(int64_t expires_ms)
{
	return (struct fact){ .outcome = OUTCOME_FOUND,
		.expires_ms = expires_ms,
		.release = count_release };
}

static struct span
key(const char *text)
{
	return span_text(text);
}

static int
setup(void **state)
{
	released = 0;
	*state = store_new();
	return 0;
}

/* Everything that was put in has to come out again. */
static int
teardown(void **state)
{
	size_t kept = store_count(*state);
	int before = released;
	store_free(*state);
	return released - before == (int)kept ? 0 : 1;
}

static void
a_fact_is_found_until_it_expires(void **state)
{
	struct store *store = *state;
	store_put(store, key("da"), fact_until(100));
	assert_non_null(store_find(store, key("da"), 99));
	assert_non_null(store_find(store, key("da"), 100)); /* also a TTL of 0 */
	assert_null(store_find(store, key("da"), 101));
	assert_null(store_find(store, key("db"), 0));
	assert_null(store_find(store, key("d"), 0));
}

static void
a_newer_fact_takes_the_place_of_the_older(void **state)
{
	struct store *store = *state;
	store_put(store, key("da"), fact_until(1));
	store_put(store, key("da"), fact_until(2));
	assert_int_equal(store_count(store), 1);
	assert_int_equal(released, 1);
	assert_int_equal(store_find(store, key("da"), 2)->expires_ms, 2);
}

static void
expired_facts_are_dropped(void **state)
{
	struct store *store = *state;
	store_put(store, key("da"), fact_until(1));
	store_put(store, key("db"), fact_until(5));
	store_expire(store, 5);
	assert_int_equal(store_count(store), 1);
	assert_int_equal(released, 1);
}

static void
keys_may_hold_any_bytes(void **state)
{
	struct store *store = *state;
	struct view view;
	struct arena *arena = arena_new();
	store_put(store, span_of("d\0a", 3), fact_until(1));
	assert_null(store_find(store, span_of("d\0b", 3), 1));
	view_init(&view, store, arena, 1, OUTCOME_WANTED);
	assert_int_equal(view_get(&view, span_of("d\0a", 3))->outcome, OUTCOME_FOUND);
	arena_free(arena);
}

static void
what_is_missing_is_wanted_once(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	char changing[] = "da";
	view_init(&view, store, arena, 0, OUTCOME_WANTED);
	assert_int_equal(view_get(&view, key(changing))->outcome, OUTCOME_WANTED);
	assert_int_equal(view_get(&view, key("da"))->outcome, OUTCOME_WANTED);
	changing[1] = 'x'; /* a want is a copy */
	assert_true(view.incomplete);
	assert_int_equal(view.want_count, 1);
	assert_true(span_equal(view.wants[0], key("da")));
	arena_free(arena);
}

static void
what_is_there_is_never_wanted(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	store_put(store, key("da"), fact_until(10));
	view_init(&view, store, arena, 10, OUTCOME_WANTED);
	assert_int_equal(view_get(&view, key("da"))->outcome, OUTCOME_FOUND);
	assert_false(view.incomplete);
	view_init(&view, store, arena, 11, OUTCOME_WANTED);
	assert_int_equal(view_get(&view, key("da"))->outcome, OUTCOME_WANTED);
	arena_free(arena);
}

static void
what_was_found_is_good_until_the_first_expiry(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	store_put(store, key("da"), fact_until(30));
	store_put(store, key("db"), fact_until(20));
	view_init(&view, store, arena, 10, OUTCOME_WANTED);
	view_get(&view, key("da"));
	assert_int_equal(view.good_until_ms, 30);
	view_get_optional(&view, key("db"));
	view_get(&view, key("da"));
	assert_int_equal(view.good_until_ms, 20);

	/* What is missing may come at any time, whatever a view says in its place. */
	view_init(&view, store, arena, 10, OUTCOME_TIMEOUT);
	view_get(&view, key("dc"));
	view_get(&view, key("da"));
	assert_int_equal(view.good_until_ms, INT64_MIN);
	arena_free(arena);
}

static void
a_want_is_optional_until_it_is_needed(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	view_init(&view, store, arena, 0, OUTCOME_WANTED);
	view_get_optional(&view, key("da"));
	view_get(&view, key("db"));
	view_get_optional(&view, key("db"));
	assert_int_equal(view.want_count, 2);
	assert_true(view.optional[0]);
	assert_false(view.optional[1]);
	view_get(&view, key("da"));
	assert_int_equal(view.want_count, 2);
	assert_false(view.optional[0]);
	arena_free(arena);
}

static void
wants_beyond_the_cap_leave_the_view_incomplete(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	char text[16];
	view_init(&view, store, arena, 0, OUTCOME_WANTED);
	for (int i = 0; i < LIMIT_WANTS_PER_ROUND + 10; i++) {
		snprintf(text, sizeof(text), "d%d", i);
		assert_int_equal(view_get(&view, key(text))->outcome, OUTCOME_WANTED);
	}
	assert_int_equal(view.want_count, LIMIT_WANTS_PER_ROUND);
	assert_true(view.incomplete);
	arena_free(arena);
}

static void
a_closed_view_wants_nothing(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	view_init(&view, store, arena, 0, OUTCOME_TIMEOUT);
	assert_int_equal(view_get(&view, key("da"))->outcome, OUTCOME_TIMEOUT);
	assert_false(view.incomplete);
	assert_int_equal(store_count(store), 0); /* and others learn nothing from it */
	arena_free(arena);
}

static void
looks_are_counted_and_capped(void **state)
{
	struct store *store = *state;
	struct arena *arena = arena_new();
	struct view view;
	store_put(store, key("da"), fact_until(10));
	view_init(&view, store, arena, 0, OUTCOME_WANTED);
	for (int i = 0; i < LIMIT_GETS_PER_EVALUATION; i++)
		assert_int_equal(view_get(&view, key("da"))->outcome, OUTCOME_FOUND);
	assert_int_equal(view_get(&view, key("da"))->outcome, OUTCOME_OVER_BUDGET);
	assert_int_equal(view_get(&view, key("db"))->outcome, OUTCOME_OVER_BUDGET);
	assert_false(view.incomplete);
	arena_free(arena);
}

static void
three_answers_are_told_apart(void **state)
{
	(void)state;
	for (enum outcome i = 0; i < OUTCOME_COUNT; i++) {
		bool answer = i == OUTCOME_FOUND || i == OUTCOME_NODATA ||
		    i == OUTCOME_NXDOMAIN;
		assert_int_equal(outcome_is_failure(i), !answer && i != OUTCOME_WANTED);
		assert_true(outcome_text(i)[0] != '\0');
		assert_true(outcome_name(i)[0] != '\0');
	}
}

static void
assert_walks_to(struct store *store, const char *text)
{
	struct span found;
	const struct fact *fact;
	assert_true(store_walk_next(store, &found, &fact));
	assert_true(span_equal(found, key(text)));
	assert_ptr_equal(fact, store_find(store, found, 0));
}

static void
a_walk_goes_on_over_changes(void **state)
{
	struct store *store = *state;
	struct span found;
	const struct fact *fact;
	store_put(store, key("d1"), fact_until(9));
	store_put(store, key("d2"), fact_until(1));
	store_put(store, key("d3"), fact_until(9));
	store_walk_begin(store);
	assert_walks_to(store, "d1");
	store_expire(store, 2); /* the next one */
	store_put(store, key("d4"), fact_until(1));
	store_put(store, key("d1"), fact_until(9));
	assert_walks_to(store, "d3");
	assert_walks_to(store, "d4");
	assert_false(store_walk_next(store, &found, &fact));
	store_put(store, key("d5"), fact_until(9));
	assert_false(store_walk_next(store, &found, &fact));
}

/* Numbered keys, so that any range of them can be put in and looked for. */
static struct span
numbered(char text[static 16], int number)
{
	int length = snprintf(text, 16, "d%d", number);
	return span_of(text, (size_t)length);
}

static void
put_numbers(struct store *store, int from, int to, int64_t expires_ms)
{
	char text[16];
	for (int i = from; i < to; i++)
		store_put(store, numbered(text, i), fact_until(expires_ms));
}

/* Walks over what is left: these numbers and no others. */
static void
assert_walks_over(struct store *store, int from, int to)
{
	char text[16];
	struct span found;
	const struct fact *fact;
	for (int i = from; i < to; i++) {
		assert_true(store_walk_next(store, &found, &fact));
		assert_true(span_equal(found, numbered(text, i)));
	}
}

static void
order_lasts_while_thousands_come_and_go(void **state)
{
	struct store *store = *state;
	struct span found;
	const struct fact *fact;
	put_numbers(store, 0, 1000, 1);
	put_numbers(store, 1000, 3000, 9);
	store_walk_begin(store);
	assert_walks_over(store, 0, 500);
	store_expire(store, 2);
	assert_int_equal(store_count(store), 2000);
	put_numbers(store, 3000, 9000, 9); /* in places that were left, and more */
	assert_walks_over(store, 1000, 4000);
	put_numbers(store, 9000, 30000, 9);
	assert_walks_over(store, 4000, 30000);
	assert_false(store_walk_next(store, &found, &fact));
	put_numbers(store, 30000, 90000, 9);
	assert_false(store_walk_next(store, &found, &fact));
	store_walk_begin(store);
	assert_walks_over(store, 1000, 90000);
}

/* The list of places does not grow by what has gone. */
static void
every_fact_is_found_whatever_came_before(void **state)
{
	struct store *store = *state;
	char text[16];
	for (int round = 1; round <= 50; round++) {
		put_numbers(store, 0, 100, round);
		put_numbers(store, round * 1000, round * 1000 + 300, round);
		store_expire(store, round);
		assert_int_equal(store_count(store), 400);
		for (int i = 0; i < 300; i++)
			assert_non_null(
			    store_find(store, numbered(text, round * 1000 + i), round));
		assert_null(store_find(store, numbered(text, round * 1000 - 900), 0));
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fact_is_found_until_it_expires),
		TEST(a_newer_fact_takes_the_place_of_the_older),
		TEST(expired_facts_are_dropped),
		TEST(a_walk_goes_on_over_changes),
		TEST(order_lasts_while_thousands_come_and_go),
		TEST(every_fact_is_found_whatever_came_before),
		TEST(keys_may_hold_any_bytes),
		TEST(what_is_missing_is_wanted_once),
		TEST(what_is_there_is_never_wanted),
		TEST(what_was_found_is_good_until_the_first_expiry),
		TEST(a_want_is_optional_until_it_is_needed),
		TEST(wants_beyond_the_cap_leave_the_view_incomplete),
		TEST(a_closed_view_wants_nothing),
		TEST(looks_are_counted_and_capped),
		cmocka_unit_test(three_answers_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
