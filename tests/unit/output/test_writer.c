/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of output/writer: the table, and what every writer in it has to keep. */
#include "output/writer.h"

#include "core/limits.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
writers_by_name(void **state)
{
	static const struct {
		const char *name;
		void (*want)(struct buf *, const struct report *, unsigned);
	} cases[] = {
		{ "nagios", nagios_write },
		{ "multi", multi_write },
		{ "json", json_write },
		{ "prometheus", prometheus_write },
		{ "JSON", NULL },
		{ "jso", NULL },
		{ "json ", NULL },
		{ "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct writer *got = writer_by_name(span_text(cases[i].name));
		if ((got == NULL) != (cases[i].want == NULL))
			fail_msg("'%s': %s", cases[i].name, got ? "found" : "none");
		if (got != NULL && got->write != cases[i].want)
			fail_msg("'%s': got %s", cases[i].name, got->name);
	}
}

static void
the_list_is_all_of_them(void **state)
{
	size_t count;
	const struct writer *writers = writer_list(&count);
	(void)state;
	assert_int_equal(count, 4);
	assert_string_equal(writers[0].name, "nagios"); /* the default comes first */
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(
		    writer_by_name(span_text(writers[i].name)), &writers[i]);
}

static void
fill(struct report *report)
{
	report->summary = "fine";
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, 9);
	report_finding(report, FINDING_SPF_PTR, NULL, "ptr is used");
	struct trace *section = trace_object(report, NULL, "spf");
	section->title = "example.com";
	trace_text(report, section, "record", "v=spf1 ptr -all");
	report_finish(report);
}

/* Whole lines of printable bytes, the same every time; a report is only read. */
static void
every_writer_writes_lines_of_text(void **state)
{
	size_t count;
	const struct writer *writers = writer_list(&count);
	struct facts *facts = facts_new();
	(void)state;
	fill(&facts->report);
	for (size_t i = 0; i < count; i++) {
		for (unsigned verbosity = 0; verbosity < 5; verbosity++) {
			struct buf out, again;
			buf_init(&out, LIMIT_OUTPUT);
			buf_init(&again, LIMIT_OUTPUT);
			writers[i].write(&out, &facts->report, verbosity);
			writers[i].write(&again, &facts->report, verbosity);
			assert_true(out.length > 0);
			assert_int_equal(out.text[out.length - 1], '\n');
			for (size_t j = 0; j < out.length; j++)
				assert_true(out.text[j] == '\n' ||
				    byte_is_printable((uint8_t)out.text[j]));
			assert_string_equal(out.text, again.text);
			buf_free(&out);
			buf_free(&again);
		}
	}
	facts_free(facts);
}

/* A writer adds: what the caller wrote before stays. */
static void
writers_append(void **state)
{
	size_t count;
	const struct writer *writers = writer_list(&count);
	struct facts *facts = facts_new();
	(void)state;
	fill(&facts->report);
	for (size_t i = 0; i < count; i++) {
		struct buf out;
		buf_init(&out, LIMIT_OUTPUT);
		buf_add_text(&out, "before\n");
		writers[i].write(&out, &facts->report, 0);
		assert_memory_equal(out.text, "before\n", 7);
		assert_true(out.length > 7);
		buf_free(&out);
	}
	facts_free(facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_by_name),
		cmocka_unit_test(the_list_is_all_of_them),
		cmocka_unit_test(every_writer_writes_lines_of_text),
		cmocka_unit_test(writers_append),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
