/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The table of measurements, made from metrics.def. */
#include "core/metric.h"

#include "nearest.h"

#include <assert.h>
#include <string.h>

static const struct metric_info table[METRIC_COUNT] = {
#define METRIC(symbol, name_, unit_, labels_, perfdata_, warning_, critical_, help_) \
	[METRIC_##symbol] = { .name = (name_), \
		.unit = (unit_), \
		.labels = (labels_), \
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

bool
metric_is_of_host(const struct metric_info *metric)
{
	static const char host[] = "mx,port";
	return strncmp(metric->labels, host, sizeof(host) - 1) == 0;
}

bool
metric_is_for_prometheus(const struct metric_info *metric)
{
	static const char days[] = "_days";
	size_t length = strlen(metric->name), tail = sizeof(days) - 1;
	return length < tail || strcmp(metric->name + length - tail, days) != 0;
}

struct metric_labels
metric_labels(const struct metric_info *metric, const char *values)
{
	return (struct metric_labels){
		.names = { .rest = span_text(values != NULL ? metric->labels : "") },
		.first = values,
	};
}

bool
metric_labels_next(struct metric_labels *labels)
{
	if (!split_next(&labels->names, ',', &labels->name))
		return false;
	const char *last = labels->value;
	labels->value = last != NULL ? last + strlen(last) + 1 : labels->first;
	return true;
}

size_t
metric_labels_bytes(const struct metric_info *metric, const char *values)
{
	size_t bytes = 0;
	struct metric_labels label = metric_labels(metric, values);
	while (metric_labels_next(&label))
		bytes += strlen(label.value) + 1;
	return bytes;
}
