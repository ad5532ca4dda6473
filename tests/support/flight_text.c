/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Facts to text, for tests to compare and people to read; text to bytes. */
#include "support/flight_text.h"

#include <assert.h>
#include <stdlib.h>

static void
add_flag(struct buf *out, bool is_set, const char *word)
{
	if (is_set)
		buf_addf(out, " %s", word);
}

static void
add_hello(struct buf *out, const struct flight_facts *facts)
{
	if (facts->version == 0)
		return;
	buf_addf(out, " %04x", facts->version);
	if (facts->version == TLS_SSL2) {
		buf_addf(out, " ciphers %u", facts->ssl2_ciphers);
		return;
	}
	buf_addf(out, " %04x", facts->suite);
	add_flag(out, facts->compression == 1, "deflate");
	add_flag(out, facts->compression > 1, "compression");
	add_flag(out, facts->renegotiation_info, "ri");
	add_flag(out, facts->extended_master_secret, "ems");
	add_flag(out, facts->heartbeat, "hb");
	add_flag(out, facts->sentinel == FLIGHT_SENTINEL_TLS_1_1, "sentinel-1.1");
	add_flag(out, facts->sentinel == FLIGHT_SENTINEL_TLS_1_2, "sentinel-1.2");
}

static void
add_certificates(struct buf *out, const struct flight_facts *facts)
{
	for (size_t i = 0; i < facts->certificate_count; i++)
		buf_addf(out, "%s%zu", i > 0 ? "," : " certs ",
		    facts->certificates[i].length);
}

static void
add_key_exchange(struct buf *out, const struct flight_facts *facts)
{
	static const char *const words[] = {
		[FLIGHT_KEY_NONE] = "group",
		[FLIGHT_KEY_DH] = "dh",
		[FLIGHT_KEY_NAMED_CURVE] = "curve",
		[FLIGHT_KEY_EXPLICIT_CURVE] = "explicit-curve",
		[FLIGHT_KEY_RSA] = "rsa",
		[FLIGHT_KEY_OTHER] = "other",
	};
	unsigned number = facts->key_bits > 0 ? facts->key_bits : facts->group;
	if (facts->key_exchange != FLIGHT_KEY_NONE || number > 0)
		buf_addf(out, " %s", words[facts->key_exchange]);
	if (number > 0)
		buf_addf(out, " %u", number);
}

void
flight_text(struct buf *out, enum flight_status status, const struct flight *flight)
{
	static const char *const words[] = {
		[FLIGHT_MORE] = "more",
		[FLIGHT_COMPLETE] = "complete",
		[FLIGHT_MALFORMED] = "malformed",
		[FLIGHT_NOT_TLS] = "not-tls",
		[FLIGHT_TOO_LONG] = "too-long",
	};
	const struct flight_facts *facts = flight_facts(flight);
	buf_addf(out, "%s", words[status]);
	if (flight_problem(flight) != NULL)
		buf_addf(out, " (%s)", flight_problem(flight));
	if (facts->alert_level > 0)
		buf_addf(
		    out, " alert %u/%u", facts->alert_level, facts->alert_description);
	add_hello(out, facts);
	add_certificates(out, facts);
	add_key_exchange(out, facts);
	add_flag(out, facts->server_hello_done, "done");
	add_flag(out, facts->heartbeat_response, "leak");
}

/* --- bytes ---------------------------------------------------------------- */

enum { DEPTH = 8 };

static unsigned
hex_digit(uint8_t byte)
{
	assert(byte_is_digit(byte) || (byte >= 'a' && byte <= 'f'));
	return byte_is_digit(byte) ? byte - (unsigned)'0' : byte - 'a' + 10u;
}

/* Two digits, and perhaps how often. */
static void
add_hex(struct buf *out, struct span *rest)
{
	uint8_t high, low;
	uint32_t times = 1;
	bool is_whole = span_take_u8(rest, &high) && span_take_u8(rest, &low);
	assert(is_whole);
	if (span_take_byte(rest, '*')) {
		is_whole = span_take_number(rest, 1u << 20, &times);
		assert(is_whole);
	}
	while (times-- > 0)
		buf_add_byte(out, (uint8_t)(hex_digit(high) << 4 | hex_digit(low)));
}

static size_t
open_length(struct buf *out, struct span *rest)
{
	uint32_t width;
	size_t start = out->length;
	bool is_number = span_take_number(rest, 3, &width);
	assert(is_number && width > 0);
	for (uint32_t i = 0; i < width; i++)
		buf_add_byte(out, 0);
	return start << 2 | width;
}

static void
close_length(struct buf *out, size_t opened)
{
	size_t start = opened >> 2, width = opened & 3;
	size_t length = out->length - start - width;
	for (size_t i = width; i-- > 0; length >>= 8)
		out->text[start + i] = (char)(length & 0xff);
	assert(length == 0);
}

void
wire_text(struct buf *out, const char *text)
{
	struct span rest = span_text(text), quoted;
	size_t open[DEPTH], depth = 0;
	while (rest.length > 0) {
		if (span_take_byte(&rest, ' ') || span_take_byte(&rest, '\n'))
			continue;
		if (span_take_byte(&rest, '{')) {
			assert(depth < DEPTH);
			open[depth++] = open_length(out, &rest);
		} else if (span_take_byte(&rest, '}')) {
			assert(depth > 0);
			close_length(out, open[--depth]);
		} else if (span_take_byte(&rest, '\'')) {
			span_take_until_or_end(&rest, '\'', &quoted);
			buf_add(out, quoted);
			span_take_byte(&rest, '\'');
		} else {
			add_hex(out, &rest);
		}
	}
	assert(depth == 0 && !out->cut);
}
