/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * state_result: results as bytes of the state file, and the table of names that their
 * numbers refer to: another version of the program has others, and takes over what both
 * know.
 */
#ifndef MAILGAUGE_EXPORTER_STATE_RESULT_H
#define MAILGAUGE_EXPORTER_STATE_RESULT_H

#include "pack.h"
#include "results.h"

#include "core/arena.h"
#include "core/buf.h"

#include <stddef.h>
#include <stdint.h>

/* What a number in the file is here. */
struct state_names {
	size_t check_count, metric_count, finding_count; /* in the file */
	struct arena *arena;                             /* borrowed; holds the lists */
	int *checks, *metrics, *findings; /* STATE_NAME_UNKNOWN: not known here */
};

#define STATE_NAME_UNKNOWN (-1)

void state_names_pack(struct buf *out);
void state_names_unpack(struct unpack *in, struct state_names *names);

/* One check's result, with the one before that could tell. */
void state_result_pack(
    struct buf *out, const struct check_entry *entry, const struct result *result);

/* Puts it into the results where the check is in their roster. The arena is scratch.
 * Returns whether it was. */
bool state_result_unpack(struct unpack *in, const struct state_names *names,
    struct results *results, struct arena *arena);

#endif
