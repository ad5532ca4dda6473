/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The findings about an SPF tree as a whole, and the order of all the others: one short
 * check for each question that a colleague would ask. Checks of the domain's own record
 * and of every record in the tree are told apart, because a provider's style is not the
 * domain's fault.
 */
#include "audit_parts.h"

#include "core/limits.h"

enum {
	COSTS_SHOWN = 12, /* branches named in a message: of most records all */
	VOIDS_SHOWN = 5,
	RECORDS_SHOWN = 5
};

struct place
audit_node_place(const struct audit *audit, const struct spf_node *node)
{
	return (struct place){
		.subject = dns_name_text(audit->arena, &node->name),
		.path = audit->report->told ? spf_node_path(audit->arena, node) : NULL,
	};
}

struct place
audit_term_place(
    const struct audit *audit, const struct spf_node *node, const struct spf_term *term)
{
	struct place place = audit_node_place(audit, node);
	place.term = arena_short_text(audit->arena, term->text);
	place.position = term->position;
	return place;
}

/* --- the domain's record as a whole --------------------------------------- */

/* The records that stand beside each other: "v=spf1 -all" and "v=spf1 mx -all". */
static const char *
several_records(const struct audit *audit, const struct dns_answer *answer)
{
	const char *list = "";
	size_t count = 0;
	for (size_t i = 0; i < answer->record_count; i++) {
		struct span text = dns_txt_join(audit->arena, &answer->records[i]);
		if (!spf_record_is_selected(text) || ++count > RECORDS_SHOWN)
			continue;
		list = arena_printf(audit->arena, "%s%s\"%s\"", list,
		    count > 1 ? ", " : "", arena_short_text(audit->arena, text));
	}
	return list;
}

static void
check_root(const struct audit *audit)
{
	const struct spf_node *root = audit->tree->root;
	switch (root->state) {
	case SPF_NODE_NONE:
		report_finding(
		    audit->report, FINDING_SPF_RECORD_MISSING, NULL, "no SPF record");
		break;
	case SPF_NODE_NO_NAME:
		report_finding(audit->report, FINDING_SPF_DOMAIN_NONEXISTENT, NULL,
		    "the domain does not exist (NXDOMAIN)");
		break;
	case SPF_NODE_SEVERAL:
		report_finding(audit->report, FINDING_SPF_MULTIPLE_RECORDS, NULL,
		    "%zu SPF records where one may be: %s", root->record_count,
		    several_records(audit, root->answer));
		break;
	default:
		break;
	}
}

/* Places steps in order of cost, dearest first; equals stay in the record's order. */
static size_t
dearest(const struct spf_node *node, const struct spf_step *sorted[COSTS_SHOWN])
{
	size_t count = 0;
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_step *step = &node->steps[i];
		size_t at = count < COSTS_SHOWN ? count++ : COSTS_SHOWN;
		while (at > 0 && sorted[at - 1]->lookups < step->lookups) {
			if (at < COSTS_SHOWN)
				sorted[at] = sorted[at - 1];
			at--;
		}
		if (at < COSTS_SHOWN)
			sorted[at] = step;
	}
	return count;
}

const char *
spf_audit_costs(struct arena *arena, const struct spf_tree *tree)
{
	const struct spf_node *node = tree->root;
	while (node->step_count == 1 && node->steps[0].child != NULL &&
	    node->steps[0].child->step_count > 0)
		node = node->steps[0].child;
	if (node->step_count == 1)
		node = tree->root; /* a chain: its first term stands for all of it */

	const struct spf_step *sorted[COSTS_SHOWN];
	size_t count = dearest(node, sorted);
	const char *costs = "";
	for (size_t i = 0; i < count; i++)
		costs = arena_printf(arena, "%s%s%s %u%s", costs, i > 0 ? ", " : "",
		    arena_short_text(arena, sorted[i]->term->text), sorted[i]->lookups,
		    sorted[i]->is_partial ? " or more" : "");
	if (node->step_count > count)
		costs = arena_printf(
		    arena, "%s, %zu more", costs, node->step_count - count);
	return costs;
}

/* Lookups that the domain can do without and lose no sender. */
struct savings {
	unsigned addresses; /* a and mx, written as what they come to */
	unsigned voids;     /* terms that match nobody */
	unsigned repeats;   /* what was visited before */
};

static void
note_saving(
    const struct audit *audit, const struct spf_step *step, struct savings *savings)
{
	enum spf_kind kind = step->term->kind;
	if (step->is_void && step->child == NULL)
		savings->voids++;
	else if (step->host_count > 0 && (kind == SPF_A || kind == SPF_MX))
		savings->addresses++;
	else if (step->child != NULL && audit_is_repeated(audit, step->child))
		savings->repeats += step->lookups;
}

/* Where to save, in the domain's own records: others are not its to change. */
static const char *
savings_text(const struct audit *audit)
{
	struct savings savings = { 0 };
	for (const struct spf_node *node = audit->tree->root; node != NULL;
	     node = node->next)
		for (size_t i = 0; i < node->step_count && spf_node_is_own(node); i++)
			note_saving(audit, &node->steps[i], &savings);
	const struct {
		unsigned lookups;
		const char *means;
	} ways[] = {
		{ savings.addresses, "addresses in place of a and mx" },
		{ savings.voids, "dropping void terms" },
		{ savings.repeats, "including only once" },
	};
	const char *text = "";
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++)
		if (ways[i].lookups > 0)
			text = arena_printf(audit->arena, "%s%s %u by %s", text,
			    text[0] == '\0' ? "; to save:" : ",", ways[i].lookups,
			    ways[i].means);
	return text;
}

