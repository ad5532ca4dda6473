/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Made here and not by the HTTP library, so that a port in use is told as that, and
 * that port 0 can be told at all. Addresses are numbers: names are for DNS, and an
 * exporter that needs DNS to start can't tell that it is broken. What systemd listens
 * on is taken as it is (the protocol of sd_listen_fds(3): descriptors from 3 on, and
 * two variables).
 */
#include "listener.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { INHERITED_FIRST = 3 }; /* SD_LISTEN_FDS_START */

static const struct span unix_prefix = SPAN("unix:");

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
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

/* "unix:/PATH"; a name that begins otherwise would depend on where we were started. */
static bool
parse_path(struct span path, union address *address)
{
	struct buf copy;
	if (path.length < 2 || path.bytes[0] != '/' ||
	    path.length >= sizeof(address->local.sun_path) ||
	    span_contains_byte(path, '\0'))
		return false;
	address->local.sun_family = AF_UNIX;
	buf_wrap(&copy, address->local.sun_path, sizeof(address->local.sun_path));
	buf_add(&copy, path);
	return true;
}

static bool
parse_number(struct span host, uint16_t port, union address *address)
{
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
	if (number.cut)
		return false;
	address->any.sa_family = is_v6 ? AF_INET6 : AF_INET;
	if (is_v6) {
		address->v6.sin6_port = htons(port);
		return inet_pton(AF_INET6, number.text, &address->v6.sin6_addr) == 1;
	}
	address->v4.sin_port = htons(port);
	return inet_pton(AF_INET, number.text, &address->v4.sin_addr) == 1;
}

static bool
parse(struct span text, union address *address)
{
	struct span host;
	uint16_t port;
	memset(address, 0, sizeof(*address));
	if (span_take_prefix_nocase(&text, unix_prefix))
		return parse_path(text, address);
	return split_port(text, &host, &port) && parse_number(host, port, address);
}

static socklen_t
size_of(const union address *address)
{
	if (address->any.sa_family == AF_INET6)
		return sizeof(address->v6);
	return address->any.sa_family == AF_UNIX ? sizeof(address->local)
						 : sizeof(address->v4);
}

/* A socket that nobody listens on any more is what a killed process leaves. One that
 * answers, and whatever is no socket, stays: then the address is in use. */
static void
remove_stale(const struct sockaddr_un *local)
{
	struct stat info;
	if (lstat(local->sun_path, &info) != 0 || !S_ISSOCK(info.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)local, sizeof(*local)) != 0 &&
	    errno == ECONNREFUSED)
		unlink(local->sun_path);
	close(fd);
}

/* 0 or an errno. */
static int
listen_on(int fd, const union address *address, bool is_dual)
{
	int on = 1, v6_only = !is_dual;
	if (address->any.sa_family == AF_UNIX)
		remove_stale(&address->local);
	else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return errno;
	if (address->any.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only)) != 0)
		return errno;
	if (bind(fd, &address->any, size_of(address)) != 0 ||
	    listen(fd, SOMAXCONN) != 0)
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
		buf_add_text(why,
		    "': expected ADDRESS:PORT, [IPV6-ADDRESS]:PORT, :PORT or "
		    "unix:/PATH");
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
listener_remove(struct span text)
{
	union address address;
	if (parse(text, &address) && address.any.sa_family == AF_UNIX)
		unlink(address.local.sun_path);
}

/* --- sockets of systemd's --------------------------------------------------- */

/* A number in the environment; false when there is none. */
static bool
read_variable(const char *name, uint32_t *number)
{
	const char *text = getenv(name);
	struct span rest = span_text(text != NULL ? text : "");
	return span_take_number(&rest, INT32_MAX, number) && rest.length == 0;
}

static bool
has_option(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t size = sizeof(value);
	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 &&
	    value == wanted;
}

static bool
take_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	return has_option(fd, SO_TYPE, SOCK_STREAM) &&
	    has_option(fd, SO_ACCEPTCONN, 1) && flags >= 0 &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

size_t
listener_inherit(int fds[], size_t max, struct buf *why)
{
	uint32_t pid, count;
	if (!read_variable("LISTEN_PID", &pid) || pid != (uint32_t)getpid() ||
	    !read_variable("LISTEN_FDS", &count) || count == 0) {
		buf_add_text(why, "systemd has handed over no socket");
		return 0;
	}
	if (count > max) {
		buf_addf(why,
		    "systemd has handed over %u sockets, at most %zu can be "
		    "served",
		    count, max);
		return 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		fds[i] = INHERITED_FIRST + (int)i;
		if (take_inherited(fds[i]))
			continue;
		buf_addf(why,
		    "descriptor %d of systemd is no stream socket that listens",
		    fds[i]);
		return 0;
	}
	return count;
}

void
listener_add_address(struct buf *out, int fd)
{
	union address address;
	socklen_t size = sizeof(address);
	char text[INET6_ADDRSTRLEN];
	memset(&address, 0, sizeof(address));
	int failed = getsockname(fd, &address.any, &size);
	assert(!failed);
	if (address.any.sa_family == AF_UNIX) {
		buf_add(out, unix_prefix);
		buf_add_safe(out,
		    span_of(address.local.sun_path,
			strnlen(
			    address.local.sun_path, sizeof(address.local.sun_path))));
	} else if (address.any.sa_family == AF_INET6) {
		buf_addf(out, "[%s]:%u",
		    inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof(text)),
		    ntohs(address.v6.sin6_port));
	} else {
		buf_addf(out, "%s:%u",
		    inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof(text)),
		    ntohs(address.v4.sin_port));
	}
}
