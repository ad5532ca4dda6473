/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The DMARC probe: gathers the evidence, all that does not depend on another answer in
 * one round, and hands it to the audit; then measures and draws it.
 */
#include "dmarc/dmarc.h"

#include "core/limits.h"
#include "dmarc/audit.h"
#include "dmarc/foundation.h"
#include "dns/question.h"

/* --- measurements --------------------------------------------------------- */

static const char *const policy_labels[] = { "none", "quarantine", "reject" };

static void
measure(struct report *report, const struct dmarc_evidence *evidence)
{
	if (evidence->step == NULL && evidence->walk->incomplete)
		return; /* nothing is known, not even that there is no record */
	const struct dmarc_verdict *verdict = &evidence->verdict;
	report_measure(report, METRIC_DMARC_RECORD_PRESENT, evidence->step != NULL);
	if (dmarc_policy_is_known(evidence))
		report_measure_state(report, METRIC_DMARC_POLICY, policy_labels,
		    ARRAY_LENGTH(policy_labels), dmarc_policy_text(verdict->domain));
	if (evidence->walk->incomplete)
		return; /* names below may go by another record */
	report_measure_state(report, METRIC_DMARC_SUBDOMAIN_POLICY, policy_labels,
	    ARRAY_LENGTH(policy_labels), dmarc_policy_text(verdict->subdomains));
}

/* --- words ---------------------------------------------------------------- */

static const char *
shown_policy(enum dmarc_policy policy)
{
	const char *text = dmarc_policy_text(policy);
	return text != NULL ? text : "unknown";
}

static const char *
summary_of(struct report *report, const struct dmarc_evidence *evidence)
{
	if (evidence->step == NULL)
		return evidence->walk->incomplete
		    ? "could not tell whether there is a record"
		    : "no DMARC record";
	const struct dmarc_verdict *verdict = &evidence->verdict;
	const char *location = dns_name_text(report->arena, &evidence->step->location);
	if (!verdict->applies)
		return arena_printf(
		    report->arena, "no policy in effect, by %s", location);
	if (evidence->walk->incomplete)
		return arena_printf(report->arena,
		    "policy %s (names below unknown) by %s",
		    shown_policy(verdict->domain), location);
	return arena_printf(report->arena,
	    "policy %s (names below %s, names that do not exist %s) by %s",
	    shown_policy(verdict->domain), shown_policy(verdict->subdomains),
	    shown_policy(verdict->nonexistent), location);
}

/* The raw record, or what stands in its place. */
static struct span
raw_record(const struct dmarc_evidence *evidence)
{
	const struct dmarc_step *step = evidence->step;
	if (step != NULL)
		return step->record->text;
	step = evidence->own;
	for (size_t i = 0; i < step->text_count; i++)
		if (step->texts[i].kind != DMARC_UNRELATED)
			return step->texts[i].text;
	return span_of(NULL, 0);
}

/* --- the section of the report -------------------------------------------- */

static const char *
step_result(const struct dmarc_step *step)
{
	if (step->record != NULL)
		return "found";
	if (step->selected > 1)
		return "several DMARC records";
	return step->txt.outcome == OUTCOME_FOUND ? "no DMARC record"
						  : outcome_text(step->txt.outcome);
}

static void
draw_walk(
    struct report *report, struct trace *section, const struct dmarc_evidence *evidence)
{
	struct arena *arena = report->arena;
	struct trace *list = trace_array(report, section, "walk");
	for (size_t i = 0; i < evidence->walk->step_count; i++) {
		const struct dmarc_step *step = &evidence->walk->steps[i];
		struct trace *drawn = trace_object(report, list, NULL);
		const char *location = dns_name_text(arena, &step->location);
		trace_text(report, drawn, "location", location);
		trace_text(report, drawn, "result", step_result(step));
		drawn->title = arena_printf(arena, "%s  %s%s", location,
		    step_result(step), step == evidence->step ? ", decides" : "");
		if (step->record != NULL)
			trace_text(report, drawn, "record",
			    arena_safe_text(arena, step->record->text));
	}
}

