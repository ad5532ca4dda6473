/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A binary heap of checks by the time they are due. Times lie on a grid: the check's
 * place in the interval, plus whole intervals of the clock. So the grid is the same for
 * every schedule of a process, and a new configuration moves nothing.
 */
#include "schedule.h"

#include "core/deadline.h"
#include "core/die.h"

#include <assert.h>
#include <stdlib.h>

enum { JITTER_PART = 20, RETRY_DOUBLINGS_MAX = 20 };

struct check {
	uint64_t seed;
	int64_t started_ms; /* the last time */
	bool runs;
	uint8_t failures; /* in a row */
};

/* The time stands in the heap itself: sorting then stays within the cache. */
struct place {
	int64_t due_ms;
	size_t index; /* of the check */
};

struct schedule {
	int64_t interval_ms;
	size_t count;
	struct check *checks;
	size_t waiting;
	struct place *heap; /* the `waiting` checks, the earliest first */
};

/* The finaliser of SplitMix64: near seeds come out far apart. */
static uint64_t
mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

/* FNV-1a. */
uint64_t
schedule_seed(struct span name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < name.length; i++)
		hash = (hash ^ name.bytes[i]) * UINT64_C(0x100000001b3);
	return mix(hash);
}

/* `seed` as a part of `whole`: 0 to whole - 1. */
static int64_t
part_of(int64_t whole, uint64_t seed)
{
	/* 32 bits are fine enough, and the product of both stays within 64. */
	assert(whole >= 0 && whole <= UINT32_MAX);
	return (int64_t)((seed >> 32) * (uint64_t)whole >> 32);
}

/* --- the heap ------------------------------------------------------------- */

static void
swap(struct place *a, struct place *b)
{
	struct place old = *a;
	*a = *b;
	*b = old;
}

static void
heap_add(struct schedule *schedule, size_t index, int64_t due_ms)
{
	struct place *heap = schedule->heap;
	size_t at = schedule->waiting++;
	heap[at] = (struct place){ due_ms, index };
	while (at > 0 && heap[at].due_ms < heap[(at - 1) / 2].due_ms) {
		swap(&heap[at], &heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

static size_t
heap_take(struct schedule *schedule)
{
	struct place *heap = schedule->heap;
	size_t index = heap[0].index, at = 0;
	heap[0] = heap[--schedule->waiting];
	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < schedule->waiting &&
			    heap[child].due_ms < heap[least].due_ms)
				least = child;
		if (least == at)
			return index;
		swap(&heap[at], &heap[least]);
		at = least;
	}
}

/* --- times ---------------------------------------------------------------- */

/* A time near `middle_ms`, at most `reach_ms` off it. */
static int64_t
jitter(int64_t middle_ms, int64_t reach_ms, uint64_t seed)
{
	return middle_ms - reach_ms + part_of(2 * reach_ms + 1, seed);
}

/* Its next place on the grid at least half an interval after the last start: the one
 * after that for a run in time, and also for one that was late by less than a half. */
static int64_t
regular_ms(
    const struct schedule *schedule, const struct check *check, int64_t earliest_ms)
{
	int64_t interval_ms = schedule->interval_ms;
	int64_t place_ms = part_of(interval_ms, check->seed);
	uint64_t round = 0;
	if (earliest_ms > place_ms)
		round = (uint64_t)((earliest_ms - place_ms + interval_ms - 1) /
		    interval_ms);
	return jitter(place_ms + (int64_t)round * interval_ms,
	    interval_ms / JITTER_PART, mix(check->seed + round));
}

/* Twice the time after each failure. */
static int64_t
retry_ms(const struct check *check)
{
	unsigned doublings = check->failures - 1u;
	if (doublings > RETRY_DOUBLINGS_MAX)
		doublings = RETRY_DOUBLINGS_MAX;
	int64_t wait_ms = (int64_t)SCHEDULE_RETRY_MS << doublings;
	int64_t reach_ms = SCHEDULE_RETRY_MS / JITTER_PART; /* a part of 32 bits */
	return jitter(check->started_ms + wait_ms + reach_ms, reach_ms,
	    mix(check->seed ^ doublings));
}

static int64_t
next_ms(const struct schedule *schedule, const struct check *check, int64_t earliest_ms)
{
	int64_t due_ms = regular_ms(schedule, check, earliest_ms);
	if (check->failures > 0)
		due_ms = deadline_earlier(due_ms, retry_ms(check));
	return due_ms;
}

/* One that has run goes on; what it has missed is not made up for. */
static int64_t
first_ms(const struct schedule *schedule, const struct check *check,
    const struct schedule_plan *plan, int64_t window_ms, int64_t now_ms)
{
	if (!plan->has_run)
		return now_ms + part_of(window_ms, plan->seed);
	int64_t earliest_ms = plan->started_ms + schedule->interval_ms / 2;
	return next_ms(schedule, check, earliest_ms > now_ms ? earliest_ms : now_ms);
}

struct schedule *
schedule_new(const struct schedule_plan *plans, size_t count,
    const struct schedule_pace *pace, int64_t now_ms)
{
	assert(pace->interval_ms > 0);
	struct schedule *schedule = must_calloc(1, sizeof(*schedule));
	schedule->interval_ms = pace->interval_ms;
	schedule->count = count;
	schedule->checks = must_calloc(count, sizeof(*schedule->checks));
	schedule->heap = must_calloc(count, sizeof(*schedule->heap));

	size_t fresh = 0;
	for (size_t i = 0; i < count; i++)
		fresh += !plans[i].has_run;
	int64_t window_ms = deadline_earlier(
	    pace->interval_ms, (int64_t)fresh * pace->first_ms);
	for (size_t i = 0; i < count; i++) {
		struct check *check = &schedule->checks[i];
		check->seed = plans[i].seed;
		check->started_ms = plans[i].started_ms;
		check->failures = plans[i].has_failed;
		heap_add(schedule, i,
		    first_ms(schedule, check, &plans[i], window_ms, now_ms));
	}
	return schedule;
}

void
schedule_free(struct schedule *schedule)
{
	if (schedule == NULL)
		return;
	free(schedule->checks);
	free(schedule->heap);
	free(schedule);
}

bool
schedule_next(struct schedule *schedule, int64_t now_ms, size_t *index)
{
	if (schedule_wake_ms(schedule) > now_ms)
		return false;
	*index = heap_take(schedule);
	schedule->checks[*index].runs = true;
	schedule->checks[*index].started_ms = now_ms;
	return true;
}

void
schedule_done(struct schedule *schedule, size_t index, bool failed)
{
	struct check *check = &schedule->checks[index];
	assert(index < schedule->count && check->runs);
	check->runs = false;
	if (!failed)
		check->failures = 0;
	else if (check->failures < UINT8_MAX)
		check->failures++;
	heap_add(schedule, index,
	    next_ms(schedule, check, check->started_ms + schedule->interval_ms / 2));
}

int64_t
schedule_wake_ms(const struct schedule *schedule)
{
	if (schedule->waiting == 0)
		return DEADLINE_NEVER;
	return schedule->heap[0].due_ms;
}

int64_t
schedule_lag_ms(const struct schedule *schedule, int64_t now_ms)
{
	int64_t wake_ms = schedule_wake_ms(schedule);
	return wake_ms < now_ms ? now_ms - wake_ms : 0;
}
