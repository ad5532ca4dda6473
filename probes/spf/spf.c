/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The SPF probe: walk, audit, measure, draw; and for senders that the user names, what
 * a receiver would say, in a second pass over the same facts.
 */
#include "spf/spf.h"

#include "core/limits.h"
#include "dns/question.h"
#include "spf/audit.h"
#include "spf/macro.h"
#include "spf/senders.h"
#include "spf/settings.h"
#include "spf/side.h"
#include "spf/tree.h"

static const char *const qualifier_labels[] = { "pass", "fail", "softfail", "neutral" };

/* What holds for senders that the record does not list: its `all`, or neutral without
 * one (RFC 7208 4.7). NULL when that is in a record that could not be read, or perhaps
 * in the part of it that could not. */
static const char *
default_qualifier(const struct spf_tree *tree)
{
	const struct spf_node *node = spf_tree_deciding_node(tree);
	if (node == NULL)
		return NULL;
	const struct spf_term *all = node->record->all;
	if (all == NULL && spf_record_hides_terms(node->record))
		return NULL;
	return spf_qualifier_text(all != NULL ? all->qualifier : SPF_NEUTRAL);
}

static void
measure_tree(struct report *report, const struct spf_tree *tree)
{
	report_measure(report, METRIC_SPF_DNS_LOOKUPS, tree->lookups);
	report_measure(report, METRIC_SPF_VOID_LOOKUPS, tree->voids);
	report_measure(
	    report, METRIC_SPF_RECORD_BYTES, (double)tree->root->record->text.length);
	report_measure(report, METRIC_SPF_INCLUDES, tree->includes);
	report_measure(report, METRIC_SPF_DEPTH, tree->depth);
	struct spf_authorized authorized = spf_audit_authorized(report->arena, tree);
	if (authorized.known) {
		report_measure(report, METRIC_SPF_AUTHORIZED_IPV4_ADDRESSES,
		    authorized.ip4_addresses);
		report_measure(report, METRIC_SPF_AUTHORIZED_IPV6_PREFIXES,
		    authorized.ip6_prefixes);
	}
	const char *qualifier = default_qualifier(tree);
	if (qualifier != NULL)
		report_measure_state(report, METRIC_SPF_ALL_QUALIFIER, qualifier_labels,
		    ARRAY_LENGTH(qualifier_labels), qualifier);
}

static void
measure(struct report *report, const struct spf_tree *tree)
{
	const struct spf_node *root = tree->root;
	if (root->state == SPF_NODE_FAILED)
		return; /* nothing is known, not even that there is no record */
	bool present = root->state == SPF_NODE_RECORD;
	report_measure(report, METRIC_SPF_RECORD_PRESENT, present);
	if (present)
		measure_tree(report, tree);
	if (root->txt_bytes > 0)
		report_measure(report, METRIC_SPF_TXT_BYTES, (double)root->txt_bytes);
}

/* Short, for the case that nothing was found that would be a better headline. */
static const char *
summary_without_record(struct report *report, const struct spf_node *root)
{
	if (root->state == SPF_NODE_FAILED)
		return arena_printf(report->arena,
		    "could not tell whether there is a record: %s",
		    outcome_text(root->outcome));
	return "no usable SPF record";
}

static const char *
summary_of(struct report *report, const struct spf_tree *tree)
{
	if (tree->root->state != SPF_NODE_RECORD)
		return summary_without_record(report, tree->root);
	const char *voids = tree->voids > 0
	    ? arena_printf(report->arena, ", %u void", tree->voids)
	    : "";
	const struct spf_node *node = spf_tree_deciding_node(tree);
	const char *end = "";
	if (node != NULL && node->record->all != NULL)
		end = arena_printf(report->arena, ", ends in %s",
		    arena_safe_text(report->arena, node->record->all->text));
	return arena_printf(report->arena, "%s%u of %d DNS lookups%s%s",
	    tree->complete ? "" : "at least ", tree->lookups, LIMIT_SPF_LOOKUPS, voids,
	    end);
}

/* --- the section of the report -------------------------------------------- */

static void draw_node(struct report *report, struct trace *parent, const char *key,
    const struct spf_node *node);

