/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * question: DNS questions as keys of the store, and the way probes ask them.
 *
 *	struct dns_result txt = dns_get(view, &domain, DNS_TXT);
 *	if (txt.outcome == OUTCOME_FOUND)
 *		for (size_t i = 0; i < txt.answer->record_count; i++) ...
 */
#ifndef MAILGAUGE_DNS_QUESTION_H
#define MAILGAUGE_DNS_QUESTION_H

#include "core/attributes.h"
#include "core/span.h"
#include "core/store.h"
#include "dns/message.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_KEY_BYTES (3 + LIMIT_NAME_BYTES)

struct dns_key {
	size_t length;
	uint8_t bytes[DNS_KEY_BYTES]; /* kind, type, name in lower case */
};

void dns_key_make(struct dns_key *key, const struct dns_name *name, uint16_t type);

/* Back from a key; false when it is not one of a DNS question. */
bool dns_key_read(struct span key, struct dns_name *name, uint16_t *type) MUST_CHECK;

struct dns_result {
	enum outcome outcome;
	const struct dns_answer
	    *answer; /* NULL where no message came: wanted, time-out …;
			never NULL when FOUND, NODATA or NXDOMAIN */
};

/* Asks the view. An answer is borrowed until the evaluation ends. */
struct dns_result dns_get(
    struct view *view, const struct dns_name *name, uint16_t type);

/* The same by view_get_optional(). */
struct dns_result dns_get_optional(
    struct view *view, const struct dns_name *name, uint16_t type);

/* A fact of an answer, which it takes: outcome and expiry follow from it. */
struct fact dns_fact(struct dns_answer *answer, int64_t now_ms);

/* A fact without an answer: TIMEOUT, UNREACHABLE, MALFORMED, BOGUS. */
struct fact dns_failure(enum outcome outcome, int64_t now_ms);

/* Puts an answer into the store as if it had come: one TXT record with this text, in
 * strings of 255 bytes. For records that are not published yet. */
void dns_give_txt(
    struct store *store, const struct dns_name *name, struct span text, int64_t now_ms);

#endif
