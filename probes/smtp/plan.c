/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The plan. Each step is one connection, or none when its answer follows from earlier
 * ones:
 *
 *	1. a whole handshake: certificates, the best version, EHLO over TLS
 *	2. a TLS 1.3 hello: post-quantum groups; TLS 1.3 itself where 1. did not tell
 *	3. a TLS 1.2 hello with everything: most of the facts, Heartbleed
 *	4. the same with TLS_FALLBACK_SCSV, where there is a TLS 1.3 to fall back from
 *	5. hellos of lower versions, until protocol_version says that there is none
 *	6. an SSLv2 hello, where the server looks old enough
 *	7. weak suites, as far as none was taken in 5., and those of the other type of
 *	   certificate, again without what was taken, while something is taken
 *	8. a handshake for the other type of certificate, where TLS 1.3 is all there is
 *	9. a command behind STARTTLS, when asked for
 *
 * Where the address is known by another name (lending.h), 1. is all, unless it comes
 * out otherwise, and 8. where two types are known.
 *
 * Of hellos no handshake follows. A fact becomes "no" by an answer only: an alert, or
 * that the server closed, which some do instead. Silence is no answer.
 */
#include "plan_parts.h"

#include "certificate.h"
#include "core/buf.h"
#include "core/deadline.h"

#include <string.h>

/* --- what follows --------------------------------------------------------- */

static enum smtp_protocol
protocol_of(uint16_t version)
{
	if (version < TLS_SSL3)
		return SMTP_SSLV2;
	unsigned above = version - TLS_SSL3;
	return above > SMTP_TLSV13 - SMTP_SSLV3
	    ? SMTP_TLSV13
	    : (enum smtp_protocol)(SMTP_SSLV3 + above);
}

static uint16_t
version_of(enum smtp_protocol protocol)
{
	return (uint16_t)(TLS_SSL3 + (protocol - SMTP_SSLV3));
}

static bool
speaks(const struct plan *plan, enum smtp_protocol protocol)
{
	return plan->scan->tls.protocols[protocol] == TRUTH_YES;
}

/* Nothing that is known gets less certain. */
static void
learn(enum truth *truth, enum truth news)
{
	if (*truth == TRUTH_UNKNOWN || news == TRUTH_YES)
		*truth = news;
}

static void
learn_protocol(struct plan *plan, enum smtp_protocol protocol, enum truth truth)
{
	learn(&plan->scan->tls.protocols[protocol], truth);
}

/* A server that was offered everything up to `asked` chooses the highest it has. */
static void
learn_choice(struct plan *plan, uint16_t chosen, enum smtp_protocol asked)
{
	enum smtp_protocol protocol = protocol_of(chosen);
	learn_protocol(plan, protocol, TRUTH_YES);
	for (enum smtp_protocol p = asked; p > protocol && p > SMTP_SSLV2; p--)
		learn_protocol(plan, p, TRUTH_NO);
}

static void
learn_weakness(struct plan *plan, const struct suite *suite)
{
	for (size_t i = 0; suite != NULL && i < SMTP_WEAKS; i++)
		if (suite->weak & (1u << i))
			plan->scan->tls.weak[i] = TRUTH_YES;
}

static unsigned
weak_classes_open(const struct plan *plan)
{
	unsigned open = 0;
	for (size_t i = 0; i < SMTP_WEAKS; i++)
		if (plan->scan->tls.weak[i] == TRUTH_UNKNOWN)
			open |= 1u << i;
	return open;
}

/* Suites for the type of certificate that has not been seen; HELLO_SUITES_WEAK: none.
 */
static enum hello_suites
other_suites(const struct plan *plan)
{
	const struct smtp_scan *scan = plan->scan;
	if (scan->chains[0].count == 0 || scan->single_type != TRUTH_UNKNOWN)
		return HELLO_SUITES_WEAK;
	switch (scan->chains[0].list[0]->key_type) {
	case SMTP_KEY_RSA:
		return HELLO_SUITES_ECDSA;
	case SMTP_KEY_EC:
	case SMTP_KEY_ED25519:
	case SMTP_KEY_ED448:
		return HELLO_SUITES_RSA;
	default:
		return HELLO_SUITES_WEAK;
	}
}

/* --- 1: the handshake ----------------------------------------------------- */

