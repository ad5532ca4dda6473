/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A listener, a thread for each connection, and what scripts say and hear. */
#include "support/hostile_smtp.h"

#include "core/die.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 64 }; /* of one server in one test */

struct hostile_smtp {
	int listener, stop; /* `stop` is readable at the end */
	struct sockaddr_in address;
	hostile_smtp_script *script;
	const void *context;
	pthread_t acceptor;
	pthread_mutex_t lock; /* of what is below */
	unsigned count, active, most;
	pthread_t threads[CONNECTIONS];
	struct hostile_peer peers[CONNECTIONS];
};

/* --- for scripts ---------------------------------------------------------- */

/* Waits for events of the peer; false when its time, or the server's, is over. */
static bool
peer_wait(struct hostile_peer *peer, short events, int wait_ms)
{
	struct pollfd fds[] = { { .fd = peer->socket, .events = events },
		{ .fd = peer->server->stop, .events = POLLIN } };
	if (peer->gone || poll(fds, 2, wait_ms) <= 0)
		return false;
	if (fds[1].revents != 0)
		peer->gone = true;
	return !peer->gone && fds[0].revents != 0;
}

void
peer_send(struct hostile_peer *peer, struct span bytes)
{
	while (bytes.length > 0 && peer_wait(peer, POLLOUT, -1)) {
		ssize_t sent = send(peer->socket, bytes.bytes, bytes.length,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0)
			bytes = span_slice(bytes, (size_t)sent, bytes.length);
		else if (errno != EAGAIN && errno != EINTR)
			peer->gone = true;
	}
}

void
peer_say(struct hostile_peer *peer, const char *text)
{
	peer_send(peer, span_text(text));
}

void
peer_pause(struct hostile_peer *peer, unsigned pause_ms)
{
	/* Hearing nothing but the end; what the client says is left for later. */
	peer_wait(peer, POLLRDHUP, (int)pause_ms);
}

void
peer_hang(struct hostile_peer *peer)
{
	while (!peer->gone && !peer_wait(peer, POLLRDHUP, -1))
		continue;
	peer->gone = true;
}

void
peer_drip(struct hostile_peer *peer, const char *text, unsigned pause_ms)
{
	for (; *text != '\0' && !peer->gone; text++) {
		peer_send(peer, span_of(text, 1));
		peer_pause(peer, pause_ms);
	}
}

bool
peer_receive(struct hostile_peer *peer, void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		if (!peer_wait(peer, POLLIN, -1))
			return false;
		ssize_t got = recv(
		    peer->socket, (char *)bytes + done, length - done, MSG_DONTWAIT);
		if (got > 0)
			done += (size_t)got;
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			peer->gone = true;
	}
	return true;
}

void
peer_line(struct hostile_peer *peer, char *line, size_t size)
{
	size_t length = 0;
	char byte;
	while (length + 1 < size && peer_receive(peer, &byte, 1) && byte != '\n')
		if (byte != '\r')
			line[length++] = byte;
	line[length] = '\0';
}

