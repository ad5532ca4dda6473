/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * message: DNS messages (RFC 1035 4) to and from bytes. Questions are written with
 * EDNS (RFC 6891), replies are read by a bounded cursor into an answer: plain data.
 *
 * An answer holds what probes judge by and the usual library parsers drop: TTL, AD,
 * the CNAME chain, sizes, and records whose strings may be any bytes in any number.
 * It is one block of memory; everything in it points into that block.
 */
#ifndef MAILGAUGE_DNS_MESSAGE_H
#define MAILGAUGE_DNS_MESSAGE_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "core/store.h"
#include "dns/name.h"
#include "dns/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5
};

/* 24 bytes, of which the exporter holds hundreds of thousands. */
struct dns_answer {
	/* How long all of it is good: the least of the records and of the chain, for a
	 * negative answer also what its SOA says (RFC 2308 5). 0 for other rcodes. */
	uint32_t ttl_seconds;

	uint16_t type;       /* asked for */
	uint16_t wire_bytes; /* size of the message */
	uint16_t rcode;      /* with the upper bits of EDNS (RFC 6891 6.1.3) */
	uint16_t record_count;
	uint8_t alias_count;
	bool authentic; /* AD, where the resolver is trusted with it */
	bool truncated; /* TC, or the message ends within a record */
	bool tcp;       /* came over TCP */

	/* Records of the type asked, at the end of the chain of CNAMEs; twice when they
	 * came twice. */
	const struct dns_record *records;
};

/* Targets of the chain of CNAMEs, in order. They stand behind the records, so that this
 * is not for an answer made by hand. */
const struct dns_name *dns_answer_aliases(const struct dns_answer *answer);

/* A question as a packet: RD and AD set, one EDNS OPT with LIMIT_EDNS_BYTES, which is
 * the last 11 bytes. */
void dns_message_ask(
    struct buf *packet, uint16_t id, const struct dns_name *name, uint16_t type);

/* Sets CD in such a packet: a validating resolver then hands over what it would
 * withhold as bogus (RFC 4035 3.2.2). */
void dns_message_disable_checking(struct buf *packet);

/*
 * Reads a reply to the question (name, type); the id is the transport's to compare. On
 * STATUS_OK or STATUS_CUT_SHORT the caller owns *answer and frees it by
 * dns_answer_free(); STATUS_CUT_SHORT is a message that ended early or had TC set: what
 * was whole is in the answer, and it has to be asked again over TCP. Without an answer:
 * MISMATCH, not a reply to this question; TOO_MANY, more than LIMIT_RECORDS; MALFORMED
 * otherwise. AD is what the header says: whether to believe it is the caller's choice.
 */
enum status dns_message_read(struct span message, const struct dns_name *name,
    uint16_t type, struct dns_answer **answer) MUST_CHECK;

void dns_answer_free(struct dns_answer *answer);

/* An answer of one block from one made by hand, its records and these aliases. */
struct dns_answer *dns_answer_make(
    const struct dns_answer *by_hand, const struct dns_name aliases[]);

/* A copy of one that has no aliases or is a block already. */
struct dns_answer *dns_answer_copy(const struct dns_answer *answer);

/* What the answer means: FOUND, NODATA, NXDOMAIN, SERVFAIL, REFUSED or BAD_RCODE. */
enum outcome dns_answer_outcome(const struct dns_answer *answer);

#endif
