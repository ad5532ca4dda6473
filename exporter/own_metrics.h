/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* own_metrics: what the exporter says about itself on /metrics, and not on /probe. */
#ifndef MAILGAUGE_EXPORTER_OWN_METRICS_H
#define MAILGAUGE_EXPORTER_OWN_METRICS_H

#include "results.h"

#include "core/buf.h"
#include "output/prometheus.h"

/* What is true of the results, and as good as they are when read later. */
void own_metrics_add_lasting(
    struct buf *out, enum prometheus_format format, const struct snapshot *snapshot);

/* All of it. Whole families, heads and samples. */
void own_metrics_add(
    struct buf *out, enum prometheus_format format, const struct snapshot *snapshot);

#endif
