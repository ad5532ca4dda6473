/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The DKIM probe: look at each selector, audit, measure, draw. Without selectors there
 * is one thing to tell: whether there can be any.
 */
#include "dkim/dkim.h"

#include "core/limits.h"
#include "dkim/audit.h"
#include "dkim/record.h"
#include "dkim/selector.h"
#include "dkim/settings.h"
#include "dns/question.h"

/* All that a run has looked at. */
struct look {
	size_t count;
	struct dkim_selector *selectors;
	struct dns_result parent; /* _domainkey, where no selector is given */
};

static void
read_key(struct dkim_selector *selector)
{
	selector->key_was_read = selector->has_key_bytes;
	if (selector->has_key_bytes)
		selector->key = dkim_key_read(
		    selector->record->key_type, selector->record->key);
}

static struct look
look_at(const struct target *target, struct view *view, struct arena *arena)
{
	const struct dkim_settings *settings = target->settings;
	struct look look = { .count = settings->selector_count };
	look.selectors = arena_alloc_array(arena, look.count, sizeof(*look.selectors));
	for (size_t i = 0; i < look.count; i++) {
		dkim_selector_look(&look.selectors[i], view, arena,
		    &settings->selectors[i], &target->domain);
		read_key(&look.selectors[i]);
	}
	struct dns_name parent;
	if (look.count > 0)
		return look;
	if (dkim_record_parent(&parent, &target->domain) == STATUS_OK)
		look.parent = dns_get(view, &parent, DNS_TXT);
	else
		look.parent.outcome = OUTCOME_NXDOMAIN; /* no such name can be */
	return look;
}

/* Below a name that does not exist there is none (RFC 8020). An alias there exists,
 * even if its target does not. */
static bool
parent_exists(const struct dns_result *parent)
{
	return parent->outcome != OUTCOME_NXDOMAIN ||
	    (parent->answer != NULL && parent->answer->alias_count > 0);
}

static void
audit_parent(struct report *report, const struct dns_result *parent)
{
	if (outcome_is_failure(parent->outcome))
		report_finding(report, FINDING_DKIM_DNS_ERROR, NULL,
		    "%s: TXT of _domainkey.%s", outcome_text(parent->outcome),
		    report->subject);
	else if (parent_exists(parent))
		report_finding(report, FINDING_DKIM_SELECTOR_NEEDED, NULL,
		    "no selector given: _domainkey exists, no key was checked");
	else
		report_finding(report, FINDING_DKIM_NONE_PUBLISHED, NULL,
		    "_domainkey.%s does not exist, so there is no selector",
		    report->subject);
}

/* --- measurements --------------------------------------------------------- */

static bool
has_key(const struct dkim_selector *selector)
{
	return selector->has_key_bytes && selector->key.form != DKIM_KEY_NONE;
}

/* The values of one metric stand together. */
static void
measure(struct report *report, const struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		const struct dkim_selector *selector = &look->selectors[i];
		if (has_key(selector))
			report_measure_labelled(report, METRIC_DKIM_KEY_BITS,
			    &selector->label, 1, (double)selector->key.bits);
	}
	for (size_t i = 0; i < look->count; i++) {
		const struct dkim_selector *selector = &look->selectors[i];
		if (selector->state != DKIM_FAILED)
			report_measure_labelled(report, METRIC_DKIM_RECORD_PRESENT,
			    &selector->label, 1, selector->state == DKIM_FOUND);
	}
}

/* --- words and the section of the report ---------------------------------- */

/* "RSA 2048 bits" */
static const char *
key_text(struct arena *arena, const struct dkim_selector *selector)
{
	if (!has_key(selector))
		return selector->state == DKIM_FOUND ? "no usable key"
						     : dkim_state_text(selector);
	if (selector->key.form == DKIM_KEY_RAW)
		return "Ed25519";
	return arena_printf(arena, "RSA %zu bits", selector->key.bits);
}

static const char *
summary_of(struct report *report, const struct look *look)
{
	if (look->count == 0)
		return "no selector given, so no key was checked";
	const char *summary = "";
	for (size_t i = 0; i < look->count; i++)
		summary = arena_printf(report->arena, "%s%s%s: %s", summary,
		    i > 0 ? ", " : "", look->selectors[i].label,
		    key_text(report->arena, &look->selectors[i]));
	return summary;
}

static void
draw_flag(struct report *report, struct trace *node, const char *key,
    const struct dkim_record *record, bool truth)
{
	if (record != NULL)
		trace_bool(report, node, key, truth);
	else
		trace_null(report, node, key);
}

