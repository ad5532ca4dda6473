/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * ClientHello by settings. Everything that differs between versions is a line of a
 * table: which suites, which extensions, which groups. Lengths are written when what
 * they count is written, so that none is computed twice.
 *
 * Nothing is here that a scan doesn't learn from (no tickets, no ALPN): each byte more
 * is a chance more that an old server or middlebox drops the connection.
 */
#include "smtp/hello.h"

#include "core/attributes.h"
#include "wire.h"

#include <assert.h>

/* Suites that are signals (RFC 7507 4, RFC 5746 3.3). */
enum { FALLBACK_SCSV = 0x5600, RENEGOTIATION_SCSV = 0x00ff };

enum { X25519 = 29, SSL2_CHALLENGE_BYTES = 16 };

/* Suites that show no certificate, or keep no secret. */
enum {
	UNWANTED = 1u << SMTP_WEAK_NULL | 1u << SMTP_WEAK_EXPORT | 1u << SMTP_WEAK_ANON
};

/* --- vectors -------------------------------------------------------------- */

/* A length of `width` bytes, and then what it counts (RFC 8446 3.4). */
struct vector {
	size_t start;
	size_t width;
};

static struct vector
begin_vector(struct buf *out, size_t width)
{
	struct vector vector = { out->length, width };
	for (size_t i = 0; i < width; i++)
		buf_add_byte(out, 0);
	return vector;
}

static void
end_vector(struct buf *out, struct vector vector)
{
	if (out->cut)
		return;
	size_t length = out->length - vector.start - vector.width;
	for (size_t i = vector.width; i-- > 0; length >>= 8)
		out->text[vector.start + i] = (char)(length & 0xff);
	assert(length == 0);
}

/* --- suites --------------------------------------------------------------- */

/* Of the types of certificate only sound ones belong. */
static bool
is_of(enum hello_suites suites, const struct suite *suite)
{
	switch (suites) {
	case HELLO_SUITES_RSA:
		return suite->weak == 0 && suite->authentication == SUITE_AUTH_RSA;
	case HELLO_SUITES_ECDSA:
		return suite->weak == 0 && suite->authentication == SUITE_AUTH_ECDSA;
	default:
		return false;
	}
}

static bool
belongs(const struct hello *hello, const struct suite *suite)
{
	if ((suite->weak & hello->weak) != 0)
		return true;
	if ((suite->weak & UNWANTED) != 0)
		return false;
	return hello->suites == HELLO_SUITES_ALL || is_of(hello->suites, suite);
}

/* OpenSSL 1.0 chooses elliptic curves in SSLv3 too, although they came with TLS. */
static bool
is_offered(const struct hello *hello, const struct suite *suite)
{
	if (hello->version == TLS_1_3)
		return suite->since == TLS_1_3;
	enum tls_version version = hello->version < TLS_1_0 ? TLS_1_0 : hello->version;
	return suite->since <= version && belongs(hello, suite);
}

static bool
is_first(const struct hello *hello, const struct suite *suite)
{
	if (hello->weak_first && (suite->weak & hello->weak) != 0)
		return true;
	return suite_has_forward_secrecy(suite) && is_of(hello->first, suite);
}

static void
add_suites_that(struct buf *out, const struct hello *hello, bool are_first)
{
	size_t count;
	const struct suite *suites = suite_all(&count);
	for (size_t i = 0; i < count; i++)
		if (is_offered(hello, &suites[i]) &&
		    is_first(hello, &suites[i]) == are_first)
			buf_add_u16(out, suites[i].number);
}

static void
add_suites(struct buf *out, const struct hello *hello)
{
	struct vector list = begin_vector(out, 2);
	add_suites_that(out, hello, true);
	add_suites_that(out, hello, false);
	if (hello->renegotiation_info && hello->version == TLS_SSL3)
		buf_add_u16(out, RENEGOTIATION_SCSV);
	if (hello->fallback_scsv)
		buf_add_u16(out, FALLBACK_SCSV);
	end_vector(out, list);
}

/* --- extensions ----------------------------------------------------------- */

/* RFC 6066 3: without a dot at its end. */
static struct span
host_name(const struct hello *hello)
{
	struct span name = hello->server_name;
	bool has_dot = name.length > 0 && name.bytes[name.length - 1] == '.';
	return span_slice(name, 0, name.length - has_dot);
}

static bool
wants_server_name(const struct hello *hello)
{
	return host_name(hello).length > 0;
}

