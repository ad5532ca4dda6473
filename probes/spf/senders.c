/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Runs check_host() for each address that the user gave, and says how it went. */
#include "spf/senders.h"

enum {
	EXPLANATION_SHOWN = 120, /* bytes of it in a line */
	COURSES_SHOWN = 16       /* of that many senders the terms are drawn */
};

static enum spf_result
expected_of(const struct spf_settings *settings, const struct spf_sender *sender)
{
	if (sender->has_expected)
		return sender->expected;
	return settings->has_expect ? settings->expect : SPF_RESULT_PASS;
}

/* Without a mailbox, mail from the postmaster of the domain that is checked. */
static struct span
mailbox_of(struct arena *arena, const struct spf_settings *settings,
    const struct spf_sender *sender, const struct dns_name *domain)
{
	if (sender->has_mailbox)
		return sender->mailbox;
	if (settings->has_mailbox)
		return settings->mailbox;
	if (settings->helo.length > 0 && !settings->has_domain)
		return span_of("", 0); /* the null sender: HELO counts */
	return span_text(
	    arena_printf(arena, "postmaster@%s", dns_name_text(arena, domain)));
}

struct spf_verdicts
spf_senders_check(struct view *view, struct arena *arena, const struct dns_name *domain,
    int64_t now_seconds, const struct spf_settings *settings)
{
	struct spf_verdicts verdicts = {
		.settings = settings,
		.list = arena_alloc_array(
		    arena, settings->sender_count, sizeof(struct spf_verdict)),
	};
	for (size_t i = 0; i < settings->sender_count; i++) {
		const struct spf_sender *sender = &settings->senders[i];
		const struct spf_message message = {
			.client = sender->client,
			.sender = mailbox_of(arena, settings, sender, domain),
			.helo = settings->helo,
			.now_seconds = now_seconds,
			.best_guess = settings->best_guess,
		};
		bool complete = spf_check_host(
		    view, arena, &message, &verdicts.list[i]);
		(void)complete; /* the view knows what is missing */
	}
	return verdicts;
}

/* "-all of example.com", or why there is an error. */
static const char *
basis(struct arena *arena, const struct spf_verdict *verdict)
{
	if (verdict->reason != NULL)
		return verdict->reason;
	if (verdict->matched.length == 0)
		return verdict->result == SPF_RESULT_NONE ? "no SPF record"
							  : "no term matches";
	return arena_printf(arena, "%s of %s", arena_safe_text(arena, verdict->matched),
	    dns_name_text(arena, &verdict->domain));
}

static const char *
verdict_text(struct arena *arena, const struct spf_verdict *verdict)
{
	return arena_printf(arena, "%s%s (%s)", spf_result_text(verdict->result),
	    verdict->is_guess ? " by best guess" : "", basis(arena, verdict));
}

/* What the sender is told, in quotes behind a colon; nothing where there is nothing. */
static const char *
explanation_text(struct arena *arena, const struct spf_verdict *verdict)
{
	struct span shown = span_slice(verdict->explanation, 0, EXPLANATION_SHOWN);
	if (shown.length == 0)
		return "";
	return arena_printf(arena, ": \"%s\"", arena_safe_text(arena, shown));
}

/* "192.0.2.1", and the mailbox where one was given. */
static const char *
sender_text(struct arena *arena, const struct spf_settings *settings,
    const struct spf_sender *sender)
{
	const char *ip = arena_safe_text(arena, sender->ip);
	struct span mailbox = sender->has_mailbox ? sender->mailbox : settings->mailbox;
	if (!sender->has_mailbox && !settings->has_mailbox)
		return ip;
	return arena_printf(arena, "%s <%s>", ip, arena_safe_text(arena, mailbox));
}

/* A result that the DNS did not let us tell is not a wrong one. A guess that came out
 * as expected is said to be one. */
static void
report_verdict(struct report *report, const struct spf_settings *settings, size_t index,
    const struct spf_verdict *verdict)
{
	const struct spf_sender *sender = &settings->senders[index];
	enum spf_result expected = expected_of(settings, sender);
	const char *who = sender_text(report->arena, settings, sender);
	const char *what = verdict_text(report->arena, verdict);
	struct place place = { .term = arena_safe_text(report->arena, sender->ip) };
	if (verdict->result != expected)
		report_finding_as(report, FINDING_SPF_CHECK_HOST,
		    verdict->result == SPF_RESULT_TEMPERROR ? SEVERITY_UNKNOWN
							    : SEVERITY_CRITICAL,
		    &place, "mail from %s gets %s, expected %s%s", who, what,
		    spf_result_text(expected),
		    explanation_text(report->arena, verdict));
	else if (verdict->is_guess)
		report_finding_as(report, FINDING_SPF_CHECK_HOST, SEVERITY_INFO, &place,
		    "mail from %s gets %s: only a guess, there is no record", who,
		    what);
}

