/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The table of writers. */
#include "output/writer.h"

static const struct writer writers[] = {
	{ "nagios", nagios_write },
	{ "multi", multi_write },
	{ "json", json_write },
	{ "prometheus", prometheus_write },
};

const struct writer *
writer_by_name(struct span name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(writers); i++)
		if (span_equal(name, span_text(writers[i].name)))
			return &writers[i];
	return NULL;
}

const struct writer *
writer_list(size_t *count)
{
	*count = ARRAY_LENGTH(writers);
	return writers;
}
