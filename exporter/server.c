/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The one room of libmicrohttpd. A path is a row of a table; what its page says is
 * written elsewhere. /metrics is written piece by piece while it is sent, from a
 * snapshot that stays as it is until the last byte is out.
 */
#include "server.h"

#include "metrics.h"
#include "pages.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PIECE_BYTES = 64 * 1024,
	/* One connection's request and what waits to be sent: the size of a chunk. */
	CONNECTION_BYTES = LIMIT_HTTP_REQUEST_BYTES + PIECE_BYTES
};

struct server {
	struct MHD_Daemon *daemon;
	struct results *results;
	struct clock *clock;
	const struct log *log;
};

static struct snapshot *
take_snapshot(struct server *server)
{
	return results_snapshot(server->results, server->clock->now_ms(server->clock));
}

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (MHD_add_response_header(response, name, value) != MHD_YES)
		die_unknown("out of memory");
}

static struct MHD_Response *
with_type(struct MHD_Response *response, const char *content_type)
{
	if (response == NULL)
		die_unknown("out of memory");
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
	add_header(response, "X-Content-Type-Options", "nosniff");
	return response;
}

/* `text` is a literal. */
static struct MHD_Response *
answer_text(const char *text)
{
	return with_type(MHD_create_response_from_buffer(
			     strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT),
	    "text/plain; charset=utf-8");
}

/* --- /metrics ------------------------------------------------------------- */

struct scrape {
	struct snapshot *snapshot;
	struct metrics_cursor cursor;
	struct buf text; /* the piece that is being sent */
	size_t sent;     /* of it */
};

static ssize_t
read_scrape(void *context, uint64_t position, char *memory, size_t max)
{
	struct scrape *scrape = context;
	(void)position; /* they come in order */
	if (scrape->sent == scrape->text.length) {
		buf_clear(&scrape->text);
		scrape->sent = 0;
		if (!metrics_add(&scrape->cursor, &scrape->text, PIECE_BYTES))
			return MHD_CONTENT_READER_END_OF_STREAM;
	}
	struct span piece = span_slice(buf_span(&scrape->text), scrape->sent, max);
	memcpy(memory, piece.bytes, piece.length);
	scrape->sent += piece.length;
	return (ssize_t)piece.length;
}

static void
free_scrape(void *context)
{
	struct scrape *scrape = context;
	snapshot_drop(scrape->snapshot);
	buf_free(&scrape->text);
	free(scrape);
}

static struct MHD_Response *
answer_metrics(struct server *server)
{
	struct scrape *scrape = must_calloc(1, sizeof(*scrape));
	scrape->snapshot = take_snapshot(server);
	metrics_begin(&scrape->cursor, scrape->snapshot);
	buf_init(&scrape->text, LIMIT_OUTPUT);
	return with_type(MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
			     PIECE_BYTES, read_scrape, scrape, free_scrape),
	    METRICS_CONTENT_TYPE);
}

/* --- the rest ------------------------------------------------------------- */

static struct MHD_Response *
answer_landing(struct server *server)
{
	struct buf page;
	buf_init(&page, LIMIT_PAGE_BYTES);
	struct snapshot *snapshot = take_snapshot(server);
	pages_landing(&page, snapshot);
	snapshot_drop(snapshot);

	size_t length;
	char *text = buf_take(&page, &length);
	struct MHD_Response *response = with_type(
	    MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE),
	    PAGES_CONTENT_TYPE);
	add_header(response, "Content-Security-Policy", PAGES_SECURITY_POLICY);
	return response;
}

static struct MHD_Response *
answer_healthy(struct server *server)
{
	(void)server;
	return answer_text("mailgauge_exporter is healthy.\n");
}

/* The server starts after the configuration was loaded, so whoever asks it finds it
 * ready; that some checks have not run yet shows in their metrics. */
static struct MHD_Response *
answer_ready(struct server *server)
{
	(void)server;
	return answer_text("mailgauge_exporter is ready.\n");
}

static const struct route {
	const char *path;
	struct MHD_Response *(*answer)(struct server *server);
} routes[] = {
	{ "/", answer_landing },
	{ "/metrics", answer_metrics },
	{ "/-/healthy", answer_healthy },
	{ "/-/ready", answer_ready },
};

static const struct route *
find_route(const char *path)
{
	for (size_t i = 0; i < ARRAY_LENGTH(routes); i++)
		if (strcmp(path, routes[i].path) == 0)
			return &routes[i];
	return NULL;
}

static bool
is_read(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static enum MHD_Result
send_answer(
    struct MHD_Connection *connection, unsigned status, struct MHD_Response *response)
{
	enum MHD_Result sent = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result
send_refusal(struct MHD_Connection *connection, const struct route *route)
{
	if (route == NULL)
		return send_answer(
		    connection, MHD_HTTP_NOT_FOUND, answer_text("Not found.\n"));
	struct MHD_Response *response = answer_text("Only GET and HEAD here.\n");
	add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	return send_answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}

/* Called once for the headers, once for each piece of a body, once at the end. A
 * refusal at the first call ends the connection, so that nobody's body is waited for; a
 * page is sent at the last, so that the connection can be used again. */
static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *body, size_t *body_bytes,
    void **request)
{
	struct server *server = context;
	(void)version;
	(void)body;
	const struct route *route = find_route(path);
	if (route == NULL || !is_read(method))
		return send_refusal(connection, route);
	if (*request == NULL) {
		*request = server; /* anything but NULL: the headers were seen */
		return MHD_YES;
	}
	if (*body_bytes > 0) {
		*body_bytes = 0; /* not read by any page */
		return MHD_YES;
	}
	struct MHD_Response *response = route->answer(server);
	/* libmicrohttpd 0.9.75 ends a body of unknown length by an empty chunk, also
	 * where there is none. Without chunks it closes the connection instead. */
	if (strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 &&
	    MHD_set_response_options(
		response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END) != MHD_YES)
		die_unknown("out of memory");
	return send_answer(connection, MHD_HTTP_OK, response);
}

static void log_library(void *context, const char *format, va_list values)
    PRINTF_LIKE(2, 0);

/* What the library has to say is about clients that went away. */
static void
log_library(void *context, const char *format, va_list values)
{
	struct server *server = context;
	char memory[LIMIT_MESSAGE];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_addv(&text, format, values);
	struct span line = span_trim(buf_span(&text));
	buf_shorten(&text, line.length);
	log_write(server->log, LOG_LEVEL_DEBUG, "http",
	    LOG_FIELDS({ "detail", text.text, 0 }));
}

struct server *
server_start(
    int listener, struct results *results, struct clock *clock, const struct log *log)
{
	struct server *server = must_calloc(1, sizeof(*server));
	server->results = results;
	server->clock = clock;
	server->log = log;
	server->daemon = MHD_start_daemon(
	    MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL,
	    NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, log_library, server,
	    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)LIMIT_HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)LIMIT_HTTP_IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_BYTES, MHD_OPTION_END);
	if (server->daemon != NULL)
		return server;
	close(listener);
	free(server);
	return NULL;
}

void
server_stop(struct server *server)
{
	if (server == NULL)
		return;
	MHD_stop_daemon(server->daemon);
	free(server);
}
