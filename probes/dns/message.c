/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Packets to answers. A reply is read in three steps: the frame (header, question, and
 * every record of all sections, so that a message that ends early is noticed wherever
 * it does), the chain of CNAMEs within the answer section, and the records at its end,
 * which are then copied into one block. Nothing of the message is needed afterwards.
 *
 * This is not a resolver: it neither asks on when a chain ends outside the message nor
 * checks who may say what. The name server that we ask does both.
 */
#include "dns/message.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CLASS_IN = 1, TYPE_OPT = 41 };

/* The second word of the header (RFC 1035 4.1.1, RFC 2535 6.1). */
enum {
	FLAG_QR = 0x8000,
	MASK_OPCODE = 0x7800,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_AD = 0x0020,
	FLAG_CD = 0x0010,
	MASK_RCODE = 0x000f
};

enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTIONS };

/* One record, by its places in the message. */
struct entry {
	uint32_t ttl;
	uint16_t type, class;
	uint16_t owner; /* where it begins */
	uint16_t data, data_length;
};

/* A reply as far as it was read. */
struct reading {
	struct span message;
	uint16_t type; /* asked for */
	uint16_t rcode;
	uint16_t counts[SECTIONS];
	bool authentic, truncated, has_opt, has_soa;
	uint32_t ttl_seconds; /* the least so far */
	uint32_t negative_ttl_seconds;
	uint8_t alias_count;
	struct dns_name aliases[LIMIT_CNAME_CHAIN];

	/* First every record of the answer section that may matter, in the end those
	 * that are the answer. */
	size_t entry_count, record_count;
	struct entry
	    *entries; /* room for as many as the header says, within the limit */
};

/* --- questions ------------------------------------------------------------ */

/* RFC 6891 6.1.2: the class is the size of replies that we take. */
static void
add_opt(struct buf *packet)
{
	static const unsigned extended_rcode_and_flags = 0, data_length = 0;
	buf_add_byte(packet, 0); /* the root */
	buf_add_u16(packet, TYPE_OPT);
	buf_add_u16(packet, LIMIT_EDNS_BYTES);
	buf_add_u16(packet, extended_rcode_and_flags >> 16);
	buf_add_u16(packet, extended_rcode_and_flags);
	buf_add_u16(packet, data_length);
}

void
dns_message_ask(
    struct buf *packet, uint16_t id, const struct dns_name *name, uint16_t type)
{
	static const unsigned counts[] = { 1, 0, 0, 1 };
	buf_add_u16(packet, id);
	buf_add_u16(packet, FLAG_RD | FLAG_AD); /* AD: we know the bit (RFC 6840 5.7) */
	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
		buf_add_u16(packet, counts[i]);
	buf_add(packet, dns_name_span(name));
	buf_add_u16(packet, type);
	buf_add_u16(packet, CLASS_IN);
	add_opt(packet);
}

void
dns_message_disable_checking(struct buf *packet)
{
	enum { LOW_FLAGS = 3 }; /* behind the id and the upper half */
	packet->text[LOW_FLAGS] |= FLAG_CD;
}

/* --- the frame ------------------------------------------------------------ */

/* Where a tail of the message begins. */
static uint16_t
offset_of(const struct reading *reading, struct span rest)
{
	return (uint16_t)(reading->message.length - rest.length);
}

static enum status
check_question(
    const struct reading *reading, struct span *rest, const struct dns_name *name)
{
	struct dns_name asked;
	uint16_t type, class;
	enum status status = dns_name_from_message(&asked, reading->message, rest);
	if (status != STATUS_OK || !span_take_u16(rest, &type) ||
	    !span_take_u16(rest, &class))
		return STATUS_MALFORMED;
	if (type != reading->type || class != CLASS_IN || !dns_name_equal(&asked, name))
		return STATUS_MISMATCH;
	return STATUS_OK;
}

/* Neither an answer nor a denial. */
static bool
is_failure(uint16_t rcode)
{
	return rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN;
}

static struct entry *
entries_new(size_t count)
{
	size_t room = count < LIMIT_RECORDS ? count : LIMIT_RECORDS;
	return must_calloc(room + 1, sizeof(struct entry)); /* never none */
}

static enum status
read_header(struct reading *reading, struct span *rest, const struct dns_name *name)
{
	uint16_t id, flags, questions;
	bool whole = span_take_u16(rest, &id) && span_take_u16(rest, &flags) &&
	    span_take_u16(rest, &questions);
	for (size_t i = 0; i < SECTIONS; i++)
		whole = whole && span_take_u16(rest, &reading->counts[i]);
	if (!whole)
		return STATUS_MALFORMED;
	if ((flags & (FLAG_QR | MASK_OPCODE)) != FLAG_QR)
		return STATUS_MISMATCH;

	reading->rcode = flags & MASK_RCODE;
	reading->truncated = flags & FLAG_TC;
	reading->authentic = flags & FLAG_AD;
	reading->entries = entries_new(reading->counts[SECTION_ANSWER]);
	/* Who could not read the question need not repeat it. */
	if (questions == 0 && is_failure(reading->rcode))
		return STATUS_OK;
	return questions == 1 ? check_question(reading, rest, name) : STATUS_MISMATCH;
}

