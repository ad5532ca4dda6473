/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * state_fact: DNS facts as bytes of the state file; scans are state_scan's.
 */
#ifndef MAILGAUGE_EXPORTER_STATE_FACT_H
#define MAILGAUGE_EXPORTER_STATE_FACT_H

#include "pack.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Times are those of the process; `epoch_ms` is what makes them times of day. False
 * when the fact is not of a kind that is kept. */
bool state_fact_pack(struct buf *out, struct span key, const struct fact *fact,
    int64_t epoch_ms) MUST_CHECK;

/* Puts it into the store, unless it has expired by `now_ms`. A clock that was set back
 * makes no fact good for longer than it was when it came. */
void state_fact_unpack(
    struct unpack *in, struct store *store, int64_t epoch_ms, int64_t now_ms);

#endif
