/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The scripted name server: one thread, one poll() over a pipe that ends it, a UDP
 * socket, a listening TCP socket and a few connections. Its replies are put together
 * here by hand, not by dns/message: a test must not trust what it tests.
 */
#include "support/hostile_dns.h"

#include "core/die.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { STOP, UDP, LISTENER, CONNECTIONS, MAX_FDS = 16 };
enum { HEADER = 12, MAX_MESSAGE = 65535, PORT_TRIES = 50 };

struct hostile_dns {
	pthread_t thread;
	int stop_pipe[2];
	struct nameserver address;
	_Atomic(hostile_script *) script;
	atomic_uint udp, tcp, ports;
	in_port_t last_port;
	struct pollfd fds[MAX_FDS];
	unsigned numbers[MAX_FDS]; /* of connections */
	size_t fd_count;
	unsigned connections;
};

/* --- replies -------------------------------------------------------------- */

/* The question section: the name, which nobody compresses here, type and class. */
static struct span
question_of(struct span query)
{
	struct span rest = span_slice(query, HEADER, query.length);
	struct span whole = rest, label;
	uint8_t length;
	while (span_take_u8(&rest, &length) && length > 0) {
		bool there = span_take(&rest, length, &label);
		assert(there);
	}
	return span_slice(whole, 0, whole.length - rest.length + 4);
}

void
hostile_answer(struct hostile_turn *turn, unsigned rcode)
{
	enum { QR = 0x8000, RD = 0x0100, RA = 0x0080 };
	buf_clear(&turn->reply);
	buf_add(&turn->reply, span_slice(turn->query, 0, 2));
	buf_add_u16(&turn->reply, QR | RD | RA | rcode);
	buf_add_u16(
	    &turn->reply, 1); /* question, then answers, authority, additional */
	buf_add_u16(&turn->reply, 0);
	buf_add_u16(&turn->reply, 0);
	buf_add_u16(&turn->reply, 0);
	buf_add(&turn->reply, question_of(turn->query));
}

void
hostile_add_record(
    struct hostile_turn *turn, uint16_t type, uint32_t ttl, struct span data)
{
	enum { ANSWERS = 7, NAME_ABOVE = 0xc000 | HEADER, CLASS_IN = 1 };
	turn->reply.text[ANSWERS]++;
	buf_add_u16(&turn->reply, NAME_ABOVE);
	buf_add_u16(&turn->reply, type);
	buf_add_u16(&turn->reply, CLASS_IN);
	buf_add_u16(&turn->reply, ttl >> 16);
	buf_add_u16(&turn->reply, ttl & 0xffff);
	buf_add_u16(&turn->reply, (unsigned)data.length);
	buf_add(&turn->reply, data);
}

void
hostile_add_txt(struct hostile_turn *turn, const char *string)
{
	struct buf data;
	buf_init(&data, 256);
	buf_add_byte(&data, (uint8_t)strlen(string));
	buf_add_text(&data, string);
	hostile_add_record(turn, 16, 300, buf_span(&data));
	buf_free(&data);
}

void
hostile_set_flags(struct hostile_turn *turn, unsigned flags)
{
	turn->reply.text[2] |= (char)(flags >> 8);
	turn->reply.text[3] |= (char)(flags & 0xff);
}

void
hostile_send(struct hostile_turn *turn)
{
	hostile_send_part(turn, turn->reply.length);
}

void
hostile_send_part(struct hostile_turn *turn, size_t length)
{
	struct buf framed;
	buf_init(&framed, MAX_MESSAGE + 2);
	if (turn->tcp)
		buf_add_u16(&framed, (unsigned)turn->reply.length);
	buf_add(&framed, span_slice(buf_span(&turn->reply), 0, length));
	const struct sockaddr *peer = (const struct sockaddr *)&turn->peer;
	/* Whether it arrives is not this side's business. */
	(void)sendto(turn->socket, framed.text, framed.length, MSG_NOSIGNAL,
	    turn->tcp ? NULL : peer, turn->tcp ? 0 : turn->peer_length);
	buf_free(&framed);
}

