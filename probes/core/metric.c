/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The table of measurements, made from metrics.def. */
#include "core/metric.h"

#include "nearest.h"

#include <assert.h>

static const struct metric_info table[METRIC_COUNT] = {
#define METRIC(symbol, name_, unit_, label_, perfdata_, warning_, critical_, help_) \
	[METRIC_##symbol] = { .name = (name_), \
		.unit = (unit_), \
		.label = (label_), \
		.perfdata = (perfdata_), \
		.warning = (warning_), \
		.critical = (critical_), \
		.help = (help_) },
#include "core/metrics.def"
#undef METRIC
};

const struct metric_info *
metric_info(enum metric_id id)
{
	assert(id >= 0 && id < METRIC_COUNT);
	return &table[id];
}

bool
metric_by_name(struct span name, enum metric_id *id)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		if (span_equal(name, span_text(table[i].name))) {
			*id = i;
			return true;
		}
	}
	return false;
}

static const char *
name_by_index(size_t index)
{
	return table[index].name;
}

const char *
metric_nearest(struct span name)
{
	return table[nearest_word(name, METRIC_COUNT, name_by_index)].name;
}
