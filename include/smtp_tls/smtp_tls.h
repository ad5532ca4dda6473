/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * smtp_tls: the probe of what a sender meets at a mail host or at all hosts of a
 * domain: the way there (smtp_tls/route.h), what is wrong with it (smtp_tls/audit.h),
 * figures and a section of the report.
 */
#ifndef MAILGAUGE_SMTP_TLS_SMTP_TLS_H
#define MAILGAUGE_SMTP_TLS_SMTP_TLS_H

#include "probe.h"

extern const struct probe smtp_tls_probe;

#endif
