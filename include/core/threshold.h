/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * threshold: the ranges of monitoring plugins, `[@][start:][end]`.
 *
 *	10      alert outside 0 to 10        10:     alert below 10
 *	~:10    alert above 10               10:20   alert outside 10 to 20
 *	@10:20  alert inside 10 to 20        ~ is minus infinity; ends are inclusive
 *
 * Source: Monitoring Plugins Development Guidelines, "Threshold and Ranges".
 */
#ifndef MAILGAUGE_CORE_THRESHOLD_H
#define MAILGAUGE_CORE_THRESHOLD_H

#include "core/attributes.h"
#include "core/span.h"
#include "core/status.h"

#include <stdbool.h>

#define THRESHOLD_TEXT 64 /* longest range that is taken, with its NUL */

struct threshold {
	bool set;
	bool inside; /* `@`: alert when the value is within the range */
	double start, end;
	char text[THRESHOLD_TEXT]; /* as it was given: perfdata repeats it */
};

/* STATUS_MALFORMED for an empty range, `~` alone, start above end or anything else. */
enum status threshold_parse(struct threshold *threshold, struct span text) MUST_CHECK;

/* Never for one that is not set. */
bool threshold_alerts(const struct threshold *threshold, double value);

#endif
