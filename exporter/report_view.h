/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * report_view: a finished report as HTML, the part of a domain's page that is about one
 * check. The report has to be traced and told. Pure: the same report at the same time
 * is the same text.
 */
#ifndef MAILGAUGE_EXPORTER_REPORT_VIEW_H
#define MAILGAUGE_EXPORTER_REPORT_VIEW_H

#include "core/buf.h"
#include "core/report.h"

#include <stdint.h>

void report_view_write(
    struct buf *out, const struct report *report, int64_t now_seconds);

#endif
