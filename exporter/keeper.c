/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* One writer at a time; the next one begins after a pause that grows with what the last
 * one took. */
#include "keeper.h"

#include "draft.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EVERY_MS = 60 * 1000,
	/* Of the time, at most one part in so many is spent on writing. */
	PAUSE_PARTS = 50,
	/* How often it is looked whether the disk is done. */
	PUBLISH_TICK_MS = 50,
	MODE = 0600 /* it names all domains */
};

struct keeper {
	const char *path;
	struct state_world world;
	const struct log *log;
	int64_t due_ms; /* when writing begins next; 0: after the first sweep */
	int64_t begun_ms;
	struct state_writer *writer; /* NULL: not writing */
	struct draft draft;

	pthread_t publisher; /* while is_publishing: the draft is its own */
	bool is_publishing;
	atomic_bool is_published;
	int failed;      /* what came of the last one */
	bool has_warned; /* that it can't be written; once, until it can */
	bool spares;     /* the file, until all checks have run */
};

struct keeper *
keeper_new(const char *path, const struct state_world *world, const struct log *log)
{
	struct keeper *keeper = must_calloc(1, sizeof(*keeper));
	keeper->path = path;
	keeper->world = *world;
	keeper->log = log;
	return keeper;
}

static bool
is_used(const struct keeper *keeper)
{
	return keeper->path != NULL && keeper->path[0] != '\0';
}

static int64_t
now(const struct keeper *keeper)
{
	return keeper->world.clock->now_ms(keeper->world.clock);
}

/* --- reading -------------------------------------------------------------- */

static void
log_why(const struct keeper *keeper, enum log_level level, const char *message,
    const char *why)
{
	log_write(keeper->log, level, message,
	    LOG_FIELDS({ "path", keeper->path, 0 }, { "reason", why, 0 }));
}

static FILE *
must_fdopen(int fd)
{
	FILE *file = fdopen(fd, "r");
	if (file == NULL)
		die_unknown("out of memory");
	return file;
}

/* NULL when there is none to read: mostly it is the first start. */
static FILE *
open_file(struct keeper *keeper)
{
	struct stat status;
	int fd = open(keeper->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int failed = fd < 0 ? errno : 0;
	if (failed == 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return must_fdopen(fd);
	if (fd >= 0)
		close(fd);
	keeper->spares = failed != ENOENT;
	if (keeper->spares)
		log_why(keeper, LOG_LEVEL_WARN, "starting without the state file",
		    failed != 0 ? strerror(failed) : "it is no file");
	return NULL;
}

bool
keeper_read(struct keeper *keeper)
{
	FILE *file = is_used(keeper) ? open_file(keeper) : NULL;
	if (file == NULL)
		return true;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct state_counts counts;
	bool is_fine = state_read(file, &keeper->world, &counts, &why);
	fclose(file);
	if (!is_fine) {
		log_why(keeper, LOG_LEVEL_WARN, "starting without the state file",
		    why.text);
		return false;
	}
	log_write(keeper->log, LOG_LEVEL_INFO, "state file read",
	    LOG_FIELDS({ "results", NULL, (int64_t)counts.results },
		{ "facts", NULL, (int64_t)counts.facts },
		{ "scans", NULL, (int64_t)counts.scans }));
	keeper->due_ms = now(keeper) + EVERY_MS;
	return true;
}

void
keeper_spare(struct keeper *keeper)
{
	keeper->spares = true;
}

void
keeper_leave_scans(struct keeper *keeper)
{
	if (is_used(keeper))
		state_leave_scans(&keeper->world);
}

/* --- writing -------------------------------------------------------------- */

static void
end_writing(struct keeper *keeper, int failed)
{
	state_writer_free(keeper->writer);
	keeper->writer = NULL;
	if (failed != 0 && !keeper->has_warned)
		log_why(keeper, LOG_LEVEL_WARN, "the state file can't be written",
		    draft_reason(failed));
	keeper->has_warned = failed != 0;
	int64_t pause_ms = (now(keeper) - keeper->begun_ms) * PAUSE_PARTS;
	keeper->due_ms = now(keeper) + (pause_ms > EVERY_MS ? pause_ms : EVERY_MS);
}

static void
begin_writing(struct keeper *keeper)
{
	keeper->begun_ms = now(keeper);
	int failed = draft_open(&keeper->draft, keeper->path, MODE, false);
	if (failed == 0)
		keeper->writer = state_writer_new(&keeper->world);
	else
		end_writing(keeper, failed);
}

static void *
publish(void *context)
{
	struct keeper *keeper = context;
	keeper->failed = draft_publish(&keeper->draft);
	atomic_store(&keeper->is_published, true);
	return NULL;
}

/* Without a thread it is done here. */
static void
begin_publishing(struct keeper *keeper)
{
	atomic_store(&keeper->is_published, false);
	keeper->is_publishing = pthread_create(
				    &keeper->publisher, NULL, publish, keeper) == 0;
	if (keeper->is_publishing)
		return;
	publish(keeper);
	end_writing(keeper, keeper->failed);
}

static void
end_publishing(struct keeper *keeper)
{
	int failed = pthread_join(keeper->publisher, NULL);
	assert(failed == 0);
	(void)failed;
	keeper->is_publishing = false;
	end_writing(keeper, keeper->failed);
}

/* False when all is written. */
static bool
write_piece(struct keeper *keeper)
{
	struct span bytes;
	if (!state_writer_next(keeper->writer, &bytes))
		return false;
	draft_add(&keeper->draft, bytes);
	return true;
}

int64_t
keeper_turn(struct keeper *keeper, bool is_complete)
{
	if (!is_used(keeper) || (!is_complete && keeper->due_ms == 0))
		return DEADLINE_NEVER;
	if (keeper->is_publishing) {
		if (!atomic_load(&keeper->is_published))
			return now(keeper) + PUBLISH_TICK_MS;
		end_publishing(keeper);
	}
	if (keeper->writer == NULL && keeper->due_ms <= now(keeper))
		begin_writing(keeper);
	if (keeper->writer == NULL)
		return keeper->due_ms;
	if (write_piece(keeper))
		return INT64_MIN;
	begin_publishing(keeper);
	return keeper->is_publishing ? now(keeper) + PUBLISH_TICK_MS : keeper->due_ms;
}

void
keeper_end(struct keeper *keeper)
{
	if (!is_used(keeper) || (keeper->spares && keeper->due_ms == 0))
		return;
	if (keeper->is_publishing)
		end_publishing(keeper);
	if (keeper->writer == NULL)
		begin_writing(keeper);
	if (keeper->writer == NULL)
		return;
	while (write_piece(keeper))
		;
	end_writing(keeper, draft_publish(&keeper->draft));
}

void
keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	if (keeper->is_publishing)
		end_publishing(keeper);
	if (keeper->writer != NULL) {
		draft_abandon(&keeper->draft);
		end_writing(keeper, 0);
	}
	free(keeper);
}
