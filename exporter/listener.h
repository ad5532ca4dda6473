/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* listener: a socket that the HTTP server accepts connections on. */
#ifndef MAILGAUGE_EXPORTER_LISTENER_H
#define MAILGAUGE_EXPORTER_LISTENER_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"

#include <stddef.h>

/*
 * Listens on "ADDRESS:PORT", "[IPV6]:PORT" or ":PORT", which is every address, or on
 * "unix:/PATH"; port 0 takes a free one. The descriptor, or -1: `why` says what got in
 * the way.
 */
int listener_open(struct span address, struct buf *why) MUST_CHECK;

/* Takes away what an address leaves in the file system when it is not listened on any
 * more. */
void listener_remove(struct span address);

/* The sockets that systemd listens on for us, into `fds`. How many, or 0: `why`. Once
 * in a process. */
size_t listener_inherit(int fds[], size_t max, struct buf *why) MUST_CHECK;

/* The address in the same notation, with the port that it came to. */
void listener_add_address(struct buf *out, int fd);

#endif
