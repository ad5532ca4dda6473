/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The reader of one URI. It goes by RFC 3986 as far as a report's sender does: a
 * scheme, bytes that a URI may hold, whole percent-escapes; and by RFC 6068 for the
 * mailbox of a mailto. Commas and exclamation marks within have to be escaped, since
 * DMARC uses both (RFC 9989 4.8).
 */
#include "dmarc/uri.h"

#include "core/buf.h"

static bool
is_scheme_byte(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '+' || byte == '-' || byte == '.';
}

/* Unreserved, reserved and the escape's own byte (RFC 3986 2). */
static bool
is_uri_byte(uint8_t byte)
{
	static const struct span others = SPAN("-._~:/?#[]@!$&'()*+,;=%");
	return byte_is_alnum(byte) || span_contains_byte(others, byte);
}

static bool
hex_value(uint8_t byte, uint8_t *value)
{
	byte = byte_lower(byte);
	bool is_letter = byte >= 'a' && byte <= 'f';
	*value = (uint8_t)(is_letter ? byte - 'a' + 10 : byte - '0');
	return is_letter || byte_is_digit(byte);
}

/* The bytes that escapes stand for; false when one is not whole. */
static bool
decode(struct arena *arena, struct span text, struct span *decoded)
{
	uint8_t *bytes = arena_alloc(arena, text.length + 1), byte, high, low;
	size_t length = 0;
	while (span_take_u8(&text, &byte)) {
		if (byte == '%') {
			if (text.length < 2 || !hex_value(text.bytes[0], &high) ||
			    !hex_value(text.bytes[1], &low))
				return false;
			byte = (uint8_t)(high << 4 | low);
			text = span_slice(text, 2, text.length);
		}
		bytes[length++] = byte;
	}
	*decoded = span_of(bytes, length);
	return true;
}

/* "!10m" at the end: digits and perhaps a unit (RFC 7489 6.3). */
static bool
is_size(struct span text)
{
	static const struct span units = SPAN("kmgt");
	struct span digits;
	span_take_while(&text, byte_is_digit, &digits);
	if (text.length == 1 && span_contains_byte(units, byte_lower(text.bytes[0])))
		text.length = 0;
	return digits.length > 0 && text.length == 0;
}

static struct span
without_size(struct dmarc_uri *uri)
{
	struct span rest = uri->text, before;
	if (!span_take_until(&rest, '!', &before) ||
	    !is_size(span_slice(rest, 1, rest.length)))
		return uri->text;
	uri->has_size = true;
	return before;
}

static const char *
read_mailto(struct arena *arena, struct dmarc_uri *uri, struct span rest)
{
	struct span address;
	span_take_until_or_end(&rest, '?', &address); /* header fields (RFC 6068 2) */
	if (!decode(arena, address, &uri->mailbox))
		return "has a percent sign without two hexadecimal digits";
	size_t at = uri->mailbox.length;
	while (at > 0 && uri->mailbox.bytes[at - 1] != '@')
		at--;
	if (at == 0)
		return "has no mailbox with an @";
	if (at == 1)
		return "has nothing before the @";
	struct span host = span_slice(uri->mailbox, at, uri->mailbox.length);
	if (dns_name_from_user(&uri->host, host) != STATUS_OK ||
	    dns_name_labels(&uri->host) == 0)
		return "has no domain behind the @";
	return NULL;
}

static const char *
read_uri(struct arena *arena, struct dmarc_uri *uri)
{
	static const struct span mailto = SPAN("mailto");
	struct span rest = without_size(uri), bytes;
	if (uri->text.length == 0)
		return "is empty";
	if (span_contains_byte(rest, '!'))
		return "has an exclamation mark, which must be written %21";
	struct span all = rest;
	span_take_while(&all, is_uri_byte, &bytes);
	if (all.length > 0)
		return "has a byte that no URI may hold";
	struct span scheme;
	span_take_while(&rest, is_scheme_byte, &scheme);
	if (scheme.length == 0 || !byte_is_alpha(scheme.bytes[0]) ||
	    !span_take_byte(&rest, ':'))
		return "has no scheme such as mailto:";
	uri->scheme = scheme;
	uri->is_mailto = span_equal_nocase(scheme, mailto);
	if (uri->is_mailto)
		return read_mailto(arena, uri, rest);
	struct span decoded;
	return decode(arena, rest, &decoded)
	    ? NULL
	    : "has a percent sign without two hexadecimal digits";
}

bool
dmarc_uri_next(struct arena *arena, struct split *split, struct dmarc_uri *uri)
{
	struct span piece;
	if (!split_next(split, ',', &piece))
		return false;
	*uri = (struct dmarc_uri){ .text = span_trim(piece) };
	uri->reason = read_uri(arena, uri);
	return true;
}
