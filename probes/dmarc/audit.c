/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The findings about where a domain's policy comes from and what it comes to, and the
 * order of all the others.
 */
#include "audit_parts.h"

#include "core/limits.h"

/* RFC 9989 5.1.8: of longer names the walk skips the ones in between. */
enum { LABELS_WALKED = 8 };

struct place
dmarc_step_place(const struct audit *audit, const struct dmarc_step *step)
{
	return (struct place){
		.subject = dns_name_text(audit->arena, &step->domain),
		.path = dns_name_text(audit->arena, &step->location),
	};
}

struct place
dmarc_tag_place(
    const struct audit *audit, const struct dmarc_step *step, const struct tag *tag)
{
	struct place place = dmarc_step_place(audit, step);
	place.term = arena_short_text(audit->arena, tag->text);
	place.position = tag->position;
	return place;
}

static const char *
location_text(const struct audit *audit, const struct dmarc_step *step)
{
	return dns_name_text(audit->arena, &step->location);
}

/* --- one name of the walk ------------------------------------------------- */

static void
check_failure(const struct audit *audit, const struct dmarc_step *step)
{
	if (!step->failed)
		return;
	struct place place = dmarc_step_place(audit, step);
	report_finding(audit->report, FINDING_DMARC_DNS_ERROR, &place, "%s: TXT of %s",
	    outcome_text(step->txt.outcome), place.path);
}

static void
check_number(const struct audit *audit, const struct dmarc_step *step)
{
	if (step->selected < 2)
		return;
	struct place place = dmarc_step_place(audit, step);
	report_finding(audit->report, FINDING_DMARC_MULTIPLE_RECORDS, &place,
	    "%zu DMARC records at %s, where one may be: none counts", step->selected,
	    place.path);
}

/* What people meant, by kind of text, as a message around it. */
static const struct {
	enum finding_id id;
	const char *what;
} misfits[] = {
	[DMARC_UNRELATED] = { FINDING_DMARC_UNRELATED_TXT, "TXT that is not DMARC" },
	[DMARC_BLANK_BEFORE] = { FINDING_DMARC_LEADING_WHITESPACE,
	    "blanks before the version" },
	[DMARC_QUOTED] = { FINDING_DMARC_LITERAL_QUOTES,
	    "quotes that are part of the record" },
	[DMARC_ESCAPED] = { FINDING_DMARC_ESCAPED_SEMICOLON,
	    "a backslash that is part of the record" },
	[DMARC_NO_VERSION] = { FINDING_DMARC_VERSION_INVALID,
	    "no \"v=DMARC1;\" at the start" },
};

static void
check_texts(const struct audit *audit, const struct dmarc_step *step)
{
	bool is_wildcard = step == audit->evidence->own &&
	    dmarc_side_is_wildcard(audit->arena, audit->evidence->side, step);
	struct place place = dmarc_step_place(audit, step);
	if (is_wildcard)
		report_finding(audit->report, FINDING_DMARC_WILDCARD_TXT, &place,
		    "a wildcard answers for %s: %s", place.path,
		    arena_short_text(audit->arena, step->texts[0].text));
	for (size_t i = 0; i < step->text_count; i++) {
		enum dmarc_kind kind = step->texts[i].kind;
		if (kind == DMARC_SELECTED || (kind == DMARC_UNRELATED && is_wildcard))
			continue;
		place.term = arena_short_text(audit->arena, step->texts[i].text);
		report_finding(audit->report, misfits[kind].id, &place, "%s at %s: %s",
		    misfits[kind].what, place.path, place.term);
	}
}

static void
check_alias(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dns_answer *answer = step->txt.answer;
	if (answer == NULL || answer->alias_count == 0)
		return;
	struct place place = dmarc_step_place(audit, step);
	const char *target = dns_name_text(
	    audit->arena, &dns_answer_aliases(answer)[answer->alias_count - 1]);
	if (outcome_is_empty(step->txt.outcome))
		report_finding(audit->report, FINDING_DMARC_CNAME_DANGLING, &place,
		    "%s is an alias of %s, which has no TXT record: %s", place.path,
		    target, outcome_text(step->txt.outcome));
	else if (step->txt.outcome == OUTCOME_FOUND)
		report_finding(audit->report, FINDING_DMARC_CNAME, &place,
		    "%s is an alias of %s", place.path, target);
}

/* What stands above counts for names without a record of their own, and above the
 * Organizational Domain it is its operator's business. */
static bool
is_ours(const struct audit *audit, const struct dmarc_step *step)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	if (step == evidence->own || step == evidence->step)
		return true;
	return evidence->own->record == NULL &&
	    dns_name_is_within(&step->domain, &evidence->walk->organizational);
}

