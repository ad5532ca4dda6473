/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * prometheus: pieces of the text exposition format 0.0.4, for the plugins' textfile
 * output and for the exporter's /metrics. A family is a head and then its samples.
 */
#ifndef MAILGAUGE_OUTPUT_PROMETHEUS_H
#define MAILGAUGE_OUTPUT_PROMETHEUS_H

#include "core/buf.h"
#include "core/metric.h"

#include <stddef.h>

struct prometheus_label {
	const char *name;  /* ASCII, of ours */
	const char *value; /* any text; escaped here */
};

/* HELP and TYPE. `name` is whole ("mailgauge_probe_state"). */
void prometheus_head(
    struct buf *out, const char *name, const char *type, const char *help);

/* One sample line; labels with a NULL value are left out. */
void prometheus_sample(struct buf *out, const char *name,
    const struct prometheus_label *labels, size_t count, double value);

/* The same for a row of the metric table. */
void prometheus_metric_head(struct buf *out, enum metric_id id);
void prometheus_metric_sample(struct buf *out, enum metric_id id, const char *domain,
    const char *label_value, double value);

#endif