/* The course of an evaluation: each term with what its macros came to, and what that
 * said. Depth is bounded by the ten look-ups. */
static void
draw_trials(struct report *report, struct trace *parent, const struct spf_trial *trial)
{
	struct arena *arena = report->arena;
	struct trace *list = trace_array(report, parent, "terms");
	for (; trial != NULL; trial = trial->next) {
		struct trace *node = trace_object(report, list, NULL);
		const char *term = arena_safe_text(arena, trial->term->text);
		const char *expanded = "";
		trace_text(report, node, "term", term);
		if (trial->expanded != NULL) {
			const char *name = dns_name_text(arena, trial->expanded);
			trace_text(report, node, "expanded", name);
			expanded = arena_printf(arena, " (%s)", name);
		}
		trace_text(report, node, "result", trial->result);
		node->title = arena_printf(
		    arena, "%s%s  %s", term, expanded, trial->result);
		if (trial->first != NULL)
			draw_trials(report, node, trial->first);
	}
}

static void
draw_verdict(struct report *report, struct trace *node,
    const struct spf_settings *settings, size_t index,
    const struct spf_verdict *verdict)
{
	const struct spf_sender *sender = &settings->senders[index];
	struct arena *arena = report->arena;
	trace_text(report, node, "ip", arena_safe_text(arena, sender->ip));
	trace_text(report, node, "result", spf_result_text(verdict->result));
	trace_text(
	    report, node, "expected", spf_result_text(expected_of(settings, sender)));
	trace_text(report, node, "basis", basis(arena, verdict));
	if (verdict->explanation.length > 0)
		trace_text(report, node, "explanation",
		    arena_safe_text(arena, verdict->explanation));
	else
		trace_null(report, node, "explanation");
	trace_bool(report, node, "guess", verdict->is_guess);
	trace_number(report, node, "dns_lookups", verdict->lookups);
	trace_number(report, node, "void_lookups", verdict->voids);
	if (sender->has_mailbox || settings->has_mailbox)
		trace_text(report, node, "sender",
		    arena_safe_text(arena,
			sender->has_mailbox ? sender->mailbox : settings->mailbox));
	node->title = arena_printf(arena, "mail from %s: %s%s",
	    sender_text(arena, settings, sender), verdict_text(arena, verdict),
	    explanation_text(arena, verdict));
	if (index < COURSES_SHOWN)
		draw_trials(report, node, verdict->trials);
}

/* One sender is the section `check_host`; several are an array of such objects. */
static void
draw(struct report *report, const struct spf_verdicts *verdicts)
{
	const struct spf_settings *settings = verdicts->settings;
	bool is_one = settings->sender_count == 1;
	struct trace *list = is_one ? NULL : trace_array(report, NULL, "check_hosts");
	for (size_t i = 0; i < settings->sender_count; i++)
		draw_verdict(report,
		    trace_object(report, list, is_one ? "check_host" : NULL), settings,
		    i, &verdicts->list[i]);
}

static const char *
summarise(struct report *report, const struct spf_verdicts *verdicts)
{
	const struct spf_settings *settings = verdicts->settings;
	if (settings->sender_count == 1)
		return arena_printf(report->arena, "mail from %s gets %s%s",
		    sender_text(report->arena, settings, &settings->senders[0]),
		    verdict_text(report->arena, &verdicts->list[0]),
		    explanation_text(report->arena, &verdicts->list[0]));
	size_t count = 0;
	for (size_t i = 0; i < settings->sender_count; i++)
		count += verdicts->list[i].result ==
		    expected_of(settings, &settings->senders[i]);
	return arena_printf(report->arena, "%zu of %zu senders as expected", count,
	    settings->sender_count);
}

const char *
spf_senders_report(struct report *report, const struct spf_verdicts *verdicts)
{
	const struct spf_settings *settings = verdicts->settings;
	if (settings->sender_count == 0)
		return NULL;
	for (size_t i = 0; i < settings->sender_count; i++)
		report_verdict(report, settings, i, &verdicts->list[i]);
	if (report->traced)
		draw(report, verdicts);
	return summarise(report, verdicts);
}