/* Above the end of the warning range; a range of another kind means something else. */
static bool
is_near_limit(const struct audit *audit)
{
	const struct threshold *warning = &audit->report->policy
					       ->warning[METRIC_SPF_DNS_LOOKUPS];
	return warning->set && !warning->inside && audit->tree->lookups > warning->end;
}

static void
check_lookups(const struct audit *audit)
{
	const struct spf_tree *tree = audit->tree;
	bool is_over = tree->lookups > LIMIT_SPF_LOOKUPS;
	if (!is_over && !is_near_limit(audit))
		return;
	report_finding(audit->report,
	    is_over ? FINDING_SPF_TOO_MANY_LOOKUPS : FINDING_SPF_LOOKUPS_NEAR_LIMIT,
	    NULL, "%s%u of %d DNS lookups: %s%s", tree->complete ? "" : "at least ",
	    tree->lookups, LIMIT_SPF_LOOKUPS, spf_audit_costs(audit->arena, tree),
	    savings_text(audit));
}

/* A term with the name that it asks for, also where it does not say it. */
static const char *
term_with_target(struct arena *arena, const struct spf_step *step)
{
	const char *term = arena_short_text(arena, step->term->text);
	if (step->term->domain.length > 0 || step->target == NULL)
		return term;
	return arena_printf(
	    arena, "%s of %s", term, dns_name_text(arena, step->target));
}

static const char *
void_terms(const struct audit *audit)
{
	const char *list = "";
	size_t count = 0;
	for (const struct spf_node *node = audit->tree->root; node != NULL;
	     node = node->next) {
		for (size_t i = 0; i < node->step_count; i++) {
			const struct spf_step *step = &node->steps[i];
			if (!step->is_void || ++count > VOIDS_SHOWN)
				continue;
			list = arena_printf(audit->arena, "%s%s%s", list,
			    count > 1 ? ", " : "",
			    term_with_target(audit->arena, step));
		}
	}
	if (count > VOIDS_SHOWN)
		list = arena_printf(
		    audit->arena, "%s, %zu more", list, count - VOIDS_SHOWN);
	return list;
}

static void
check_voids(const struct audit *audit)
{
	if (audit->tree->voids > LIMIT_SPF_VOID_LOOKUPS)
		report_finding(audit->report, FINDING_SPF_TOO_MANY_VOID_LOOKUPS, NULL,
		    "%u void lookups, %d are allowed: %s", audit->tree->voids,
		    LIMIT_SPF_VOID_LOOKUPS, void_terms(audit));
}

/* "+all" after at least two exclusions is the De Morgan form of RFC 7208 A.4. */
static enum finding_id
pass_finding(const struct spf_record *record)
{
	size_t exclusions = 0;
	for (const struct spf_term *term = record->terms; term < record->all; term++)
		exclusions += spf_kind_is_mechanism(term->kind) &&
		    term->qualifier == SPF_FAIL;
	return exclusions < 2 ? FINDING_SPF_ALL_PASS : FINDING_SPF_ALL_PASS_RESTRICTED;
}

static void
check_all(const struct audit *audit)
{
	const struct spf_node *node = spf_tree_deciding_node(audit->tree);
	if (node == NULL)
		return;
	const struct spf_term *all = node->record->all;
	if (all == NULL && spf_record_hides_terms(node->record))
		return; /* it may be what is faulty */
	if (all == NULL) {
		struct place place = audit_node_place(audit, node);
		report_finding(audit->report, FINDING_SPF_ALL_MISSING, &place,
		    "the record ends without all or redirect");
		return;
	}
	struct place place = audit_term_place(audit, node, all);
	switch (all->qualifier) {
	case SPF_PASS:
		report_finding(audit->report, pass_finding(node->record), &place,
		    "%s permits every other sender in the world", place.term);
		break;
	case SPF_SOFTFAIL:
		report_finding(audit->report, FINDING_SPF_ALL_SOFTFAIL, &place,
		    "~all marks mail of other senders instead of refusing it");
		break;
	case SPF_NEUTRAL:
		report_finding(audit->report, FINDING_SPF_ALL_NEUTRAL, &place,
		    "?all says nothing about other senders");
		break;
	case SPF_FAIL:
		break;
	}
}

static void (*const tree_checks[])(const struct audit *) = {
	check_lookups,
	check_voids,
	check_all,
	audit_duplicates,
	audit_ranges,
};

void
spf_audit(struct report *report, const struct spf_tree *tree,
    const struct spf_side *side, const struct spf_audit_settings *settings)
{
	struct audit audit = {
		.report = report,
		.arena = report->arena,
		.tree = tree,
		.side = side,
		.settings = settings,
	};
	check_root(&audit);
	if (tree->root->state == SPF_NODE_RECORD)
		for (size_t i = 0; i < ARRAY_LENGTH(tree_checks); i++)
			tree_checks[i](&audit);
	for (const struct spf_node *node = tree->root; node != NULL;
	     node = node->next) {
		audit_targets(&audit, node);
		if (node->state == SPF_NODE_RECORD)
			audit_record(&audit, node);
	}
	audit_strays(&audit);
	audit_side(&audit);
}
