/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* One line with perfdata, for Nagios, Icinga and their like; more only when asked. */
#include "output/writer.h"

#include "text.h"

void
nagios_write(struct buf *out, const struct report *report, unsigned verbosity)
{
	if (verbosity > 0) {
		multi_write(out, report, verbosity);
		return;
	}
	text_first_line(out, report);
}
