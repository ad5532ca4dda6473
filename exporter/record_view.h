/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* record_view: a DNS record as HTML, with the places marked that findings are about. */
#ifndef MAILGAUGE_EXPORTER_RECORD_VIEW_H
#define MAILGAUGE_EXPORTER_RECORD_VIEW_H

#include "core/buf.h"
#include "core/report.h"

#include <stdbool.h>

/* Whether a finding points into the record at `name`. */
bool record_view_has_marks(const struct report *report, const char *name);

/* `record` is the text of the record at `name`, as the trace has it. */
void record_view_write(
    struct buf *out, const struct report *report, const char *name, const char *record);

#endif
