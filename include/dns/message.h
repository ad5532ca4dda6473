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

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "core/store.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types, with the section that defines their data. */
enum dns_type {
	DNS_A = 1,      /* RFC 1035 3.4.1 */
	DNS_NS = 2,     /* RFC 1035 3.3.11 */
	DNS_CNAME = 5,  /* RFC 1035 3.3.1 */
	DNS_SOA = 6,    /* RFC 1035 3.3.13 */
	DNS_PTR = 12,   /* RFC 1035 3.3.12 */
	DNS_MX = 15,    /* RFC 1035 3.3.9 */
	DNS_TXT = 16,   /* RFC 1035 3.3.14 */
	DNS_AAAA = 28,  /* RFC 3596 2.1 */
	DNS_DNAME = 39, /* RFC 6672 2.1 */
	DNS_TLSA = 52,  /* RFC 6698 2.1 */
	DNS_SPF = 99    /* RFC 4408 3.1.1, obsolete */
};

enum {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5
};

/* "TXT", or NULL for a type that is not in the list above. */
const char *dns_type_text(uint16_t type);
bool dns_type_by_name(struct span name, uint16_t *type) MUST_CHECK;

struct dns_record {
	uint32_t ttl_seconds;
	/* The record's data; names in it (CNAME, PTR, MX, NS) are made whole, without
	 * compression, so that it can be read alone. */
	struct span data;
};

struct dns_answer {
	uint16_t type;       /* asked for */
	uint16_t wire_bytes; /* size of the message */
	uint8_t rcode;
	bool authentic; /* AD, where the resolver is trusted with it */
	bool truncated; /* TC, or the message ends within a record */
	bool tcp;       /* came over TCP */

	/* How long all of it is good: the least of the records and of the chain, for a
	 * negative answer what its SOA says (RFC 2308 5). */
	uint32_t ttl_seconds;

	/* Records of the type asked, at the end of the chain of CNAMEs. */
	uint16_t record_count;
	uint16_t alias_count;
	const struct dns_record *records;
	const struct dns_name *aliases; /* targets of the chain, in order */
};

/* A question as a packet: RD and AD set, one EDNS OPT with LIMIT_EDNS_BYTES, which is
 * the last 11 bytes. */
void dns_message_ask(
    struct buf *packet, uint16_t id, const struct dns_name *name, uint16_t type);

/*
 * Reads a reply to the question (name, type). On STATUS_OK or STATUS_CUT_SHORT the
 * caller owns *answer and frees it by dns_answer_free(); STATUS_CUT_SHORT is a message
 * that ended early or had TC set: what was whole is in the answer, and it has to be
 * asked again over TCP. MISMATCH: not a reply to this question. MALFORMED otherwise.
 */
enum status dns_message_read(struct span message, const struct dns_name *name,
    uint16_t type, struct dns_answer **answer) MUST_CHECK;

void dns_answer_free(struct dns_answer *answer);

/* A copy of the same records, aliases and flags in one block; for answers made by
 * hand, as tests do. */
struct dns_answer *dns_answer_copy(const struct dns_answer *answer);

/* What the answer means: FOUND, NODATA, NXDOMAIN, SERVFAIL, REFUSED or BAD_RCODE. */
enum outcome dns_answer_outcome(const struct dns_answer *answer);

/* Reading one record's data. False, or MALFORMED, when it is not of that form. */
bool dns_record_a(const struct dns_record *record, uint8_t address[4]) MUST_CHECK;
bool dns_record_aaaa(const struct dns_record *record, uint8_t address[16]) MUST_CHECK;
bool dns_record_name(const struct dns_record *record, struct dns_name *name) MUST_CHECK;
bool dns_record_mx(const struct dns_record *record, uint16_t *preference,
    struct dns_name *exchanger) MUST_CHECK;

struct dns_tlsa {
	uint8_t usage, selector, matching; /* RFC 6698 7.2 to 7.4 */
	struct span association;
};
bool dns_record_tlsa(const struct dns_record *record, struct dns_tlsa *tlsa) MUST_CHECK;

/* The next character-string of a TXT record; start with `rest` = data. */
bool dns_txt_next(struct span *rest, struct span *string);

/* All strings of a TXT record joined without anything between (RFC 7208 3.3). */
struct span dns_txt_join(struct arena *arena, const struct dns_record *record);

#endif
