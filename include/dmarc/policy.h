/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * policy: what receivers make of a record (RFC 9989 4.10.1, 4.7): a bad p, sp or np
 * turns all of it into p=none or into nothing, t=y takes one level off.
 */
#ifndef MAILGAUGE_DMARC_POLICY_H
#define MAILGAUGE_DMARC_POLICY_H

#include "core/arena.h"
#include "core/truth.h"
#include "dmarc/discovery.h"
#include "dmarc/record.h"

#include <stdbool.h>

struct dmarc_effect {
	bool applies;                 /* else receivers apply no DMARC */
	bool is_rescued;              /* acts as p=none, since only its rua is of use */
	enum dmarc_policy domain;     /* of the record's own name */
	enum dmarc_policy subdomains; /* of existing names below */
	enum dmarc_policy nonexistent; /* of names below that do not exist */
};

struct dmarc_effect dmarc_effect_of(
    struct arena *arena, const struct dmarc_record *record);

/* At least one URI of the list could be used. */
bool dmarc_has_uri(
    struct arena *arena, const struct dmarc_record *record, enum dmarc_tag tag);

/* What holds for the domain of a walk, by the record of `step`, and for the names below
 * it, which go by the Organizational Domain's record or a Public Suffix Domain's. */
struct dmarc_verdict {
	bool applies;
	/* DMARC_ABSENT: none, or, where a question was not answered, not known */
	enum dmarc_policy domain, subdomains, nonexistent;
};
struct dmarc_verdict dmarc_verdict_of(struct arena *arena,
    const struct dmarc_walk *walk, const struct dmarc_step *step, enum truth exists);

#endif
