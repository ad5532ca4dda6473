/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * spf: the probe of a domain's SPF record (RFC 7208), for check_spf and the exporter:
 * walks the tree (spf/tree.h), audits it (spf/audit.h), measures and draws it.
 */
#ifndef MAILGAUGE_SPF_SPF_H
#define MAILGAUGE_SPF_SPF_H

#include "probe.h"

extern const struct probe spf_probe;

#endif
