/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * probe_page: `/probe?target=DOMAIN&module=M`, one domain checked while the client
 * waits, in the manner of multi-target exporters.
 */
#ifndef MAILGAUGE_EXPORTER_PROBE_PAGE_H
#define MAILGAUGE_EXPORTER_PROBE_PAGE_H

#include "http.h"
#include "roster.h"
#include "tasks.h"

/* Answers a refusal at once, all else later: by a task that expects a struct live as
 * the owner. */
void probe_page_answer(const struct http_request *request, struct http_answer *answer,
    struct roster *roster, struct tasks *tasks);

#endif
