/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Asks beside the tree. Nothing is asked that the tree's own answers make needless: a
 * registrable domain only where a name below it does not exist, a domain's MX only
 * where its record permits somebody.
 */
#include "spf/side.h"

#include "core/limits.h"
#include "spf/expand.h"
#include "spf/settings.h"

static void
ask_absent(struct view *view, struct spf_side *side, const struct dns_name *domain,
    uint32_t salt)
{
	side->has_absent = dns_name_absent(&side->absent, domain, salt) == STATUS_OK;
	if (side->has_absent)
		side->absent_txt = dns_get_optional(view, &side->absent, DNS_TXT);
}

static void
ask_domain(struct view *view, struct spf_side *side, const struct dns_name *domain)
{
	side->mx = dns_get_optional(view, domain, DNS_MX);
	if (side->mx.outcome != OUTCOME_NODATA)
		return; /* most domains have one: two questions less */
	side->a = dns_get_optional(view, domain, DNS_A);
	side->aaaa = dns_get_optional(view, domain, DNS_AAAA);
}

/* --- names that nobody owns ----------------------------------------------- */

static struct dns_name
label_at(const struct dns_name *name, unsigned from_right)
{
	struct dns_name suffix;
	dns_name_suffix(&suffix, name, from_right);
	return suffix;
}

void
spf_registrable(struct dns_name *registrable, const struct dns_name *name)
{
	static const struct span second_levels[] = { SPAN("ac"), SPAN("co"),
		SPAN("com"), SPAN("edu"), SPAN("gov"), SPAN("net"), SPAN("org") };
	struct dns_name top = label_at(name, 1), second = label_at(name, 2);
	struct span second_label = dns_name_first_label(&second);
	unsigned labels = 2;
	bool is_country = dns_name_first_label(&top).length == 2;
	for (size_t i = 0; is_country && i < ARRAY_LENGTH(second_levels); i++)
		if (span_equal_nocase(second_label, second_levels[i]))
			labels = 3;
	dns_name_suffix(registrable, name, labels);
}

/* Letters, digits and inner hyphens: what registries take (RFC 1123 2.1). */
static bool
is_host_label(struct span label)
{
	for (size_t i = 0; i < label.length; i++) {
		bool at_end = i == 0 || i == label.length - 1;
		if (!byte_is_alnum(label.bytes[i]) && (label.bytes[i] != '-' || at_end))
			return false;
	}
	return label.length > 0;
}

/* A domain that nobody owns, and somebody could: below a top-level domain that does not
 * exist there is no registry. Any type tells, since NXDOMAIN is about the name. */
static bool
is_free(struct view *view, const struct dns_name *registrable)
{
	struct dns_name above = label_at(registrable, dns_name_labels(registrable) - 1);
	struct dns_result own = dns_get_optional(view, registrable, DNS_NS);
	struct dns_result registry = dns_get_optional(view, &above, DNS_NS);
	return own.outcome == OUTCOME_NXDOMAIN &&
	    (registry.outcome == OUTCOME_FOUND || registry.outcome == OUTCOME_NODATA);
}

/* What of the question does not exist: its name, or the last alias it leads to. */
static const struct dns_name *
missing_name(const struct dns_name *name, const struct dns_result *result)
{
	if (result->outcome != OUTCOME_NXDOMAIN)
		return NULL;
	if (result->answer != NULL && result->answer->alias_count > 0)
		return &dns_answer_aliases(
		    result->answer)[result->answer->alias_count - 1];
	return name;
}

/* What the searches below share. */
struct search {
	struct view *view;
	struct arena *arena;
	struct spf_side *side;
	const struct spf_node *node;
	const struct spf_step *step;
	struct spf_stray **strays_end; /* where the next one goes */
	struct spf_ptr_target **ptr_targets_end;
	struct spf_reverse **reverses_end;
	bool uses_ptr;
};

static void
note_stray(struct search *search, const struct dns_name *name)
{
	struct spf_stray stray = { .node = search->node, .step = search->step };
	if (name == NULL || dns_name_labels(name) < 2)
		return;
	stray.name = *name;
	spf_registrable(&stray.registrable, name);
	if (!is_host_label(dns_name_first_label(&stray.registrable)) ||
	    !is_free(search->view, &stray.registrable))
		return;
	struct spf_stray *kept = arena_alloc(search->arena, sizeof(*kept));
	*kept = stray;
	*search->strays_end = kept;
	search->strays_end = &kept->next;
}

static void
note_ptr_target(struct search *search)
{
	struct spf_ptr_target *target = arena_alloc(search->arena, sizeof(*target));
	target->node = search->node;
	target->step = search->step;
	target->a = dns_get_optional(search->view, search->step->target, DNS_A);
	target->aaaa = dns_get_optional(search->view, search->step->target, DNS_AAAA);
	*search->ptr_targets_end = target;
	search->ptr_targets_end = &target->next;
	note_stray(search, missing_name(search->step->target, &target->a));
}

