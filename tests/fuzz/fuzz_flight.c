/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The reader of flights: in whatever pieces the bytes come, the same is known at the
 * end. The first byte of the input says whether SSLv2 was asked for, the second one how
 * long a piece is. */
#include "smtp/flight.h"

#include "support/flight_text.h"

#include <assert.h>

enum { TEXT_BYTES = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_facts(const struct flight_facts *facts, enum flight_status status)
{
	assert(facts->version != 0 || (facts->suite == 0 && !facts->server_hello_done));
	assert(facts->certificate_count <= LIMIT_SMTP_CHAIN);
	for (size_t i = 0; i < facts->certificate_count; i++) {
		struct span last = facts->certificates[i];
		assert(last.length > 0);
		last = span_slice(last, last.length - 1, 1);
		assert(span_contains_byte(last, last.bytes[0])); /* it can be read */
	}
	assert(!facts->heartbeat_response || status == FLIGHT_COMPLETE);
	assert(status != FLIGHT_NOT_TLS || facts->version == 0);
}

/* Writes what is known, and returns how many bytes were left. */
static size_t
read_pieces(struct buf *text, enum tls_version asked, struct span rest, size_t length)
{
	struct flight *flight = flight_new(asked);
	const struct flight_facts *facts = flight_facts(flight);
	enum flight_status status = FLIGHT_MORE;
	bool probed = false;
	while (status == FLIGHT_MORE && rest.length > 0) {
		struct span piece = span_slice(rest, 0, length), left = piece;
		status = flight_read(flight, &left);
		rest = span_slice(rest, piece.length - left.length, rest.length);
		if (status == FLIGHT_COMPLETE && facts->server_hello_done && !probed) {
			flight_await_heartbeat(flight);
			probed = true;
			status = FLIGHT_MORE;
		}
	}
	check_facts(facts, status);
	flight_text(text, status, flight);
	flight_free(flight);
	return rest.length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span rest = span_of(bytes, length);
	uint8_t kind, piece;
	char whole[TEXT_BYTES], cut[TEXT_BYTES];
	struct buf whole_text, cut_text;
	if (!span_take_u8(&rest, &kind) || !span_take_u8(&rest, &piece))
		return 0;
	enum tls_version asked = (kind & 1) != 0 ? TLS_SSL2 : TLS_1_2;
	buf_wrap(&whole_text, whole, sizeof(whole));
	buf_wrap(&cut_text, cut, sizeof(cut));
	size_t left = read_pieces(&whole_text, asked, rest, rest.length);
	size_t cut_left = read_pieces(&cut_text, asked, rest, piece + 1u);
	assert(left == cut_left);
	assert(span_equal(buf_span(&whole_text), buf_span(&cut_text)));
	return 0;
}
