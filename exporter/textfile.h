/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* textfile: /metrics as a file for node_exporter, whose collector wants it whole. What
 * the exporter says of its own process is not in it: that has ended when it is read,
 * and node_exporter has figures of the same names. */
#ifndef MAILGAUGE_EXPORTER_TEXTFILE_H
#define MAILGAUGE_EXPORTER_TEXTFILE_H

#include "results.h"

#include "core/attributes.h"

/* 0, or an errno. */
int textfile_write(const char *path, const struct snapshot *snapshot) MUST_CHECK;

#endif