/* With implicit TLS this is where SMTP begins. */
static bool
is_greeted(struct plan *plan)
{
	struct dialogue *dialogue = &plan->dialogue;
	plan->connection.deadline_ms = plan->deadline_ms;
	bool greeted = dialogue_greeting(dialogue);
	plan->scan->greeting = dialogue->reply.said;
	if (!greeted)
		plan_stop(plan);
	return greeted;
}

/* SMTP begins anew over TLS (RFC 3207 4.2). A server that is lost here can still be
 * asked for the rest, unless it wants us to stop. */
static void
converse_over_tls(struct plan *plan)
{
	struct dialogue *dialogue = &plan->dialogue;
	enum truth *answered = &plan->scan->handshake.ehlo_after;
	dialogue_begin(dialogue, &plan->connection);
	if (plan->endpoint->implicit_tls && !is_greeted(plan))
		return;
	plan->connection.deadline_ms = deadline_earlier(
	    plan->deadline_ms, plan_now() + plan->settings->hello_ms);
	bool went_well = plan_ehlo(plan);
	enum smtp_end end = plan->connection.end;
	dialogue->stage = SMTP_STAGE_EHLO_TLS;
	if (went_well || end == SMTP_END_REFUSED)
		*answered = truth_of(went_well);
	if (end == SMTP_END_RATE_LIMITED || end == SMTP_END_ABANDONED ||
	    plan_now() >= plan->deadline_ms)
		plan_stop(plan);
	dialogue_quit(dialogue);
}

static void
learn_handshake(struct plan *plan)
{
	struct smtp_scan *scan = plan->scan;
	const struct smtp_handshake *handshake = &scan->handshake;
	plan->heard_tls = true;
	/* OpenSSL offers all up to TLS 1.3, and checks the sentinel of a server that
	 * should have chosen that. */
	learn_choice(plan, handshake->version, SMTP_TLSV13);
	handshake_read_chain(plan->settings->handshakes, &plan->connection,
	    &plan->endpoint->name, &scan->chains[0]);
}

/* A server that closed every time and never sent a byte of TLS refused nothing: it may
 * be overloaded, or not let us in. */
static void
doubt_closing(struct plan *plan)
{
	struct smtp_scan *scan = plan->scan;
	if (plan->stopped || plan->heard_tls)
		return;
	memset(&scan->tls, 0, sizeof(scan->tls));
	scan->handshake.done = TRUTH_UNKNOWN;
	scan->end = SMTP_END_CLOSED;
	scan->stage = SMTP_STAGE_HELLO;
}

static void
shake_hands(struct plan *plan)
{
	const struct handshake_how how = { .name = &plan->endpoint->name };
	struct smtp_scan *scan = plan->scan;
	if (!plan_open(plan))
		return;
	plan->dialogue.stage = SMTP_STAGE_HANDSHAKE;
	if (handshake_run(plan->settings->handshakes, &plan->connection, &how,
		&scan->handshake)) {
		learn_handshake(plan);
		converse_over_tls(plan);
	} else if (scan->handshake.done == TRUTH_UNKNOWN) {
		plan_note_silence(plan);
	} else if (plan->endpoint->quick && !handshake_is_answered(&plan->connection)) {
		doubt_closing(plan); /* no hello follows that would be answered */
	}
	plan_close(plan);
}

/* --- 2: TLS 1.3 ----------------------------------------------------------- */

static void
learn_tls13(struct plan *plan, enum answer answer, bool only_post_quantum)
{
	struct smtp_tls *tls = &plan->scan->tls;
	const struct flight_facts *facts = flight_facts(plan->flight);
	if (answer == ANSWER_HELLO && facts->version == TLS_1_3) {
		learn_protocol(plan, SMTP_TLSV13, TRUTH_YES);
		bool is_post_quantum = tls_group_is_post_quantum(facts->group);
		/* Of all groups a server may prefer the one that has a share. */
		if (is_post_quantum || only_post_quantum)
			learn(&tls->post_quantum, truth_of(is_post_quantum));
		if (is_post_quantum)
			tls->post_quantum_group = tls_group_name(facts->group);
		tls->version = TLS_1_3;
		tls->suite = facts->suite;
		tls->group = facts->group;
		return;
	}
	if (answer == ANSWER_HELLO) /* it was not asked for that */
		learn_choice(plan, facts->version, SMTP_TLSV13);
	if (answer == ANSWER_ALERT || (answer == ANSWER_CLOSED && !only_post_quantum)) {
		learn(&tls->post_quantum, TRUTH_NO);
		if (!only_post_quantum)
			learn_protocol(plan, SMTP_TLSV13, TRUTH_NO);
	}
}

