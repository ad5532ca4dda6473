/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* check_dmarc: the monitoring plugin of the DMARC probe. */
#include "dmarc/dmarc.h"
#include "plugin.h"

int
main(int argc, char *argv[])
{
	return plugin_main(&dmarc_probe, NULL, argc, argv);
}
