/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The addresses that a tree permits: how many, and which of them are odd. */
#include "audit_parts.h"

#include "core/limits.h"
#include "spf/ranges.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

/* Where a range was written. */
struct source {
	const struct spf_node *node;
	const struct spf_term *term;
};

struct collection {
	struct arena *arena;
	size_t count, room;
	struct spf_range *ranges;
	bool is_full;
	bool everyone;        /* an `all` that passes */
	bool nearly_everyone; /* one with exclusions before it */
};

static size_t
answer_count(const struct dns_result *result)
{
	return result->outcome == OUTCOME_FOUND ? result->answer->record_count : 0;
}

/* At least as many ranges as a tree can have, whatever passes. */
static size_t
most_ranges(const struct spf_tree *tree)
{
	size_t count = 0;
	for (const struct spf_node *node = tree->root; node != NULL;
	     node = node->next) {
		if (node->state == SPF_NODE_RECORD)
			count += node->record->term_count;
		for (size_t i = 0; i < node->step_count; i++)
			for (size_t j = 0; j < node->steps[i].host_count; j++)
				count += answer_count(&node->steps[i].hosts[j].a) +
				    answer_count(&node->steps[i].hosts[j].aaaa);
	}
	return count < LIMIT_SPF_RANGES ? count : LIMIT_SPF_RANGES;
}

static struct collection
collection_new(struct arena *arena, const struct spf_tree *tree)
{
	size_t room = most_ranges(tree);
	return (struct collection){
		.arena = arena,
		.room = room,
		.ranges = arena_alloc_array(arena, room, sizeof(struct spf_range)),
	};
}

static void
add_range(struct collection *collection, struct spf_range range)
{
	if (collection->count == collection->room)
		collection->is_full = true;
	else
		collection->ranges[collection->count++] = range;
}

static bool
is_network(const struct spf_term *term)
{
	return (term->kind == SPF_IP4 || term->kind == SPF_IP6) &&
	    term->fault == SPF_FINE;
}

static struct spf_range
term_range(const struct spf_term *term, const void *source)
{
	bool is_ip6 = term->kind == SPF_IP6;
	return spf_range_make(
	    is_ip6, term->address, is_ip6 ? term->prefix6 : term->prefix4, source);
}

/* --- how many ------------------------------------------------------------- */

static void
collect_answers(struct collection *collection, const struct dns_result *result,
    bool is_ip6, uint8_t prefix)
{
	if (result->outcome != OUTCOME_FOUND)
		return;
	for (size_t i = 0; i < result->answer->record_count; i++) {
		struct span address = result->answer->records[i].data;
		if (address.length == (is_ip6 ? 16 : 4))
			add_range(collection,
			    spf_range_make(is_ip6, address.bytes, prefix, NULL));
	}
}

static void collect(
    struct collection *collection, const struct spf_node *node, bool excludes);

static void
collect_step(struct collection *collection, const struct spf_step *step, bool excludes)
{
	const struct spf_term *term = step->term;
	if (step->child != NULL)
		collect(collection, step->child, excludes);
	for (size_t i = 0; i < step->host_count; i++) {
		collect_answers(collection, &step->hosts[i].a, false, term->prefix4);
		collect_answers(collection, &step->hosts[i].aaaa, true, term->prefix6);
	}
}

/* Whether a term before `end` decides that some senders do not pass. */
static bool
excludes_before(const struct spf_record *record, const struct spf_term *end)
{
	for (const struct spf_term *term = record->terms; term < end; term++)
		if (spf_kind_is_mechanism(term->kind) && term->qualifier != SPF_PASS)
			return true;
	return false;
}

static void
collect_networks(struct collection *collection, const struct spf_record *record)
{
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term == record->all)
			break;
		if (is_network(term) && term->qualifier == SPF_PASS)
			add_range(collection, term_range(term, NULL));
	}
}

/* What a record passes: an include counts what its own record passes. Exclusions of a
 * record hold for what its terms behind them lead to. Depth is capped where the tree
 * was walked. */
static void
collect(struct collection *collection, const struct spf_node *node, bool excludes)
{
	if (node->state != SPF_NODE_RECORD)
		return;
	const struct spf_record *record = node->record;
	collect_networks(collection, record);
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_step *step = &node->steps[i];
		bool is_redirect = step->term->kind == SPF_REDIRECT;
		const struct spf_term *end = is_redirect
		    ? record->terms + record->term_count
		    : step->term;
		if (is_redirect || step->term->qualifier == SPF_PASS)
			collect_step(
			    collection, step, excludes || excludes_before(record, end));
	}
	if (record->all == NULL || record->all->qualifier != SPF_PASS)
		return;
	if (excludes || excludes_before(record, record->all))
		collection->nearly_everyone = true;
	else
		collection->everyone = true;
}

struct spf_authorized
spf_audit_authorized(struct arena *arena, const struct spf_tree *tree)
{
	struct spf_authorized authorized = { .known = true };
	struct collection collection = collection_new(arena, tree);
	collect(&collection, tree->root, false);
	if (collection.everyone) {
		authorized.ip4_addresses = 4294967296.0;
		authorized.ip6_prefixes = 1; /* ::/0 */
		return authorized;
	}
	if (collection.is_full || collection.nearly_everyone) {
		authorized.known = false;
		return authorized;
	}
	spf_ranges_sort(arena, collection.ranges, collection.count);
	size_t count = spf_ranges_merge(collection.ranges, collection.count);
	for (size_t i = 0; i < count; i++) {
		if (collection.ranges[i].is_ip6)
			authorized.ip6_prefixes++;
		else
			authorized.ip4_addresses += (double)((uint64_t)1
			    << (32 - collection.ranges[i].prefix));
	}
	return authorized;
}