static void
add_server_name(struct buf *out, const struct hello *hello)
{
	static const uint8_t type_host_name = 0;
	struct span name = host_name(hello);
	struct vector list = begin_vector(out, 2);
	buf_add_byte(out, type_host_name);
	buf_add_u16(out, (unsigned)name.length);
	buf_add(out, name);
	end_vector(out, list);
}

static bool
wants_extended_master_secret(const struct hello *hello)
{
	return hello->extended_master_secret && hello->version < TLS_1_3;
}

static void
add_nothing(struct buf *out, const struct hello *hello)
{
	(void)out;
	(void)hello;
}

static bool
wants_renegotiation_info(const struct hello *hello)
{
	return hello->renegotiation_info && hello->version > TLS_SSL3 &&
	    hello->version < TLS_1_3;
}

/* RFC 5746 3.4: the first handshake renegotiates nothing. */
static void
add_empty_vector(struct buf *out, const struct hello *hello)
{
	(void)hello;
	buf_add_byte(out, 0);
}

static bool
wants_groups(const struct hello *hello)
{
	return hello->version > TLS_SSL3;
}

static void
add_numbers(struct buf *out, const uint16_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_add_u16(out, numbers[i]);
}

/* Finite fields are offered in TLS 1.3 only: before it, their numbers would make a
 * server use one of them instead of the group that it was configured with, whose size
 * is what we want to see (RFC 7919 4). */
static void
add_groups(struct buf *out, const struct hello *hello)
{
	static const uint16_t post_quantum[] = { 4588, 4587, 4589 };
	static const uint16_t classic[] = { X25519, 23, 24, 25, 30 };
	static const uint16_t before_1_3[] = { 26, 27, 28, 22, 21, 19 };
	static const uint16_t since_1_3[] = { 31, 32, 33, 256, 257, 258 };
	struct vector list = begin_vector(out, 2);
	if (hello->groups != HELLO_GROUPS_CLASSIC)
		add_numbers(out, post_quantum, ARRAY_LENGTH(post_quantum));
	if (hello->groups != HELLO_GROUPS_POST_QUANTUM) {
		add_numbers(out, classic, ARRAY_LENGTH(classic));
		if (hello->version < TLS_1_3)
			add_numbers(out, before_1_3, ARRAY_LENGTH(before_1_3));
		else
			add_numbers(out, since_1_3, ARRAY_LENGTH(since_1_3));
	}
	end_vector(out, list);
}

static bool
wants_point_formats(const struct hello *hello)
{
	return hello->version > TLS_SSL3 && hello->version < TLS_1_3;
}

/* RFC 8422 5.1.2: uncompressed. */
static void
add_point_formats(struct buf *out, const struct hello *hello)
{
	(void)hello;
	buf_add_byte(out, 1);
	buf_add_byte(out, 0);
}

/* Servers of older versions may choke on what they can't know. */
static bool
wants_signature_algorithms(const struct hello *hello)
{
	return hello->version >= TLS_1_2;
}

/* RFC 8446 4.2.3 and RFC 5246 7.4.1.4.1, by the key that makes them: ECDSA and EdDSA,
 * RSA, DSS; also the weak ones, which old chains need. */
static const struct signature_algorithm {
	uint16_t number;
	enum suite_authentication authentication;
} signature_algorithms[] = {
	{ 0x0403, SUITE_AUTH_ECDSA },
	{ 0x0503, SUITE_AUTH_ECDSA },
	{ 0x0603, SUITE_AUTH_ECDSA },
	{ 0x0807, SUITE_AUTH_ECDSA },
	{ 0x0808, SUITE_AUTH_ECDSA },
	{ 0x081a, SUITE_AUTH_ECDSA },
	{ 0x081b, SUITE_AUTH_ECDSA },
	{ 0x081c, SUITE_AUTH_ECDSA },
	{ 0x0804, SUITE_AUTH_RSA },
	{ 0x0805, SUITE_AUTH_RSA },
	{ 0x0806, SUITE_AUTH_RSA },
	{ 0x0809, SUITE_AUTH_RSA },
	{ 0x080a, SUITE_AUTH_RSA },
	{ 0x080b, SUITE_AUTH_RSA },
	{ 0x0401, SUITE_AUTH_RSA },
	{ 0x0501, SUITE_AUTH_RSA },
	{ 0x0601, SUITE_AUTH_RSA },
	{ 0x0203, SUITE_AUTH_ECDSA },
	{ 0x0201, SUITE_AUTH_RSA },
	{ 0x0402, SUITE_AUTH_DSS },
	{ 0x0202, SUITE_AUTH_DSS },
};

