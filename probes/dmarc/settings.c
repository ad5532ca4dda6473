/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The options of check_dmarc besides those of all plugins. */
#include "dmarc/settings.h"

#include "dns/psl.h"

static enum status
set_expect_policy(void *settings, struct span value, struct buf *why)
{
	struct dmarc_settings *dmarc = settings;
	if (dmarc_policy_by_name(value, &dmarc->expected_policy))
		return STATUS_OK;
	buf_add_text(why, "expected none, quarantine or reject");
	return STATUS_MALFORMED;
}

/* TEXT, or @FILE as curl takes it. */
static enum status
set_expect_record(void *settings, struct span value, struct buf *why)
{
	struct buf *record = &((struct dmarc_settings *)settings)->expected_record;
	struct span path = value;
	return span_take_byte(&path, '@')
	    ? option_line_file(record, LIMIT_RECORD_GIVEN, path, why)
	    : option_text(record, LIMIT_RECORD_GIVEN, value, why);
}

static enum status
set_record(void *settings, struct span value, struct buf *why)
{
	struct buf *record = &((struct dmarc_settings *)settings)->record;
	return option_text(record, LIMIT_RECORD_GIVEN, value, why);
}

static enum status
set_record_file(void *settings, struct span value, struct buf *why)
{
	struct buf *record = &((struct dmarc_settings *)settings)->record;
	return option_line_file(record, LIMIT_RECORD_GIVEN, value, why);
}

static enum status
set_selector(void *settings, struct span value, struct buf *why)
{
	struct dmarc_settings *dmarc = settings;
	if (dmarc->selector_count == LIMIT_DKIM_SELECTORS) {
		buf_addf(why, "at most %d selectors", LIMIT_DKIM_SELECTORS);
		return STATUS_TOO_MANY;
	}
	struct dns_name *name = &dmarc->selectors[dmarc->selector_count];
	enum status status = dns_name_from_user(name, value);
	if (status == STATUS_OK && dns_name_labels(name) == 0)
		status = STATUS_EMPTY;
	if (status == STATUS_OK)
		dmarc->selector_count++;
	else
		buf_addf(why, "the selector %s", status_text(status));
	return status;
}

static enum status
set_psl(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct dmarc_settings *)settings)->compare_psl = true;
	return STATUS_OK;
}

const struct option_row dmarc_option_rows[DMARC_OPTION_COUNT] = {
	{ 0, "dkim-selector", "NAME",
	    "look at this DKIM key record too: its presence and syntax; repeatable",
	    set_selector },
	{ 0, "expect-policy", "POLICY",
	    "the policy that should be in effect: none, quarantine or reject",
	    set_expect_policy },
	{ 0, "expect-record", "TEXT",
	    "the record that should be there; @FILE reads it from a file",
	    set_expect_record },
	{ 0, "record", "TEXT",
	    "check this record as if it were published for the domain", set_record },
	{ 0, "record-file", "FILE", "the same from a file, or - for standard input",
	    set_record_file },
	{ 0, "psl", NULL,
	    "compare the Organizational Domain with that of the Public Suffix List",
	    set_psl },
};

enum status
dmarc_settings_complete(
    void *settings, struct dns_name *domain, bool *has_domain, struct buf *why)
{
	struct dmarc_settings *dmarc = settings;
	if (!dmarc->compare_psl || !*has_domain)
		return STATUS_OK;
	enum status status = psl_organizational(
	    &dmarc->psl_domain, &dmarc->has_psl_domain, domain);
	if (status != STATUS_OK)
		buf_add_text(why, "--psl needs libpsl, which is not installed");
	return status;
}

void
dmarc_settings_release(void *settings)
{
	struct dmarc_settings *dmarc = settings;
	buf_free(&dmarc->expected_record);
	buf_free(&dmarc->record);
}
