/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* check_smtp_tls: the monitoring plugin of the probe of mail hosts, which scans. */
#include "plugin.h"
#include "smtp/fetch.h"
#include "smtp_tls/settings.h"
#include "smtp_tls/smtp_tls.h"

/* Scans end this much earlier than the run, so that they can still say at which stage
 * they were. */
enum { MARGIN_MS = 100 };

/* Longer than a run: names of one address share its scan. */
enum { KEEP_SECONDS = 3600 };

/* Values of options end in NUL, as the command line has them. */
static const char *
text_or_null(struct span value)
{
	return value.length > 0 ? (const char *)value.bytes : NULL;
}

static struct fetcher *
make_scans(const void *settings, int64_t deadline_ms, struct buf *why)
{
	const struct smtp_tls_settings *smtp = settings;
	const struct smtp_fetch_settings fetch = {
		.ehlo = text_or_null(smtp->ehlo),
		.ca_file = text_or_null(smtp->ca_file),
		.ca_directory = text_or_null(smtp->ca_dir),
		.until_ms = deadline_ms - MARGIN_MS,
		.keep_seconds = KEEP_SECONDS,
	};
	return smtp_fetch_new(&fetch, why);
}

int
main(int argc, char *argv[])
{
	return plugin_main(&smtp_tls_probe, make_scans, argc, argv);
}
