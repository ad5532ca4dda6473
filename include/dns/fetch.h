/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * fetch: the fetcher of DNS facts, over c-ares.
 *
 * What is always true:
 *  - every question asked comes back once, with the last failure when it has no answer:
 *    a failure is never turned into "missing";
 *  - it costs at most LIMIT_DNS_ATTEMPTS packets when replies are lost, and no more
 *    than LIMIT_DNS_ATTEMPTS_FAILING once a server has said SERVFAIL or the like;
 *    c-ares adds one of its own to a FORMERR;
 *  - a SERVFAIL is asked again with CD: who then gets an answer has met data that fail
 *    DNSSEC validation, unless a third packet says that the failure has passed;
 *  - what came truncated is asked again over TCP, with a packet for each that was cut;
 *    nothing is read out of the part.
 *
 *  - to each name server there are at most as many packets out as the settings say, and
 *    fewer while many are lost: half as many after each window with losses, one more
 *    after each without. Only what somebody waits for goes beyond.
 *
 * Retries, time limits and the reading of replies are ours; c-ares moves packets.
 */
#ifndef MAILGAUGE_DNS_FETCH_H
#define MAILGAUGE_DNS_FETCH_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/run.h"
#include "dns/nameserver.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_fetch_settings {
	struct nameservers servers; /* at least one */
	bool trust_ad;              /* believe the AD bit (RFC 6840 5.8) */
	size_t in_flight;           /* most packets out to one server; 0: the default */
	unsigned attempt_ms;        /* time for one packet; 0: LIMIT_DNS_ATTEMPT_MS */
};

struct dns_fetch_counts {
	uint64_t packets; /* sent, over UDP and TCP */
	uint64_t tcp;     /* of these over TCP */
	uint64_t lost;    /* packets without a reply in time */
};

/* NULL only when c-ares can't be set up (`why` says what). The settings are copied. The
 * program must ignore SIGPIPE: c-ares writes to connections that may be broken. */
struct fetcher *dns_fetch_new(
    const struct dns_fetch_settings *settings, struct buf *why) MUST_CHECK;

const struct dns_fetch_counts *dns_fetch_counts(const struct fetcher *fetcher);

/* How many packets may be out to a name server by now. */
struct dns_fetch_limit {
	struct nameserver server;
	size_t limit;
};

/* Returns how many there are; room for LIMIT_NAMESERVERS. */
size_t dns_fetch_limits(const struct fetcher *fetcher, struct dns_fetch_limit *limits);

#endif
