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
	const char *label;    /* name of the one label that tells values apart, or "" */
	bool perfdata;        /* shown by the Nagios writer */
	const char *warning;  /* default range, or "" */
	const char *critical; /* default range, or "" */
	const char *help;     /* one sentence for HELP and the manual */
};

const struct metric_info *metric_info(enum metric_id id);
bool metric_by_name(struct span name, enum metric_id *id) MUST_CHECK;
const char *metric_nearest(struct span name);

#endif
