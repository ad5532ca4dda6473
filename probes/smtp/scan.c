/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Where SMTP and the store meet: keys of scans, facts of them, how long they are good.
 * Nothing here talks to a server or knows OpenSSL, so that probes link it alone.
 */
#include "smtp/scan.h"

#include "core/die.h"
#include "smtp/suite.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MS_PER_SECOND = 1000 };

/* Flags of a key. */
enum { FLAG_IMPLICIT_TLS = 1, FLAG_QUICK = 2, FLAG_INJECTION = 4, FLAGS_ALL = 7 };

/* --- texts ---------------------------------------------------------------- */

const char *
smtp_stage_text(enum smtp_stage stage)
{
#define STAGE_TEXT(symbol, text) [SMTP_STAGE_##symbol] = (text),
	static const char *const texts[] = { SMTP_STAGE_LIST(STAGE_TEXT) };
#undef STAGE_TEXT
	assert(stage >= 0 && stage < SMTP_STAGES);
	return texts[stage];
}

const char *
smtp_end_text(enum smtp_end end)
{
#define END_TEXT(symbol, name, text) [SMTP_END_##symbol] = (text),
	static const char *const texts[] = { SMTP_END_LIST(END_TEXT) };
#undef END_TEXT
	assert(end >= 0 && end < SMTP_ENDS);
	return texts[end];
}

const char *
smtp_end_name(enum smtp_end end)
{
#define END_NAME(symbol, name, text) [SMTP_END_##symbol] = (name),
	static const char *const names[] = { SMTP_END_LIST(END_NAME) };
#undef END_NAME
	assert(end >= 0 && end < SMTP_ENDS);
	return names[end];
}

const char *
smtp_protocol_text(enum smtp_protocol protocol)
{
#define PROTOCOL_TEXT(symbol, text, version) [SMTP_##symbol] = (text),
	static const char *const texts[] = { SMTP_PROTOCOL_LIST(PROTOCOL_TEXT) };
#undef PROTOCOL_TEXT
	assert(protocol >= 0 && protocol < SMTP_PROTOCOLS);
	return texts[protocol];
}

const char *
smtp_weak_text(enum smtp_weak weak)
{
#define WEAK_TEXT(symbol, text) [SMTP_WEAK_##symbol] = (text),
	static const char *const texts[] = { SMTP_WEAK_LIST(WEAK_TEXT) };
#undef WEAK_TEXT
	assert(weak >= 0 && weak < SMTP_WEAKS);
	return texts[weak];
}

/* --- keys ----------------------------------------------------------------- */

static uint8_t
flags_of(const struct smtp_endpoint *endpoint)
{
	return (uint8_t)((endpoint->implicit_tls ? FLAG_IMPLICIT_TLS : 0) |
	    (endpoint->quick ? FLAG_QUICK : 0) |
	    (endpoint->injection ? FLAG_INJECTION : 0));
}

void
smtp_key_make(struct smtp_key *key, const struct smtp_endpoint *endpoint)
{
	uint8_t *next = key->bytes;
	assert(endpoint->address_length == 4 || endpoint->address_length == 16);
	*next++ = FACT_SMTP;
	*next++ = endpoint->address_length;
	memcpy(next, endpoint->address, endpoint->address_length);
	next += endpoint->address_length;
	*next++ = (uint8_t)(endpoint->port >> 8);
	*next++ = (uint8_t)endpoint->port;
	*next++ = flags_of(endpoint);
	for (size_t i = 0; i < endpoint->name.length; i++)
		*next++ = byte_lower(endpoint->name.wire[i]);
	key->length = (size_t)(next - key->bytes);
}

