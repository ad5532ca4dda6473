/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * What one record's text says by itself: faults, blanks, lost blanks, order, sizes, and
 * terms that are better not used.
 */
#include "audit_parts.h"

#include "core/limits.h"
#include "spf/macro.h"

/* Shown of a record before its first blank without value, which may be far in. */
enum { BLANKS_BEFORE = 400 };

static void
check_faults(const struct audit *audit, const struct spf_node *node)
{
	static const enum finding_id ids[] = {
		[SPF_BAD_SYNTAX] = FINDING_SPF_SYNTAX_ERROR,
		[SPF_BAD_IP4] = FINDING_SPF_IP4_INVALID,
		[SPF_BAD_IP6] = FINDING_SPF_IP6_INVALID,
		[SPF_BAD_BYTE] = FINDING_SPF_NOT_ASCII,
		[SPF_SECOND_MODIFIER] = FINDING_SPF_MODIFIER_DUPLICATE,
	};
	const struct spf_record *record = node->record;
	for (size_t i = 0; i < record->term_count && record->fault_count > 0; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term->fault == SPF_FINE)
			continue;
		struct place place = audit_term_place(audit, node, term);
		report_finding(audit->report, ids[term->fault], &place,
		    "\"%s\" at byte %zu: %s", place.term, term->position, term->reason);
	}
	if (record->cut) {
		struct place place = audit_node_place(audit, node);
		report_finding(audit->report, FINDING_SPF_RECORD_CUT, &place,
		    "the record has %zu terms, of which %d were read",
		    record->all_count, LIMIT_SPF_TERMS);
	}
}

/* Blanks that follow one, or stand at the end of the record, of which `end` is without
 * them. */
static bool
is_needless_blank(struct span text, size_t end, size_t index)
{
	if (text.bytes[index] != ' ')
		return false;
	return index >= end || text.bytes[index - 1] == ' ';
}

static void
check_whitespace(const struct audit *audit, const struct spf_node *node)
{
	struct span text = node->record->text;
	char memory[LIMIT_MESSAGE];
	struct buf marked;
	size_t count = 0, first = 0;
	size_t end = text.length;
	while (end > 0 && text.bytes[end - 1] == ' ')
		end--;
	buf_wrap(&marked, memory, sizeof(memory));
	for (size_t i = 1; i < text.length; i++) { /* the first byte is the v */
		if (is_needless_blank(text, end, i) && count++ == 0)
			first = i;
	}
	if (count == 0)
		return;
	size_t start = first > BLANKS_BEFORE ? first - BLANKS_BEFORE : 0;
	if (start > 0)
		buf_add_text(&marked, "...");
	for (size_t i = start; i < text.length; i++) {
		bool is_needless = i > 0 && is_needless_blank(text, end, i);
		buf_add_safe(
		    &marked, is_needless ? span_text("&") : span_slice(text, i, 1));
	}
	struct place place = audit_node_place(audit, node);
	place.position = first + 1;
	report_finding(audit->report, FINDING_SPF_WHITESPACE, &place,
	    "%zu blank%s without value, shown as &: %s", count, count == 1 ? "" : "s",
	    marked.text);
}

/* A sign, a colon or an equals sign: no mere rest of a name. */
static bool
is_marked_term(struct span text)
{
	static const struct span signs = SPAN("+-~?");
	return span_contains_byte(signs, text.bytes[0]) ||
	    span_contains_byte(text, ':') || span_contains_byte(text, '=');
}

static bool
is_good_term(struct span text)
{
	struct spf_term term;
	spf_term_read(&term, text, 1);
	return term.fault == SPF_FINE && term.kind != SPF_MODIFIER;
}

/* Where a string of the TXT record begins, the next one and the one after that. */
struct joint {
	size_t previous, here, next;
};

/* Whether a term was two before it was joined. Names are cut by joints too, and their
 * rest may look like "a" or "mx": that only counts where both parts are good and the
 * whole is not. */
static bool
was_two_terms(const struct spf_term *term, struct span left, struct span right)
{
	return is_good_term(left) && is_good_term(right) &&
	    (is_marked_term(right) || term->fault != SPF_FINE);
}

static void
check_joint(const struct audit *audit, const struct spf_node *node, struct joint joint)
{
	const struct spf_record *record = node->record;
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		size_t start = term->position - 1, end = start + term->text.length;
		if (joint.here <= start || joint.here >= end)
			continue;
		if (joint.previous > start)
			start = joint.previous;
		if (joint.next < end)
			end = joint.next;
		struct span left = span_slice(record->text, start, joint.here - start);
		struct span right = span_slice(
		    record->text, joint.here, end - joint.here);
		if (!was_two_terms(term, left, right))
			continue;
		struct place place = audit_term_place(audit, node, term);
		report_finding(audit->report, FINDING_SPF_STRING_JOINT, &place,
		    "a blank is missing before %s, where two strings are joined",
		    arena_short_text(audit->arena, right));
	}
}

static void
check_joints(const struct audit *audit, const struct spf_node *node)
{
	struct span rest = node->txt->data, string;
	struct joint joint = { .here = 0 };
	while (dns_txt_next(&rest, &string)) {
		joint.next = joint.here + string.length;
		check_joint(audit, node, joint);
		joint.previous = joint.here;
		joint.here = joint.next;
	}
}

/* --- terms that are better not used ----------------------------------------------- */

static bool
uses_macro_p(struct span text)
{
	struct spf_piece piece;
	while (spf_macro_next(&text, &piece) == STATUS_OK)
		if (byte_lower(piece.letter) == 'p')
			return true;
	return false;
}

