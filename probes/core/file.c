/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Reading files of people: configurations, lists, records. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int
read_all(struct buf *out, int fd)
{
	char piece[4096]; /* a page: most files of ours are shorter */
	while (!out->cut) {
		ssize_t got = read(fd, piece, sizeof(piece));
		if (got == 0)
			return 0;
		if (got > 0)
			buf_add(out, span_of(piece, (size_t)got));
		else if (errno != EINTR)
			return errno;
	}
	return EFBIG;
}

int
file_read(struct buf *out, const char *path)
{
	if (strcmp(path, "-") == 0)
		return read_all(out, STDIN_FILENO);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int failed = read_all(out, fd);
	close(fd);
	return failed;
}

void
file_fill_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}
