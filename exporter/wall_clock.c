/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The time of day, always in UTC: logs of several machines are read side by side. */
#include "wall_clock.h"

#include <assert.h>
#include <time.h>

int64_t
wall_clock_ms(void)
{
	struct timespec now;
	int failed = clock_gettime(CLOCK_REALTIME, &now);
	assert(!failed);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
wall_clock_add(struct buf *out, int64_t unix_ms)
{
	time_t seconds = unix_ms / 1000;
	struct tm date;
	gmtime_r(&seconds, &date);
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.tm_year + 1900,
	    date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec,
	    (int)(unix_ms % 1000));
}

void
wall_clock_add_date(struct buf *out, int64_t unix_seconds)
{
	time_t seconds = unix_seconds;
	struct tm date;
	if (gmtime_r(&seconds, &date) == NULL)
		buf_add_byte(out, '?');
	else
		buf_addf(out, "%04d-%02d-%02d", date.tm_year + 1900, date.tm_mon + 1,
		    date.tm_mday);
}
