/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * connection: one TCP connection, read and written until one absolute deadline; private
 * to this folder.
 *
 * What is always true:
 *  - no call lasts longer than the deadline, or than it takes to be abandoned;
 *  - after a call that failed, `end` says why, and every later one fails at once;
 *  - the program ignores SIGPIPE: a broken connection is an error, not a death.
 *
 * TLS lies between by replacing `read` and `write`, so that SMTP is spoken the same
 * over both (handshake.c).
 */
#ifndef MAILGAUGE_SMTP_CONNECTION_H
#define MAILGAUGE_SMTP_CONNECTION_H

#include "core/attributes.h"
#include "core/span.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct connection {
	int fd;
	int abandon_fd; /* readable: give up; -1: none */
	int64_t deadline_ms;
	enum smtp_end end; /* DONE: nothing went wrong so far */
	int error;         /* errno of UNREACHABLE and CLOSED, or 0 */

	/* Some bytes, at least one; 0: see `end`. */
	size_t (*read)(struct connection *connection, void *bytes, size_t size);
	bool (*write)(struct connection *connection, struct span bytes);
	void *tls; /* theirs */
};

/* False: `end` is REFUSED_CONNECTION, UNREACHABLE, TIMEOUT or ABANDONED. Needs a
 * connection_close() all the same. */
bool connection_open(struct connection *connection,
    const struct smtp_endpoint *endpoint, int64_t deadline_ms,
    int abandon_fd) MUST_CHECK;

/* Takes over a connected, non-blocking socket. */
void connection_adopt(
    struct connection *connection, int fd, int64_t deadline_ms, int abandon_fd);

void connection_close(struct connection *connection);

/* Waits for POLLIN or POLLOUT. */
bool connection_wait(struct connection *connection, short events) MUST_CHECK;

/* Fails with `end`, unless it has failed already. Always false. */
bool connection_fail(struct connection *connection, enum smtp_end end, int error);

static inline size_t
connection_read(struct connection *connection, void *bytes, size_t size)
{
	return connection->read(connection, bytes, size);
}

static inline bool
connection_write(struct connection *connection, struct span bytes)
{
	return connection->write(connection, bytes);
}

#endif
