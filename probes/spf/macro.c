/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Macro-strings by the grammar of RFC 7208 7.1. A record is checked as a whole before
 * anything of it is evaluated (4.6), so this file reads macros without knowing a
 * message.
 */
#include "spf/macro.h"

/* VCHAR without the percent sign (macro-literal). */
static bool
is_literal(uint8_t byte)
{
	return byte >= 0x21 && byte <= 0x7e && byte != '%';
}

static bool
is_delimiter(uint8_t byte)
{
	static const struct span delimiters = SPAN(".-+,/_=");
	return span_contains_byte(delimiters, byte);
}

static bool
is_letter(uint8_t byte)
{
	static const struct span letters = SPAN("slodiphcrtv");
	return span_contains_byte(letters, byte_lower(byte));
}

/* Behind "%{": letter, digits, r, delimiters, "}". */
static bool
take_expand(struct span *rest, struct spf_piece *piece)
{
	piece->kind = SPF_PIECE_EXPAND;
	if (!span_take_u8(rest, &piece->letter) || !is_letter(piece->letter))
		return false;

	uint8_t next;
	if (span_peek(rest, &next) && byte_is_digit(next)) {
		/* More parts than a name can have are as many as there are; 0 parts are
		 * an error (7.3). */
		struct span digits;
		span_take_while(rest, byte_is_digit, &digits);
		if (!span_take_number(&digits, 100000, &piece->digits))
			piece->digits = 100000;
		if (piece->digits == 0)
			return false;
	}
	if (span_peek(rest, &next) && byte_lower(next) == 'r')
		piece->reversed = span_take_byte(rest, next);
	span_take_while(rest, is_delimiter, &piece->delimiters);
	return span_take_byte(rest, '}');
}

/* Behind the percent sign. */
static bool
take_percent(struct span *rest, struct spf_piece *piece)
{
	static const struct span percent = SPAN("%"), space = SPAN(" "),
				 escape = SPAN("%20");
	uint8_t byte;
	if (!span_take_u8(rest, &byte))
		return false;
	switch (byte) {
	case '{':
		return take_expand(rest, piece);
	case '%':
		piece->meaning = percent;
		return true;
	case '_':
		piece->meaning = space;
		return true;
	case '-':
		piece->meaning = escape;
		return true;
	default:
		return false;
	}
}

enum status
spf_macro_next(struct span *rest, struct spf_piece *piece)
{
	if (rest->length == 0)
		return STATUS_EMPTY;
	struct span whole = *rest;
	*piece = (struct spf_piece){ .kind = SPF_PIECE_LITERAL };
	if (span_take_byte(rest, '%')) {
		if (!take_percent(rest, piece))
			return STATUS_MALFORMED;
	} else {
		span_take_while(rest, is_literal, &piece->meaning);
		if (piece->meaning.length == 0)
			return STATUS_MALFORMED;
	}
	piece->text = span_before(whole, *rest);
	return STATUS_OK;
}

bool
spf_macro_is_valid(struct span text)
{
	struct spf_piece piece;
	enum status status;
	do
		status = spf_macro_next(&text, &piece);
	while (status == STATUS_OK);
	return status == STATUS_EMPTY;
}

/* toplabel: letters, digits and inner hyphens, and not digits alone. */
static bool
is_top_label(struct span label)
{
	bool only_digits = true;
	for (size_t i = 0; i < label.length; i++) {
		uint8_t byte = label.bytes[i];
		bool at_end = i == 0 || i == label.length - 1;
		if (!byte_is_alnum(byte) && (byte != '-' || at_end))
			return false;
		only_digits = only_digits && byte_is_digit(byte);
	}
	return label.length > 0 && !only_digits;
}

/* "." toplabel [ "." ] at the end of what stands behind the last macro. */
static bool
ends_in_top_label(struct span tail)
{
	if (tail.length > 0 && tail.bytes[tail.length - 1] == '.')
		tail.length--;
	struct split labels = { .rest = tail };
	struct span label = { NULL, 0 };
	size_t count = 0;
	while (split_next(&labels, '.', &label))
		count++;
	return count >= 2 && is_top_label(label);
}

bool
spf_domain_spec_is_valid(struct span text, bool *has_macro)
{
	static const struct span explanation_only = SPAN("crt");
	struct spf_piece piece = { .kind = SPF_PIECE_LITERAL };
	struct span rest = text, tail = text;
	bool ends_in_macro = false;
	enum status status;
	*has_macro = false;
	while ((status = spf_macro_next(&rest, &piece)) == STATUS_OK) {
		if (piece.kind == SPF_PIECE_EXPAND &&
		    span_contains_byte(explanation_only, byte_lower(piece.letter)))
			return false;
		ends_in_macro = piece.text.bytes[0] == '%';
		if (ends_in_macro) {
			*has_macro = true;
			tail = rest;
		}
	}
	return status == STATUS_EMPTY && text.length > 0 &&
	    (ends_in_macro || ends_in_top_label(tail));
}

static bool
uses_letter(struct span text, struct span letters)
{
	struct spf_piece piece;
	while (spf_macro_next(&text, &piece) == STATUS_OK)
		if (piece.kind == SPF_PIECE_EXPAND &&
		    span_contains_byte(letters, byte_lower(piece.letter)))
			return true;
	return false;
}

const char *
spf_macro_needs(struct arena *arena, struct span text)
{
	static const struct {
		struct span letters;
		const char *what;
	} needs[] = {
		{ SPAN("slo"), "the sender" },
		{ SPAN("icv"), "the client's address" },
		{ SPAN("p"), "the client's name" },
		{ SPAN("h"), "the HELO name" },
	};
	const char *list = "";
	for (size_t i = 0; i < ARRAY_LENGTH(needs); i++)
		if (uses_letter(text, needs[i].letters))
			list = arena_printf(arena, "%s%s%s", list,
			    list[0] != '\0' ? " and " : "", needs[i].what);
	return list;
}
