/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A server's first flight, byte by byte. Records are never kept: of each, the header is
 * read, and the body is handed on as it comes, so that only one handshake message is in
 * memory at a time, however it was cut. Whatever decides about the status does so at a
 * fixed byte, which is why the same bytes give the same result in any pieces.
 *
 * This is not a client: it checks the form of what it reads, not whether the server may
 * say it. A server that breaks rules is what a scan wants to see.
 */
#include "smtp/flight.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/die.h"
#include "wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ALERT_BYTES = 2, ALERT_WARNING = 1, ALERT_FATAL = 2 };

struct flight {
	struct flight_facts facts;
	enum flight_status status;
	const char *problem;
	bool ssl2_asked, awaits_heartbeat;
	size_t bytes, records;

	/* The record. */
	uint8_t header[WIRE_HEADER_BYTES];
	size_t header_length; /* of what came of the next one */
	size_t record_length, body_left;

	uint8_t alert[ALERT_BYTES];
	size_t alert_length;
	struct buf message;  /* with its head, as far as it came */
	size_t next_message; /* the first in `messages` that may come now */
	char *chain;         /* what the certificates point into */
};

static void
end_flight(struct flight *flight, enum flight_status status, const char *problem)
{
	flight->status = status;
	flight->problem = problem;
}

static void
complete(struct flight *flight)
{
	end_flight(flight, FLIGHT_COMPLETE, NULL);
}

/* --- vectors -------------------------------------------------------------- */

/* A length of `width` bytes, and what it counts (RFC 8446 3.4). */
static bool
take_vector(struct span *rest, size_t width, struct span *taken)
{
	struct span next = *rest, digits;
	size_t length = 0;
	if (!span_take(&next, width, &digits))
		return false;
	for (size_t i = 0; i < width; i++)
		length = length << 8 | digits.bytes[i];
	if (!span_take(&next, length, taken))
		return false;
	*rest = next;
	return true;
}

/* --- ServerHello ---------------------------------------------------------- */

/* RFC 5746 3.4 */
static bool
read_renegotiation_info(struct flight_facts *facts, struct span data)
{
	facts->renegotiation_info = true;
	return data.length == 1 && data.bytes[0] == 0;
}

static bool
read_extended_master_secret(struct flight_facts *facts, struct span data)
{
	facts->extended_master_secret = true;
	return data.length == 0;
}

/* RFC 6520 2: whether we might send some, which we do not ask. */
static bool
read_heartbeat_mode(struct flight_facts *facts, struct span data)
{
	facts->heartbeat = true;
	return data.length == 1 && (data.bytes[0] == 1 || data.bytes[0] == 2);
}

/* RFC 8446 4.2.1: counts over the old field. Drafts of TLS 1.3 had numbers above. */
static bool
read_supported_version(struct flight_facts *facts, struct span data)
{
	return span_take_u16(&data, &facts->version) && data.length == 0 &&
	    facts->version >= TLS_SSL3;
}

/* RFC 8446 4.2.8: a HelloRetryRequest has the group only. */
static bool
read_key_share(struct flight_facts *facts, struct span data)
{
	struct span share;
	return span_take_u16(&data, &facts->group) &&
	    (data.length == 0 || (take_vector(&data, 2, &share) && data.length == 0));
}

static const struct extension {
	uint16_t number;
	bool (*read)(struct flight_facts *facts, struct span data);
} extensions[] = {
	{ WIRE_RENEGOTIATION_INFO, read_renegotiation_info },
	{ WIRE_EXTENDED_MASTER_SECRET, read_extended_master_secret },
	{ WIRE_HEARTBEAT_MODE, read_heartbeat_mode },
	{ WIRE_SUPPORTED_VERSIONS, read_supported_version },
	{ WIRE_KEY_SHARE, read_key_share },
};

/* One of ours twice is as wrong as one of a bad form (RFC 8446 4.2). */
static bool
read_extension(
    struct flight_facts *facts, uint16_t number, struct span data, unsigned *seen)
{
	for (size_t i = 0; i < ARRAY_LENGTH(extensions); i++) {
		if (extensions[i].number != number)
			continue;
		if ((*seen & 1u << i) != 0)
			return false;
		*seen |= 1u << i;
		return extensions[i].read(facts, data);
	}
	return true;
}

