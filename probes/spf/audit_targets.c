/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Where terms lead: records that are missing or faulty, names without answer. */
#include "audit_parts.h"

#include "core/limits.h"

/* Senders through which most mail of a domain goes, by the names that their customers
 * include; in wire format, lengths in octal. The NUL of each literal is the root. */
#define WIRE(labels) \
	{ \
		sizeof(labels), labels \
	}
static const struct dns_name high_volume_names[] = {
	WIRE("\3spf\12protection\7outlook\3com"),
	WIRE("\4_spf\6google\3com"),
	WIRE("\11amazonses\3com"),
	WIRE("\10sendgrid\3net"),
	WIRE("\7mailgun\3org"),
	WIRE("\7servers\4mcsv\3net"),
	WIRE("\3spf\13mandrillapp\3com"),
	WIRE("\3spf\5mtasv\3net"),
	WIRE("\4_spf\12salesforce\3com"),
	WIRE("\4mail\7zendesk\3com"),
	WIRE("\3spf\7mailjet\3com"),
	WIRE("\3spf\12sendinblue\3com"),
	WIRE("\3spf\5brevo\3com"),
};

static void
report_failure(const struct audit *audit, const struct place *place,
    enum outcome outcome, uint16_t type, const struct dns_name *name)
{
	struct place at_name = *place;
	at_name.subject = dns_name_text(audit->arena, name);
	report_finding(audit->report, FINDING_SPF_DNS_ERROR, &at_name, "%s: %s of %s",
	    outcome_text(outcome), dns_type_text(type), at_name.subject);
}

/* --- records -------------------------------------------------------------- */