static void
search_step(struct search *search)
{
	const struct spf_step *step = search->step;
	search->uses_ptr |= step->term->kind == SPF_PTR;
	if (step->target == NULL)
		return;
	if (step->child != NULL) {
		const struct dns_result txt = { step->child->outcome,
			step->child->answer };
		note_stray(search, missing_name(step->target, &txt));
	}
	for (size_t i = 0; i < step->host_count; i++)
		note_stray(
		    search, missing_name(&step->hosts[i].name, &step->hosts[i].a));
	if (step->term->kind == SPF_MX || step->term->kind == SPF_EXISTS)
		note_stray(search, missing_name(step->target, &step->first));
	if (step->term->kind == SPF_PTR)
		note_ptr_target(search);
}

static void
search_explanations(struct search *search)
{
	const struct spf_record *record = search->node->record;
	const struct spf_values values = { .domain = &search->node->name };
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term->kind != SPF_EXP || term->fault != SPF_FINE)
			continue;
		struct spf_explanation *found = arena_alloc(
		    search->arena, sizeof(*found));
		enum status status;
		if (spf_expand_name(&found->name, &status, term->domain, &values,
			search->view) != SPF_EXPANDED)
			continue;
		found->node = search->node;
		found->term = term;
		if (status == STATUS_OK)
			found->txt = dns_get_optional(
			    search->view, &found->name, DNS_TXT);
		else
			found->is_no_name = true;
		found->next = search->side->explanations;
		search->side->explanations = found;
	}
}

/* --- reverse names -------------------------------------------------------- */

/* Also true when it could not be told. */
static bool
leads_back(
    struct view *view, const struct dns_name *name, const struct spf_client *client)
{
	struct dns_result found = dns_get_optional(
	    view, name, client->is_ip4 ? DNS_A : DNS_AAAA);
	if (found.outcome != OUTCOME_FOUND)
		return found.outcome != OUTCOME_NODATA &&
		    found.outcome != OUTCOME_NXDOMAIN;
	struct span address = span_of(client->address, client->is_ip4 ? 4 : 16);
	for (size_t i = 0; i < found.answer->record_count; i++)
		if (span_equal(found.answer->records[i].data, address))
			return true;
	return false;
}

/* As many names as receivers look at (4.6.4). */
static void
search_reverse(struct search *search, const struct spf_sender *sender)
{
	struct dns_name reverse_name, name;
	spf_reverse_name(&reverse_name, &sender->client);
	struct dns_result ptr = dns_get_optional(search->view, &reverse_name, DNS_PTR);
	size_t count = ptr.outcome == OUTCOME_FOUND ? ptr.answer->record_count : 0;
	if (outcome_is_empty(ptr.outcome))
		search->side->has_void_reverse = true;
	for (size_t i = 0; i < count && i < LIMIT_SPF_POINTERS; i++) {
		if (!dns_record_name(&ptr.answer->records[i], &name) ||
		    leads_back(search->view, &name, &sender->client))
			continue;
		struct spf_reverse *reverse = arena_alloc(
		    search->arena, sizeof(*reverse));
		*reverse = (struct spf_reverse){ .ip = sender->ip, .name = name };
		*search->reverses_end = reverse;
		search->reverses_end = &reverse->next;
	}
}

/* --- the whole ------------------------------------------------------------ */

static const struct spf_term *
first_mechanism(const struct spf_record *record)
{
	for (size_t i = 0; i < record->term_count; i++)
		if (spf_kind_is_mechanism(record->terms[i].kind))
			return &record->terms[i];
	return NULL;
}

/* "v=spf1 -all", also at the end of redirects, and whatever modifiers stand beside. */
static bool
permits_nobody(const struct spf_tree *tree)
{
	const struct spf_node *node = spf_tree_deciding_node(tree);
	const struct spf_term *all = node != NULL ? node->record->all : NULL;
	if (all == NULL || all->qualifier != SPF_FAIL)
		return false;
	for (; node != NULL; node = node->parent)
		if (first_mechanism(node->record) != node->record->all)
			return false;
	return true;
}

struct spf_side *
spf_side_ask(struct view *view, struct arena *arena, const struct spf_tree *tree,
    const struct spf_settings *settings, uint32_t salt)
{
	const struct spf_node *root = tree->root;
	struct spf_side *side = arena_alloc(arena, sizeof(*side));
	/* Only of a name that answers: a broken one costs two packets, not eight. */
	if (root->state != SPF_NODE_RECORD && root->state != SPF_NODE_NONE &&
	    root->state != SPF_NODE_SEVERAL)
		return side;
	side->type99 = dns_get_optional(view, &root->name, DNS_SPF);
	if (root->state == SPF_NODE_RECORD)
		ask_absent(view, side, &root->name, salt);
	if (root->state == SPF_NODE_RECORD && !permits_nobody(tree))
		ask_domain(view, side, &root->name);

	struct search search = {
		.view = view,
		.arena = arena,
		.side = side,
		.strays_end = &side->strays,
		.ptr_targets_end = &side->ptr_targets,
		.reverses_end = &side->reverses,
	};
	for (search.node = root; search.node != NULL; search.node = search.node->next) {
		for (size_t i = 0; i < search.node->step_count; i++) {
			search.step = &search.node->steps[i];
			search_step(&search);
		}
		if (search.node->state == SPF_NODE_RECORD &&
		    spf_node_is_own(search.node))
			search_explanations(&search);
	}
	for (size_t i = 0; search.uses_ptr && i < settings->sender_count; i++)
		search_reverse(&search, &settings->senders[i]);
	return side;
}
