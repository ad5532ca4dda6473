/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * metrics: results of checks as Prometheus text. Families have numbers from 0; of each,
 * the head is written once and then the samples of any number of checks. Whoever calls
 * puts them together (exposition.h).
 *
 * What is always true: texts end at line ends, and are the same in both formats but for
 * the heads; what is not known is absent.
 */
#ifndef MAILGAUGE_EXPORTER_METRICS_H
#define MAILGAUGE_EXPORTER_METRICS_H

#include "result.h"
#include "roster.h"

#include "core/buf.h"
#include "core/metric.h"
#include "output/prometheus.h"

#include <stdbool.h>
#include <stddef.h>

/* Checks side by side with their results, which may be NULL. */
struct metrics_rows {
	const struct check_entry *entries;
	struct result *const *results;
	size_t count;
};

/* Whether the family may have samples, by what was ever measured. */
bool metrics_may_have(const bool measured[METRIC_COUNT], size_t family);

/* The Content-Type of either format. */
const char *metrics_type(enum prometheus_format format);

size_t metrics_families(void);

/* Whether the family tells of the run itself, and so changes with each one. */
bool metrics_tells_runs(size_t family);

/* Whether it is about mail hosts. Many domains share one, and no series may stand
 * twice: all rows of the page have to be written by one call. */
bool metrics_is_of_host(size_t family);

void metrics_add_head(struct buf *out, enum prometheus_format format, size_t family);
void metrics_add_samples(
    struct buf *out, size_t family, const struct metrics_rows *rows);

#endif
