/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * draft: a file that comes into being whole. Who reads it by its name meets the old one
 * or the new one, never a part.
 *
 *	struct draft draft;
 *	if (draft_open(&draft, path, 0644, true) == 0) {
 *		draft_add(&draft, bytes);
 *		failed = draft_publish(&draft);
 *	}
 *
 * What is always true:
 *  - what is being written stands beside the file, as its name with ".new" behind: a
 *    writer that is killed leaves one such file, and the next one takes it over;
 *  - two writers of one file take turns;
 *  - only a file is replaced: root who names /dev/null keeps it;
 *  - the first failure is kept, and told at the end.
 */
#ifndef MAILGAUGE_EXPORTER_DRAFT_H
#define MAILGAUGE_EXPORTER_DRAFT_H

#include "core/attributes.h"
#include "core/span.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#define DRAFT_NO_FILE (-1) /* beside the errnos */

struct draft {
	int fd;
	int failed; /* an errno; 0: all is well */
	char path[PATH_MAX];
	char draft_path[PATH_MAX];
};

/* 0, or an errno, or DRAFT_NO_FILE where something else has the name. The file will
 * have this mode whatever the umask. Where another process writes it: waits for that,
 * or EWOULDBLOCK. */
int draft_open(
    struct draft *draft, const char *path, mode_t mode, bool waits) MUST_CHECK;

void draft_add(struct draft *draft, struct span bytes);

/* Brings it to the disk, which may take its time, and gives it its name. 0, or an
 * errno, and then the old file is as it was. The draft is gone either way. */
int draft_publish(struct draft *draft) MUST_CHECK;

/* The same in words. */
const char *draft_reason(int failed);

void draft_abandon(struct draft *draft);

#endif
