/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Runs check_host() for each address that the user gave, and says how it went. */
#include "spf/senders.h"

enum { EXPLANATION_SHOWN = 200 };

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
	if (sender->mailbox.length > 0)
		return sender->mailbox;
	if (settings->mailbox.length > 0)
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

/* A result that the DNS did not let us tell is not a wrong one. */
static void
report_verdict(struct report *report, const struct spf_settings *settings, size_t index,
    const struct spf_verdict *verdict)
{
	const struct spf_sender *sender = &settings->senders[index];
	enum spf_result expected = expected_of(settings, sender);
	if (verdict->result == expected)
		return;
	bool untold = verdict->result == SPF_RESULT_TEMPERROR;
	const char *ip = arena_safe_text(report->arena, sender->ip);
	struct place place = { .term = ip };
	report_finding_as(report, FINDING_SPF_CHECK_HOST,
	    untold ? SEVERITY_UNKNOWN : SEVERITY_CRITICAL, &place,
	    "mail from %s gets %s, expected %s", ip,
	    verdict_text(report->arena, verdict), spf_result_text(expected));
}

static void
draw_verdict(struct report *report, struct trace *node, const struct spf_sender *sender,
    enum spf_result expected, const struct spf_verdict *verdict)
{
	struct arena *arena = report->arena;
	const char *ip = arena_safe_text(arena, sender->ip);
	trace_text(report, node, "ip", ip);
	trace_text(report, node, "result", spf_result_text(verdict->result));
	trace_text(report, node, "expected", spf_result_text(expected));
	trace_text(report, node, "basis", basis(arena, verdict));
	if (verdict->explanation.length > 0)
		trace_text(report, node, "explanation",
		    arena_safe_text(
			arena, span_slice(verdict->explanation, 0, EXPLANATION_SHOWN)));
	else
		trace_null(report, node, "explanation");
	trace_bool(report, node, "guess", verdict->is_guess);
	trace_number(report, node, "dns_lookups", verdict->lookups);
	node->title = arena_printf(
	    arena, "mail from %s: %s", ip, verdict_text(arena, verdict));
}

static const char *
summarise(struct report *report, const struct spf_verdicts *verdicts)
{
	const struct spf_settings *settings = verdicts->settings;
	if (settings->sender_count == 1)
		return arena_printf(report->arena, "mail from %s gets %s",
		    arena_safe_text(report->arena, settings->senders[0].ip),
		    verdict_text(report->arena, &verdicts->list[0]));
	return arena_printf(
	    report->arena, "%zu senders as expected", settings->sender_count);
}

/* One sender is the section `check_host`; several are an array of such objects. */
const char *
spf_senders_report(struct report *report, const struct spf_verdicts *verdicts)
{
	const struct spf_settings *settings = verdicts->settings;
	if (settings->sender_count == 0)
		return NULL;
	bool is_one = settings->sender_count == 1;
	struct trace *list = is_one ? NULL : trace_array(report, NULL, "check_hosts");
	for (size_t i = 0; i < settings->sender_count; i++) {
		const struct spf_sender *sender = &settings->senders[i];
		report_verdict(report, settings, i, &verdicts->list[i]);
		struct trace *node = trace_object(
		    report, list, is_one ? "check_host" : NULL);
		draw_verdict(report, node, sender, expected_of(settings, sender),
		    &verdicts->list[i]);
	}
	return summarise(report, verdicts);
}
