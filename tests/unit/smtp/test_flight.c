/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of smtp/flight. Flights and what is read of them are text
 * (support/flight_text.h); each flight is read whole, cut in two at every byte, byte by
 * byte, and again with its handshake messages in records of every size.
 */
#include "smtp/flight.h"

#include "core/attributes.h"
#include "support/flight_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parts of flights. Randoms: plain, of a retry, with a mark at the end. */
#define RANDOM "11*32"
#define RETRY "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
#define MARKED(byte) "11*24 'DOWNGRD' " byte
#define EXTENSION(number, data) number "{2 " data "}"
#define HELLO(version, random, suite, compression, extensions) \
	"02{3 " version random "{1}" suite compression "{2 " extensions "}}"
#define HELLO_1_2(suite) HELLO("0303", RANDOM, suite, "00", "")
#define HELLO_1_3(random, extensions) \
	HELLO("0303", random, "1301", "00", EXTENSION("002b", "0304") extensions)
#define RECORD(messages) "160303{2 " messages "}"
#define ALERT(level, description) "150301{2 " level description "}"
#define CERTIFICATE "0b{3{3 {3'leaf'} {3'issuer'} }}"
#define CURVE(group) "0c{3 03" group "{1 04*65} 0401{2 22*64} }"
#define DH(prime) "0c{3 {2 " prime "}{2 02}{2 33*128} 0401{2 22*64} }"
#define DONE "0e{3}"
#define HEARTBEAT_HELLO HELLO("0303", RANDOM, "009c", "00", EXTENSION("000f", "01"))
#define HEARTBEAT_FLIGHT RECORD(HEARTBEAT_HELLO DONE)

enum { TEXT_BYTES = 400 };

struct row {
	const char *name;
	enum tls_version asked;
	const char *bytes;
	const char *want;
	size_t left; /* bytes behind the end of the flight */
};