static const char *
step_remark(struct arena *arena, const struct spf_step *step)
{
	if (outcome_is_failure(step->outcome))
		return outcome_text(step->outcome);
	if (step->needs_message)
		return arena_printf(
		    arena, "depends on %s", spf_macro_needs(arena, step->term->domain));
	return step->is_void ? "void" : NULL;
}

/* The name that a macro of the domain alone comes to. */
static const char *
step_expanded(struct arena *arena, const struct spf_step *step)
{
	if (!step->term->has_macro || step->target == NULL)
		return NULL;
	return dns_name_text(arena, step->target);
}

static void
draw_step(struct report *report, struct trace *parent, const struct spf_step *step)
{
	struct arena *arena = report->arena;
	struct trace *node = trace_object(report, parent, NULL);
	const char *term = arena_safe_text(arena, step->term->text);
	const char *remark = step_remark(arena, step);
	const char *expanded = step_expanded(arena, step);
	trace_text(report, node, "term", term);
	if (expanded != NULL)
		trace_text(report, node, "expanded", expanded);
	trace_number(report, node, "position", (double)step->term->position);
	trace_number(report, node, "dns_lookups", step->lookups);
	if (step->is_partial)
		trace_bool(report, node, "complete", false);
	trace_bool(report, node, "void", step->is_void);
	if (remark != NULL)
		trace_text(report, node, "remark", remark);
	node->title = arena_printf(arena, "%s%s%s%s  %u%s%s%s", term,
	    expanded != NULL ? " (" : "", expanded != NULL ? expanded : "",
	    expanded != NULL ? ")" : "", step->lookups,
	    step->is_partial ? " or more" : "", remark != NULL ? ", " : "",
	    remark != NULL ? remark : "");
	if (step->child != NULL)
		draw_node(report, node, "target", step->child);
}

static const char *
state_text_of(const struct spf_node *node)
{
	static const char *const texts[] = {
		[SPF_NODE_WANTED] = "not asked yet",
		[SPF_NODE_RECORD] = "found",
		[SPF_NODE_NONE] = "no SPF record",
		[SPF_NODE_SEVERAL] = "several SPF records",
		[SPF_NODE_NO_NAME] = "no such name",
		[SPF_NODE_LOOP] = "loop",
		[SPF_NODE_TOO_LARGE] = "not followed",
	};
	if (node->state == SPF_NODE_FAILED)
		return outcome_text(node->outcome);
	return texts[node->state];
}

/* A record below its step has no line of its own unless something is odd. */
static void
draw_node(struct report *report, struct trace *parent, const char *key,
    const struct spf_node *node)
{
	struct arena *arena = report->arena;
	struct trace *drawn = trace_object(report, parent, key);
	trace_text(report, drawn, "domain", dns_name_text(arena, &node->name));
	trace_text(report, drawn, "result", state_text_of(node));
	if (node->state != SPF_NODE_RECORD) {
		if (node->parent != NULL)
			drawn->title = state_text_of(node);
		return;
	}
	trace_text(report, drawn, "record", arena_safe_text(arena, node->record->text));
	trace_number(report, drawn, "dns_lookups", node->lookups);
	struct trace *terms = trace_array(report, drawn, "terms");
	for (size_t i = 0; i < node->step_count; i++)
		draw_step(report, terms, &node->steps[i]);
}

/* What a name that can't exist was answered. Texts are a wildcard's (RFC 4592); a mere
 * "no such record" may be one's too, or what some signers say of every name that is not
 * there (RFC 9824). */
static void
draw_below(struct report *report, struct trace *section, const struct spf_node *root,
    const struct spf_side *side)
{
	struct trace *drawn = trace_object(report, section, "absent_name");
	struct arena *arena = report->arena;
	if (!side->has_absent)
		return;
	const struct dns_result *txt = &side->absent_txt;
	trace_text(report, drawn, "domain", dns_name_text(arena, &side->absent));
	trace_text(report, drawn, "result", outcome_text(txt->outcome));
	if (txt->outcome == OUTCOME_FOUND || txt->outcome == OUTCOME_NXDOMAIN)
		trace_bool(report, drawn, "wildcard", txt->outcome == OUTCOME_FOUND);
	else
		trace_null(report, drawn, "wildcard");
	if (txt->outcome != OUTCOME_FOUND)
		return;
	struct spf_selection selection = spf_record_select(arena, txt->answer);
	if (selection.count != 1)
		return;
	trace_text(report, drawn, "record", arena_safe_text(arena, selection.text));
	trace_bool(report, drawn, "same_record",
	    span_equal(selection.text, root->record->text));
}

