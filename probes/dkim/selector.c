/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* One question for each selector; all of a run are asked in one round. */
#include "dkim/selector.h"

#include <assert.h>

static enum dkim_state
state_of(const struct dkim_selector *selector)
{
	if (selector->txt.outcome == OUTCOME_WANTED)
		return DKIM_WANTED;
	if (outcome_is_failure(selector->txt.outcome))
		return DKIM_FAILED;
	if (selector->selection.count == 0)
		return DKIM_MISSING;
	return selector->selection.count == 1 ? DKIM_FOUND : DKIM_SEVERAL;
}

void
dkim_selector_look(struct dkim_selector *selector, struct view *view,
    struct arena *arena, const struct dns_name *label, const struct dns_name *domain)
{
	struct dns_name name;
	*selector = (struct dkim_selector){ .label = dns_name_text(arena, label) };
	if (dkim_record_name(&name, label, domain) != STATUS_OK) {
		selector->state = DKIM_MISSING;
		return;
	}
	selector->location = dns_name_text(arena, &name);
	selector->txt = dns_get(view, &name, DNS_TXT);
	if (selector->txt.outcome == OUTCOME_FOUND)
		selector->selection = dkim_record_select(arena, selector->txt.answer);
	selector->state = state_of(selector);
	if (selector->state != DKIM_FOUND)
		return;
	selector->record = dkim_record_parse(arena, selector->selection.text);
	selector->has_key_bytes = selector->record->key.length > 0 &&
	    selector->record->key_type != DKIM_OTHER_TYPE;
}

const char *
dkim_state_text(const struct dkim_selector *selector)
{
	static const char *const texts[] = {
		[DKIM_WANTED] = "not asked yet",
		[DKIM_FOUND] = "found",
		[DKIM_MISSING] = "no key record",
		[DKIM_SEVERAL] = "several key records",
	};
	if (selector->state == DKIM_FAILED)
		return outcome_text(selector->txt.outcome);
	assert(selector->state < ARRAY_LENGTH(texts));
	return texts[selector->state];
}