static void
draw_key(
    struct report *report, struct trace *node, const struct dkim_selector *selector)
{
	static const char *const types[] = { "rsa", "ed25519" };
	static const char *const forms[] = {
		[DKIM_KEY_SPKI] = "SubjectPublicKeyInfo",
		[DKIM_KEY_PKCS1] = "RSAPublicKey",
		[DKIM_KEY_RAW] = "raw",
	};
	const struct dkim_record *record = selector->record;
	bool is_known = has_key(selector);
	const char *type = record != NULL && record->key_type != DKIM_OTHER_TYPE
	    ? types[record->key_type]
	    : NULL;
	trace_text(report, node, "key_type", type);
	trace_text(
	    report, node, "key_form", is_known ? forms[selector->key.form] : NULL);
	if (is_known)
		trace_number(report, node, "key_bits", (double)selector->key.bits);
	else
		trace_null(report, node, "key_bits");
}

static bool
is_revoked(const struct dkim_record *record)
{
	for (size_t i = 0; record != NULL && i < record->fault_count; i++)
		if (record->faults[i].kind == DKIM_REVOKED)
			return true;
	return false;
}

static void
draw_aliases(struct report *report, struct trace *node, const struct dns_answer *answer)
{
	struct trace *aliases = trace_array(report, node, "aliases");
	for (size_t i = 0; answer != NULL && i < answer->alias_count; i++)
		trace_text(report, aliases, NULL,
		    dns_name_text(report->arena, &dns_answer_aliases(answer)[i]));
}

static void
draw_selector(
    struct report *report, struct trace *parent, const struct dkim_selector *selector)
{
	struct arena *arena = report->arena;
	const struct dkim_record *record = selector->record;
	struct trace *node = trace_object(report, parent, NULL);
	node->title = arena_printf(
	    arena, "%s  %s", selector->label, key_text(arena, selector));
	trace_text(report, node, "selector", selector->label);
	trace_text(report, node, "location", selector->location);
	trace_text(report, node, "result", dkim_state_text(selector));
	draw_aliases(report, node, selector->txt.answer);
	trace_text(report, node, "record",
	    record != NULL ? arena_safe_text(arena, record->text) : NULL);
	draw_key(report, node, selector);
	draw_flag(report, node, "revoked", record, is_revoked(record));
	draw_flag(
	    report, node, "test_mode", record, record != NULL && record->is_testing);
	draw_flag(
	    report, node, "strict_domain", record, record != NULL && record->is_strict);
	draw_flag(report, node, "usable", record,
	    record != NULL && record->fault_count == 0 && has_key(selector));
}

static void
draw(struct report *report, const struct look *look)
{
	struct trace *section = trace_object(report, NULL, "dkim");
	if (look->count > 0 || outcome_is_failure(look->parent.outcome))
		trace_null(report, section, "domainkey_exists");
	else
		trace_bool(
		    report, section, "domainkey_exists", parent_exists(&look->parent));
	struct trace *selectors = trace_array(report, section, "selectors");
	for (size_t i = 0; i < look->count; i++)
		draw_selector(report, selectors, &look->selectors[i]);
}

/* --- the probe ------------------------------------------------------------ */

static void
evaluate(const struct target *target, struct view *view, struct report *report)
{
	struct look look = look_at(target, view, report->arena);
	if (view->incomplete)
		return; /* this report is thrown away: spare the work */
	for (size_t i = 0; i < look.count; i++)
		dkim_audit(report, &look.selectors[i]);
	if (look.count == 0)
		audit_parent(report, &look.parent);
	measure(report, &look);
	report->summary = summary_of(report, &look);
	if (report->traced)
		draw(report, &look);
}

static void
give(const struct target *target, struct store *store, int64_t now_ms)
{
	const struct dkim_settings *settings = target->settings;
	struct dns_name name;
	if (settings->has_record && settings->selector_count > 0 &&
	    dkim_record_name(&name, &settings->selectors[0], &target->domain) ==
		STATUS_OK)
		dns_give_txt(store, &name, buf_span(&settings->record), now_ms);
}

static const enum metric_id metrics[] = {
	METRIC_DKIM_KEY_BITS,
	METRIC_DKIM_RECORD_PRESENT,
};

const struct probe dkim_probe = {
	.name = "dkim",
	.title = "DKIM",
	.purpose = "Checks the DKIM keys that a domain publishes: the records of the "
		   "selectors given, their tags, and how strong the keys are.",
	.metrics = metrics,
	.metric_count = ARRAY_LENGTH(metrics),
	.settings_size = sizeof(struct dkim_settings),
	.options = dkim_option_rows,
	.option_count = DKIM_OPTION_COUNT,
	.complete = dkim_settings_complete,
	.release = dkim_settings_release,
	.give = give,
	.evaluate = evaluate,
};