static void
draw(struct report *report, const struct spf_tree *tree, const struct spf_side *side)
{
	struct arena *arena = report->arena;
	const struct spf_node *root = tree->root;
	bool present = root->state == SPF_NODE_RECORD;
	struct trace *section = trace_object(report, NULL, "spf");
	if (present) {
		const char *record = arena_safe_text(arena, root->record->text);
		trace_text(report, section, "record", record);
		trace_number(report, section, "dns_lookups", tree->lookups);
		trace_number(report, section, "void_lookups", tree->voids);
		trace_number(
		    report, section, "record_bytes", (double)root->record->text.length);
		section->title = arena_printf(arena, "%s  %u of %d DNS lookups%s",
		    dns_name_text(arena, &root->name), tree->lookups, LIMIT_SPF_LOOKUPS,
		    tree->complete ? "" : " at least");
	} else {
		static const char *const unknown[] = { "record", "dns_lookups",
			"void_lookups", "record_bytes" };
		for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
			trace_null(report, section, unknown[i]);
	}
	if (root->txt_bytes > 0)
		trace_number(report, section, "txt_bytes", (double)root->txt_bytes);
	else
		trace_null(report, section, "txt_bytes");
	trace_bool(report, section, "complete", tree->complete);
	draw_below(report, section, root, side);
	draw_node(report, section, "tree", root);
}

static void
evaluate(const struct target *target, struct view *view, struct report *report)
{
	const struct spf_settings *settings = target->settings;
	struct arena *arena = report->arena;
	struct spf_tree *tree = spf_tree_walk(view, arena, &target->domain);
	struct spf_side *side = spf_side_ask(view, arena, tree, settings, target->salt);
	struct spf_verdicts verdicts = spf_senders_check(
	    view, arena, &target->domain, target->now_seconds, settings);
	if (view->incomplete)
		return; /* this report is thrown away: spare the work */
	if (side->has_void_reverse)
		spf_tree_void_pointers(tree);
	spf_audit(report, tree, side, &settings->audit);
	measure(report, tree);
	report->summary = summary_of(report, tree);
	if (tree->root->state == SPF_NODE_RECORD && report->told)
		report->record = arena_safe_text(arena, tree->root->record->text);
	const char *sent = spf_senders_report(report, &verdicts);
	if (sent != NULL)
		report->summary = arena_printf(arena, "%s; %s", sent, report->summary);
	if (report->traced)
		draw(report, tree, side);
}

/* The record of --record as the answer to the domain's TXT question. */
static void
give(const struct target *target, struct store *store, int64_t now_ms)
{
	const struct spf_settings *settings = target->settings;
	if (settings->has_record)
		dns_give_txt(
		    store, &target->domain, buf_span(&settings->record), now_ms);
}

static const enum metric_id metrics[] = {
	METRIC_SPF_DNS_LOOKUPS,
	METRIC_SPF_VOID_LOOKUPS,
	METRIC_SPF_RECORD_PRESENT,
	METRIC_SPF_RECORD_BYTES,
	METRIC_SPF_TXT_BYTES,
	METRIC_SPF_INCLUDES,
	METRIC_SPF_DEPTH,
	METRIC_SPF_ALL_QUALIFIER,
	METRIC_SPF_AUTHORIZED_IPV4_ADDRESSES,
	METRIC_SPF_AUTHORIZED_IPV6_PREFIXES,
};

const struct probe spf_probe = {
	.name = "spf",
	.title = "SPF",
	.purpose = "Checks a domain's SPF record: the whole tree of includes, its DNS "
		   "lookups and sizes, and everything that makes receivers refuse it.",
	.metrics = metrics,
	.metric_count = ARRAY_LENGTH(metrics),
	.settings_size = sizeof(struct spf_settings),
	.options = spf_option_rows,
	.option_count = SPF_OPTION_COUNT,
	.complete = spf_settings_complete,
	.release = spf_settings_release,
	.give = give,
	.evaluate = evaluate,
};
