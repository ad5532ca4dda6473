/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Drawn from the kernel when it is first needed. Main threads only. */
#include "core/salt.h"

#include <stdbool.h>
#include <sys/random.h>

uint32_t
salt_of_process(void)
{
	static uint32_t salt;
	static bool is_drawn;
	if (!is_drawn && getrandom(&salt, sizeof(salt), GRND_NONBLOCK) != sizeof(salt))
		salt = 0; /* early after boot: the names are still unlikely ones */
	is_drawn = true;
	return salt;
}
