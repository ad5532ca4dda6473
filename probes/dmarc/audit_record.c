/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The findings about the record that decides: each of its tags, and what they come to
 * together (RFC 9989 4.7, 4.8, 4.10.1).
 */
#include "audit_parts.h"

#include "core/limits.h"

/* --- one tag -------------------------------------------------------------- */

/* p, sp and np have findings of their own, since a bad one costs the whole record; URIs
 * are looked at one by one. */
static enum finding_id
bad_value_finding(enum dmarc_tag tag)
{
	switch (tag) {
	case DMARC_TAG_P:
		return FINDING_DMARC_P_INVALID;
	case DMARC_TAG_SP:
		return FINDING_DMARC_SP_INVALID;
	case DMARC_TAG_NP:
		return FINDING_DMARC_NP_INVALID;
	default:
		return FINDING_DMARC_VALUE_INVALID;
	}
}

static enum finding_id
reading_finding(const struct dmarc_reading *reading)
{
	switch (reading->fault) {
	case DMARC_UNKNOWN_TAG:
		return FINDING_DMARC_TAG_UNKNOWN;
	case DMARC_UPPER_CASE:
		return FINDING_DMARC_TAG_UPPERCASE;
	case DMARC_BAD_VALUE:
		return bad_value_finding(reading->tag);
	case DMARC_AGAIN:
		return FINDING_DMARC_TAG_DUPLICATE;
	case DMARC_FINE:
	case DMARC_BAD_FORM:
		break;
	}
	return FINDING_DMARC_SYNTAX_ERROR;
}

static const char *
reading_message(const struct dmarc_reading *reading)
{
	switch (reading->fault) {
	case DMARC_UNKNOWN_TAG:
		return "is not a tag of DMARC";
	case DMARC_UPPER_CASE:
		return "is not in lower case";
	case DMARC_AGAIN:
		return "stands twice: the whole record is invalid";
	default:
		return reading->reason;
	}
}

static void
check_reading(const struct audit *audit, const struct dmarc_step *step,
    const struct tag *tag, const struct dmarc_reading *reading)
{
	if (reading->fault == DMARC_FINE && !dmarc_tag_is_historic(reading->tag))
		return;
	struct place place = dmarc_tag_place(audit, step, tag);
	if (reading->fault == DMARC_FINE)
		report_finding(audit->report, FINDING_DMARC_TAG_HISTORIC, &place,
		    "%s has no meaning since RFC 9989", place.term);
	else
		report_finding(audit->report, reading_finding(reading), &place,
		    "'%s' %s", place.term, reading_message(reading));
}

/* p= and the like: a tag that is dropped for its form is one that is not valid. */
static void
check_empty_policies(const struct audit *audit, const struct dmarc_step *step)
{
	static const enum dmarc_tag tags[] = { DMARC_TAG_P, DMARC_TAG_SP,
		DMARC_TAG_NP };
	const struct dmarc_record *record = step->record;
	for (size_t i = 0; i < record->list.count; i++) {
		const struct dmarc_reading *reading = &record->readings[i];
		const struct tag *tag = &record->list.tags[i];
		for (size_t j = 0; j < ARRAY_LENGTH(tags); j++) {
			if (reading->fault != DMARC_BAD_FORM ||
			    !span_equal(tag->name, span_text(dmarc_tag_text(tags[j]))))
				continue;
			struct place place = dmarc_tag_place(audit, step, tag);
			report_finding(audit->report, bad_value_finding(tags[j]),
			    &place, "'%s' %s", place.term, reading->reason);
		}
	}
}

static void
check_tags(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_record *record = step->record;
	for (size_t i = 0; i < record->list.count; i++)
		check_reading(audit, step, &record->list.tags[i], &record->readings[i]);
	check_empty_policies(audit, step);
	if (!record->list.cut)
		return;
	struct place place = dmarc_step_place(audit, step);
	report_finding_as(audit->report, FINDING_DMARC_SYNTAX_ERROR, SEVERITY_UNKNOWN,
	    &place, "more than %d tags: the rest was not read", LIMIT_TAGS);
}

/* --- the text ------------------------------------------------------------- */

static void
check_escapes(const struct audit *audit, const struct dmarc_step *step)
{
	static const struct span escape = SPAN("\\;");
	struct span rest = step->record->text, before;
	while (span_take_until(&rest, '\\', &before)) {
		if (!span_starts_nocase(rest, escape)) {
			rest = span_slice(rest, 1, rest.length);
			continue;
		}
		struct place place = dmarc_step_place(audit, step);
		place.position = span_before(step->record->text, rest).length + 1;
		report_finding(audit->report, FINDING_DMARC_ESCAPED_SEMICOLON, &place,
		    "a backslash before a semicolon is part of the record");
		return;
	}
}

static void
check_quotes(const struct audit *audit, const struct dmarc_step *step)
{
	struct span text = span_trim(step->record->text);
	if (text.length == 0 || text.bytes[text.length - 1] != '"')
		return;
	struct place place = dmarc_step_place(audit, step);
	place.position = text.length;
	report_finding(audit->report, FINDING_DMARC_LITERAL_QUOTES, &place,
	    "the quote at the end is part of the record");
}

/* --- tags together -------------------------------------------------------- */

static bool
has_tag_of_name(const struct dmarc_record *record, enum dmarc_tag tag)
{
	struct span name = span_text(dmarc_tag_text(tag));
	for (size_t i = 0; i < record->list.count; i++)
		if (span_equal(record->list.tags[i].name, name))
			return true;
	return false;
}