static const struct row rows[] = {
	/* alerts */
	{ "a fatal alert", TLS_1_2, ALERT("02", "46"), "complete alert 2/70", 0 },
	{ "a warning, and then the flight", TLS_1_2,
	    ALERT("01", "70") RECORD(HELLO_1_2("c02f") DONE),
	    "complete alert 1/112 0303 c02f done", 0 },
	{ "a warning and a fatal one", TLS_1_2, ALERT("01", "7002 28"),
	    "complete alert 2/40", 0 },
	{ "the server closes", TLS_1_2, ALERT("01", "00"), "complete alert 1/0", 0 },
	{ "an alert in two records", TLS_1_2, "15 0301 {2 02} 15 0301 {2 28}",
	    "complete alert 2/40", 0 },
	{ "what follows a fatal alert stays", TLS_1_2, ALERT("02", "28") "15 03",
	    "complete alert 2/40", 2 },
	{ "an alert after the ServerHello", TLS_1_2,
	    RECORD(HELLO_1_2("c02f")) ALERT("02", "50"),
	    "complete alert 2/80 0303 c02f", 0 },
	{ "an alert of no level", TLS_1_2, ALERT("03", "28"),
	    "malformed (malformed alert)", 0 },

	/* flights up to TLS 1.2 */
	{ "ECDHE", TLS_1_2, RECORD(HELLO_1_2("c02f") CERTIFICATE CURVE("001d") DONE),
	    "complete 0303 c02f certs 4,6 curve 29 done", 0 },
	{ "a record for each message", TLS_1_2,
	    RECORD(HELLO_1_2("c02f")) RECORD(CERTIFICATE) RECORD(CURVE("0017"))
		RECORD(DONE),
	    "complete 0303 c02f certs 4,6 curve 23 done", 0 },
	{ "DHE of 1024 bits", TLS_1_2, RECORD(HELLO_1_2("009f") DH("80*128") DONE),
	    "complete 0303 009f dh 1024 done", 0 },
	{ "DHE with a prime that begins with zeros", TLS_1_2,
	    RECORD(HELLO_1_2("009f") DH("0000 01 ff*63") DONE),
	    "complete 0303 009f dh 505 done", 0 },
	{ "DHE without a prime", TLS_1_2, RECORD(HELLO_1_2("009f") DH("00") DONE),
	    "malformed (malformed ServerKeyExchange) 0303 009f", 4 },
	{ "anonymous: no certificate", TLS_1_2,
	    RECORD(HELLO_1_2("0034") DH("ff*256") DONE),
	    "complete 0303 0034 dh 2048 done", 0 },
	{ "RSA: no key exchange", TLS_1_2, RECORD(HELLO_1_2("009c") CERTIFICATE DONE),
	    "complete 0303 009c certs 4,6 done", 0 },
	{ "EXPORT: a short RSA key", TLS_1_0,
	    RECORD(HELLO("0301", RANDOM, "0003", "00", "") CERTIFICATE
		"0c{3 {2 ff*64} {2 010001} {2 22*64} }" DONE),
	    "complete 0301 0003 certs 4,6 rsa 512 done", 0 },
	{ "a curve with parameters of its own", TLS_1_0,
	    RECORD(HELLO("0301", RANDOM, "c013", "00", "") "0c{3 01 33*20}" DONE),
	    "complete 0301 c013 explicit-curve done", 0 },
	{ "a curve of no known type", TLS_1_2,
	    RECORD(HELLO_1_2("c02f") "0c{3 04 0017 {1 04} }"),
	    "malformed (malformed ServerKeyExchange) 0303 c02f", 0 },
	{ "a suite that nobody knows", TLS_1_2,
	    RECORD(HELLO_1_2("fefe") "0c{3 99}" DONE), "complete 0303 fefe other done",
	    0 },
	{ "OCSP, a request for a certificate, and another hello", TLS_1_2,
	    RECORD(HELLO_1_2("c02f") CERTIFICATE
		"16{3 01 {3 55} }" CURVE("0018") "0d{3 {1 01} {2 0401} {2} }" DONE),
	    "complete 0303 c02f certs 4,6 curve 24 done", 0 },
	{ "HelloRequest is ignored", TLS_1_2,
	    RECORD("00{3}" HELLO_1_2("009c") "00{3}" DONE), "complete 0303 009c done",
	    0 },
	{ "SSLv3, without a list of extensions", TLS_SSL3,
	    "160300{2 02{3 0300" RANDOM "{1 77*32} 000a 00} " DONE "}",
	    "complete 0300 000a done", 0 },
	{ "all extensions and DEFLATE", TLS_1_2,
	    RECORD(HELLO("0303", RANDOM, "c030", "01",
		EXTENSION("ff01", "00") EXTENSION("0017", "") EXTENSION("000f", "01")
		    EXTENSION("000b", "0100") EXTENSION("0000", "")) DONE),
	    "more 0303 c030 deflate ri ems hb done", 0 },
	{ "a version that was not asked for", TLS_1_0, RECORD(HELLO_1_2("009c") DONE),
	    "complete 0303 009c done", 0 },
	{ "could do 1.3", TLS_1_2,
	    RECORD(HELLO("0303", MARKED("01"), "009c", "00", "") DONE),
	    "complete 0303 009c sentinel-1.2 done", 0 },
	{ "could do 1.2", TLS_1_1,
	    RECORD(HELLO("0302", MARKED("00"), "002f", "00", "") DONE),
	    "complete 0302 002f sentinel-1.1 done", 0 },
	{ "not quite a mark", TLS_1_1,
	    RECORD(HELLO("0302", MARKED("02"), "002f", "00", "") DONE),
	    "complete 0302 002f done", 0 },
	{ "more certificates than are kept", TLS_1_2,
	    RECORD(HELLO_1_2("009c") "0b{3{3 {3 31}{3 31}{3 31}{3 31}{3 31}{3 31}{3 31}"
				     "{3 31}{3 31}{3 31}{3 31} }}" DONE),
	    "complete 0303 009c certs 1,1,1,1,1,1,1,1,1,1 done", 0 },
	{ "no certificate in the list", TLS_1_2,
	    RECORD(HELLO_1_2("009c") "0b{3{3}}" DONE), "complete 0303 009c done", 0 },
	{ "what follows in the record stays", TLS_1_2,
	    RECORD(HELLO_1_2("009c") DONE "ffff"), "complete 0303 009c done", 2 },

	/* TLS 1.3 */
	{ "TLS 1.3", TLS_1_3,
	    RECORD(
		HELLO_1_3(RANDOM, EXTENSION("0033", "001d {2 44*32}"))) "140303{2 01}",
	    "complete 0304 1301 group 29", 6 },
	{ "TLS 1.3 wants another group", TLS_1_3,
	    RECORD(HELLO_1_3(RETRY, EXTENSION("0033", "11ec"))),
	    "complete 0304 1301 group 4588", 0 },
	{ "a mark means nothing in 1.3", TLS_1_3, RECORD(HELLO_1_3(MARKED("01"), "")),
	    "complete 0304 1301", 0 },
	{ "a draft of 1.3", TLS_1_3,
	    RECORD(HELLO("0303", RANDOM, "1301", "00", EXTENSION("002b", "7f1c"))),
	    "complete 7f1c 1301", 0 },
	{ "1.2 in the place of 1.3", TLS_1_3,
	    RECORD(HELLO("0303", RANDOM, "009c", "00", EXTENSION("002b", "0303")) DONE),
	    "complete 0303 009c done", 0 },

	/* what is wrong */
	{ "the version is cut short", TLS_1_2, RECORD("02{3 03}"),
	    "malformed (malformed ServerHello)", 0 },
	{ "no version that there is", TLS_1_2,
	    RECORD(HELLO("0304", RANDOM, "009c", "00", "") DONE),
	    "malformed (malformed ServerHello)", 4 },
	{ "extensions longer than their list", TLS_1_2,
	    RECORD("02{3 0303" RANDOM "{1}009c00 {2 ff01 0002 00} }"),
	    "malformed (malformed ServerHello)", 0 },
	{ "bytes behind the extensions", TLS_1_2,
	    RECORD("02{3 0303" RANDOM "{1}009c00 {2} 00 }"),
	    "malformed (malformed ServerHello)", 0 },
	{ "an extension twice", TLS_1_2,
	    RECORD(HELLO("0303", RANDOM, "009c", "00",
		EXTENSION("0017", "") EXTENSION("0017", ""))),
	    "malformed (malformed ServerHello)", 0 },
	{ "renegotiation of what never was", TLS_1_2,
	    RECORD(HELLO("0303", RANDOM, "009c", "00", EXTENSION("ff01", "0c 11*12"))),
	    "malformed (malformed ServerHello)", 0 },
	{ "a heartbeat of no mode", TLS_1_2,
	    RECORD(HELLO("0303", RANDOM, "009c", "00", EXTENSION("000f", "03"))),
	    "malformed (malformed ServerHello)", 0 },
	{ "a certificate longer than its list", TLS_1_2,
	    RECORD(HELLO_1_2("009c") "0b{3{3 {3'leaf'} 000005 31 }}"),
	    "malformed (malformed Certificate) 0303 009c certs 4", 0 },
	{ "an empty certificate", TLS_1_2, RECORD(HELLO_1_2("009c") "0b{3{3 {3} }}"),
	    "malformed (malformed Certificate) 0303 009c", 0 },
	{ "something in ServerHelloDone", TLS_1_2, RECORD(HELLO_1_2("009c") "0e{3 00}"),
	    "malformed (malformed ServerHelloDone) 0303 009c", 0 },
	{ "no ServerHello at first", TLS_1_2, RECORD(DONE),
	    "malformed (unexpected handshake message)", 0 },
	{ "a message twice", TLS_1_2, RECORD(HELLO_1_2("009c") CERTIFICATE CERTIFICATE),
	    "malformed (unexpected handshake message) 0303 009c certs 4,6", 0 },
	{ "messages in a wrong order", TLS_1_2,
	    RECORD(HELLO_1_2("c02f") CURVE("0017") CERTIFICATE),
	    "malformed (unexpected handshake message) 0303 c02f curve 23", 0 },
	{ "a record without a body", TLS_1_2, "160303{2}", "malformed (empty record)",
	    0 },
	{ "a record that is too long", TLS_1_2, "160303 4001 02",
	    "malformed (record of more than 16,384 bytes)", 1 },
	{ "ChangeCipherSpec at first", TLS_1_2, "140303{2 01}",
	    "malformed (unexpected type of record)", 1 },
	{ "a heartbeat that nobody awaits", TLS_1_2, "180303{2 02 0001 41}",
	    "malformed (unexpected type of record)", 4 },
	{ "something else behind a record", TLS_1_2,
	    RECORD(HELLO_1_2("009c")) "'220 hello'",
	    "malformed (no TLS record) 0303 009c", 8 },
	{ "SMTP", TLS_1_2, "'220 mx.example ESMTP'", "not-tls (not TLS)", 19 },
	{ "a first byte of TLS", TLS_1_2, "16 16", "not-tls (not TLS)", 0 },
	{ "SSLv2 that was not asked for", TLS_1_2, "8003 00 0001", "not-tls (not TLS)",
	    4 },
	{ "a message without an end", TLS_1_2, "160303{2 02 020000 0303 }",
	    "too-long (a handshake message is too long)", 2 },

	/* what is not at its end */
	{ "nothing", TLS_1_2, "", "more", 0 },
	{ "closed within a header", TLS_1_2, "1603", "more", 0 },
	{ "closed within the chain", TLS_1_2,
	    RECORD(HELLO_1_2("c02f") "0b 000100 {3 {3'leaf'} }"), "more 0303 c02f", 0 },

	/* after the probe */
	{ "Heartbleed", TLS_1_2, HEARTBEAT_FLIGHT "180303{2 02 4000 41*16381}",
	    "complete 0303 009c hb done leak", 16383 },
	{ "a request of the server is no answer", TLS_1_2,
	    HEARTBEAT_FLIGHT "180303{2 01 0001 02 00*16}", "more 0303 009c hb done",
	    0 },
	{ "silence", TLS_1_2, HEARTBEAT_FLIGHT, "more 0303 009c hb done", 0 },
	{ "an alert to the probe", TLS_1_2, HEARTBEAT_FLIGHT ALERT("02", "0a"),
	    "complete alert 2/10 0303 009c hb done", 0 },
	{ "what was left of the record, and other records", TLS_1_2,
	    "160303{2 " HEARTBEAT_HELLO DONE "180303 02}"
	    "140303{2 02}" ALERT("01", "5a") "180302{2 02}",
	    "complete alert 1/90 0303 009c hb done leak", 0 },
	{ "text is no leak", TLS_1_2, HEARTBEAT_FLIGHT "'500 5.5.1 Command?'",
	    "malformed (no TLS record) 0303 009c hb done", 17 },

	/* SSLv2 */
	{ "SSLv2", TLS_SSL2,
	    "8024 04 00 01 0002 0003 0006 0010 'crt' 010080 020080 55*16",
	    "complete 0002 ciphers 2", 0 },
	{ "SSLv2 without ciphers", TLS_SSL2, "800e 04 00 01 0002 0003 0000 0000 'crt'",
	    "complete 0002 ciphers 0", 0 },
	{ "SSLv2 of another version", TLS_SSL2, "800b 04 00 01 0003 0000 0000 0000",
	    "malformed (malformed SSLv2 message)", 0 },
	{ "half a cipher of SSLv2", TLS_SSL2, "800d 04 00 01 0002 0000 0002 0000 0100",
	    "malformed (malformed SSLv2 message)", 0 },
	{ "SSLv2 with bytes behind it", TLS_SSL2,
	    "800c 04 00 01 0002 0000 0000 0000 00",
	    "malformed (malformed SSLv2 message)", 0 },
	{ "SSLv2 behind TLS", TLS_SSL2, ALERT("01", "70") "8003 00 0001",
	    "malformed (no TLS record) alert 1/112", 4 },
	{ "SSLv2 refuses all", TLS_SSL2, "8003 00 0001", "complete 0002 ciphers 0", 0 },
	{ "SSLv2 is refused by an alert", TLS_SSL2, ALERT("02", "46"),
	    "complete alert 2/70", 0 },
	{ "no SSLv2 at all", TLS_SSL2, "'220 mx.example'", "not-tls (not TLS)", 13 },
	{ "a high byte that isn't SSLv2", TLS_SSL2, "ffff ff",
	    "not-tls (neither SSLv2 nor TLS)", 1 },
};

