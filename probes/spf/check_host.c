/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * check_host() of RFC 7208 4. One handler for each mechanism says whether it matches;
 * the loop over a record's terms is the same for the first record, for an included one
 * and for the target of a redirect. One set of counters serves the whole run (4.6.4).
 *
 * While answers are missing, a term counts as "no match" and the run is marked as
 * pending: its further course only serves to want what may be needed, in the order and
 * within the limits of the standard, and its result is thrown away.
 */
#include "spf/check_host.h"

#include "core/limits.h"
#include "dns/question.h"
#include "spf/expand.h"
#include "spf/macro.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

/* Of one run. */
struct run {
	struct view *view;
	struct arena *arena;
	struct spf_values values; /* but for the domain, which changes by record */
	unsigned lookups, voids;
	bool pending;
	bool over; /* a limit was met: nothing more is asked */
	struct spf_verdict *verdict;
};

/* A record that is being evaluated. */
struct record {
	const struct dns_name *domain;
	unsigned depth;
	const struct spf_record *parsed;
};

/* What a mechanism comes to (4.6.2). */
enum match { NO_MATCH, MATCH, TEMPERROR, PERMERROR };

static const char *const result_texts[SPF_RESULT_COUNT] = {
	[SPF_RESULT_NONE] = "none",
	[SPF_RESULT_NEUTRAL] = "neutral",
	[SPF_RESULT_PASS] = "pass",
	[SPF_RESULT_FAIL] = "fail",
	[SPF_RESULT_SOFTFAIL] = "softfail",
	[SPF_RESULT_TEMPERROR] = "temperror",
	[SPF_RESULT_PERMERROR] = "permerror",
};

const char *
spf_result_text(enum spf_result result)
{
	assert(result >= 0 && result < SPF_RESULT_COUNT);
	return result_texts[result];
}

bool
spf_result_by_name(struct span name, enum spf_result *result)
{
	for (size_t i = 0; i < SPF_RESULT_COUNT; i++) {
		if (span_equal_nocase(name, span_text(result_texts[i]))) {
			*result = i;
			return true;
		}
	}
	return false;
}

bool
spf_client_parse(struct spf_client *client, struct span text)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[INET6_ADDRSTRLEN];
	memset(client, 0, sizeof(*client));
	if (text.length == 0 || text.length >= sizeof(copy) ||
	    span_contains_byte(text, 0))
		return false;
	memcpy(copy, text.bytes, text.length);
	copy[text.length] = '\0';
	client->is_ip4 = inet_pton(AF_INET, copy, client->address) == 1;
	if (client->is_ip4)
		return true;
	if (inet_pton(AF_INET6, copy, client->address) != 1)
		return false;
	if (memcmp(client->address, mapped, sizeof(mapped)) == 0) {
		client->is_ip4 = true;
		memmove(client->address, client->address + sizeof(mapped), 4);
	}
	return true;
}

/* --- counters and reasons
 * -------------------------------------------------------------- */

static enum match
fail_with(struct run *run, enum match kind, const char *reason)
{
	if (run->verdict->reason == NULL && !run->pending)
		run->verdict->reason = reason;
	return kind;
}

/* Counts a term; false when it is the eleventh. */
static bool
count_lookup(struct run *run)
{
	if (run->lookups >= LIMIT_SPF_LOOKUPS) {
		run->over = true;
		return false;
	}
	run->lookups++;
	return true;
}

static bool
is_empty(enum outcome outcome)
{
	return outcome == OUTCOME_NODATA || outcome == OUTCOME_NXDOMAIN;
}

/* What an answer means to a term that has to have one: MATCH for "go on". */
static enum match
judge_answer(struct run *run, enum outcome outcome)
{
	if (outcome == OUTCOME_WANTED) {
		run->pending = true;
		return NO_MATCH;
	}
	if (outcome_is_failure(outcome))
		return fail_with(run, TEMPERROR, outcome_text(outcome));
	if (!is_empty(outcome))
		return MATCH;
	if (run->voids < LIMIT_SPF_VOID_LOOKUPS) {
		run->voids++;
		return NO_MATCH;
	}
	run->over = true;
	return fail_with(run, PERMERROR, "more than 2 void lookups");
}

static enum match
ask(struct run *run, const struct dns_name *name, uint16_t type,
    struct dns_result *result)
{
	*result = dns_get(run->view, name, type);
	return judge_answer(run, result->outcome);
}

/* --- addresses
 * ---------------------------------------------------------------------------- */

static bool
same_network(const uint8_t *a, const uint8_t *b, unsigned prefix)
{
	unsigned bytes = prefix / 8, bits = prefix % 8;
	if (memcmp(a, b, bytes) != 0)
		return false;
	uint8_t mask = (uint8_t)(0xff00 >> bits);
	return bits == 0 || ((a[bytes] ^ b[bytes]) & mask) == 0;
}

