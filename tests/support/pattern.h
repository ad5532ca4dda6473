/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * pattern: expected output with gaps. `...` alone on a line stands for any lines, `...`
 * within a line for any text in that line; both may be nothing. All else is itself.
 */
#ifndef MAILGAUGE_TESTS_PATTERN_H
#define MAILGAUGE_TESTS_PATTERN_H

#include "core/span.h"

#include <stdbool.h>

/* Both are whole texts; each line, also the last one, ends in a line feed. */
bool pattern_matches(struct span pattern, struct span text);

bool pattern_line_matches(struct span pattern, struct span line);

#endif
