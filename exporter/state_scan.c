/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Each part is written and read by a pair of functions that stand together. What is
 * read back has to be what a scan could be: known words, texts that end, numbers that
 * nobody who reasons about dates or prints a line stumbles over.
 */
#include "state_scan.h"

#include "core/limits.h"
#include "smtp/scan.h"
#include "smtp/suite.h"

#include <string.h>

/* A number of the file stands for a word of these lists: with another list, the file
 * has another format. */
_Static_assert(SMTP_ENDS == 12 && SMTP_STAGES == 7 && SMTP_PROTOCOLS == 6 &&
	SMTP_WEAKS == 5 && SMTP_KEY_ED448 == 5 && SMTP_DIGEST_SHA1 == 2 &&
	SMTP_TRUST_OTHER == 4 && TRUTH_YES == 2,
    "the format of scans");

enum {
	REPLY_CODE_MAX = 999,
	/* Of a Diffie-Hellman group: what a length of two bytes can say. */
	DH_BITS_MAX = 8 * UINT16_MAX,
	/* A scan may end a little late, but not by days. */
	SECONDS_MAX = 24 * 60 * 60
};

/* 0000-01-01 and 9999-12-31: what a certificate can say. */
static const int64_t first_date = INT64_C(-62167219200);
static const int64_t last_date = INT64_C(253402300799);

/* --- words and texts ------------------------------------------------------ */

#define TRUTH(field) offsetof(struct smtp_scan, field)

static const size_t truths[] = {
	TRUTH(starttls),
	TRUTH(injection),
	TRUTH(single_type),
	TRUTH(handshake.done),
	TRUTH(handshake.ehlo_after),
	TRUTH(tls.protocols[SMTP_SSLV2]),
	TRUTH(tls.protocols[SMTP_SSLV3]),
	TRUTH(tls.protocols[SMTP_TLSV10]),
	TRUTH(tls.protocols[SMTP_TLSV11]),
	TRUTH(tls.protocols[SMTP_TLSV12]),
	TRUTH(tls.protocols[SMTP_TLSV13]),
	TRUTH(tls.fallback_scsv),
	TRUTH(tls.secure_renegotiation),
	TRUTH(tls.compression),
	TRUTH(tls.heartbeat),
	TRUTH(tls.heartbleed),
	TRUTH(tls.extended_master_secret),
	TRUTH(tls.downgrade_sentinel),
	TRUTH(tls.post_quantum),
	TRUTH(tls.forward_secrecy),
	TRUTH(tls.weak[SMTP_WEAK_NULL]),
	TRUTH(tls.weak[SMTP_WEAK_ANON]),
	TRUTH(tls.weak[SMTP_WEAK_EXPORT]),
	TRUTH(tls.weak[SMTP_WEAK_RC4]),
	TRUTH(tls.weak[SMTP_WEAK_3DES]),
};

static void
pack_truths(struct buf *out, const struct smtp_scan *scan)
{
	for (size_t i = 0; i < ARRAY_LENGTH(truths); i++)
		pack_number(out, *(const enum truth *)((const char *)scan + truths[i]));
}

static enum truth
unpack_truth(struct unpack *in)
{
	return (enum truth)unpack_number(in, TRUTH_YES);
}

static void
unpack_truths(struct unpack *in, struct smtp_scan *scan)
{
	for (size_t i = 0; i < ARRAY_LENGTH(truths); i++)
		*(enum truth *)((char *)scan + truths[i]) = unpack_truth(in);
}

static uint16_t
unpack_u16(struct unpack *in)
{
	return (uint16_t)unpack_number(in, UINT16_MAX);
}

/* Into an array of so many bytes. */
static void
unpack_text(struct unpack *in, char *text, size_t size)
{
	struct span bytes = unpack_bytes(in, size - 1);
	in->is_bad = in->is_bad || span_contains_byte(bytes, '\0');
	if (bytes.length > 0)
		memcpy(text, bytes.bytes, bytes.length);
	text[bytes.length] = '\0';
}

static double
unpack_seconds(struct unpack *in)
{
	double seconds = unpack_double(in);
	in->is_bad = in->is_bad || seconds < 0;
	return seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}

static void
pack_reply(struct buf *out, const struct smtp_reply_text *reply)
{
	pack_number(out, reply->code);
	pack_bytes(out, span_text(reply->text));
}

