/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * dmarc: the probe of a domain's DMARC policy as receivers see it (RFC 9989, 9990,
 * 9991), for check_dmarc and the exporter: walks, audits, measures and draws.
 */
#ifndef MAILGAUGE_DMARC_DMARC_H
#define MAILGAUGE_DMARC_DMARC_H

#include "probe.h"

extern const struct probe dmarc_probe;

#endif