static bool
read_extensions(struct flight_facts *facts, struct span rest)
{
	unsigned seen = 0;
	struct span list, data;
	uint16_t number;
	if (rest.length == 0)
		return true; /* no list is as good as an empty one */
	if (!take_vector(&rest, 2, &list) || rest.length > 0)
		return false;
	while (list.length > 0)
		if (!span_take_u16(&list, &number) || !take_vector(&list, 2, &data) ||
		    !read_extension(facts, number, data, &seen))
			return false;
	return true;
}

static enum flight_sentinel
sentinel_of(struct span random)
{
	static const struct span mark = SPAN("DOWNGRD");
	struct span tail = span_slice(random, WIRE_RANDOM_BYTES - 8, 8);
	if (!span_equal(span_slice(tail, 0, mark.length), mark) || tail.bytes[7] > 1)
		return FLIGHT_SENTINEL_NONE;
	return tail.bytes[7] == 1 ? FLIGHT_SENTINEL_TLS_1_2 : FLIGHT_SENTINEL_TLS_1_1;
}

/* RFC 8446 4.1.3, RFC 5246 7.4.1.3. Nothing counts of one that is malformed. */
static bool
read_server_hello(struct flight *flight, struct span body)
{
	struct flight_facts facts = flight->facts;
	struct span random, session;
	if (!span_take_u16(&body, &facts.version) ||
	    !span_take(&body, WIRE_RANDOM_BYTES, &random) ||
	    !take_vector(&body, 1, &session) || !span_take_u16(&body, &facts.suite) ||
	    !span_take_u8(&body, &facts.compression))
		return false;
	if (facts.version < TLS_SSL3 || facts.version > TLS_1_2 ||
	    !read_extensions(&facts, body))
		return false;
	bool is_1_3 = facts.version >= TLS_1_3;
	facts.sentinel = is_1_3 ? FLIGHT_SENTINEL_NONE : sentinel_of(random);
	flight->facts = facts;
	if (is_1_3)
		complete(flight); /* the rest is encrypted */
	return true;
}

/* --- the messages behind it, up to TLS 1.2 --------------------------------- */

/* RFC 5246 7.4.2. The memory of the message becomes that of the chain. */
static bool
read_certificate(struct flight *flight, struct span body)
{
	struct flight_facts *facts = &flight->facts;
	struct span list, certificate;
	if (!take_vector(&body, 3, &list) || body.length > 0)
		return false;
	flight->chain = buf_take(&flight->message, NULL);
	while (list.length > 0) {
		if (!take_vector(&list, 3, &certificate) || certificate.length == 0)
			return false;
		if (facts->certificate_count < LIMIT_SMTP_CHAIN)
			facts->certificates[facts->certificate_count++] = certificate;
	}
	return true;
}

/* Digits of a number in base two; 0 for none and for zero. */
static unsigned
bits_of(struct span number)
{
	while (number.length > 0 && number.bytes[0] == 0)
		number = span_slice(number, 1, number.length);
	unsigned bits = (unsigned)number.length * 8;
	for (unsigned top = bits > 0 ? number.bytes[0] : 0x80; (top & 0x80) == 0;
	     top <<= 1)
		bits--;
	return bits;
}

/* RFC 5246 7.4.3: prime, generator, public key. */
static bool
read_dh(struct flight_facts *facts, struct span body)
{
	struct span prime, generator, key;
	if (!take_vector(&body, 2, &prime) || !take_vector(&body, 2, &generator) ||
	    !take_vector(&body, 2, &key) || bits_of(prime) == 0)
		return false;
	facts->key_exchange = FLIGHT_KEY_DH;
	facts->key_bits = bits_of(prime);
	return true;
}

/* RFC 8422 5.4, with the types that RFC 4492 5.4 had besides. */
static bool
read_ecdh(struct flight_facts *facts, struct span body)
{
	enum { EXPLICIT_PRIME = 1, EXPLICIT_CHAR2 = 2, NAMED_CURVE = 3 };
	uint8_t type;
	uint16_t group;
	struct span point;
	if (!span_take_u8(&body, &type))
		return false;
	if (type == EXPLICIT_PRIME || type == EXPLICIT_CHAR2) {
		facts->key_exchange = FLIGHT_KEY_EXPLICIT_CURVE;
		return true;
	}
	if (type != NAMED_CURVE || !span_take_u16(&body, &group) ||
	    !take_vector(&body, 1, &point))
		return false;
	facts->key_exchange = FLIGHT_KEY_NAMED_CURVE;
	facts->group = group;
	return true;
}

