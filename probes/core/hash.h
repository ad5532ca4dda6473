/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * hash: uthash as we use it. Memory that runs out is the host's failure; the hash
 * function is the one that compilers have no warnings about.
 */
#ifndef MAILGAUGE_CORE_HASH_H
#define MAILGAUGE_CORE_HASH_H

#include "core/die.h"

#define uthash_malloc(size) must_alloc(size)
#define uthash_fatal(message) die_unknown(message)
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#endif
