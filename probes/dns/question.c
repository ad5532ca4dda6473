/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Where DNS and the store meet: what a question's key is, what an answer is worth as a
 * fact, and for how long. The name in a key is in lower case, since DNS does not tell
 * "Example.com" from "example.com" (RFC 4343) and neither should the store.
 */
#include "dns/question.h"

#include "core/limits.h"

#include <assert.h>

enum {
	MS_PER_SECOND = 1000,
	TXT_STRING_MAX = 255, /* RFC 1035 3.3 */
	/* Of an answer with one TXT record, besides its name and data: header, type and
	 * class, the record's head with a pointer for its name, and EDNS. */
	ANSWER_BYTES = 12 + 4 + 12 + 11
};

void
dns_key_make(struct dns_key *key, const struct dns_name *name, uint16_t type)
{
	key->bytes[0] = FACT_DNS;
	key->bytes[1] = (uint8_t)(type >> 8);
	key->bytes[2] = (uint8_t)type;
	for (size_t i = 0; i < name->length; i++)
		key->bytes[3 + i] = byte_lower(name->wire[i]);
	key->length = 3u + name->length;
}

bool
dns_key_read(struct span key, struct dns_name *name, uint16_t *type)
{
	return span_take_byte(&key, FACT_DNS) && span_take_u16(&key, type) &&
	    dns_name_from_wire(name, &key) == STATUS_OK && key.length == 0;
}

static struct dns_result
get(struct view *view, const struct dns_name *name, uint16_t type,
    const struct fact *(*look)(struct view *, struct span))
{
	struct dns_key key;
	dns_key_make(&key, name, type);
	const struct fact *fact = look(view, span_of(key.bytes, key.length));
	return (struct dns_result){ .outcome = fact->outcome, .answer = fact->data };
}

struct dns_result
dns_get(struct view *view, const struct dns_name *name, uint16_t type)
{
	return get(view, name, type, view_get);
}

struct dns_result
dns_get_optional(struct view *view, const struct dns_name *name, uint16_t type)
{
	return get(view, name, type, view_get_optional);
}

/* Failures have no TTL; RFC 2308 7 allows keeping them for up to five minutes. */
static uint32_t
seconds_good(const struct dns_answer *answer, enum outcome outcome)
{
	if (outcome_is_failure(outcome))
		return LIMIT_TTL_FAILURE_SECONDS;
	uint32_t max = outcome == OUTCOME_FOUND ? LIMIT_TTL_MAX_SECONDS
						: LIMIT_TTL_NEGATIVE_MAX_SECONDS;
	if (answer->ttl_seconds > max)
		return max;
	if (answer->ttl_seconds <= LIMIT_TTL_MIN_SECONDS)
		return LIMIT_TTL_MIN_SECONDS;
	return answer->ttl_seconds;
}

static void
release_answer(void *data)
{
	dns_answer_free(data);
}

struct fact
dns_fact(struct dns_answer *answer, int64_t now_ms)
{
	enum outcome outcome = dns_answer_outcome(answer);
	int64_t seconds = seconds_good(answer, outcome);
	return (struct fact){
		.outcome = outcome,
		.expires_ms = now_ms + seconds * MS_PER_SECOND,
		.data = answer,
		.release = release_answer,
	};
}

struct fact
dns_failure(enum outcome outcome, int64_t now_ms)
{
	assert(outcome_is_failure(outcome));
	return (struct fact){
		.outcome = outcome,
		.expires_ms = now_ms +
		    (int64_t)LIMIT_TTL_FAILURE_SECONDS * MS_PER_SECOND,
	};
}

void
dns_give_txt(
    struct store *store, const struct dns_name *name, struct span text, int64_t now_ms)
{
	struct buf data;
	buf_init(&data, 2 * text.length + 1);
	struct span rest = text;
	do {
		struct span string = span_slice(rest, 0, TXT_STRING_MAX);
		buf_add_byte(&data, (uint8_t)string.length);
		buf_add(&data, string);
		rest = span_slice(rest, string.length, rest.length);
	} while (rest.length > 0);

	const struct dns_record record = {
		.ttl_seconds = LIMIT_TTL_MAX_SECONDS,
		.data = buf_span(&data),
	};
	size_t bytes = ANSWER_BYTES + name->length + data.length;
	const struct dns_answer answer = {
		.type = DNS_TXT,
		.ttl_seconds = record.ttl_seconds,
		.wire_bytes = (uint16_t)(bytes < UINT16_MAX ? bytes : UINT16_MAX),
		.record_count = 1,
		.records = &record,
	};
	struct dns_key key;
	dns_key_make(&key, name, DNS_TXT);
	store_put(store, span_of(key.bytes, key.length),
	    dns_fact(dns_answer_copy(&answer), now_ms));
	buf_free(&data);
}
