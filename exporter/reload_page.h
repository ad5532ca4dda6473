/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* reload_page: POST /-/reload, which reads the configuration again and tells how that
 * went: 200, or 500 with the faults. */
#ifndef MAILGAUGE_EXPORTER_RELOAD_PAGE_H
#define MAILGAUGE_EXPORTER_RELOAD_PAGE_H

#include "http.h"
#include "tasks.h"

void reload_page_answer(struct http_answer *answer, struct tasks *tasks);

#endif
