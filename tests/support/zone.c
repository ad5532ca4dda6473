/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A zone as a list of lines, and the answers that follow from it. It plays the resolver
 * as probes see it: at the end of CNAME chains, with sizes as on the wire. It is no
 * name server: no authority, no referrals, no truncation, no network. Zones of tests
 * are small, so that every look-up is a walk over all lines.
 */
#include "zone.h"

#include "core/arena.h"
#include "made_certificate.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	TYPE_ANY = 255,        /* RFC 1035 3.2.3 */
	SET_BYTES_MAX = 60000, /* data of one name and type: leaves room for a chain */
	DEFAULT_TTL = 300
};

/* A record, or a fact in its place. */
struct line {
	struct line *next;
	struct dns_name owner;
	uint16_t type;
	const struct fact_word *fact; /* NULL: a record */
	int64_t delay_ms;
	struct dns_record record;
};

/* A name at and below which all answers are authentic. */
struct signed_name {
	struct signed_name *next;
	struct dns_name name;
};

struct zone {
	struct arena *arena;
	struct line *first, **end;
	size_t count;
	uint32_t ttl_seconds;
	struct signed_name *signed_names;
	bool lax; /* a CNAME need not stand alone, as with broken servers */
};

/* What can stand in place of data. */
struct fact_word {
	struct span word;
	enum outcome outcome;
	uint8_t rcode; /* where a message comes */
};

static const struct fact_word fact_words[] = {
	{ SPAN("NODATA"), OUTCOME_NODATA, DNS_RCODE_NOERROR },
	{ SPAN("NXDOMAIN"), OUTCOME_NXDOMAIN, DNS_RCODE_NXDOMAIN },
	{ SPAN("SERVFAIL"), OUTCOME_SERVFAIL, DNS_RCODE_SERVFAIL },
	{ SPAN("REFUSED"), OUTCOME_REFUSED, DNS_RCODE_REFUSED },
	{ SPAN("NOTIMP"), OUTCOME_BAD_RCODE, DNS_RCODE_NOTIMP },
	{ SPAN("TIMEOUT"), OUTCOME_TIMEOUT, 0 },
	{ SPAN("BOGUS"), OUTCOME_BOGUS, 0 },
	{ SPAN("UNREACHABLE"), OUTCOME_UNREACHABLE, 0 },
	{ SPAN("MALFORMED"), OUTCOME_MALFORMED, 0 },
};

struct zone *
zone_new(void)
{
	struct arena *arena = arena_new();
	struct zone *zone = arena_alloc(arena, sizeof(*zone));
	zone->arena = arena;
	zone->end = &zone->first;
	zone->ttl_seconds = DEFAULT_TTL;
	return zone;
}

void
zone_free(struct zone *zone)
{
	if (zone != NULL)
		arena_free(zone->arena);
}

/* --- reading -------------------------------------------------------------- */

static enum status
fail(struct buf *why, const char *expected)
{
	buf_add_text(why, expected);
	return STATUS_MALFORMED;
}

static enum status
fail_at(struct buf *why, const char *fault, struct span word)
{
	buf_addf(why, "%s '", fault);
	buf_add_safe(why, word);
	buf_add_text(why, "'");
	return STATUS_MALFORMED;
}

/* One byte as zone files write it: itself, \DDD in decimal, or \X for X. */
static bool
take_byte(struct span *rest, uint8_t *byte, bool *escaped)
{
	*escaped = span_take_byte(rest, '\\');
	if (!*escaped)
		return span_take_u8(rest, byte);

	struct span digits = span_slice(*rest, 0, 3);
	uint32_t number;
	if (digits.length == 0 || !byte_is_digit(digits.bytes[0]))
		return span_take_u8(rest, byte);
	if (digits.length < 3 || !span_take_number(&digits, UINT8_MAX, &number) ||
	    digits.length > 0)
		return false;
	*byte = (uint8_t)number;
	return span_take(rest, 3, &digits);
}

static void
skip_blanks(struct span *rest)
{
	struct span blanks;
	span_take_while(rest, byte_is_blank, &blanks);
}

