/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The walk over include and redirect (RFC 7208 5.2, 6.1), with one short handler for
 * each kind of term that asks the DNS. It only asks and counts; what its results mean
 * for a postmaster is audit.c's business.
 */
#include "spf/tree.h"

#include "core/limits.h"
#include "dns/question.h"
#include "spf/expand.h"

#include <assert.h>

/* What the handlers of one walk share. */
struct walk {
	struct view *view;
	struct arena *arena;
	struct spf_tree *tree;
};

static struct spf_node *visit(struct walk *walk, struct spf_node *parent,
    const struct spf_term *via, const struct dns_name *name);

/* Asks for the step; the first failure is kept with the step. */
static struct dns_result
ask(struct walk *walk, struct spf_step *step, const struct dns_name *name,
    uint16_t type)
{
	struct dns_result result = dns_get(walk->view, name, type);
	if (result.outcome == OUTCOME_WANTED || outcome_is_failure(result.outcome))
		walk->tree->complete = false;
	if (outcome_is_failure(result.outcome) && !outcome_is_failure(step->outcome)) {
		step->outcome = result.outcome;
		step->failed_type = type;
		step->failed_name = name;
	}
	return result;
}

static void
ask_host(struct walk *walk, struct spf_step *step, const struct dns_name *name)
{
	struct spf_host *host = &step->hosts[step->host_count++];
	host->name = *name;
	host->a = ask(walk, step, &host->name, DNS_A);
	host->aaaa = ask(walk, step, &host->name, DNS_AAAA);
}

/* Records that are not followed again may stand for any number. */
static void
add_lookups(unsigned *sum, unsigned lookups)
{
	*sum = lookups < LIMIT_SPF_LOOKUPS_COUNTED - *sum ? *sum + lookups
							  : LIMIT_SPF_LOOKUPS_COUNTED;
}

/* include and redirect: void when the target has no TXT record at all. */
static void
follow(struct walk *walk, struct spf_node *node, struct spf_step *step)
{
	step->child = visit(walk, node, step->term, step->target);
	add_lookups(&step->lookups, step->child->lookups);
	step->is_partial = step->child->is_partial;
	step->is_void = outcome_is_empty(step->child->outcome);
}

/* a: both families, as no receiver asks; void when neither is there. */
static void
ask_addresses(struct walk *walk, struct spf_node *node, struct spf_step *step)
{
	(void)node;
	step->hosts = arena_alloc(walk->arena, sizeof(*step->hosts));
	ask_host(walk, step, step->target);
	const struct spf_host *host = &step->hosts[0];
	step->is_void = outcome_is_empty(host->a.outcome) &&
	    outcome_is_empty(host->aaaa.outcome);
}

/* mx: exchangers without address are not void, the term itself was answered. */
static void
ask_exchangers(struct walk *walk, struct spf_node *node, struct spf_step *step)
{
	(void)node;
	struct dns_result mx = ask(walk, step, step->target, DNS_MX);
	step->first = mx;
	step->is_void = outcome_is_empty(mx.outcome);
	if (mx.outcome != OUTCOME_FOUND)
		return;
	step->exchanger_count = mx.answer->record_count;
	if (step->exchanger_count > LIMIT_SPF_EXCHANGERS)
		walk->tree->complete = false;
	size_t count = step->exchanger_count < LIMIT_SPF_EXCHANGERS
	    ? step->exchanger_count
	    : LIMIT_SPF_EXCHANGERS;
	step->hosts = arena_alloc_array(walk->arena, count, sizeof(*step->hosts));
	for (size_t i = 0; i < count; i++) {
		uint16_t preference;
		struct dns_name name;
		bool is_null_mx = !dns_record_mx(
				      &mx.answer->records[i], &preference, &name) ||
		    dns_name_labels(&name) == 0; /* RFC 7505 */
		if (!is_null_mx)
			ask_host(walk, step, &name);
	}
}

/* exists always asks for A (RFC 7208 5.7). */
static void
ask_existence(struct walk *walk, struct spf_node *node, struct spf_step *step)
{
	(void)node;
	step->first = ask(walk, step, step->target, DNS_A);
	step->is_void = outcome_is_empty(step->first.outcome);
}

typedef void step_handler(struct walk *, struct spf_node *, struct spf_step *);

/* ptr asks by the client's address, which there is none of without a message. */
static step_handler *const handlers[] = {
	[SPF_INCLUDE] = follow,
	[SPF_A] = ask_addresses,
	[SPF_MX] = ask_exchangers,
	[SPF_PTR] = NULL,
	[SPF_EXISTS] = ask_existence,
	[SPF_REDIRECT] = follow,
};

