/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* pages: HTML for people, without scripts and without anything from elsewhere. */
#ifndef MAILGAUGE_EXPORTER_PAGES_H
#define MAILGAUGE_EXPORTER_PAGES_H

#include "results.h"

#include "core/buf.h"

#define PAGES_CONTENT_TYPE "text/html; charset=utf-8"

/* What pages need from a browser: their own style, nothing else. */
#define PAGES_SECURITY_POLICY "default-src 'none'; style-src 'unsafe-inline'"

/* `/`: what runs here, and the worst of what it found. */
void pages_landing(struct buf *out, const struct snapshot *snapshot);

/* Text into HTML, also into an attribute in quotes. */
void pages_add_escaped(struct buf *out, const char *text);

#endif
