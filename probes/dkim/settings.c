/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The options of check_dkim besides those of all plugins. */
#include "dkim/settings.h"

#include "core/die.h"
#include "core/limits.h"

#include <stdlib.h>

static bool
has_selector(const struct dkim_settings *settings, const struct dns_name *selector)
{
	for (size_t i = 0; i < settings->selector_count; i++)
		if (dns_name_equal(&settings->selectors[i], selector))
			return true;
	return false;
}

/* One that is there already is no error, and not checked twice. */
static enum status
set_selector(void *settings, struct span value, struct buf *why)
{
	struct dkim_settings *dkim = settings;
	struct dns_name selector;
	enum status status = dns_name_from_user(&selector, value);
	if (status != STATUS_OK) {
		buf_addf(why, "the selector %s", status_text(status));
		return status;
	}
	if (dns_name_labels(&selector) == 0) {
		buf_add_text(why, "the selector is empty");
		return STATUS_EMPTY;
	}
	if (has_selector(dkim, &selector))
		return STATUS_OK;
	if (dkim->selector_count == LIMIT_DKIM_SELECTORS) {
		buf_addf(why, "at most %d selectors", LIMIT_DKIM_SELECTORS);
		return STATUS_TOO_MANY;
	}
	dkim->selectors = must_realloc(
	    dkim->selectors, (dkim->selector_count + 1) * sizeof(selector));
	dkim->selectors[dkim->selector_count++] = selector;
	return STATUS_OK;
}

static enum status
set_record(void *settings, struct span value, struct buf *why)
{
	struct dkim_settings *dkim = settings;
	dkim->has_record = true;
	return option_text(&dkim->record, LIMIT_RECORD_GIVEN, value, why);
}

static enum status
set_record_file(void *settings, struct span value, struct buf *why)
{
	struct dkim_settings *dkim = settings;
	dkim->has_record = true;
	return option_line_file(&dkim->record, LIMIT_RECORD_GIVEN, value, why);
}

const struct option_row dkim_option_rows[DKIM_OPTION_COUNT] = {
	{ 0, "selector", "NAME",
	    "check the key at NAME._domainkey of the domain; repeatable",
	    set_selector },
	{ 0, "record", "TEXT",
	    "check this record as if it were published at the selector", set_record },
	{ 0, "record-file", "FILE", "the same from a file, or - for standard input",
	    set_record_file },
};

enum status
dkim_settings_complete(
    void *settings, struct dns_name *domain, bool *has_domain, struct buf *why)
{
	struct dkim_settings *dkim = settings;
	(void)domain, (void)has_domain;
	if (!dkim->has_record)
		return STATUS_OK;
	if (dkim->selector_count > 1) {
		buf_add_text(why, "--record is of one selector, and several are given");
		return STATUS_TOO_MANY;
	}
	if (dkim->selector_count == 0)
		return set_selector(dkim, span_text("new"), why);
	return STATUS_OK;
}

void
dkim_settings_release(void *settings)
{
	struct dkim_settings *dkim = settings;
	free(dkim->selectors);
	buf_free(&dkim->record);
}
