/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * metric: the table of everything mailgauge measures.
 *
 * One row of metrics.def is one measurement. Its name is the JSON name and the perfdata
 * label; with "mailgauge_" before it, it is the Prometheus name. So names follow the
 * rules of both: base units as a suffix, nothing that ends in _count or _sum.
 */
#ifndef MAILGAUGE_CORE_METRIC_H
#define MAILGAUGE_CORE_METRIC_H

#include "core/attributes.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>

#define METRIC_PREFIX "mailgauge_"

enum metric_id {
#define METRIC(symbol, name, unit, labels, perfdata, warning, critical, help) \
	METRIC_##symbol,
#include "core/metrics.def"
#undef METRIC
	METRIC_COUNT
};

struct metric_info {
	const char *name;     /* "spf_txt_bytes" */
	const char *unit;     /* of perfdata: "", "s", "B", "%" or "c" */
	const char *labels;   /* names of those that tell values apart: "mx,port", or ""
			       */
	bool perfdata;        /* shown by the Nagios writer */
	const char *warning;  /* default range, or "" */
	const char *critical; /* default range, or "" */
	const char *help;     /* one sentence for HELP and the manual */
};

const struct metric_info *metric_info(enum metric_id id);
bool metric_by_name(struct span name, enum metric_id *id) MUST_CHECK;
const char *metric_nearest(struct span name);

/* What is measured of a mail host is the same whatever domain leads there: its first
 * labels are mx and port, and in Prometheus it has no label for the domain. */
bool metric_is_of_host(const struct metric_info *metric);

/* Prometheus has seconds and counts days itself: what ends in _days is for plugins. */
bool metric_is_for_prometheus(const struct metric_info *metric);

/* The values of a measurement's labels are one text: each value with its NUL, one
 * behind the other. This walks over them, with their names:
 *
 *	struct metric_labels label = metric_labels(metric, values);
 *	while (metric_labels_next(&label))
 *		... label.name, label.value ...
 */
struct metric_labels {
	struct split names;
	struct span name;
	const char *value; /* NULL before the first one */
	const char *first;
};

/* `values` may be NULL: then there are none. */
struct metric_labels metric_labels(
    const struct metric_info *metric, const char *values);
bool metric_labels_next(struct metric_labels *labels);

/* Bytes of all values, with their NULs. */
size_t metric_labels_bytes(const struct metric_info *metric, const char *values);

#endif
