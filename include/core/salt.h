/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * salt: a number that nobody outside can know, for names that are not to exist. It is
 * the same as long as the process lives, so that the same checks ask the same
 * questions again and find the answers in the store. Programs hand it down; probes
 * get it as an argument, and scenarios have 0.
 */
#ifndef MAILGAUGE_CORE_SALT_H
#define MAILGAUGE_CORE_SALT_H

#include <stdint.h>

uint32_t salt_of_process(void);

/* Goes on with that of an earlier process, whose answers are in the store. Before the
 * first use. */
void salt_take_over(uint32_t salt);

#endif
