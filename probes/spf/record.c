/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The parser of SPF records: a loop over terms, and one short handler for each kind,
 * found by name in a table. It goes on behind a fault, because a person who mends a
 * record wants to hear of all of them at once.
 */
#include "spf/record.h"

#include "core/limits.h"
#include "spf/macro.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

static const struct span version = SPAN("v=spf1");

bool
spf_record_is_selected(struct span text)
{
	return span_take_prefix_nocase(&text, version) &&
	    (text.length == 0 || text.bytes[0] == ' ');
}

struct spf_selection
spf_record_select(struct arena *arena, const struct dns_answer *txt)
{
	struct spf_selection selection = { .count = 0 };
	for (size_t i = 0; i < txt->record_count; i++) {
		struct span text = dns_txt_join(arena, &txt->records[i]);
		if (!spf_record_is_selected(text) || selection.count++ > 0)
			continue;
		selection.text = text;
		selection.record = &txt->records[i];
	}
	return selection;
}

static void
blame(struct spf_term *term, enum spf_fault fault, const char *reason)
{
	if (term->fault != SPF_FINE)
		return;
	term->fault = fault;
	term->reason = reason;
}

static void
read_domain(struct spf_term *term, struct span domain)
{
	term->domain = domain;
	if (!spf_domain_spec_is_valid(domain, &term->has_macro))
		blame(term, SPF_BAD_SYNTAX,
		    domain.length == 0
			? "the name is missing"
			: "not a name with at least two labels, or a bad macro");
}

/* ":" domain-spec */
static void
read_needed_domain(struct spf_term *term, struct span rest)
{
	if (span_take_byte(&rest, ':'))
		read_domain(term, rest);
	else
		blame(term, SPF_BAD_SYNTAX, "expected a colon and a name");
}

/* [ ":" domain-spec ] */
static void
read_possible_domain(struct spf_term *term, struct span rest)
{
	if (rest.length > 0)
		read_needed_domain(term, rest);
}

static void
read_nothing(struct spf_term *term, struct span rest)
{
	if (rest.length > 0)
		blame(term, SPF_BAD_SYNTAX, "nothing may follow");
}

/* A prefix length as written: no sign, no leading zero, at most `max`. */
static bool
read_prefix(struct span digits, uint32_t max, uint8_t *prefix)
{
	uint32_t value;
	bool padded = digits.length > 1 && digits.bytes[0] == '0';
	if (padded || !span_take_number(&digits, max, &value) || digits.length > 0)
		return false;
	*prefix = (uint8_t)value;
	return true;
}

/* Cuts "/digits" off the end of `rest`, with `slashes` slashes; false when there is
 * none. The prefix may still be out of range, or have no digits at all. */
static bool
cut_prefix(struct span *rest, size_t slashes, struct span *digits)
{
	size_t start = rest->length;
	while (start > 0 && byte_is_digit(rest->bytes[start - 1]))
		start--;
	if (start < slashes)
		return false;
	for (size_t i = 1; i <= slashes; i++)
		if (rest->bytes[start - i] != '/')
			return false;
	*digits = span_slice(*rest, start, rest->length);
	*rest = span_slice(*rest, 0, start - slashes);
	return true;
}

/* [ ":" domain-spec ] [ "/" ip4-prefix ] [ "//" ip6-prefix ]: read from the end, since
 * a domain-spec may hold slashes. */
static void
read_domain_and_prefixes(struct spf_term *term, struct span rest)
{
	struct span digits;
	if (cut_prefix(&rest, 2, &digits) && !read_prefix(digits, 128, &term->prefix6))
		blame(term, SPF_BAD_SYNTAX, "the IPv6 prefix has to be 0 to 128");
	if (cut_prefix(&rest, 1, &digits) && !read_prefix(digits, 32, &term->prefix4))
		blame(term, SPF_BAD_SYNTAX, "the IPv4 prefix has to be 0 to 32");
	read_possible_domain(term, rest);
}

