/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The tree walk. Names that the standard would ask one after the other are all wanted
 * at once, since at most eight of them exist; the walk then goes over the answers in
 * the standard's order and stops where it stops.
 */
#include "dmarc/discovery.h"

#include <assert.h>

/* RFC 9989 4.10: with eight labels or more left, all but seven are cut. */
enum { LABELS_KEPT = 7 };

/* Labels of the name behind one with so many; 0 behind the last one. */
static unsigned
labels_behind(unsigned labels)
{
	return labels > LABELS_KEPT ? LABELS_KEPT : labels - 1;
}

static struct dns_result
ask(struct view *view, struct dmarc_step *step)
{
	static const struct span label = SPAN("_dmarc");
	/* A name too long for the label has no record there. */
	if (dns_name_prepend(&step->location, label, &step->domain) != STATUS_OK)
		return (struct dns_result){ .outcome = OUTCOME_NXDOMAIN };
	return dns_get(view, &step->location, DNS_TXT);
}

static void
read_texts(struct arena *arena, struct dmarc_step *step)
{
	const struct dns_answer *answer = step->txt.answer;
	struct dmarc_text *texts = arena_alloc_array(
	    arena, answer->record_count, sizeof(*texts));
	struct span selected = { .length = 0 };
	for (size_t i = 0; i < answer->record_count; i++) {
		struct span text = dns_txt_join(arena, &answer->records[i]);
		texts[i] = (struct dmarc_text){ text, dmarc_kind_of(arena, text) };
		if (texts[i].kind == DMARC_SELECTED && step->selected++ == 0)
			selected = text;
	}
	step->texts = texts;
	step->text_count = answer->record_count;
	if (step->selected == 1)
		step->record = dmarc_record_read(arena, selected);
}

static void
take_step(struct dmarc_walk *walk, struct arena *arena, struct dmarc_step *step)
{
	step->failed = outcome_is_failure(step->txt.outcome);
	if (step->failed || step->txt.outcome == OUTCOME_WANTED)
		walk->incomplete = true;
	if (step->txt.outcome == OUTCOME_FOUND)
		read_texts(arena, step);
}

static bool
ends_walk(const struct dmarc_step *step)
{
	return step->record != NULL && step->record->psd != 'u';
}

/* RFC 9989 4.10.2: the longest name counts first. */
static void
find_organizational(struct dmarc_walk *walk)
{
	const struct dns_name *start = &walk->steps[0].domain;
	walk->organizational = *start;
	for (size_t i = 0; i < walk->step_count; i++) {
		const struct dmarc_step *step = &walk->steps[i];
		if (step->record == NULL)
			continue;
		walk->organizational = step->domain;
		if (step->record->psd == 'n')
			return;
		if (step->record->psd == 'y' && i > 0) {
			unsigned labels = dns_name_labels(&step->domain) + 1;
			dns_name_suffix(&walk->organizational, start, labels);
			return;
		}
	}
}

struct dmarc_walk *
dmarc_walk(struct view *view, struct arena *arena, const struct dns_name *domain)
{
	struct dmarc_walk *walk = arena_alloc(arena, sizeof(*walk));
	unsigned labels = dns_name_labels(domain);
	size_t count = 0;
	for (; labels > 0; labels = labels_behind(labels)) {
		assert(count < LIMIT_DMARC_WALK);
		struct dmarc_step *step = &walk->steps[count++];
		dns_name_suffix(&step->domain, domain, labels);
		step->txt = ask(view, step);
	}
	while (walk->step_count < count) {
		struct dmarc_step *step = &walk->steps[walk->step_count++];
		take_step(walk, arena, step);
		if (ends_walk(step))
			break;
	}
	find_organizational(walk);
	return walk;
}

const struct dmarc_step *
dmarc_walk_step(const struct dmarc_walk *walk, const struct dns_name *domain)
{
	for (size_t i = 0; i < walk->step_count; i++)
		if (dns_name_equal(&walk->steps[i].domain, domain))
			return &walk->steps[i];
	return NULL;
}

const struct dmarc_step *
dmarc_walk_above(const struct dmarc_walk *walk)
{
	const struct dmarc_step *step = dmarc_walk_step(walk, &walk->organizational);
	if (step != NULL && step->record != NULL)
		return step;
	step = &walk->steps[walk->step_count - 1];
	return step->record != NULL && step->record->psd == 'y' ? step : NULL;
}

const struct dmarc_step *
dmarc_walk_policy(const struct dmarc_walk *walk)
{
	if (walk->steps[0].record != NULL)
		return &walk->steps[0];
	/* Without all answers above, another record may be the one. */
	return walk->incomplete ? NULL : dmarc_walk_above(walk);
}
