/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * lending: what whole scans have shown of addresses, for scans of the same address with
 * other names; private to this folder. smtp/fetch.h says what belongs to an address.
 *
 * What is always true:
 *  - only a whole scan lends, one that came to its own end and met TLS by a handshake:
 *    time-outs, 4xx replies and limits say nothing to others;
 *  - what is borrowed is not lent again, so that nothing is used longer than
 *    `keep_seconds` after the server has shown it;
 *  - it may be used by several threads, and holds at most LIMIT_SMTP_LENT addresses.
 */
#ifndef MAILGAUGE_SMTP_LENDING_H
#define MAILGAUGE_SMTP_LENDING_H

#include "core/attributes.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stdint.h>

struct lent {
	int64_t good_until_ms;
	struct smtp_tls tls;
	enum truth injection;
	bool two_keys; /* certificates of two types were met */

	/* How its handshake came out. */
	uint16_t version, suite;
	char group_text[sizeof(((struct smtp_handshake *)0)->group_text)];
};

/* This handshake came out as the lender's: it met the same settings. */
bool lent_fits(const struct lent *lent, const struct smtp_handshake *handshake);

/* The facts of the address into a scan; its own ones, by the name, stay. */
void lent_take(const struct lent *lent, struct smtp_scan *scan);

struct lending;

struct lending *lending_new(unsigned keep_seconds);
void lending_free(struct lending *lending);

/* Offers the facts of a scan. The first ones of an address stay as long as they are
 * good: where settings are chosen by the name, most names may have those. */
void lending_put(struct lending *lending, const struct smtp_endpoint *endpoint,
    const struct smtp_scan *scan, int64_t good_until_ms, int64_t now_ms);

/* False: nothing is known of the address, or not any more. */
bool lending_find(struct lending *lending, const struct smtp_endpoint *endpoint,
    int64_t now_ms, struct lent *lent) MUST_CHECK;

#endif
