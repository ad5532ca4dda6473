/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * server: HTTP. It has a thread of its own, in which all answers are written, and reads
 * nothing but snapshots: a slow client slows nobody but itself.
 */
#ifndef MAILGAUGE_EXPORTER_SERVER_H
#define MAILGAUGE_EXPORTER_SERVER_H

#include "log.h"
#include "results.h"

#include "core/attributes.h"
#include "core/deadline.h"

struct server;

/* Serves on a listening socket, which it takes. The others are borrowed. NULL when the
 * host does not give it a thread. */
struct server *server_start(int listener, struct results *results, struct clock *clock,
    const struct log *log) MUST_CHECK;

/* Breaks off what is being sent. */
void server_stop(struct server *server);

#endif
