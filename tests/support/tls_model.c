/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Reads a ClientHello, decides as the model says, and writes the server's flight. */
#include "support/tls_model.h"

#include "core/buf.h"
#include "smtp/suite.h"

#include <string.h>

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_HEARTBEAT = 24,
	EXTENSION_HEARTBEAT = 15,
	EXTENSION_EMS = 23,
	EXTENSION_VERSIONS = 43,
	EXTENSION_KEY_SHARE = 51,
	EXTENSION_RENEGOTIATION = 0xff01,
	FALLBACK_SCSV = 0x5600,
	RENEGOTIATION_SCSV = 0x00ff,
	GROUP_X25519 = 29,
	GROUP_X25519_MLKEM768 = 4588,
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_INAPPROPRIATE_FALLBACK = 86,
	HELLO_MAX = 4096
};

/* What of a ClientHello matters here. */
struct client_hello {
	uint16_t version;
	bool only_tls13, offers_tls13;
	struct span suites;
	bool fallback, deflate, heartbeat, renegotiation, extended_master_secret;
	bool has_share; /* of X25519, the only one that we can take */
};

/* --- reading -------------------------------------------------------------- */

static void
read_versions(struct client_hello *hello, struct span list)
{
	uint8_t length;
	uint16_t version;
	bool others = false;
	if (!span_take_u8(&list, &length))
		return;
	while (span_take_u16(&list, &version)) {
		hello->offers_tls13 = hello->offers_tls13 || version == TLS_1_3;
		others = others || (version != TLS_1_3 && version <= TLS_1_2);
	}
	hello->only_tls13 = hello->offers_tls13 && !others;
}

static void
read_extensions(struct client_hello *hello, struct span list)
{
	uint16_t type, length, total;
	struct span body;
	if (!span_take_u16(&list, &total))
		return;
	while (span_take_u16(&list, &type) && span_take_u16(&list, &length) &&
	    span_take(&list, length, &body)) {
		if (type == EXTENSION_VERSIONS)
			read_versions(hello, body);
		if (type == EXTENSION_KEY_SHARE)
			hello->has_share = length > 2;
		hello->heartbeat = hello->heartbeat || type == EXTENSION_HEARTBEAT;
		hello->extended_master_secret = hello->extended_master_secret ||
		    type == EXTENSION_EMS;
		hello->renegotiation = hello->renegotiation ||
		    type == EXTENSION_RENEGOTIATION;
	}
}

static bool
offers(const struct client_hello *hello, uint16_t suite)
{
	struct span rest = hello->suites;
	uint16_t offered;
	while (span_take_u16(&rest, &offered))
		if (offered == suite)
			return true;
	return false;
}

static bool
read_hello(struct client_hello *hello, struct span body)
{
	struct span ignored, compression;
	uint8_t session, methods;
	uint16_t suites;
	if (!span_take(&body, 4, &ignored) || !span_take_u16(&body, &hello->version) ||
	    !span_take(&body, 32, &ignored) || !span_take_u8(&body, &session) ||
	    !span_take(&body, session, &ignored) || !span_take_u16(&body, &suites) ||
	    !span_take(&body, suites, &hello->suites) ||
	    !span_take_u8(&body, &methods) || !span_take(&body, methods, &compression))
		return false;
	hello->deflate = span_contains_byte(compression, 1);
	read_extensions(hello, body);
	hello->fallback = offers(hello, FALLBACK_SCSV);
	hello->renegotiation = hello->renegotiation ||
	    offers(hello, RENEGOTIATION_SCSV);
	return true;
}

/* --- writing -------------------------------------------------------------- */

static void
send_record(struct hostile_peer *peer, uint8_t type, uint16_t version, struct span body)
{
	const struct tls_model *model = peer->context;
	size_t most = model->split ? 1 : body.length;
	while (body.length > 0) {
		struct span part = span_slice(body, 0, most);
		uint8_t head[5] = { type, (uint8_t)(version >> 8), (uint8_t)version,
			(uint8_t)(part.length >> 8), (uint8_t)part.length };
		peer_send(peer, span_of(head, sizeof(head)));
		peer_send(peer, part);
		body = span_slice(body, most, body.length);
	}
}

