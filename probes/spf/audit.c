/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The findings about an SPF tree: one short check for each question a colleague would
 * ask, in a table. Checks of the domain's own record and of every record in the tree
 * are told apart, because a provider's style is not the domain's fault.
 */
#include "spf/audit.h"

#include "core/limits.h"

#include <string.h>

enum {
	TERM_SHOWN = 80, /* bytes of a term in a message */
	COSTS_SHOWN = 4, /* branches named in a message */
	VOIDS_SHOWN = 5
};

/* What the checks share. */
struct audit {
	struct report *report;
	struct arena *arena;
	const struct spf_tree *tree;
};

/* A term as people may see it. */
static const char *
shown(struct arena *arena, struct span text)
{
	if (text.length <= TERM_SHOWN)
		return arena_safe_text(arena, text);
	return arena_printf(
	    arena, "%s...", arena_safe_text(arena, span_slice(text, 0, TERM_SHOWN)));
}

static struct place
node_place(const struct audit *audit, const struct spf_node *node)
{
	return (struct place){
		.subject = dns_name_text(audit->arena, &node->name),
		.path = spf_node_path(audit->arena, node),
	};
}

static struct place
term_place(
    const struct audit *audit, const struct spf_node *node, const struct spf_term *term)
{
	struct place place = node_place(audit, node);
	place.term = shown(audit->arena, term->text);
	place.position = term->position;
	return place;
}

/* --- the domain's record as a whole --------------------------------------- */

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
		    "%zu SPF records where one may be", root->record_count);
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

	const struct spf_step *sorted[COSTS_SHOWN];
	size_t count = dearest(node, sorted);
	const char *costs = "";
	for (size_t i = 0; i < count; i++)
		costs = arena_printf(arena, "%s%s%s %u", costs, i > 0 ? ", " : "",
		    shown(arena, sorted[i]->term->text), sorted[i]->lookups);
	if (node->step_count > count)
		costs = arena_printf(
		    arena, "%s, %zu more", costs, node->step_count - count);
	return costs;
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
	    NULL, "%s%u of %d DNS lookups: %s", tree->complete ? "" : "at least ",
	    tree->lookups, LIMIT_SPF_LOOKUPS, spf_audit_costs(audit->arena, tree));
}

/* A term with the name that it asks for, also where it does not say it. */
static const char *
term_with_target(struct arena *arena, const struct spf_step *step)
{
	const char *term = shown(arena, step->term->text);
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
	if (all == NULL && node->record->fault_count > 0)
		return; /* it may be what is faulty */
	if (all == NULL) {
		struct place place = node_place(audit, node);
		report_finding(audit->report, FINDING_SPF_ALL_MISSING, &place,
		    "the record ends without all or redirect");
		return;
	}
	struct place place = term_place(audit, node, all);
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

/* --- each record of the tree
 * ---------------------------------------------------------- */

static void
report_failure(const struct audit *audit, const struct place *place,
    enum outcome outcome, uint16_t type, const struct dns_name *name)
{
	struct place at_name = *place;
	at_name.subject = dns_name_text(audit->arena, name);
	report_finding(audit->report, FINDING_SPF_DNS_ERROR, &at_name, "%s: %s of %s",
	    outcome_text(outcome), dns_type_text(type), at_name.subject);
}

/* How the target of an include or redirect fails its parent. */
static void
check_target(const struct audit *audit, const struct spf_node *node)
{
	static const char *const reasons[] = {
		[SPF_NODE_NONE] = "has no SPF record",
		[SPF_NODE_SEVERAL] = "has more than one SPF record",
		[SPF_NODE_NO_NAME] = "does not exist (NXDOMAIN)",
	};
	struct place place = term_place(audit, node->parent, node->via);
	const char *name = dns_name_text(audit->arena, &node->name);
	place.subject = name;
	if (node->state == SPF_NODE_LOOP)
		report_finding(audit->report, FINDING_SPF_INCLUDE_LOOP, &place,
		    "%s leads back to %s: %s", place.term, name,
		    spf_node_path(audit->arena, node));
	else if (node->state < ARRAY_LENGTH(reasons) && reasons[node->state] != NULL)
		report_finding(audit->report, FINDING_SPF_INCLUDE_NO_RECORD, &place,
		    "%s: %s %s", place.term, name, reasons[node->state]);
}

static void
check_node(const struct audit *audit, const struct spf_node *node)
{
	if (node->state == SPF_NODE_FAILED) {
		struct place place = node_place(audit, node);
		report_failure(audit, &place, node->outcome, DNS_TXT, &node->name);
	} else if (node->state == SPF_NODE_TOO_LARGE) {
		struct place place = node_place(audit, node);
		report_finding(audit->report, FINDING_SPF_DNS_ERROR, &place,
		    "not followed: the tree has more than %d records or levels",
		    node->depth > LIMIT_SPF_DEPTH ? LIMIT_SPF_DEPTH
						  : LIMIT_SPF_RECORDS);
	} else if (node->state != SPF_NODE_RECORD && node->parent != NULL) {
		check_target(audit, node);
	}
}

static void
check_steps(const struct audit *audit, const struct spf_node *node)
{
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_step *step = &node->steps[i];
		if (!outcome_is_failure(step->outcome))
			continue;
		struct place place = term_place(audit, node, step->term);
		report_failure(
		    audit, &place, step->outcome, step->failed_type, step->target);
	}
}

