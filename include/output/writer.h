/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * writer: shows a finished report. Writers know reports, never what SPF is; they only
 * add to a buf, so that nothing is printed before all of it is there.
 */
#ifndef MAILGAUGE_OUTPUT_WRITER_H
#define MAILGAUGE_OUTPUT_WRITER_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/report.h"
#include "core/span.h"

struct writer {
	const char *name; /* as in --output NAME */
	void (*write)(struct buf *out, const struct report *report, unsigned verbosity);
};

/* NULL when there is none of that name. The default is "nagios". */
const struct writer *writer_by_name(struct span name) MUST_CHECK;

/* All of them, for messages and completions. */
const struct writer *writer_list(size_t *count);

/* The writers, one a file. */
void nagios_write(struct buf *out, const struct report *report, unsigned verbosity);
void multi_write(struct buf *out, const struct report *report, unsigned verbosity);
void json_write(struct buf *out, const struct report *report, unsigned verbosity);
void prometheus_write(struct buf *out, const struct report *report, unsigned verbosity);

#endif
