/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * dkim: the probe of a domain's DKIM keys (RFC 6376 3.6), for check_dkim and the
 * exporter. Only selectors that the user names are looked at: they cannot be found out,
 * and guessing them would say "missing" of keys that are well.
 */
#ifndef MAILGAUGE_DKIM_DKIM_H
#define MAILGAUGE_DKIM_DKIM_H

#include "probe.h"

extern const struct probe dkim_probe;

#endif
