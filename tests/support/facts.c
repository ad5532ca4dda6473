/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Facts by hand. Less than a zone on purpose: no wildcards, no aliases, no answer that
 * a row does not state, so that a test shows all that its probe can see.
 */
#include "facts.h"

#include "core/die.h"
#include "dns/question.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 16, STRING_MAX = 255, TTL = 300, NOW_MS = 0 };

struct facts *
facts_new(void)
{
	struct facts *facts = must_calloc(1, sizeof(*facts));
	facts->store = store_new();
	facts->arena = arena_new();
	policy_init(&facts->policy);
	facts_view(facts);
	return facts;
}

void
facts_free(struct facts *facts)
{
	store_free(facts->store);
	arena_free(facts->arena);
	free(facts);
}

struct view *
facts_view(struct facts *facts)
{
	arena_reset(facts->arena);
	view_init(&facts->view, facts->store, facts->arena, NOW_MS, OUTCOME_WANTED);
	report_init(
	    &facts->report, facts->arena, &facts->policy, "spf", "SPF", "example.com");
	return &facts->view;
}

struct dns_name
facts_name(const char *text)
{
	struct dns_name name;
	enum status status = dns_name_from_text(&name, span_text(text));
	assert(status == STATUS_OK);
	return name;
}

static void
put(struct facts *facts, const char *name, uint16_t type, struct fact fact)
{
	struct dns_name asked = facts_name(name);
	struct dns_key key;
	dns_key_make(&key, &asked, type);
	store_put(facts->store, span_of(key.bytes, key.length), fact);
}

void
facts_put_answer(struct facts *facts, const char *name, const struct dns_answer *answer)
{
	put(facts, name, answer->type, dns_fact(dns_answer_copy(answer), NOW_MS));
}

/* Puts records, and says how large a message with them and its question would be. */
static void
put_records(struct facts *facts, const char *name, uint16_t type,
    const struct dns_record *records, size_t count)
{
	struct dns_name asked = facts_name(name);
	size_t header = 12, question = asked.length + 4, edns = 11;
	size_t wire_bytes = header + question + edns;
	for (size_t i = 0; i < count; i++)
		wire_bytes += 12 + records[i].data.length;
	struct dns_answer answer = {
		.type = type,
		.wire_bytes = (uint16_t)wire_bytes,
		.ttl_seconds = TTL,
		.record_count = (uint16_t)count,
		.records = records,
	};
	assert(wire_bytes <= LIMIT_MESSAGE_BYTES);
	facts_put_answer(facts, name, &answer);
}

