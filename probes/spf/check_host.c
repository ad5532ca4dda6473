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
#include "spf/side.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

/* Of one run. */
struct run {
	struct view *view;
	struct arena *arena;
	struct spf_values values; /* but for the domain, which changes by record */
	unsigned lookups, voids;
	bool pending;            /* an answer is missing: the result does not count */
	struct spf_trial *trial; /* the last one, or NULL */
	struct spf_trial **trials_end; /* where the next one goes */
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

/* What a term's target-name comes to (4.8). */
enum target {
	TARGET_NAME,
	TARGET_NO_NAME, /* a text with an empty label, say */
	TARGET_UNKNOWN  /* a macro that has no value for this message, or not yet */
};

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

/* --- counters and reasons ------------------------------------------------- */

/* An error ends the run (4.6.2), so that there is one at most. */
static enum match
fail_with(struct run *run, enum match kind, const char *reason)
{
	run->verdict->reason = reason;
	return kind;
}

static enum match
fail_for_question(
    struct run *run, const struct dns_name *name, uint16_t type, enum outcome outcome)
{
	return fail_with(run, TEMPERROR,
	    arena_printf(run->arena, "%s for %s of %s", outcome_text(outcome),
		dns_type_text(type), dns_name_text(run->arena, name)));
}

static struct spf_trial *
note_trial(struct run *run, const struct spf_term *term)
{
	struct spf_trial *trial = arena_alloc(run->arena, sizeof(*trial));
	trial->term = term;
	*run->trials_end = trial;
	run->trials_end = &trial->next;
	run->trial = trial;
	return trial;
}

/* Counts a term; false when it is the eleventh. */
static bool
count_lookup(struct run *run)
{
	if (run->lookups < LIMIT_SPF_LOOKUPS) {
		run->lookups++;
		return true;
	}
	fail_with(run, PERMERROR, "more than 10 DNS lookups");
	return false;
}

/* A question that came back empty; the third one ends the run (4.6.4). */
static enum match
count_void(struct run *run)
{
	if (run->voids < LIMIT_SPF_VOID_LOOKUPS) {
		run->voids++;
		return NO_MATCH;
	}
	return fail_with(run, PERMERROR, "more than 2 void lookups");
}

/* Asks what a term can't do without. MATCH: there is an answer with records. */
static enum match
ask(struct run *run, const struct dns_name *name, uint16_t type,
    struct dns_result *result)
{
	*result = dns_get(run->view, name, type);
	if (result->outcome == OUTCOME_FOUND)
		return MATCH;
	if (outcome_is_failure(result->outcome))
		return fail_for_question(run, name, type, result->outcome);
	if (outcome_is_empty(result->outcome))
		return count_void(run);
	run->pending = true;
	return NO_MATCH;
}

/* --- addresses ------------------------------------------------------------ */

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

/* --- mechanisms ----------------------------------------------------------- */

/* For the term being tried; exp is expanded too, and not tried. */
static void
note_expanded(
    struct run *run, const struct spf_term *term, const struct dns_name *target)
{
	if (!term->has_macro || run->trial == NULL || run->trial->term != term)
		return;
	struct dns_name *copy = arena_alloc(run->arena, sizeof(*copy));
	*copy = *target;
	run->trial->expanded = copy;
}

/* Whom a term asks: its domain-spec's meaning, or the record's own domain. */
static enum target
find_target(struct run *run, const struct record *record, const struct spf_term *term,
    struct dns_name *target)
{
	if (term->domain.length == 0) {
		*target = *record->domain;
		return TARGET_NAME;
	}
	enum status status;
	run->values.domain = record->domain;
	enum spf_expansion expansion = spf_expand_name(
	    target, &status, term->domain, &run->values, run->view);
	if (expansion == SPF_EXPAND_LATER)
		run->pending = true;
	if (expansion != SPF_EXPANDED)
		return TARGET_UNKNOWN;
	if (status != STATUS_OK)
		return TARGET_NO_NAME;
	note_expanded(run, term, target);
	return TARGET_NAME;
}

/* Asks a term's target; one that is no name has no records, and asks nobody. */
static enum match
ask_target(struct run *run, const struct record *record, const struct spf_term *term,
    uint16_t type, struct dns_result *result)
{
	struct dns_name target;
	if (find_target(run, record, term, &target) != TARGET_NAME)
		return NO_MATCH;
	return ask(run, &target, type, result);
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
	struct dns_result found;
	enum match match = ask_target(run, record, term, address_type(run), &found);
	return match == MATCH ? holds_client(run, term, found.answer) : match;
}

/* Exchangers without an address are not void: the term itself was answered. The root as
 * the only one says that there is no mail (RFC 7505). */
static enum match
match_exchanger(
    struct run *run, const struct spf_term *term, const struct dns_record *mx)
{
	struct dns_name name;
	uint16_t preference;
	if (!dns_record_mx(mx, &preference, &name) || dns_name_labels(&name) == 0)
		return NO_MATCH;
	struct dns_result found = dns_get(run->view, &name, address_type(run));
	if (outcome_is_failure(found.outcome))
		return fail_for_question(run, &name, address_type(run), found.outcome);
	if (found.outcome == OUTCOME_WANTED)
		run->pending = true;
	return found.outcome == OUTCOME_FOUND && holds_client(run, term, found.answer);
}

static enum match
match_mx(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_result mx;
	enum match match = ask_target(run, record, term, DNS_MX, &mx);
	if (match != MATCH)
		return match;
	if (mx.answer->record_count > LIMIT_SPF_EXCHANGERS)
		return fail_with(run, PERMERROR, "mx with more than 10 exchangers");
	for (size_t i = 0; i < mx.answer->record_count; i++) {
		match = match_exchanger(run, term, &mx.answer->records[i]);
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
	if (find_target(run, record, term, &target) != TARGET_NAME)
		return NO_MATCH;
	struct spf_validation validation = spf_validated_names(
	    run->view, run->values.client, is_within_target, &target);
	if (validation.stopped)
		return MATCH;
	if (validation.later)
		run->pending = true;
	return outcome_is_empty(validation.outcome) ? count_void(run) : NO_MATCH;
}

static enum match
match_exists(struct run *run, const struct record *record, const struct spf_term *term)
{
	struct dns_result found;
	return ask_target(run, record, term, DNS_A, &found);
}

static enum spf_result check_record(
    struct run *run, const struct dns_name *domain, unsigned depth, bool is_included);

/* The record that include or redirect leads to. What is no name has no record (4.3);
 * what has no value does not match (RFC 8616 4). */
static enum spf_result
check_other(struct run *run, const struct record *record, const struct spf_term *term,
    bool is_included)
{
	struct dns_name target;
	switch (find_target(run, record, term, &target)) {
	case TARGET_NAME:
		return check_record(run, &target, record->depth + 1, is_included);
	case TARGET_NO_NAME:
		return SPF_RESULT_NONE;
	default:
		return SPF_RESULT_NEUTRAL;
	}
}

/* 5.2: what the result of the other record means to this one. */
static enum match
match_include(struct run *run, const struct record *record, const struct spf_term *term)
{
	switch (check_other(run, record, term, true)) {
	case SPF_RESULT_PASS:
		return MATCH;
	case SPF_RESULT_TEMPERROR:
		return TEMPERROR;
	case SPF_RESULT_PERMERROR:
		return PERMERROR;
	case SPF_RESULT_NONE:
		return fail_with(
		    run, PERMERROR, "include of a name without SPF record");
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

/* --- explanations --------------------------------------------------------- */

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
	if (exp == NULL || find_target(run, record, exp, &target) != TARGET_NAME)
		return;
	struct dns_result txt = dns_get(run->view, &target, DNS_TXT);
	if (txt.outcome == OUTCOME_WANTED)
		run->pending = true;
	if (txt.outcome != OUTCOME_FOUND || txt.answer->record_count != 1)
		return;
	struct span text = dns_txt_join(run->arena, &txt.answer->records[0]);

	struct buf expanded;
	buf_init(&expanded, LIMIT_SPF_EXPANSION);
	enum spf_expansion expansion = expand_explanation(run, &expanded, text);
	bool is_good = expansion == SPF_EXPANDED && !expanded.cut &&
	    is_ascii_text(buf_span(&expanded));
	if (expansion == SPF_EXPAND_LATER)
		run->pending = true;
	if (is_good)
		run->verdict->explanation = arena_copy(run->arena, buf_span(&expanded));
	buf_free(&expanded);
}

/* --- records -------------------------------------------------------------- */

/* Reads the one SPF record among a name's TXT records (4.5, 4.6). Of one that is too
 * long for us nobody can say what receivers make of it. */
static enum spf_result
read_record(
    struct run *run, const struct dns_answer *txt, const struct spf_record **parsed)
{
	struct spf_selection selection = spf_record_select(run->arena, txt);
	if (selection.count == 0)
		return SPF_RESULT_NONE;
	if (selection.count > 1) {
		fail_with(run, PERMERROR, "more than one SPF record");
		return SPF_RESULT_PERMERROR;
	}
	*parsed = spf_record_parse(run->arena, selection.text);
	if (!spf_record_hides_terms(*parsed))
		return SPF_RESULT_PASS;
	if ((*parsed)->fault_count == 0) {
		fail_with(run, TEMPERROR, "a record of more terms than are read here");
		return SPF_RESULT_TEMPERROR;
	}
	fail_with(run, PERMERROR, "syntax error in the record");
	return SPF_RESULT_PERMERROR;
}

/* The record at a name. PASS: it is there and without fault. NEUTRAL: not known yet.
 * Otherwise this is the result (4.3 to 4.6). */
static enum spf_result
fetch_record(
    struct run *run, const struct dns_name *domain, const struct spf_record **parsed)
{
	if (dns_name_labels(domain) < 2)
		return SPF_RESULT_NONE;
	struct dns_result txt = dns_get(run->view, domain, DNS_TXT);
	if (txt.outcome == OUTCOME_FOUND)
		return read_record(run, txt.answer, parsed);
	if (outcome_is_empty(txt.outcome))
		return SPF_RESULT_NONE;
	if (txt.outcome == OUTCOME_WANTED) {
		run->pending = true;
		return SPF_RESULT_NEUTRAL;
	}
	fail_for_question(run, domain, DNS_TXT, txt.outcome);
	return SPF_RESULT_TEMPERROR;
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
count_and_match(
    struct run *run, const struct record *record, const struct spf_term *term)
{
	return count_lookup(run) ? matchers[term->kind](run, record, term) : PERMERROR;
}

/* What a term's own record tries stands below it. */
static enum match
try_term(struct run *run, const struct record *record, const struct spf_term *term)
{
	static const char *const results[] = {
		[NO_MATCH] = "no match",
		[MATCH] = "match",
		[TEMPERROR] = "temperror",
		[PERMERROR] = "permerror",
	};
	if (!spf_term_costs_lookup(term)) {
		enum match match = matchers[term->kind](run, record, term);
		if (match == MATCH)
			note_trial(run, term)->result = results[match];
		return match;
	}
	struct spf_trial *trial = note_trial(run, term);
	struct spf_trial **end = run->trials_end;
	run->trials_end = &trial->first;
	enum match match = count_and_match(run, record, term);
	run->trials_end = end;
	trial->result = results[match];
	return match;
}

static void
remember(struct run *run, const struct record *record, const struct spf_term *term)
{
	run->verdict->matched = arena_copy(run->arena, term->text);
	run->verdict->domain = *record->domain;
}

/* The first term to fail is where it went wrong, not the includes that lead there. */
static void
remember_fault(
    struct run *run, const struct record *record, const struct spf_term *term)
{
	if (run->verdict->matched.length == 0)
		remember(run, record, term);
}

/* Of an include only pass or not matters: neither its term nor its explanation counts
 * (5.2, 6.2). */
static enum spf_result
match_term(struct run *run, const struct record *record, const struct spf_term *term,
    bool is_included)
{
	enum spf_result result = result_of_qualifier(term->qualifier);
	if (is_included)
		return result;
	remember(run, record, term);
	if (result == SPF_RESULT_FAIL && !run->pending)
		explain(run, record);
	return result;
}

/* The target's result, and its explanation, are the domain's own (6.1). */
static enum spf_result
follow_redirect(struct run *run, const struct record *record, bool is_included)
{
	const struct spf_term *term = record->parsed->redirect;
	enum spf_result result = SPF_RESULT_PERMERROR;
	struct spf_trial *trial = note_trial(run, term);
	run->trials_end = &trial->first; /* it is the last term of its record */
	if (count_lookup(run))
		result = check_other(run, record, term, is_included);
	if (result == SPF_RESULT_NONE) {
		fail_with(run, PERMERROR, "redirect to a name without SPF record");
		result = SPF_RESULT_PERMERROR;
	}
	if (result == SPF_RESULT_TEMPERROR || result == SPF_RESULT_PERMERROR)
		remember_fault(run, record, term);
	trial->result = spf_result_text(result);
	return result;
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
		if (match == MATCH)
			return match_term(run, record, term, is_included);
		remember_fault(run, record, term);
		return match == TEMPERROR ? SPF_RESULT_TEMPERROR : SPF_RESULT_PERMERROR;
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
	return result == SPF_RESULT_PASS ? check_terms(run, &record, is_included)
					 : result;
}

/* --- the message ---------------------------------------------------------- */

static struct span
without_final_dot(struct span text)
{
	bool has_dot = text.length > 0 && text.bytes[text.length - 1] == '.';
	return span_slice(text, 0, text.length - has_dot);
}

/* Splits at the last "@": local parts may hold others when quoted. */
static void
read_sender(struct spf_values *values, const struct spf_message *message)
{
	static const struct span postmaster = SPAN("postmaster");
	struct span sender = message->sender;
	size_t at = sender.length;
	while (at > 0 && sender.bytes[at - 1] != '@')
		at--;
	struct span domain = span_slice(sender, at, sender.length);
	values->local = at > 1 ? span_slice(sender, 0, at - 1) : postmaster;
	values->sender_domain = without_final_dot(
	    sender.length > 0 ? domain : message->helo);
}

/* 4.3: one label, an empty label or one that is too long is no domain to check, nor is
 * an address in brackets (RFC 5321 4.1.3). */
static bool
is_checkable(struct span text, struct dns_name *domain)
{
	return text.length > 0 && text.bytes[0] != '[' &&
	    dns_name_from_text(domain, text) == STATUS_OK &&
	    dns_name_labels(domain) > 1;
}

/* --- a guess, where there is no record ------------------------------------ */

/* A sender's domain and the part of a reverse name behind its host label, which must
 * not be one that many owners share. */
static bool
is_in_zone_of_client(void *domain, const struct dns_name *name)
{
	struct dns_name zone, owned;
	unsigned labels = dns_name_labels(name);
	if (labels < 3)
		return false; /* the zone would be a top-level domain */
	dns_name_suffix(&zone, name, labels - 1);
	spf_registrable(&owned, name);
	return dns_name_is_within(&zone, &owned) && dns_name_is_within(domain, &zone);
}

/*
 * No standard knows this: what receivers made of domains without a record when few had
 * one. First as if it were "v=spf1 a/24 mx/24 ptr"; then a client counts whose
 * validated reverse name is a host in the sender's zone or above it. It never fails
 * anybody.
 */
static enum spf_result
guess(struct run *run, const struct dns_name *domain)
{
	static const struct span usual = SPAN("v=spf1 a/24 mx/24 ptr");
	struct record record = {
		.domain = domain,
		.depth = 1,
		.parsed = spf_record_parse(run->arena, usual),
	};
	struct dns_name copy = *domain;
	run->verdict->is_guess = true;
	enum spf_result result = check_terms(run, &record, false);
	struct spf_validation validation = spf_validated_names(
	    run->view, run->values.client, is_in_zone_of_client, &copy);
	if (result == SPF_RESULT_PASS || run->pending)
		return result;
	if (validation.stopped) {
		run->verdict
		    ->reason = "the client's reverse name is in the sender's zone";
		return SPF_RESULT_PASS;
	}
	run->pending = validation.later;
	return result == SPF_RESULT_TEMPERROR ? result : SPF_RESULT_NEUTRAL;
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
		.trials_end = &verdict->trials,
		.verdict = verdict,
	};
	*verdict = (struct spf_verdict){ .result = SPF_RESULT_NONE };
	read_sender(&run.values, message);
	if (!is_checkable(run.values.sender_domain, domain)) {
		verdict->reason = "the domain is not one that can have a record";
		return true;
	}
	verdict->domain = *domain;
	verdict->result = check_record(&run, domain, 1, false);
	if (verdict->result == SPF_RESULT_NONE && message->best_guess)
		verdict->result = guess(&run, domain);
	verdict->lookups = run.lookups;
	verdict->voids = run.voids;
	return !run.pending;
}
