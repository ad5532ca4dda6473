/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * psl: the Public Suffix List by libpsl, for who wants to compare: RFC 9989 does
 * without it. Like libidn2 the library is opened only when it is asked for.
 */
#ifndef MAILGAUGE_DNS_PSL_H
#define MAILGAUGE_DNS_PSL_H

#include "core/attributes.h"
#include "core/status.h"
#include "dns/name.h"

#include <stdbool.h>

/* The registered domain of a name, one label below the longest public suffix. `found`
 * is false for a name that is a public suffix itself. STATUS_UNREADABLE: no library, or
 * one without a list. */
enum status psl_organizational(struct dns_name *organizational, bool *found,
    const struct dns_name *name) MUST_CHECK;

#endif
