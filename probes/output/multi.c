/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The line of `nagios`, and below it all findings; from -vv on the tree too. */
#include "output/writer.h"

#include "text.h"

void
multi_write(struct buf *out, const struct report *report, unsigned verbosity)
{
	text_first_line(out, report);
	text_findings(out, report, verbosity);
	if (verbosity >= 2)
		text_tree(out, report);
}
