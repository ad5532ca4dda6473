/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The headers Accept and Accept-Encoding: any bytes choose something, and what is put
 * behind the list at its lowest weight changes nothing. */
#include "accept.h"

#include "core/buf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span header = span_of(bytes, length);
	enum prometheus_format format = accept_format(header);
	bool gzip = accept_gzip(header);
	assert(format == PROMETHEUS_TEXT || format == PROMETHEUS_OPENMETRICS);
	if (span_contains_byte(header, '"'))
		return 0; /* it may swallow what comes behind */
	struct buf longer;
	buf_init(&longer, length + 64);
	buf_add(&longer, header);
	buf_add_text(&longer, ",application/openmetrics-text;q=0,br");
	assert(accept_format(buf_span(&longer)) == format);
	assert(accept_gzip(buf_span(&longer)) == gzip);
	buf_free(&longer);
	return 0;
}
