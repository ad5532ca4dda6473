/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * From tags to what happens to mail. Nothing here is asked or said: only the rules of
 * RFC 9989 4.10.1 and the defaults of 4.7, in one place.
 */
#include "dmarc/policy.h"

#include "dmarc/uri.h"

bool
dmarc_has_uri(
    struct arena *arena, const struct dmarc_record *record, enum dmarc_tag tag)
{
	if (record->tags[tag] == NULL)
		return false;
	struct split split = { .rest = record->tags[tag]->value };
	struct dmarc_uri uri;
	while (dmarc_uri_next(arena, &split, &uri))
		if (uri.reason == NULL)
			return true;
	return false;
}

/* t=y: reject to quarantine, quarantine to none (RFC 9989 4.7 "t", A.6). */
static enum dmarc_policy
lowered(enum dmarc_policy policy, bool testing)
{
	return testing && policy > DMARC_NONE ? policy - 1 : policy;
}

static enum dmarc_policy
first_valid(enum dmarc_policy policy, enum dmarc_policy fallback)
{
	return dmarc_policy_is_valid(policy) ? policy : fallback;
}

struct dmarc_effect
dmarc_effect_of(struct arena *arena, const struct dmarc_record *record)
{
	struct dmarc_effect effect = { .applies = false };
	if (record->is_void)
		return effect;
	if (!dmarc_policy_is_valid(record->p) || record->sp == DMARC_INVALID ||
	    record->np == DMARC_INVALID) {
		effect.is_rescued = dmarc_has_uri(arena, record, DMARC_TAG_RUA);
		effect.applies = effect.is_rescued;
		if (effect.applies)
			effect.domain = effect.subdomains = effect.nonexistent =
			    DMARC_NONE;
		return effect;
	}
	enum dmarc_policy sp = first_valid(record->sp, record->p);
	enum dmarc_policy np = first_valid(record->np, sp);
	effect.applies = true;
	effect.domain = lowered(record->p, record->testing);
	effect.subdomains = lowered(sp, record->testing);
	effect.nonexistent = lowered(np, record->testing);
	return effect;
}

/* Of a name without a record of its own. */
static enum dmarc_policy
inherited(const struct dmarc_effect *effect, enum truth exists)
{
	if (exists == TRUTH_UNKNOWN && effect->subdomains != effect->nonexistent)
		return DMARC_ABSENT;
	return exists == TRUTH_NO ? effect->nonexistent : effect->subdomains;
}

struct dmarc_verdict
dmarc_verdict_of(struct arena *arena, const struct dmarc_walk *walk,
    const struct dmarc_step *step, enum truth exists)
{
	struct dmarc_verdict verdict = { .applies = false };
	if (step == NULL)
		return verdict;
	struct dmarc_effect effect = dmarc_effect_of(arena, step->record);
	bool is_own = step == &walk->steps[0];
	verdict.applies = effect.applies;
	verdict.domain = is_own ? effect.domain : inherited(&effect, exists);
	const struct dmarc_step *above = dmarc_walk_above(walk);
	if (walk->incomplete || above == NULL)
		return verdict;
	struct dmarc_effect below = dmarc_effect_of(arena, above->record);
	verdict.subdomains = below.subdomains;
	verdict.nonexistent = below.nonexistent;
	return verdict;
}
