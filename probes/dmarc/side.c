/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Asks beside the walk, only of a name that answered: a broken name server costs two
 * packets for it, not eight.
 */
#include "dmarc/side.h"

struct dmarc_side *
dmarc_side_ask(
    struct view *view, struct arena *arena, const struct dmarc_step *own, uint32_t salt)
{
	struct dmarc_side *side = arena_alloc(arena, sizeof(*side));
	if (own->txt.outcome != OUTCOME_FOUND && !outcome_is_empty(own->txt.outcome))
		return side;
	side->type99 = dns_get_optional(view, &own->location, DNS_SPF);
	if (own->txt.outcome != OUTCOME_FOUND)
		return side;
	struct dns_name absent;
	if (dns_name_absent(&absent, &own->domain, salt) == STATUS_OK)
		side->absent_txt = dns_get_optional(view, &absent, DNS_TXT);
	if (own->txt.answer->alias_count > 0)
		return side; /* an alias that is followed is one */
	side->cname = dns_get_optional(view, &own->location, DNS_CNAME);
	if (side->cname.outcome == OUTCOME_FOUND &&
	    dns_record_name(&side->cname.answer->records[0], &side->alias))
		side->alias_txt = dns_get_optional(view, &side->alias, DNS_TXT);
	return side;
}

/* Each text of `some` is among those of `others`. */
static bool
are_among(
    struct arena *arena, const struct dns_answer *some, const struct dns_answer *others)
{
	for (size_t i = 0; i < some->record_count; i++) {
		struct span text = dns_txt_join(arena, &some->records[i]);
		size_t at = 0;
		while (at < others->record_count &&
		    !span_equal(text, dns_txt_join(arena, &others->records[at])))
			at++;
		if (at == others->record_count)
			return false;
	}
	return true;
}

static bool
have_same_texts(
    struct arena *arena, const struct dns_result *a, const struct dns_result *b)
{
	return a->outcome == OUTCOME_FOUND && b->outcome == OUTCOME_FOUND &&
	    a->answer->record_count == b->answer->record_count &&
	    are_among(arena, a->answer, b->answer) &&
	    are_among(arena, b->answer, a->answer);
}

bool
dmarc_side_is_wildcard(
    struct arena *arena, const struct dmarc_side *side, const struct dmarc_step *own)
{
	return have_same_texts(arena, &own->txt, &side->absent_txt);
}

bool
dmarc_side_is_torn(
    struct arena *arena, const struct dmarc_side *side, const struct dmarc_step *own)
{
	bool is_told = side->alias_txt.outcome == OUTCOME_FOUND ||
	    outcome_is_empty(side->alias_txt.outcome);
	return own->txt.outcome == OUTCOME_FOUND &&
	    side->cname.outcome == OUTCOME_FOUND && is_told &&
	    !have_same_texts(arena, &own->txt, &side->alias_txt);
}