/* Where TLS 1.3 is known, nothing but post-quantum groups is offered: the answer proves
 * either. A server asks for its group by HelloRetryRequest, so no share has to be sent.
 */
static void
try_tls13(struct plan *plan)
{
	struct hello hello;
	struct hello_random random;
	enum answer answer;
	bool only_post_quantum = speaks(plan, SMTP_TLSV13);
	if (plan->scan->tls.protocols[SMTP_TLSV13] == TRUTH_NO) {
		learn(&plan->scan->tls.post_quantum, TRUTH_NO);
		return;
	}
	plan_init_hello(plan, &hello, &random, TLS_1_3);
	if (only_post_quantum)
		hello.groups = HELLO_GROUPS_POST_QUANTUM;
	if (!plan_ask(plan, &hello, true, &answer))
		return;
	learn_tls13(plan, answer, only_post_quantum);
	plan_close(plan);
}

/* --- 3: TLS 1.2 with everything ------------------------------------------- */

static void
learn_extensions(struct plan *plan, const struct flight_facts *facts)
{
	struct smtp_tls *tls = &plan->scan->tls;
	enum { DEFLATE = 1 };
	tls->secure_renegotiation = truth_of(facts->renegotiation_info);
	tls->compression = truth_of(facts->compression == DEFLATE);
	tls->heartbeat = truth_of(facts->heartbeat);
	if (!facts->heartbeat)
		tls->heartbleed = TRUTH_NO;
	tls->extended_master_secret = truth_of(facts->extended_master_secret);

	/* Some middleboxes don't let TLS 1.3 hellos through; this tells all the same.
	 */
	bool has_sentinel = facts->sentinel == FLIGHT_SENTINEL_TLS_1_2;
	if (has_sentinel || speaks(plan, SMTP_TLSV13))
		tls->downgrade_sentinel = truth_of(has_sentinel);
	if (has_sentinel)
		learn_protocol(plan, SMTP_TLSV13, TRUTH_YES);
}

static void
learn_suite(struct plan *plan, const struct flight_facts *facts)
{
	struct smtp_tls *tls = &plan->scan->tls;
	const struct suite *suite = suite_find(facts->suite);
	tls->version = facts->version;
	tls->suite = facts->suite;
	tls->group = facts->group;
	tls->dh_bits = facts->key_exchange == FLIGHT_KEY_DH ? facts->key_bits : 0;
	if (suite != NULL)
		tls->forward_secrecy = truth_of(suite_has_forward_secrecy(suite));
	learn_weakness(plan, suite);
}

/* The chain came in clear: the only one where the handshake failed, another one where
 * the server likes another type of key for us than for OpenSSL. */
static void
learn_chain(struct plan *plan, const struct flight_facts *facts)
{
	struct smtp_scan *scan = plan->scan;
	struct smtp_chain chain = { .count = 0 };
	certificate_read_chain(&chain, facts->certificates, facts->certificate_count,
	    handshakes_trust(plan->settings->handshakes), &plan->endpoint->name);
	if (chain.count == 0)
		return;
	struct smtp_chain *first = &scan->chains[0], *other = &scan->chains[1];
	if (first->count == 0)
		*first = chain;
	else if (other->count == 0 &&
	    chain.list[0]->key_type != first->list[0]->key_type)
		*other = chain;
	else
		smtp_chain_clear(&chain);
}

/* The smallest request that shows it, on the same connection, only where the extension
 * was echoed. What comes back is counted, not kept. */
