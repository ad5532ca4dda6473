/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The DKIM probe on a record of any bytes: faults stand where they say, a record
 * without one is always selected and has a key to read, and all writers stay printable.
 */
#include "core/limits.h"
#include "dkim/dkim.h"
#include "dkim/record.h"
#include "dkim/settings.h"
#include "output/writer.h"
#include "support/facts.h"

#include <assert.h>
#include <string.h>

enum { TXT_BYTES_MAX = 60000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_record(struct arena *arena, struct span text)
{
	struct dkim_record *record = dkim_record_parse(arena, text);
	for (size_t i = 0; i < record->fault_count; i++) {
		const struct dkim_fault *fault = &record->faults[i];
		assert(fault->position <= text.length);
		assert((fault->position == 0) <= (fault->term.length == 0));
	}
	assert(record->fault_count > 0 || record->key.length > 0);
	assert(record->fault_count > 0 || dkim_record_is_selected(arena, text));
}

static void
check_output(const struct writer *writer, const struct report *report)
{
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	writer->write(&out, report, 2);
	assert(out.length > 0 && (out.cut || out.text[out.length - 1] == '\n'));
	for (size_t i = 0; i < out.length; i++)
		assert(byte_is_printable((uint8_t)out.text[i]) || out.text[i] == '\n');
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span text = span_slice(span_of(bytes, length), 0, TXT_BYTES_MAX);
	struct facts *facts = facts_new();
	struct dns_name selector = facts_name("s");
	struct dkim_settings settings = { .selector_count = 1, .selectors = &selector };
	facts_put_txt(facts, "s._domainkey.example.com", text);
	check_record(facts->arena, text);
	const struct report *report = facts_evaluate_with(
	    facts, &dkim_probe, &settings, "example.com");
	size_t count;
	const struct writer *writers = writer_list(&count);
	for (size_t i = 0; i < count; i++)
		check_output(&writers[i], report);
	facts_free(facts);
	return 0;
}
