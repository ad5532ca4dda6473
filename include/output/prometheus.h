/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * prometheus: pieces of the text exposition format 0.0.4, for the plugins' textfile
 * output and for the exporter's /metrics, and of OpenMetrics 1.0, which differs from it
 * in heads only. A family is a head and then its samples.
 */
#ifndef MAILGAUGE_OUTPUT_PROMETHEUS_H
#define MAILGAUGE_OUTPUT_PROMETHEUS_H

#include "core/buf.h"
#include "core/finding.h"
#include "core/metric.h"

#include <stddef.h>

struct prometheus_label {
	const char *name;  /* ASCII, of ours */
	const char *value; /* any text; escaped here */
};

enum prometheus_format { PROMETHEUS_TEXT, PROMETHEUS_OPENMETRICS };

/* HELP and TYPE, and what else the format wants. `name` is that of the samples
 * ("mailgauge_build_info"), the type one of the text format. */
void prometheus_head(struct buf *out, enum prometheus_format format, const char *name,
    const char *type, const char *help);

/* What comes behind the last family. */
void prometheus_end(struct buf *out, enum prometheus_format format);

/* One sample line; labels with a NULL value are left out. */
void prometheus_sample(struct buf *out, const char *name,
    const struct prometheus_label *labels, size_t count, double value);

/* The same for a row of the metric table; `values` are those of its labels, as in a
 * measurement. What is of a host has no domain. */
void prometheus_metric_head(
    struct buf *out, enum prometheus_format format, enum metric_id id);
void prometheus_metric_sample(struct buf *out, enum metric_id id, const char *domain,
    const char *values, double value);

/* Families about the run of a probe, which plugins and exporter both write. */
enum prometheus_family_id {
	PROMETHEUS_PROBE_SUCCESS, /* domain, probe */
	PROMETHEUS_PROBE_STATE,   /* domain, probe, state */
	PROMETHEUS_FINDING,       /* domain, probe, id, severity, subject */
	PROMETHEUS_FAMILIES
};

struct prometheus_family {
	const char *name, *type, *help;
};

const struct prometheus_family *prometheus_family(enum prometheus_family_id id);

/* A label value, without its quotes. */
void prometheus_add_escaped(struct buf *out, const char *value);

/* All states as one series each. */
void prometheus_state_samples(
    struct buf *out, const char *domain, const char *probe, enum state state);
void prometheus_finding_sample(struct buf *out, const char *domain, const char *probe,
    enum finding_id id, enum severity severity, const char *subject);

#endif
