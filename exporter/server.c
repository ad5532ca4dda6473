/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The one room of libmicrohttpd: makes its requests ours, and our answers its. A
 * request whose answer comes later is suspended, and resumed by whoever has the answer.
 */
#include "server.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utlist.h>

enum {
	PIECE_BYTES = 256 * 1024,
	/* One connection's request and what waits to be sent. After its first request
	 * all of it is in use until the connection ends. */
	CONNECTION_BYTES = LIMIT_HTTP_REQUEST_BYTES + 64 * 1024
};

/* A request from its headers to its last byte. */
struct exchange {
	struct http_request request; /* first: handlers hand us this */
	struct server *server;
	struct MHD_Connection *connection;
	struct http_later *later; /* NULL: answered at once */
	bool is_parked;
	struct exchange *prev, *next; /* parked ones */
};

struct server {
	struct MHD_Daemon *daemons[LIMIT_LISTENERS];
	size_t count;
	struct gate *gate;
	struct web *web;
	const struct log *log;
	pthread_mutex_t pages; /* held while one is written */
	pthread_mutex_t lock;  /* of all below, and of is_parked */
	struct exchange *parked;
	bool stopping;
};

/* --- requests ------------------------------------------------------------- */

static struct span
look_up(const struct http_request *request, enum MHD_ValueKind kind, const char *name)
{
	const struct exchange *exchange = (const struct exchange *)request;
	const char *value = NULL;
	size_t length = 0;
	if (MHD_lookup_connection_value_n(exchange->connection, kind, name,
		strlen(name), &value, &length) != MHD_YES ||
	    value == NULL)
		length = 0;
	return span_of(value, length);
}

static struct span
header_of(const struct http_request *request, const char *name)
{
	return look_up(request, MHD_HEADER_KIND, name);
}

static struct span
argument_of(const struct http_request *request, const char *name)
{
	return look_up(request, MHD_GET_ARGUMENT_KIND, name);
}

/* --- answers -------------------------------------------------------------- */

/* An answer's stream while it is sent. */
struct sending {
	struct http_stream stream;
	struct server *server;
	struct buf text; /* the piece that is being sent */
	size_t sent;     /* of it */
};

static enum http_piece
next_piece(struct sending *sending, struct buf *out)
{
	pthread_mutex_lock(&sending->server->pages);
	enum http_piece piece = sending->stream.next(sending->stream.context, out);
	pthread_mutex_unlock(&sending->server->pages);
	return piece;
}

/* Straight to where the library sends it from, or by a copy where that is too small. */
static ssize_t
read_stream(void *context, uint64_t position, char *memory, size_t max)
{
	struct sending *sending = context;
	(void)position; /* they come in order */
	if (sending->sent == sending->text.length) {
		struct buf direct;
		buf_wrap(&direct, memory, max);
		enum http_piece piece = next_piece(sending, &direct);
		if (piece == HTTP_PIECE_ADDED)
			return (ssize_t)direct.length;
		if (piece == HTTP_PIECE_END)
			return MHD_CONTENT_READER_END_OF_STREAM;
		buf_clear(&sending->text);
		sending->sent = 0;
		if (next_piece(sending, &sending->text) != HTTP_PIECE_ADDED)
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	struct span piece = span_slice(buf_span(&sending->text), sending->sent, max);
	memcpy(memory, piece.bytes, piece.length);
	sending->sent += piece.length;
	return (ssize_t)piece.length;
}

static void
free_stream(void *context)
{
	struct sending *sending = context;
	sending->stream.free(sending->stream.context);
	buf_free(&sending->text);
	free(sending);
}

static struct MHD_Response *
response_of_stream(struct server *server, const struct http_stream *stream)
{
	struct sending *sending = must_calloc(1, sizeof(*sending));
	sending->stream = *stream;
	sending->server = server;
	buf_init(&sending->text, LIMIT_GROUP_BYTES);
	return MHD_create_response_from_callback(
	    stream->size > 0 ? stream->size : MHD_SIZE_UNKNOWN, PIECE_BYTES,
	    read_stream, sending, free_stream);
}

static struct MHD_Response *
response_of_body(struct buf *body)
{
	size_t length;
	char *text = buf_take(body, &length);
	return MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
}

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (MHD_add_response_header(response, name, value) != MHD_YES)
		die_unknown("out of memory");
}

static bool
is_overruled(const struct web_config *config, const char *name)
{
	for (size_t i = 0; i < config->header_count; i++)
		if (strcmp(config->headers[i].name, name) == 0)
			return true;
	return false;
}