/* --- the thread ----------------------------------------------------------- */

static void
take_turn(struct hostile_dns *server, struct hostile_turn *turn)
{
	enum { ADDITIONAL = 11 };
	if (turn->query.length < HEADER)
		return;
	atomic_fetch_add(turn->tcp ? &server->tcp : &server->udp, 1);
	turn->number = server->udp + server->tcp;
	turn->edns = turn->query.bytes[ADDITIONAL] > 0;
	buf_init(&turn->reply, MAX_MESSAGE);
	hostile_script *script = server->script;
	script(turn);
	buf_free(&turn->reply);
}

static void
note_port(struct hostile_dns *server, const struct sockaddr_storage *peer)
{
	/* Both families have the port at the same place. */
	in_port_t port = ((const struct sockaddr_in *)peer)->sin_port;
	if (port != server->last_port)
		atomic_fetch_add(&server->ports, 1);
	server->last_port = port;
}

static void
serve_datagram(struct hostile_dns *server)
{
	uint8_t memory[1500];
	struct hostile_turn turn = { .socket = server->fds[UDP].fd };
	turn.peer_length = sizeof(turn.peer);
	ssize_t length = recvfrom(turn.socket, memory, sizeof(memory), 0,
	    (struct sockaddr *)&turn.peer, &turn.peer_length);
	if (length < 0)
		return;
	turn.query = span_of(memory, (size_t)length);
	note_port(server, &turn.peer);
	take_turn(server, &turn);
}

