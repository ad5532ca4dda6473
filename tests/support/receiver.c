/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The rounds of core/run for one evaluation alone, without clock and fetcher: what is
 * wanted is answered from the zone at once. Test programs are built with assertions.
 */
#include "receiver.h"

#include "dns/question.h"

#include <assert.h>

/* All wants of a round are answered before the next one, so that time stands still. */
enum { NOW_MS = 0, ROUNDS_ONE_AT_A_TIME = LIMIT_FACTS_PER_TARGET };

void
receiver_init(struct receiver *receiver, const struct zone *zone)
{
	*receiver = (struct receiver){ .zone = zone };
	receiver->store = store_new();
	receiver->arena = arena_new();
}

void
receiver_free(struct receiver *receiver)
{
	store_free(receiver->store);
	arena_free(receiver->arena);
}

static void
answer(struct receiver *receiver, struct span key)
{
	struct dns_name name;
	uint16_t type;
	bool is_question = dns_key_read(key, &name, &type);
	assert(is_question && store_find(receiver->store, key, NOW_MS) == NULL);
	struct zone_reply reply = zone_ask(receiver->zone, &name, type);
	store_put(receiver->store, key,
	    reply.answer != NULL ? dns_fact(reply.answer, NOW_MS)
				 : dns_failure(reply.failure, NOW_MS));
	receiver->questions++;
}

static void
answer_wants(struct receiver *receiver, const struct view *view)
{
	size_t first = receiver->one_at_a_time ? view->want_count - 1 : 0;
	for (size_t i = first; i < view->want_count; i++)
		answer(receiver, view->wants[i]);
	receiver->rounds++;
}

/* A verdict is final, also one that needs no more than a part of what was wanted. */
static void
expect_the_same(struct receiver *receiver, const struct spf_verdict *verdict)
{
	if (receiver->has_verdict)
		assert(verdict->result == receiver->result &&
		    verdict->explanation.length == receiver->explained);
	receiver->has_verdict = true;
	receiver->result = verdict->result;
	receiver->explained = verdict->explanation.length;
}

/* True when nothing was missing. */
static bool
evaluate(struct receiver *receiver, const struct spf_message *message,
    struct spf_verdict *verdict)
{
	struct view view;
	arena_reset(receiver->arena);
	view_init(&view, receiver->store, receiver->arena, NOW_MS, OUTCOME_WANTED);
	bool done = spf_check_host(&view, receiver->arena, message, verdict);
	assert(view.incomplete == (view.want_count > 0));
	assert(done || (view.incomplete && !receiver->has_verdict));
	if (done)
		expect_the_same(receiver, verdict);
	if (view.incomplete)
		answer_wants(receiver, &view);
	return !view.incomplete;
}

struct spf_verdict
receiver_check(struct receiver *receiver, const struct spf_message *message)
{
	unsigned most = receiver->one_at_a_time ? ROUNDS_ONE_AT_A_TIME : LIMIT_ROUNDS;
	struct spf_verdict verdict;
	store_free(receiver->store);
	receiver->store = store_new();
	receiver->rounds = receiver->questions = 0;
	receiver->has_verdict = false;
	while (!evaluate(receiver, message, &verdict))
		assert(receiver->rounds < most);
	return verdict;
}

struct spf_verdict
receiver_check_again(struct receiver *receiver, const struct spf_message *message)
{
	struct spf_verdict verdict;
	bool is_complete = evaluate(receiver, message, &verdict);
	assert(is_complete);
	return verdict;
}

bool
receiver_has_asked(const struct receiver *receiver, const char *text, uint16_t type)
{
	struct dns_name name;
	struct dns_key key;
	enum status status = dns_name_from_text(&name, span_text(text));
	assert(status == STATUS_OK);
	dns_key_make(&key, &name, type);
	struct span bytes = span_of(key.bytes, key.length);
	return store_find(receiver->store, bytes, NOW_MS) != NULL;
}