/* The next word; empty at the end of the line or before a comment. */
static struct span
take_word(struct span *rest)
{
	skip_blanks(rest);
	struct span start = *rest;
	uint8_t byte;
	while (span_peek(rest, &byte) && !byte_is_blank(byte) && byte != ';') {
		struct span one;
		if (!span_take(rest, byte == '\\' ? 2 : 1, &one))
			*rest = span_of(rest->bytes, 0);
	}
	return span_before(start, *rest);
}

/* Nothing but blanks and a comment. */
static bool
is_end(struct span rest)
{
	skip_blanks(&rest);
	uint8_t byte;
	return !span_peek(&rest, &byte) || byte == ';';
}

static enum status
expect_end(struct span rest, struct buf *why)
{
	if (is_end(rest))
		return STATUS_OK;
	return fail_at(why, "not expected here:", span_trim(rest));
}

/* Absolute, since nothing here says relative to what. */
static enum status
name_from_word(struct dns_name *name, struct span word, struct buf *why)
{
	char wire_memory[LIMIT_NAME_BYTES + 1], label_memory[LIMIT_LABEL_BYTES + 1];
	struct buf wire, label;
	buf_wrap(&wire, wire_memory, sizeof(wire_memory));
	buf_wrap(&label, label_memory, sizeof(label_memory));

	struct span rest = word;
	uint8_t byte = 0;
	bool escaped = false;
	if (span_equal(word, span_text(".")))
		span_take_byte(&rest, '.');
	while (rest.length > 0) {
		if (!take_byte(&rest, &byte, &escaped))
			return fail_at(why, "bad escape in", word);
		if (byte != '.' || escaped) {
			buf_add_byte(&label, byte);
			continue;
		}
		if (label.length == 0 || label.cut)
			return fail_at(why, "empty or too long label in", word);
		buf_add_byte(&wire, (uint8_t)label.length);
		buf_add(&wire, buf_span(&label));
		buf_clear(&label);
	}
	if (word.length == 0 || label.length > 0)
		return fail_at(why, "expected a name that ends in a dot, not", word);
	buf_add_byte(&wire, 0);
	struct span bytes = buf_span(&wire);
	if (wire.cut || dns_name_from_wire(name, &bytes) != STATUS_OK)
		return fail_at(why, "too long a name:", word);
	return STATUS_OK;
}

static enum status
read_address(struct span *rest, int family, size_t size, struct buf *data)
{
	uint8_t address[16];
	char text[INET6_ADDRSTRLEN];
	struct buf copy;
	buf_wrap(&copy, text, sizeof(text));
	buf_add(&copy, take_word(rest));
	if (copy.cut || inet_pton(family, copy.text, address) != 1)
		return STATUS_MALFORMED;
	buf_add(data, span_of(address, size));
	return STATUS_OK;
}

static enum status
read_a(struct span *rest, struct buf *data, struct buf *why)
{
	if (read_address(rest, AF_INET, 4, data) != STATUS_OK)
		return fail(why, "expected an IPv4 address");
	return STATUS_OK;
}

static enum status
read_aaaa(struct span *rest, struct buf *data, struct buf *why)
{
	if (read_address(rest, AF_INET6, 16, data) != STATUS_OK)
		return fail(why, "expected an IPv6 address");
	return STATUS_OK;
}

static enum status
read_name(struct span *rest, struct buf *data, struct buf *why)
{
	struct dns_name name;
	enum status status = name_from_word(&name, take_word(rest), why);
	if (status == STATUS_OK)
		buf_add(data, dns_name_span(&name));
	return status;
}

static enum status
read_mx(struct span *rest, struct buf *data, struct buf *why)
{
	struct span word = take_word(rest);
	uint32_t preference;
	if (!span_take_number(&word, UINT16_MAX, &preference) || word.length > 0)
		return fail(why, "expected a preference from 0 to 65535");
	buf_add_byte(data, (uint8_t)(preference >> 8));
	buf_add_byte(data, (uint8_t)preference);
	return read_name(rest, data, why);
}

