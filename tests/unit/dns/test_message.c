/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of dns/message: packets to answers. Replies are described by tables of records
 * and made into bytes here; "@" as an owner is a compression pointer to the question.
 */
#include "dns/message.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { QR = 0x8000, TC = 0x0200, AD = 0x0020, OPT = 41, RRSIG = 46, IN = 1, CH = 3 };
enum { ANSWER, AUTHORITY, ADDITIONAL };

struct line {
	int section;
	const char *owner; /* NULL ends a table */
	uint16_t type, class;
	uint32_t ttl;
	struct span data;
};

struct reply {
	const char *name; /* of the case */
	uint16_t flags;
	uint16_t type;
	enum status want;
	enum outcome outcome;
	uint32_t ttl;
	const char *records; /* data of TXT joined, of others in hex; a blank between */
	const char *aliases;
	struct line lines[24];
};

/* --- making bytes --------------------------------------------------------- */

static struct dns_name
name_of(const char *text)
{
	struct dns_name name;
	assert_int_equal(dns_name_from_text(&name, span_text(text)), STATUS_OK);
	return name;
}

static void
add_name(struct buf *out, const char *text)
{
	struct dns_name name = name_of(text);
	buf_add(out, dns_name_span(&name));
}

static void
add_header(struct buf *out, uint16_t flags, const struct line *lines)
{
	unsigned counts[3] = { 0 };
	for (; lines->owner != NULL; lines++)
		counts[lines->section]++;
	buf_add_u16(out, 0x1234);
	buf_add_u16(out, flags);
	buf_add_u16(out, 1);
	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
		buf_add_u16(out, counts[i]);
}

static void
add_question(struct buf *out, const char *name, uint16_t type, uint16_t class)
{
	add_name(out, name);
	buf_add_u16(out, type);
	buf_add_u16(out, class);
}

static void
add_line(struct buf *out, const struct line *line)
{
	if (strcmp(line->owner, "@") == 0)
		buf_add_u16(out, 0xc00c);
	else
		add_name(out, line->owner);
	buf_add_u16(out, line->type);
	buf_add_u16(out, line->class > 0 ? line->class : IN);
	buf_add_u16(out, line->ttl >> 16);
	buf_add_u16(out, line->ttl & 0xffff);
	buf_add_u16(out, (unsigned)line->data.length);
	buf_add(out, line->data);
}

static void
add_reply(struct buf *out, const struct reply *reply)
{
	add_header(out, reply->flags, reply->lines);
	add_question(out, "q.example", reply->type, IN);
	for (const struct line *line = reply->lines; line->owner != NULL; line++)
		add_line(out, line);
}

/* --- reading them --------------------------------------------------------- */

/* From memory that ends where the message does, so that looking behind it is noticed.
 */
static enum status
read_exactly(
    struct span message, const char *name, uint16_t type, struct dns_answer **answer)
{
	struct dns_name asked = name_of(name);
	uint8_t *copy = malloc(message.length > 0 ? message.length : 1);
	assert_non_null(copy);
	memcpy(copy, message.bytes, message.length);
	*answer = NULL;
	enum status status = dns_message_read(
	    span_of(copy, message.length), &asked, type, answer);
	free(copy);
	return status;
}

static void
add_record(struct buf *out, uint16_t type, const struct dns_record *record)
{
	struct arena *arena = arena_new();
	if (type == DNS_TXT)
		buf_add(out, dns_txt_join(arena, record));
	else
		for (size_t i = 0; i < record->data.length; i++)
			buf_addf(out, "%02x", record->data.bytes[i]);
	arena_free(arena);
}

