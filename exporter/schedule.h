/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * schedule: when is which check due. Pure arithmetic: time comes in as an argument, and
 * what is random about it follows from each check's seed.
 *
 *	schedule = schedule_new(plans, count, &pace, now_ms);
 *	while (room && schedule_next(schedule, now_ms, &index))
 *		... start check `index`, and some day schedule_done(schedule, index,
 *failed)
 *	... sleep until schedule_wake_ms(schedule)
 *
 * What is always true:
 *  - each check has its place within the interval, given by its seed, and keeps it:
 *    a late run does not shift the later ones, and nothing ever bunches up;
 *  - a run starts off its place by at most a 20th of the interval, anew each time, so
 *    that we don't march in step with others;
 *  - checks that have never run are spread over some time each, at most the interval;
 *    those that have go on where they were;
 *  - one that failed has another run before its turn, then one after twice the time,
 *    and so on until the interval is reached;
 *  - what is due longest is next, and what runs is not due.
 */
#ifndef MAILGAUGE_EXPORTER_SCHEDULE_H
#define MAILGAUGE_EXPORTER_SCHEDULE_H

#include "core/attributes.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 200 checks a second: ten thousand domains are through in less than a minute, and a
 * resolver with an empty cache lives. */
#define SCHEDULE_FIRST_MS 5

/* When a failed check is run again: not before its failures have left the store
 * (LIMIT_TTL_FAILURE_SECONDS), else it would learn nothing. */
#define SCHEDULE_RETRY_MS 35000

struct schedule;

/* What is known of a check to begin with. */
struct schedule_plan {
	uint64_t seed;
	bool has_run, has_failed;
	int64_t started_ms; /* the last time, where it has run */
};

struct schedule_pace {
	int64_t interval_ms;
	int64_t first_ms; /* for each check that has never run */
};

/* A seed that spreads names evenly. */
uint64_t schedule_seed(struct span name);

/* The plans are not kept. */
struct schedule *schedule_new(const struct schedule_plan *plans, size_t count,
    const struct schedule_pace *pace, int64_t now_ms);
void schedule_free(struct schedule *schedule);

/* The check that is due longest; from now on it runs. False when none is due. */
bool schedule_next(struct schedule *schedule, int64_t now_ms, size_t *index) MUST_CHECK;

/* It has run: plans its next time. */
void schedule_done(struct schedule *schedule, size_t index, bool failed);

/* When the next one is due; DEADLINE_NEVER when all run or there are none. */
int64_t schedule_wake_ms(const struct schedule *schedule);

/* How long the most overdue check has been waiting; 0 when none is. */
int64_t schedule_lag_ms(const struct schedule *schedule, int64_t now_ms);

#endif
