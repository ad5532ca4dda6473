/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Levenshtein distance over short words, one row at a time. */
#include "nearest.h"

#include <assert.h>
#include <limits.h>

enum { WORD_MAX = 64 };

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;
	return ab < c ? ab : c;
}

unsigned
nearest_distance(struct span word, struct span other)
{
	word = span_slice(word, 0, WORD_MAX);
	other = span_slice(other, 0, WORD_MAX);
	unsigned row[WORD_MAX + 1];
	for (unsigned i = 0; i <= word.length; i++)
		row[i] = i;

	for (unsigned j = 1; j <= other.length; j++) {
		unsigned diagonal = row[0];
		row[0] = j;
		for (unsigned i = 1; i <= word.length; i++) {
			uint8_t a = byte_lower(word.bytes[i - 1]);
			unsigned change = a != byte_lower(other.bytes[j - 1]);
			unsigned above = row[i];
			row[i] = least(above + 1, row[i - 1] + 1, diagonal + change);
			diagonal = above;
		}
	}
	return row[word.length];
}

size_t
nearest_word(struct span word, size_t count, const char *(*name)(size_t))
{
	assert(count > 0);
	size_t best = 0;
	unsigned best_distance = UINT_MAX;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = nearest_distance(word, span_text(name(i)));
		if (distance < best_distance) {
			best_distance = distance;
			best = i;
		}
	}
	return best;
}