static void
assert_texts(const struct reply *want, const struct dns_answer *got)
{
	char memory[1024];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	for (size_t i = 0; i < got->record_count; i++) {
		buf_add_text(&text, i > 0 ? " " : "");
		add_record(&text, got->type, &got->records[i]);
	}
	if (strcmp(text.text, want->records != NULL ? want->records : "") != 0)
		fail_msg("%s: got records %s", want->name, text.text);

	buf_clear(&text);
	for (size_t i = 0; i < got->alias_count; i++) {
		buf_add_text(&text, i > 0 ? " " : "");
		dns_name_add(&text, &dns_answer_aliases(got)[i]);
	}
	if (strcmp(text.text, want->aliases != NULL ? want->aliases : "") != 0)
		fail_msg("%s: got aliases %s", want->name, text.text);
}

static void
check(const struct reply *reply)
{
	struct buf message;
	struct dns_answer *answer;
	buf_init(&message, LIMIT_MESSAGE_BYTES);
	add_reply(&message, reply);
	enum status status = read_exactly(
	    buf_span(&message), "q.example", reply->type, &answer);
	if (status != reply->want)
		fail_msg("%s: got %s, want %s", reply->name, status_text(status),
		    status_text(reply->want));
	if (answer != NULL) {
		enum outcome outcome = dns_answer_outcome(answer);
		if (outcome != reply->outcome || answer->ttl_seconds != reply->ttl)
			fail_msg("%s: got %s for %u s, want %s for %u s", reply->name,
			    outcome_name(outcome), answer->ttl_seconds,
			    outcome_name(reply->outcome), reply->ttl);
		assert_texts(reply, answer);
		assert_int_equal(answer->wire_bytes, message.length);
		assert_int_equal(answer->authentic, (reply->flags & AD) != 0);
		assert_int_equal(answer->truncated, status == STATUS_CUT_SHORT);
		assert_false(answer->tcp);
	}
	dns_answer_free(answer);
	buf_free(&message);
}

static void
check_all(const struct reply *replies, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&replies[i]);
}

/* --- answers -------------------------------------------------------------- */

#define A1 SPAN("\300\0\2\1")
#define A2 SPAN("\300\0\2\2")
#define NAME_A SPAN("\1a\7example\0")
#define NAME_B SPAN("\1b\7example\0")

static void
records_are_found_at_the_name(void **state)
{
	static const struct reply replies[] = {
		{ "one", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 300, "c0000201", NULL,
		    { { ANSWER, "@", DNS_A, IN, 300, A1 } } },
		{ "AD", QR | AD, DNS_A, STATUS_OK, OUTCOME_FOUND, 300, "c0000201", NULL,
		    { { ANSWER, "@", DNS_A, IN, 300, A1 } } },
		{ "several, least TTL", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 60,
		    "c0000201 c0000202", NULL,
		    { { ANSWER, "@", DNS_A, IN, 300, A1 },
			{ ANSWER, "@", DNS_A, IN, 60, A2 } } },
		{ "the same twice", QR, DNS_TXT, STATUS_OK, OUTCOME_FOUND, 9, "x x",
		    NULL,
		    { { ANSWER, "@", DNS_TXT, IN, 9, SPAN("\1x") },
			{ ANSWER, "@", DNS_TXT, IN, 9, SPAN("\1x") } } },
		{ "owner in other case", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 5,
		    "c0000201", NULL, { { ANSWER, "Q.EXAMPLE", DNS_A, IN, 5, A1 } } },
		{ "strings", QR, DNS_TXT, STATUS_OK, OUTCOME_FOUND, 7, "v=spf1 -all",
		    NULL,
		    { { ANSWER, "@", DNS_TXT, IN, 7, SPAN("\7v=spf1 \4-all") } } },
		{ "no string", QR, DNS_TXT, STATUS_OK, OUTCOME_FOUND, 7, "", NULL,
		    { { ANSWER, "@", DNS_TXT, IN, 7, SPAN("") } } },
		{ "MX made whole", QR, DNS_MX, STATUS_OK, OUTCOME_FOUND, 7,
		    "000a036d787801710765"
		    "78616d706c6500",
		    NULL,
		    { { ANSWER, "@", DNS_MX, IN, 7, SPAN("\0\x0a\3mxx\xc0\x0c") } } },
		{ "CNAME asked for", QR, DNS_CNAME, STATUS_OK, OUTCOME_FOUND, 7,
		    "0161076578616d706c6500", NULL,
		    { { ANSWER, "@", DNS_CNAME, IN, 7, NAME_A },
			{ ANSWER, "a.example", DNS_CNAME, IN, 7, NAME_B } } },
		{ "TTL of 32 bits", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 0, "c0000201",
		    NULL, { { ANSWER, "@", DNS_A, IN, 0x80000001, A1 } } },
		{ "others don't count", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 300,
		    "c0000201", NULL,
		    { { ANSWER, "@", RRSIG, IN, 1, SPAN("junk") },
			{ ANSWER, "@", DNS_A, CH, 1, A2 },
			{ ANSWER, "@", DNS_TXT, IN, 1, SPAN("\1x") },
			{ ANSWER, "b.example", DNS_A, IN, 1, A2 },
			{ ANSWER, "@", DNS_A, IN, 300, A1 },
			{ AUTHORITY, "@", DNS_NS, IN, 1, NAME_A },
			{ AUTHORITY, "@", DNS_A, IN, 1, A2 },
			{ ADDITIONAL, "@", DNS_A, IN, 1, A2 },
			{ ADDITIONAL, ".", OPT, LIMIT_EDNS_BYTES, 0, SPAN("") } } },
	};
	(void)state;
	check_all(replies, ARRAY_LENGTH(replies));
}

