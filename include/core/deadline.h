/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * deadline: where time comes from, so that tests can bring their own.
 *
 * Times are int64_t milliseconds of a clock that only moves forward (its zero means
 * nothing); only programs hold a clock, probes get "now" as an argument. A deadline is
 * a point on it: absolute, made once, handed down, never added to on the way.
 */
#ifndef MAILGAUGE_CORE_DEADLINE_H
#define MAILGAUGE_CORE_DEADLINE_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER INT64_MAX

struct clock {
	int64_t (*now_ms)(struct clock *clock);

	/* Waits like poll(2) until a descriptor is ready or `wake_ms` has come; 0 and
	 * no event also when a signal interrupts. */
	int (*wait)(
	    struct clock *clock, struct pollfd *fds, size_t count, int64_t wake_ms);
};

/* The machine's monotonic clock. */
struct clock *clock_system(void);

/* The earlier of two points. */
int64_t deadline_earlier(int64_t a, int64_t b);

/* For poll(2): milliseconds left, 0 when it has passed, -1 for DEADLINE_NEVER. */
int deadline_left(int64_t deadline_ms, int64_t now_ms);

#endif