static uint16_t
address_type(const struct run *run)
{
	return run->values.client->is_ip4 ? DNS_A : DNS_AAAA;
}

static bool
holds_client(
    const struct run *run, const struct spf_term *term, const struct dns_answer *answer)
{
	const struct spf_client *client = run->values.client;
	unsigned prefix = client->is_ip4 ? term->prefix4 : term->prefix6;
	size_t length = client->is_ip4 ? 4 : 16;
	for (size_t i = 0; i < answer->record_count; i++) {
		struct span address = answer->records[i].data;
		if (address.length == length &&
		    same_network(address.bytes, client->address, prefix))
			return true;
	}
	return false;
}

/* --- mechanisms
 * --------------------------------------------------------------------------- */

/* Whom a term asks. NO_MATCH: nobody, it can't match (4.8) or is not known yet. */
static enum match
find_target(struct run *run, const struct record *record, const struct spf_term *term,
    struct dns_name *target)
{
	if (term->domain.length == 0) {
		*target = *record->domain;
		return MATCH;
	}
	enum status status;
	run->values.domain = record->domain;
	enum spf_expansion expansion = spf_expand_name(
	    target, &status, term->domain, &run->values, run->view);
	if (expansion == SPF_EXPAND_LATER)
		run->pending = true;
	return expansion == SPF_EXPANDED && status == STATUS_OK ? MATCH : NO_MATCH;
}

static enum match
match_all(struct run *run, const struct record *record, const struct spf_term *term)
{
	(void)run, (void)record, (void)term;
	return MATCH;
}

/* An ip6 term never matches an IPv4 client, however it is written. */
static enum match
match_ip4(struct run *run, const struct record *record, const struct spf_term *term)
{
	(void)record;
	const struct spf_client *client = run->values.client;
	return client->is_ip4 &&
	    same_network(term->address, client->address, term->prefix4);
}

static enum match
match_ip6(struct run *run, const struct record *record, const struct spf_term *term)
{
	(void)record;
	const struct spf_client *client = run->values.client;
	return !client->is_ip4 &&
	    same_network(term->address, client->address, term->prefix6);
}

static enum match
match_a(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_name target;
	struct dns_result found;
	enum match match = find_target(run, record, term, &target);
	if (match == MATCH)
		match = ask(run, &target, address_type(run), &found);
	return match == MATCH ? holds_client(run, term, found.answer) : match;
}

/* Exchangers without an address are not void: the term itself was answered. */
static enum match
match_exchanger(
    struct run *run, const struct spf_term *term, const struct dns_name *name)
{
	struct dns_result found = dns_get(run->view, name, address_type(run));
	if (is_empty(found.outcome))
		return NO_MATCH;
	enum match match = judge_answer(run, found.outcome);
	return match == MATCH ? holds_client(run, term, found.answer) : match;
}

static enum match
match_mx(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_name target;
	struct dns_result mx;
	enum match match = find_target(run, record, term, &target);
	if (match == MATCH)
		match = ask(run, &target, DNS_MX, &mx);
	if (match != MATCH)
		return match;
	if (mx.answer->record_count > LIMIT_SPF_EXCHANGERS)
		return fail_with(run, PERMERROR, "mx with more than 10 exchangers");
	for (size_t i = 0; i < mx.answer->record_count; i++) {
		struct dns_name name;
		uint16_t preference;
		if (!dns_record_mx(&mx.answer->records[i], &preference, &name))
			continue;
		match = match_exchanger(run, term, &name);
		if (match != NO_MATCH)
			return match;
	}
	return NO_MATCH;
}

static bool
is_within_target(void *target, const struct dns_name *name)
{
	return dns_name_is_within(name, target);
}

/* DNS faults mean that the names in question are passed over (5.5). */
static enum match
match_ptr(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_name target;
	enum match match = find_target(run, record, term, &target);
	if (match != MATCH)
		return match;
	struct spf_validation validation = spf_validated_names(
	    run->view, run->values.client, is_within_target, &target);
	if (validation.stopped)
		return MATCH;
	if (validation.later) {
		run->pending = true;
		return NO_MATCH;
	}
	return is_empty(validation.outcome) ? judge_answer(run, validation.outcome)
					    : NO_MATCH;
}

static enum match
match_exists(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_name target;
	struct dns_result found;
	enum match match = find_target(run, record, term, &target);
	return match == MATCH ? ask(run, &target, DNS_A, &found) : match;
}

static enum spf_result check_record(
    struct run *run, const struct dns_name *domain, unsigned depth, bool is_included);