bool
smtp_key_read(struct span key, struct smtp_endpoint *endpoint)
{
	struct span address;
	uint8_t flags;
	memset(endpoint, 0, sizeof(*endpoint));
	if (!span_take_byte(&key, FACT_SMTP) ||
	    !span_take_u8(&key, &endpoint->address_length) ||
	    (endpoint->address_length != 4 && endpoint->address_length != 16) ||
	    !span_take(&key, endpoint->address_length, &address) ||
	    !span_take_u16(&key, &endpoint->port) || !span_take_u8(&key, &flags) ||
	    flags > FLAGS_ALL || dns_name_from_wire(&endpoint->name, &key) != STATUS_OK)
		return false;
	memcpy(endpoint->address, address.bytes, address.length);
	endpoint->implicit_tls = flags & FLAG_IMPLICIT_TLS;
	endpoint->quick = flags & FLAG_QUICK;
	endpoint->injection = flags & FLAG_INJECTION;
	return key.length == 0;
}

/* --- names ---------------------------------------------------------------- */

bool
smtp_name_matches(struct span presented, const struct dns_name *name)
{
	static const struct span wildcard = SPAN("*.");
	struct dns_name pattern, rest;
	bool is_wild = span_take_prefix_nocase(&presented, wildcard);
	if (dns_name_from_text(&pattern, presented) != STATUS_OK)
		return false;
	if (!is_wild)
		return dns_name_equal(&pattern, name);

	/* "*.com" would stand for half the world: no CA issues it (RFC 6125 7.2). */
	unsigned labels = dns_name_labels(&pattern);
	if (labels < 2 || dns_name_labels(name) != labels + 1)
		return false;
	dns_name_suffix(&rest, name, labels);
	return dns_name_equal(&pattern, &rest);
}

bool
smtp_certificate_matches(
    const struct smtp_certificate *certificate, const struct dns_name *name)
{
	for (size_t i = 0; i < certificate->name_count; i++)
		if (smtp_name_matches(certificate->names[i], name))
			return true;
	return false;
}

/* --- certificates --------------------------------------------------------- */

static struct span
place(uint8_t **next, struct span bytes)
{
	struct span placed = span_of(*next, bytes.length);
	if (bytes.length > 0)
		memcpy(*next, bytes.bytes, bytes.length);
	*next += bytes.length;
	return placed;
}

/* With its NUL. */
static struct span
span_of_string(const char *text)
{
	return span_of(text, strlen(text) + 1);
}

static const char *
place_string(uint8_t **next, const char *text)
{
	return (const char *)place(next, span_of_string(text)).bytes;
}

static size_t
bytes_behind(const struct smtp_certificate *certificate)
{
	size_t bytes = certificate->der.length + certificate->spki.length +
	    span_of_string(certificate->subject).length +
	    span_of_string(certificate->issuer).length +
	    span_of_string(certificate->key_text).length +
	    span_of_string(certificate->signature_text).length;
	for (size_t i = 0; i < certificate->name_count; i++)
		bytes += sizeof(struct span) + certificate->names[i].length;
	return bytes;
}

struct smtp_certificate *
smtp_certificate_copy(const struct smtp_certificate *certificate)
{
	struct smtp_certificate *copy = must_alloc(
	    sizeof(*copy) + bytes_behind(certificate));
	struct span *names = (struct span *)(copy + 1);
	uint8_t *next = (uint8_t *)(names + certificate->name_count);
	*copy = *certificate;
	copy->der = place(&next, certificate->der);
	copy->spki = place(&next, certificate->spki);
	copy->subject = place_string(&next, certificate->subject);
	copy->issuer = place_string(&next, certificate->issuer);
	copy->key_text = place_string(&next, certificate->key_text);
	copy->signature_text = place_string(&next, certificate->signature_text);
	for (size_t i = 0; i < certificate->name_count; i++)
		names[i] = place(&next, certificate->names[i]);
	copy->names = names;
	return copy;
}

/* --- facts ---------------------------------------------------------------- */

struct smtp_scan *
smtp_scan_new(void)
{
	return must_calloc(1, sizeof(struct smtp_scan));
}

