/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * truth: three answers, never two. Zero bytes are "could not tell", so that a fact
 * nobody got to is never a "no".
 */
#ifndef MAILGAUGE_CORE_TRUTH_H
#define MAILGAUGE_CORE_TRUTH_H

#include <stdbool.h>

enum truth { TRUTH_UNKNOWN, TRUTH_NO, TRUTH_YES };

static inline enum truth
truth_of(bool known)
{
	return known ? TRUTH_YES : TRUTH_NO;
}

#endif
