/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * mail_view: mail hosts as HTML: a matrix of hosts and TLS versions, and the lives of
 * their certificates on one scale of time.
 */
#ifndef MAILGAUGE_EXPORTER_MAIL_VIEW_H
#define MAILGAUGE_EXPORTER_MAIL_VIEW_H

#include "core/buf.h"
#include "core/report.h"

#include <stdint.h>

/* What the sections "tls", "hosts" and "addresses" of a trace say; nothing without. */
void mail_view_write(struct buf *out, const struct trace *trace, int64_t now_seconds);

#endif