/* SUITE_AUTH_ANY: all of them. */
static void
add_algorithms(struct buf *out, enum suite_authentication wanted)
{
	struct vector list = begin_vector(out, 2);
	for (size_t i = 0; i < ARRAY_LENGTH(signature_algorithms); i++)
		if (wanted == SUITE_AUTH_ANY ||
		    wanted == signature_algorithms[i].authentication)
			buf_add_u16(out, signature_algorithms[i].number);
	end_vector(out, list);
}

/* In TLS 1.3 they, and not the suite, choose the certificate. */
static enum suite_authentication
wanted_certificate(const struct hello *hello)
{
	if (hello->version < TLS_1_3)
		return SUITE_AUTH_ANY;
	if (hello->suites == HELLO_SUITES_RSA)
		return SUITE_AUTH_RSA;
	return hello->suites == HELLO_SUITES_ECDSA ? SUITE_AUTH_ECDSA : SUITE_AUTH_ANY;
}

static void
add_signature_algorithms(struct buf *out, const struct hello *hello)
{
	add_algorithms(out, wanted_certificate(hello));
}

/* A choice of keys is not one of who may have signed the chain. */
static bool
wants_signature_algorithms_cert(const struct hello *hello)
{
	return wanted_certificate(hello) != SUITE_AUTH_ANY;
}

static void
add_signature_algorithms_cert(struct buf *out, const struct hello *hello)
{
	(void)hello;
	add_algorithms(out, SUITE_AUTH_ANY);
}

static bool
wants_heartbeat(const struct hello *hello)
{
	return hello->heartbeat && hello->version < TLS_1_3;
}

static void
add_heartbeat(struct buf *out, const struct hello *hello)
{
	static const uint8_t peer_allowed_to_send = 1;
	(void)hello;
	buf_add_byte(out, peer_allowed_to_send);
}

static bool
is_1_3(const struct hello *hello)
{
	return hello->version == TLS_1_3;
}

static void
add_versions(struct buf *out, const struct hello *hello)
{
	struct vector list = begin_vector(out, 1);
	buf_add_u16(out, hello->version);
	end_vector(out, list);
}

/* RFC 8446 4.2.8: no share at all asks for a HelloRetryRequest. */
static void
add_key_share(struct buf *out, const struct hello *hello)
{
	struct vector list = begin_vector(out, 2);
	if (hello->groups != HELLO_GROUPS_POST_QUANTUM) {
		buf_add_u16(out, X25519);
		buf_add_u16(out, sizeof(hello->random->key_share));
		buf_add(out,
		    span_of(
			hello->random->key_share, sizeof(hello->random->key_share)));
	}
	end_vector(out, list);
}

/* In this order; there are servers that dislike an empty one at the end. */
static const struct extension {
	uint16_t number;
	bool (*is_wanted)(const struct hello *hello);
	void (*add)(struct buf *out, const struct hello *hello);
} extensions[] = {
	{ WIRE_SERVER_NAME, wants_server_name, add_server_name },
	{ WIRE_EXTENDED_MASTER_SECRET, wants_extended_master_secret, add_nothing },
	{ WIRE_RENEGOTIATION_INFO, wants_renegotiation_info, add_empty_vector },
	{ WIRE_SUPPORTED_GROUPS, wants_groups, add_groups },
	{ WIRE_POINT_FORMATS, wants_point_formats, add_point_formats },
	{ WIRE_SIGNATURE_ALGORITHMS, wants_signature_algorithms,
	    add_signature_algorithms },
	{ WIRE_SIGNATURE_ALGORITHMS_CERT, wants_signature_algorithms_cert,
	    add_signature_algorithms_cert },
	{ WIRE_HEARTBEAT_MODE, wants_heartbeat, add_heartbeat },
	{ WIRE_SUPPORTED_VERSIONS, is_1_3, add_versions },
	{ WIRE_KEY_SHARE, is_1_3, add_key_share },
};

/* A server of SSLv3 may not even know that something can stand here: without any
 * extension there is no list either. */
static void
add_extensions(struct buf *out, const struct hello *hello)
{
	size_t before = out->length;
	struct vector list = begin_vector(out, 2);
	for (size_t i = 0; i < ARRAY_LENGTH(extensions); i++) {
		if (!extensions[i].is_wanted(hello))
			continue;
		buf_add_u16(out, extensions[i].number);
		struct vector data = begin_vector(out, 2);
		extensions[i].add(out, hello);
		end_vector(out, data);
	}
	end_vector(out, list);
	if (out->length == before + list.width)
		buf_shorten(out, before);
}