static bool
is_known_modifier(struct span text)
{
	static const struct span known[] = { SPAN("ra="), SPAN("rp="), SPAN("rr=") };
	for (size_t i = 0; i < ARRAY_LENGTH(known); i++) /* RFC 6652 3 */
		if (span_starts_nocase(text, known[i]))
			return true;
	return false;
}

static void
check_term(
    const struct audit *audit, const struct spf_node *node, const struct spf_term *term)
{
	bool is_strange = term->kind == SPF_MODIFIER && !is_known_modifier(term->text);
	bool has_p = term->has_macro && uses_macro_p(term->domain);
	if (!is_strange && !has_p && term->kind != SPF_PTR && term->kind != SPF_EXISTS)
		return;
	struct place place = audit_term_place(audit, node, term);
	if (is_strange)
		report_finding(audit->report, FINDING_SPF_MODIFIER_UNKNOWN, &place,
		    "%s is no modifier of SPF", place.term);
	if (has_p)
		report_finding(audit->report, FINDING_SPF_MACRO_P, &place,
		    "%s uses %%{p}", place.term);
	if (term->kind == SPF_PTR)
		report_finding(
		    audit->report, FINDING_SPF_PTR, &place, "%s is used", place.term);
	if (term->kind == SPF_EXISTS)
		report_finding(audit->report, FINDING_SPF_EXISTS, &place, "%s is used",
		    place.term);
}

static void
check_terms(const struct audit *audit, const struct spf_node *node)
{
	const struct spf_record *record = node->record;
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term->fault == SPF_FINE &&
		    (record->all == NULL || term < record->all ||
			!spf_kind_is_mechanism(term->kind)))
			check_term(audit, node, term);
	}
}

static void
check_macros(const struct audit *audit, const struct spf_node *node)
{
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_step *step = &node->steps[i];
		if (!step->needs_message)
			continue;
		struct place place = audit_term_place(audit, node, step->term);
		report_finding(audit->report, FINDING_SPF_MACRO, &place,
		    "%s depends on %s; counted as one lookup", place.term,
		    spf_macro_needs(audit->arena, step->term->domain));
	}
}

/* --- order ---------------------------------------------------------------- */

static void
check_after_all(const struct audit *audit, const struct spf_node *node)
{
	const struct spf_record *record = node->record;
	if (record->all == NULL)
		return;
	const struct spf_term *end = record->terms + record->term_count;
	for (const struct spf_term *term = record->all + 1; term < end; term++) {
		if (!spf_kind_is_mechanism(term->kind) || term->fault != SPF_FINE)
			continue;
		struct place place = audit_term_place(audit, node, term);
		report_finding(audit->report, FINDING_SPF_AFTER_ALL, &place,
		    "%s stands behind %s", place.term,
		    arena_short_text(audit->arena, record->all->text));
	}
	if (record->redirect != NULL) {
		struct place place = audit_term_place(audit, node, record->redirect);
		report_finding(audit->report, FINDING_SPF_REDIRECT_IGNORED, &place,
		    "%s does not count beside %s", place.term,
		    arena_short_text(audit->arena, record->all->text));
	}
}

/* The first mechanism behind a term that is not `all`, or NULL. */
static const struct spf_term *
next_mechanism(const struct spf_record *record, const struct spf_term *term)
{
	const struct spf_term *end = record->all != NULL
	    ? record->all
	    : record->terms + record->term_count;
	for (term++; term < end; term++)
		if (spf_kind_is_mechanism(term->kind))
			return term;
	return NULL;
}

static void
check_ptr_order(const struct audit *audit, const struct spf_node *node)
{
	for (size_t i = 0; i < node->step_count; i++) {
		const struct spf_term *term = node->steps[i].term;
		const struct spf_term *next = term->kind == SPF_PTR
		    ? next_mechanism(node->record, term)
		    : NULL;
		if (next == NULL || next->kind == SPF_PTR)
			continue;
		struct place place = audit_term_place(audit, node, term);
		report_finding(audit->report, FINDING_SPF_PTR_ORDER, &place,
		    "%s stands before %s", place.term,
		    arena_short_text(audit->arena, next->text));
	}
}

static void
check_modifier_order(const struct audit *audit, const struct spf_node *node)
{
	const struct spf_record *record = node->record;
	const struct spf_term *last = NULL;
	if (!spf_node_is_own(node))
		return;
	for (size_t i = 0; i < record->term_count; i++)
		if (spf_kind_is_mechanism(record->terms[i].kind))
			last = &record->terms[i];
	for (const struct spf_term *term = record->terms; last != NULL && term < last;
	     term++) {
		if (term->kind != SPF_REDIRECT && term->kind != SPF_EXP)
			continue;
		struct place place = audit_term_place(audit, node, term);
		report_finding(audit->report, FINDING_SPF_MODIFIER_ORDER, &place,
		    "%s stands before mechanisms", place.term);
	}
}

/* --- size ----------------------------------------------------------------- */

static void
check_sizes(const struct audit *audit, const struct spf_node *node)
{
	bool is_long = node->record->text.length > LIMIT_SPF_RECORD_BYTES;
	bool is_large = node->txt_bytes > LIMIT_SPF_TXT_BYTES || node->txt_truncated;
	if ((!is_long && !is_large) || !spf_node_is_own(node))
		return;
	struct place place = audit_node_place(audit, node);
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

static void (*const checks[])(const struct audit *, const struct spf_node *) = {
	check_faults,
	check_joints,
	check_terms,
	check_macros,
	check_after_all,
	check_ptr_order,
	check_modifier_order,
	check_sizes,
	check_whitespace,
};

void
audit_record(const struct audit *audit, const struct spf_node *node)
{
	for (size_t i = 0; i < ARRAY_LENGTH(checks); i++)
		checks[i](audit, node);
}
