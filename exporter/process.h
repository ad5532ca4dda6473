/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* process: what the kernel says about this process, for the process_* metrics. */
#ifndef MAILGAUGE_EXPORTER_PROCESS_H
#define MAILGAUGE_EXPORTER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* A figure that could not be read is negative. */
struct process_figures {
	double cpu_seconds;
	int64_t resident_bytes;
	int64_t open_fds, max_fds;
};

/* Reads /proc; any thread may call it. */
void process_read(struct process_figures *figures);

#endif