/* RFC 2246 7.4.3: modulus, exponent. */
static bool
read_rsa(struct flight_facts *facts, struct span body)
{
	struct span modulus, exponent;
	if (!take_vector(&body, 2, &modulus) || !take_vector(&body, 2, &exponent) ||
	    bits_of(modulus) == 0)
		return false;
	facts->key_exchange = FLIGHT_KEY_RSA;
	facts->key_bits = bits_of(modulus);
	return true;
}

/* Its form depends on the suite. The signature is the library's to check. */
static bool
read_server_key_exchange(struct flight *flight, struct span body)
{
	struct flight_facts *facts = &flight->facts;
	const struct suite *suite = suite_find(facts->suite);
	switch (suite != NULL ? suite->key_exchange : SUITE_KEY_ANY) {
	case SUITE_KEY_DHE:
		return read_dh(facts, body);
	case SUITE_KEY_ECDHE:
		return read_ecdh(facts, body);
	case SUITE_KEY_RSA:
	case SUITE_KEY_RSA_EXPORT:
		return read_rsa(facts, body);
	case SUITE_KEY_ANY:
		break;
	}
	facts->key_exchange = FLIGHT_KEY_OTHER;
	return true;
}

static bool
read_server_hello_done(struct flight *flight, struct span body)
{
	if (body.length > 0)
		return false;
	flight->facts.server_hello_done = true;
	complete(flight);
	return true;
}

static bool
read_nothing(struct flight *flight, struct span body)
{
	(void)flight;
	(void)body;
	return true;
}

/* In the order in which they come; all but the first may be left out, none comes twice
 * (RFC 5246 7.3, RFC 6066 8). */
static const struct message {
	uint8_t type;
	bool (*read)(struct flight *flight, struct span body);
	const char *problem;
} messages[] = {
	{ WIRE_SERVER_HELLO, read_server_hello, "malformed ServerHello" },
	{ WIRE_CERTIFICATE, read_certificate, "malformed Certificate" },
	{ WIRE_CERTIFICATE_STATUS, read_nothing, NULL },
	{ WIRE_SERVER_KEY_EXCHANGE, read_server_key_exchange,
	    "malformed ServerKeyExchange" },
	{ WIRE_CERTIFICATE_REQUEST, read_nothing, NULL },
	{ WIRE_SERVER_HELLO_DONE, read_server_hello_done, "malformed ServerHelloDone" },
};

/* The one that has this type and may come now; NULL: none. */
static const struct message *
next_message(const struct flight *flight, uint8_t type)
{
	size_t first = flight->next_message;
	size_t end = first == 0 ? 1 : ARRAY_LENGTH(messages);
	for (size_t i = first; i < end; i++)
		if (messages[i].type == type)
			return &messages[i];
	return NULL;
}

static void
read_message(struct flight *flight)
{
	struct span body = buf_span(&flight->message);
	uint8_t type = body.bytes[0];
	body = span_slice(body, WIRE_MESSAGE_HEAD, body.length);
	const struct message *message = next_message(flight, type);
	if (message != NULL) {
		flight->next_message = (size_t)(message - messages) + 1;
		if (!message->read(flight, body))
			end_flight(flight, FLIGHT_MALFORMED, message->problem);
	} else if (type != WIRE_HELLO_REQUEST) { /* ignored: RFC 5246 7.4.1.1 */
		end_flight(flight, FLIGHT_MALFORMED, "unexpected handshake message");
	}
	buf_clear(&flight->message);
}

/* --- bodies of records ---------------------------------------------------- */

static struct span
take_at_most(struct span *rest, size_t length)
{
	struct span taken = span_slice(*rest, 0, length);
	*rest = span_slice(*rest, taken.length, rest->length);
	return taken;
}

static void
drop(struct span *rest)
{
	*rest = span_slice(*rest, rest->length, 0);
}

/* How long the message is, as far as one can tell: its head says. */
static size_t
message_size(const struct flight *flight)
{
	uint32_t length = 0;
	struct span head = buf_span(&flight->message);
	uint8_t type;
	bool has_head = span_take_u8(&head, &type) && span_take_u24(&head, &length);
	return WIRE_MESSAGE_HEAD + (has_head ? length : 0);
}

static void
take_handshake(struct flight *flight, struct span *body)
{
	size_t size = message_size(flight);
	buf_add(&flight->message, take_at_most(body, size - flight->message.length));
	if (flight->message.length < size)
		return;
	size = message_size(flight); /* the head may just have come */
	if (size > LIMIT_TLS_FLIGHT_BYTES)
		end_flight(flight, FLIGHT_TOO_LONG, "a handshake message is too long");
	else if (flight->message.length == size)
		read_message(flight);
}

