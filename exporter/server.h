/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * server: HTTP. It has a thread of its own, in which all answers are written: a slow
 * client slows nobody but itself.
 */
#ifndef MAILGAUGE_EXPORTER_SERVER_H
#define MAILGAUGE_EXPORTER_SERVER_H

#include "handlers.h"
#include "log.h"

#include "core/attributes.h"

struct server;

/* Serves on a listening socket, which it takes. The others are borrowed. NULL when the
 * host does not give it a thread. */
struct server *server_start(
    int listener, struct handlers *handlers, const struct log *log) MUST_CHECK;

/* Breaks off what is being sent, and gives up what waits for an answer: nobody may call
 * done() any more. */
void server_stop(struct server *server);

#endif