static void
aliases_are_followed_in_any_order(void **state)
{
	static const struct reply replies[] = {
		{ "one", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 300, "c0000201",
		    "a.example",
		    { { ANSWER, "@", DNS_CNAME, IN, 600, NAME_A },
			{ ANSWER, "a.example", DNS_A, IN, 300, A1 } } },
		{ "two, backwards, and a TTL in the middle", QR, DNS_A, STATUS_OK,
		    OUTCOME_FOUND, 20, "c0000201", "a.example b.example",
		    { { ANSWER, "b.example", DNS_A, IN, 300, A1 },
			{ ANSWER, "A.example", DNS_CNAME, IN, 20, NAME_B },
			{ ANSWER, "@", DNS_CNAME, IN, 600, NAME_A } } },
		{ "twice the same", QR, DNS_A, STATUS_OK, OUTCOME_FOUND, 1, "c0000201",
		    "a.example",
		    { { ANSWER, "@", DNS_CNAME, IN, 1, NAME_A },
			{ ANSWER, "@", DNS_CNAME, IN, 2, NAME_A },
			{ ANSWER, "a.example", DNS_A, IN, 300, A1 } } },
		{ "leads nowhere", QR, DNS_A, STATUS_OK, OUTCOME_NODATA, 60, "",
		    "a.example", { { ANSWER, "@", DNS_CNAME, IN, 600, NAME_A } } },
		{ "leads to no name", QR | DNS_RCODE_NXDOMAIN, DNS_A, STATUS_OK,
		    OUTCOME_NXDOMAIN, 5, "", "a.example",
		    { { ANSWER, "@", DNS_CNAME, IN, 5, NAME_A } } },
		{ "not ours", QR, DNS_A, STATUS_OK, OUTCOME_NODATA, 60, "", "",
		    { { ANSWER, "a.example", DNS_CNAME, IN, 5, NAME_B },
			{ ANSWER, "b.example", DNS_A, IN, 5, A1 } } },
		{ "a loop", QR, DNS_A, STATUS_MALFORMED, 0, 0, NULL, NULL,
		    { { ANSWER, "@", DNS_CNAME, IN, 5, NAME_A },
			{ ANSWER, "a.example", DNS_CNAME, IN, 5, NAME_B },
			{ ANSWER, "b.example", DNS_CNAME, IN, 5, NAME_A } } },
		{ "to itself", QR, DNS_A, STATUS_MALFORMED, 0, 0, NULL, NULL,
		    { { ANSWER, "@", DNS_CNAME, IN, 5, SPAN("\xc0\x0c") } } },
		{ "two ways", QR, DNS_A, STATUS_MALFORMED, 0, 0, NULL, NULL,
		    { { ANSWER, "@", DNS_CNAME, IN, 5, NAME_A },
			{ ANSWER, "@", DNS_CNAME, IN, 5, NAME_B } } },
		{ "no name in it", QR, DNS_A, STATUS_MALFORMED, 0, 0, NULL, NULL,
		    { { ANSWER, "@", DNS_CNAME, IN, 5, SPAN("\1a") } } },
	};
	(void)state;
	check_all(replies, ARRAY_LENGTH(replies));
}