static void
check_steps(const struct audit *audit)
{
	const struct dmarc_walk *walk = audit->evidence->walk;
	for (size_t i = 0; i < walk->step_count; i++) {
		const struct dmarc_step *step = &walk->steps[i];
		check_failure(audit, step);
		if (!is_ours(audit, step))
			continue;
		check_number(audit, step);
		check_texts(audit, step);
		check_alias(audit, step);
	}
}

/* --- the walk as a whole -------------------------------------------------- */

static void
check_existence(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	if (evidence->exists != TRUTH_NO)
		return;
	bool is_inherited = evidence->step != evidence->own;
	const char *policy = is_inherited ? dmarc_policy_text(evidence->verdict.domain)
					  : NULL;
	report_finding(audit->report, FINDING_DMARC_DOMAIN_NONEXISTENT, NULL,
	    "the domain does not exist (NXDOMAIN)%s%s",
	    policy != NULL ? "; its policy is " : "", policy != NULL ? policy : "");
}

static void
check_presence(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	if (evidence->step == NULL && !evidence->walk->incomplete)
		report_finding(audit->report, FINDING_DMARC_RECORD_MISSING, NULL,
		    "no DMARC record at %s or above",
		    location_text(audit, evidence->own));
}

static bool
is_intermediate(const struct dmarc_evidence *evidence, const struct dmarc_step *step)
{
	const struct dns_name *organizational = &evidence->walk->organizational;
	return step != evidence->own && step != evidence->step &&
	    step->record != NULL && dns_name_is_within(&step->domain, organizational);
}

static void
check_inheritance(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	const struct dmarc_walk *walk = evidence->walk;
	if (evidence->step == NULL || evidence->step == evidence->own)
		return;
	struct place place = dmarc_step_place(audit, evidence->step);
	report_finding(audit->report, FINDING_DMARC_INHERITED, NULL,
	    "no record of its own; the policy comes from %s", place.path);
	for (size_t i = 1; i < walk->step_count; i++) {
		const struct dmarc_step *step = &walk->steps[i];
		if (!is_intermediate(evidence, step))
			continue;
		place = dmarc_step_place(audit, step);
		report_finding(audit->report, FINDING_DMARC_INTERMEDIATE_RECORD_UNUSED,
		    &place, "the record at %s is not used for %s", place.path,
		    audit->report->subject);
	}
}

static void
check_depth(const struct audit *audit)
{
	const struct dmarc_step *own = audit->evidence->own;
	unsigned labels = dns_name_labels(&own->domain);
	if (labels > LABELS_WALKED && own->record == NULL && !own->failed)
		report_finding(audit->report, FINDING_DMARC_DEEP_NAME, NULL,
		    "%u labels and no record of its own: names between it and the last "
		    "seven labels are not asked",
		    labels);
}

static void
check_psl(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	const struct dmarc_settings *settings = evidence->settings;
	const struct dmarc_walk *walk = evidence->walk;
	if (!settings->compare_psl || walk->incomplete)
		return;
	if (settings->has_psl_domain &&
	    dns_name_equal(&settings->psl_domain, &walk->organizational))
		return;
	report_finding(audit->report, FINDING_DMARC_ORGDOMAIN_PSL_DIFFERS, NULL,
	    "the Organizational Domain is %s by the tree walk, %s by the Public Suffix "
	    "List",
	    dns_name_text(audit->arena, &walk->organizational),
	    settings->has_psl_domain
		? dns_name_text(audit->arena, &settings->psl_domain)
		: "none");
}

/* --- beside the walk ------------------------------------------------------ */

static void
check_apex(const struct audit *audit)
{
	const struct dns_result *txt = &audit->evidence->apex_txt;
	for (size_t i = 0;
	     txt->outcome == OUTCOME_FOUND && i < txt->answer->record_count; i++) {
		struct span text = dns_txt_join(audit->arena, &txt->answer->records[i]);
		if (dmarc_kind_of(audit->arena, text) != DMARC_SELECTED)
			continue;
		struct place place = { .path = audit->report->subject,
			.term = arena_short_text(audit->arena, text) };
		report_finding(audit->report, FINDING_DMARC_RECORD_AT_APEX, &place,
		    "a DMARC record at %s itself, where nobody looks",
		    audit->report->subject);
	}
}