/* Whom the term asks: its own domain-spec, or the record's domain. A text that is no
 * possible name matches nothing and asks nobody (RFC 7208 4.3, 4.8). */
static const struct dns_name *
find_target(struct walk *walk, const struct spf_node *node, struct spf_step *step)
{
	const struct spf_values values = { .domain = &node->name };
	if (step->term->domain.length == 0)
		return &node->name;
	struct dns_name *target = arena_alloc(walk->arena, sizeof(*target));
	enum status status;
	enum spf_expansion expansion = spf_expand_name(
	    target, &status, step->term->domain, &values, walk->view);
	step->needs_message = expansion == SPF_EXPAND_NEVER;
	return expansion == SPF_EXPANDED && status == STATUS_OK ? target : NULL;
}

static void
take_step(struct walk *walk, struct spf_node *node, const struct spf_term *term)
{
	if (walk->tree->step_count == LIMIT_SPF_STEPS) {
		walk->tree->complete = false;
		node->is_partial = true;
		return;
	}
	walk->tree->step_count++;
	struct spf_step *step = &node->steps[node->step_count++];
	step->term = term;
	step->lookups = 1;
	step->target = find_target(walk, node, step);
	bool follows = handlers[term->kind] == follow;
	walk->tree->includes += follows;
	if (step->target != NULL && handlers[term->kind] != NULL)
		handlers[term->kind](walk, node, step);
	else if (follows)
		walk->tree->complete = false; /* who knows what hangs below */
	step->is_partial = step->is_partial || (follows && step->needs_message);
	node->is_partial = node->is_partial || step->is_partial;
	add_lookups(&node->lookups, step->lookups);
	walk->tree->voids += step->is_void;
}

/* Terms behind `all`, and a redirect beside it, are never evaluated (5.1, 6.1). */
static bool
is_effective(const struct spf_record *record, const struct spf_term *term)
{
	if (term->fault != SPF_FINE || !spf_term_costs_lookup(term))
		return false;
	return record->all == NULL ||
	    (term->kind != SPF_REDIRECT && term < record->all);
}

static void
take_steps(struct walk *walk, struct spf_node *node)
{
	const struct spf_record *record = node->record;
	size_t count = 0;
	for (size_t i = 0; i < record->term_count; i++)
		count += is_effective(record, &record->terms[i]);
	node->steps = arena_alloc_array(walk->arena, count, sizeof(*node->steps));
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		bool is_redirect = term->kind == SPF_REDIRECT;
		if (is_effective(record, term) && !is_redirect)
			take_step(walk, node, term);
	}
	/* Wherever it stands, redirect comes last (4.6.3). */
	if (record->redirect != NULL && is_effective(record, record->redirect))
		take_step(walk, node, record->redirect);
}

static void
note_faults(struct spf_node *node)
{
	node->is_faulty = node->record->fault_count > 0;
	for (size_t i = 0; i < node->step_count; i++)
		if (node->steps[i].child != NULL && node->steps[i].child->is_faulty)
			node->is_faulty = true;
}

/* Selects among the TXT records (4.5). */
static void
select_record(struct walk *walk, struct spf_node *node, const struct dns_answer *txt)
{
	struct spf_selection selection = spf_record_select(walk->arena, txt);
	node->txt_bytes = txt->wire_bytes;
	node->txt_truncated = txt->tcp;
	node->record_count = selection.count;
	if (selection.count != 1) {
		node->state = selection.count == 0 ? SPF_NODE_NONE : SPF_NODE_SEVERAL;
		return;
	}
	node->state = SPF_NODE_RECORD;
	node->txt = selection.record;
	node->record = spf_record_parse(walk->arena, selection.text);
	if (spf_record_hides_terms(node->record))
		walk->tree->complete = false;
	take_steps(walk, node);
	note_faults(node);
}

static bool
is_loop(const struct spf_node *node)
{
	for (const struct spf_node *above = node->parent; above != NULL;
	     above = above->parent)
		if (dns_name_equal(&above->name, &node->name))
			return true;
	return false;
}

static enum spf_node_state
state_without_answer(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_WANTED:
		return SPF_NODE_WANTED;
	case OUTCOME_NODATA:
		return SPF_NODE_NONE;
	case OUTCOME_NXDOMAIN:
		return SPF_NODE_NO_NAME;
	default:
		return SPF_NODE_FAILED;
	}
}

