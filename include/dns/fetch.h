/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * fetch: the fetcher of DNS facts, over c-ares.
 *
 * One UDP channel a name server, which takes truncated answers as they are, and one
 * TCP channel a name server for asking those again. Retries, time limits, the in-flight
 * cap and the reading of replies are ours; c-ares moves packets.
 */
#ifndef MAILGAUGE_DNS_FETCH_H
#define MAILGAUGE_DNS_FETCH_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/run.h"
#include "core/span.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* A resolver. */
struct nameserver {
	int family;          /* AF_INET or AF_INET6 */
	uint8_t address[16]; /* 4 or 16 bytes of it */
	uint16_t port;
};

struct nameservers {
	size_t count;
	struct nameserver list[LIMIT_NAMESERVERS];
};

/* "192.0.2.1", "192.0.2.1:5300", "2001:db8::1", "[2001:db8::1]:5300". */
enum status nameserver_parse(struct nameserver *server, struct span text) MUST_CHECK;
void nameserver_add(struct buf *out, const struct nameserver *server);

/* The `nameserver` lines of a resolv.conf(5) text; others are not ours to judge. */
void nameservers_from_resolv_conf(struct nameservers *servers, struct span text);

/* Reads /etc/resolv.conf; without a usable line there, 127.0.0.1 as resolv.conf(5)
 * says. UNREADABLE when the file can't be read although it is there. */
enum status nameservers_from_system(struct nameservers *servers) MUST_CHECK;

/* All are on loopback: then the path between us and their AD bit is our own host. */
bool nameservers_are_loopback(const struct nameservers *servers);

struct dns_fetch_settings {
	struct nameservers servers;
	bool trust_ad;    /* believe the AD bit (RFC 6840 5.8) */
	size_t in_flight; /* most questions out at once; 0: 200 */
};

struct dns_fetch_counts {
	uint64_t packets; /* sent, over UDP and TCP */
	uint64_t tcp;     /* of these over TCP */
	uint64_t lost;    /* packets without a reply in time */
};

/* NULL only when c-ares can't be set up (`why` says what). The settings are copied. */
struct fetcher *dns_fetch_new(
    const struct dns_fetch_settings *settings, struct buf *why) MUST_CHECK;

const struct dns_fetch_counts *dns_fetch_counts(const struct fetcher *fetcher);

#endif
