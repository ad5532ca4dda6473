/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The DMARC probe on any records: lines of the input are TXT records around the domain
 * a.b.example, and whatever they hold, the report can be written in every format.
 *
 *	0v=DMARC1; p=none     at the place of that number in the table below
 *	3!                    a question that is not answered
 */
#include "dmarc/dmarc.h"
#include "output/writer.h"
#include "support/facts.h"

#include "core/limits.h"

#include <assert.h>
#include <string.h>

enum { TXT_BYTES_MAX = 60000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
put_line(struct facts *facts, struct span line)
{
	static const char *const places[] = { "_dmarc.a.b.example", "_dmarc.b.example",
		"_dmarc.example", "a.b.example", "a.b.example._report._dmarc.c.example",
		"b.example._report._dmarc.c.example", "_dmarc.c.example" };
	uint8_t place;
	if (!span_take_u8(&line, &place) || place < '0' ||
	    place >= '0' + ARRAY_LENGTH(places))
		return;
	const char *name = places[place - '0'];
	const struct fact_row failure[] = { { name, DNS_TXT, "SERVFAIL" },
		{ .name = NULL } };
	if (span_equal(line, span_text("!")))
		facts_put(facts, failure);
	else
		facts_put_txt(facts, name, span_slice(line, 0, TXT_BYTES_MAX));
}

static void
check_output(const struct writer *writer, const struct report *report)
{
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	writer->write(&out, report, 2);
	assert(out.length > 0 && (out.cut || out.text[out.length - 1] == '\n'));
	for (size_t i = 0; i < out.length; i++)
		assert(out.text[i] == '\n' || byte_is_printable((uint8_t)out.text[i]));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct facts *facts = facts_new();
	struct split lines = { .rest = span_of(bytes, length) };
	struct span line;
	while (split_next(&lines, '\n', &line))
		put_line(facts, line);
	const struct report *report = facts_evaluate(
	    facts, &dmarc_probe, "a.b.example");
	size_t count;
	const struct writer *writers = writer_list(&count);
	for (size_t i = 0; i < count; i++)
		check_output(&writers[i], report);
	facts_free(facts);
	return 0;
}
