/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* scan_text: a scan as lines "name value", to compare with and to look at. What is not
 * known is "?". */
#ifndef MAILGAUGE_TESTS_SUPPORT_SCAN_TEXT_H
#define MAILGAUGE_TESTS_SUPPORT_SCAN_TEXT_H

#include "core/buf.h"
#include "smtp/scan.h"

const char *truth_text(enum truth truth); /* "yes", "no", "?" */

/* All but times. */
void scan_text_add(struct buf *out, const struct smtp_scan *scan);

/* "TLSv1.2 TLSv1.3", with "?" behind what is not known. */
void scan_text_add_protocols(struct buf *out, const struct smtp_scan *scan);

/* "anon 3des" in the same way. */
void scan_text_add_weak(struct buf *out, const struct smtp_scan *scan);

#endif
