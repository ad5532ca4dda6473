/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Addresses of resolvers. resolv.conf is read here and not by c-ares, so that a plugin
 * run says the same whichever version it was built with; its options are left alone,
 * because retries and time limits are ours.
 */
#include "dns/nameserver.h"

#include "core/file.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

enum { DNS_PORT = 53 };

/* --- addresses ------------------------------------------------------------ */

static enum status
parse_address(struct nameserver *server, int family, struct span text)
{
	if (text.length == 0)
		return STATUS_EMPTY;
	if (family == AF_INET6 && span_contains_byte(text, '%'))
		return STATUS_SCOPED;

	/* inet_pton() reads up to a NUL: one within the text must not end it. */
	char memory[INET6_ADDRSTRLEN];
	struct buf copy;
	buf_wrap(&copy, memory, sizeof(memory));
	buf_add(&copy, text);
	*server = (struct nameserver){ .family = family, .port = DNS_PORT };
	if (copy.cut || span_contains_byte(text, '\0') ||
	    inet_pton(family, copy.text, server->address) != 1)
		return STATUS_MALFORMED;
	return STATUS_OK;
}

/* ":PORT" or nothing. */
static enum status
parse_port(struct nameserver *server, struct span text)
{
	uint32_t port;
	if (text.length == 0)
		return STATUS_OK;
	if (!span_take_byte(&text, ':') ||
	    !span_take_number(&text, UINT32_MAX, &port) || text.length > 0)
		return STATUS_MALFORMED;
	if (port == 0 || port > UINT16_MAX)
		return STATUS_OUT_OF_RANGE;
	server->port = (uint16_t)port;
	return STATUS_OK;
}

/* More than one colon: an address without brackets and so without a port. */
static bool
is_bare_ipv6(struct span text)
{
	struct span head;
	return span_take_until(&text, ':', &head) && span_take_byte(&text, ':') &&
	    span_contains_byte(text, ':');
}

enum status
nameserver_parse(struct nameserver *server, struct span text)
{
	if (is_bare_ipv6(text) && text.bytes[0] != '[')
		return parse_address(server, AF_INET6, text);

	struct span address;
	int family = span_take_byte(&text, '[') ? AF_INET6 : AF_INET;
	if (family == AF_INET)
		span_take_until_or_end(&text, ':', &address);
	else if (!span_take_until(&text, ']', &address) || !span_take_byte(&text, ']'))
		return STATUS_MALFORMED;
	enum status status = parse_address(server, family, address);
	return status == STATUS_OK ? parse_port(server, text) : status;
}

void
nameserver_add(struct buf *out, const struct nameserver *server)
{
	char text[INET6_ADDRSTRLEN];
	const char *made = inet_ntop(
	    server->family, server->address, text, sizeof(text));
	assert(made != NULL);
	buf_addf(out, server->family == AF_INET6 ? "[%s]:%u" : "%s:%u", made,
	    (unsigned)server->port);
}

static bool
is_loopback(const struct nameserver *server)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	if (server->family == AF_INET)
		return server->address[0] == 127;
	return memcmp(server->address, loopback, sizeof(loopback)) == 0;
}

bool
nameservers_are_loopback(const struct nameservers *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		if (!is_loopback(&servers->list[i]))
			return false;
	return servers->count > 0;
}

/* --- resolv.conf ---------------------------------------------------------- */

/* The keyword starts the line, as resolv.conf(5) says; comments therefore don't need to
 * be known, except behind the address. */
static void
add_line(struct nameservers *servers, struct span line)
{
	struct span blanks, address;
	if (!span_take_prefix_nocase(&line, span_text("nameserver")))
		return;
	span_take_while(&line, byte_is_blank, &blanks);
	if (blanks.length == 0)
		return;
	span_take_until_or_end(&line, '#', &address);
	line = address;
	span_take_until_or_end(&line, ';', &address);

	struct nameserver server;
	enum status status = nameserver_parse(&server, span_trim(address));
	if (status == STATUS_OK && servers->count < LIMIT_NAMESERVERS)
		servers->list[servers->count++] = server;
}

void
nameservers_from_resolv_conf(struct nameservers *servers, struct span text)
{
	struct split lines = { .rest = text };
	struct span line;
	servers->count = 0;
	while (split_next(&lines, '\n', &line))
		add_line(servers, line);
}

enum status
nameservers_from_file(struct nameservers *servers, const char *path)
{
	static const struct nameserver local = {
		.family = AF_INET, .address = { 127, 0, 0, 1 }, .port = DNS_PORT
	};
	struct buf text;
	buf_init(&text, LIMIT_RESOLV_CONF);
	int failed = file_read(&text, path);
	bool is_absent = failed == ENOENT || failed == ENOTDIR;
	servers->count = 0;
	if (!failed)
		nameservers_from_resolv_conf(servers, buf_span(&text));
	buf_free(&text);
	if (failed && !is_absent)
		return failed == EFBIG ? STATUS_TOO_MANY : STATUS_UNREADABLE;
	if (servers->count == 0)
		servers->list[servers->count++] = local;
	return STATUS_OK;
}

enum status
nameservers_from_system(struct nameservers *servers)
{
	return nameservers_from_file(servers, "/etc/resolv.conf");
}
