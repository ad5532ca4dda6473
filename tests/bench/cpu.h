/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* cpu: the time that this process has computed, in and out of the kernel. */
#ifndef MAILGAUGE_TESTS_BENCH_CPU_H
#define MAILGAUGE_TESTS_BENCH_CPU_H

#include <sys/resource.h>

static inline long
cpu_us(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L +
	    usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

#endif
