/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* page_overview: `/`, all domains, worst first, a hundred on a page. */
#ifndef MAILGAUGE_EXPORTER_PAGE_OVERVIEW_H
#define MAILGAUGE_EXPORTER_PAGE_OVERVIEW_H

#include "http.h"
#include "results.h"

#include "core/buf.h"
#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { OVERVIEW_ROWS = 100 };

/* How a domain stands: its worst check, or that one of them has not run yet. */
enum standing {
	STANDING_CRITICAL,
	STANDING_WARNING,
	STANDING_UNKNOWN,
	STANDING_WAITING,
	STANDING_OK,
	STANDING_COUNT
};

struct overview_query {
	struct span text;       /* part of a domain; empty: all. Borrowed */
	enum standing standing; /* STANDING_COUNT: all */
	bool has_finding;
	enum finding_id finding;
	bool by_name;  /* else worst first */
	uint32_t page; /* from 1 */
};

/* From the arguments of the request. What makes no sense is as if it were not there: a
 * page for people has nobody to complain to. */
void overview_query_read(
    struct overview_query *query, const struct http_request *request);

void page_overview_write(struct buf *out, const struct snapshot *snapshot,
    const struct overview_query *query, int64_t now_unix_ms);

#endif