static enum status
read_string(struct span *rest, struct buf *data, struct buf *why)
{
	char memory[UINT8_MAX + 1];
	struct buf string;
	buf_wrap(&string, memory, sizeof(memory));
	for (;;) {
		uint8_t byte;
		bool escaped;
		if (!take_byte(rest, &byte, &escaped))
			return fail(why,
			    "a string without its closing quote, or a bad "
			    "escape (\\000 to \\255, \\\", \\\\)");
		if (byte == '"' && !escaped)
			break;
		buf_add_byte(&string, byte);
	}
	if (string.cut)
		return fail(why, "a string of more than 255 bytes; split it in two");
	buf_add_byte(data, (uint8_t)string.length);
	buf_add(data, buf_span(&string));
	return STATUS_OK;
}

/* <NAME>, which stands for a made key, or hexadecimal digits. */
static enum status
read_association(const uint8_t head[3], struct span word, struct buf *data)
{
	static const char digits[] = "0123456789abcdef";
	struct span name = word;
	if (span_take_byte(&name, '<')) {
		span_take_until_or_end(&name, '>', &word);
		made_association(data, head[1], head[2], word);
		return STATUS_OK;
	}
	uint8_t high, low;
	while (span_take_u8(&word, &high)) {
		if (!span_take_u8(&word, &low) || high == 0 || low == 0)
			return STATUS_MALFORMED;
		const char *first = strchr(digits, byte_lower(high));
		const char *second = strchr(digits, byte_lower(low));
		if (first == NULL || second == NULL)
			return STATUS_MALFORMED;
		buf_add_byte(
		    data, (uint8_t)((first - digits) << 4 | (second - digits)));
	}
	return STATUS_OK;
}

static enum status
read_tlsa(struct span *rest, struct buf *data, struct buf *why)
{
	uint8_t head[3];
	for (size_t i = 0; i < sizeof(head); i++) {
		struct span word = take_word(rest);
		uint32_t number;
		if (!span_take_number(&word, UINT8_MAX, &number) || word.length > 0)
			return fail(why, "expected usage, selector and matching type");
		head[i] = (uint8_t)number;
	}
	buf_add(data, span_of(head, sizeof(head)));
	if (read_association(head, take_word(rest), data) != STATUS_OK)
		return fail(why, "expected <NAME> or hexadecimal digits");
	return STATUS_OK;
}

/* The quote that begins a string, or as in 200*" two hundred of them. */
static bool
take_quote(struct span *rest, uint32_t *times)
{
	struct span counted = *rest;
	*times = 1;
	if (span_take_number(&counted, SET_BYTES_MAX, times) &&
	    span_take_byte(&counted, '*'))
		*rest = counted;
	return span_take_byte(rest, '"');
}

static void
repeat(struct buf *data, size_t start, uint32_t times)
{
	struct span string = span_slice(buf_span(data), start, data->length);
	char memory[UINT8_MAX + 2];
	struct buf copy;
	buf_wrap(&copy, memory, sizeof(memory));
	buf_add(&copy, string); /* the data moves while it grows */
	while (times-- > 1)
		buf_add(data, buf_span(&copy));
}

static enum status
read_strings(struct span *rest, struct buf *data, struct buf *why)
{
	enum status status = STATUS_OK;
	uint32_t times = 1;
	skip_blanks(rest);
	while (status == STATUS_OK && take_quote(rest, &times)) {
		size_t start = data->length;
		status = read_string(rest, data, why);
		repeat(data, start, times);
		skip_blanks(rest);
	}
	if (status == STATUS_OK && data->length == 0)
		return fail(why, "expected strings in quotes");
	return status;
}

static const struct {
	uint16_t type;
	enum status (*read)(struct span *rest, struct buf *data, struct buf *why);
} readers[] = {
	{ DNS_A, read_a },
	{ DNS_AAAA, read_aaaa },
	{ DNS_CNAME, read_name },
	{ DNS_MX, read_mx },
	{ DNS_NS, read_name },
	{ DNS_PTR, read_name },
	{ DNS_SPF, read_strings },
	{ DNS_TLSA, read_tlsa },
	{ DNS_TXT, read_strings },
};

static enum status
read_record(struct zone *zone, struct line *line, struct span *rest, struct buf *why)
{
	size_t i = 0;
	while (i < ARRAY_LENGTH(readers) && readers[i].type != line->type)
		i++;
	if (i == ARRAY_LENGTH(readers))
		return fail(why,
		    "expected a fact such as SERVFAIL; records of this "
		    "type can't be written here");
	struct buf data;
	buf_init(&data, SET_BYTES_MAX + 1);
	enum status status = readers[i].read(rest, &data, why);
	line->record.data = arena_copy(zone->arena, buf_span(&data));
	buf_free(&data);
	return status;
}

