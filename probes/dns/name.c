/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * DNS names as wire bytes. Every name begins as the root and grows by
 * dns_name_append(), so the limits of RFC 1035 are decided in one place, whether the
 * labels come from a packet, a record's text or a person. Nothing here checks for host
 * names: SPF asks for names with blanks, colons and slashes in them, and they have to
 * go out as they are.
 */
#include "dns/name.h"

#include "dns/idn.h"

#include <assert.h>
#include <string.h>

/* The two upper bits of a length say what it is (RFC 1035 4.1.4). */
enum { POINTER_BITS = 0xc0 };

void
dns_name_root(struct dns_name *name)
{
	name->length = 1;
	name->wire[0] = 0;
}

enum status
dns_name_append(struct dns_name *name, struct span label)
{
	if (label.length == 0)
		return STATUS_EMPTY_LABEL;
	if (label.length > LIMIT_LABEL_BYTES)
		return STATUS_LABEL_TOO_LONG;
	if (name->length + 1 + label.length > LIMIT_NAME_BYTES)
		return STATUS_NAME_TOO_LONG;

	uint8_t *end = name->wire + name->length - 1; /* where the root's byte is */
	end[0] = (uint8_t)label.length;
	memcpy(end + 1, label.bytes, label.length);
	end[1 + label.length] = 0;
	name->length += (uint8_t)(1 + label.length);
	return STATUS_OK;
}

/* --- from text ------------------------------------------------------------ */

enum status
dns_name_from_text(struct dns_name *name, struct span text)
{
	if (text.length == 0)
		return STATUS_EMPTY;
	dns_name_root(name);
	if (span_equal(text, span_text(".")))
		return STATUS_OK;

	if (text.bytes[text.length - 1] == '.')
		text.length--;
	struct split labels = { .rest = text };
	struct span label;
	while (split_next(&labels, '.', &label)) {
		enum status status = dns_name_append(name, label);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* "me@example.com", "https://example.com/", "example.com ": each is legal in DNS, and
 * none is what somebody meant who typed it. */
static bool
is_plausible(struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.bytes[i];
		if (byte <= ' ' || byte == 0x7f || byte == '@' || byte == '/')
			return false;
	}
	return true;
}

static bool
is_ascii(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] >= 0x80)
			return false;
	return true;
}

enum status
dns_name_from_user(struct dns_name *name, struct span text)
{
	if (!is_plausible(text))
		return STATUS_MALFORMED;
	if (is_ascii(text))
		return dns_name_from_text(name, text);

	char memory[LIMIT_NAME_BYTES + 1];
	struct buf ascii;
	buf_wrap(&ascii, memory, sizeof(memory));
	enum status status = idn_to_ascii(&ascii, text);
	if (status != STATUS_OK)
		return status;
	if (ascii.cut)
		return STATUS_NAME_TOO_LONG;
	if (!is_plausible(buf_span(&ascii))) /* full-width forms become ASCII */
		return STATUS_MALFORMED;
	return dns_name_from_text(name, buf_span(&ascii));
}

/* --- from wire format ----------------------------------------------------- */

/* Appends labels up to the first length byte that is none of a label: `end`, 0 for the
 * root. `rest` is left behind it. */
static enum status
take_labels(struct dns_name *name, struct span *rest, uint8_t *end)
{
	for (;;) {
		if (!span_take_u8(rest, end))
			return STATUS_CUT_SHORT;
		if (*end == 0 || *end > LIMIT_LABEL_BYTES)
			return STATUS_OK;
		struct span label;
		if (!span_take(rest, *end, &label))
			return STATUS_CUT_SHORT;
		enum status status = dns_name_append(name, label);
		if (status != STATUS_OK)
			return status;
	}
}

enum status
dns_name_from_wire(struct dns_name *name, struct span *rest)
{
	struct span after = *rest;
	uint8_t end;
	dns_name_root(name);
	enum status status = take_labels(name, &after, &end);
	if (status != STATUS_OK)
		return status;
	if (end != 0)
		return STATUS_MALFORMED;
	*rest = after;
	return STATUS_OK;
}

enum status
dns_name_from_message(struct dns_name *name, struct span message, struct span *rest)
{
	struct span piece = *rest, after = *rest;
	size_t start = message.length - piece.length;
	dns_name_root(name);
	for (unsigned pointers = 0; pointers <= LIMIT_NAME_POINTERS; pointers++) {
		uint8_t end, low;
		enum status status = take_labels(name, &piece, &end);
		if (status != STATUS_OK)
			return status;
		if (end != 0 && (end & POINTER_BITS) != POINTER_BITS)
			return STATUS_MALFORMED;
		if (end != 0 && !span_take_u8(&piece, &low))
			return STATUS_CUT_SHORT;
		if (pointers == 0)
			after = piece;
		if (end == 0) {
			*rest = after;
			return STATUS_OK;
		}
		/* "A prior occurrence": before all that was read so far. */
		size_t target = (size_t)(end & ~POINTER_BITS) << 8 | low;
		if (target >= start)
			return STATUS_MALFORMED;
		start = target;
		piece = span_slice(message, target, message.length);
	}
	return STATUS_MALFORMED;
}

