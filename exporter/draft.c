/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A draft's name is fixed, so that those of killed writers don't pile up, and its lock
 * is what makes that safe: it ends with the process that holds it.
 */
#include "draft.h"

#include "core/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Whether the name still leads to the open file: who held the lock before may have
 * published it meanwhile. */
static bool
is_in_place(const struct draft *draft)
{
	struct stat opened, named;
	return fstat(draft->fd, &opened) == 0 && S_ISREG(opened.st_mode) &&
	    lstat(draft->draft_path, &named) == 0 && opened.st_dev == named.st_dev &&
	    opened.st_ino == named.st_ino;
}

/* 0, or an errno and no descriptor. */
static int
open_locked(struct draft *draft, bool waits)
{
	enum { TRIES = 100 }; /* each lost to another writer */
	for (unsigned i = 0; i < TRIES; i++) {
		draft->fd = open(draft->draft_path,
		    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		    S_IRUSR | S_IWUSR);
		if (draft->fd < 0)
			return errno;
		int how = waits ? LOCK_EX : LOCK_EX | LOCK_NB;
		int failed = flock(draft->fd, how) == 0 ? 0 : errno;
		if (failed == 0 && is_in_place(draft))
			return 0;
		close(draft->fd);
		if (failed != 0 && failed != EINTR)
			return failed;
	}
	return EBUSY;
}

/* What the draft would take the place of for good: a device, a pipe, a folder, or a
 * link, which would not lead to anywhere then. */
static bool
is_in_the_way(const char *path)
{
	struct stat there;
	return lstat(path, &there) == 0 && !S_ISREG(there.st_mode);
}

const char *
draft_reason(int failed)
{
	return failed == DRAFT_NO_FILE ? "not a regular file" : strerror(failed);
}

int
draft_open(struct draft *draft, const char *path, mode_t mode, bool waits)
{
	draft->failed = 0;
	struct buf text;
	buf_wrap(&text, draft->path, sizeof(draft->path));
	buf_add_text(&text, path);
	buf_wrap(&text, draft->draft_path, sizeof(draft->draft_path));
	buf_addf(&text, "%s.new", path);
	if (text.cut)
		return ENAMETOOLONG;
	if (is_in_the_way(path))
		return DRAFT_NO_FILE;
	int failed = open_locked(draft, waits);
	if (failed != 0)
		return failed;
	if (ftruncate(draft->fd, 0) != 0 || fchmod(draft->fd, mode) != 0)
		draft->failed = errno;
	return 0;
}

void
draft_add(struct draft *draft, struct span bytes)
{
	while (bytes.length > 0 && draft->failed == 0) {
		ssize_t written = write(draft->fd, bytes.bytes, bytes.length);
		if (written >= 0)
			bytes = span_slice(bytes, (size_t)written, bytes.length);
		else if (errno != EINTR)
			draft->failed = errno;
	}
}

int
draft_publish(struct draft *draft)
{
	if (draft->failed == 0 && fsync(draft->fd) != 0)
		draft->failed = errno;
	if (draft->failed == 0 && rename(draft->draft_path, draft->path) != 0)
		draft->failed = errno;
	int failed = draft->failed;
	if (failed != 0)
		draft_abandon(draft);
	else
		close(draft->fd);
	return failed;
}

void
draft_abandon(struct draft *draft)
{
	unlink(draft->draft_path); /* before the lock goes */
	close(draft->fd);
}