/* RFC 8446 6, RFC 5246 7.2: after a fatal one, or when the server closes, nothing comes
 * any more. A warning is no refusal: 112 is common (RFC 6066 3). */
static void
take_alert(struct flight *flight, struct span *body)
{
	struct span part = take_at_most(body, 1);
	flight->alert[flight->alert_length++] = part.bytes[0];
	if (flight->alert_length < ALERT_BYTES)
		return;
	flight->alert_length = 0;
	uint8_t level = flight->alert[0], description = flight->alert[1];
	if (level != ALERT_WARNING && level != ALERT_FATAL) {
		end_flight(flight, FLIGHT_MALFORMED, "malformed alert");
		return;
	}
	flight->facts.alert_level = level;
	flight->facts.alert_description = description;
	if (level == ALERT_FATAL || description == TLS_ALERT_CLOSE_NOTIFY)
		complete(flight);
}

/* The first byte says what it is; no more than that is looked at. */
static void
take_heartbeat(struct flight *flight, struct span *body)
{
	bool is_first = flight->body_left == flight->record_length;
	struct span type = take_at_most(body, 1);
	if (!is_first || type.bytes[0] != WIRE_HEARTBEAT_RESPONSE) {
		drop(body);
		return;
	}
	flight->facts.heartbeat_response = true;
	complete(flight);
}

/* While a heartbeat is awaited, the flight itself is over. */
static void
take_awaited(struct flight *flight, struct span *body)
{
	if (flight->header[0] == WIRE_HEARTBEAT)
		take_heartbeat(flight, body);
	else if (flight->header[0] == WIRE_ALERT)
		take_alert(flight, body);
	else
		drop(body);
}

/* --- SSLv2 ---------------------------------------------------------------- */

/* SERVER-HELLO: certificate, cipher specs of three bytes each, connection id. */
static bool
read_ssl2_hello(struct flight_facts *facts, struct span rest)
{
	uint8_t session_hit, certificate_type;
	uint16_t version, certificate_length, specs_length, id_length;
	struct span certificate, specs, id;
	if (!span_take_u8(&rest, &session_hit) ||
	    !span_take_u8(&rest, &certificate_type) ||
	    !span_take_u16(&rest, &version) ||
	    !span_take_u16(&rest, &certificate_length) ||
	    !span_take_u16(&rest, &specs_length) || !span_take_u16(&rest, &id_length))
		return false;
	if (version != TLS_SSL2 || specs_length % 3 != 0 ||
	    !span_take(&rest, certificate_length, &certificate) ||
	    !span_take(&rest, specs_length, &specs) ||
	    !span_take(&rest, id_length, &id) || rest.length > 0)
		return false;
	facts->version = version;
	facts->ssl2_ciphers = specs_length / 3;
	return true;
}

/* ERROR: also that is spoken in SSLv2 only, with no cipher in common. */
static bool
read_ssl2_error(struct flight_facts *facts, struct span rest)
{
	if (rest.length != 2)
		return false;
	facts->version = TLS_SSL2;
	return true;
}

static void
take_ssl2(struct flight *flight, struct span *body)
{
	bool is_first = flight->message.length == 0;
	uint8_t type = is_first ? body->bytes[0] : (uint8_t)flight->message.text[0];
	if (type != WIRE_SSL2_SERVER_HELLO && type != WIRE_SSL2_ERROR) {
		end_flight(flight, FLIGHT_NOT_TLS, "neither SSLv2 nor TLS");
		return;
	}
	buf_add(&flight->message, take_at_most(body, body->length));
	if (flight->message.length < flight->record_length)
		return;
	struct span rest = span_slice(
	    buf_span(&flight->message), 1, flight->record_length);
	bool is_good = type == WIRE_SSL2_ERROR ? read_ssl2_error(&flight->facts, rest)
					       : read_ssl2_hello(&flight->facts, rest);
	if (is_good)
		complete(flight);
	else
		end_flight(flight, FLIGHT_MALFORMED, "malformed SSLv2 message");
}

/* --- records -------------------------------------------------------------- */

static bool
is_ssl2(const struct flight *flight)
{
	return flight->ssl2_asked && (flight->header[0] & WIRE_SSL2_SHORT_HEADER) != 0;
}