/* A chain of LIMIT_CNAME_CHAIN is followed, one more is not. */
static void
chains_have_a_longest(void **state)
{
	static const char data[] = "\1\0\7example";
	(void)state;
	for (size_t length = LIMIT_CNAME_CHAIN; length <= LIMIT_CNAME_CHAIN + 1;
	     length++) {
		struct reply reply = { .name = "chain", .flags = QR, .type = DNS_A };
		char owners[LIMIT_CNAME_CHAIN + 1][12],
		    targets[ARRAY_LENGTH(owners)][11];
		for (size_t i = 0; i < length; i++) {
			memcpy(targets[i], data, sizeof(data));
			targets[i][1] = (char)('A' + i);
			memcpy(owners[i], "?.example", sizeof("?.example"));
			owners[i][0] = (char)('A' + i - 1);
			reply.lines[i] = (struct line){ ANSWER, i > 0 ? owners[i] : "@",
				DNS_CNAME, IN, 5,
				{ (const uint8_t *)targets[i], sizeof(data) } };
		}
		struct buf message;
		struct dns_answer *answer;
		buf_init(&message, LIMIT_MESSAGE_BYTES);
		add_reply(&message, &reply);
		enum status status = read_exactly(
		    buf_span(&message), "q.example", DNS_A, &answer);
		assert_int_equal(
		    status, length > LIMIT_CNAME_CHAIN ? STATUS_MALFORMED : STATUS_OK);
		dns_answer_free(answer);
		buf_free(&message);
	}
}

/* names, serial, refresh, retry, expire; the minimum follows */
#define SOA_HEAD "\xc0\x0c\1r\0....++++----****"

static void
negatives_last_as_long_as_their_soa_says(void **state)
{
	static const struct reply replies[] = {
		{ "minimum is less", QR, DNS_A, STATUS_OK, OUTCOME_NODATA, 256, "", "",
		    { { AUTHORITY, "@", DNS_SOA, IN, 900,
			SPAN(SOA_HEAD "\0\0\1\0") } } },
		{ "its TTL is less", QR | DNS_RCODE_NXDOMAIN, DNS_A, STATUS_OK,
		    OUTCOME_NXDOMAIN, 200, "", "",
		    { { AUTHORITY, "@", DNS_SOA, IN, 200,
			SPAN(SOA_HEAD "\0\0\1\0") } } },
		{ "the alias is less", QR, DNS_A, STATUS_OK, OUTCOME_NODATA, 10, "",
		    "a.example",
		    { { ANSWER, "@", DNS_CNAME, IN, 10, NAME_A },
			{ AUTHORITY, "@", DNS_SOA, IN, 200,
			    SPAN(SOA_HEAD "\0\0\1\0") } } },
		{ "top bit", QR, DNS_A, STATUS_OK, OUTCOME_NODATA, 0, "", "",
		    { { AUTHORITY, "@", DNS_SOA, IN, 900,
			SPAN(SOA_HEAD "\xff\0\1\0") } } },
		{ "no SOA", QR, DNS_A, STATUS_OK, OUTCOME_NODATA,
		    LIMIT_TTL_NEGATIVE_DEFAULT_SECONDS, "", "",
		    { { AUTHORITY, "@", DNS_NS, IN, 5, NAME_A } } },
		{ "a short SOA", QR, DNS_A, STATUS_OK, OUTCOME_NODATA,
		    LIMIT_TTL_NEGATIVE_DEFAULT_SECONDS, "", "",
		    { { AUTHORITY, "@", DNS_SOA, IN, 5, SPAN("\0\0\1") } } },
	};
	(void)state;
	check_all(replies, ARRAY_LENGTH(replies));
}