static void
send_alert(struct hostile_peer *peer, uint8_t description)
{
	uint8_t alert[] = { 2, description };
	send_record(peer, RECORD_ALERT, TLS_SSL3, span_of(alert, sizeof(alert)));
}

static void
refuse(struct hostile_peer *peer)
{
	const struct tls_model *model = peer->context;
	if (model->refusal == MODEL_HANG)
		peer_hang(peer);
	else if (model->refusal != MODEL_CLOSE)
		send_alert(peer,
		    model->refusal == MODEL_ALERT_70 ? ALERT_PROTOCOL_VERSION
						     : ALERT_HANDSHAKE_FAILURE);
}

/* A handshake message around what `body` holds. */
static void
add_message(struct buf *out, uint8_t type, const struct buf *body)
{
	buf_add_byte(out, type);
	buf_add_byte(out, 0);
	buf_add_u16(out, (uint16_t)body->length);
	buf_add(out, buf_span(body));
}

static void
add_extension(struct buf *out, uint16_t type, const void *bytes, uint16_t length)
{
	buf_add_u16(out, type);
	buf_add_u16(out, length);
	buf_add(out, span_of(bytes, length));
}

struct server_hello {
	uint16_t version, suite;
	const uint8_t *random;
	bool deflate;
	struct buf extensions;
	char memory[256];
};

static void
add_server_hello(struct buf *out, struct server_hello *hello)
{
	char memory[512];
	struct buf body;
	buf_wrap(&body, memory, sizeof(memory));
	buf_add_u16(&body, hello->version);
	buf_add(&body, span_of(hello->random, 32));
	buf_add_byte(&body, 0);
	buf_add_u16(&body, hello->suite);
	buf_add_byte(&body, hello->deflate);
	if (hello->extensions.length > 0) {
		buf_add_u16(&body, (uint16_t)hello->extensions.length);
		buf_add(&body, buf_span(&hello->extensions));
	}
	add_message(out, 2, &body);
}

/* RFC 8446 4.1.3 and 4.1.4. */
static void
answer_tls13(struct hostile_peer *peer, const struct client_hello *client)
{
	static const uint8_t retry[32] = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d"
					 "\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x67"
					 "\xab\xb8\xc5\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";
	static const uint8_t version[] = { 3, 4 }, plain[32] = { 1 };
	const struct tls_model *model = peer->context;
	struct server_hello hello = { .version = TLS_1_2, .suite = 0x1301 };
	uint8_t share[36] = { 0, GROUP_X25519, 0, 32 };
	uint8_t group[] = { GROUP_X25519_MLKEM768 >> 8, GROUP_X25519_MLKEM768 & 0xff };
	uint8_t retry_random[32];
	char memory[512];
	struct buf out;
	if (!model->post_quantum && !client->has_share) {
		send_alert(peer, ALERT_HANDSHAKE_FAILURE);
		return;
	}
	memcpy(retry_random, retry, 31);
	retry_random[31] = 0x9c;
	hello.random = model->post_quantum ? retry : plain;
	buf_wrap(&hello.extensions, hello.memory, sizeof(hello.memory));
	add_extension(&hello.extensions, EXTENSION_VERSIONS, version, 2);
	if (model->post_quantum)
		add_extension(&hello.extensions, EXTENSION_KEY_SHARE, group, 2);
	else
		add_extension(&hello.extensions, EXTENSION_KEY_SHARE, share, 36);
	buf_wrap(&out, memory, sizeof(memory));
	add_server_hello(&out, &hello);
	send_record(peer, RECORD_HANDSHAKE, TLS_1_2, buf_span(&out));
}

