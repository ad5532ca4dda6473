/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * handlers: which page answers a request. Runs in the server's thread, and reads
 * nothing but snapshots: what concerns the checks is a task for their thread.
 */
#ifndef MAILGAUGE_EXPORTER_HANDLERS_H
#define MAILGAUGE_EXPORTER_HANDLERS_H

#include "http.h"
#include "results.h"
#include "tasks.h"

#include "core/deadline.h"

#include <stdbool.h>

struct handlers;

/* All are borrowed. The tasks' owner has to be a struct service. */
struct handlers *handlers_new(
    struct results *results, struct tasks *tasks, struct clock *clock);
void handlers_free(struct handlers *handlers);

/* Whether a page would answer; else what handlers_answer() makes is a refusal. */
bool handlers_knows(const struct http_request *request);

/* The answer is zero bytes. */
void handlers_answer(struct handlers *handlers, const struct http_request *request,
    struct http_answer *answer);

#endif
