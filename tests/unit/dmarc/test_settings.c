/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/settings: the options of check_dmarc. */
#include "dmarc/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct dmarc_settings settings;
	char memory[256];
	struct buf why;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	buf_wrap(&fixture->why, fixture->memory, sizeof(fixture->memory));
	*state = fixture;
	return fixture == NULL;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	dmarc_settings_release(&fixture->settings);
	free(fixture);
	return 0;
}

static enum status
set(struct fixture *fixture, const char *option, const char *value)
{
	for (size_t i = 0; i < DMARC_OPTION_COUNT; i++) {
		const struct option_row *row = &dmarc_option_rows[i];
		buf_clear(&fixture->why);
		if (strcmp(row->name, option) == 0)
			return row->set(
			    &fixture->settings, span_text(value), &fixture->why);
	}
	fail_msg("no option --%s", option);
	return STATUS_MALFORMED;
}

static void
refused(
    struct fixture *fixture, const char *option, const char *value, const char *want)
{
	assert_int_not_equal(set(fixture, option, value), STATUS_OK);
	assert_string_equal(fixture->why.text, want);
}

static void
policies(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(set(fixture, "expect-policy", "reject"), STATUS_OK);
	assert_int_equal(fixture->settings.expected_policy, DMARC_REJECT);
	refused(fixture, "expect-policy", "rejected",
	    "expected none, quarantine or reject");
	refused(fixture, "expect-policy", "", "expected none, quarantine or reject");
}

static void
expected_records(void **state)
{
	struct fixture *fixture = *state;
	char path[] = "/tmp/mailgauge-record-XXXXXX", at[64];
	int file = mkstemp(path);
	FILE *stream = fdopen(file, "w");
	assert_non_null(stream);
	fputs("v=DMARC1; p=none\r\n", stream);
	fclose(stream);
	assert_int_equal(set(fixture, "expect-record", "v=DMARC1"), STATUS_OK);
	assert_string_equal(fixture->settings.expected_record.text, "v=DMARC1");
	snprintf(at, sizeof(at), "@%s", path);
	assert_int_equal(set(fixture, "expect-record", at), STATUS_OK);
	assert_string_equal(fixture->settings.expected_record.text, "v=DMARC1; p=none");
	assert_int_equal(set(fixture, "record-file", path), STATUS_OK);
	assert_string_equal(fixture->settings.record.text, "v=DMARC1; p=none");
	remove(path);
	refused(fixture, "expect-record", at, "No such file or directory");
}

static void
selectors(void **state)
{
	struct fixture *fixture = *state;
	refused(fixture, "dkim-selector", "a..b",
	    "the selector has an empty label (two dots in a row, or a leading dot)");
	refused(fixture, "dkim-selector", "", "the selector is empty");
	refused(fixture, "dkim-selector", ".", "the selector is empty");
	for (size_t i = 0; i < LIMIT_DKIM_SELECTORS; i++)
		assert_int_equal(set(fixture, "dkim-selector", "s1.mail"), STATUS_OK);
	assert_int_equal(fixture->settings.selector_count, LIMIT_DKIM_SELECTORS);
	refused(fixture, "dkim-selector", "s2", "at most 16 selectors");
}

static void
suffix_list(void **state)
{
	struct fixture *fixture = *state;
	struct dns_name domain;
	bool has_domain = true;
	assert_int_equal(
	    dns_name_from_text(&domain, span_text("a.B.co.uk")), STATUS_OK);
	assert_int_equal(dmarc_settings_complete(
			     &fixture->settings, &domain, &has_domain, &fixture->why),
	    STATUS_OK);
	assert_false(fixture->settings.has_psl_domain);
	assert_int_equal(set(fixture, "psl", ""), STATUS_OK);
	assert_int_equal(dmarc_settings_complete(
			     &fixture->settings, &domain, &has_domain, &fixture->why),
	    STATUS_OK);
	assert_true(fixture->settings.has_psl_domain);
	assert_int_equal(dns_name_labels(&fixture->settings.psl_domain), 3);
	assert_int_equal(dns_name_from_text(&domain, span_text("co.uk")), STATUS_OK);
	assert_int_equal(dmarc_settings_complete(
			     &fixture->settings, &domain, &has_domain, &fixture->why),
	    STATUS_OK);
	assert_false(fixture->settings.has_psl_domain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(policies, setup, teardown),
		cmocka_unit_test_setup_teardown(expected_records, setup, teardown),
		cmocka_unit_test_setup_teardown(selectors, setup, teardown),
		cmocka_unit_test_setup_teardown(suffix_list, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
