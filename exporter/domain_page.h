/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * domain_page: `/domain/NAME` and `/api/v1/domains/NAME`, all that is known of one of
 * the targets. Results keep no messages, records or trees; so its checks are evaluated
 * once more, from what the store holds, while the request waits. That changes no
 * result: the page shows those of the list's runs beside it.
 */
#ifndef MAILGAUGE_EXPORTER_DOMAIN_PAGE_H
#define MAILGAUGE_EXPORTER_DOMAIN_PAGE_H

#include "http.h"
#include "results.h"
#include "tasks.h"

enum domain_format { DOMAIN_HTML, DOMAIN_JSON };

/* Keeps the snapshot while the request lasts, which the caller gives away. The tasks'
 * owner has to be a struct service. */
void domain_page_answer(const struct http_request *request, const char *name,
    enum domain_format format, struct snapshot *snapshot, struct tasks *tasks,
    struct http_answer *answer);

/* The page itself, for tests: `sections` are those of the checks, by check. */
void domain_page_write(struct buf *out, const struct snapshot *snapshot,
    const struct config_target *target, const struct buf *sections,
    int64_t now_unix_ms);

#endif
