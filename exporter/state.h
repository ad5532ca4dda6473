/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * state: results and facts as a file, so that a restart neither forgets what was found
 * nor asks and scans everything again.
 *
 * The file: a line that says what it is, the number of its format, then pieces, each
 * with its length and a checksum that covers all pieces before it too. The first piece
 * has the table of names, the last one says how much there was.
 *
 * What is always true:
 *  - what is not whole, not ours, or of a later format is not used at all;
 *  - nothing that is read is believed: names, records and texts are held against the
 *    rules of what the exporter makes itself;
 *  - scans are taken over by who scans as they did: with the same name and CAs;
 *  - writing goes piece by piece, so that checks go on in between. Results are of the
 *    moment when it began, facts of the moment when their piece was written.
 */
#ifndef MAILGAUGE_EXPORTER_STATE_H
#define MAILGAUGE_EXPORTER_STATE_H

#include "results.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/deadline.h"
#include "core/span.h"
#include "core/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the state is of; all borrowed. */
struct state_world {
	struct clock *clock;
	struct store *store;
	struct results *results;
	/* Until then the store may have scans that were made in another way. They are
	 * good for this process and not written. See state_leave_scans(). */
	int64_t scans_mixed_until_ms;
};

struct state_counts {
	uint64_t results, facts, scans; /* facts: of the DNS */
};

/* --- reading -------------------------------------------------------------- */

/* Fills an empty store and results without any. False when the file is not fit for use:
 * then `why` says so, and what is in them by then has to go. `counts` are what was
 * taken. The salt of the process becomes that of the file. */
bool state_read(FILE *file, const struct state_world *world,
    struct state_counts *counts, struct buf *why) MUST_CHECK;

/* --- writing -------------------------------------------------------------- */

/* The scans in the store were made in another way than those to come, by another
 * configuration: until the last of them has expired, none are written. */
void state_leave_scans(struct state_world *world);

struct state_writer;

/* Takes a snapshot of the results; no other writer of this store may be there. The
 * world is looked at until the end, and may be told to leave scans meanwhile. */
struct state_writer *state_writer_new(const struct state_world *world);
void state_writer_free(struct state_writer *writer);

/* The next bytes of the file; good until the next call. False at the end. */
bool state_writer_next(struct state_writer *writer, struct span *bytes) MUST_CHECK;

#endif