static void
ask_record(struct walk *walk, struct spf_node *node)
{
	if (dns_name_labels(&node->name) < 2 && node->parent != NULL) {
		node->state = SPF_NODE_NONE; /* RFC 7208 4.3 */
		return;
	}
	struct dns_result txt = dns_get(walk->view, &node->name, DNS_TXT);
	node->outcome = txt.outcome;
	node->answer = txt.answer;
	if (txt.outcome == OUTCOME_FOUND)
		select_record(walk, node, txt.answer);
	else
		node->state = state_without_answer(txt.outcome);
}

static struct spf_node *
node_new(struct walk *walk, struct spf_node *parent, const struct spf_term *via,
    const struct dns_name *name)
{
	struct spf_tree *tree = walk->tree;
	struct spf_node *node = arena_alloc(walk->arena, sizeof(*node));
	node->name = *name;
	node->parent = parent;
	node->via = via;
	node->depth = parent != NULL ? parent->depth + 1 : 1;
	if (tree->last != NULL)
		tree->last->next = node;
	else
		tree->root = node;
	tree->last = node;
	tree->node_count++;
	return node;
}

/* What a record costs that was followed before and is not again. */
static unsigned
known_lookups(const struct spf_tree *tree, const struct spf_node *node)
{
	for (const struct spf_node *other = tree->root; other != node;
	     other = other->next)
		if (dns_name_equal(&other->name, &node->name))
			return other->lookups;
	return 0;
}

static struct spf_node *
visit(struct walk *walk, struct spf_node *parent, const struct spf_term *via,
    const struct dns_name *name)
{
	struct spf_node *node = node_new(walk, parent, via, name);
	if (is_loop(node))
		node->state = SPF_NODE_LOOP;
	else if (walk->tree->node_count > LIMIT_SPF_RECORDS ||
	    node->depth > LIMIT_SPF_DEPTH)
		node->state = SPF_NODE_TOO_LARGE;
	else
		ask_record(walk, node);

	if (node->state == SPF_NODE_TOO_LARGE || node->state == SPF_NODE_FAILED)
		node->is_partial = true;
	if (node->state == SPF_NODE_TOO_LARGE)
		node->lookups = known_lookups(walk->tree, node);
	if (node->state != SPF_NODE_RECORD)
		walk->tree->complete = false;
	else if (node->depth > walk->tree->depth)
		walk->tree->depth = node->depth;
	return node;
}

struct spf_tree *
spf_tree_walk(struct view *view, struct arena *arena, const struct dns_name *domain)
{
	struct spf_tree *tree = arena_alloc(arena, sizeof(*tree));
	struct walk walk = { .view = view, .arena = arena, .tree = tree };
	tree->complete = true;
	visit(&walk, NULL, NULL, domain);
	tree->lookups = tree->root->lookups;
	return tree;
}

void
spf_tree_void_pointers(struct spf_tree *tree)
{
	for (struct spf_node *node = tree->root; node != NULL; node = node->next)
		for (size_t i = 0; i < node->step_count; i++)
			if (node->steps[i].term->kind == SPF_PTR) {
				node->steps[i].is_void = true;
				tree->voids++;
			}
}

/* The child that a record without `all` hands over to. */
static const struct spf_node *
redirected(const struct spf_node *node)
{
	for (size_t i = 0; i < node->step_count; i++)
		if (node->steps[i].term->kind == SPF_REDIRECT)
			return node->steps[i].child;
	return NULL;
}

static bool
hands_over(const struct spf_node *node)
{
	return node->record->all == NULL && node->record->redirect != NULL;
}

const struct spf_node *
spf_tree_deciding_node(const struct spf_tree *tree)
{
	const struct spf_node *node = tree->root;
	while (node != NULL && node->state == SPF_NODE_RECORD) {
		if (!hands_over(node))
			return node;
		node = redirected(node);
	}
	return NULL;
}

bool
spf_node_is_own(const struct spf_node *node)
{
	for (; node->parent != NULL; node = node->parent)
		if (node->via->kind != SPF_REDIRECT)
			return false;
	return true;
}

enum { PATH_NAMES = 6 }; /* shown of a path: a message has its limit too */

const char *
spf_node_path(struct arena *arena, const struct spf_node *node)
{
	const char *path = dns_name_text(arena, &node->name);
	size_t shown = 1;
	for (node = node->parent; node != NULL; node = node->parent) {
		if (node->parent != NULL && ++shown > PATH_NAMES - 1) {
			if (shown == PATH_NAMES)
				path = arena_printf(arena, "... > %s", path);
			continue;
		}
		path = arena_printf(
		    arena, "%s > %s", dns_name_text(arena, &node->name), path);
	}
	return path;
}
