/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * accept: what a client wants of the forms in which /metrics can be had, by the headers
 * Accept and Accept-Encoding (RFC 9110 12.5). Anything that is not understood counts as
 * not said: a scrape is never refused for its headers.
 */
#ifndef MAILGAUGE_EXPORTER_ACCEPT_H
#define MAILGAUGE_EXPORTER_ACCEPT_H

#include "core/span.h"
#include "output/prometheus.h"

#include <stdbool.h>

/* OpenMetrics 1.0 when it is ranked above the text format, by weight or else by coming
 * first; the text format without a header. */
enum prometheus_format accept_format(struct span accept);

bool accept_gzip(struct span accept_encoding);

#endif