/* What can't be the beginning of a record ends the flight at once: who isn't speaking
 * TLS may never send as much as its "length" says. */
static bool
may_be_record(const struct flight *flight)
{
	if (is_ssl2(flight))
		return flight->records == 0;
	if (flight->header_length == 1)
		return flight->header[0] >= WIRE_CHANGE_CIPHER_SPEC &&
		    flight->header[0] <= WIRE_HEARTBEAT;
	return flight->header[1] == TLS_1_0 >> 8;
}

static size_t
record_length(const struct flight *flight)
{
	const uint8_t *header = flight->header;
	if (is_ssl2(flight))
		return (size_t)(header[0] & ~WIRE_SSL2_SHORT_HEADER) << 8 | header[1];
	return (size_t)header[3] << 8 | header[4];
}

/* Whether a record may have this type here. RFC 6520 3: no heartbeats within. */
static bool
is_expected(const struct flight *flight)
{
	uint8_t type = flight->header[0];
	return flight->awaits_heartbeat || is_ssl2(flight) || type == WIRE_HANDSHAKE ||
	    type == WIRE_ALERT;
}

static void
begin_record(struct flight *flight)
{
	size_t length = record_length(flight);
	flight->bytes += flight->header_length + length;
	flight->records++;
	flight->header_length = 0;
	flight->record_length = flight->body_left = length;
	if (length == 0)
		end_flight(flight, FLIGHT_MALFORMED, "empty record");
	else if (length > WIRE_RECORD_MAX && !is_ssl2(flight))
		end_flight(
		    flight, FLIGHT_MALFORMED, "record of more than 16,384 bytes");
	else if (!is_expected(flight))
		end_flight(flight, FLIGHT_MALFORMED, "unexpected type of record");
	else if (flight->bytes > LIMIT_TLS_FLIGHT_BYTES)
		end_flight(flight, FLIGHT_TOO_LONG, "too many bytes");
	else if (flight->records > LIMIT_TLS_RECORDS)
		end_flight(flight, FLIGHT_TOO_LONG, "too many records");
}

static void
take_header(struct flight *flight, struct span *bytes)
{
	struct span part = take_at_most(bytes, 1);
	flight->header[flight->header_length++] = part.bytes[0];
	if (!may_be_record(flight) && flight->records == 0)
		end_flight(flight, FLIGHT_NOT_TLS, "not TLS");
	else if (!may_be_record(flight))
		end_flight(flight, FLIGHT_MALFORMED, "no TLS record");
	else if (flight->header_length == (is_ssl2(flight) ? 2 : WIRE_HEADER_BYTES))
		begin_record(flight);
}

static void
take_body(struct flight *flight, struct span *bytes)
{
	struct span body = span_slice(*bytes, 0, flight->body_left);
	size_t before = body.length;
	if (flight->awaits_heartbeat)
		take_awaited(flight, &body);
	else if (is_ssl2(flight))
		take_ssl2(flight, &body);
	else if (flight->header[0] == WIRE_ALERT)
		take_alert(flight, &body);
	else
		take_handshake(flight, &body);
	size_t taken = before - body.length;
	flight->body_left -= taken;
	*bytes = span_slice(*bytes, taken, bytes->length);
}

/* --- the flight ----------------------------------------------------------- */

struct flight *
flight_new(enum tls_version asked)
{
	struct flight *flight = must_calloc(1, sizeof(*flight));
	flight->ssl2_asked = asked == TLS_SSL2;
	buf_init(&flight->message, LIMIT_TLS_FLIGHT_BYTES);
	return flight;
}

void
flight_free(struct flight *flight)
{
	if (flight == NULL)
		return;
	buf_free(&flight->message);
	free(flight->chain);
	free(flight);
}

enum flight_status
flight_read(struct flight *flight, struct span *bytes)
{
	while (flight->status == FLIGHT_MORE && bytes->length > 0) {
		if (flight->body_left > 0)
			take_body(flight, bytes);
		else
			take_header(flight, bytes);
	}
	return flight->status;
}

void
flight_await_heartbeat(struct flight *flight)
{
	assert(flight->status == FLIGHT_COMPLETE && flight->facts.server_hello_done);
	flight->awaits_heartbeat = true;
	flight->status = FLIGHT_MORE;
	flight->bytes = 0;
}

const struct flight_facts *
flight_facts(const struct flight *flight)
{
	return &flight->facts;
}

const char *
flight_problem(const struct flight *flight)
{
	return flight->problem;
}
