/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* report_check: what has to be true of every report's output, for fuzz targets. */
#ifndef MAILGAUGE_TESTS_REPORT_CHECK_H
#define MAILGAUGE_TESTS_REPORT_CHECK_H

#include "core/report.h"

/* All writers have lines to write, of harmless bytes, and the first one fits. */
void report_check(const struct report *report);

#endif
