/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * zone: a small world of DNS for tests, from lines that a mail admin can read: those of
 * a zone file, and as dig prints them, with two things more:
 *
 *	$TTL 300
 *	example.com.        TXT    "v=spf1 mx " "-all"      ; two strings, one record
 *	example.com.    60  MX     10 mail.example.com.
 *	mail.example.com.   A      192.0.2.1
 *	alias.example.com.  CNAME  mail.example.com.
 *	dead.example.com.   TXT    SERVFAIL              ; a fact, not a record
 *	gone.example.com.   ANY    NXDOMAIN              ; types without a line
 *	slow.example.com.   TXT    after 3s "v=spf1 -all"
 *	$SIGNED example.com.                             ; it, and all below
 *	_25._tcp.mail.example.com.  TLSA  3 1 1 <key>    ; see made_certificate.h
 *	long.example.com.   TXT    "v=spf1 " 200*"a "       ; 201 strings
 *	$LAX                                                ; CNAMEs beside others
 *
 * What is always true:
 *  - names are absolute, strings stand in quotes, bare words in capitals are facts;
 *  - a name without a line, and without one below it, does not exist; any other name
 *    without the type asked for has no data. Wildcards are as in RFC 4592, CNAMEs are
 *    followed within the zone, and a chain of them that does not end is SERVFAIL;
 *  - a question has one answer: asking changes nothing.
 */
#ifndef MAILGAUGE_TESTS_ZONE_H
#define MAILGAUGE_TESTS_ZONE_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/span.h"
#include "core/status.h"
#include "core/store.h"
#include "dns/message.h"
#include "dns/name.h"

#include <stdint.h>

#define ZONE_DELAY_MS 20 /* how long an answer takes where no line says otherwise */

/* When dns/fetch stops waiting for one: the delay of TIMEOUT. */
#define ZONE_TIMEOUT_MS (LIMIT_DNS_ATTEMPTS * LIMIT_DNS_ATTEMPT_MS)

#define ZONE_LINES_MAX 4096 /* of one zone */

struct zone;

struct zone *zone_new(void);
void zone_free(struct zone *zone);

/* One line; an empty one and a comment are fine. On failure `why` says what was
 * expected, and the zone is as it was. */
enum status zone_add_line(
    struct zone *zone, struct span line, struct buf *why) MUST_CHECK;

/* Lines; `why` begins with the number of the faulty one. */
enum status zone_add_text(
    struct zone *zone, struct span text, struct buf *why) MUST_CHECK;

struct zone_reply {
	struct dns_answer *answer; /* the caller's; NULL where no message comes */
	enum outcome failure;      /* why it is NULL: TIMEOUT, UNREACHABLE, MALFORMED */
	int64_t delay_ms;
};

struct zone_reply zone_ask(
    const struct zone *zone, const struct dns_name *name, uint16_t type);

/* "20ms" or "3s". */
enum status zone_time_parse(struct span text, int64_t *time_ms) MUST_CHECK;

#endif