/* Whoever set a header for all pages means it for those too that have one. */
static void
add_headers(struct MHD_Response *response, const struct http_answer *answer,
    const struct web_config *config)
{
	static const char no_sniff[] = "X-Content-Type-Options";
	if (!is_overruled(config, no_sniff))
		add_header(response, no_sniff, "nosniff");
	for (size_t i = 0; i < answer->header_count; i++)
		if (!is_overruled(config, answer->headers[i].name))
			add_header(response, answer->headers[i].name,
			    answer->headers[i].value);
	for (size_t i = 0; i < config->header_count; i++)
		add_header(response, config->headers[i].name, config->headers[i].value);
	if (answer->retry_seconds > 0) {
		char seconds[sizeof("4294967295")];
		snprintf(seconds, sizeof(seconds), "%" PRIu32, answer->retry_seconds);
		add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
}

static enum MHD_Result
send_answer(struct exchange *exchange, struct http_answer *answer)
{
	bool is_stream = answer->stream.next != NULL;
	struct MHD_Response *response = is_stream
	    ? response_of_stream(exchange->server, &answer->stream)
	    : response_of_body(&answer->body);
	if (response == NULL)
		die_unknown("out of memory");
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	struct web_settings *settings = web_take(exchange->server->web);
	add_headers(response, answer, settings->config);
	web_drop(settings);
	/* libmicrohttpd 0.9.75 ends a body of unknown length by an empty chunk, also
	 * where there is none. Without chunks it closes the connection instead. */
	if (is_stream && answer->stream.size == 0 &&
	    strcmp(exchange->request.method, "HEAD") == 0 &&
	    MHD_set_response_options(
		response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END) != MHD_YES)
		die_unknown("out of memory");
	enum MHD_Result sent = MHD_queue_response(
	    exchange->connection, answer->status, response);
	MHD_destroy_response(response);
	return sent;
}

/* --- answers that come later ---------------------------------------------- */

/* Ends the wait; the lock is held. */
static void
unpark(struct exchange *exchange)
{
	if (!exchange->is_parked)
		return;
	DL_DELETE(exchange->server->parked, exchange);
	exchange->is_parked = false;
	MHD_resume_connection(exchange->connection);
}

static void
done(struct http_later *later)
{
	struct exchange *exchange = later->parked;
	struct server *server = exchange->server;
	pthread_mutex_lock(&server->lock);
	unpark(exchange);
	pthread_mutex_unlock(&server->lock);
}

/* Suspends first: whoever has the answer may be faster than we are here. False when
 * nobody would have one any more. */
static bool
park(struct exchange *exchange)
{
	struct server *server = exchange->server;
	exchange->later->done = done;
	exchange->later->parked = exchange;
	pthread_mutex_lock(&server->lock);
	bool is_parked = !server->stopping;
	if (is_parked) {
		MHD_suspend_connection(exchange->connection);
		exchange->is_parked = true;
		DL_APPEND(server->parked, exchange);
	}
	pthread_mutex_unlock(&server->lock);
	if (is_parked)
		exchange->later->start(exchange->later);
	return is_parked;
}

/* What the page says by now: itself, or that it will say it later. */
static void
ask_page(struct exchange *exchange, struct http_answer *answer)
{
	struct server *server = exchange->server;
	memset(answer, 0, sizeof(*answer));
	pthread_mutex_lock(&server->pages);
	if (exchange->later == NULL)
		gate_answer(server->gate, &exchange->request, answer);
	else
		exchange->later->answer(exchange->later, answer);
	pthread_mutex_unlock(&server->pages);
}

/* --- the library's calls -------------------------------------------------- */

static void
drop_later(struct exchange *exchange)
{
	if (exchange->later != NULL)
		exchange->later->free(exchange->later);
	exchange->later = NULL;
}

/* An answer that comes later may find that there is another to wait for. */
static enum MHD_Result
answer(struct exchange *exchange)
{
	struct http_answer answer;
	ask_page(exchange, &answer);
	while (answer.later != NULL) {
		drop_later(exchange);
		exchange->later = answer.later;
		if (park(exchange))
			return MHD_YES; /* called again when it is resumed */
		ask_page(exchange, &answer);
	}
	return send_answer(exchange, &answer);
}

/* IPv4 as it is, of IPv6 the half that one household has to itself. */
static uint64_t
client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	uint64_t client = 0;
	const struct sockaddr *any = info != NULL ? info->client_addr : NULL;
	if (any != NULL && any->sa_family == AF_INET)
		client = ((const struct sockaddr_in *)any)->sin_addr.s_addr;
	if (any != NULL && any->sa_family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)any)
						 ->sin6_addr;
		bool is_mapped = IN6_IS_ADDR_V4MAPPED(v6);
		memcpy(&client, v6->s6_addr + (is_mapped ? 12 : 0),
		    is_mapped ? sizeof(uint32_t) : sizeof(client));
	}
	return client;
}

