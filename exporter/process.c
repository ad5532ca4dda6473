/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The process as Linux sees it. Where /proc is hidden, a figure is simply not known. */
#include "process.h"

#include "core/span.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static double
seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* proc(5): sizes in pages; the second number is what is resident. */
static void
read_memory(struct process_figures *figures)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	char text[128];
	ssize_t length = read(fd, text, sizeof(text));
	close(fd);

	struct span rest = span_of(text, length > 0 ? (size_t)length : 0);
	struct span size;
	uint32_t resident;
	if (span_take_until(&rest, ' ', &size) && span_take_byte(&rest, ' ') &&
	    span_take_number(&rest, UINT32_MAX, &resident))
		figures->resident_bytes = resident * (int64_t)sysconf(_SC_PAGESIZE);
}

static void
count_descriptors(struct process_figures *figures)
{
	DIR *directory = opendir("/proc/self/fd");
	if (directory == NULL)
		return;
	int64_t count = 0;
	const struct dirent *entry;
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			count++;
	closedir(directory);
	figures->open_fds = count - 1; /* without the one that we read from */
}

void
process_read(struct process_figures *figures)
{
	*figures = (struct process_figures){ -1, -1, -1, -1 };
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		figures->cpu_seconds = seconds(usage.ru_utime) +
		    seconds(usage.ru_stime);
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		figures->max_fds = (int64_t)files.rlim_cur;
	read_memory(figures);
	count_descriptors(figures);
}

void
process_raise_descriptors(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files); /* else it stays as it is */
}