/* The outcome that a row names instead of a record; WANTED when it is a record. */
static enum outcome
outcome_of(const struct fact_row *row)
{
	static const struct {
		const char *word;
		enum outcome outcome;
	} words[] = {
		{ "NODATA", OUTCOME_NODATA },
		{ "NXDOMAIN", OUTCOME_NXDOMAIN },
		{ "SERVFAIL", OUTCOME_SERVFAIL },
		{ "BOGUS", OUTCOME_BOGUS },
		{ "REFUSED", OUTCOME_REFUSED },
		{ "TIMEOUT", OUTCOME_TIMEOUT },
		{ "UNREACHABLE", OUTCOME_UNREACHABLE },
		{ "MALFORMED", OUTCOME_MALFORMED },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (strcmp(row->data, words[i].word) == 0)
			return words[i].outcome;
	return OUTCOME_WANTED;
}

static void
put_outcome(struct facts *facts, const struct fact_row *row)
{
	struct dns_answer answer = { .type = row->type, .wire_bytes = 60 };
	enum outcome outcome = outcome_of(row);
	switch (outcome) {
	case OUTCOME_NODATA:
		break;
	case OUTCOME_NXDOMAIN:
		answer.rcode = DNS_RCODE_NXDOMAIN;
		break;
	case OUTCOME_SERVFAIL:
		answer.rcode = DNS_RCODE_SERVFAIL;
		break;
	case OUTCOME_REFUSED:
		answer.rcode = DNS_RCODE_REFUSED;
		break;
	default:
		put(facts, row->name, row->type, dns_failure(outcome, NOW_MS));
		return;
	}
	facts_put_answer(facts, row->name, &answer);
}

/* --- a record's data, as in a message ------------------------------------- */

static void
add_txt(struct buf *data, struct span text)
{
	do {
		struct span string = span_slice(text, 0, STRING_MAX);
		text = span_slice(text, string.length, text.length);
		buf_add_byte(data, (uint8_t)string.length);
		buf_add(data, string);
	} while (text.length > 0);
}

static void
add_address(struct buf *data, const char *text, int family, size_t length)
{
	uint8_t address[16];
	int taken = inet_pton(family, text, address);
	assert(taken == 1);
	buf_add(data, span_of(address, length));
}

/* "10 mail.example.com" */
static void
add_mx(struct buf *data, const char *text)
{
	struct span rest = span_text(text);
	struct dns_name exchanger;
	uint32_t preference;
	bool taken = span_take_number(&rest, UINT16_MAX, &preference) &&
	    span_take_byte(&rest, ' ') &&
	    dns_name_from_text(&exchanger, rest) == STATUS_OK;
	assert(taken);
	buf_add_byte(data, (uint8_t)(preference >> 8));
	buf_add_byte(data, (uint8_t)preference);
	buf_add(data, dns_name_span(&exchanger));
}

static struct span
data_of(struct facts *facts, const struct fact_row *row)
{
	struct buf data;
	buf_init(&data, LIMIT_MESSAGE_BYTES);
	switch (row->type) {
	case DNS_TXT:
		add_txt(&data, span_text(row->data));
		break;
	case DNS_A:
		add_address(&data, row->data, AF_INET, 4);
		break;
	case DNS_AAAA:
		add_address(&data, row->data, AF_INET6, 16);
		break;
	case DNS_MX:
		add_mx(&data, row->data);
		break;
	default:
		assert(!"a type that rows can't hold");
	}
	struct span copy = arena_copy(facts->arena, buf_span(&data));
	buf_free(&data);
	return copy;
}

/* Takes the rows of one answer; returns how many. */
static size_t
put_answer_of(struct facts *facts, const struct fact_row rows[])
{
	struct dns_record records[RECORDS_MAX];
	size_t count = 0;
	while (rows[count].name != NULL &&
	    strcmp(rows[count].name, rows[0].name) == 0 &&
	    rows[count].type == rows[0].type &&
	    outcome_of(&rows[count]) == OUTCOME_WANTED) {
		assert(count < RECORDS_MAX);
		records[count].ttl_seconds = TTL;
		records[count].data = data_of(facts, &rows[count]);
		count++;
	}
	if (count > 0)
		put_records(facts, rows[0].name, rows[0].type, records, count);
	else
		put_outcome(facts, &rows[0]);
	return count > 0 ? count : 1;
}

void
facts_put(struct facts *facts, const struct fact_row rows[])
{
	while (rows->name != NULL)
		rows += put_answer_of(facts, rows);
}

void
facts_put_txt(struct facts *facts, const char *name, struct span text)
{
	struct buf data;
	buf_init(&data, LIMIT_MESSAGE_BYTES);
	add_txt(&data, text);
	assert(!data.cut);
	struct dns_record record = { .ttl_seconds = TTL, .data = buf_span(&data) };
	put_records(facts, name, DNS_TXT, &record, 1);
	buf_free(&data);
}

struct report *
facts_evaluate(struct facts *facts, const struct probe *probe, const char *domain)
{
	void *defaults = must_calloc(1, probe->settings_size);
	struct report *report = facts_evaluate_with(facts, probe, defaults, domain);
	free(defaults);
	return report;
}

struct report *
facts_evaluate_with(struct facts *facts, const struct probe *probe,
    const void *settings, const char *domain)
{
	struct view *view = facts_view(facts);
	struct target target = {
		.domain = facts_name(domain),
		.settings = settings,
	};
	view->closed = OUTCOME_TIMEOUT;
	report_init(&facts->report, facts->arena, &facts->policy, probe->name,
	    probe->title, dns_name_text(facts->arena, &target.domain));
	probe->evaluate(&target, view, &facts->report);
	assert(!view->incomplete);
	report_finish(&facts->report);
	return &facts->report;
}

void
facts_want_only(struct facts *facts, const enum finding_id ids[], size_t count)
{
	for (size_t i = 0; i < FINDING_COUNT; i++)
		facts->policy.severities[i] = SEVERITY_IGNORE;
	for (size_t i = 0; i < count; i++)
		facts->policy.severities[ids[i]] = finding_info(ids[i])->severity;
}