static enum status
take_entry(const struct reading *reading, struct span *rest, struct entry *entry)
{
	struct dns_name owner;
	struct span data;
	entry->owner = offset_of(reading, *rest);
	enum status status = dns_name_from_message(&owner, reading->message, rest);
	if (status != STATUS_OK)
		return status == STATUS_CUT_SHORT ? status : STATUS_MALFORMED;
	if (!span_take_u16(rest, &entry->type) || !span_take_u16(rest, &entry->class) ||
	    !span_take_u32(rest, &entry->ttl) ||
	    !span_take_u16(rest, &entry->data_length))
		return STATUS_CUT_SHORT;
	entry->data = offset_of(reading, *rest);
	return span_take(rest, entry->data_length, &data) ? STATUS_OK
							  : STATUS_CUT_SHORT;
}

/* RFC 2181 8: a TTL is 31 bits; with the top bit set it counts as 0. */
static uint32_t
legal_ttl(uint32_t ttl)
{
	return ttl <= INT32_MAX ? ttl : 0;
}

static enum status
note_answer(struct reading *reading, const struct entry *entry)
{
	if (entry->class != CLASS_IN)
		return STATUS_OK;
	if (entry->type != reading->type && entry->type != DNS_CNAME)
		return STATUS_OK; /* RRSIG, DNAME: the CNAME made of it is there too */
	if (reading->entry_count == LIMIT_RECORDS)
		return STATUS_TOO_MANY;
	reading->entries[reading->entry_count++] = *entry;
	return STATUS_OK;
}

/* RFC 2308 5: the lesser of the SOA's own TTL and its last field. */
static enum status
note_authority(struct reading *reading, const struct entry *entry)
{
	if (entry->class != CLASS_IN || entry->type != DNS_SOA || reading->has_soa)
		return STATUS_OK;
	if (entry->data_length < sizeof(uint32_t))
		return STATUS_OK;
	size_t end = (size_t)entry->data + entry->data_length;
	struct span last = span_slice(
	    reading->message, end - sizeof(uint32_t), sizeof(uint32_t));
	uint32_t minimum;
	bool whole = span_take_u32(&last, &minimum);
	assert(whole);

	minimum = legal_ttl(minimum);
	uint32_t ttl = legal_ttl(entry->ttl);
	reading->negative_ttl_seconds = ttl < minimum ? ttl : minimum;
	reading->has_soa = true;
	return STATUS_OK;
}

/* RFC 6891 6.1.3: the first byte of the OPT's TTL goes in front of the rcode. */
static enum status
note_additional(struct reading *reading, const struct entry *entry)
{
	enum { UPPER_SHIFT = 24, RCODE_BITS = 4 };
	if (entry->type != TYPE_OPT || reading->has_opt)
		return STATUS_OK;
	reading->rcode |= (uint16_t)(entry->ttl >> UPPER_SHIFT << RCODE_BITS);
	reading->has_opt = true;
	return STATUS_OK;
}

/* The counts may promise anything; each record takes at least 11 bytes. */
static enum status
read_sections(struct reading *reading, struct span rest)
{
	static enum status (*const note[SECTIONS])(
	    struct reading *, const struct entry *) = {
		[SECTION_ANSWER] = note_answer,
		[SECTION_AUTHORITY] = note_authority,
		[SECTION_ADDITIONAL] = note_additional,
	};
	for (size_t section = 0; section < SECTIONS; section++)
		for (unsigned i = 0; i < reading->counts[section]; i++) {
			struct entry entry;
			enum status status = take_entry(reading, &rest, &entry);
			if (status == STATUS_OK)
				status = note[section](reading, &entry);
			if (status != STATUS_OK)
				return status;
		}
	return STATUS_OK;
}

/* --- the chain ------------------------------------------------------------ */

static bool
belongs_to(const struct reading *reading, const struct entry *entry,
    const struct dns_name *name)
{
	struct span rest = span_slice(reading->message, entry->owner, SIZE_MAX);
	struct dns_name owner;
	return dns_name_from_message(&owner, reading->message, &rest) == STATUS_OK &&
	    dns_name_equal(&owner, name);
}

static void
note_ttl(struct reading *reading, const struct entry *entry)
{
	uint32_t ttl = legal_ttl(entry->ttl);
	if (ttl < reading->ttl_seconds)
		reading->ttl_seconds = ttl;
}

