/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* text: lines for people, shared by the writers `nagios` and `multi`. */
#ifndef MAILGAUGE_OUTPUT_TEXT_H
#define MAILGAUGE_OUTPUT_TEXT_H

#include "core/buf.h"
#include "core/report.h"

/* "SPF CRITICAL - example.com: 14 of 10 … [spf-too-many-lookups] (+2 more) | perfdata".
 * What stands before the bar is at most LIMIT_FIRST_LINE bytes. */
void text_first_line(struct buf *out, const struct report *report);

/* A line or two for each finding; from verbosity 1 on with why and what to do. */
void text_findings(struct buf *out, const struct report *report, unsigned verbosity);

/* The nodes of the trace that have a title, drawn as a tree. */
void text_tree(struct buf *out, const struct report *report);

#endif