void
peer_reset(struct hostile_peer *peer)
{
	const struct linger linger = { .l_onoff = 1 };
	setsockopt(peer->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	peer->gone = true;
}

bool
peer_hears_starttls(struct hostile_peer *peer)
{
	char line[512];
	peer_say(peer, "220 mx.example.com ESMTP\r\n");
	peer_line(peer, line, sizeof(line));
	if (strncasecmp(line, "EHLO ", 5) != 0)
		return false;
	peer_say(peer, "250-mx.example.com\r\n250-STARTTLS\r\n250 HELP\r\n");
	peer_line(peer, line, sizeof(line));
	return strcasecmp(line, "STARTTLS") == 0;
}

bool
peer_starttls(struct hostile_peer *peer)
{
	bool is_asked_for = peer_hears_starttls(peer);
	if (is_asked_for)
		peer_say(peer, "220 go ahead\r\n");
	return is_asked_for;
}

void
peer_hangs_at_tls(struct hostile_peer *peer)
{
	if (peer_starttls(peer))
		peer_hang(peer);
}

void
peer_drips_tls(struct hostile_peer *peer)
{
	enum { PAUSE_MS = 20 };
	char hello[16];
	if (!peer_starttls(peer) || !peer_receive(peer, hello, sizeof(hello)))
		return;
	while (!peer->gone)
		peer_drip(
		    peer, "\x16\x03\x03\x3f\xff\x02\x10\x10\x10\x03\x03", PAUSE_MS);
}

/* --- the server ----------------------------------------------------------- */

static void *
serve(void *context)
{
	struct hostile_peer *peer = context;
	struct hostile_smtp *server = peer->server;
	server->script(peer);
	pthread_mutex_lock(&server->lock);
	server->active--; /* first: who sees the end may come back at once */
	pthread_mutex_unlock(&server->lock);
	close(peer->socket);
	return NULL;
}

static void
begin(struct hostile_smtp *server, int socket)
{
	pthread_mutex_lock(&server->lock);
	assert(server->count < CONNECTIONS);
	struct hostile_peer *peer = &server->peers[server->count];
	*peer = (struct hostile_peer){ .server = server,
		.context = server->context,
		.socket = socket,
		.number = server->count + 1 };
	server->active++;
	if (server->active > server->most)
		server->most = server->active;
	int failed = pthread_create(&server->threads[server->count], NULL, serve, peer);
	assert(!failed);
	server->count++;
	pthread_mutex_unlock(&server->lock);
}

static void *
accept_all(void *context)
{
	struct hostile_smtp *server = context;
	struct pollfd fds[] = { { .fd = server->listener, .events = POLLIN },
		{ .fd = server->stop, .events = POLLIN } };
	while (poll(fds, 2, -1) > 0 && fds[1].revents == 0) {
		int socket = accept(server->listener, NULL, NULL);
		if (socket >= 0)
			begin(server, socket);
	}
	return NULL;
}

struct hostile_smtp *
hostile_smtp_start(
    const char *address, hostile_smtp_script *script, const void *context)
{
	struct hostile_smtp *server = must_calloc(1, sizeof(*server));
	socklen_t length = sizeof(server->address);
	server->script = script;
	server->context = context;
	server->stop = eventfd(0, 0);
	server->address.sin_family = AF_INET;
	inet_pton(AF_INET, address, &server->address.sin_addr);
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert(server->stop >= 0 && server->listener >= 0);
	if (bind(server->listener, (struct sockaddr *)&server->address, length) != 0) {
		close(server->listener);
		close(server->stop);
		free(server);
		return NULL;
	}
	int failed = listen(server->listener, CONNECTIONS) != 0 ||
	    getsockname(
		server->listener, (struct sockaddr *)&server->address, &length) != 0 ||
	    pthread_mutex_init(&server->lock, NULL) != 0 ||
	    pthread_create(&server->acceptor, NULL, accept_all, server) != 0;
	assert(!failed);
	return server;
}

void
hostile_smtp_stop(struct hostile_smtp *server)
{
	int failed = eventfd_write(server->stop, 1);
	assert(!failed);
	pthread_join(server->acceptor, NULL);
	for (unsigned i = 0; i < server->count; i++)
		pthread_join(server->threads[i], NULL);
	close(server->listener);
	close(server->stop);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

struct smtp_endpoint
hostile_smtp_endpoint(const struct hostile_smtp *server)
{
	struct smtp_endpoint endpoint = { .address_length = 4,
		.port = ntohs(server->address.sin_port) };
	memcpy(endpoint.address, &server->address.sin_addr, 4);
	enum status status = dns_name_from_text(
	    &endpoint.name, span_text("mx.example.com"));
	assert(status == STATUS_OK);
	return endpoint;
}

unsigned
hostile_smtp_connections(struct hostile_smtp *server)
{
	pthread_mutex_lock(&server->lock);
	unsigned count = server->count;
	pthread_mutex_unlock(&server->lock);
	return count;
}

unsigned
hostile_smtp_most(struct hostile_smtp *server)
{
	pthread_mutex_lock(&server->lock);
	unsigned most = server->most;
	pthread_mutex_unlock(&server->lock);
	return most;
}
