/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * keeper: when the state file is read and written: at the start, when the first sweep
 * is through, then once a minute, or more seldom where it takes long, and at the end.
 *
 * All of it happens in the thread of the checks, a piece a turn, but for the last step
 * of writing: to wait for the disk there is a thread of its own.
 */
#ifndef MAILGAUGE_EXPORTER_KEEPER_H
#define MAILGAUGE_EXPORTER_KEEPER_H

#include "log.h"
#include "state.h"

#include <stdbool.h>
#include <stdint.h>

struct keeper;

/* `path` is borrowed, as all is in the world; NULL or empty: nothing is kept, and the
 * functions below do nothing. */
struct keeper *keeper_new(
    const char *path, const struct state_world *world, const struct log *log);
void keeper_free(struct keeper *keeper);

/* Reads the file, where there is one. False when it is not fit for use, as the log then
 * says, and the world has to be made anew. */
bool keeper_read(struct keeper *keeper) MUST_CHECK;

/* For the keeper of that new world: the file could not be used, but may be another
 * version's, and worth more than a sweep that has hardly begun. So it stays as it is
 * until all checks have run. */
void keeper_spare(struct keeper *keeper);

/* Scans that there are by now were made in another way than those to come: as long as
 * there are such, none are written. */
void keeper_leave_scans(struct keeper *keeper);

/* Writes on, where it is time to. Returns when it wants the next turn. */
int64_t keeper_turn(struct keeper *keeper, bool is_complete);

/* Writes all of it, now. */
void keeper_end(struct keeper *keeper);

#endif