enum status
zone_time_parse(struct span text, int64_t *time_ms)
{
	uint32_t number;
	if (!span_take_number(&text, 1000000, &number))
		return STATUS_MALFORMED;
	if (span_equal(text, span_text("s")))
		*time_ms = (int64_t)number * 1000;
	else if (span_equal(text, span_text("ms")))
		*time_ms = number;
	else
		return STATUS_MALFORMED;
	return STATUS_OK;
}

static const struct fact_word *
fact_by_word(struct span word)
{
	for (size_t i = 0; i < ARRAY_LENGTH(fact_words); i++)
		if (span_equal(word, fact_words[i].word))
			return &fact_words[i];
	return NULL;
}

/* What stands behind the type: [after TIME] and a fact or the data of a record. */
static enum status
read_data(struct zone *zone, struct line *line, struct span rest, struct buf *why)
{
	struct span behind = rest, word = take_word(&behind);
	bool delayed = span_equal(word, span_text("after"));
	if (delayed) {
		if (zone_time_parse(take_word(&behind), &line->delay_ms) != STATUS_OK)
			return fail(why, "expected a time such as 300ms or 3s");
		rest = behind;
		word = take_word(&behind);
	}
	line->fact = fact_by_word(word);
	if (!delayed) {
		bool lost = line->fact != NULL &&
		    line->fact->outcome == OUTCOME_TIMEOUT;
		line->delay_ms = lost ? ZONE_TIMEOUT_MS : ZONE_DELAY_MS;
	}
	if (line->fact != NULL)
		return expect_end(behind, why);
	enum status status = read_record(zone, line, &rest, why);
	return status == STATUS_OK ? expect_end(rest, why) : status;
}

static enum status
read_type(struct span word, uint16_t *type, struct buf *why)
{
	if (span_equal(word, span_text("ANY"))) {
		*type = TYPE_ANY;
		return STATUS_OK;
	}
	if (!dns_type_by_name(word, type))
		return fail_at(why, "not a type known here:", word);
	return STATUS_OK;
}

/* owner [TTL] [IN] TYPE and the rest. */
static enum status
read_line(struct zone *zone, struct line *line, struct span rest, struct buf *why)
{
	enum status status = name_from_word(&line->owner, take_word(&rest), why);
	if (status != STATUS_OK)
		return status;
	struct span word = take_word(&rest), digits = word;
	line->record.ttl_seconds = zone->ttl_seconds;
	if (span_take_number(&digits, INT32_MAX, &line->record.ttl_seconds)) {
		if (digits.length > 0)
			return fail_at(why, "not a TTL in seconds:", word);
		word = take_word(&rest);
	}
	if (span_equal(word, span_text("IN")))
		word = take_word(&rest);
	status = read_type(word, &line->type, why);
	return status == STATUS_OK ? read_data(zone, line, rest, why) : status;
}

/* What keeps a line from standing beside those that are there. */
static enum status
check_beside(const struct zone *zone, const struct line *line, struct buf *why)
{
	size_t bytes = line->record.data.length, count = 1;
	for (const struct line *other = zone->first; other; other = other->next) {
		if (!dns_name_equal(&other->owner, &line->owner))
			continue;
		bool same = other->type == line->type;
		if (same && (other->fact != NULL || line->fact != NULL))
			return fail(why, "a fact stands alone for its name and type");
		if (!zone->lax && (line->type == DNS_CNAME || other->type == DNS_CNAME))
			return fail(why, "a CNAME stands alone at its name");
		bytes += same ? 12 + other->record.data.length : 0;
		count += same;
	}
	if (zone->count >= ZONE_LINES_MAX || count > LIMIT_RECORDS ||
	    bytes > SET_BYTES_MAX)
		return fail(why, "more than fits into one answer or one zone");
	return STATUS_OK;
}

static enum status
set_ttl(struct zone *zone, struct span rest, struct buf *why)
{
	struct span word = take_word(&rest);
	uint32_t seconds;
	if (!span_take_number(&word, INT32_MAX, &seconds) || word.length > 0)
		return fail(why, "expected $TTL and seconds");
	zone->ttl_seconds = seconds;
	return expect_end(rest, why);
}