static void
try_heartbleed(struct plan *plan)
{
	const struct flight_facts *facts = flight_facts(plan->flight);
	char memory[64];
	struct buf out;
	if (!facts->heartbeat || !facts->server_hello_done)
		return;
	buf_wrap(&out, memory, sizeof(memory));
	hello_write_heartbeat(&out, facts->version);
	flight_await_heartbeat(plan->flight);
	plan->connection.deadline_ms = deadline_earlier(
	    plan->deadline_ms, plan_now() + LIMIT_SMTP_HEARTBEAT_MS);
	if (!connection_write(&plan->connection, buf_span(&out)))
		return;
	enum flight_status status = plan_read_flight(plan, false);
	/* A sound server drops the request without a word, or ends the connection. */
	bool is_sound = status != FLIGHT_MALFORMED &&
	    (plan->connection.end == SMTP_END_CLOSED || plan_now() < plan->deadline_ms);
	if (facts->heartbeat_response)
		plan->scan->tls.heartbleed = TRUTH_YES;
	else if (is_sound)
		plan->scan->tls.heartbleed = TRUTH_NO;
}

static void
learn_flight(struct plan *plan, enum smtp_protocol asked)
{
	const struct flight_facts *facts = flight_facts(plan->flight);
	learn_choice(plan, facts->version, asked);
	learn_extensions(plan, facts);
	learn_suite(plan, facts);
	learn_chain(plan, facts);
	try_heartbleed(plan);
}

/* RFC 8446 6.2: protocol_version is about the version and nothing else. So it says that
 * there is none up to the one that was offered; all other alerts say "not this one". */
static bool
closes_all_below(const struct plan *plan, enum answer answer)
{
	return answer == ANSWER_ALERT &&
	    flight_facts(plan->flight)->alert_description == TLS_ALERT_PROTOCOL_VERSION;
}

static void
learn_refusal(struct plan *plan, enum answer answer, enum smtp_protocol asked)
{
	if (answer != ANSWER_ALERT && answer != ANSWER_CLOSED)
		return;
	learn_protocol(plan, asked, TRUTH_NO);
	if (!closes_all_below(plan, answer))
		return;
	for (enum smtp_protocol p = SMTP_SSLV3; p < asked; p++)
		learn_protocol(plan, p, TRUTH_NO);
}

/* A hello with the suites of a wide client, or with the weak ones only. */
static enum answer
try_version(struct plan *plan, enum smtp_protocol asked, enum hello_suites suites)
{
	struct hello hello;
	struct hello_random random;
	enum answer answer;
	plan_init_hello(plan, &hello, &random, version_of(asked));
	hello.suites = suites;
	hello.weak = suites == HELLO_SUITES_WEAK ? SUITE_WEAK_ALL : 0;
	hello.first = other_suites(plan); /* perhaps it comes by itself */
	if (!plan_ask(plan, &hello, false, &answer))
		return ANSWER_SILENCE;
	if (answer == ANSWER_HELLO)
		learn_flight(plan, asked);
	bool may_be_weak = answer == ANSWER_ALERT && suites == HELLO_SUITES_ALL &&
	    flight_facts(plan->flight)->alert_description ==
		TLS_ALERT_HANDSHAKE_FAILURE;
	if (!may_be_weak)
		learn_refusal(plan, answer, asked);
	plan_close(plan);
	return may_be_weak ? try_version(plan, asked, HELLO_SUITES_WEAK) : answer;
}

/* --- 4 and 5: fallback and lower versions --------------------------------- */

static bool
is_asked_for(const struct plan *plan, enum smtp_protocol protocol)
{
	return plan->scan->tls.protocols[protocol] == TRUTH_UNKNOWN;
}

/* What TLS_FALLBACK_SCSV came to, in a hello below the best version (RFC 7507 3). True:
 * the version itself is still open. */
static bool
learn_fallback(struct plan *plan, enum answer answer)
{
	struct smtp_tls *tls = &plan->scan->tls;
	if (answer == ANSWER_HELLO)
		tls->fallback_scsv = TRUTH_NO;
	bool is_refused = answer == ANSWER_ALERT &&
	    flight_facts(plan->flight)->alert_description ==
		TLS_ALERT_INAPPROPRIATE_FALLBACK;
	if (is_refused)
		tls->fallback_scsv = TRUTH_YES;
	return is_refused;
}

static void
learn_walk(struct plan *plan, enum smtp_protocol asked)
{
	const struct flight_facts *facts = flight_facts(plan->flight);
	learn_choice(plan, facts->version, asked);
	learn_weakness(plan, suite_find(facts->suite));
}

/* Asks for a version, perhaps with the SCSV; true when the walk may go on below. Of a
 * version that is known to be spoken only the SCSV is refused, with whatever alert. */
