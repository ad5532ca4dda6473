/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* audit: findings on a route: how mail gets there, what its servers say, their TLS,
 * their certificates and DANE. The worst host decides, and each has its own lines. */
#ifndef MAILGAUGE_SMTP_TLS_AUDIT_H
#define MAILGAUGE_SMTP_TLS_AUDIT_H

#include "core/report.h"
#include "core/truth.h"
#include "probe.h"
#include "smtp/scan.h"
#include "smtp_tls/route.h"

#include <stdbool.h>
#include <stdint.h>

void smtp_tls_audit(
    struct report *report, const struct target *target, const struct route *route);

/* DANE of one address: of every certificate that it showed. */
struct dane_match smtp_tls_dane_of(const struct target *target,
    const struct route_host *host, const struct route_address *address);

/* Of all addresses of a host that showed a certificate; unknown when none did or the
 * host has no usable records. */
enum truth smtp_tls_dane_valid(
    const struct target *target, const struct route_host *host);

/* The end of the first certificate to end, of all that an address showed, or of one
 * chain. False when there is none that can be read. */
bool smtp_tls_first_end(const struct smtp_scan *scan, int64_t *not_after);
bool smtp_tls_chain_end(const struct smtp_chain *chain, int64_t *not_after);

/* Whole days until then, rounded down; below 0 when it has passed. */
double smtp_tls_days(int64_t not_after, int64_t now_seconds);

#endif
