/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * What stands beside the tree: other TXT records that mean SPF, obsolete types, names
 * below the domain, its mail, and explanations. What could not be asked is left unsaid.
 */
#include "audit_parts.h"

#include "spf/macro.h"

/* --- other TXT records ---------------------------------------------------------------
 */

static bool
is_quote_or_blank(uint8_t byte)
{
	return byte_is_blank(byte) || byte == '"' || byte == '\'';
}

/* Blanks and quotes, then v = spf or spf1; and yet not selected. */
static bool
means_spf(struct span text)
{
	static const struct span name = SPAN("spf"), bare = SPAN("spf1");
	struct span blanks;
	if (spf_record_is_selected(text))
		return false;
	span_take_while(&text, is_quote_or_blank, &blanks);
	if (span_take_prefix_nocase(&text, bare))
		return text.length == 0 || text.bytes[0] == ' ';
	if (!span_take_prefix_nocase(&text, span_text("v")))
		return false;
	span_take_while(&text, byte_is_blank, &blanks);
	if (!span_take_byte(&text, '='))
		return false;
	span_take_while(&text, is_quote_or_blank, &blanks);
	return span_starts_nocase(text, name);
}

/* Below an include they are told too: they explain why it has no record. */
static void
check_other_texts(const struct audit *audit, const struct spf_node *node)
{
	static const struct span sender_id = SPAN("spf2.0/");
	bool is_good = node->state == SPF_NODE_RECORD;
	for (size_t i = 0; node->answer != NULL && i < node->answer->record_count;
	     i++) {
		struct span text = dns_txt_join(
		    audit->arena, &node->answer->records[i]);
		bool is_sender_id = span_starts_nocase(text, sender_id);
		if (!is_sender_id && !means_spf(text))
			continue;
		struct place place = audit_node_place(audit, node);
		if (is_sender_id)
			report_finding(audit->report, FINDING_SPF_SENDER_ID, &place,
			    "a Sender ID record: %s",
			    arena_short_text(audit->arena, text));
		else
			report_finding_as(audit->report, FINDING_SPF_VERSION_INVALID,
			    is_good ? SEVERITY_WARNING : SEVERITY_CRITICAL, &place,
			    "not selected as SPF: \"%s\"",
			    arena_short_text(audit->arena, text));
	}
}

static bool
holds_text(struct arena *arena, const struct dns_answer *answer, struct span text)
{
	for (size_t i = 0; i < answer->record_count; i++)
		if (span_equal(dns_txt_join(arena, &answer->records[i]), text))
			return true;
	return false;
}

static void
check_type99(const struct audit *audit)
{
	const struct dns_result *type99 = &audit->side->type99;
	const struct spf_node *root = audit->tree->root;
	if (type99->outcome != OUTCOME_FOUND)
		return;
	const char *differs = ", beside no usable one in TXT";
	if (root->state == SPF_NODE_RECORD)
		differs = holds_text(audit->arena, type99->answer, root->record->text)
		    ? ", the same as in TXT"
		    : ", and it differs from TXT";
	report_finding(audit->report, FINDING_SPF_TYPE99, NULL,
	    "a record of the obsolete type SPF%s", differs);
}

/* --- names below, and mail ------------------------------------------------ */

static void
check_absent(const struct audit *audit)
{
	const struct dns_result *found = &audit->side->absent_txt;
	bool has_record = found->outcome == OUTCOME_FOUND &&
	    spf_record_select(audit->arena, found->answer).count > 0;
	if (has_record ||
	    (found->outcome != OUTCOME_FOUND && !outcome_is_empty(found->outcome)))
		return;
	report_finding(audit->report, FINDING_SPF_WILDCARD_MISSING, NULL,
	    "a name such as %s has no SPF record%s",
	    dns_name_text(audit->arena, &audit->side->absent),
	    found->outcome == OUTCOME_FOUND
		? "; a wildcard answers there, but not with one"
		: "");
}

/* RFC 7505: one MX record whose exchanger is the root. */
static bool
is_null_mx(const struct dns_result *mx)
{
	uint16_t preference;
	struct dns_name exchanger;
	return mx->outcome == OUTCOME_FOUND && mx->answer->record_count == 1 &&
	    dns_record_mx(&mx->answer->records[0], &preference, &exchanger) &&
	    dns_name_labels(&exchanger) == 0;
}

