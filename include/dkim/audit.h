/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* audit: what an expert would say of a selector's record and key, as findings. It asks
 * nothing. */
#ifndef MAILGAUGE_DKIM_AUDIT_H
#define MAILGAUGE_DKIM_AUDIT_H

#include "core/report.h"
#include "dkim/selector.h"

void dkim_audit(struct report *report, const struct dkim_selector *selector);

#endif
