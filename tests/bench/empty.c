/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* What a process costs that does nothing: the measure for our plugins. */
int
main(void)
{
	return 0;
}