static void
fill_old_hello(const struct tls_model *model, const struct client_hello *client,
    struct server_hello *hello, uint8_t random[32])
{
	static const uint8_t empty = 0, peer_may_send = 1;
	struct buf *extensions = &hello->extensions;
	memset(random, 7, 32);
	if (model->sentinel)
		memcpy(random + 24, "DOWNGRD\1", 8);
	hello->random = random;
	hello->deflate = model->deflate && client->deflate;
	buf_wrap(extensions, hello->memory, sizeof(hello->memory));
	if (model->renegotiation && client->renegotiation)
		add_extension(extensions, EXTENSION_RENEGOTIATION, &empty, 1);
	if (model->extended_master_secret && client->extended_master_secret)
		add_extension(extensions, EXTENSION_EMS, &empty, 0);
	if (model->heartbeat && client->heartbeat)
		add_extension(extensions, EXTENSION_HEARTBEAT, &peer_may_send, 1);
}

/* ServerKeyExchange with a signature that nobody looks at. */
static void
add_key_exchange(struct buf *out, const struct suite *suite)
{
	enum { PRIME_BYTES = 128 };
	char memory[512];
	struct buf body;
	buf_wrap(&body, memory, sizeof(memory));
	if (suite->key_exchange == SUITE_KEY_ECDHE) {
		buf_add_byte(&body, 3); /* named_curve */
		buf_add_u16(&body, GROUP_X25519);
		buf_add_byte(&body, 32);
		for (int i = 0; i < 32; i++)
			buf_add_byte(&body, 5);
	} else if (suite->key_exchange == SUITE_KEY_DHE) {
		buf_add_u16(&body, PRIME_BYTES);
		for (int i = 0; i < PRIME_BYTES; i++)
			buf_add_byte(&body, 0xff);
		buf_add(&body, span_of("\0\1\2\0\1\3", 6));
	} else {
		return;
	}
	buf_add(&body, span_of("\4\1\0\2xx", 6));
	add_message(out, 12, &body);
}

static void
answer_heartbeat(struct hostile_peer *peer)
{
	const struct tls_model *model = peer->context;
	uint8_t request[8], leak[64] = { 2, 0, 32 };
	if (!peer_receive(peer, request, sizeof(request)) || !model->heartbleed)
		return;
	send_record(peer, RECORD_HEARTBEAT, TLS_1_2, span_of(leak, sizeof(leak)));
}

static void
answer_old(struct hostile_peer *peer, const struct client_hello *client,
    uint16_t version, const struct suite *suite)
{
	static const uint8_t certificate[] = { 0, 0, 5, 0, 0, 2, 0x30, 0 };
	const struct tls_model *model = peer->context;
	struct server_hello hello = { .version = version, .suite = suite->number };
	uint8_t random[32];
	char memory[2048], empty_memory[1], certificate_memory[16];
	struct buf out, empty, body;
	buf_wrap(&out, memory, sizeof(memory));
	buf_wrap(&empty, empty_memory, sizeof(empty_memory));
	buf_wrap(&body, certificate_memory, sizeof(certificate_memory));
	buf_add(&body, span_of(certificate, sizeof(certificate)));
	fill_old_hello(model, client, &hello, random);
	add_server_hello(&out, &hello);
	if (suite->authentication != SUITE_AUTH_NONE)
		add_message(&out, 11, &body);
	add_key_exchange(&out, suite);
	add_message(&out, 14, &empty);
	if (model->cut)
		buf_shorten(&out, out.length / 2);
	send_record(peer, RECORD_HANDSHAKE, version, buf_span(&out));
	if (model->heartbeat && client->heartbeat)
		answer_heartbeat(peer);
	peer_hang(peer);
}

/* --- deciding ------------------------------------------------------------- */

/* The best version up to what was asked, SSLv3 to TLS 1.2; 0: none. */
static uint16_t
choose_version(const struct tls_model *model, uint16_t asked)
{
	uint16_t version = asked < TLS_1_2 ? asked : TLS_1_2;
	for (; version >= TLS_SSL3; version--)
		if (model->versions & (1u << (SMTP_SSLV3 + version - TLS_SSL3)))
			return version;
	return 0;
}

static bool
has_suite(const struct tls_model *model, uint16_t suite)
{
	for (size_t i = 0; i < MODEL_SUITES && model->suites[i] != 0; i++)
		if (model->suites[i] == suite)
			return true;
	return false;
}

