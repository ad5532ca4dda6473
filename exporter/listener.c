/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Made here and not by the HTTP library, so that a port in use is told as that, and
 * that port 0 can be told at all. Addresses are numbers: names are for DNS, and an
 * exporter that needs DNS to start can't tell that it is broken.
 */
#include "listener.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "HOST:PORT" at its last colon. */
static bool
split_port(struct span text, struct span *host, uint16_t *port)
{
	size_t colon = text.length;
	while (colon > 0 && text.bytes[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return false;
	*host = span_slice(text, 0, colon - 1);
	struct span rest = span_slice(text, colon, text.length);
	uint32_t number;
	if (!span_take_number(&rest, UINT16_MAX, &number) || rest.length > 0)
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool
parse(struct span text, union address *address)
{
	struct span host;
	uint16_t port;
	if (!split_port(text, &host, &port))
		return false;
	memset(address, 0, sizeof(*address));

	char memory[INET6_ADDRSTRLEN];
	struct buf number;
	buf_wrap(&number, memory, sizeof(memory));
	bool is_v6 = host.length == 0;
	if (span_take_byte(&host, '[')) {
		if (host.length == 0 || host.bytes[host.length - 1] != ']')
			return false;
		host.length--;
		is_v6 = true;
		buf_add(&number, host);
	} else {
		buf_add(&number, host.length > 0 ? host : span_text("::"));
	}
	address->any.sa_family = is_v6 ? AF_INET6 : AF_INET;
	if (is_v6) {
		address->v6.sin6_port = htons(port);
		return inet_pton(AF_INET6, number.text, &address->v6.sin6_addr) == 1;
	}
	address->v4.sin_port = htons(port);
	return inet_pton(AF_INET, number.text, &address->v4.sin_addr) == 1;
}

/* 0 or an errno. */
static int
listen_on(int fd, const union address *address, bool is_dual)
{
	int on = 1, v6_only = !is_dual;
	socklen_t size = sizeof(address->v4);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return errno;
	if (address->any.sa_family == AF_INET6) {
		size = sizeof(address->v6);
		if (setsockopt(
			fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only)) != 0)
			return errno;
	}
	if (bind(fd, &address->any, size) != 0 || listen(fd, SOMAXCONN) != 0)
		return errno;
	return 0;
}

/* 0 or an errno. */
static int
open_socket(const union address *address, bool is_dual, int *fd)
{
	*fd = socket(
	    address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return errno;
	int failed = listen_on(*fd, address, is_dual);
	if (failed)
		close(*fd);
	return failed;
}

int
listener_open(struct span text, struct buf *why)
{
	union address address;
	if (!parse(text, &address)) {
		buf_add_text(why, "can't listen on '");
		buf_add_safe(why, text);
		buf_add_text(
		    why, "': expected ADDRESS:PORT, [IPV6-ADDRESS]:PORT or :PORT");
		return -1;
	}
	int fd;
	bool is_dual = text.bytes[0] == ':';
	int failed = open_socket(&address, is_dual, &fd);
	if (failed == EAFNOSUPPORT && is_dual) { /* a host without IPv6 */
		address.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = address.v6.sin6_port };
		failed = open_socket(&address, false, &fd);
	}
	if (!failed)
		return fd;
	buf_add_text(why, "can't listen on ");
	buf_add_safe(why, text);
	buf_addf(why, ": %s", strerror(failed));
	return -1;
}

void
listener_add_address(struct buf *out, int fd)
{
	union address address;
	socklen_t size = sizeof(address);
	char text[INET6_ADDRSTRLEN];
	int failed = getsockname(fd, &address.any, &size);
	assert(!failed);
	if (address.any.sa_family == AF_INET6)
		buf_addf(out, "[%s]:%u",
		    inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof(text)),
		    ntohs(address.v6.sin6_port));
	else
		buf_addf(out, "%s:%u",
		    inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof(text)),
		    ntohs(address.v4.sin_port));
}