/* Moves the records of the type asked at `name` to the front, if there are any. */
static bool
select_records(struct reading *reading, const struct dns_name *name)
{
	size_t count = 0;
	for (size_t i = 0; i < reading->entry_count; i++) {
		struct entry entry = reading->entries[i];
		if (entry.type != reading->type || !belongs_to(reading, &entry, name))
			continue;
		note_ttl(reading, &entry);
		reading->entries[count++] = entry;
	}
	reading->record_count = count;
	return count > 0;
}

/* The message up to the end of a record's data, and these; what pointers need. */
static struct span
up_to_end_of(const struct reading *reading, const struct entry *entry)
{
	return span_slice(
	    reading->message, 0, (size_t)entry->data + entry->data_length);
}

static bool
read_target(
    const struct reading *reading, const struct entry *entry, struct dns_name *target)
{
	struct span head = up_to_end_of(reading, entry);
	struct span data = span_slice(head, entry->data, SIZE_MAX);
	return dns_name_from_message(target, head, &data) == STATUS_OK &&
	    data.length == 0;
}

/* EMPTY: no CNAME there. Two that differ are not legal (RFC 2181 10.1), and which of
 * them a resolver takes is chance. */
static enum status
find_alias(
    struct reading *reading, const struct dns_name *name, struct dns_name *target)
{
	bool found = false;
	for (size_t i = 0; i < reading->entry_count; i++) {
		const struct entry *entry = &reading->entries[i];
		struct dns_name other;
		if (entry->type != DNS_CNAME || !belongs_to(reading, entry, name))
			continue;
		if (!read_target(reading, entry, &other) ||
		    (found && !dns_name_equal(&other, target)))
			return STATUS_MALFORMED;
		note_ttl(reading, entry);
		*target = other;
		found = true;
	}
	return found ? STATUS_OK : STATUS_EMPTY;
}

/* Records may come in any order. A loop is a chain without end. */
static enum status
follow_aliases(struct reading *reading, const struct dns_name *name)
{
	struct dns_name at = *name, target;
	while (!select_records(reading, &at)) {
		enum status status = find_alias(reading, &at, &target);
		if (status == STATUS_EMPTY)
			return STATUS_OK;
		if (status != STATUS_OK || reading->alias_count == LIMIT_CNAME_CHAIN)
			return STATUS_MALFORMED;
		reading->aliases[reading->alias_count++] = at = target;
	}
	/* "There is no such name, and here are its records." */
	return reading->rcode == DNS_RCODE_NXDOMAIN ? STATUS_MALFORMED : STATUS_OK;
}

/* --- answers -------------------------------------------------------------- */

/* The one block of an answer, while it is filled. */
struct block {
	struct dns_answer *answer;
	struct dns_record *records;
	uint8_t *free_bytes; /* for data; the rest of the block */
};

/* Room for as many records as `like` says and their data; aliases are copied. */
static struct block
block_new(
    const struct dns_answer *like, const struct dns_name aliases[], size_t data_bytes)
{
	size_t records_size = like->record_count * sizeof(struct dns_record);
	size_t aliases_size = like->alias_count * sizeof(struct dns_name);
	uint8_t *memory = must_alloc(
	    sizeof(*like) + records_size + aliases_size + data_bytes);

	struct dns_answer *answer = (struct dns_answer *)memory;
	struct dns_record *records = (struct dns_record *)(memory + sizeof(*like));
	uint8_t *rest = memory + sizeof(*like) + records_size;
	if (aliases_size > 0)
		memcpy(rest, aliases, aliases_size);
	*answer = *like;
	answer->records = records;
	return (struct block){ answer, records, rest + aliases_size };
}

static void
block_add(struct block *block, size_t index, uint32_t ttl_seconds, struct span data)
{
	if (data.length > 0)
		memcpy(block->free_bytes, data.bytes, data.length);
	block->records[index] = (struct dns_record){
		.ttl_seconds = ttl_seconds,
		.data = span_of(block->free_bytes, data.length),
	};
	block->free_bytes += data.length;
}

static uint32_t
ttl_of(const struct reading *reading)
{
	if (is_failure(reading->rcode))
		return 0;
	uint32_t ttl = reading->ttl_seconds;
	if (reading->record_count > 0)
		return ttl;
	uint32_t negative = reading->has_soa ? reading->negative_ttl_seconds
					     : LIMIT_TTL_NEGATIVE_DEFAULT_SECONDS;
	return ttl < negative ? ttl : negative;
}