static const struct suite *
choose_suite(const struct tls_model *model, const struct client_hello *client)
{
	struct span rest = client->suites;
	uint16_t offered;
	if (model->stubborn)
		return suite_find(model->suites[0]);
	while (model->client_chooses && span_take_u16(&rest, &offered))
		if (has_suite(model, offered))
			return suite_find(offered);
	for (size_t i = 0; i < MODEL_SUITES && model->suites[i] != 0; i++)
		if (offers(client, model->suites[i]))
			return suite_find(model->suites[i]);
	return NULL;
}

static void
answer_1_3(struct hostile_peer *peer, const struct client_hello *client)
{
	const struct tls_model *model = peer->context;
	if (client->only_tls13 && (model->versions & MODEL_TLSV13))
		answer_tls13(peer, client);
	else if (client->only_tls13)
		refuse(peer);
	else
		send_alert(peer, ALERT_HANDSHAKE_FAILURE);
}

static bool
stands(const struct tls_model *model, const struct client_hello *client, size_t length)
{
	return !(model->hates_1_3 && client->offers_tls13) &&
	    !(model->newest != 0 && client->version > model->newest) &&
	    !(model->longest != 0 && length > model->longest);
}

static void
answer(struct hostile_peer *peer, const struct client_hello *client)
{
	const struct tls_model *model = peer->context;
	bool has_tls13 = model->versions & MODEL_TLSV13;
	if (client->offers_tls13) {
		answer_1_3(peer, client);
		return;
	}
	uint16_t version = choose_version(model, client->version);
	if (version == 0) {
		refuse(peer);
		return;
	}
	bool has_better = has_tls13 || choose_version(model, TLS_1_2) > version;
	const struct suite *suite = choose_suite(model, client);
	if (model->scsv && client->fallback && has_better)
		send_alert(peer,
		    model->scsv_by_70 ? ALERT_PROTOCOL_VERSION
				      : ALERT_INAPPROPRIATE_FALLBACK);
	else if (suite == NULL)
		send_alert(peer, ALERT_HANDSHAKE_FAILURE);
	else
		answer_old(peer, client, version, suite);
}

/* Two cipher specs, no certificate. */
static void
answer_sslv2(struct hostile_peer *peer, size_t length)
{
	static const char hello[] = "\x80\x11"
				    "\4\0\1\0\2\0\0\0\6\0\0"
				    "\1\0\x80\2\0\x80";
	const struct tls_model *model = peer->context;
	uint8_t rest[256];
	if (length > sizeof(rest) || !peer_receive(peer, rest, length))
		return;
	if (model->versions & MODEL_SSLV2)
		peer_send(peer, span_of(hello, sizeof(hello) - 1));
}

void
tls_model_serve(struct hostile_peer *peer)
{
	const struct tls_model *model = peer->context;
	struct client_hello client = { .version = 0 };
	uint8_t head[5], body[HELLO_MAX];
	if (model->limit > 0 && peer->number > model->limit) {
		peer_say(peer, model->limit_text);
		return;
	}
	if (!peer_starttls(peer) || !peer_receive(peer, head, sizeof(head)))
		return;
	if (head[0] & 0x80) {
		answer_sslv2(peer, head[1] - 3u);
		return;
	}
	size_t length = (size_t)head[3] << 8 | head[4];
	if (length <= sizeof(body) && peer_receive(peer, body, length) &&
	    read_hello(&client, span_of(body, length)) &&
	    stands(model, &client, length))
		answer(peer, &client);
}

void
tls_model_limits_starttls(struct hostile_peer *peer)
{
	char line[512];
	if (peer->number <= 2) {
		tls_model_serve(peer);
		return;
	}
	peer_say(peer, "220 mx\r\n");
	peer_line(peer, line, sizeof(line));
	peer_say(peer, "250-mx\r\n250 STARTTLS\r\n");
	peer_line(peer, line, sizeof(line));
	peer_say(peer, "454 4.7.0 too many sessions\r\n");
	peer_line(peer, line, sizeof(line));
}
