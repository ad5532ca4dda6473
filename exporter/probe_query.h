/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* probe_query: what somebody asks of /probe, and whether they may. */
#ifndef MAILGAUGE_EXPORTER_PROBE_QUERY_H
#define MAILGAUGE_EXPORTER_PROBE_QUERY_H

#include "config.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "dns/name.h"

#include <stdint.h>

struct probe_query {
	struct dns_name domain;             /* in lower case */
	const struct config_target *target; /* NULL: not in the list */
	check_set checks;
	int64_t timeout_ms;
};

/*
 * `target` and `module` are arguments of the query, `timeout` is the header of
 * Prometheus that says how long it will wait; each is empty when it was not given.
 * Returns an HTTP status: 200, or 400 or 403 with the reason in `why`.
 */
unsigned probe_query_read(struct probe_query *query, const struct config *config,
    struct span target, struct span module, struct span timeout,
    struct buf *why) MUST_CHECK;

/* A domain as somebody typed it, in lower case. */
enum status probe_query_name(struct dns_name *name, struct span text) MUST_CHECK;

/* The target of that name (in lower case), or NULL. */
const struct config_target *probe_query_target(
    const struct config *config, const struct dns_name *domain) MUST_CHECK;

#endif
