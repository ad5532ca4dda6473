/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Drawn from the kernel when it is first needed. Main threads only. */
#include "core/salt.h"

#include <stdbool.h>
#include <sys/random.h>

static uint32_t the_salt;
static bool is_drawn;

uint32_t
salt_of_process(void)
{
	if (!is_drawn &&
	    getrandom(&the_salt, sizeof(the_salt), GRND_NONBLOCK) != sizeof(the_salt))
		the_salt = 0; /* early after boot: the names are still unlikely ones */
	is_drawn = true;
	return the_salt;
}

void
salt_take_over(uint32_t salt)
{
	the_salt = salt;
	is_drawn = true;
}