/* --- reading them --------------------------------------------------------- */

/* From memory that is gone afterwards, so that looking behind it, or back, is noticed.
 */
static enum flight_status
read_piece(struct flight *flight, struct span *rest, size_t length)
{
	struct span piece = span_slice(*rest, 0, length);
	uint8_t *memory = malloc(piece.length + 1);
	assert_non_null(memory);
	memcpy(memory, piece.bytes, piece.length);
	struct span left = span_of(memory, piece.length);
	enum flight_status status = flight_read(flight, &left);
	*rest = span_slice(*rest, piece.length - left.length, rest->length);
	free(memory);
	return status;
}

/* A first piece, and then others; as a client that sends the probe where it may. Writes
 * what is known at the end, and how many bytes were left. */
static size_t
read_pieces(struct buf *text, const struct row *row, struct span rest, size_t first,
    size_t length)
{
	struct flight *flight = flight_new(row->asked);
	enum flight_status status = FLIGHT_MORE;
	const struct flight_facts *facts = flight_facts(flight);
	bool probed = false;
	while (status == FLIGHT_MORE && rest.length > 0) {
		status = read_piece(flight, &rest, first);
		first = length;
		if (status == FLIGHT_COMPLETE && facts->heartbeat && !probed) {
			flight_await_heartbeat(flight);
			probed = true;
			status = FLIGHT_MORE;
		}
	}
	struct span none = span_slice(rest, 0, 0);
	assert_int_equal(flight_read(flight, &none), status);
	buf_clear(text);
	flight_text(text, status, flight);
	flight_free(flight);
	return rest.length;
}

