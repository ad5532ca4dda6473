/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* check_spf: the monitoring plugin of the SPF probe. */
#include "plugin.h"
#include "spf/spf.h"

int
main(int argc, char *argv[])
{
	return plugin_main(&spf_probe, NULL, argc, argv);
}