static void
check_p(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_record *record = step->record;
	struct place place = dmarc_step_place(audit, step);
	bool has_p = has_tag_of_name(record, DMARC_TAG_P);
	if (!has_p && !record->list.cut)
		report_finding(audit->report, FINDING_DMARC_P_MISSING, &place,
		    "no p tag at %s", place.path);
	else if (has_p &&
	    !span_equal(
		record->list.tags[1].name, span_text(dmarc_tag_text(DMARC_TAG_P))))
		report_finding(audit->report, FINDING_DMARC_P_NOT_SECOND, &place,
		    "p does not follow v directly");
	struct dmarc_effect effect = dmarc_effect_of(audit->arena, record);
	if (!effect.applies && !record->is_void && !record->list.cut)
		report_finding(audit->report, FINDING_DMARC_NO_EFFECTIVE_POLICY, &place,
		    "no usable policy and no rua at %s: receivers apply no DMARC",
		    place.path);
}

/* Some mail could be quarantined or rejected by it. Where not, neither t nor pct have
 * anything to take from (RFC 9989 4.7 "t"). */
static bool
is_enforcing(const struct audit *audit, const struct dmarc_record *record)
{
	struct dmarc_effect effect = dmarc_effect_of(audit->arena, record);
	return effect.applies && !effect.is_rescued &&
	    (record->p > DMARC_NONE || record->sp > DMARC_NONE ||
		record->np > DMARC_NONE);
}

static void
check_modes(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_record *record = step->record;
	bool enforcing = is_enforcing(audit, record);
	if (record->testing && enforcing) {
		struct place place = dmarc_tag_place(
		    audit, step, record->tags[DMARC_TAG_T]);
		report_finding(audit->report, FINDING_DMARC_TEST_MODE, &place,
		    "t=y takes one level off the policy");
	}
	if (record->pct < 100 && enforcing) {
		struct place place = dmarc_tag_place(
		    audit, step, record->tags[DMARC_TAG_PCT]);
		report_finding(audit->report, FINDING_DMARC_PCT_PARTIAL, &place,
		    "pct=%u: older receivers apply the policy to a part of the mail, "
		    "others to all of it",
		    record->pct);
	}
	if (record->tags[DMARC_TAG_FO] != NULL && record->tags[DMARC_TAG_RUF] == NULL) {
		struct place place = dmarc_tag_place(
		    audit, step, record->tags[DMARC_TAG_FO]);
		report_finding(audit->report, FINDING_DMARC_FO_WITHOUT_RUF, &place,
		    "fo has no effect without ruf");
	}
}

static void
check_psd(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_record *record = step->record;
	if (record->psd != 'y')
		return;
	struct place place = dmarc_tag_place(audit, step, record->tags[DMARC_TAG_PSD]);
	report_finding(audit->report, FINDING_DMARC_PSD_Y, &place,
	    "%s is a public suffix by its record", place.subject);
	if (record->tags[DMARC_TAG_RUF] != NULL)
		report_finding(audit->report, FINDING_DMARC_PSD_RUF, &place,
		    "a public suffix asks for failure reports about its customers");
}

/* --- names below ---------------------------------------------------------- */

/* sp and np only count in the record of the Organizational Domain, or of a PSD. */
static void
check_ignored(const struct audit *audit, const struct dmarc_step *step)
{
	static const enum dmarc_tag tags[] = { DMARC_TAG_SP, DMARC_TAG_NP };
	for (size_t i = 0; i < ARRAY_LENGTH(tags); i++) {
		const struct tag *tag = step->record->tags[tags[i]];
		if (tag == NULL)
			continue;
		struct place place = dmarc_tag_place(audit, step, tag);
		report_finding(audit->report, FINDING_DMARC_SP_IGNORED, &place,
		    "%s has no effect below the Organizational Domain %s", place.term,
		    dns_name_text(
			audit->arena, &audit->evidence->walk->organizational));
	}
}

/* Told where the tag stands, not at each name below it. */
static void
check_weakness(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_record *record = step->record;
	struct dmarc_effect effect = dmarc_effect_of(audit->arena, record);
	if (!effect.applies || effect.is_rescued)
		return;
	if (record->tags[DMARC_TAG_SP] != NULL && record->sp < record->p) {
		struct place place = dmarc_tag_place(
		    audit, step, record->tags[DMARC_TAG_SP]);
		report_finding(audit->report, FINDING_DMARC_SP_WEAKER, &place,
		    "names below get %s, the domain itself %s",
		    dmarc_policy_text(record->sp), dmarc_policy_text(record->p));
	}
	enum dmarc_policy sp = record->sp != DMARC_ABSENT ? record->sp : record->p;
	if (record->tags[DMARC_TAG_NP] != NULL && record->np < sp) {
		struct place place = dmarc_tag_place(
		    audit, step, record->tags[DMARC_TAG_NP]);
		report_finding(audit->report, FINDING_DMARC_NP_WEAKER, &place,
		    "names that do not exist get %s, others below %s",
		    dmarc_policy_text(record->np), dmarc_policy_text(sp));
	}
}

static void
check_names_below(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	if (step != evidence->own || evidence->walk->incomplete)
		return;
	if (dns_name_equal(&step->domain, &evidence->walk->organizational))
		check_weakness(audit, step);
	else
		check_ignored(audit, step);
}

void
dmarc_audit_record(const struct audit *audit)
{
	static void (*const checks[])(
	    const struct audit *, const struct dmarc_step *) = {
		check_tags,
		check_escapes,
		check_quotes,
		check_p,
		check_modes,
		check_psd,
		check_names_below,
	};
	const struct dmarc_step *step = audit->evidence->step;
	for (size_t i = 0; step != NULL && i < ARRAY_LENGTH(checks); i++)
		checks[i](audit, step);
}
