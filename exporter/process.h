/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* process: what the kernel says about this process, for the process_* metrics, and the
 * descriptors that it gives us. */
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

/* Takes as many descriptors as we may have without asking anybody, instead of the 1,024
 * that are there for programs with select(2). */
void process_raise_descriptors(void);

#endif