/* --- looking at names ----------------------------------------------------- */

struct span
dns_name_span(const struct dns_name *name)
{
	return span_of(name->wire, name->length);
}

/* The next label of a name's wire; false at the root. */
static bool
take_label(struct span *wire, struct span *label)
{
	uint8_t length;
	bool whole = span_take_u8(wire, &length) && span_take(wire, length, label);
	assert(whole); /* names are legal */
	return whole && length > 0;
}

static bool
is_plain(uint8_t byte)
{
	return byte != '.' && byte != '\\';
}

static void
add_label(struct buf *out, struct span label)
{
	while (label.length > 0) {
		struct span plain;
		uint8_t special;
		span_take_while(&label, is_plain, &plain);
		buf_add_safe(out, plain);
		if (span_take_u8(&label, &special)) {
			buf_add_byte(out, '\\');
			buf_add_byte(out, special);
		}
	}
}

void
dns_name_add(struct buf *out, const struct dns_name *name)
{
	struct span wire = dns_name_span(name), label;
	if (!take_label(&wire, &label)) {
		buf_add_byte(out, '.');
		return;
	}
	add_label(out, label);
	while (take_label(&wire, &label)) {
		buf_add_byte(out, '.');
		add_label(out, label);
	}
}

char *
dns_name_text(struct arena *arena, const struct dns_name *name)
{
	char memory[LIMIT_NAME_BYTES * (sizeof("\\000") - 1) + 1];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	dns_name_add(&text, name);
	return arena_text(arena, buf_span(&text));
}

/* Lengths are at most 63, and no letter: folding case leaves them alone. */
bool
dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return span_equal_nocase(dns_name_span(a), dns_name_span(b));
}

bool
dns_name_is_within(const struct dns_name *name, const struct dns_name *ancestor)
{
	struct span wire = dns_name_span(name), label;
	while (wire.length > ancestor->length)
		take_label(&wire, &label);
	return span_equal_nocase(wire, dns_name_span(ancestor));
}

unsigned
dns_name_labels(const struct dns_name *name)
{
	struct span wire = dns_name_span(name), label;
	unsigned labels = 0;
	while (take_label(&wire, &label))
		labels++;
	return labels;
}

void
dns_name_suffix(struct dns_name *suffix, const struct dns_name *name, unsigned labels)
{
	struct span wire = dns_name_span(name), label;
	for (unsigned have = dns_name_labels(name); have > labels; have--)
		take_label(&wire, &label);
	suffix->length = (uint8_t)wire.length;
	memmove(suffix->wire, wire.bytes, wire.length);
}

enum status
dns_name_prepend(
    struct dns_name *longer, struct span label, const struct dns_name *name)
{
	struct dns_name made;
	dns_name_root(&made);
	enum status status = dns_name_append(&made, label);
	if (status != STATUS_OK)
		return status;
	size_t length = 1 + label.length + name->length;
	if (length > LIMIT_NAME_BYTES)
		return STATUS_NAME_TOO_LONG;
	memcpy(made.wire + 1 + label.length, name->wire, name->length);
	made.length = (uint8_t)length;
	*longer = made;
	return STATUS_OK;
}

enum status
dns_name_append_name(struct dns_name *name, const struct dns_name *tail)
{
	if (name->length - 1u + tail->length > LIMIT_NAME_BYTES)
		return STATUS_NAME_TOO_LONG;
	memcpy(name->wire + name->length - 1, tail->wire, tail->length);
	name->length = (uint8_t)(name->length - 1 + tail->length);
	return STATUS_OK;
}

enum status
dns_name_absent(struct dns_name *absent, const struct dns_name *domain, uint32_t salt)
{
	uint32_t hash = 2166136261u ^ salt; /* FNV-1a */
	for (size_t i = 0; i < domain->length; i++)
		hash = (hash ^ byte_lower(domain->wire[i])) * 16777619u;
	char memory[32];
	struct buf label;
	buf_wrap(&label, memory, sizeof(memory));
	buf_addf(&label, "mailgauge-absent-%08x", hash);
	return dns_name_prepend(absent, buf_span(&label), domain);
}

struct span
dns_name_first_label(const struct dns_name *name)
{
	struct span wire = dns_name_span(name), label;
	take_label(&wire, &label);
	return label;
}
