/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The evaluator of messages: whatever the world is, there is a verdict within the
 * limits, and the same one again. The input is the client, sender and HELO on a line
 * each, then a zone, of which bad lines are left out; example.com is where the sender
 * mostly comes from. What evaluations must not do is asserted in
 * tests/support/receiver.
 */
#include "support/receiver.h"

#include <assert.h>

/* Questions up to which they are also answered one by one: each takes an evaluation,
 * and worlds of a few show what the order of answers can. */
enum { ONE_BY_ONE_MAX = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct span
take_line(struct span *rest)
{
	struct span line;
	span_take_until_or_end(rest, '\n', &line);
	span_take_byte(rest, '\n');
	return line;
}

static void
add_lines(struct zone *zone, struct span lines)
{
	char memory[512];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	for (unsigned i = 0; lines.length > 0 && i < 200; i++)
		if (zone_add_line(zone, take_line(&lines), &why) != STATUS_OK)
			buf_clear(&why);
}

static void
check(struct receiver *receiver, const struct spf_message *message)
{
	struct spf_verdict verdict = receiver_check(receiver, message);
	assert(verdict.lookups <= LIMIT_SPF_LOOKUPS);
	assert(verdict.voids <= LIMIT_SPF_VOID_LOOKUPS);
	assert(receiver->questions <= LIMIT_FACTS_PER_TARGET);
	assert(verdict.explanation.length == 0 || verdict.result == SPF_RESULT_FAIL);
	enum spf_result result = verdict.result;
	unsigned lookups = verdict.lookups;
	size_t explained = verdict.explanation.length;

	verdict = receiver_check_again(receiver, message);
	assert(verdict.result == result && verdict.lookups == lookups);
	if (receiver->questions > ONE_BY_ONE_MAX)
		return;
	receiver->one_at_a_time = true;
	verdict = receiver_check(receiver, message);
	assert(verdict.result == result && verdict.lookups == lookups);
	assert(verdict.explanation.length == explained);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span rest = span_of(bytes, length);
	struct spf_message message = { .now_seconds = 0 };
	if (!spf_client_parse(&message.client, take_line(&rest)))
		return 0;
	message.sender = take_line(&rest);
	message.helo = take_line(&rest);
	struct zone *zone = zone_new();
	struct receiver receiver;
	add_lines(zone, rest);
	receiver_init(&receiver, zone);
	check(&receiver, &message);
	receiver_free(&receiver);
	zone_free(zone);
	return 0;
}