/* A domain-spec can be well formed and yet no name, such as "a..example". To ask for a
 * record there is to have none (RFC 7208 4.3, 5.2). */
static void
check_impossible_names(const struct audit *audit, const struct spf_node *node)
{
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_step *step = &node->steps[i];
		bool follows = step->term->kind == SPF_INCLUDE ||
		    step->term->kind == SPF_REDIRECT;
		if (!follows || step->target != NULL || step->needs_message)
			continue;
		struct place place = term_place(audit, node, step->term);
		report_finding(audit->report, FINDING_SPF_INCLUDE_NO_RECORD, &place,
		    "%s: there can't be such a name", place.term);
	}
}

static void
check_faults(const struct audit *audit, const struct spf_node *node)
{
	static const enum finding_id ids[] = {
		[SPF_BAD_SYNTAX] = FINDING_SPF_SYNTAX_ERROR,
		[SPF_BAD_IP4] = FINDING_SPF_IP4_INVALID,
		[SPF_BAD_IP6] = FINDING_SPF_IP6_INVALID,
	};
	const struct spf_record *record = node->record;
	for (size_t i = 0; i < record->term_count && record->fault_count > 0; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term->fault == SPF_FINE)
			continue;
		struct place place = term_place(audit, node, term);
		report_finding(audit->report, ids[term->fault], &place,
		    "\"%s\" at byte %zu: %s", place.term, term->position, term->reason);
	}
	if (record->cut) {
		struct place place = node_place(audit, node);
		report_finding(audit->report, FINDING_SPF_SYNTAX_ERROR, &place,
		    "the record has more than %d terms; the rest was not read",
		    LIMIT_SPF_TERMS);
	}
}

static void
check_ptr(const struct audit *audit, const struct spf_node *node)
{
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_term *term = node->steps[i].term;
		if (term->kind != SPF_PTR)
			continue;
		struct place place = term_place(audit, node, term);
		report_finding(
		    audit->report, FINDING_SPF_PTR, &place, "%s is used", place.term);
	}
}

static void
check_sizes(const struct audit *audit, const struct spf_node *node)
{
	bool is_long = node->record->text.length > LIMIT_SPF_RECORD_BYTES;
	bool is_large = node->txt_bytes > LIMIT_SPF_TXT_BYTES || node->txt_truncated;
	if ((!is_long && !is_large) || !spf_node_is_own(node))
		return;
	struct place place = node_place(audit, node);
	if (is_long)
		report_finding(audit->report, FINDING_SPF_RECORD_SIZE, &place,
		    "the record has %zu bytes, %d are safe", node->record->text.length,
		    LIMIT_SPF_RECORD_BYTES);
	if (is_large)
		report_finding(audit->report, FINDING_SPF_TXT_SIZE, &place,
		    "the answer with all TXT records has %zu bytes%s, %d are safe",
		    node->txt_bytes,
		    node->txt_truncated ? " and was truncated over UDP" : "",
		    LIMIT_SPF_TXT_BYTES);
}

static void (*const node_checks[])(const struct audit *, const struct spf_node *) = {
	check_faults,
	check_steps,
	check_impossible_names,
	check_ptr,
	check_sizes,
};

static void (*const tree_checks[])(const struct audit *) = {
	check_lookups,
	check_voids,
	check_all,
};

void
spf_audit(struct report *report, const struct spf_tree *tree)
{
	struct audit audit = { .report = report, .arena = report->arena, .tree = tree };
	check_root(&audit);
	if (tree->root->state == SPF_NODE_RECORD)
		for (size_t i = 0; i < ARRAY_LENGTH(tree_checks); i++)
			tree_checks[i](&audit);
	for (const struct spf_node *node = tree->root; node != NULL;
	     node = node->next) {
		check_node(&audit, node);
		if (node->state != SPF_NODE_RECORD)
			continue;
		for (size_t i = 0; i < ARRAY_LENGTH(node_checks); i++)
			node_checks[i](&audit, node);
	}
}
