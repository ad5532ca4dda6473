/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A query of /probe: target, module and time limit, one a line. Whatever they are, they
 * are taken, or refused with a reason that is safe to print. */
#include "probe_query.h"

#include "core/limits.h"
#include "support/listed.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct config *
make_config(void)
{
	static struct config *config;
	if (config == NULL)
		config = listed_config("targets: [{domain: a.example}]\n"
				       "modules: {mail: {checks: [spf], timeout: 5s}}\n"
				       "probe: {allow: [\"*.b.example\"]}\n",
		    NULL);
	return config;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span rest = span_of(bytes, length), target, module;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	span_take_until_or_end(&rest, '\n', &target);
	span_take_byte(&rest, '\n');
	span_take_until_or_end(&rest, '\n', &module);
	span_take_byte(&rest, '\n');

	struct probe_query query;
	unsigned status = probe_query_read(
	    &query, make_config(), target, module, rest, &why);
	assert(status == 200 || status == 400 || status == 403);
	assert((status == 200) == (why.length == 0));
	assert(span_is_printable(buf_span(&why)));
	if (status == 200)
		assert(query.checks != 0 && query.timeout_ms > 0 &&
		    query.timeout_ms <= LIMIT_EVALUATION_MS);
	return 0;
}