static bool
walk_to(struct plan *plan, enum smtp_protocol asked, bool fallback)
{
	struct hello hello;
	struct hello_random random;
	enum answer answer;
	bool was_open = is_asked_for(plan, asked);
	plan_init_hello(plan, &hello, &random, version_of(asked));
	hello.fallback_scsv = fallback;
	/* Whatever is chosen, it is spoken; a weak suite spares asking for it later. */
	hello.weak = weak_classes_open(plan);
	hello.weak_first = true;
	if (!plan_ask(plan, &hello, true, &answer))
		return false;
	bool again = fallback && learn_fallback(plan, answer) && was_open;
	bool is_last = was_open && closes_all_below(plan, answer);
	if (answer == ANSWER_HELLO)
		learn_walk(plan, asked);
	else if (was_open && !again)
		learn_refusal(plan, answer, asked);
	plan_close(plan);
	return again ? walk_to(plan, asked, false) : !is_last;
}

/* There is a version above that the server would have taken. */
static bool
is_fallback(const struct plan *plan, enum smtp_protocol protocol)
{
	for (enum smtp_protocol p = protocol + 1; p < SMTP_PROTOCOLS; p++)
		if (speaks(plan, p))
			return true;
	return false;
}

static void
walk_down(struct plan *plan)
{
	const struct smtp_tls *tls = &plan->scan->tls;
	bool goes_on = true;
	if (speaks(plan, SMTP_TLSV13) && speaks(plan, SMTP_TLSV12))
		goes_on = walk_to(plan, SMTP_TLSV12, true);
	for (enum smtp_protocol p = SMTP_TLSV11; p >= SMTP_SSLV3 && goes_on; p--)
		if (is_asked_for(plan, p))
			goes_on = walk_to(plan, p,
			    tls->fallback_scsv == TRUTH_UNKNOWN &&
				!speaks(plan, SMTP_TLSV13) && is_fallback(plan, p));
}

/* --- 6: SSLv2 ------------------------------------------------------------- */

/* RFC 6176 is of 2011; who has TLS 1.3 or the extension of RFC 7627, and no SSLv3, runs
 * something that was written later and has dropped it. */
static bool
looks_old(const struct plan *plan)
{
	const struct smtp_tls *tls = &plan->scan->tls;
	return speaks(plan, SMTP_SSLV3) ||
	    (!speaks(plan, SMTP_TLSV13) && tls->extended_master_secret != TRUTH_YES);
}

static void
try_sslv2(struct plan *plan)
{
	struct hello hello;
	struct hello_random random;
	enum answer answer;
	if (plan->stopped)
		return;
	if (!looks_old(plan)) {
		learn_protocol(plan, SMTP_SSLV2, TRUTH_NO);
		return;
	}
	plan_init_hello(plan, &hello, &random, TLS_SSL2);
	if (!plan_ask(plan, &hello, true, &answer))
		return;
	const struct flight_facts *facts = flight_facts(plan->flight);
	if (answer == ANSWER_HELLO && facts->version == TLS_SSL2) {
		learn_protocol(plan, SMTP_SSLV2, TRUTH_YES);
		plan->scan->tls.sslv2_suites = facts->ssl2_ciphers;
	}
	if (answer == ANSWER_ALERT || answer == ANSWER_CLOSED)
		learn_protocol(plan, SMTP_SSLV2, TRUTH_NO);
	plan_close(plan);
}

/* --- 7: weak suites ------------------------------------------------------- */

static void
close_weak_classes(struct plan *plan)
{
	for (size_t i = 0; i < SMTP_WEAKS; i++)
		learn(&plan->scan->tls.weak[i], TRUTH_NO);
}

/* The best version below TLS 1.3, which has no weak suites. */
static enum smtp_protocol
best_old_protocol(const struct plan *plan)
{
	enum smtp_protocol best = SMTP_TLSV12;
	while (best > SMTP_SSLV2 && !speaks(plan, best))
		best--;
	return best;
}

/* What a server chose of weak suites and those for the other type of certificate. True:
 * something that was open is not any more. */