static enum status
add_signed_name(struct zone *zone, struct span rest, struct buf *why)
{
	struct signed_name *added = arena_alloc(zone->arena, sizeof(*added));
	enum status status = name_from_word(&added->name, take_word(&rest), why);
	if (status == STATUS_OK)
		status = expect_end(rest, why);
	if (status != STATUS_OK)
		return status;
	added->next = zone->signed_names;
	zone->signed_names = added;
	return STATUS_OK;
}

enum status
zone_add_line(struct zone *zone, struct span text, struct buf *why)
{
	if (is_end(text))
		return STATUS_OK;
	struct span rest = text;
	if (span_take_prefix_nocase(&rest, span_text("$TTL ")))
		return set_ttl(zone, rest, why);
	if (span_take_prefix_nocase(&rest, span_text("$SIGNED ")))
		return add_signed_name(zone, rest, why);
	if (span_take_prefix_nocase(&rest, span_text("$LAX"))) {
		zone->lax = true;
		return expect_end(rest, why);
	}

	struct line *line = arena_alloc(zone->arena, sizeof(*line));
	enum status status = read_line(zone, line, text, why);
	if (status == STATUS_OK)
		status = check_beside(zone, line, why);
	if (status != STATUS_OK)
		return status;
	*zone->end = line;
	zone->end = &line->next;
	zone->count++;
	return STATUS_OK;
}

enum status
zone_add_text(struct zone *zone, struct span text, struct buf *why)
{
	struct split lines = { .rest = text };
	struct span line;
	for (unsigned number = 1; split_next(&lines, '\n', &line); number++) {
		size_t start = why->length;
		buf_addf(why, "line %u: ", number);
		enum status status = zone_add_line(zone, line, why);
		if (status != STATUS_OK)
			return status;
		buf_shorten(why, start);
	}
	return STATUS_OK;
}

/* --- answering ------------------------------------------------------------ */

/* The name owns a line, or one below it does (RFC 8020: then it exists too). The root
 * always does. */
static bool
exists(const struct zone *zone, const struct dns_name *name)
{
	if (dns_name_labels(name) == 0)
		return true;
	for (const struct line *line = zone->first; line != NULL; line = line->next)
		if (dns_name_is_within(&line->owner, name))
			return true;
	return false;
}

/* Whose lines answer for a name: its own, or those of the wildcard right below its
 * closest existing ancestor (RFC 4592 3.3.1). False: there is no such name. */
static bool
find_source(
    const struct zone *zone, const struct dns_name *name, struct dns_name *source)
{
	*source = *name;
	if (exists(zone, name))
		return true;
	struct dns_name ancestor;
	unsigned labels = dns_name_labels(name);
	do
		dns_name_suffix(&ancestor, name, --labels);
	while (labels > 0 && !exists(zone, &ancestor));
	if (dns_name_prepend(source, span_text("*"), &ancestor) != STATUS_OK)
		return false;
	return exists(zone, source);
}

/* A line of that very type, or else one for all types. */
static const struct line *
find_line(const struct zone *zone, const struct dns_name *owner, uint16_t type)
{
	const struct line *any = NULL;
	for (const struct line *line = zone->first; line != NULL; line = line->next) {
		if (!dns_name_equal(&line->owner, owner))
			continue;
		if (line->type == type)
			return line;
		if (line->type == TYPE_ANY)
			any = line;
	}
	return any;
}

/* One answer as it comes together. */
struct draft {
	struct dns_answer answer;
	size_t wire_bytes;
	int64_t delay_ms; /* the longest of all lines that were met; -1: none */
	enum outcome failure;
	struct dns_record records[LIMIT_RECORDS];
	struct dns_name aliases[LIMIT_CNAME_CHAIN];
};

/* Notes that a line takes part: its time, its TTL, and its record's size with an owner
 * that is a compression pointer: 2, type, class, TTL and length: 10 (RFC 1035 4.1.3).
 */
static void
draft_use(struct draft *draft, const struct line *line)
{
	if (line->delay_ms > draft->delay_ms)
		draft->delay_ms = line->delay_ms;
	if (line->record.ttl_seconds < draft->answer.ttl_seconds)
		draft->answer.ttl_seconds = line->record.ttl_seconds;
	if (line->fact == NULL)
		draft->wire_bytes += 2 + 10 + line->record.data.length;
}

