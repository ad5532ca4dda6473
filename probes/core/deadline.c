/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The machine's clock, and arithmetic on points in time. */
#include "core/deadline.h"

#include <assert.h>
#include <limits.h>
#include <time.h>

static int64_t
system_now_ms(struct clock *clock)
{
	(void)clock;
	struct timespec now;
	int failed = clock_gettime(CLOCK_MONOTONIC, &now);
	assert(!failed);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
system_wait(struct clock *clock, struct pollfd *fds, size_t count, int64_t wake_ms)
{
	int ready = poll(fds, count, deadline_left(wake_ms, system_now_ms(clock)));
	if (ready > 0)
		return ready;
	for (size_t i = 0; i < count; i++) /* an interrupted poll() leaves them alone */
		fds[i].revents = 0;
	return 0;
}

struct clock *
clock_system(void)
{
	static struct clock system = { .now_ms = system_now_ms, .wait = system_wait };
	return &system;
}

int64_t
deadline_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int
deadline_left(int64_t deadline_ms, int64_t now_ms)
{
	if (deadline_ms == DEADLINE_NEVER)
		return -1;
	if (deadline_ms <= now_ms)
		return 0;
	int64_t left = deadline_ms - now_ms;
	return left < INT_MAX ? (int)left : INT_MAX;
}
