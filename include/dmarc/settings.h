/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* settings: what check_dmarc and the exporter can ask the DMARC probe for. */
#ifndef MAILGAUGE_DMARC_SETTINGS_H
#define MAILGAUGE_DMARC_SETTINGS_H

#include "core/buf.h"
#include "core/limits.h"
#include "core/options.h"
#include "dmarc/record.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>

struct dmarc_settings {
	enum dmarc_policy expected_policy; /* DMARC_ABSENT: none is expected */
	struct buf expected_record;        /* a maximum of 0: none is */
	struct buf record; /* to be checked before it is published; likewise */
	size_t selector_count;
	struct dns_name selectors[LIMIT_DKIM_SELECTORS];
	bool compare_psl;
	bool has_psl_domain; /* the list knows an Organizational Domain */
	struct dns_name psl_domain;
};

#define DMARC_OPTION_COUNT 6

extern const struct option_row dmarc_option_rows[DMARC_OPTION_COUNT];

/* Looks the domain up in the Public Suffix List when that is asked for. */
enum status dmarc_settings_complete(void *settings, struct dns_name *domain,
    bool *has_domain, struct buf *why) MUST_CHECK;

void dmarc_settings_release(void *settings);

#endif
