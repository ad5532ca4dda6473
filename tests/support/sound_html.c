/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Reads the HTML that our pages write, which is a small part of it. */
#include "support/sound_html.h"

#include "core/span.h"

enum { DEPTH_MAX = 512 };

struct reading {
	struct span rest;
	struct span open[DEPTH_MAX]; /* names of the elements around it */
	size_t depth;
};

static bool
is_name_byte(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '-';
}

static bool
is_one_of(struct span name, const char *names)
{
	struct split split = { .rest = span_text(names) };
	struct span one;
	while (split_next(&split, ' ', &one))
		if (span_equal(name, one))
			return true;
	return false;
}

/* Text up to a byte, which is left: no bare `<`, `>` or `&`. */
static bool
read_text(struct span *rest, uint8_t stop)
{
	static const char *const references[] = { "&amp;", "&lt;", "&gt;", "&quot;",
		"&#39;", "&nbsp;" };
	uint8_t byte;
	while (span_peek(rest, &byte) && byte != stop) {
		size_t i = 0;
		if (byte == '<' || byte == '>')
			return false;
		if (byte != '&') {
			*rest = span_slice(*rest, 1, SIZE_MAX);
			continue;
		}
		while (i < ARRAY_LENGTH(references) &&
		    !span_take_prefix_nocase(rest, span_text(references[i])))
			i++;
		if (i == ARRAY_LENGTH(references))
			return false;
	}
	return true;
}

/* Whether an attribute may have the value: addresses are ours, or those of RFCs. */
static bool
is_harmless(struct span name, struct span value)
{
	if (span_starts_nocase(name, span_text("on")) ||
	    span_equal(name, span_text("style")))
		return false;
	if (!is_one_of(name, "href action src"))
		return true;
	return span_starts_nocase(value, span_text("/")) ||
	    span_starts_nocase(value, span_text("#")) ||
	    span_equal(value, span_text("data:,")) ||
	    span_starts_nocase(value, span_text("https://www.rfc-editor.org/rfc/"));
}

static bool
read_attributes(struct span *rest)
{
	struct span name;
	while (span_take_byte(rest, ' ')) {
		span_take_while(rest, is_name_byte, &name);
		if (name.length == 0)
			return false;
		if (!span_take_byte(rest, '='))
			continue;
		if (!span_take_byte(rest, '"'))
			return false;
		struct span before = *rest;
		if (!read_text(rest, '"') ||
		    !is_harmless(name, span_before(before, *rest)) ||
		    !span_take_byte(rest, '"'))
			return false;
	}
	return true;
}

static bool
read_tag(struct reading *reading)
{
	static const char known[] =
	    "a b body button circle code dd details div dl dt figcaption figure footer "
	    "form h1 h2 h3 head html li line main mark nav option p path pre rect "
	    "section "
	    "select span summary svg table tbody td text th thead time title tr tspan "
	    "ul";
	struct span *rest = &reading->rest, name;
	if (span_take_prefix_nocase(rest, span_text("!DOCTYPE html>")))
		return true;
	bool is_end = span_take_byte(rest, '/');
	span_take_while(rest, is_name_byte, &name);
	if (is_end)
		return reading->depth > 0 &&
		    span_equal(name, reading->open[--reading->depth]) &&
		    span_take_byte(rest, '>');
	if (!read_attributes(rest))
		return false;
	if (is_one_of(name, "meta link input"))
		return span_take_byte(rest, '>');
	if (!is_one_of(name, known) || reading->depth == DEPTH_MAX)
		return false;
	if (span_take_byte(rest, '/'))
		return span_take_byte(rest, '>');
	reading->open[reading->depth++] = name;
	return span_take_byte(rest, '>');
}

bool
sound_html(const char *text, const char **where)
{
	static struct reading reading;
	reading = (struct reading){ .rest = span_text(text) };
	do {
		*where = (const char *)reading.rest.bytes;
		if (!read_text(&reading.rest, '<'))
			return false;
		if (reading.rest.length == 0)
			return reading.depth == 0;
		*where = (const char *)reading.rest.bytes;
	} while (span_take_byte(&reading.rest, '<') && read_tag(&reading));
	return false;
}
