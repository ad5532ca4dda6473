/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of core/metric: names that JSON, perfdata and Prometheus can share. */
#include "core/metric.h"

#include "core/buf.h"
#include "core/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
is_name_byte(uint8_t byte)
{
	return byte == '_' || byte_is_digit(byte) ||
	    (byte_is_alpha(byte) && byte == byte_lower(byte));
}

static bool
is_name(struct span rest)
{
	struct span name;
	span_take_while(&rest, is_name_byte, &name);
	return name.length > 0 && byte_is_alpha(name.bytes[0]) && rest.length == 0;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Suffixes that Prometheus keeps for histograms and counters. */
static void
names_fit_every_format(void **state)
{
	static const char *const reserved[] = { "_count", "_sum", "_bucket", "_total" };
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *info = metric_info(i);
		if (!is_name(span_text(info->name)))
			fail_msg("'%s' is no name", info->name);
		for (size_t j = 0; j < ARRAY_LENGTH(reserved); j++)
			if (ends_with(info->name, reserved[j]))
				fail_msg("%s ends in %s", info->name, reserved[j]);
		assert_true(strncmp(info->name, METRIC_PREFIX, 10) != 0);
	}
}

static void
rows_are_whole(void **state)
{
	static const char *const units[] = { "", "s", "B", "%", "c" };
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *info = metric_info(i);
		bool known = false;
		for (size_t j = 0; j < ARRAY_LENGTH(units); j++)
			known = known || strcmp(info->unit, units[j]) == 0;
		if (!known)
			fail_msg("%s: no perfdata unit: %s", info->name, info->unit);
		struct split labels = { .rest = span_text(info->labels) };
		struct span label;
		while (split_next(&labels, ',', &label))
			if (!is_name(label))
				fail_msg("%s: labels: %s", info->name, info->labels);
		if (!ends_with(info->help, "."))
			fail_msg("%s: no sentence: %s", info->name, info->help);
		if (strcmp(info->unit, "B") == 0 && !ends_with(info->name, "_bytes"))
			fail_msg("%s: its unit is not in its name", info->name);
	}
}

static void
default_thresholds_are_ranges(void **state)
{
	struct threshold threshold;
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *info = metric_info(i);
		const char *const ranges[] = { info->warning, info->critical };
		for (size_t j = 0; j < ARRAY_LENGTH(ranges); j++)
			if (ranges[j][0] != '\0' &&
			    threshold_parse(&threshold, span_text(ranges[j])) !=
				STATUS_OK)
				fail_msg("%s: no range: %s", info->name, ranges[j]);
	}
}

static void
each_is_found_by_its_name_alone(void **state)
{
	enum metric_id id;
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const char *name = metric_info(i)->name;
		assert_true(metric_by_name(span_text(name), &id));
		assert_int_equal(id, i);
		assert_string_equal(metric_nearest(span_text(name)), name);
		assert_false(metric_by_name(span_of(name, strlen(name) - 1), &id));
	}
	assert_false(metric_by_name(span_text(""), &id));
	assert_false(metric_by_name(span_text("SPF_DNS_LOOKUPS"), &id));
	assert_string_equal(
	    metric_nearest(span_text("spf_dns_lookup")), "spf_dns_lookups");
}

/* As "name=value name=value", with a sign of whether it is of a host. */
static void
labels_have_their_values(void **state)
{
	static const struct {
		const char *labels, *values, *want;
		size_t bytes;
		bool of_host;
	} cases[] = {
		{ "", NULL, "", 0, false },
		{ "mode", NULL, "", 0, false },
		{ "mode", "a", " mode=a", 2, false },
		{ "mx", "a.example", " mx=a.example", 10, false },
		{ "mx,port", "a\00025", " mx=a port=25", 5, true },
		{ "mx,port,protocol", "\00025\0SSLv3", " mx= port=25 protocol=SSLv3",
		    10, true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct metric_info metric = { .labels = cases[i].labels };
		char memory[64];
		struct buf got;
		buf_wrap(&got, memory, sizeof(memory));
		struct metric_labels label = metric_labels(&metric, cases[i].values);
		while (metric_labels_next(&label)) {
			buf_add_byte(&got, ' ');
			buf_add(&got, label.name);
			buf_addf(&got, "=%s", label.value);
		}
		assert_string_equal(got.text, cases[i].want);
		assert_int_equal(
		    metric_labels_bytes(&metric, cases[i].values), cases[i].bytes);
		assert_int_equal(metric_is_of_host(&metric), cases[i].of_host);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_fit_every_format),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(default_thresholds_are_ranges),
		cmocka_unit_test(each_is_found_by_its_name_alone),
		cmocka_unit_test(labels_have_their_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