static void
unpack_reply(struct unpack *in, struct smtp_reply_text *reply)
{
	reply->code = (unsigned)unpack_number(in, REPLY_CODE_MAX);
	unpack_text(in, reply->text, sizeof(reply->text));
}

/* --- TLS ------------------------------------------------------------------ */

static void
pack_tls(struct buf *out, const struct smtp_tls *tls)
{
	const char *post_quantum = tls->post_quantum_group;
	pack_number(out, tls->sslv2_suites);
	pack_bytes(out, span_text(post_quantum != NULL ? post_quantum : ""));
	pack_number(out, tls->version);
	pack_number(out, tls->suite);
	pack_number(out, tls->dh_bits);
	pack_number(out, tls->group);
	pack_number(out, tls->alerted);
	pack_number(out, tls->alert);
}

/* A group that another version knew has no name here. */
static void
unpack_tls(struct unpack *in, struct smtp_tls *tls)
{
	tls->sslv2_suites = unpack_u16(in);
	tls->post_quantum_group = tls_group_text(
	    unpack_bytes(in, sizeof(((struct smtp_handshake *)0)->group_text)));
	tls->version = unpack_u16(in);
	tls->suite = unpack_u16(in);
	tls->dh_bits = (unsigned)unpack_number(in, DH_BITS_MAX);
	tls->group = unpack_u16(in);
	tls->alerted = unpack_number(in, 1) != 0;
	tls->alert = (uint8_t)unpack_number(in, UINT8_MAX);
	tls_name_choice(tls);
}

static void
pack_handshake(struct buf *out, const struct smtp_handshake *handshake)
{
	pack_number(out, handshake->version);
	pack_number(out, handshake->suite);
	pack_bytes(out, span_text(handshake->suite_text));
	pack_bytes(out, span_text(handshake->group_text));
	pack_bytes(out, span_text(handshake->error));
}

static void
unpack_handshake(struct unpack *in, struct smtp_handshake *handshake)
{
	handshake->version = unpack_u16(in);
	handshake->suite = unpack_u16(in);
	unpack_text(in, handshake->suite_text, sizeof(handshake->suite_text));
	unpack_text(in, handshake->group_text, sizeof(handshake->group_text));
	unpack_text(in, handshake->error, sizeof(handshake->error));
}

/* --- certificates --------------------------------------------------------- */

/* With its NUL, so that it can be read where it stands. */
static void
pack_string(struct buf *out, const char *text)
{
	pack_bytes(out, span_of(text, strlen(text) + 1));
}

static const char *
unpack_string(struct unpack *in)
{
	struct span bytes = unpack_bytes(in, LIMIT_SMTP_CERTIFICATE_TEXT + 1), text;
	struct span rest = bytes;
	if (span_take_until(&rest, '\0', &text) && rest.length == 1)
		return (const char *)bytes.bytes;
	in->is_bad = true;
	return "";
}

static void
pack_date(struct buf *out, int64_t seconds)
{
	if (seconds < first_date)
		seconds = first_date;
	if (seconds > last_date)
		seconds = last_date;
	pack_number(out, (uint64_t)(seconds - first_date));
}

static int64_t
unpack_date(struct unpack *in)
{
	return (int64_t)unpack_number(in, (uint64_t)(last_date - first_date)) +
	    first_date;
}

static void
unpack_digest(struct unpack *in, uint8_t *digest, size_t length)
{
	struct span bytes;
	if (span_take(&in->rest, length, &bytes))
		memcpy(digest, bytes.bytes, length);
	else
		in->is_bad = true;
}

static void
pack_digests(struct buf *out, const struct smtp_certificate *certificate)
{
	buf_add(out, span_of(certificate->der_sha256, SMTP_SHA256_BYTES));
	buf_add(out, span_of(certificate->der_sha512, SMTP_SHA512_BYTES));
	buf_add(out, span_of(certificate->spki_sha256, SMTP_SHA256_BYTES));
	buf_add(out, span_of(certificate->spki_sha512, SMTP_SHA512_BYTES));
}

static void
unpack_digests(struct unpack *in, struct smtp_certificate *certificate)
{
	unpack_digest(in, certificate->der_sha256, SMTP_SHA256_BYTES);
	unpack_digest(in, certificate->der_sha512, SMTP_SHA512_BYTES);
	unpack_digest(in, certificate->spki_sha256, SMTP_SHA256_BYTES);
	unpack_digest(in, certificate->spki_sha512, SMTP_SHA512_BYTES);
}

