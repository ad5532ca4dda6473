/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* check_dkim: the monitoring plugin of the DKIM probe. */
#include "dkim/dkim.h"
#include "plugin.h"

int
main(int argc, char *argv[])
{
	return plugin_main(&dkim_probe, NULL, argc, argv);
}
