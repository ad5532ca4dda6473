/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * notify: what a service manager wants to know: that we serve, read the configuration
 * again, work, end. Nothing happens where none has asked for it.
 *
 *	struct notify notify;
 *	if (!notify_open(&notify, &why))
 *		... (nobody hears of us)
 *	... notify_ready(&notify, "Checking 12 domains");
 *	wake_ms = notify_alive(&notify, now_ms);	(at each turn of the work)
 */
#ifndef MAILGAUGE_EXPORTER_NOTIFY_H
#define MAILGAUGE_EXPORTER_NOTIFY_H

#include "core/attributes.h"
#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody listens */
	struct sockaddr_un address;
	socklen_t address_bytes;
	int64_t every_ms; /* the watchdog hears of us; 0: there is none */
	int64_t next_ms;
};

/* Reads the environment. False when it names a socket that nobody can be told by: `why`
 * says what is wrong with it. */
bool notify_open(struct notify *notify, struct buf *why) MUST_CHECK;
void notify_close(struct notify *notify);

void notify_ready(const struct notify *notify, const char *state);
void notify_reloading(const struct notify *notify, int64_t now_ms);
void notify_stopping(const struct notify *notify);

/* Tells the watchdog when it is time for it. When to be called again at the latest. */
int64_t notify_alive(struct notify *notify, int64_t now_ms);

#endif
