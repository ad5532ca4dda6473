/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The words for a status; the list itself is in the header. */
#include "core/status.h"

#include <assert.h>

const char *
status_text(enum status status)
{
#define STATUS_TEXT(symbol, text) [STATUS_##symbol] = (text),
	static const char *const texts[] = { STATUS_LIST(STATUS_TEXT) };
#undef STATUS_TEXT
	assert(status >= 0 && status < STATUS_COUNT);
	return texts[status];
}
