/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * discovery: the DNS Tree Walk of RFC 9989 4.10, and the Organizational Domain that it
 * finds (4.10.2).
 *
 * What is always true:
 *  - it asks at most LIMIT_DMARC_WALK names, all of them in the first round, and looks
 *    at no answer behind the one where the standard stops;
 *  - a step that could not be answered is `failed`, never a name without a record, and
 *    makes the walk incomplete: the Organizational Domain may be another one.
 */
#ifndef MAILGAUGE_DMARC_DISCOVERY_H
#define MAILGAUGE_DMARC_DISCOVERY_H

#include "core/arena.h"
#include "core/limits.h"
#include "core/store.h"
#include "dmarc/record.h"
#include "dns/name.h"
#include "dns/question.h"

#include <stdbool.h>
#include <stddef.h>

/* A TXT record at a name of the walk. */
struct dmarc_text {
	struct span text;
	enum dmarc_kind kind;
};

struct dmarc_step {
	struct dns_name domain;   /* what the record would speak for */
	struct dns_name location; /* _dmarc in front of it */
	struct dns_result txt;
	bool failed;
	size_t text_count;
	const struct dmarc_text *texts;
	size_t selected;             /* DMARC records; of more than one none counts */
	struct dmarc_record *record; /* NULL: none, or several */
};

struct dmarc_walk {
	size_t step_count; /* taken; the first one is the domain's own */
	struct dmarc_step steps[LIMIT_DMARC_WALK];
	bool incomplete; /* a step is wanted or failed */
	struct dns_name organizational;
};

struct dmarc_walk *dmarc_walk(
    struct view *view, struct arena *arena, const struct dns_name *domain);

/* The step of that domain, or NULL. */
const struct dmarc_step *dmarc_walk_step(
    const struct dmarc_walk *walk, const struct dns_name *domain);

/* The step whose record speaks for names without one of their own: the Organizational
 * Domain's, else that of a Public Suffix Domain. NULL: none. */
const struct dmarc_step *dmarc_walk_above(const struct dmarc_walk *walk);

/* The step whose record decides for the domain that the walk began at: its own, else
 * its Organizational Domain's, else that of a Public Suffix Domain (4.10.1). NULL:
 * none, or it could not be told. */
const struct dmarc_step *dmarc_walk_policy(const struct dmarc_walk *walk);

#endif