static void
check(const struct row *row, struct span bytes, size_t first, size_t length)
{
	char memory[TEXT_BYTES];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	size_t left = read_pieces(&text, row, bytes, first, length);
	if (strcmp(text.text, row->want) != 0 || left != row->left)
		fail_msg("%s, in pieces of %zu and %zu:\n got %s, %zu left\nwant %s, "
			 "%zu left",
		    row->name, first, length, text.text, left, row->want, row->left);
	buf_free(&text);
}

static void
bytes_of(struct buf *bytes, const char *text)
{
	buf_init(bytes, 1u << 20);
	wire_text(bytes, text);
}

static void
flights_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct buf bytes;
		bytes_of(&bytes, rows[i].bytes);
		check(&rows[i], buf_span(&bytes), bytes.length + 1, 1);
		buf_free(&bytes);
	}
}

static void
pieces_of_any_size_give_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct buf bytes;
		bytes_of(&bytes, rows[i].bytes);
		size_t end = bytes.length < 1000 ? bytes.length : 1000;
		for (size_t cut = 1; cut <= end; cut++)
			check(&rows[i], buf_span(&bytes), cut, bytes.length);
		for (size_t length = 1; length <= 7; length++)
			check(&rows[i], buf_span(&bytes), length, length);
		buf_free(&bytes);
	}
}

