/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* nameserver: addresses of resolvers, from people and from resolv.conf(5). */
#ifndef MAILGAUGE_DNS_NAMESERVER_H
#define MAILGAUGE_DNS_NAMESERVER_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/span.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct nameserver {
	int family;          /* AF_INET or AF_INET6 */
	uint8_t address[16]; /* 4 or 16 bytes of it, the rest 0 */
	uint16_t port;       /* never 0 */
};

struct nameservers {
	size_t count;
	struct nameserver list[LIMIT_NAMESERVERS];
};

/* "192.0.2.1", "192.0.2.1:5300", "2001:db8::1", "[2001:db8::1]:5300". SCOPED for an
 * address that needs an interface, OUT_OF_RANGE for a port that is none; the server is
 * undefined then. */
enum status nameserver_parse(struct nameserver *server, struct span text) MUST_CHECK;

/* Always with the port, so that it reads back as the same. */
void nameserver_add(struct buf *out, const struct nameserver *server);

/* The `nameserver` lines of a resolv.conf(5) text; others are not ours to judge, and a
 * line that holds no address is none. */
void nameservers_from_resolv_conf(struct nameservers *servers, struct span text);

/* Reads such a file; when it is missing or has no usable line, the server is 127.0.0.1,
 * as resolv.conf(5) says. UNREADABLE when the file can't be read although it is there,
 * TOO_MANY when it is larger than LIMIT_RESOLV_CONF. */
enum status nameservers_from_file(
    struct nameservers *servers, const char *path) MUST_CHECK;

/* The same with /etc/resolv.conf. */
enum status nameservers_from_system(struct nameservers *servers) MUST_CHECK;

/* All are on loopback: then the path between us and their AD bit is our own host. */
bool nameservers_are_loopback(const struct nameservers *servers);

#endif
