/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * schedule: when is which check due. Pure arithmetic: time comes in as an argument, and
 * what is random about it follows from each check's seed.
 *
 *	schedule = schedule_new(seeds, count, interval_ms, now_ms);
 *	while (room && schedule_next(schedule, now_ms, &index))
 *		... start check `index`, and some day schedule_done(schedule, index)
 *	... sleep until schedule_wake_ms(schedule)
 *
 * What is always true:
 *  - each check has its place within the interval, given by its seed, and keeps it:
 *    a late run does not shift the later ones, and nothing ever bunches up;
 *  - a run starts off its place by at most a 20th of the interval, anew each time, so
 *    that we don't march in step with others;
 *  - the first sweep is spread over SCHEDULE_FIRST_MS a check, at most the interval;
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

struct schedule;

/* A seed that spreads names evenly. */
uint64_t schedule_seed(struct span name);

/* Check `i` has seeds[i]; the array is not kept. */
struct schedule *schedule_new(
    const uint64_t *seeds, size_t count, int64_t interval_ms, int64_t now_ms);
void schedule_free(struct schedule *schedule);

/* The check that is due longest; from now on it runs. False when none is due. */
bool schedule_next(struct schedule *schedule, int64_t now_ms, size_t *index) MUST_CHECK;

/* It has run: plans its next time. */
void schedule_done(struct schedule *schedule, size_t index);

/* When the next one is due; DEADLINE_NEVER when all run or there are none. */
int64_t schedule_wake_ms(const struct schedule *schedule);

/* How long the most overdue check has been waiting; 0 when none is. */
int64_t schedule_lag_ms(const struct schedule *schedule, int64_t now_ms);

#endif
