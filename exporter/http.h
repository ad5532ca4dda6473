/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * http: a request as pages see it, and an answer as they make it. The library that does
 * HTTP is known to server.c alone, so that pages can be tested without a socket.
 */
#ifndef MAILGAUGE_EXPORTER_HTTP_H
#define MAILGAUGE_EXPORTER_HTTP_H

#include "core/buf.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request {
	const char *method, *path;
	uint64_t client; /* its host as a number; the same for all on a unix socket */

	/* A header, or an argument of the query, decoded. Empty when it is not there.
	 * Good until the request ends. */
	struct span (*header)(const struct http_request *request, const char *name);
	struct span (*argument)(const struct http_request *request, const char *name);
};

struct http_answer;

struct http_header {
	const char *name, *value; /* literals */
};

enum { HTTP_HEADERS = 4 };

/* A body that is made while it is sent. next() adds what has room in `out`; in one of
 * LIMIT_GROUP_BYTES there always is. */
enum http_piece { HTTP_PIECE_ADDED, HTTP_PIECE_NO_ROOM, HTTP_PIECE_END };

struct http_stream {
	enum http_piece (*next)(void *context, struct buf *out);
	void (*free)(void *context);
	void *context;
	uint64_t size; /* of all of it; 0: not known */
};

/*
 * An answer that takes its time, while others are served. The server calls start() when
 * the request is parked; whatever that sets off calls done() once, in any thread; then
 * answer() is called in the server's thread, and free() when the request has ended.
 */
struct http_later {
	void (*start)(struct http_later *later);
	void (*answer)(struct http_later *later, struct http_answer *answer);
	void (*free)(struct http_later *later);

	/* Set by the server before start(). */
	void (*done)(struct http_later *later);
	void *parked;
};

struct http_answer {
	unsigned status;
	const char *type; /* a literal */
	struct http_header headers[HTTP_HEADERS];
	size_t header_count;
	uint32_t retry_seconds; /* the header Retry-After; 0: none */

	/* One of these: */
	struct buf body;
	struct http_stream stream; /* where it has next() */
	struct http_later *later;  /* where it is not NULL; then nothing else is set */
};

/* Plain text; `text` may be added to. */
void http_answer_text(struct http_answer *answer, unsigned status, const char *text);
void http_answer_header(
    struct http_answer *answer, const char *name, const char *value);

#endif