#define EXTENDED(upper) \
	{ \
		ADDITIONAL, ".", OPT, LIMIT_EDNS_BYTES, (uint32_t)(upper) << 24, \
		    SPAN("") \
	}

static void
failures_are_told_apart(void **state)
{
	static const struct reply replies[] = {
		{ "FORMERR", QR | 1, DNS_A, STATUS_OK, OUTCOME_BAD_RCODE, 0, "", "",
		    { { 0 } } },
		{ "SERVFAIL", QR | 2, DNS_A, STATUS_OK, OUTCOME_SERVFAIL, 0, "", "",
		    { EXTENDED(0) } },
		{ "NOTIMP", QR | 4, DNS_A, STATUS_OK, OUTCOME_BAD_RCODE, 0, "", "",
		    { { 0 } } },
		{ "REFUSED", QR | 5, DNS_A, STATUS_OK, OUTCOME_REFUSED, 0, "", "",
		    { { 0 } } },
		{ "BADVERS is not NOERROR", QR, DNS_A, STATUS_OK, OUTCOME_BAD_RCODE, 0,
		    "", "", { EXTENDED(1) } },
		{ "BADTIME is not SERVFAIL", QR | 2, DNS_A, STATUS_OK,
		    OUTCOME_BAD_RCODE, 0, "", "", { EXTENDED(1) } },
		{ "only one OPT counts", QR | 2, DNS_A, STATUS_OK, OUTCOME_SERVFAIL, 0,
		    "", "", { EXTENDED(0), EXTENDED(1) } },
		{ "NXDOMAIN with records", QR | 3, DNS_A, STATUS_MALFORMED, 0, 0, NULL,
		    NULL, { { ANSWER, "@", DNS_A, IN, 5, A1 } } },
		{ "A of 3 bytes", QR, DNS_A, STATUS_MALFORMED, 0, 0, NULL, NULL,
		    { { ANSWER, "@", DNS_A, IN, 5, A1 },
			{ ANSWER, "@", DNS_A, IN, 5, SPAN("abc") } } },
		{ "TXT past its end", QR, DNS_TXT, STATUS_MALFORMED, 0, 0, NULL, NULL,
		    { { ANSWER, "@", DNS_TXT, IN, 5, SPAN("\4abc") } } },
		{ "TC", QR | TC, DNS_A, STATUS_CUT_SHORT, OUTCOME_NODATA, 60, "", "",
		    { { 0 } } },
		{ "TC and something", QR | TC, DNS_A, STATUS_CUT_SHORT, OUTCOME_FOUND,
		    5, "c0000201", "", { { ANSWER, "@", DNS_A, IN, 5, A1 } } },
		{ "no reply", 0, DNS_A, STATUS_MISMATCH, 0, 0, NULL, NULL, { { 0 } } },
		{ "a NOTIFY", QR | 4 << 11, DNS_A, STATUS_MISMATCH, 0, 0, NULL, NULL,
		    { { 0 } } },
	};
	(void)state;
	check_all(replies, ARRAY_LENGTH(replies));
}

/* --- frames --------------------------------------------------------------- */