static bool
learn_rest(struct plan *plan, enum answer answer, enum hello_suites other)
{
	struct smtp_scan *scan = plan->scan;
	unsigned open = weak_classes_open(plan);
	if (answer == ANSWER_ALERT) {
		close_weak_classes(plan);
		if (other != HELLO_SUITES_WEAK)
			scan->single_type = TRUTH_YES;
		return false;
	}
	if (answer != ANSWER_HELLO)
		return false;
	const struct flight_facts *facts = flight_facts(plan->flight);
	const struct suite *suite = suite_find(facts->suite);
	learn_weakness(plan, suite);
	if (suite == NULL || suite->weak != 0)
		return weak_classes_open(plan) != open;
	if (other == HELLO_SUITES_WEAK)
		return false; /* it chooses what was not offered, and would again */

	/* Of both there was only the other type left. */
	learn_chain(plan, facts);
	scan->single_type = truth_of(scan->chains[1].count == 0);
	return true;
}

/* One hello with what is open; true while there may be more. Both go together, since
 * the usual answer is that the server takes none of it. */
static bool
try_rest(struct plan *plan, enum smtp_protocol protocol)
{
	struct hello hello;
	struct hello_random random;
	enum answer answer;
	enum hello_suites other = other_suites(plan);
	unsigned open = weak_classes_open(plan);
	if (open == 0 && other == HELLO_SUITES_WEAK)
		return false;
	plan_init_hello(plan, &hello, &random, version_of(protocol));
	hello.suites = other;
	hello.weak = open;
	if (!plan_ask(plan, &hello, other == HELLO_SUITES_WEAK, &answer))
		return false;
	bool goes_on = learn_rest(plan, answer, other);
	plan_close(plan);
	return goes_on;
}

static void
try_weak_classes(struct plan *plan)
{
	enum smtp_protocol protocol = best_old_protocol(plan);
	if (plan->stopped)
		return;
	if (plan->scan->chains[1].count > 0)
		plan->scan->single_type = TRUTH_NO; /* both have been met by chance */
	if (protocol >= SMTP_SSLV3)
		while (try_rest(plan, protocol))
			continue;
	else if (speaks(plan, SMTP_TLSV13) &&
	    plan->scan->tls.protocols[SMTP_TLSV12] == TRUTH_NO)
		close_weak_classes(plan);
}

/* --- 8: the other type of certificate, encrypted -------------------------- */

static void
try_other_key(struct plan *plan)
{
	struct smtp_scan *scan = plan->scan;
	struct smtp_handshake ignored = { .done = TRUTH_UNKNOWN };
	enum hello_suites other = other_suites(plan);
	const struct handshake_how how = { .name = &plan->endpoint->name,
		.key = other == HELLO_SUITES_RSA ? HANDSHAKE_KEY_RSA
						 : HANDSHAKE_KEY_ECDSA };
	if (other == HELLO_SUITES_WEAK || scan->handshake.done != TRUTH_YES ||
	    !plan_open(plan))
		return;
	if (handshake_run(
		plan->settings->handshakes, &plan->connection, &how, &ignored)) {
		handshake_read_chain(plan->settings->handshakes, &plan->connection,
		    &plan->endpoint->name, &scan->chains[1]);
		dialogue_begin(&plan->dialogue, &plan->connection);
		plan->dialogue.stage = SMTP_STAGE_EHLO_TLS;
		dialogue_quit(&plan->dialogue);
	}
	if (ignored.done != TRUTH_UNKNOWN)
		scan->single_type = truth_of(scan->chains[1].count == 0);
	plan_close(plan);
}

/* --- 9: the injection ----------------------------------------------------- */

/* The server did not go on to TLS with a command behind STARTTLS. To refuse or to close
 * is sound; to answer both, or to say 421 or 454, tells nothing. Nor is it the end of
 * what was learnt before: nothing else is to be asked. */
static void
learn_pipelining(struct plan *plan)
{
	struct smtp_scan *scan = plan->scan;
	bool is_sound = scan->end == SMTP_END_STARTTLS_REFUSED ||
	    scan->end == SMTP_END_CLOSED;
	bool is_open = scan->end == SMTP_END_PROTOCOL_ERROR ||
	    scan->end == SMTP_END_RATE_LIMITED;
	if (scan->stage != SMTP_STAGE_STARTTLS || !(is_sound || is_open))
		return;
	if (is_sound)
		scan->injection = TRUTH_NO;
	scan->end = SMTP_END_DONE;
	memset(&scan->reply, 0, sizeof(scan->reply));
	scan->error[0] = '\0';
}