static void
draft_add_records(struct draft *draft, const struct line *line)
{
	struct dns_answer *answer = &draft->answer;
	const struct line *first = line;
	for (; line != NULL; line = line->next) {
		if (line->type != first->type ||
		    !dns_name_equal(&line->owner, &first->owner))
			continue;
		draft_use(draft, line);
		draft->records[answer->record_count++] = line->record;
	}
}

static void
draft_add_fact(struct draft *draft, const struct line *line)
{
	draft_use(draft, line);
	draft->answer.rcode = line->fact->rcode;
	switch (line->fact->outcome) {
	case OUTCOME_BOGUS:
	case OUTCOME_TIMEOUT:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_MALFORMED:
		draft->failure = line->fact->outcome;
		break;
	default:
		break;
	}
}

/* Follows a CNAME: its target becomes the name to look at. */
static bool
draft_follow(struct draft *draft, const struct line *line, struct dns_name *at)
{
	struct dns_answer *answer = &draft->answer;
	if (answer->alias_count == LIMIT_CNAME_CHAIN) {
		answer->alias_count = 0;
		answer->rcode = DNS_RCODE_SERVFAIL;
		return false;
	}
	bool is_name = dns_record_name(&line->record, at);
	assert(is_name);
	draft_use(draft, line);
	draft->aliases[answer->alias_count++] = *at;
	return true;
}

/* One name of the chain; true when there is another one to look at. */
static bool
draft_step(const struct zone *zone, struct draft *draft, struct dns_name *at)
{
	struct dns_name source;
	if (!find_source(zone, at, &source)) {
		draft->answer.rcode = DNS_RCODE_NXDOMAIN;
		return false;
	}
	const struct line *line = find_line(zone, &source, draft->answer.type);
	if (line != NULL && line->fact != NULL) {
		draft_add_fact(draft, line);
		return false;
	}
	if (line != NULL) {
		draft_add_records(draft, line);
		return false;
	}
	line = find_line(zone, &source, DNS_CNAME);
	return line != NULL && line->fact == NULL && draft_follow(draft, line, at);
}

static bool
is_signed(const struct zone *zone, const struct dns_name *name)
{
	const struct signed_name *each = zone->signed_names;
	while (each != NULL && !dns_name_is_within(name, &each->name))
		each = each->next;
	return each != NULL;
}

/* Every name on the way is. */
static bool
is_authentic(
    const struct zone *zone, const struct dns_name *name, const struct draft *draft)
{
	bool authentic = is_signed(zone, name);
	for (size_t i = 0; i < draft->answer.alias_count; i++)
		authentic &= is_signed(zone, &draft->aliases[i]);
	return authentic;
}

struct zone_reply
zone_ask(const struct zone *zone, const struct dns_name *name, uint16_t type)
{
	static const size_t header_bytes = 12, question_bytes = 4, opt_bytes = 11;
	struct draft draft;
	draft.answer = (struct dns_answer){
		.type = type,
		.ttl_seconds = INT32_MAX,
		.records = draft.records,
	};
	draft.wire_bytes = header_bytes + name->length + question_bytes + opt_bytes;
	draft.delay_ms = -1;
	draft.failure = OUTCOME_WANTED;

	struct dns_name at = *name;
	while (draft_step(zone, &draft, &at))
		;
	if (draft.delay_ms < 0)
		draft.delay_ms = ZONE_DELAY_MS;
	if (draft.failure != OUTCOME_WANTED)
		return (struct zone_reply){ .failure = draft.failure,
			.delay_ms = draft.delay_ms };

	if (draft.answer.ttl_seconds == INT32_MAX)
		draft.answer.ttl_seconds = zone->ttl_seconds;
	assert(draft.wire_bytes <= LIMIT_MESSAGE_BYTES);
	draft.answer.wire_bytes = (uint16_t)draft.wire_bytes;
	draft.answer.authentic = is_authentic(zone, name, &draft);
	return (
	    struct zone_reply){ .answer = dns_answer_make(&draft.answer, draft.aliases),
		.delay_ms = draft.delay_ms };
}