static struct exchange *
exchange_new(struct server *server, struct MHD_Connection *connection, const char *path,
    const char *method)
{
	struct exchange *exchange = must_calloc(1, sizeof(*exchange));
	exchange->request = (struct http_request){ .method = method,
		.path = path,
		.client = client_of(connection),
		.header = header_of,
		.argument = argument_of };
	exchange->server = server;
	exchange->connection = connection;
	return exchange;
}

/* The library waits for one also where the header is empty. */
static bool
has_coding(const struct exchange *exchange)
{
	static const char name[] = "Transfer-Encoding";
	return MHD_lookup_connection_value_n(exchange->connection, MHD_HEADER_KIND,
		   name, strlen(name), NULL, NULL) == MHD_YES;
}

static bool
has_body(const struct exchange *exchange)
{
	struct span length = header_of(&exchange->request, "Content-Length");
	while (span_take_byte(&length, '0'))
		;
	return length.length > 0 || has_coding(exchange);
}

/* Called for the headers and at the end; between them for each piece of a body, which
 * never comes: what is answered at the first call ends the connection, so that nobody's
 * body is waited for, which no page would read. Those who are not let in could hold a
 * connection with it as long as they like. All else is answered at the last, so that
 * the connection can be used again. */
static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *body, size_t *body_bytes,
    void **state)
{
	struct exchange *exchange = *state;
	(void)version, (void)body, (void)body_bytes;
	if (exchange == NULL) {
		*state = exchange = exchange_new(context, connection, path, method);
		if (handlers_knows(&exchange->request) && !has_body(exchange))
			return MHD_YES;
	}
	return answer(exchange);
}

static void
forget(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode reason)
{
	struct exchange *exchange = *state;
	(void)context, (void)connection, (void)reason;
	if (exchange == NULL)
		return;
	drop_later(exchange);
	free(exchange);
	*state = NULL;
}

/* A session keeps the settings that it began with. */
static void
change_connection(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_ConnectionNotificationCode what)
{
	struct server *server = context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		web_drop(*state);
		*state = NULL;
		return;
	}
	struct web_settings *settings = web_take(server->web);
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	/* Where it fails, there is no certificate and so no handshake. */
	if (settings->tls != NULL && info != NULL &&
	    !web_tls_begin(settings->tls, info->tls_session))
		log_write(
		    server->log, LOG_LEVEL_ERROR, "a TLS session can't begin", NULL);
	*state = settings;
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

/* Of each address. */
static unsigned
most_connections(size_t listeners)
{
	struct rlimit files;
	rlim_t most = LIMIT_HTTP_CONNECTIONS;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur / 2 / listeners < most)
		most = files.rlim_cur / 2 / listeners;
	return (unsigned)most;
}

static struct MHD_Daemon *
start_daemon(struct server *server, int listener, unsigned connections)
{
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)web_tls_retriever() },
		{ MHD_OPTION_END, 0, NULL },
	};
	bool has_tls = web_has_tls(server->web);
	return MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC |
		MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME |
		(has_tls ? MHD_USE_TLS : MHD_NO_FLAG),
	    0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, log_library,
	    server, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener, MHD_OPTION_ARRAY,
	    has_tls ? &tls[0] : &tls[1], MHD_OPTION_NOTIFY_CONNECTION,
	    change_connection, server, MHD_OPTION_NOTIFY_COMPLETED, forget, server,
	    MHD_OPTION_CONNECTION_LIMIT, connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    connections * LIMIT_HTTP_CLIENT_PERCENT / 100,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_HTTP_IDLE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
	    MHD_OPTION_END);
}

struct server *
server_start(const int listeners[], size_t count, struct gate *gate, struct web *web,
    const struct log *log)
{
	struct server *server = must_calloc(1, sizeof(*server));
	assert(count <= LIMIT_LISTENERS);
	server->gate = gate;
	server->web = web;
	server->log = log;
	int failed = pthread_mutex_init(&server->lock, NULL) ||
	    pthread_mutex_init(&server->pages, NULL);
	assert(!failed);
	while (server->count < count) {
		struct MHD_Daemon *daemon = start_daemon(
		    server, listeners[server->count], most_connections(count));
		if (daemon == NULL)
			break;
		server->daemons[server->count++] = daemon;
	}
	if (server->count == count)
		return server;
	for (size_t i = server->count; i < count; i++)
		close(listeners[i]);
	server_stop(server);
	return NULL;
}

void
server_stop(struct server *server)
{
	struct exchange *exchange, *next;
	if (server == NULL)
		return;
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	DL_FOREACH_SAFE(server->parked, exchange, next)
	unpark(exchange);
	pthread_mutex_unlock(&server->lock);
	for (size_t i = 0; i < server->count; i++)
		MHD_stop_daemon(server->daemons[i]);
	pthread_mutex_destroy(&server->lock);
	pthread_mutex_destroy(&server->pages);
	free(server);
}
