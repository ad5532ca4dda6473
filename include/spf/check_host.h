/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * check_host: what a receiver finds out about one message (RFC 7208 4).
 *
 * A pure function over the store, like everything in a probe: where an answer is
 * missing it is wanted, and the rest of the record is looked at as if the term did not
 * match, so that one round collects what a receiver would ask one after another. The
 * limits of 4.6.4 bound that too: no eleventh term is asked for.
 *
 *	struct spf_verdict verdict;
 *	if (spf_check_host(view, arena, &message, &verdict))
 *		... verdict.result
 *	else
 *		... evaluate again when the wants have been answered
 */
#ifndef MAILGAUGE_SPF_CHECK_HOST_H
#define MAILGAUGE_SPF_CHECK_HOST_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/span.h"
#include "core/status.h"
#include "core/store.h"
#include "dns/name.h"
#include "spf/record.h"

#include <stdbool.h>
#include <stdint.h>

/* RFC 7208 2.6 */
enum spf_result {
	SPF_RESULT_NONE,
	SPF_RESULT_NEUTRAL,
	SPF_RESULT_PASS,
	SPF_RESULT_FAIL,
	SPF_RESULT_SOFTFAIL,
	SPF_RESULT_TEMPERROR,
	SPF_RESULT_PERMERROR,
	SPF_RESULT_COUNT
};

const char *spf_result_text(enum spf_result result); /* "permerror" */
bool spf_result_by_name(struct span name, enum spf_result *result) MUST_CHECK;

/* The client of an SMTP session. An IPv4-mapped IPv6 address is an IPv4 address. */
struct spf_client {
	bool is_ip4;
	uint8_t address[16]; /* 4 bytes of it for IPv4 */
};

bool spf_client_parse(struct spf_client *client, struct span text) MUST_CHECK;

/* One message. Texts are borrowed, as they came from the session. */
struct spf_message {
	struct spf_client client;
	struct span sender;   /* MAIL FROM; empty: the null sender, then HELO counts */
	struct span helo;     /* empty: not known */
	struct span receiver; /* our host name, for %{r}; empty: "unknown" */
	int64_t now_seconds;  /* since 1970, for %{t} */
	bool best_guess;      /* for a domain without a record, guess one */
};

/* A term that was tried: one that asks the DNS, or that matched. */
struct spf_trial {
	const struct spf_term *term;
	const struct dns_name *expanded; /* what its macros came to; NULL: it has none,
					    or they came to no name */
	const char *result;      /* "match", "no match", or the result of an error */
	struct spf_trial *first; /* of the record that it led to */
	struct spf_trial *next;
};

struct spf_verdict {
	enum spf_result result;
	struct span explanation; /* of a fail, where the record has a good one */
	const char *reason;  /* why temperror, permerror or none; safe text, or NULL */
	struct span matched; /* the term that decided; empty: none did */
	struct dns_name domain; /* of the record that holds it, or that was checked */
	unsigned lookups, voids;
	struct spf_trial *trials; /* in the order in which a receiver tries them */
	bool is_guess; /* there was no record: only a guess, which no standard knows */
};

/* The MAIL FROM identity, or HELO for the null sender (2.3, 2.4). False while answers
 * are missing that matter; nothing in `verdict` counts then. An error's term is the
 * innermost one, a match's that of the domain's own record. */
bool spf_check_host(struct view *view, struct arena *arena,
    const struct spf_message *message, struct spf_verdict *verdict) MUST_CHECK;

#endif
