/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * record: the types of DNS records that we judge by, and the data of one record.
 *
 * What is always true of a record in an answer:
 *  - its data can be read alone: names in it are whole, without compression;
 *  - it has the form of its type, so the function below for that type returns true.
 *    (Records made by hand, as in tests, may fail.)
 */
#ifndef MAILGAUGE_DNS_RECORD_H
#define MAILGAUGE_DNS_RECORD_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "dns/name.h"

#include <stdbool.h>
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

/* "TXT", or NULL for a type that is not in the list above. */
const char *dns_type_text(uint16_t type);
bool dns_type_by_name(struct span name, uint16_t *type) MUST_CHECK;

struct dns_record {
	uint32_t ttl_seconds;
	struct span data;
};

/*
 * Adds a record's data to `whole` in the form that dns_record holds. `message` is the
 * message up to the end of the data, `data` its tail. MALFORMED when they don't have
 * the form of the type; data of types that are not in the list are taken as they are.
 */
enum status dns_record_expand(
    struct buf *whole, uint16_t type, struct span message, struct span data) MUST_CHECK;

/* Reading; false when the data are not of that form. */
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