static void
check_side(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	const struct dmarc_side *side = evidence->side;
	struct place place = dmarc_step_place(audit, evidence->own);
	if (side->type99.outcome == OUTCOME_FOUND)
		report_finding(audit->report, FINDING_DMARC_RECORD_NOT_TXT, &place,
		    "a record of type SPF (99) at %s", place.path);
	if (dmarc_side_is_torn(audit->arena, side, evidence->own))
		report_finding(audit->report, FINDING_DMARC_CNAME_AND_TXT, &place,
		    "%s is an alias of %s and has other TXT of its own", place.path,
		    dns_name_text(audit->arena, &side->alias));
}

/* --- DNSSEC --------------------------------------------------------------- */

static void
check_bogus(const struct audit *audit, const struct dmarc_step *step)
{
	struct place place = dmarc_step_place(audit, step);
	if (step->txt.outcome == OUTCOME_BOGUS)
		report_finding(audit->report, FINDING_DNSSEC_BOGUS, &place,
		    "the signatures of %s don't hold: who validates gets SERVFAIL, "
		    "others an answer",
		    place.path);
}

/* Of the domain's own place; what is above has owners of its own. */
static void
check_signatures(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	const struct dns_answer *answer = evidence->own->txt.answer;
	for (size_t i = 0; i < evidence->walk->step_count; i++)
		check_bogus(audit, &evidence->walk->steps[i]);
	if (!evidence->trusts_ad || answer == NULL || evidence->own->failed)
		return;
	struct place place = dmarc_step_place(audit, evidence->own);
	report_finding(audit->report,
	    answer->authentic ? FINDING_DNSSEC_SECURE : FINDING_DNSSEC_INSECURE, &place,
	    answer->authentic ? "the answer of %s is signed, and the signatures hold"
			      : "the answer of %s is not signed",
	    place.path);
}

/* --- what it comes to ----------------------------------------------------- */

static void
check_verdict(const struct audit *audit)
{
	static const struct {
		enum finding_id id;
		const char *effect;
	} policies[] = {
		[DMARC_NONE] = { FINDING_DMARC_POLICY_NONE,
		    "receivers only report, forged mail is delivered" },
		[DMARC_QUARANTINE] = { FINDING_DMARC_POLICY_QUARANTINE,
		    "forged mail is marked or put aside" },
		[DMARC_REJECT] = { FINDING_DMARC_POLICY_REJECT,
		    "forged mail is refused" },
	};
	const struct dmarc_evidence *evidence = audit->evidence;
	enum dmarc_policy policy = evidence->verdict.domain;
	if (policy == DMARC_ABSENT)
		return;
	struct place place = dmarc_step_place(audit, evidence->step);
	place.subject = NULL;
	report_finding(audit->report, policies[policy].id, &place,
	    "the policy in effect is %s: %s", dmarc_policy_text(policy),
	    policies[policy].effect);
}

static void
check_expected_policy(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	enum dmarc_policy want = evidence->settings->expected_policy;
	if (want == DMARC_ABSENT || !dmarc_policy_is_known(evidence) ||
	    evidence->verdict.domain == want)
		return;
	const char *got = dmarc_policy_text(evidence->verdict.domain);
	report_finding(audit->report, FINDING_DMARC_POLICY_UNEXPECTED, NULL,
	    "the policy in effect is %s, expected %s", got != NULL ? got : "missing",
	    dmarc_policy_text(want));
}

static void
check_expected_record(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	const struct buf *want = &evidence->settings->expected_record;
	if (want->max == 0 || evidence->step == NULL ||
	    span_equal(evidence->step->record->text, buf_span(want)))
		return;
	struct place place = dmarc_step_place(audit, evidence->step);
	report_finding(audit->report, FINDING_DMARC_RECORD_CHANGED, &place,
	    "the record is not the expected one: %s",
	    arena_short_text(audit->arena, evidence->step->record->text));
}

bool
dmarc_policy_is_known(const struct dmarc_evidence *evidence)
{
	if (evidence->step == NULL)
		return !evidence->walk->incomplete;
	return !evidence->verdict.applies || evidence->verdict.domain != DMARC_ABSENT;
}

void
dmarc_audit(struct report *report, const struct dmarc_evidence *evidence)
{
	static void (*const checks[])(const struct audit *) = {
		check_steps,
		check_presence,
		check_existence,
		check_expected_policy,
		check_expected_record,
		dmarc_audit_record,
		check_verdict,
		dmarc_audit_reports,
		check_inheritance,
		check_depth,
		check_psl,
		check_apex,
		check_side,
		check_signatures,
	};
	const struct audit audit = { report, report->arena, evidence };
	for (size_t i = 0; i < ARRAY_LENGTH(checks); i++)
		checks[i](&audit);
}
