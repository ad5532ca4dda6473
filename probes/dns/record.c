/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The data of records. One table says what each type's data are made up of; by it they
 * are checked, and made whole, before anybody sees them. The functions that read single
 * types can therefore stay as short as the RFC's own pictures.
 */
#include "dns/record.h"

#include "core/limits.h"

#include <assert.h>
#include <string.h>

/* What follows the fixed parts. */
enum tail { TAIL_NONE, TAIL_STRINGS, TAIL_BYTES };

/* Data are `before` bytes, then names, then `after` bytes, then the tail. */
struct form {
	uint16_t type;
	char text[6];
	uint8_t before, names, after;
	enum tail tail;
};

static const struct form forms[] = {
	{ DNS_A, "A", 4, 0, 0, TAIL_NONE },
	{ DNS_NS, "NS", 0, 1, 0, TAIL_NONE },
	{ DNS_CNAME, "CNAME", 0, 1, 0, TAIL_NONE },
	{ DNS_SOA, "SOA", 0, 2, 20, TAIL_NONE },
	{ DNS_PTR, "PTR", 0, 1, 0, TAIL_NONE },
	{ DNS_MX, "MX", 2, 1, 0, TAIL_NONE },
	{ DNS_TXT, "TXT", 0, 0, 0, TAIL_STRINGS },
	{ DNS_AAAA, "AAAA", 16, 0, 0, TAIL_NONE },
	{ DNS_DNAME, "DNAME", 0, 1, 0, TAIL_NONE },
	{ DNS_TLSA, "TLSA", 3, 0, 0, TAIL_BYTES },
	{ DNS_SPF, "SPF", 0, 0, 0, TAIL_STRINGS },
};

static const struct form *
form_of(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++)
		if (forms[i].type == type)
			return &forms[i];
	return NULL;
}

const char *
dns_type_text(uint16_t type)
{
	const struct form *form = form_of(type);
	return form != NULL ? form->text : NULL;
}

bool
dns_type_by_name(struct span name, uint16_t *type)
{
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++)
		if (span_equal_nocase(name, span_text(forms[i].text))) {
			*type = forms[i].type;
			return true;
		}
	return false;
}

static bool
copy_bytes(struct buf *whole, struct span *data, size_t length)
{
	struct span bytes;
	if (!span_take(data, length, &bytes))
		return false;
	buf_add(whole, bytes);
	return true;
}

static bool
copy_name(struct buf *whole, struct span message, struct span *data)
{
	struct dns_name name;
	if (dns_name_from_message(&name, message, data) != STATUS_OK)
		return false;
	buf_add(whole, dns_name_span(&name));
	return true;
}

/* No string at all is not legal (RFC 1035 3.3.14), but some servers send it, and it
 * can't be mistaken for anything. */
static bool
are_strings(struct span data)
{
	struct span string;
	while (dns_txt_next(&data, &string))
		;
	return data.length == 0;
}

static bool
is_tail(enum tail tail, struct span data)
{
	switch (tail) {
	case TAIL_NONE:
		return data.length == 0;
	case TAIL_STRINGS:
		return are_strings(data);
	case TAIL_BYTES:
		return true;
	}
	return false;
}

enum status
dns_record_expand(
    struct buf *whole, uint16_t type, struct span message, struct span data)
{
	static const struct form unknown = { .tail = TAIL_BYTES };
	const struct form *form = form_of(type);
	if (form == NULL)
		form = &unknown;

	if (!copy_bytes(whole, &data, form->before))
		return STATUS_MALFORMED;
	for (unsigned i = 0; i < form->names; i++)
		if (!copy_name(whole, message, &data))
			return STATUS_MALFORMED;
	if (!copy_bytes(whole, &data, form->after) || !is_tail(form->tail, data))
		return STATUS_MALFORMED;
	buf_add(whole, data);
	return STATUS_OK;
}

static bool
read_address(const struct dns_record *record, uint8_t *address, size_t length)
{
	if (record->data.length != length)
		return false;
	memcpy(address, record->data.bytes, length);
	return true;
}

bool
dns_record_a(const struct dns_record *record, uint8_t address[4])
{
	return read_address(record, address, 4);
}

bool
dns_record_aaaa(const struct dns_record *record, uint8_t address[16])
{
	return read_address(record, address, 16);
}

static bool
is_one_name(struct span data, struct dns_name *name)
{
	return dns_name_from_wire(name, &data) == STATUS_OK && data.length == 0;
}

bool
dns_record_name(const struct dns_record *record, struct dns_name *name)
{
	return is_one_name(record->data, name);
}

bool
dns_record_mx(
    const struct dns_record *record, uint16_t *preference, struct dns_name *exchanger)
{
	struct span rest = record->data;
	return span_take_u16(&rest, preference) && is_one_name(rest, exchanger);
}

bool
dns_record_tlsa(const struct dns_record *record, struct dns_tlsa *tlsa)
{
	struct span rest = record->data;
	bool whole = span_take_u8(&rest, &tlsa->usage) &&
	    span_take_u8(&rest, &tlsa->selector) &&
	    span_take_u8(&rest, &tlsa->matching);
	tlsa->association = rest;
	return whole;
}

bool
dns_txt_next(struct span *rest, struct span *string)
{
	struct span after = *rest;
	uint8_t length;
	if (!span_take_u8(&after, &length) || !span_take(&after, length, string))
		return false;
	*rest = after;
	return true;
}

struct span
dns_txt_join(struct arena *arena, const struct dns_record *record)
{
	struct span rest = record->data, string;
	uint8_t *text = arena_alloc(arena, rest.length);
	size_t length = 0;
	while (dns_txt_next(&rest, &string)) {
		assert(string.length < record->data.length - length);
		if (string.length > 0)
			memcpy(text + length, string.bytes, string.length);
		length += string.length;
	}
	return span_of(text, length);
}