static void
accept_connection(struct hostile_dns *server)
{
	int fd = accept(server->fds[LISTENER].fd, NULL, NULL);
	if (fd < 0)
		return;
	struct timeval limit = { .tv_sec = 1 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (server->fd_count == MAX_FDS) {
		close(fd);
		return;
	}
	server->numbers[server->fd_count] = ++server->connections;
	server->fds[server->fd_count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* One query of a connection; false when it has come to its end. */
static bool
serve_connection(struct hostile_dns *server, int fd, unsigned number)
{
	uint8_t prefix[2], memory[1500];
	if (recv(fd, prefix, sizeof(prefix), MSG_WAITALL) != sizeof(prefix))
		return false;
	size_t length = (size_t)prefix[0] << 8 | prefix[1];
	if (length > sizeof(memory) ||
	    recv(fd, memory, length, MSG_WAITALL) != (ssize_t)length)
		return false;
	struct hostile_turn turn = { .tcp = true, .socket = fd, .connection = number };
	turn.query = span_of(memory, length);
	take_turn(server, &turn);
	return !turn.hang_up;
}

static void
serve_connections(struct hostile_dns *server)
{
	for (size_t i = server->fd_count; i-- > CONNECTIONS;) {
		struct pollfd *fd = &server->fds[i];
		if (fd->revents == 0 ||
		    serve_connection(server, fd->fd, server->numbers[i]))
			continue;
		close(fd->fd);
		server->fd_count--;
		*fd = server->fds[server->fd_count];
		server->numbers[i] = server->numbers[server->fd_count];
	}
}

static void *
serve(void *argument)
{
	struct hostile_dns *server = argument;
	for (;;) {
		poll(server->fds, server->fd_count, -1);
		if (server->fds[STOP].revents != 0)
			return NULL;
		serve_connections(server); /* before new ones come into the table */
		if (server->fds[UDP].revents != 0)
			serve_datagram(server);
		if (server->fds[LISTENER].revents != 0)
			accept_connection(server);
	}
}

/* --- start and stop ------------------------------------------------------- */

static socklen_t
make_sockaddr(struct sockaddr_storage *storage, const struct nameserver *address)
{
	memset(storage, 0, sizeof(*storage));
	if (address->family == AF_INET6) {
		struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(address->port);
		memcpy(&six->sin6_addr, address->address, 16);
		return sizeof(*six);
	}
	struct sockaddr_in *four = (struct sockaddr_in *)storage;
	four->sin_family = AF_INET;
	four->sin_port = htons(address->port);
	memcpy(&four->sin_addr, address->address, 4);
	return sizeof(*four);
}

/* A bound socket, whose port goes into `address`; -1 when that can't be had. */
static int
bound_socket(int type, struct nameserver *address)
{
	int fd = socket(address->family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	struct sockaddr_storage storage;
	socklen_t length = make_sockaddr(&storage, address);
	if (bind(fd, (struct sockaddr *)&storage, length) != 0 ||
	    getsockname(fd, (struct sockaddr *)&storage, &length) != 0) {
		close(fd);
		return -1;
	}
	address->port = ntohs(((struct sockaddr_in *)&storage)->sin_port);
	return fd;
}

/* The same port for both transports, free in both whether TCP is wanted or not. */
static bool
open_sockets(struct hostile_dns *server, bool tcp)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		server->address.port = 0;
		int udp = bound_socket(SOCK_DGRAM, &server->address);
		if (udp < 0)
			return false;
		int listener = bound_socket(SOCK_STREAM, &server->address);
		if (listener < 0 || (tcp && listen(listener, 8) != 0)) {
			close(udp);
			continue;
		}
		server->fds[UDP] = (struct pollfd){ .fd = udp, .events = POLLIN };
		/* Bound and not listening, it keeps the port and refuses. */
		server->fds[LISTENER] = (struct pollfd){ .fd = listener,
			.events = tcp ? POLLIN : 0 };
		return true;
	}
	return false;
}

static struct nameserver
parse_address(const char *text)
{
	struct nameserver address = { .family = AF_INET };
	if (inet_pton(AF_INET, text, address.address) == 1)
		return address;
	address.family = AF_INET6;
	int parsed = inet_pton(AF_INET6, text, address.address);
	assert(parsed == 1);
	return address;
}

struct hostile_dns *
hostile_dns_start(const char *address, bool tcp, hostile_script *script)
{
	struct hostile_dns *server = must_calloc(1, sizeof(*server));
	server->script = script;
	server->address = parse_address(address);
	if (!open_sockets(server, tcp)) {
		free(server);
		return NULL;
	}
	int failed = pipe(server->stop_pipe);
	assert(!failed);
	server->fds[STOP] = (struct pollfd){ .fd = server->stop_pipe[0],
		.events = POLLIN };
	server->fd_count = CONNECTIONS;
	if (!tcp)
		server->fds[LISTENER].fd = ~server->fds[LISTENER].fd; /* not polled */
	failed = pthread_create(&server->thread, NULL, serve, server);
	assert(!failed);
	return server;
}

void
hostile_dns_stop(struct hostile_dns *server)
{
	close(server->stop_pipe[1]);
	int failed = pthread_join(server->thread, NULL);
	assert(!failed);
	for (size_t i = 0; i < server->fd_count; i++) {
		int fd = server->fds[i].fd;
		close(fd < 0 ? ~fd : fd);
	}
	free(server);
}

struct nameserver
hostile_dns_address(const struct hostile_dns *server)
{
	return server->address;
}

unsigned
hostile_dns_udp(struct hostile_dns *server)
{
	return server->udp;
}

unsigned
hostile_dns_tcp(struct hostile_dns *server)
{
	return server->tcp;
}

unsigned
hostile_dns_ports(struct hostile_dns *server)
{
	return server->ports;
}

void
hostile_dns_becomes(struct hostile_dns *server, hostile_script *script)
{
	server->script = script;
}

struct nameserver
hostile_dns_nobody(void)
{
	struct nameserver address = parse_address("127.0.0.1");
	int fd = bound_socket(SOCK_DGRAM, &address);
	assert(fd >= 0);
	close(fd);
	return address;
}