static const char *
consent_text(const struct dmarc_destination *to)
{
	static const char *const texts[] = {
		[DMARC_CONSENT_UNKNOWN] = "could not tell",
		[DMARC_CONSENT_NEEDLESS] = "not external",
		[DMARC_CONSENT_GIVEN] = "authorized",
		[DMARC_CONSENT_MISSING] = "not authorized",
		[DMARC_CONSENT_NO_NAME] = "not authorized",
	};
	return to->is_checked ? texts[to->consent] : NULL;
}

static void
draw_destinations(struct report *report, struct trace *section, const char *key,
    const struct dmarc_evidence *evidence, enum dmarc_tag tag)
{
	struct arena *arena = report->arena;
	struct trace *list = trace_array(report, section, key);
	for (size_t i = 0; i < evidence->destinations->count; i++) {
		const struct dmarc_destination *to = &evidence->destinations->list[i];
		if (to->tag != tag)
			continue;
		struct trace *drawn = trace_object(report, list, NULL);
		const char *uri = arena_safe_text(arena, to->uri.text);
		const char *consent = consent_text(to);
		trace_text(report, drawn, "uri", uri);
		trace_text(report, drawn, "authorization", consent);
		if (to->deliverable == TRUTH_UNKNOWN)
			trace_null(report, drawn, "deliverable");
		else
			trace_bool(
			    report, drawn, "deliverable", to->deliverable == TRUTH_YES);
		drawn->title = arena_printf(arena, "%s %s%s%s", key, uri,
		    consent != NULL ? "  " : "", consent != NULL ? consent : "");
	}
}

static void
draw_selectors(struct report *report, struct trace *section,
    const struct dmarc_foundation *foundation)
{
	struct trace *list = trace_array(report, section, "dkim_selectors");
	for (size_t i = 0; i < foundation->selector_count; i++) {
		const struct dkim_selector *selector = &foundation->selectors[i];
		struct trace *drawn = trace_object(report, list, NULL);
		const char *result = dkim_state_text(selector);
		trace_text(report, drawn, "selector", selector->label);
		trace_text(report, drawn, "result", result);
		drawn->title = arena_printf(
		    report->arena, "DKIM selector %s  %s", selector->label, result);
	}
}

static void
draw(struct report *report, const struct dmarc_evidence *evidence,
    const struct dmarc_foundation *foundation)
{
	struct arena *arena = report->arena;
	const struct dmarc_step *step = evidence->step;
	const struct dmarc_verdict *verdict = &evidence->verdict;
	struct trace *section = trace_object(report, NULL, "dmarc");
	section->title = arena_printf(
	    arena, "%s  %s", report->subject, summary_of(report, evidence));
	trace_text(report, section, "record", report->record);
	trace_text(report, section, "location",
	    step != NULL ? dns_name_text(arena, &step->location) : NULL);
	trace_text(report, section, "policy", dmarc_policy_text(verdict->domain));
	trace_text(report, section, "subdomain_policy",
	    dmarc_policy_text(verdict->subdomains));
	trace_text(report, section, "np", dmarc_policy_text(verdict->nonexistent));
	if (step != NULL)
		trace_bool(report, section, "testing", step->record->testing);
	else
		trace_null(report, section, "testing");
	trace_text(report, section, "organizational_domain",
	    evidence->walk->incomplete
		? NULL
		: dns_name_text(arena, &evidence->walk->organizational));
	trace_text(
	    report, section, "spf_record", dmarc_foundation_spf_text(foundation));
	draw_selectors(report, section, foundation);
	draw_destinations(report, section, "rua", evidence, DMARC_TAG_RUA);
	draw_destinations(report, section, "ruf", evidence, DMARC_TAG_RUF);
	draw_walk(report, section, evidence);
}

/* --- the whole ------------------------------------------------------------ */

/* A record at the Organizational Domain or above is that of its own walk's end. */
static const struct dns_name *
organizational_of(const struct dmarc_evidence *evidence)
{
	if (evidence->walk->incomplete)
		return NULL;
	bool is_own = evidence->step == evidence->own;
	return is_own || evidence->step == NULL ? &evidence->walk->organizational
						: &evidence->step->domain;
}

