/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the log: one event is one line, whatever is in it. */
#include "log.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define AT_MS INT64_C(1787590989512)

static void
assert_line(enum log_format format, const char *message, const struct log_field *fields,
    const char *want)
{
	struct buf line;
	buf_init(&line, LIMIT_LOG_LINE);
	log_add_line(&line, format, AT_MS, LOG_LEVEL_WARN, message, fields);
	assert_string_equal(line.text, want);
	buf_free(&line);
}

static void
both_formats(void **state)
{
	(void)state;
	const struct log_field *fields = LOG_FIELDS({ "address", "[::1]:9632", 0 },
	    { "domains", NULL, -12 }, { "empty", "", 0 });
	assert_line(LOG_FORMAT_LOGFMT, "all is well", fields,
	    "ts=2026-08-24T17:03:09.512Z level=warn msg=\"all is well\" "
	    "address=[::1]:9632 domains=-12 empty=\"\"\n");
	assert_line(LOG_FORMAT_JSON, "all is well", fields,
	    "{\"ts\":\"2026-08-24T17:03:09.512Z\",\"level\":\"warn\",\"msg\":\"all is "
	    "well\",\"address\":\"[::1]:9632\",\"domains\":-12,\"empty\":\"\"}\n");
	assert_line(LOG_FORMAT_LOGFMT, "listening", NULL,
	    "ts=2026-08-24T17:03:09.512Z level=warn msg=listening\n");
}

static void
values_cannot_leave_their_place(void **state)
{
	(void)state;
	const struct log_field *fields = LOG_FIELDS(
	    { "a", "x\nlevel=error", 0 }, { "b", "\"}\\", 0 }, { "c", "d\"e", 0 });
	assert_line(LOG_FORMAT_LOGFMT, "m", fields,
	    "ts=2026-08-24T17:03:09.512Z level=warn msg=m "
	    "a=\"x\\\\010level=error\" b=\"\\\"}\\\\\" c=\"d\\\"e\"\n");
	assert_line(LOG_FORMAT_JSON, "m", fields,
	    "{\"ts\":\"2026-08-24T17:03:09.512Z\",\"level\":\"warn\",\"msg\":\"m\","
	    "\"a\":\"x\\\\010level=error\",\"b\":\"\\\"}\\\\\",\"c\":\"d\\\"e\"}\n");
}

static void
names_of_levels_and_formats(void **state)
{
	enum log_level level;
	enum log_format format;
	(void)state;
	assert_true(log_level_by_name(span_text("warn"), &level));
	assert_int_equal(level, LOG_LEVEL_WARN);
	assert_false(log_level_by_name(span_text("WARN"), &level));
	assert_true(log_format_by_name(span_text("json"), &format));
	assert_int_equal(format, LOG_FORMAT_JSON);
	assert_false(log_format_by_name(span_text("xml"), &format));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats),
		cmocka_unit_test(values_cannot_leave_their_place),
		cmocka_unit_test(names_of_levels_and_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
