/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* gate: what stands between the server and the pages: how often one may ask, and who
 * may. */
#ifndef MAILGAUGE_EXPORTER_GATE_H
#define MAILGAUGE_EXPORTER_GATE_H

#include "handlers.h"
#include "http.h"
#include "web.h"

#include "core/deadline.h"

struct gate;

/* All are borrowed. */
struct gate *gate_new(struct web *web, struct handlers *handlers, struct clock *clock);

/* Gives up what others wait for, before the server ends. */
void gate_end(struct gate *gate);
void gate_free(struct gate *gate);

/* The answer is zero bytes. */
void gate_answer(
    struct gate *gate, const struct http_request *request, struct http_answer *answer);

#endif
