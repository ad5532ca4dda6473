/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Ending the process below main(): only when the host failed us. Inputs are capped, so
 * nobody outside can bring this about.
 */
#include "core/die.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
die_unknown(const char *reason)
{
	static const char before[] = "UNKNOWN - mailgauge: ";
	/* Nothing better can be done where even this can't be written. */
	ssize_t ignored = write(STDOUT_FILENO, before, sizeof(before) - 1);
	ignored = write(STDOUT_FILENO, reason, strlen(reason));
	ignored = write(STDOUT_FILENO, "\n", 1);
	(void)ignored;
	_exit(3);
}

void *
must_alloc(size_t size)
{
	void *memory = malloc(size > 0 ? size : 1);
	if (memory == NULL)
		die_unknown("out of memory");
	return memory;
}

void *
must_calloc(size_t count, size_t size)
{
	assert(size == 0 || count <= SIZE_MAX / size);
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
	if (memory == NULL)
		die_unknown("out of memory");
	return memory;
}

void *
must_realloc(void *memory, size_t size)
{
	memory = realloc(memory, size > 0 ? size : 1);
	if (memory == NULL)
		die_unknown("out of memory");
	return memory;
}