static void
pack_certificate(struct buf *out, const struct smtp_certificate *certificate)
{
	pack_bytes(out, certificate->der);
	pack_bytes(out, certificate->spki);
	pack_digests(out, certificate);
	pack_string(out, certificate->subject);
	pack_string(out, certificate->issuer);
	pack_date(out, certificate->not_before);
	pack_date(out, certificate->not_after);
	pack_number(out, certificate->key_type);
	pack_number(out, certificate->key_bits);
	pack_string(out, certificate->key_text);
	pack_string(out, certificate->signature_text);
	pack_number(out, certificate->signature_digest);
	pack_number(out, certificate->self_issued);
	pack_number(out, certificate->self_signed);
	pack_number(out, certificate->issued_by_next);
	pack_number(out, certificate->name_count);
	for (size_t i = 0; i < certificate->name_count; i++)
		pack_bytes(out, certificate->names[i]);
}

static void
unpack_names(
    struct unpack *in, struct smtp_certificate *certificate, struct span *names)
{
	size_t count = unpack_number(in, LIMIT_SMTP_CERTIFICATE_NAMES);
	for (size_t i = 0; i < count; i++) {
		names[i] = unpack_bytes(in, LIMIT_NAME_BYTES);
		in->is_bad = in->is_bad || names[i].length == 0 ||
		    span_contains_byte(names[i], '\0');
	}
	certificate->name_count = count;
	certificate->names = names;
}

/* NULL where it is bad. */
static struct smtp_certificate *
unpack_certificate(struct unpack *in)
{
	struct smtp_certificate certificate = { .name_count = 0 };
	struct span names[LIMIT_SMTP_CERTIFICATE_NAMES];
	certificate.der = unpack_bytes(in, LIMIT_SMTP_CERTIFICATE_BYTES);
	certificate.spki = unpack_bytes(in, LIMIT_SMTP_CERTIFICATE_BYTES);
	unpack_digests(in, &certificate);
	certificate.subject = unpack_string(in);
	certificate.issuer = unpack_string(in);
	certificate.not_before = unpack_date(in);
	certificate.not_after = unpack_date(in);
	certificate.key_type = (enum smtp_key_type)unpack_number(in, SMTP_KEY_ED448);
	certificate.key_bits = (unsigned)unpack_number(in, INT32_MAX);
	certificate.key_text = unpack_string(in);
	certificate.signature_text = unpack_string(in);
	certificate.signature_digest = (enum smtp_digest)unpack_number(
	    in, SMTP_DIGEST_SHA1);
	certificate.self_issued = unpack_number(in, 1) != 0;
	certificate.self_signed = unpack_number(in, 1) != 0;
	certificate.issued_by_next = unpack_number(in, 1) != 0;
	unpack_names(in, &certificate, names);
	return in->is_bad ? NULL : smtp_certificate_copy(&certificate);
}

static void
pack_chain(struct buf *out, const struct smtp_chain *chain)
{
	pack_number(out, chain->count);
	for (size_t i = 0; i < chain->count; i++)
		pack_certificate(out, chain->list[i]);
	pack_number(out, chain->trusted);
	pack_number(out, chain->trust_problem);
	pack_bytes(out, span_text(chain->trust_text));
	pack_number(out, chain->name_match);
}

static void
unpack_chain(struct unpack *in, struct smtp_chain *chain)
{
	size_t count = unpack_number(in, LIMIT_SMTP_CHAIN);
	while (chain->count < count && !in->is_bad) {
		struct smtp_certificate *certificate = unpack_certificate(in);
		if (certificate != NULL)
			chain->list[chain->count++] = certificate;
	}
	chain->trusted = unpack_truth(in);
	chain->trust_problem = (enum smtp_trust_problem)unpack_number(
	    in, SMTP_TRUST_OTHER);
	unpack_text(in, chain->trust_text, sizeof(chain->trust_text));
	chain->name_match = unpack_truth(in);
}

/* --- connections ---------------------------------------------------------- */

static void
pack_visits(struct buf *out, const struct smtp_scan *scan)
{
	pack_number(out, scan->connections);
	for (size_t i = 0; i < scan->connections; i++) {
		const struct smtp_visit *visit = &scan->visits[i];
		pack_double(out, visit->seconds);
		pack_number(out, visit->stage);
		pack_number(out, visit->asked);
		pack_number(out, visit->chosen);
		pack_number(out, visit->alerted);
		pack_number(out, visit->alert);
	}
}