/* --- which of them are odd ------------------------------------------------ */

static void
check_special(const struct audit *audit, const struct source *source,
    const struct spf_range *range)
{
	const char *special = spf_range_special(range);
	if (special == NULL)
		return;
	struct place place = audit_term_place(audit, source->node, source->term);
	bool is_example = strcmp(special, "documentation") == 0;
	report_finding_as(audit->report, FINDING_SPF_SPECIAL_ADDRESS,
	    is_example ? SEVERITY_INFO : SEVERITY_WARNING, &place,
	    "%s lies in %s %s range", place.term, special[0] == 'u' ? "an" : "a",
	    special);
}

static void
check_host_bits(const struct audit *audit, const struct source *source)
{
	const struct spf_term *term = source->term;
	bool is_ip6 = term->kind == SPF_IP6;
	uint8_t prefix = is_ip6 ? term->prefix6 : term->prefix4;
	if (!spf_range_has_host_bits(is_ip6, term->address, prefix))
		return;
	struct spf_range range = term_range(term, NULL);
	char network[INET6_ADDRSTRLEN];
	inet_ntop(is_ip6 ? AF_INET6 : AF_INET, range.address, network, sizeof(network));
	struct place place = audit_term_place(audit, source->node, term);
	report_finding(audit->report, FINDING_SPF_HOST_BITS, &place,
	    "%s stands for all of %s/%u", place.term, network, prefix);
}

static void
check_width(
    const struct audit *audit, const struct source *source, bool is_ip6, uint8_t prefix)
{
	bool is_wide = prefix <= (is_ip6 ? 31 : 15);
	bool is_huge = prefix <= (is_ip6 ? 16 : 8);
	if (!is_wide)
		return;
	enum severity severity = SEVERITY_CRITICAL;
	if (!is_huge)
		severity = spf_node_is_own(source->node) ? SEVERITY_WARNING
							 : SEVERITY_INFO;
	struct place place = audit_term_place(audit, source->node, source->term);
	report_finding_as(audit->report, FINDING_SPF_WIDE_RANGE, severity, &place,
	    "%s permits a whole %s /%u", place.term, is_ip6 ? "IPv6" : "IPv4", prefix);
}

/* Whether a match of the term is a pass of the domain. What is taken out or left open
 * may be as wide as it likes, and lie within what is permitted. */
static bool
node_permits(const struct spf_node *node)
{
	for (; node->parent != NULL; node = node->parent)
		if (node->via->kind == SPF_INCLUDE && node->via->qualifier != SPF_PASS)
			return false;
	return true;
}

static bool
permits(const struct source *source)
{
	return source->term->qualifier == SPF_PASS && node_permits(source->node);
}

static void
check_widths(const struct audit *audit, const struct source *source)
{
	const struct spf_term *term = source->term;
	bool names_hosts = term->kind == SPF_A || term->kind == SPF_MX;
	if (names_hosts || term->kind == SPF_IP4)
		check_width(audit, source, false, term->prefix4);
	if (names_hosts || term->kind == SPF_IP6)
		check_width(audit, source, true, term->prefix6);
}

static void
check_network(const struct audit *audit, const struct source *source)
{
	struct spf_range range = term_range(source->term, NULL);
	check_special(audit, source, &range);
	check_host_bits(audit, source);
}

/* Sorted, a range stands behind every one that holds it; between the two there can only
 * be others within the outer one. */
static void
check_overlaps(const struct audit *audit, struct collection *collection)
{
	spf_ranges_sort(audit->arena, collection->ranges, collection->count);
	const struct spf_range *outer = NULL;
	for (size_t i = 0; i < collection->count; i++) {
		const struct spf_range *range = &collection->ranges[i];
		if (outer == NULL || !spf_range_contains(outer, range)) {
			outer = range;
			continue;
		}
		const struct source *inner = range->source, *around = outer->source;
		struct place place = audit_term_place(audit, inner->node, inner->term);
		report_finding(audit->report, FINDING_SPF_RANGE_OVERLAP, &place,
		    "%s lies within %s of %s", place.term,
		    arena_short_text(audit->arena, around->term->text),
		    dns_name_text(audit->arena, &around->node->name));
	}
}

/* The first visit of a record that counts: the same record twice is another finding. */
static bool
is_first_visit(const struct spf_tree *tree, const struct spf_node *node)
{
	for (const struct spf_node *other = tree->root; other != node;
	     other = other->next)
		if (dns_name_equal(&other->name, &node->name) &&
		    node_permits(other) == node_permits(node))
			return false;
	return true;
}

/* The terms of one record; those that permit ranges go to the collection too. */
static void
check_record(const struct audit *audit, const struct spf_node *node,
    struct collection *collection)
{
	const struct spf_record *record = node->record;
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term == record->all)
			break;
		if (term->fault != SPF_FINE)
			continue;
		struct source *source = arena_alloc(audit->arena, sizeof(*source));
		*source = (struct source){ .node = node, .term = term };
		if (is_network(term))
			check_network(audit, source);
		if (!permits(source))
			continue;
		check_widths(audit, source);
		if (is_network(term))
			add_range(collection, term_range(term, source));
	}
}

void
audit_ranges(const struct audit *audit)
{
	struct collection collection = collection_new(audit->arena, audit->tree);
	const struct spf_node *node = audit->tree->root;
	for (; node != NULL; node = node->next)
		if (node->state == SPF_NODE_RECORD && is_first_visit(audit->tree, node))
			check_record(audit, node, &collection);
	check_overlaps(audit, &collection);
}