static void
the_question_has_to_be_ours(void **state)
{
	static const struct {
		const char *name;
		uint16_t type, class;
		enum status want;
	} cases[] = {
		{ "q.example", DNS_TXT, IN, STATUS_OK },
		{ "Q.eXample", DNS_TXT, IN, STATUS_OK },
		{ "q.example", DNS_A, IN, STATUS_MISMATCH },
		{ "q.example", DNS_TXT, CH, STATUS_MISMATCH },
		{ "qq.example", DNS_TXT, IN, STATUS_MISMATCH },
		{ "q", DNS_TXT, IN, STATUS_MISMATCH },
	};
	static const struct line none = { 0 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct buf message;
		struct dns_answer *answer;
		buf_init(&message, LIMIT_MESSAGE_BYTES);
		add_header(&message, QR, &none);
		add_question(&message, cases[i].name, cases[i].type, cases[i].class);
		enum status got = read_exactly(
		    buf_span(&message), "q.example", DNS_TXT, &answer);
		if (got != cases[i].want)
			fail_msg("%s %u %u: got %s", cases[i].name, cases[i].type,
			    cases[i].class, status_text(got));
		dns_answer_free(answer);
		buf_free(&message);
	}
}

/* Headers alone, which say that there is no question, or two. */
static void
only_failures_may_lack_the_question(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		enum status want;
	} cases[] = {
		{ "\0\1\x80\1\0\0\0\0\0\0\0\0", 12, STATUS_OK },
		{ "\0\1\x80\2\0\0\0\0\0\0\0\0", 12, STATUS_OK },
		{ "\0\1\x80\5\0\0\0\0\0\0\0\0", 12, STATUS_OK },
		{ "\0\1\x80\0\0\0\0\0\0\0\0\0", 12, STATUS_MISMATCH },
		{ "\0\1\x80\3\0\0\0\0\0\0\0\0", 12, STATUS_MISMATCH },
		{ "\0\1\x80\1\0\2\0\0\0\0\0\0", 12, STATUS_MISMATCH },
		{ "\0\1\x80\1\0\0\0\0\0\0\0", 11, STATUS_MALFORMED },
		{ "", 0, STATUS_MALFORMED },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct dns_answer *answer;
		enum status got = read_exactly(
		    span_of(cases[i].bytes, cases[i].length), "q", DNS_A, &answer);
		if (got != cases[i].want)
			fail_msg("case %zu: got %s", i, status_text(got));
		dns_answer_free(answer);
	}
}

/* Wherever a message is cut, it is noticed: before its question ends it is nothing that
 * could be told to be a reply, after that it is one that was cut short. */
static void
every_cut_is_noticed(void **state)
{
	static const struct reply reply = { "whole", QR, DNS_MX, STATUS_OK,
		OUTCOME_FOUND, 5, NULL, NULL,
		{ { ANSWER, "@", DNS_CNAME, IN, 5, NAME_A },
		    { ANSWER, "a.example", DNS_MX, IN, 5, SPAN("\0\1\1x\xc0\x0e") },
		    { AUTHORITY, "example", DNS_NS, IN, 5, SPAN("\1x\xc0\x0e") },
		    { ADDITIONAL, ".", OPT, LIMIT_EDNS_BYTES, 0, SPAN("") } } };
	struct buf message;
	struct dns_answer *answer;
	(void)state;
	buf_init(&message, LIMIT_MESSAGE_BYTES);
	add_reply(&message, &reply);
	for (size_t length = 0; length < message.length; length++) {
		size_t question_end = 12 + sizeof("\1q\7example") + 4;
		enum status want = length < question_end ? STATUS_MALFORMED
							 : STATUS_CUT_SHORT;
		enum status got = read_exactly(
		    span_slice(buf_span(&message), 0, length), "q.example", DNS_MX,
		    &answer);
		if (got != want)
			fail_msg("%zu bytes: got %s", length, status_text(got));
		assert_true(answer == NULL || answer->truncated);
		dns_answer_free(answer);
	}
	assert_int_equal(
	    read_exactly(buf_span(&message), "q.example", DNS_MX, &answer), STATUS_OK);
	dns_answer_free(answer);
	buf_free(&message);
}