/* --- records of other sizes ------------------------------------------------ */

static void
add_records(struct buf *out, struct span handshake, size_t length)
{
	while (handshake.length > 0) {
		struct span part = span_slice(handshake, 0, length);
		buf_add_byte(out, 22);
		buf_add_u16(out, TLS_1_2);
		buf_add_u16(out, (unsigned)part.length);
		buf_add(out, part);
		handshake = span_slice(handshake, part.length, handshake.length);
	}
}

/* The messages of a flight that is one sound record of them; false for others. */
static bool
messages_of(struct span bytes, struct span *messages)
{
	uint8_t type;
	uint16_t version, length;
	return span_take_u8(&bytes, &type) && type == 22 &&
	    span_take_u16(&bytes, &version) && span_take_u16(&bytes, &length) &&
	    length > 0 && length <= 16384 && span_take(&bytes, length, messages) &&
	    bytes.length == 0;
}

static void
records_of_any_size_give_the_same(void **state)
{
	size_t tried = 0;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct buf bytes, records, text;
		struct span messages;
		bytes_of(&bytes, rows[i].bytes);
		buf_init(&records, 1u << 20);
		buf_init(&text, TEXT_BYTES);
		bool is_sound = messages_of(buf_span(&bytes), &messages);
		for (size_t length = 1; is_sound && length <= messages.length;
		     length++) {
			buf_clear(&records);
			add_records(&records, messages, length);
			read_pieces(
			    &text, &rows[i], buf_span(&records), records.length, 1);
			assert_string_equal(text.text, rows[i].want);
			tried++;
		}
		buf_free(&text);
		buf_free(&records);
		buf_free(&bytes);
	}
	assert_true(tried > 1000);
}

