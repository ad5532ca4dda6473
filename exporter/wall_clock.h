/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * wall_clock: the time of day, for log lines and time stamps only. Nothing is scheduled
 * or measured by it, since it may jump; that is core/deadline's clock.
 */
#ifndef MAILGAUGE_EXPORTER_WALL_CLOCK_H
#define MAILGAUGE_EXPORTER_WALL_CLOCK_H

#include "core/buf.h"

#include <stdint.h>

/* Milliseconds since 1970 (UTC). */
int64_t wall_clock_ms(void);

/* "2026-08-24T17:03:09.512Z" (RFC 3339). */
void wall_clock_add(struct buf *out, int64_t unix_ms);

/* "2026-08-24", of any second until the year 9999. */
void wall_clock_add_date(struct buf *out, int64_t unix_seconds);

#endif
