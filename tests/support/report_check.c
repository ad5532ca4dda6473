/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Reports through every writer. */
#include "report_check.h"

#include "core/limits.h"
#include "output/writer.h"

#include <assert.h>
#include <string.h>

static void
check_output(const struct writer *writer, const struct report *report)
{
	static const char harmless[] = "\n !\"#$%&'()*+,-./0123456789:;<=>?@"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
				       "abcdefghijklmnopqrstuvwxyz{|}~";
	for (unsigned verbosity = 0; verbosity <= 2; verbosity += 2) {
		struct buf out;
		buf_init(&out, LIMIT_OUTPUT);
		writer->write(&out, report, verbosity);
		assert(out.length > 0);
		assert(out.cut || out.text[out.length - 1] == '\n');
		assert(strspn(out.text, harmless) == out.length);
		if (writer->write == nagios_write)
			assert(strcspn(out.text, "|\n") < 200);
		buf_free(&out);
	}
}

void
report_check(const struct report *report)
{
	size_t count;
	const struct writer *writers = writer_list(&count);
	for (size_t i = 0; i < count; i++)
		check_output(&writers[i], report);
}
