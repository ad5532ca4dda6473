/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A list of ranges with parameters, of which `q` is the weight. Commas and semicolons
 * within quotes end nothing.
 */
#include "accept.h"

enum { WEIGHT_ONE = 1000 }; /* RFC 9110 12.4.2: three decimals */

/* Everything before the next `stop` that is not within quotes. */
static struct span
take_piece(struct span *rest, uint8_t stop)
{
	struct span start = *rest;
	uint8_t byte;
	bool quoted = false;
	while (span_peek(rest, &byte) && (quoted || byte != stop)) {
		struct span skipped;
		size_t length = quoted && byte == '\\' && rest->length > 1 ? 2 : 1;
		quoted ^= byte == '"';
		if (!span_take(rest, length, &skipped))
			break;
	}
	return span_before(start, *rest);
}

/* "0.5" in thousandths; 0 when it is no weight. */
static unsigned
read_weight(struct span text)
{
	uint32_t whole, part = 0;
	if (!span_take_number(&text, 1, &whole))
		return 0;
	if (span_take_byte(&text, '.')) {
		size_t digits = text.length;
		if (digits > 3 || (digits > 0 && !span_take_number(&text, 999, &part)))
			return 0;
		for (; digits < 3; digits++)
			part *= 10;
	}
	unsigned weight = whole * WEIGHT_ONE + part;
	return text.length == 0 && weight <= WEIGHT_ONE ? weight : 0;
}

/* A parameter's value, which may be quoted (RFC 9110 5.6.6). */
static struct span
unquoted(struct span value)
{
	struct span rest = value, inner;
	bool is_quoted = span_take_byte(&rest, '"') &&
	    span_take_until(&rest, '"', &inner) && rest.length == 1;
	return is_quoted ? inner : value;
}

/* One entry of a list. */
struct range {
	struct span name;
	struct span version; /* of a media type; empty: not said */
	unsigned weight;
};

static bool
next_range(struct span *rest, struct range *range)
{
	static const struct span weight = SPAN("q="), version = SPAN("version=");
	if (rest->length == 0)
		return false;
	struct span entry = take_piece(rest, ',');
	span_take_byte(rest, ',');
	*range = (struct range){ .weight = WEIGHT_ONE };
	range->name = span_trim(take_piece(&entry, ';'));
	while (span_take_byte(&entry, ';')) {
		struct span parameter = span_trim(take_piece(&entry, ';'));
		if (span_take_prefix_nocase(&parameter, weight))
			range->weight = read_weight(parameter);
		else if (span_take_prefix_nocase(&parameter, version))
			range->version = unquoted(parameter);
	}
	return true;
}

static bool
is_one_of(struct span name, const struct span names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(name, names[i]))
			return true;
	return false;
}

enum prometheus_format
accept_format(struct span accept)
{
	static const struct span open = SPAN("application/openmetrics-text");
	static const struct span ours = SPAN("1.0.0");
	static const struct span plain[] = { SPAN("text/plain"), SPAN("text/*"),
		SPAN("*/*") };
	enum prometheus_format best = PROMETHEUS_TEXT;
	unsigned best_weight = 0;
	struct range range;
	while (next_range(&accept, &range)) {
		bool is_open = span_equal_nocase(range.name, open) &&
		    (range.version.length == 0 || span_equal(range.version, ours));
		if (range.weight <= best_weight ||
		    (!is_open && !is_one_of(range.name, plain, ARRAY_LENGTH(plain))))
			continue;
		best = is_open ? PROMETHEUS_OPENMETRICS : PROMETHEUS_TEXT;
		best_weight = range.weight;
	}
	return best;
}

/* `*` stands for what is not named (RFC 9110 12.5.3). */
bool
accept_gzip(struct span accept_encoding)
{
	static const struct span names[] = { SPAN("gzip"), SPAN("x-gzip") };
	static const struct span any = SPAN("*");
	bool others = false;
	struct range range;
	while (next_range(&accept_encoding, &range)) {
		if (is_one_of(range.name, names, ARRAY_LENGTH(names)))
			return range.weight > 0;
		if (span_equal(range.name, any))
			others = range.weight > 0;
	}
	return others;
}
