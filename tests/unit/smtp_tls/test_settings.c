/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp_tls/settings: hosts, addresses and what goes together. */
#include "smtp_tls/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* By the row of an option. */
static enum status
set(struct smtp_tls_settings *settings, const char *name, const char *value,
    struct buf *why)
{
	for (size_t i = 0; i < SMTP_TLS_OPTION_COUNT; i++)
		if (strcmp(smtp_tls_option_rows[i].name, name) == 0)
			return smtp_tls_option_rows[i].set(
			    settings, span_text(value), why);
	fail_msg("no option %s", name);
	return STATUS_MALFORMED;
}

static void
hosts_are_names_or_addresses(void **state)
{
	static const struct {
		const char *host;
		uint8_t length, first, last; /* of the address */
	} cases[] = {
		{ "mail.example.com", 0, 0, 0 },
		{ "192.0.2.1", 4, 192, 1 },
		{ "192.0.2.256", 0, 0, 0 },
		{ "2001:db8::1", 16, 0x20, 1 },
		{ "[2001:db8::1]", 16, 0x20, 1 },
		{ "[192.0.2.1", 0, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[128];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		struct smtp_tls_settings settings = { .port = 0 };
		struct dns_name domain;
		bool has_domain = false;
		assert_int_equal(
		    set(&settings, "hostname", cases[i].host, &why), STATUS_OK);
		assert_int_equal(
		    smtp_tls_settings_complete(&settings, &domain, &has_domain, &why),
		    STATUS_OK);
		assert_true(has_domain);
		assert_int_equal(settings.address_length, cases[i].length);
		if (cases[i].length == 0)
			continue;
		assert_int_equal(settings.address[0], cases[i].first);
		assert_int_equal(settings.address[cases[i].length - 1], cases[i].last);
	}
}

static void
values_that_are_refused(void **state)
{
	static const struct {
		const char *name, *value;
	} cases[] = {
		{ "port", "0" },
		{ "port", "65536" },
		{ "port", "25x" },
		{ "port", "" },
		{ "min-tls", "2" },
		{ "min-tls", "SSLv3" },
		{ "min-tls", "" },
		{ "ehlo", "" },
		{ "ehlo", "a b" },
		{ "ehlo", "a..b" },
		{ "ehlo", "a\r\nQUIT" },
		{ "mx-name", "a..b" },
		{ "ca-file", "" },
		{ "hostname", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[128];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		struct smtp_tls_settings settings = { .port = 0 };
		if (set(&settings, cases[i].name, cases[i].value, &why) == STATUS_OK)
			fail_msg("--%s '%s' was taken", cases[i].name, cases[i].value);
	}
}

static void
versions_in_every_spelling(void **state)
{
	static const struct {
		const char *text;
		enum smtp_protocol want;
	} cases[] = {
		{ "1", SMTP_TLSV10 },
		{ "1.0", SMTP_TLSV10 },
		{ "1.1", SMTP_TLSV11 },
		{ "TLSv1.2", SMTP_TLSV12 },
		{ "tls1.3", SMTP_TLSV13 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[128];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		struct smtp_tls_settings settings = { .port = 0 };
		assert_int_equal(
		    set(&settings, "min-tls", cases[i].text, &why), STATUS_OK);
		assert_int_equal(settings.min_tls, cases[i].want);
	}
}

/* RFC 8314 3.3: 465 is TLS from the first byte. */
static void
ports_and_tls(void **state)
{
	(void)state;
	struct smtp_tls_settings settings = { .port = 0 };
	assert_int_equal(smtp_tls_port(&settings), 25);
	assert_false(smtp_tls_is_implicit(&settings));
	settings.port = 465;
	assert_true(smtp_tls_is_implicit(&settings));
	settings.port = 2465;
	assert_false(smtp_tls_is_implicit(&settings));
	settings.implicit_tls = true;
	assert_true(smtp_tls_is_implicit(&settings));
}

static void
what_does_not_go_together(void **state)
{
	char memory[128];
	struct buf why;
	struct dns_name domain;
	bool has_domain = true;
	(void)state;
	buf_wrap(&why, memory, sizeof(memory));
	struct smtp_tls_settings both = { .host = SPAN("mail.example.com") };
	assert_int_not_equal(
	    smtp_tls_settings_complete(&both, &domain, &has_domain, &why), STATUS_OK);
	struct smtp_tls_settings families = { .only_ipv4 = true, .only_ipv6 = true };
	assert_int_not_equal(
	    smtp_tls_settings_complete(&families, &domain, &has_domain, &why),
	    STATUS_OK);
	struct smtp_tls_settings name = { .has_mx_name = true };
	assert_int_not_equal(
	    smtp_tls_settings_complete(&name, &domain, &has_domain, &why), STATUS_OK);
	struct smtp_tls_settings none = { .port = 0 };
	has_domain = false;
	assert_int_equal(
	    smtp_tls_settings_complete(&none, &domain, &has_domain, &why), STATUS_OK);
	assert_false(has_domain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_names_or_addresses),
		cmocka_unit_test(values_that_are_refused),
		cmocka_unit_test(versions_in_every_spelling),
		cmocka_unit_test(ports_and_tls),
		cmocka_unit_test(what_does_not_go_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