/* --- the hello ------------------------------------------------------------ */

static void
add_compression(struct buf *out, const struct hello *hello)
{
	static const uint8_t deflate = 1, null = 0;
	struct vector list = begin_vector(out, 1);
	if (hello->deflate && hello->version < TLS_1_3)
		buf_add_byte(out, deflate);
	buf_add_byte(out, null);
	end_vector(out, list);
}

/* RFC 8446 4.1.2: 1.3 looks like 1.2 that resumes a session. */
static void
add_body(struct buf *out, const struct hello *hello)
{
	const struct hello_random *random = hello->random;
	struct span session_id = span_of(
	    random->session_id, sizeof(random->session_id));
	buf_add_u16(out, is_1_3(hello) ? TLS_1_2 : hello->version);
	buf_add(out, span_of(random->random, sizeof(random->random)));
	struct vector session = begin_vector(out, 1);
	if (is_1_3(hello))
		buf_add(out, session_id);
	end_vector(out, session);
	add_suites(out, hello);
	add_compression(out, hello);
	add_extensions(out, hello);
}

/* CLIENT-HELLO as the SSL 2.0 specification of 1995 has it. */
static void
add_ssl2(struct buf *out, const struct hello *hello)
{
	static const uint8_t specs[][3] = {
		{ 0x07, 0x00, 0xc0 }, /* DES_192_EDE3_CBC_WITH_MD5 */
		{ 0x05, 0x00, 0x80 }, /* IDEA_128_CBC_WITH_MD5 */
		{ 0x03, 0x00, 0x80 }, /* RC2_128_CBC_WITH_MD5 */
		{ 0x01, 0x00, 0x80 }, /* RC4_128_WITH_MD5 */
		{ 0x06, 0x00, 0x40 }, /* DES_64_CBC_WITH_MD5 */
		{ 0x04, 0x00, 0x80 }, /* RC2_128_CBC_EXPORT40_WITH_MD5 */
		{ 0x02, 0x00, 0x80 }, /* RC4_128_EXPORT40_WITH_MD5 */
	};
	struct vector record = begin_vector(out, 2);
	buf_add_byte(out, WIRE_SSL2_CLIENT_HELLO);
	buf_add_u16(out, TLS_SSL2);
	buf_add_u16(out, sizeof(specs));
	buf_add_u16(out, 0); /* no session */
	buf_add_u16(out, SSL2_CHALLENGE_BYTES);
	buf_add(out, span_of(specs, sizeof(specs)));
	buf_add(out, span_of(hello->random->random, SSL2_CHALLENGE_BYTES));
	end_vector(out, record);
	if (!out->cut)
		out->text[record.start] |= (char)WIRE_SSL2_SHORT_HEADER;
}

void
hello_init(struct hello *hello, enum tls_version version, struct span server_name,
    const struct hello_random *random)
{
	bool is_old = version <= TLS_SSL3;
	*hello = (struct hello){
		.version = version,
		.server_name = is_old ? span_of(NULL, 0) : server_name,
		.groups = version == TLS_1_3 ? HELLO_GROUPS_ALL : HELLO_GROUPS_CLASSIC,
		.deflate = true,
		.renegotiation_info = true,
		.extended_master_secret = !is_old,
		.heartbeat = !is_old,
		.random = random,
	};
}

/* RFC 8446 5.1: the version of this record is 1.0 for the sake of old servers; SSLv3's
 * is its own. */
void
hello_write(struct buf *out, const struct hello *hello)
{
	assert(hello->suites != HELLO_SUITES_WEAK || hello->weak != 0);
	if (hello->version == TLS_SSL2) {
		add_ssl2(out, hello);
		return;
	}
	buf_add_byte(out, WIRE_HANDSHAKE);
	buf_add_u16(out, hello->version == TLS_SSL3 ? TLS_SSL3 : TLS_1_0);
	struct vector record = begin_vector(out, 2);
	buf_add_byte(out, WIRE_CLIENT_HELLO);
	struct vector message = begin_vector(out, 3);
	add_body(out, hello);
	end_vector(out, message);
	end_vector(out, record);
}

void
hello_write_heartbeat(struct buf *out, enum tls_version version)
{
	enum { CLAIMED_BYTES = 16384 };
	buf_add_byte(out, WIRE_HEARTBEAT);
	buf_add_u16(out, version);
	struct vector record = begin_vector(out, 2);
	buf_add_byte(out, WIRE_HEARTBEAT_REQUEST);
	buf_add_u16(out, CLAIMED_BYTES);
	end_vector(out, record);
}