void
smtp_chain_clear(struct smtp_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		free(chain->list[i]);
	memset(chain, 0, sizeof(*chain));
}

void
smtp_scan_free(struct smtp_scan *scan)
{
	if (scan == NULL)
		return;
	for (size_t i = 0; i < SMTP_CHAINS; i++)
		smtp_chain_clear(&scan->chains[i]);
	free(scan);
}

bool
smtp_scan_is_passing(const struct smtp_scan *scan)
{
	if (scan->end == SMTP_END_DONE)
		return scan->handshake.done == TRUTH_UNKNOWN;
	if (scan->end == SMTP_END_NO_STARTTLS)
		return scan->starttls == TRUTH_YES; /* it was offered before */
	return scan->end != SMTP_END_REFUSED && scan->end != SMTP_END_PROTOCOL_ERROR;
}

static void
release_scan(void *data)
{
	smtp_scan_free(data);
}

struct fact
smtp_fact(struct smtp_scan *scan, unsigned keep_seconds, int64_t now_ms)
{
	if (smtp_scan_is_passing(scan) && keep_seconds > LIMIT_SMTP_RETRY_SECONDS)
		keep_seconds = LIMIT_SMTP_RETRY_SECONDS;
	return (struct fact){
		.outcome = OUTCOME_FOUND,
		.expires_ms = now_ms + (int64_t)keep_seconds * MS_PER_SECOND,
		.data = scan,
		.release = release_scan,
	};
}

/* --- for people ----------------------------------------------------------- */

static void
add_said(struct buf *out, const char *title, const struct smtp_reply_text *said)
{
	if (said->code == 0)
		return;
	buf_addf(out, "    %s %u ", title, said->code);
	buf_add_safe(out, span_text(said->text));
	buf_add_byte(out, '\n');
}

static void
add_visit(struct buf *out, unsigned number, const struct smtp_visit *visit)
{
	buf_addf(out, "    %u: ", number);
	if (visit->asked == 0)
		buf_addf(out, "to %s", smtp_stage_text(visit->stage));
	else
		buf_addf(out, "%s hello, ", tls_version_name(visit->asked));
	const char *chosen = tls_version_name(visit->chosen);
	const char *alert = tls_alert_name(visit->alert);
	if (visit->alerted)
		buf_addf(out, "alert %s", alert != NULL ? alert : "unknown");
	else if (visit->chosen != 0)
		buf_addf(out, "%s", chosen != NULL ? chosen : "another version");
	else if (visit->asked != 0)
		buf_addf(out, "no answer");
	buf_addf(out, ", %.3f s\n", visit->seconds);
}

void
smtp_scan_describe(
    struct buf *out, const struct smtp_endpoint *endpoint, const struct smtp_scan *scan)
{
	char address[INET6_ADDRSTRLEN];
	inet_ntop(endpoint->address_length == 16 ? AF_INET6 : AF_INET,
	    endpoint->address, address, sizeof(address));
	buf_addf(out, "SMTP %s port %u: %s", address, endpoint->port,
	    smtp_end_text(scan->end));
	if (scan->end != SMTP_END_DONE)
		buf_addf(out, " at %s", smtp_stage_text(scan->stage));
	buf_addf(out, ", %u connection%s in %.3f s\n", scan->connections,
	    scan->connections == 1 ? "" : "s", scan->seconds);
	add_said(out, "greeting", &scan->greeting);
	add_said(out, "last reply", &scan->reply);
	for (unsigned i = 0; i < scan->connections; i++)
		add_visit(out, i + 1, &scan->visits[i]);
}

struct smtp_result
smtp_get(struct view *view, const struct smtp_endpoint *endpoint)
{
	struct smtp_key key;
	smtp_key_make(&key, endpoint);
	const struct fact *fact = view_get(view, span_of(key.bytes, key.length));
	return (struct smtp_result){ .outcome = fact->outcome, .scan = fact->data };
}