/* A command is answered by 250, or by 5xx where it is not known. What else a server may
 * say here, a greeting or a farewell, is said to nobody. */
static void
learn_injection(struct plan *plan)
{
	enum truth *injection = &plan->scan->injection;
	bool answered = dialogue_reply(&plan->dialogue);
	unsigned code = plan->dialogue.reply.said.code;
	enum smtp_end end = plan->connection.end;
	bool was_silent = end == SMTP_END_TIMEOUT && plan_now() < plan->deadline_ms;
	if (answered && (code == 250 || code / 100 == 5))
		*injection = TRUTH_YES;
	else if (!answered && (was_silent || end == SMTP_END_CLOSED))
		*injection = TRUTH_NO;
}

/* A server that keeps what came behind STARTTLS answers it after the handshake. */
static void
try_injection(struct plan *plan)
{
	struct smtp_scan *scan = plan->scan;
	const struct handshake_how how = { .name = &plan->endpoint->name };
	struct smtp_handshake ignored = { .done = TRUTH_UNKNOWN };
	if (!plan->endpoint->injection || plan->endpoint->implicit_tls ||
	    plan->stopped || scan->handshake.done != TRUTH_YES)
		return;
	if (!plan_open_with(plan, "NOOP\r\n")) {
		learn_pipelining(plan);
		return;
	}
	if (handshake_run(
		plan->settings->handshakes, &plan->connection, &how, &ignored)) {
		dialogue_begin(&plan->dialogue, &plan->connection);
		plan->connection.deadline_ms = deadline_earlier(
		    plan->deadline_ms, plan_now() + LIMIT_SMTP_INJECTION_MS);
		learn_injection(plan);
	}
	plan_close(plan);
}

/* --- all of it ------------------------------------------------------------ */

static bool
speaks_any(const struct plan *plan)
{
	for (enum smtp_protocol p = SMTP_SSLV2; p < SMTP_PROTOCOLS; p++)
		if (speaks(plan, p))
			return true;
	return false;
}

static void
settle_choice(struct smtp_tls *tls, const struct smtp_handshake *handshake)
{
	if (tls->version == 0 && handshake->done == TRUTH_YES) {
		tls->version = handshake->version;
		tls->suite = handshake->suite;
	}
	tls_name_choice(tls);
	if (tls->version == TLS_1_3)
		tls->forward_secrecy = TRUTH_YES; /* it has no other suites */
}

/* What belongs to the address is known; the certificates belong to the name. */
static void
borrow(struct plan *plan, const struct lent *lent)
{
	lent_take(lent, plan->scan);
	if (lent->two_keys)
		try_other_key(plan);
}

static void
run_steps(struct plan *plan)
{
	const struct lent *lent = plan->settings->lent;
	shake_hands(plan);
	if (plan->endpoint->quick || plan->stopped)
		return;
	if (lent != NULL && lent_fits(lent, &plan->scan->handshake)) {
		borrow(plan, lent);
		return;
	}
	try_tls13(plan);
	try_version(plan, SMTP_TLSV12, HELLO_SUITES_ALL);
	walk_down(plan);
	try_sslv2(plan);
	if (speaks_any(plan)) {
		try_weak_classes(plan);
		if (best_old_protocol(plan) < SMTP_SSLV3)
			try_other_key(plan);
		try_injection(plan);
	}
	doubt_closing(plan);
}

void
plan_run(const struct plan_settings *settings, const struct smtp_endpoint *endpoint,
    int64_t deadline_ms, struct smtp_scan *scan)
{
	struct plan plan = {
		.settings = settings,
		.endpoint = endpoint,
		.scan = scan,
		.deadline_ms = deadline_ms,
	};
	int64_t started_ms = plan_now();
	struct buf name;
	buf_wrap(&name, plan.server_name, sizeof(plan.server_name));
	if (dns_name_labels(&endpoint->name) > 0)
		dns_name_add(&name, &endpoint->name);
	plan.sni = buf_span(&name);
	run_steps(&plan);
	settle_choice(&scan->tls, &scan->handshake);
	if (scan->end == SMTP_END_DONE)
		scan->stage = plan.dialogue.stage;
	scan->seconds = (double)(plan_now() - started_ms) / 1000;
}
