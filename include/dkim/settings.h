/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* settings: what a user can tell the DKIM probe, and the option rows for it. Zero bytes
 * are the defaults. */
#ifndef MAILGAUGE_DKIM_SETTINGS_H
#define MAILGAUGE_DKIM_SETTINGS_H

#include "core/attributes.h"
#include "core/options.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>

struct dkim_settings {
	size_t selector_count;
	struct dns_name *selectors; /* each once; at most LIMIT_DKIM_SELECTORS */
	bool has_record;
	struct buf
	    record; /* of the one selector, to be checked before it is published */
};

#define DKIM_OPTION_COUNT 3

extern const struct option_row dkim_option_rows[DKIM_OPTION_COUNT];

/* A record that is not published yet is of one selector, "new" where none is named. */
enum status dkim_settings_complete(void *settings, struct dns_name *domain,
    bool *has_domain, struct buf *why) MUST_CHECK;

void dkim_settings_release(void *settings);

#endif
