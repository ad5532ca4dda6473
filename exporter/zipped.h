/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * zipped: /metrics compressed, as every Prometheus asks for it. The compressed text of
 * each family of each group of checks is kept, a tenth of the plain one, and only that
 * of groups that have changed is made anew. A page is a list of such pieces, which it
 * keeps alive while it is sent: it is never put together as a whole.
 *
 *	struct zipped *page = zipper_page(zipper, snapshot, format);
 *	(zipped_bytes(page) is its Content-Length)
 *	while (zipped_next(page, &text)) { ... send text; buf_clear(&text); }
 *	zipped_free(page);
 */
#ifndef MAILGAUGE_EXPORTER_ZIPPED_H
#define MAILGAUGE_EXPORTER_ZIPPED_H

#include "metrics.h"
#include "results.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "output/prometheus.h"

#include <stdbool.h>
#include <stdint.h>

/* What is kept from page to page; for one thread at a time. */
struct zipper;

struct zipper *zipper_new(void);
void zipper_free(struct zipper *zipper);

/* A whole page as one gzip stream, for any one thread; it may outlive the zipper. */
struct zipped;

struct zipped *zipper_page(struct zipper *zipper, const struct snapshot *snapshot,
    enum prometheus_format format);
void zipped_free(struct zipped *page);

uint64_t zipped_bytes(const struct zipped *page); /* of all of it */

/* Adds what has room in `out`; false when nothing was added. */
bool zipped_next(struct zipped *page, struct buf *out) MUST_CHECK;

/* All of it was added. */
bool zipped_is_sent(const struct zipped *page);

#endif
