/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A strict reader of hellos, for tests of their writer (RFC 8446 4.1.2). */
#include "support/client_hello.h"

/* A length of `width` bytes and what it counts, at least `least` bytes. */
static bool
take_list(struct span *rest, unsigned width, size_t least, struct span *list)
{
	size_t length = 0;
	uint8_t byte;
	while (width-- > 0) {
		if (!span_take_u8(rest, &byte))
			return false;
		length = length << 8 | byte;
	}
	return length >= least && span_take(rest, length, list);
}

static bool
take_extension(struct span *rest, uint16_t *number, struct span *data)
{
	return span_take_u16(rest, number) && take_list(rest, 2, 0, data);
}

static bool
find_extension(struct span rest, uint16_t wanted, struct span *data)
{
	uint16_t number;
	while (take_extension(&rest, &number, data))
		if (number == wanted)
			return true;
	return false;
}

/* Each is whole, and none comes twice. */
static bool
extensions_are_sound(struct span rest)
{
	struct span data, other;
	uint16_t number;
	while (rest.length > 0)
		if (!take_extension(&rest, &number, &data) ||
		    find_extension(rest, number, &other))
			return false;
	return true;
}

static bool
read_body(struct span rest, struct client_hello *hello)
{
	if (!span_take_u16(&rest, &hello->version) ||
	    !span_take(&rest, 32, &hello->random) ||
	    !take_list(&rest, 1, 0, &hello->session_id) ||
	    !take_list(&rest, 2, 2, &hello->suites) ||
	    !take_list(&rest, 1, 1, &hello->compressions))
		return false;
	if (rest.length > 0 &&
	    (!take_list(&rest, 2, 4, &hello->extensions) || rest.length > 0))
		return false;
	return hello->suites.length % 2 == 0 && extensions_are_sound(hello->extensions);
}

bool
client_hello_read(struct span record, struct client_hello *hello)
{
	struct span message, body;
	uint8_t type;
	*hello = (struct client_hello){ 0 };
	return span_take_byte(&record, 22) &&
	    span_take_u16(&record, &hello->record_version) &&
	    take_list(&record, 2, 4, &message) && record.length == 0 &&
	    span_take_u8(&message, &type) && type == 1 &&
	    take_list(&message, 3, 1, &body) && message.length == 0 &&
	    read_body(body, hello);
}

bool
client_hello_read_ssl2(struct span record, struct client_hello *hello)
{
	uint16_t header, suites, session, challenge;
	*hello = (struct client_hello){ 0 };
	return span_take_u16(&record, &header) &&
	    header == (0x8000 | (unsigned)record.length) &&
	    span_take_byte(&record, 1) && span_take_u16(&record, &hello->version) &&
	    span_take_u16(&record, &suites) && span_take_u16(&record, &session) &&
	    span_take_u16(&record, &challenge) && suites % 3 == 0 &&
	    span_take(&record, suites, &hello->suites) &&
	    span_take(&record, session, &hello->session_id) &&
	    span_take(&record, challenge, &hello->random) && record.length == 0;
}

bool
client_hello_offers(const struct client_hello *hello, uint16_t suite)
{
	struct span rest = hello->suites;
	uint16_t offered;
	while (span_take_u16(&rest, &offered))
		if (offered == suite)
			return true;
	return false;
}

bool
client_hello_extension(
    const struct client_hello *hello, uint16_t number, struct span *data)
{
	return find_extension(hello->extensions, number, data);
}
