/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Ranges of monitoring plugins. Numbers are read by hand: strtod(3) takes hexadecimal,
 * exponents, infinities and the locale's comma, none of which a range may hold.
 */
#include "core/threshold.h"

#include "core/buf.h"

#include <math.h>

/* [-]digits[.digits] */
static bool
take_decimal(struct span *rest, double *value)
{
	struct span after = *rest, whole, decimals = { NULL, 0 };
	bool negative = span_take_byte(&after, '-');
	span_take_while(&after, byte_is_digit, &whole);
	if (span_take_byte(&after, '.'))
		span_take_while(&after, byte_is_digit, &decimals);
	if (whole.length + decimals.length == 0)
		return false;

	double number = 0, unit = 1;
	for (size_t i = 0; i < whole.length; i++)
		number = number * 10 + (whole.bytes[i] - '0');
	for (size_t i = 0; i < decimals.length; i++) {
		unit /= 10;
		number += unit * (decimals.bytes[i] - '0');
	}
	*value = negative ? -number : number;
	*rest = after;
	return true;
}

/* `end`, `start:end`, `start:` or `~:…`, behind the `@`. */
static bool
take_bounds(struct span *rest, double *start, double *end)
{
	*start = 0;
	*end = INFINITY;
	bool has_start = true;
	if (span_take_byte(rest, '~'))
		*start = -INFINITY;
	else
		has_start = take_decimal(rest, start);

	if (!span_take_byte(rest, ':')) {
		*end = *start; /* a number alone: from 0 to it */
		*start = 0;
		return has_start && isfinite(*end);
	}
	if (rest->length == 0)
		return has_start;
	return take_decimal(rest, end);
}

enum status
threshold_parse(struct threshold *threshold, struct span text)
{
	if (text.length >= sizeof(threshold->text))
		return STATUS_TOO_MANY;

	struct threshold parsed = { .set = true };
	struct span rest = text;
	parsed.inside = span_take_byte(&rest, '@');
	if (!take_bounds(&rest, &parsed.start, &parsed.end) || rest.length > 0)
		return STATUS_MALFORMED;
	if (parsed.start > parsed.end)
		return STATUS_MALFORMED;

	struct buf copy;
	buf_wrap(&copy, parsed.text, sizeof(parsed.text));
	buf_add(&copy, text);
	*threshold = parsed;
	return STATUS_OK;
}

bool
threshold_alerts(const struct threshold *threshold, double value)
{
	if (!threshold->set)
		return false;
	bool within = value >= threshold->start && value <= threshold->end;
	return within == threshold->inside;
}