/* How the target of an include or redirect fails its parent. */
static void
check_record_target(const struct audit *audit, const struct spf_node *node)
{
	static const char *const reasons[] = {
		[SPF_NODE_NONE] = "has no SPF record",
		[SPF_NODE_SEVERAL] = "has more than one SPF record",
		[SPF_NODE_NO_NAME] = "does not exist (NXDOMAIN)",
	};
	struct place place = audit_term_place(audit, node->parent, node->via);
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
check_state(const struct audit *audit, const struct spf_node *node)
{
	if (node->state == SPF_NODE_FAILED) {
		struct place place = audit_node_place(audit, node);
		report_failure(audit, &place, node->outcome, DNS_TXT, &node->name);
	} else if (node->state == SPF_NODE_TOO_LARGE) {
		struct place place = audit_node_place(audit, node);
		report_finding(audit->report, FINDING_SPF_DNS_ERROR, &place,
		    "not followed: the tree has more than %d records or levels",
		    node->depth > LIMIT_SPF_DEPTH ? LIMIT_SPF_DEPTH
						  : LIMIT_SPF_RECORDS);
	} else if (node->state != SPF_NODE_RECORD && node->parent != NULL) {
		check_record_target(audit, node);
	}
}

/* The include through which the record at a node is seen, over redirects; NULL for the
 * domain's own records. */
static const struct spf_node *
included_node(const struct spf_node *node)
{
	while (node->parent != NULL && node->via->kind == SPF_REDIRECT)
		node = node->parent;
	return node->parent != NULL ? node : NULL;
}

/* An include on the way here has a minus: what matches is refused, not permitted. */
static bool
is_excluded(const struct spf_node *node)
{
	for (; node->parent != NULL; node = node->parent)
		if (node->via->kind == SPF_INCLUDE && node->via->qualifier == SPF_FAIL)
			return true;
	return false;
}

static void
check_included(const struct audit *audit, const struct spf_node *node)
{
	if (node->parent == NULL || node->state != SPF_NODE_RECORD)
		return;
	if (node->is_faulty && node->via->kind == SPF_INCLUDE) {
		struct place place = audit_term_place(audit, node->parent, node->via);
		report_finding(audit->report, FINDING_SPF_INCLUDE_PERMERROR, &place,
		    "%s leads to a record that does not parse", place.term);
	}
	const struct spf_node *included = included_node(node);
	const struct spf_term *all = node->record->all;
	if (included == NULL || is_excluded(node) || all == NULL ||
	    all->qualifier != SPF_PASS)
		return;
	struct place place = audit_term_place(audit, included->parent, included->via);
	report_finding(audit->report, FINDING_SPF_INCLUDE_PASS_ALL, &place,
	    "%s matches every sender in the world: %s ends in %s", place.term,
	    dns_name_text(audit->arena, &node->name),
	    arena_short_text(audit->arena, all->text));
}

/* The same term of the same record, which itself is visited twice. */
static bool
is_same_term(const struct spf_node *a, const struct spf_node *b)
{
	return a->via->position == b->via->position &&
	    dns_name_equal(&a->parent->name, &b->parent->name);
}

/* The step that visited the same target before this one, in the order of the tree. */
static const struct spf_node *
earlier_visit(const struct spf_tree *tree, const struct spf_node *node)
{
	for (const struct spf_node *other = tree->root; other != node;
	     other = other->next)
		if (other->parent != NULL && dns_name_equal(&other->name, &node->name))
			return other;
	return NULL;
}

bool
audit_is_repeated(const struct audit *audit, const struct spf_node *node)
{
	return node->state != SPF_NODE_LOOP && earlier_visit(audit->tree, node) != NULL;
}

void
audit_duplicates(const struct audit *audit)
{
	const struct spf_node *node = audit->tree->root->next;
	for (; node != NULL; node = node->next) {
		const struct spf_node *other = earlier_visit(audit->tree, node);
		if (other == NULL || node->state == SPF_NODE_LOOP ||
		    is_same_term(other, node))
			continue;
		bool own = spf_node_is_own(node->parent) &&
		    spf_node_is_own(other->parent);
		struct place place = audit_term_place(audit, node->parent, node->via);
		report_finding_as(audit->report, FINDING_SPF_INCLUDE_DUPLICATE,
		    own ? SEVERITY_WARNING : SEVERITY_INFO, &place,
		    "%s costs its %u lookup%s twice; it stands at %s too", place.term,
		    node->lookups + 1, node->lookups > 0 ? "s" : "",
		    spf_node_path(audit->arena, other->parent));
	}
}

/* --- names ---------------------------------------------------------------- */

static bool
has_no_address(const struct spf_host *host)
{
	return outcome_is_empty(host->a.outcome) &&
	    outcome_is_empty(host->aaaa.outcome);
}

static void
check_missing_target(
    const struct audit *audit, const struct spf_node *node, const struct spf_step *step)
{
	static const char *const wanted[] = {
		[SPF_A] = "address",
		[SPF_MX] = "MX record",
		[SPF_EXISTS] = "A record",
	};
	enum spf_kind kind = step->term->kind;
	if (!step->is_void || kind >= ARRAY_LENGTH(wanted) || wanted[kind] == NULL)
		return;
	struct place place = audit_term_place(audit, node, step->term);
	report_finding(audit->report, FINDING_SPF_TARGET_MISSING, &place,
	    "%s: %s has no %s", place.term, dns_name_text(audit->arena, step->target),
	    wanted[kind]);
}

static void
check_exchangers(
    const struct audit *audit, const struct spf_node *node, const struct spf_step *step)
{
	if (step->term->kind != SPF_MX)
		return;
	if (step->exchanger_count > LIMIT_SPF_EXCHANGERS) {
		struct place place = audit_term_place(audit, node, step->term);
		report_finding(audit->report, FINDING_SPF_MX_OVER_LIMIT, &place,
		    "%s: %s has %zu exchangers, %d are allowed", place.term,
		    dns_name_text(audit->arena, step->target), step->exchanger_count,
		    LIMIT_SPF_EXCHANGERS);
	}
	for (size_t i = 0; i < step->host_count; i++) {
		if (!has_no_address(&step->hosts[i]))
			continue;
		struct place place = audit_term_place(audit, node, step->term);
		report_finding(audit->report, FINDING_SPF_MX_NO_ADDRESS, &place,
		    "%s: the exchanger %s has no address", place.term,
		    dns_name_text(audit->arena, &step->hosts[i].name));
	}
}

/* A domain-spec can be well formed and yet no name, such as "a..example". To ask for a
 * record there is to have none (RFC 7208 4.3, 5.2). */
static void
check_impossible_name(
    const struct audit *audit, const struct spf_node *node, const struct spf_step *step)
{
	bool follows = step->term->kind == SPF_INCLUDE ||
	    step->term->kind == SPF_REDIRECT;
	if (!follows || step->target != NULL || step->needs_message)
		return;
	struct place place = audit_term_place(audit, node, step->term);
	report_finding(audit->report, FINDING_SPF_INCLUDE_NO_RECORD, &place,
	    "%s: there can't be such a name", place.term);
}

static bool
is_high_volume(const struct audit *audit, const struct spf_step *step)
{
	if (step->target == NULL || step->term->kind != SPF_INCLUDE)
		return false;
	for (size_t i = 0; i < audit->settings->high_volume_count; i++)
		if (dns_name_is_within(step->target, &audit->settings->high_volume[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LENGTH(high_volume_names); i++)
		if (dns_name_is_within(step->target, &high_volume_names[i]))
			return true;
	return false;
}

static void
check_high_volume_order(const struct audit *audit, const struct spf_node *node)
{
	const struct spf_step *costly = NULL;
	if (!spf_node_is_own(node))
		return;
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_step *step = &node->steps[i];
		if (!is_high_volume(audit, step)) {
			costly = step;
			continue;
		}
		if (costly == NULL)
			continue;
		struct place place = audit_term_place(audit, node, step->term);
		report_finding(audit->report, FINDING_SPF_HIGH_VOLUME_ORDER, &place,
		    "%s stands behind %s", place.term,
		    arena_short_text(audit->arena, costly->term->text));
	}
}

static void
check_step(
    const struct audit *audit, const struct spf_node *node, const struct spf_step *step)
{
	if (outcome_is_failure(step->outcome)) {
		struct place place = audit_term_place(audit, node, step->term);
		report_failure(
		    audit, &place, step->outcome, step->failed_type, step->failed_name);
	}
	check_impossible_name(audit, node, step);
	check_missing_target(audit, node, step);
	check_exchangers(audit, node, step);
}

void
audit_targets(const struct audit *audit, const struct spf_node *node)
{
	check_state(audit, node);
	check_included(audit, node);
	for (size_t i = 0; i < node->step_count; i++)
		check_step(audit, node, &node->steps[i]);
	check_high_volume_order(audit, node);
}

static bool
is_told_already(const struct spf_stray *first, const struct spf_stray *stray)
{
	for (; first != stray; first = first->next)
		if (first->step == stray->step &&
		    dns_name_equal(&first->registrable, &stray->registrable))
			return true;
	return false;
}

void
audit_strays(const struct audit *audit)
{
	const struct spf_stray *first = audit->side->strays;
	for (const struct spf_stray *stray = first; stray != NULL;
	     stray = stray->next) {
		if (is_told_already(first, stray))
			continue;
		struct place place = audit_term_place(
		    audit, stray->node, stray->step->term);
		place.subject = dns_name_text(audit->arena, &stray->registrable);
		report_finding(audit->report, FINDING_SPF_TARGET_REGISTRABLE, &place,
		    "%s: nobody owns %s; whoever registers it may send as you",
		    place.term, place.subject);
	}
}
