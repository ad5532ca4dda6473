/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* page_findings: `/findings`, the catalogue: what alerts link to, by `#ID`. */
#ifndef MAILGAUGE_EXPORTER_PAGE_FINDINGS_H
#define MAILGAUGE_EXPORTER_PAGE_FINDINGS_H

#include "core/buf.h"
#include "core/report.h"

/* With the severities that the policy makes of the catalogue's. */
void page_findings_write(struct buf *out, const struct policy *policy);

#endif
