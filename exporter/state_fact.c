/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * What is read back is held against the rules that answers follow which came over the
 * network: names that are whole, data of the form of their type, and an outcome that
 * follows from the answer.
 */
#include "state_fact.h"

#include "core/limits.h"
#include "dns/message.h"
#include "dns/question.h"

#include <string.h>

enum { MS_PER_SECOND = 1000, AUTHENTIC = 1, OVER_TCP = 2, FLAGS_MAX = 3 };

static void
pack_answer(struct buf *out, const struct dns_answer *answer)
{
	pack_number(out, answer->rcode);
	pack_number(out, answer->ttl_seconds);
	pack_number(out, answer->wire_bytes);
	pack_number(
	    out, (answer->authentic ? AUTHENTIC : 0) | (answer->tcp ? OVER_TCP : 0));
	pack_number(out, answer->alias_count);
	for (size_t i = 0; i < answer->alias_count; i++)
		buf_add(out, dns_name_span(&dns_answer_aliases(answer)[i]));
	pack_number(out, answer->record_count);
	for (size_t i = 0; i < answer->record_count; i++) {
		pack_number(out, answer->records[i].ttl_seconds);
		pack_bytes(out, answer->records[i].data);
	}
}

bool
state_fact_pack(
    struct buf *out, struct span key, const struct fact *fact, int64_t epoch_ms)
{
	struct dns_name name;
	uint16_t type;
	int64_t expires_unix_ms = fact->expires_ms + epoch_ms;
	if (!dns_key_read(key, &name, &type) || expires_unix_ms < 0)
		return false;
	pack_number(out, type);
	buf_add(out, dns_name_span(&name));
	pack_number(out, (uint64_t)expires_unix_ms);
	pack_number(out, fact->outcome);
	pack_number(out, fact->data != NULL);
	if (fact->data != NULL)
		pack_answer(out, fact->data);
	return true;
}

static void
unpack_name(struct unpack *in, struct dns_name *name)
{
	if (!in->is_bad && dns_name_from_wire(name, &in->rest) == STATUS_OK)
		return;
	in->is_bad = true;
	dns_name_root(name);
}

/* Data that are not of the form of their type, or hold pointers, are bad. */
static bool
is_sound(uint16_t type, struct span data)
{
	struct buf whole;
	buf_init(&whole, LIMIT_MESSAGE_BYTES);
	bool is_sound = dns_record_expand(&whole, type, data, data) == STATUS_OK &&
	    span_equal(buf_span(&whole), data);
	buf_free(&whole);
	return is_sound;
}

/* Data stay where they are in the input; the caller copies the answer. */
static void
unpack_records(struct unpack *in, struct dns_answer *answer, struct dns_record *records)
{
	answer->record_count = (uint16_t)unpack_number(in, LIMIT_RECORDS);
	for (size_t i = 0; i < answer->record_count && !in->is_bad; i++) {
		records[i].ttl_seconds = (uint32_t)unpack_number(in, UINT32_MAX);
		records[i].data = unpack_bytes(in, LIMIT_MESSAGE_BYTES);
		if (!is_sound(answer->type, records[i].data))
			in->is_bad = true;
	}
}

/* NULL where it is bad. */
static struct dns_answer *
unpack_answer(struct unpack *in, uint16_t type)
{
	struct dns_record records[LIMIT_RECORDS];
	struct dns_name aliases[LIMIT_CNAME_CHAIN];
	struct dns_answer answer = { .type = type, .records = records };
	answer.rcode = (uint16_t)unpack_number(in, UINT16_MAX);
	answer.ttl_seconds = (uint32_t)unpack_number(in, UINT32_MAX);
	answer.wire_bytes = (uint16_t)unpack_number(in, UINT16_MAX);
	uint64_t flags = unpack_number(in, FLAGS_MAX);
	answer.authentic = (flags & AUTHENTIC) != 0;
	answer.tcp = (flags & OVER_TCP) != 0;
	answer.alias_count = (uint8_t)unpack_number(in, LIMIT_CNAME_CHAIN);
	for (size_t i = 0; i < answer.alias_count; i++)
		unpack_name(in, &aliases[i]);
	unpack_records(in, &answer, records);
	return in->is_bad ? NULL : dns_answer_make(&answer, aliases);
}

static void
drop(struct fact *fact)
{
	if (fact->release != NULL)
		fact->release(fact->data);
}

/* How long a fact may still be good. */
static int64_t
clamp_expiry(int64_t expires_ms, const struct fact *fresh)
{
	return expires_ms < fresh->expires_ms ? expires_ms : fresh->expires_ms;
}

void
state_fact_unpack(
    struct unpack *in, struct store *store, int64_t epoch_ms, int64_t now_ms)
{
	struct dns_name name;
	uint16_t type = (uint16_t)unpack_number(in, UINT16_MAX);
	unpack_name(in, &name);
	int64_t expires_ms = (int64_t)unpack_number(in, INT64_MAX) - epoch_ms;
	enum outcome outcome = (enum outcome)unpack_number(in, OUTCOME_COUNT - 1);
	struct fact fact = { .outcome = outcome };
	if (unpack_number(in, 1) != 0) {
		struct dns_answer *answer = unpack_answer(in, type);
		if (answer != NULL)
			fact = dns_fact(answer, now_ms);
	} else if (outcome_is_failure(outcome)) {
		fact = dns_failure(outcome, now_ms);
	} else {
		in->is_bad = true;
	}
	fact.expires_ms = clamp_expiry(expires_ms, &fact);
	if (in->is_bad || fact.outcome != outcome || fact.expires_ms < now_ms) {
		in->is_bad = in->is_bad || fact.outcome != outcome;
		drop(&fact);
		return;
	}
	struct dns_key key;
	dns_key_make(&key, &name, type);
	store_put(store, span_of(key.bytes, key.length), fact);
}