/* A record that is still to be published has nothing beside it yet. */
static const struct dmarc_side *
side_of(struct view *view, struct arena *arena, const struct dmarc_evidence *evidence,
    uint32_t salt)
{
	static const struct dmarc_side nothing_beside;
	return evidence->settings->record.max > 0
	    ? &nothing_beside
	    : dmarc_side_ask(view, arena, evidence->own, salt);
}

/* A name with one below it exists as well (RFC 8020). */
static enum truth
existence_of(const struct dmarc_evidence *evidence)
{
	enum outcome apex = evidence->apex_txt.outcome,
		     own = evidence->own->txt.outcome;
	if (apex == OUTCOME_NXDOMAIN)
		return TRUTH_NO;
	bool exists = apex == OUTCOME_FOUND || apex == OUTCOME_NODATA ||
	    own == OUTCOME_FOUND || own == OUTCOME_NODATA;
	return exists ? TRUTH_YES : TRUTH_UNKNOWN;
}

static void
evaluate(const struct target *target, struct view *view, struct report *report)
{
	const struct dmarc_settings *settings = target->settings;
	struct arena *arena = report->arena;
	struct dmarc_evidence evidence = {
		.settings = settings,
		.trusts_ad = target->trusts_ad,
	};
	evidence.walk = dmarc_walk(view, arena, &target->domain);
	evidence.own = &evidence.walk->steps[0];
	evidence.step = dmarc_walk_policy(evidence.walk);
	evidence.side = side_of(view, arena, &evidence, target->salt);
	evidence.apex_txt = dns_get(view, &target->domain, DNS_TXT);
	evidence.exists = existence_of(&evidence);
	evidence.destinations = dmarc_destinations_ask(
	    view, arena, evidence.step, organizational_of(&evidence));
	struct dmarc_foundation foundation = dmarc_foundation_ask(
	    view, arena, &target->domain, settings);
	if (view->incomplete)
		return; /* this report is thrown away: spare the work */

	evidence.verdict = dmarc_verdict_of(
	    arena, evidence.walk, evidence.step, evidence.exists);
	dmarc_audit(report, &evidence);
	if (evidence.exists != TRUTH_NO)
		dmarc_foundation_audit(report, &foundation);
	measure(report, &evidence);
	report->summary = summary_of(report, &evidence);
	struct span raw = raw_record(&evidence);
	if (raw.length > 0)
		report->record = arena_safe_text(arena, raw);
	if (report->traced)
		draw(report, &evidence, &foundation);
}

/* The record of --record as the answer to the domain's own _dmarc question. */
static void
give(const struct target *target, struct store *store, int64_t now_ms)
{
	static const struct span label = SPAN("_dmarc");
	const struct dmarc_settings *settings = target->settings;
	struct dns_name location;
	if (settings->record.max > 0 &&
	    dns_name_prepend(&location, label, &target->domain) == STATUS_OK)
		dns_give_txt(store, &location, buf_span(&settings->record), now_ms);
}

static const enum metric_id metrics[] = {
	METRIC_DMARC_RECORD_PRESENT,
	METRIC_DMARC_POLICY,
	METRIC_DMARC_SUBDOMAIN_POLICY,
};

static const char *const groups[] = { "dmarc", "mx", "dnssec", "spf", "dkim", NULL };

const struct probe dmarc_probe = {
	.name = "dmarc",
	.title = "DMARC",
	.groups = groups,
	.purpose =
	    "Checks a domain's DMARC policy as receivers find it: the record, where "
	    "it comes from, what it comes to, where its reports go, and the SPF "
	    "record that it rests on.",
	.metrics = metrics,
	.metric_count = ARRAY_LENGTH(metrics),
	.settings_size = sizeof(struct dmarc_settings),
	.options = dmarc_option_rows,
	.option_count = DMARC_OPTION_COUNT,
	.complete = dmarc_settings_complete,
	.release = dmarc_settings_release,
	.give = give,
	.evaluate = evaluate,
};
