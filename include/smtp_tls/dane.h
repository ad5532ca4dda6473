/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * dane: TLSA records against the certificates of a server, as a sender of mail does it
 * (RFC 7672 with RFC 7671). Everything here is comparing bytes: the digests came with
 * the certificates, and no signature is checked again.
 */
#ifndef MAILGAUGE_SMTP_TLS_DANE_H
#define MAILGAUGE_SMTP_TLS_DANE_H

#include "core/arena.h"
#include "core/truth.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/record.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DANE_PKIX_TA = 0, DANE_PKIX_EE = 1, DANE_TA = 2, DANE_EE = 3 };
enum { DANE_CERT = 0, DANE_SPKI = 1 };                    /* selectors */
enum { DANE_FULL = 0, DANE_SHA256 = 1, DANE_SHA512 = 2 }; /* matching types */

/* The records of one TLSA answer. */
struct dane_records {
	size_t count;   /* all */
	size_t pkix;    /* usages 0 and 1: not for SMTP (RFC 7672 3.1.3) */
	size_t invalid; /* unknown parameters, or a digest of the wrong length */
	size_t full;    /* usable ones with matching type 0 */
	size_t usable_count;
	struct dns_tlsa *usable;
};

void dane_records_read(
    struct dane_records *records, struct arena *arena, const struct dns_answer *answer);

bool dane_is_valid(const struct dns_tlsa *tlsa);

/* A record's selector and matching type against one certificate (RFC 6698 2.1). */
bool dane_matches_certificate(
    const struct dns_tlsa *tlsa, const struct smtp_certificate *certificate);

struct dane_match {
	enum truth matched;
	bool by_ee;      /* names and dates of the certificate don't count */
	const char *why; /* not matched or unknown: a few words; else NULL */
};

/* Names that a certificate may bear below a DANE-TA(2) record (RFC 7672 3.2.2). */
struct dane_names {
	size_t count;
	const struct dns_name *list;
};

struct dane_match dane_match_chain(const struct dane_records *records,
    const struct smtp_chain *chain, struct dane_names names, int64_t now_seconds);

#endif
