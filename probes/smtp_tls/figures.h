/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* figures: measurements of a route, and its section of the report. */
#ifndef MAILGAUGE_SMTP_TLS_FIGURES_H
#define MAILGAUGE_SMTP_TLS_FIGURES_H

#include "core/report.h"
#include "probe.h"
#include "smtp_tls/route.h"

void smtp_tls_measure(
    struct report *report, const struct target *target, const struct route *route);

/* "tls" for one host, "hosts" for a domain's. */
void smtp_tls_draw(
    struct report *report, const struct target *target, const struct route *route);

#endif
