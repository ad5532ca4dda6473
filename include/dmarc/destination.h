/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * destination: where a record sends its reports, whether somebody there agreed to get
 * them (RFC 9990 4, RFC 9991 5), and whether mail can get there at all.
 *
 * What is always true:
 *  - a destination is external when its Organizational Domain and that of the record's
 *    domain differ (RFC 9989 4.10.2); where that is not known, neither is consent;
 *  - what is asked is the real name, <domain>._report._dmarc.<host>, never a wildcard;
 *  - only mailto URIs without fault are asked about, LIMIT_DMARC_DESTINATIONS at most,
 *    and each host once.
 */
#ifndef MAILGAUGE_DMARC_DESTINATION_H
#define MAILGAUGE_DMARC_DESTINATION_H

#include "core/arena.h"
#include "core/store.h"
#include "core/truth.h"
#include "dmarc/discovery.h"
#include "dmarc/record.h"
#include "dmarc/uri.h"
#include "dns/name.h"
#include "dns/question.h"

#include <stdbool.h>
#include <stddef.h>

/* A question that could not be answered. */
struct dmarc_failure {
	enum outcome outcome; /* a failure, or OUTCOME_WANTED for none */
	uint16_t type;
	struct dns_name name;
};

enum dmarc_consent {
	DMARC_CONSENT_UNKNOWN,  /* not answered; `consent_failure` says why */
	DMARC_CONSENT_NEEDLESS, /* not external */
	DMARC_CONSENT_GIVEN,
	DMARC_CONSENT_MISSING,
	DMARC_CONSENT_NO_NAME /* the name to ask would be too long */
};

enum dmarc_override {
	DMARC_OVERRIDE_NONE,
	DMARC_OVERRIDE_SAME_HOST,
	DMARC_OVERRIDE_OTHER_HOST /* then neither address gets reports */
};

struct dmarc_destination {
	enum dmarc_tag tag; /* rua or ruf */
	struct dmarc_uri uri;
	bool is_checked;  /* what follows was asked for */
	bool is_skipped;  /* it was not, since there are too many */
	bool is_repeated; /* an earlier one of the same tag has the same host */

	enum dmarc_consent consent;
	struct dns_name consent_name;
	struct dmarc_failure consent_failure;
	enum dmarc_override override;
	struct span override_uri; /* of the consent record */

	enum truth deliverable;
	const char *obstacle; /* when it is not: a predicate, static */
	struct dmarc_failure delivery_failure;
};

struct dmarc_destinations {
	size_t count;
	struct dmarc_destination *list; /* of rua, then of ruf; with faulty ones */
	size_t uri_counts[DMARC_TAGS];  /* of DMARC_TAG_RUA and DMARC_TAG_RUF */
};

/* Of the record of `step`, whose Organizational Domain is `organizational`; NULL: it
 * could not be told. Wants what is missing and goes on. */
struct dmarc_destinations *dmarc_destinations_ask(struct view *view,
    struct arena *arena, const struct dmarc_step *step,
    const struct dns_name *organizational);

#endif
