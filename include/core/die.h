/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * die: the only ways out below main(), for the host's failures and our own bugs.
 * What the world does is data (a status, an outcome, a finding) and never comes here.
 */
#ifndef MAILGAUGE_CORE_DIE_H
#define MAILGAUGE_CORE_DIE_H

#include <stddef.h>

/* The host failed us (no memory): says so on standard output, the place where a
 * monitoring system looks, and ends the process with 3, UNKNOWN. */
_Noreturn void die_unknown(const char *reason);

/* malloc, calloc and realloc that do not return failure. Sizes are capped by callers.
 */
void *must_alloc(size_t size);
void *must_calloc(size_t count, size_t size);
void *must_realloc(void *memory, size_t size);

#endif