/* 5.2: what the result of the other record means to this one. */
static enum match
match_include(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_name target;
	enum match match = find_target(run, record, term, &target);
	if (match != MATCH)
		return match;
	switch (check_record(run, &target, record->depth + 1, true)) {
	case SPF_RESULT_PASS:
		return MATCH;
	case SPF_RESULT_TEMPERROR:
		return fail_with(run, TEMPERROR, "temperror in an include");
	case SPF_RESULT_NONE:
		return fail_with(
		    run, PERMERROR, "include of a name without SPF record");
	case SPF_RESULT_PERMERROR:
		return fail_with(run, PERMERROR, "permerror in an include");
	default:
		return NO_MATCH;
	}
}

typedef enum match matcher(
    struct run *, const struct record *, const struct spf_term *);

static matcher *const matchers[] = {
	[SPF_ALL] = match_all,
	[SPF_INCLUDE] = match_include,
	[SPF_A] = match_a,
	[SPF_MX] = match_mx,
	[SPF_PTR] = match_ptr,
	[SPF_IP4] = match_ip4,
	[SPF_IP6] = match_ip6,
	[SPF_EXISTS] = match_exists,
};

/* --- explanations
 * --------------------------------------------------------------------- */

static const struct spf_term *
find_exp(const struct spf_record *record)
{
	for (size_t i = 0; i < record->term_count; i++)
		if (record->terms[i].kind == SPF_EXP)
			return &record->terms[i];
	return NULL;
}

static bool
is_ascii_text(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] >= 0x80)
			return false;
	return text.length > 0;
}

/* explain-string: macro-strings between blanks (6.2). */
static enum spf_expansion
expand_explanation(struct run *run, struct buf *out, struct span text)
{
	struct split words = { .rest = text };
	struct span word;
	bool is_first = true;
	while (split_next(&words, ' ', &word)) {
		if (!is_first)
			buf_add_byte(out, ' ');
		is_first = false;
		enum spf_expansion expansion = spf_expand(
		    out, word, &run->values, run->view);
		if (expansion != SPF_EXPANDED)
			return expansion;
	}
	return SPF_EXPANDED;
}

/* Any trouble means that there is no explanation (6.2). */
static void
explain(struct run *run, const struct record *record)
{
	const struct spf_term *exp = find_exp(record->parsed);
	struct dns_name target;
	if (exp == NULL || find_target(run, record, exp, &target) != MATCH)
		return;
	struct dns_result txt = dns_get(run->view, &target, DNS_TXT);
	if (txt.outcome == OUTCOME_WANTED)
		run->pending = true;
	if (txt.outcome != OUTCOME_FOUND || txt.answer->record_count != 1)
		return;
	struct span text = dns_txt_join(run->arena, &txt.answer->records[0]);
	if (!is_ascii_text(text))
		return;

	struct buf expanded;
	buf_init(&expanded, LIMIT_SPF_EXPANSION);
	enum spf_expansion expansion = expand_explanation(run, &expanded, text);
	if (expansion == SPF_EXPAND_LATER)
		run->pending = true;
	else if (expansion == SPF_EXPANDED && is_ascii_text(buf_span(&expanded)))
		run->verdict->explanation = arena_copy(run->arena, buf_span(&expanded));
	buf_free(&expanded);
}

/* --- records
 * --------------------------------------------------------------------------- */

/* The record at a name: NONE, TEMPERROR or PERMERROR when there is not exactly one that
 * parses; else PASS and the record (4.4 to 4.6). */
static enum spf_result
fetch_record(
    struct run *run, const struct dns_name *domain, const struct spf_record **parsed)
{
	struct dns_result txt = dns_get(run->view, domain, DNS_TXT);
	if (txt.outcome == OUTCOME_WANTED) {
		run->pending = true;
		return SPF_RESULT_NONE;
	}
	if (outcome_is_failure(txt.outcome)) {
		fail_with(run, TEMPERROR, outcome_text(txt.outcome));
		return SPF_RESULT_TEMPERROR;
	}
	struct spf_selection selection = spf_record_select(run->arena, txt.answer);
	if (selection.count == 0)
		return SPF_RESULT_NONE;
	if (selection.count > 1) {
		fail_with(run, PERMERROR, "more than one SPF record");
		return SPF_RESULT_PERMERROR;
	}
	*parsed = spf_record_parse(run->arena, selection.text);
	if ((*parsed)->fault_count == 0 && !(*parsed)->cut)
		return SPF_RESULT_PASS;
	fail_with(run, PERMERROR, "syntax error in the record");
	return SPF_RESULT_PERMERROR;
}

static enum spf_result
result_of_qualifier(enum spf_qualifier qualifier)
{
	static const enum spf_result results[] = {
		[SPF_PASS] = SPF_RESULT_PASS,
		[SPF_FAIL] = SPF_RESULT_FAIL,
		[SPF_SOFTFAIL] = SPF_RESULT_SOFTFAIL,
		[SPF_NEUTRAL] = SPF_RESULT_NEUTRAL,
	};
	return results[qualifier];
}