/* inet_pton() reads C strings; addresses are short and hold no NUL. */
static bool
read_address(int family, struct span text, uint8_t *address)
{
	char copy[INET6_ADDRSTRLEN];
	if (text.length == 0 || text.length >= sizeof(copy) ||
	    span_contains_byte(text, 0))
		return false;
	memcpy(copy, text.bytes, text.length);
	copy[text.length] = '\0';
	return inet_pton(family, copy, address) == 1;
}

static void
read_network(struct spf_term *term, struct span rest, int family, enum spf_fault fault)
{
	bool is_ip4 = family == AF_INET;
	if (!span_take_byte(&rest, ':')) {
		blame(term, fault, "expected a colon and an address");
		return;
	}
	struct span address;
	span_take_until_or_end(&rest, '/', &address);
	if (!read_address(family, address, term->address))
		blame(term, fault,
		    is_ip4 ? "not an IPv4 address" : "not an IPv6 address");
	if (!span_take_byte(&rest, '/'))
		return;
	uint8_t *prefix = is_ip4 ? &term->prefix4 : &term->prefix6;
	if (!read_prefix(rest, is_ip4 ? 32 : 128, prefix))
		blame(term, fault,
		    is_ip4 ? "the prefix has to be 0 to 32"
			   : "the prefix has to be 0 to 128");
}

static void
read_ip4(struct spf_term *term, struct span rest)
{
	read_network(term, rest, AF_INET, SPF_BAD_IP4);
}

static void
read_ip6(struct spf_term *term, struct span rest)
{
	read_network(term, rest, AF_INET6, SPF_BAD_IP6);
}

static void
read_macro(struct spf_term *term, struct span value)
{
	if (!spf_macro_is_valid(value))
		blame(term, SPF_BAD_SYNTAX, "the value holds a bad macro or character");
}

struct handler {
	struct span name;
	enum spf_kind kind;
	void (*read)(struct spf_term *term, struct span rest);
};

static const struct handler mechanisms[] = {
	{ SPAN("all"), SPF_ALL, read_nothing },
	{ SPAN("include"), SPF_INCLUDE, read_needed_domain },
	{ SPAN("a"), SPF_A, read_domain_and_prefixes },
	{ SPAN("mx"), SPF_MX, read_domain_and_prefixes },
	{ SPAN("ptr"), SPF_PTR, read_possible_domain },
	{ SPAN("ip4"), SPF_IP4, read_ip4 },
	{ SPAN("ip6"), SPF_IP6, read_ip6 },
	{ SPAN("exists"), SPF_EXISTS, read_needed_domain },
};

static const struct handler modifiers[] = {
	{ SPAN("redirect"), SPF_REDIRECT, read_domain },
	{ SPAN("exp"), SPF_EXP, read_domain },
};

static const struct handler *
handler_by_name(const struct handler *handlers, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(handlers[i].name, name))
			return &handlers[i];
	return NULL;
}

static bool
is_name_byte(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '-' || byte == '_' || byte == '.';
}

/* name "=" value; false when the term is no modifier at all. */
static bool
read_modifier(struct spf_term *term)
{
	struct span rest = term->text, name;
	span_take_while(&rest, is_name_byte, &name);
	if (name.length == 0 || !byte_is_alpha(name.bytes[0]) ||
	    !span_take_byte(&rest, '='))
		return false;
	const struct handler *handler = handler_by_name(
	    modifiers, ARRAY_LENGTH(modifiers), name);
	term->kind = handler != NULL ? handler->kind : SPF_MODIFIER;
	if (handler != NULL)
		handler->read(term, rest);
	else
		read_macro(term, rest);
	return true;
}

static enum spf_qualifier
take_qualifier(struct span *rest)
{
	if (span_take_byte(rest, '-'))
		return SPF_FAIL;
	if (span_take_byte(rest, '~'))
		return SPF_SOFTFAIL;
	if (span_take_byte(rest, '?'))
		return SPF_NEUTRAL;
	span_take_byte(rest, '+');
	return SPF_PASS;
}