/* Hellos of ours are of versions that have a name. */
static void
unpack_visits(struct unpack *in, struct smtp_scan *scan)
{
	scan->connections = (unsigned)unpack_number(in, LIMIT_SMTP_CONNECTIONS);
	for (size_t i = 0; i < scan->connections; i++) {
		struct smtp_visit *visit = &scan->visits[i];
		visit->seconds = unpack_seconds(in);
		visit->stage = (enum smtp_stage)unpack_number(in, SMTP_STAGES - 1);
		visit->asked = unpack_u16(in);
		visit->chosen = unpack_u16(in);
		visit->alerted = unpack_number(in, 1) != 0;
		visit->alert = (uint8_t)unpack_number(in, UINT8_MAX);
		in->is_bad = in->is_bad ||
		    (visit->asked != 0 && tls_version_name(visit->asked) == NULL);
	}
}

/* --- the scan ------------------------------------------------------------- */

static void
pack_scan(struct buf *out, const struct smtp_scan *scan)
{
	pack_number(out, scan->end);
	pack_number(out, scan->stage);
	pack_reply(out, &scan->reply);
	pack_bytes(out, span_text(scan->error));
	pack_reply(out, &scan->greeting);
	pack_number(out, scan->borrowed);
	pack_truths(out, scan);
	pack_tls(out, &scan->tls);
	pack_handshake(out, &scan->handshake);
	for (size_t i = 0; i < SMTP_CHAINS; i++)
		pack_chain(out, &scan->chains[i]);
	pack_double(out, scan->seconds);
	pack_visits(out, scan);
}

static struct smtp_scan *
unpack_scan(struct unpack *in)
{
	struct smtp_scan *scan = smtp_scan_new();
	scan->end = (enum smtp_end)unpack_number(in, SMTP_ENDS - 1);
	scan->stage = (enum smtp_stage)unpack_number(in, SMTP_STAGES - 1);
	unpack_reply(in, &scan->reply);
	unpack_text(in, scan->error, sizeof(scan->error));
	unpack_reply(in, &scan->greeting);
	scan->borrowed = unpack_number(in, 1) != 0;
	unpack_truths(in, scan);
	unpack_tls(in, &scan->tls);
	unpack_handshake(in, &scan->handshake);
	for (size_t i = 0; i < SMTP_CHAINS; i++)
		unpack_chain(in, &scan->chains[i]);
	scan->seconds = unpack_seconds(in);
	unpack_visits(in, scan);
	return scan;
}

bool
state_scan_pack(
    struct buf *out, struct span key, const struct fact *fact, int64_t epoch_ms)
{
	struct smtp_endpoint endpoint;
	int64_t expires_unix_ms = fact->expires_ms + epoch_ms;
	if (!smtp_key_read(key, &endpoint) || fact->data == NULL || expires_unix_ms < 0)
		return false;
	pack_bytes(out, key);
	pack_number(out, (uint64_t)expires_unix_ms);
	pack_scan(out, fact->data);
	return true;
}

/* Takes the fact. The first one of a key stays. */
static bool
put(const struct state_scan_world *world, const struct smtp_endpoint *endpoint,
    struct fact fact)
{
	struct smtp_key made;
	smtp_key_make(&made, endpoint);
	struct span key = span_of(made.bytes, made.length);
	if (world->store == NULL || fact.expires_ms < world->now_ms ||
	    store_find(world->store, key, world->now_ms) != NULL) {
		fact.release(fact.data);
		return false;
	}
	store_put(world->store, key, fact);
	return true;
}

bool
state_scan_unpack(struct unpack *in, const struct state_scan_world *world)
{
	struct smtp_endpoint endpoint;
	bool is_known = smtp_key_read(unpack_bytes(in, SMTP_KEY_BYTES), &endpoint);
	in->is_bad = in->is_bad || !is_known;
	int64_t expires_ms = (int64_t)unpack_number(in, INT64_MAX) - world->epoch_ms;
	struct smtp_scan *scan = unpack_scan(in);
	if (in->is_bad) {
		smtp_scan_free(scan);
		return false;
	}
	struct fact fact = smtp_fact(scan, world->keep_seconds, world->now_ms);
	if (expires_ms < fact.expires_ms)
		fact.expires_ms = expires_ms;
	return put(world, &endpoint, fact);
}