/* A reply with `count` addresses. */
static enum status
read_many(size_t count, struct dns_answer **answer)
{
	static const struct line line = { ANSWER, "@", DNS_A, IN, 5, A1 };
	struct buf message;
	buf_init(&message, LIMIT_MESSAGE_BYTES);
	buf_add_u16(&message, 0);
	buf_add_u16(&message, QR);
	buf_add_u16(&message, 1);
	buf_add_u16(&message, (unsigned)count);
	buf_add_u16(&message, 0);
	buf_add_u16(&message, 0);
	add_question(&message, "q.example", DNS_A, IN);
	for (size_t i = 0; i < count; i++)
		add_line(&message, &line);
	enum status status = read_exactly(
	    buf_span(&message), "q.example", DNS_A, answer);
	buf_free(&message);
	return status;
}

static void
records_have_a_largest_number(void **state)
{
	struct dns_answer *answer;
	(void)state;
	assert_int_equal(read_many(LIMIT_RECORDS, &answer), STATUS_OK);
	assert_int_equal(answer->record_count, LIMIT_RECORDS);
	dns_answer_free(answer);
	assert_int_equal(read_many(LIMIT_RECORDS + 1, &answer), STATUS_TOO_MANY);
}

static void
answers_are_small_and_copies_are_equal(void **state)
{
	static const struct reply reply = { "copied", QR | AD, DNS_TXT, STATUS_OK,
		OUTCOME_FOUND, 5, "ab c", "a.example",
		{ { ANSWER, "@", DNS_CNAME, IN, 5, NAME_A },
		    { ANSWER, "a.example", DNS_TXT, IN, 5, SPAN("\1a\1b") },
		    { ANSWER, "a.example", DNS_TXT, IN, 5, SPAN("\1c") } } };
	struct buf message;
	struct dns_answer *answer;
	(void)state;
	assert_true(sizeof(*answer) <= 32);
	buf_init(&message, LIMIT_MESSAGE_BYTES);
	add_reply(&message, &reply);
	assert_int_equal(
	    read_exactly(buf_span(&message), "q.example", DNS_TXT, &answer), STATUS_OK);
	answer->tcp = true;
	struct dns_answer *copy = dns_answer_copy(answer);
	dns_answer_free(answer);
	assert_texts(&reply, copy);
	assert_int_equal(copy->wire_bytes, message.length);
	assert_int_equal(copy->ttl_seconds, 5);
	assert_true(copy->authentic && copy->tcp && !copy->truncated);
	dns_answer_free(copy);
	buf_free(&message);
}

static void
questions_end_with_their_opt(void **state)
{
	static const char want[] = "\x12\x34\1\x20\0\1\0\0\0\0\0\1" /* RD, AD */
				   "\1Q\7example\0\0\x10\0\1"
				   "\0\0\x29\4\xd0\0\0\0\0\0"; /* 1232, and a 0 */
	struct dns_name name = name_of("Q.example");
	struct buf packet;
	(void)state;
	buf_init(&packet, 512);
	dns_message_ask(&packet, 0x1234, &name, DNS_TXT);
	assert_int_equal(packet.length, sizeof(want));
	assert_memory_equal(packet.text, want, sizeof(want));
	buf_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found_at_the_name),
		cmocka_unit_test(aliases_are_followed_in_any_order),
		cmocka_unit_test(chains_have_a_longest),
		cmocka_unit_test(negatives_last_as_long_as_their_soa_says),
		cmocka_unit_test(failures_are_told_apart),
		cmocka_unit_test(the_question_has_to_be_ours),
		cmocka_unit_test(only_failures_may_lack_the_question),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(records_have_a_largest_number),
		cmocka_unit_test(answers_are_small_and_copies_are_equal),
		cmocka_unit_test(questions_end_with_their_opt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
