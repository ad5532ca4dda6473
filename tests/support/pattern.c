/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Matching with gaps, for lines and within a line. Both go from gap to gap and take the
 * first place that fits: an earlier place never leaves less for what follows, so that
 * nothing but the last gap ever has to be tried again.
 */
#include "pattern.h"

#include <string.h>

static const struct span gap = SPAN("...");

static struct span
behind(struct span whole, size_t length)
{
	return span_slice(whole, length, whole.length);
}

static bool
ends_with(struct span whole, struct span tail)
{
	return whole.length >= tail.length &&
	    span_equal(behind(whole, whole.length - tail.length), tail);
}

/* Moves `rest` behind the first `piece` in it. */
static bool
take_through(struct span *rest, struct span piece)
{
	if (piece.length == 0)
		return true;
	if (rest->length < piece.length)
		return false;
	const uint8_t *found = memmem(
	    rest->bytes, rest->length, piece.bytes, piece.length);
	if (found == NULL)
		return false;
	*rest = behind(*rest, (size_t)(found - rest->bytes) + piece.length);
	return true;
}

/* The part before the next gap; `rest` moves behind the gap. False: there is none. */
static bool
take_piece(struct span *rest, struct span *piece)
{
	struct span start = *rest;
	if (!take_through(rest, gap))
		return false;
	*piece = span_slice(start, 0, start.length - rest->length - gap.length);
	return true;
}

bool
pattern_line_matches(struct span pattern, struct span line)
{
	struct span piece;
	if (!take_piece(&pattern, &piece))
		return span_equal(pattern, line);
	if (!span_equal(piece, span_slice(line, 0, piece.length)))
		return false;
	line = behind(line, piece.length);
	while (take_piece(&pattern, &piece))
		if (!take_through(&line, piece))
			return false;
	return ends_with(line, pattern);
}

/* The next line without its line feed; what has none is not a line. */
static bool
take_line(struct span *rest, struct span *line)
{
	return span_take_until(rest, '\n', line) && span_take_byte(rest, '\n');
}

bool
pattern_matches(struct span pattern, struct span text)
{
	struct span behind_gap = pattern, retry = text, want, line;
	bool in_gap = false; /* a gap was met: `retry` is where its lines end now */
	for (;;) {
		struct span next = pattern;
		bool has_want = take_line(&next, &want);
		if (has_want && span_equal(want, gap)) {
			pattern = behind_gap = next;
			retry = text;
			in_gap = true;
			continue;
		}
		if (!has_want && text.length == 0)
			return pattern.length == 0;
		struct span after = text;
		bool has_line = take_line(&after, &line);
		if (has_want && has_line && pattern_line_matches(want, line)) {
			pattern = next;
			text = after;
			continue;
		}
		if (!in_gap || !take_line(&retry, &line))
			return false;
		pattern = behind_gap;
		text = retry;
	}
}