static enum match
try_term(struct run *run, const struct record *record, const struct spf_term *term)
{
	if (run->over)
		return PERMERROR;
	if (spf_term_costs_lookup(term) && !count_lookup(run))
		return fail_with(run, PERMERROR, "more than 10 DNS lookups");
	return matchers[term->kind](run, record, term);
}

static void
remember(struct run *run, const struct record *record, const struct spf_term *term)
{
	run->verdict->matched = arena_copy(run->arena, term->text);
	run->verdict->domain = *record->domain;
}

/* The target's result, and its explanation, are the domain's own (6.1). */
static enum spf_result
follow_redirect(struct run *run, const struct record *record, bool is_included)
{
	const struct spf_term *term = record->parsed->redirect;
	struct dns_name target;
	if (run->over || !count_lookup(run)) {
		fail_with(run, PERMERROR, "more than 10 DNS lookups");
		return SPF_RESULT_PERMERROR;
	}
	if (find_target(run, record, term, &target) != MATCH)
		return SPF_RESULT_PERMERROR;
	enum spf_result result = check_record(
	    run, &target, record->depth + 1, is_included);
	if (result != SPF_RESULT_NONE)
		return result;
	fail_with(run, PERMERROR, "redirect to a name without SPF record");
	return SPF_RESULT_PERMERROR;
}

static enum spf_result
check_terms(struct run *run, const struct record *record, bool is_included)
{
	const struct spf_record *parsed = record->parsed;
	for (size_t i = 0; i < parsed->term_count; i++) {
		const struct spf_term *term = &parsed->terms[i];
		if (!spf_kind_is_mechanism(term->kind))
			continue;
		enum match match = try_term(run, record, term);
		if (match == NO_MATCH)
			continue;
		if (match == TEMPERROR)
			return SPF_RESULT_TEMPERROR;
		if (match == PERMERROR)
			return SPF_RESULT_PERMERROR;
		enum spf_result result = result_of_qualifier(term->qualifier);
		if (!is_included)
			remember(run, record, term);
		if (result == SPF_RESULT_FAIL && !is_included && !run->pending)
			explain(run, record);
		return result;
	}
	if (parsed->redirect != NULL)
		return follow_redirect(run, record, is_included);
	return SPF_RESULT_NEUTRAL;
}

/* Depth is bounded by the ten look-ups: each level costs one. */
static enum spf_result
check_record(
    struct run *run, const struct dns_name *domain, unsigned depth, bool is_included)
{
	struct record record = { .domain = domain, .depth = depth };
	assert(depth <= LIMIT_SPF_LOOKUPS + 1);
	enum spf_result result = fetch_record(run, domain, &record.parsed);
	if (result != SPF_RESULT_PASS)
		return run->pending ? SPF_RESULT_NEUTRAL : result;
	return check_terms(run, &record, is_included);
}

/* --- the message
 * -------------------------------------------------------------------------- */

/* Splits at the last "@": local parts may hold others when quoted. */
static void
read_sender(struct spf_values *values, const struct spf_message *message)
{
	static const struct span postmaster = SPAN("postmaster");
	size_t at = message->sender.length;
	while (at > 0 && message->sender.bytes[at - 1] != '@')
		at--;
	values->local = at > 1 ? span_slice(message->sender, 0, at - 1) : postmaster;
	values->sender_domain = span_slice(message->sender, at, message->sender.length);
	if (message->sender.length == 0)
		values->sender_domain = message->helo;
}

/* 4.3: one label, an empty label or one that is too long is no domain to check. */
static bool
is_checkable(struct span text, struct dns_name *domain)
{
	return dns_name_from_text(domain, text) == STATUS_OK &&
	    dns_name_labels(domain) > 1;
}

bool
spf_check_host(struct view *view, struct arena *arena,
    const struct spf_message *message, struct spf_verdict *verdict)
{
	static const struct span unknown = SPAN("unknown");
	struct dns_name *domain = arena_alloc(arena, sizeof(*domain));
	struct run run = {
		.view = view,
		.arena = arena,
		.values = {
			.client = &message->client,
			.helo = message->helo.length > 0 ? message->helo : unknown,
			.receiver = message->receiver.length > 0 ? message->receiver : unknown,
			.now_seconds = message->now_seconds,
		},
		.verdict = verdict,
	};
	*verdict = (struct spf_verdict){ .result = SPF_RESULT_NONE };
	read_sender(&run.values, message);
	if (!is_checkable(run.values.sender_domain, domain)) {
		verdict->reason = "the domain is not one that can have a record";
		return true;
	}
	verdict->result = check_record(&run, domain, 1, false);
	verdict->lookups = run.lookups;
	verdict->voids = run.voids;
	return !run.pending;
}