static void
check_parked(const struct audit *audit)
{
	const struct spf_side *side = audit->side;
	bool is_null = is_null_mx(&side->mx);
	bool is_bare = side->mx.outcome == OUTCOME_NODATA &&
	    outcome_is_empty(side->a.outcome) && outcome_is_empty(side->aaaa.outcome);
	if (!is_null && !is_bare)
		return;
	report_finding(audit->report, FINDING_SPF_PARKED_OPEN, NULL,
	    "the domain takes no mail (%s) and its record is not v=spf1 -all",
	    is_null ? "null MX" : "neither MX nor address");
}

static void
check_ptr_targets(const struct audit *audit)
{
	const struct spf_ptr_target *target = audit->side->ptr_targets;
	for (; target != NULL; target = target->next) {
		if (!outcome_is_empty(target->a.outcome) ||
		    !outcome_is_empty(target->aaaa.outcome))
			continue;
		struct place place = audit_term_place(
		    audit, target->node, target->step->term);
		report_finding(audit->report, FINDING_SPF_PTR_UNRESOLVABLE, &place,
		    "%s: %s has no address", place.term,
		    dns_name_text(audit->arena, target->step->target));
	}
}

static void
check_reverse_names(const struct audit *audit)
{
	const struct spf_reverse *reverse = audit->side->reverses;
	for (; reverse != NULL; reverse = reverse->next) {
		const char *ip = arena_safe_text(audit->arena, reverse->ip);
		struct place place = { .term = ip };
		report_finding(audit->report, FINDING_SPF_PTR_UNRESOLVABLE, &place,
		    "%s has the reverse name %s, which does not lead back to it", ip,
		    dns_name_text(audit->arena, &reverse->name));
	}
}

/* --- explanations --------------------------------------------------------- */

/* Macro-strings between blanks (RFC 7208 6.2). */
static bool
has_good_macros(struct span text)
{
	struct split words = { .rest = text };
	struct span word;
	while (split_next(&words, ' ', &word))
		if (!spf_macro_is_valid(word))
			return false;
	return true;
}

/* What is wrong with an explanation's TXT; NULL: nothing, or it could not be told. */
static const char *
explanation_fault(const struct audit *audit, const struct dns_result *txt)
{
	if (outcome_is_empty(txt->outcome))
		return "has no TXT record";
	if (txt->outcome != OUTCOME_FOUND)
		return NULL;
	if (txt->answer->record_count != 1)
		return "has more than one TXT record";
	struct span text = dns_txt_join(audit->arena, &txt->answer->records[0]);
	if (!span_is_printable(text))
		return "holds a byte that is not printable ASCII";
	return has_good_macros(text) ? NULL : "holds a bad macro";
}

static bool
has_exp(const struct spf_record *record)
{
	for (size_t i = 0; i < record->term_count; i++)
		if (record->terms[i].kind == SPF_EXP)
			return true;
	return false;
}

static void
check_explanations(const struct audit *audit)
{
	const struct spf_explanation *found = audit->side->explanations;
	for (; found != NULL; found = found->next) {
		const char *fault = found->is_no_name
		    ? "can't be a name"
		    : explanation_fault(audit, &found->txt);
		if (fault == NULL)
			continue;
		struct place place = audit_term_place(audit, found->node, found->term);
		report_finding(audit->report, FINDING_SPF_EXP_INVALID, &place,
		    "%s: %s %s", place.term,
		    found->is_no_name ? "it"
				      : dns_name_text(audit->arena, &found->name),
		    fault);
	}
	const struct spf_node *node = spf_tree_deciding_node(audit->tree);
	if (node != NULL && !has_exp(node->record))
		report_finding(audit->report, FINDING_SPF_EXP_MISSING, NULL,
		    "refused senders are not told why: no exp");
}

void
audit_side(const struct audit *audit)
{
	for (const struct spf_node *node = audit->tree->root; node != NULL;
	     node = node->next)
		check_other_texts(audit, node);
	check_type99(audit);
	check_absent(audit);
	check_parked(audit);
	check_ptr_targets(audit);
	check_reverse_names(audit);
	check_explanations(audit);
}