static void
read_mechanism(struct spf_term *term)
{
	struct span rest = term->text, name;
	term->qualifier = take_qualifier(&rest);
	span_take_while(&rest, is_name_byte, &name);
	const struct handler *handler = handler_by_name(
	    mechanisms, ARRAY_LENGTH(mechanisms), name);
	if (handler == NULL) {
		blame(term, SPF_BAD_SYNTAX, "not a mechanism or modifier of SPF");
		return;
	}
	term->kind = handler->kind;
	handler->read(term, rest);
}

void
spf_term_read(struct spf_term *term, struct span text, size_t position)
{
	*term = (struct spf_term){
		.kind = SPF_NOTHING,
		.text = text,
		.position = position,
		.prefix4 = 32,
		.prefix6 = 128,
	};
	if (!span_is_printable(text))
		blame(term, SPF_BAD_BYTE, "a byte that is not printable ASCII");
	if (!read_modifier(term))
		read_mechanism(term);
}

/* Counts the faults; remembers the terms that decide how the record ends. redirect and
 * exp may each stand once (RFC 7208 6). */
static void
look_over(struct spf_record *record)
{
	bool has_exp = false;
	for (size_t i = 0; i < record->term_count; i++) {
		struct spf_term *term = &record->terms[i];
		bool is_second = (term->kind == SPF_REDIRECT &&
				     record->redirect != NULL) ||
		    (term->kind == SPF_EXP && has_exp);
		if (is_second)
			blame(term, SPF_SECOND_MODIFIER, "may stand only once");
		if (term->fault != SPF_FINE) {
			record->fault_count++;
			continue;
		}
		if (term->kind == SPF_ALL && record->all == NULL)
			record->all = term;
		if (term->kind == SPF_REDIRECT)
			record->redirect = term;
		has_exp = has_exp || term->kind == SPF_EXP;
	}
}

static size_t
count_terms(struct span list)
{
	struct split pieces = { .rest = list };
	struct span piece;
	size_t count = 0;
	while (split_next(&pieces, ' ', &piece))
		count += piece.length > 0;
	return count;
}

struct spf_record *
spf_record_parse(struct arena *arena, struct span text)
{
	assert(spf_record_is_selected(text));
	struct spf_record *record = arena_alloc(arena, sizeof(*record));
	struct span list = span_slice(text, version.length, text.length), piece;
	size_t count = count_terms(list);
	record->text = text;
	record->all_count = count;
	record->cut = count > LIMIT_SPF_TERMS;
	if (record->cut)
		count = LIMIT_SPF_TERMS;
	record->terms = arena_alloc_array(arena, count, sizeof(*record->terms));

	struct split pieces = { .rest = list };
	while (record->term_count < count && split_next(&pieces, ' ', &piece)) {
		if (piece.length == 0)
			continue;
		size_t position = (size_t)(piece.bytes - text.bytes) + 1;
		spf_term_read(&record->terms[record->term_count++], piece, position);
	}
	look_over(record);
	return record;
}

bool
spf_record_hides_terms(const struct spf_record *record)
{
	return record->fault_count > 0 || record->cut;
}

bool
spf_kind_is_mechanism(enum spf_kind kind)
{
	return kind <= SPF_EXISTS;
}

bool
spf_term_costs_lookup(const struct spf_term *term)
{
	switch (term->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_REDIRECT:
		return true;
	default:
		return false;
	}
}

const char *
spf_qualifier_text(enum spf_qualifier qualifier)
{
	static const char *const texts[] = { "pass", "fail", "softfail", "neutral" };
	return texts[qualifier];
}

char
spf_qualifier_sign(enum spf_qualifier qualifier)
{
	static const char signs[] = { '+', '-', '~', '?' };
	return signs[qualifier];
}
