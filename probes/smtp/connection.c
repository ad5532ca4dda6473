/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A non-blocking socket, poll(2) and a deadline. */
#include "connection.h"

#include "core/deadline.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool
connection_fail(struct connection *connection, enum smtp_end end, int error)
{
	if (connection->end == SMTP_END_DONE) {
		connection->end = end;
		connection->error = error;
	}
	return false;
}

bool
connection_wait(struct connection *connection, short events)
{
	struct clock *clock = clock_system();
	struct pollfd fds[] = {
		{ .fd = connection->fd, .events = events },
		{ .fd = connection->abandon_fd, .events = POLLIN }, /* -1 is skipped */
	};
	if (connection->end != SMTP_END_DONE)
		return false;
	for (;;) {
		int64_t now_ms = clock->now_ms(clock);
		if (now_ms >= connection->deadline_ms)
			return connection_fail(connection, SMTP_END_TIMEOUT, 0);
		clock->wait(clock, fds, ARRAY_LENGTH(fds), connection->deadline_ms);
		if (fds[1].revents != 0)
			return connection_fail(connection, SMTP_END_ABANDONED, 0);
		if (fds[0].revents != 0)
			return true;
	}
}

static size_t
socket_read(struct connection *connection, void *bytes, size_t size)
{
	while (connection_wait(connection, POLLIN)) {
		ssize_t got = recv(connection->fd, bytes, size, 0);
		if (got > 0)
			return (size_t)got;
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			connection_fail(
			    connection, SMTP_END_CLOSED, got == 0 ? 0 : errno);
	}
	return 0;
}

static bool
socket_write(struct connection *connection, struct span bytes)
{
	while (bytes.length > 0) {
		if (!connection_wait(connection, POLLOUT))
			return false;
		ssize_t sent = send(
		    connection->fd, bytes.bytes, bytes.length, MSG_NOSIGNAL);
		if (sent >= 0)
			bytes = span_slice(bytes, (size_t)sent, bytes.length);
		else if (errno != EAGAIN && errno != EINTR)
			return connection_fail(connection, SMTP_END_CLOSED, errno);
	}
	return true;
}

void
connection_adopt(
    struct connection *connection, int fd, int64_t deadline_ms, int abandon_fd)
{
	*connection = (struct connection){
		.fd = fd,
		.abandon_fd = abandon_fd,
		.deadline_ms = deadline_ms,
		.end = SMTP_END_DONE,
		.read = socket_read,
		.write = socket_write,
	};
}

static socklen_t
fill_address(struct sockaddr_storage *storage, const struct smtp_endpoint *endpoint)
{
	memset(storage, 0, sizeof(*storage));
	if (endpoint->address_length == 16) {
		struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(endpoint->port);
		memcpy(&six->sin6_addr, endpoint->address, 16);
		return sizeof(*six);
	}
	struct sockaddr_in *four = (struct sockaddr_in *)storage;
	four->sin_family = AF_INET;
	four->sin_port = htons(endpoint->port);
	memcpy(&four->sin_addr, endpoint->address, 4);
	return sizeof(*four);
}

/* What connect(2) said, at once or later. */
static bool
connect_failed(struct connection *connection, int error)
{
	if (error == ETIMEDOUT)
		return connection_fail(connection, SMTP_END_TIMEOUT, error);
	return connection_fail(connection,
	    error == ECONNREFUSED ? SMTP_END_REFUSED_CONNECTION : SMTP_END_UNREACHABLE,
	    error);
}

bool
connection_open(struct connection *connection, const struct smtp_endpoint *endpoint,
    int64_t deadline_ms, int abandon_fd)
{
	struct sockaddr_storage address;
	socklen_t length = fill_address(&address, endpoint);
	int error, on = 1;
	socklen_t error_length = sizeof(error);
	int fd = socket(
	    address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	connection_adopt(connection, fd, deadline_ms, abandon_fd);
	if (fd < 0)
		return connect_failed(connection, errno);

	/* One command, one reply: nothing to gain by waiting for more to send. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&address, length) != 0 &&
	    errno != EINPROGRESS && errno != EINTR)
		return connect_failed(connection, errno);
	if (!connection_wait(connection, POLLOUT))
		return false;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_length) != 0)
		error = errno;
	return error == 0 || connect_failed(connection, error);
}

void
connection_close(struct connection *connection)
{
	assert(connection->tls == NULL);
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}
