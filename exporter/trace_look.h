/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * trace_look: finds values in a report's trace, for pages that know what a section of
 * it means. Every parent may be NULL, so that a missing object needs no care: nothing
 * is in it.
 */
#ifndef MAILGAUGE_EXPORTER_TRACE_LOOK_H
#define MAILGAUGE_EXPORTER_TRACE_LOOK_H

#include "core/report.h"
#include "core/truth.h"

#include <stdbool.h>

/* The child of that name, or NULL. */
const struct trace *trace_child(const struct trace *parent, const char *key);

/* NULL when it is absent, null or no text. */
const char *trace_child_text(const struct trace *parent, const char *key);

/* False when it is absent, null or no number. */
bool trace_child_number(const struct trace *parent, const char *key, double *number);

enum truth trace_truth(const struct trace *node);

#endif
