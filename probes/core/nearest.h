/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* nearest: what a mistyped word most likely means. */
#ifndef MAILGAUGE_CORE_NEAREST_H
#define MAILGAUGE_CORE_NEAREST_H

#include "core/span.h"

#include <stddef.h>

/* Single-byte changes that turn `word` into `other`; words are cut at 64 bytes. */
unsigned nearest_distance(struct span word, struct span other);

/* Index of the word with the least distance; `name(i)` gives the words. */
size_t nearest_word(struct span word, size_t count, const char *(*name)(size_t index));

#endif
