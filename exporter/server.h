/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * server: HTTP. Each listening socket has a thread, in which its answers are written: a
 * slow client slows nobody but itself. Pages are asked for by one of them at a time.
 */
#ifndef MAILGAUGE_EXPORTER_SERVER_H
#define MAILGAUGE_EXPORTER_SERVER_H

#include "gate.h"
#include "log.h"
#include "web.h"

#include "core/attributes.h"

#include <stddef.h>

struct server;

/* Serves on listening sockets, which it takes, at most LIMIT_LISTENERS. The others are
 * borrowed. NULL when the host does not give it threads. */
struct server *server_start(const int listeners[], size_t count, struct gate *gate,
    struct web *web, const struct log *log) MUST_CHECK;

/* Breaks off what is being sent, and gives up what waits for an answer: nobody may call
 * done() any more. */
void server_stop(struct server *server);

#endif
