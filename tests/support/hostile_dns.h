/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * hostile_dns: a name server on loopback that does as a script tells, for what no real
 * server does. It runs in a thread, over UDP and, when wanted, TCP on the same port.
 *
 *	static void
 *	truncates(struct hostile_turn *turn)
 *	{
 *		hostile_answer(turn, DNS_RCODE_NOERROR);
 *		hostile_set_flags(turn, HOSTILE_TC);
 *		hostile_send(turn);
 *	}
 *
 * A script that sends nothing is silence. Scripts run in the server's thread: they have
 * no state but the turn's number.
 */
#ifndef MAILGAUGE_TESTS_SUPPORT_HOSTILE_DNS_H
#define MAILGAUGE_TESTS_SUPPORT_HOSTILE_DNS_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "dns/fetch.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { HOSTILE_TC = 0x0200, HOSTILE_AD = 0x0020 };

struct hostile_turn {
	struct span query;
	bool tcp;
	unsigned connection; /* TCP: its number, from 1 */
	bool edns;           /* the query has an OPT record */
	unsigned number;     /* of this query, from 1, over both transports */
	struct buf reply;

	int socket;
	struct sockaddr_storage peer; /* UDP only */
	socklen_t peer_length;
	bool hang_up; /* TCP: close the connection after the turn */
};

typedef void hostile_script(struct hostile_turn *turn);

/* Begins a reply: id and question of the query, no records. */
void hostile_answer(struct hostile_turn *turn, unsigned rcode);

/* Adds a record of the name asked for. */
void hostile_add_record(
    struct hostile_turn *turn, uint16_t type, uint32_t ttl, struct span data);
void hostile_add_txt(struct hostile_turn *turn, const char *string);

void hostile_set_flags(struct hostile_turn *turn, unsigned flags);

/* Sends the reply as it is; may be called more than once. */
void hostile_send(struct hostile_turn *turn);

/* Only its first bytes: a short datagram, or over TCP an unfinished message. */
void hostile_send_part(struct hostile_turn *turn, size_t length);

struct hostile_dns;

/* `address` is "127.0.0.1" or "::1"; NULL when the host lacks it. Without `tcp`,
 * connections are refused. */
struct hostile_dns *hostile_dns_start(
    const char *address, bool tcp, hostile_script *script) MUST_CHECK;
void hostile_dns_stop(struct hostile_dns *server);

struct nameserver hostile_dns_address(const struct hostile_dns *server);
unsigned hostile_dns_udp(struct hostile_dns *server); /* queries so far */
unsigned hostile_dns_tcp(struct hostile_dns *server);
unsigned hostile_dns_ports(struct hostile_dns *server); /* times that it changed */

/* Another script from now on. */
void hostile_dns_becomes(struct hostile_dns *server, hostile_script *script);

/* A port of loopback at which nobody listens. */
struct nameserver hostile_dns_nobody(void);

#endif