/* Adds the records' data, made whole, to `data`; each entry then has its new length. */
static enum status
expand_records(struct reading *reading, struct buf *data)
{
	for (size_t i = 0; i < reading->record_count; i++) {
		struct entry *entry = &reading->entries[i];
		struct span head = up_to_end_of(reading, entry);
		size_t before = data->length;
		enum status status = dns_record_expand(
		    data, reading->type, head, span_slice(head, entry->data, SIZE_MAX));
		if (status != STATUS_OK)
			return status;
		entry->data_length = (uint16_t)(data->length - before);
	}
	assert(!data->cut);
	return STATUS_OK;
}

static struct dns_answer *
make_answer(const struct reading *reading, struct span data)
{
	struct dns_answer like = {
		.ttl_seconds = ttl_of(reading),
		.type = reading->type,
		.wire_bytes = (uint16_t)reading->message.length,
		.rcode = reading->rcode,
		.record_count = (uint16_t)reading->record_count,
		.alias_count = reading->alias_count,
		.authentic = reading->authentic,
		.truncated = reading->truncated,
	};
	struct block block = block_new(&like, reading->aliases, data.length);
	for (size_t i = 0; i < reading->record_count; i++) {
		const struct entry *entry = &reading->entries[i];
		struct span own;
		bool whole = span_take(&data, entry->data_length, &own);
		assert(whole);
		block_add(&block, i, legal_ttl(entry->ttl), own);
	}
	return block.answer;
}

static enum status
copy_records(struct reading *reading, struct dns_answer **answer)
{
	struct buf data; /* the largest data are two names and five numbers, of a SOA */
	buf_init(&data, LIMIT_MESSAGE_BYTES + LIMIT_RECORDS * 2 * LIMIT_NAME_BYTES);
	enum status status = expand_records(reading, &data);
	if (status == STATUS_OK)
		*answer = make_answer(reading, buf_span(&data));
	buf_free(&data);
	return status;
}

static enum status
read_reply(
    struct reading *reading, const struct dns_name *name, struct dns_answer **answer)
{
	struct span rest = reading->message;
	enum status status = read_header(reading, &rest, name);
	if (status != STATUS_OK)
		return status;
	status = read_sections(reading, rest);
	if (status == STATUS_CUT_SHORT)
		reading->truncated = true;
	else if (status != STATUS_OK)
		return status;

	status = follow_aliases(reading, name);
	if (status == STATUS_OK)
		status = copy_records(reading, answer);
	if (status != STATUS_OK)
		return status;
	return reading->truncated ? STATUS_CUT_SHORT : STATUS_OK;
}

enum status
dns_message_read(struct span message, const struct dns_name *name, uint16_t type,
    struct dns_answer **answer)
{
	struct reading reading; /* 4 kB: only what is used gets a value */
	reading.message = message;
	reading.type = type;
	reading.ttl_seconds = INT32_MAX;
	reading.negative_ttl_seconds = 0;
	reading.has_opt = reading.has_soa = false;
	reading.alias_count = 0;
	reading.entry_count = reading.record_count = 0;
	reading.entries = NULL;
	if (message.length > LIMIT_MESSAGE_BYTES)
		return STATUS_MALFORMED;
	enum status status = read_reply(&reading, name, answer);
	free(reading.entries);
	return status;
}

void
dns_answer_free(struct dns_answer *answer)
{
	free(answer);
}

const struct dns_name *
dns_answer_aliases(const struct dns_answer *answer)
{
	return (const struct dns_name *)(answer->records + answer->record_count);
}

struct dns_answer *
dns_answer_make(const struct dns_answer *by_hand, const struct dns_name aliases[])
{
	size_t data_bytes = 0;
	for (size_t i = 0; i < by_hand->record_count; i++)
		data_bytes += by_hand->records[i].data.length;
	struct block block = block_new(by_hand, aliases, data_bytes);
	for (size_t i = 0; i < by_hand->record_count; i++)
		block_add(&block, i, by_hand->records[i].ttl_seconds,
		    by_hand->records[i].data);
	return block.answer;
}

struct dns_answer *
dns_answer_copy(const struct dns_answer *answer)
{
	const struct dns_name *aliases = NULL;
	if (answer->alias_count > 0)
		aliases = dns_answer_aliases(answer);
	return dns_answer_make(answer, aliases);
}

enum outcome
dns_answer_outcome(const struct dns_answer *answer)
{
	switch (answer->rcode) {
	case DNS_RCODE_NOERROR:
		return answer->record_count > 0 ? OUTCOME_FOUND : OUTCOME_NODATA;
	case DNS_RCODE_NXDOMAIN:
		return OUTCOME_NXDOMAIN;
	case DNS_RCODE_SERVFAIL:
		return OUTCOME_SERVFAIL;
	case DNS_RCODE_REFUSED:
		return OUTCOME_REFUSED;
	default:
		return OUTCOME_BAD_RCODE;
	}
}
