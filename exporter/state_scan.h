/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * state_scan: scans of mail hosts as bytes of the state file, so that a restart leaves
 * hosts alone for as long as they would have been left alone without it.
 *
 * What is not written is what follows from the rest: names of suites and groups, which
 * are static, and whatever stands behind the last connection.
 */
#ifndef MAILGAUGE_EXPORTER_STATE_SCAN_H
#define MAILGAUGE_EXPORTER_STATE_SCAN_H

#include "pack.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Times are those of the process; `epoch_ms` is what makes them times of day. False
 * when the fact is not one of a scan. What does not fit into `out` is cut. */
bool state_scan_pack(struct buf *out, struct span key, const struct fact *fact,
    int64_t epoch_ms) MUST_CHECK;

/* Where what is read is to go. */
struct state_scan_world {
	struct store *store; /* NULL: nowhere, it is only looked whether it is sound */
	unsigned keep_seconds; /* how long a scan that ends now would be good */
	int64_t epoch_ms, now_ms;
};

/* Puts it into the store, unless it has expired or is there already. Neither a clock
 * that was set back nor a shorter interval than before leaves it good for longer than
 * one that ends now. Returns whether it was. */
bool state_scan_unpack(struct unpack *in, const struct state_scan_world *world);

#endif