/* --- sizes ---------------------------------------------------------------- */

/* Reads messages in records of this length, whole and in pieces as TCP makes them. */
static void
check_messages(const char *text, size_t record, const char *want)
{
	struct buf messages, records;
	struct row row = { "large", TLS_1_2, NULL, want, 0 };
	bytes_of(&messages, text);
	buf_init(&records, 1u << 20);
	add_records(&records, buf_span(&messages), record);
	char memory[TEXT_BYTES];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	row.left = read_pieces(&got, &row, buf_span(&records), records.length, 1);
	assert_string_equal(got.text, want);
	check(&row, buf_span(&records), 1448, 1448);
	buf_free(&records);
	buf_free(&messages);
}

#define LARGE_CHAIN(last) \
	HELLO_1_2("c02f") "0b{3{3 {3 31*20000} {3 32*20000} {3 33*" last "} }}"

static void
chains_may_be_longer_than_a_record(void **state)
{
	static const char want[] =
	    "complete 0303 c02f certs 20000,20000,20000 curve 23 done";
	static const size_t lengths[] = { 100, 1024, 16383, 16384 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++)
		check_messages(
		    LARGE_CHAIN("20000") CURVE("0017") DONE, lengths[i], want);
}

static void
what_has_no_end_is_ended(void **state)
{
	(void)state;
	check_messages(LARGE_CHAIN("91100"), 16384,
	    "too-long (a handshake message is too long) 0303 c02f");
	check_messages(LARGE_CHAIN("90900") "16{3 00*1000}", 16384,
	    "too-long (too many bytes) 0303 c02f");
	check_messages("00*8196", 4, "too-long (too many records)");
	check_messages("00*8192", 4, "more");
}

static void
certificates_are_what_was_sent(void **state)
{
	struct flight *flight = flight_new(TLS_1_2);
	struct buf bytes;
	(void)state;
	bytes_of(&bytes, RECORD(HELLO_1_2("c02f") CERTIFICATE CURVE("0017") DONE));
	struct span rest = buf_span(&bytes);
	while (rest.length > 0)
		if (read_piece(flight, &rest, 3) != FLIGHT_MORE)
			break;
	buf_free(&bytes);
	const struct flight_facts *facts = flight_facts(flight);
	assert_int_equal(facts->certificate_count, 2);
	assert_true(span_equal(facts->certificates[0], span_text("leaf")));
	assert_true(span_equal(facts->certificates[1], span_text("issuer")));
	flight_free(flight);
	flight_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flights_are_read),
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test(records_of_any_size_give_the_same),
		cmocka_unit_test(chains_may_be_longer_than_a_record),
		cmocka_unit_test(what_has_no_end_is_ended),
		cmocka_unit_test(certificates_are_what_was_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
