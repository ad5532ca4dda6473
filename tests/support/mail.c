/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Scans from words. Each word changes a scan of a modern server: one table for what has
 * a value of its own, and one for simple facts.
 */
#include "mail.h"

#include "core/die.h"
#include "core/limits.h"
#include "dns/nameserver.h"
#include "made_certificate.h"
#include "zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECONDS_PER_DAY = 86400,
	DNS_PORT = 53, /* what nameserver_parse() takes where no port is given */
	SMTP_PORT = 25,
	DAYS_DEFAULT = 90,
	ISSUER_DAYS_DEFAULT = 1000
};

struct line {
	struct line *next;
	struct nameserver where;
	int64_t delay_ms;
	struct span words;
};

struct mail {
	struct arena *arena;
	struct line *first, **end;
	size_t count;
};

/* A scan as it comes together. */
struct draft {
	struct smtp_scan *scan;
	struct smtp_chain *chain; /* whose trust and name the next words are about */
	struct made_certificate leaf[SMTP_CHAINS];
	int64_t issuer_not_after;
	size_t current;       /* of leaf */
	bool has_connections; /* their number was said */
	int64_t waited_ms;    /* at the last one */
	bool has_names[SMTP_CHAINS];
};

static enum status
fail(struct buf *why, const char *expected)
{
	buf_add_text(why, expected);
	return STATUS_MALFORMED;
}

static void
copy_text(char *to, size_t size, struct span text)
{
	struct buf copy;
	buf_wrap(&copy, to, size);
	buf_add(&copy, text);
}

/* --- words with a value --------------------------------------------------- */

static enum status
set_end(struct draft *draft, enum smtp_end end, enum smtp_stage stage)
{
	draft->scan->end = end;
	draft->scan->stage = stage;
	return STATUS_OK;
}

static enum status
set_stage(struct draft *draft, enum smtp_end end, struct span value, struct buf *why)
{
	for (size_t i = 0; i < SMTP_STAGES; i++) {
		char memory[32];
		struct buf text;
		buf_wrap(&text, memory, sizeof(memory));
		for (const char *at = smtp_stage_text(i); *at != '\0'; at++)
			buf_add_byte(&text, *at == ' ' ? '-' : (uint8_t)*at);
		if (span_equal_nocase(value, buf_span(&text)))
			return set_end(draft, end, i);
	}
	return fail(why, "expected a stage such as greeting or TLS-hello");
}

static enum status
set_timeout(struct draft *draft, struct span value, struct buf *why)
{
	return set_stage(draft, SMTP_END_TIMEOUT, value, why);
}

static enum status
set_closed(struct draft *draft, struct span value, struct buf *why)
{
	return set_stage(draft, SMTP_END_CLOSED, value, why);
}

/* "451 try later" */
static enum status
set_reply(struct draft *draft, struct span value, struct buf *why)
{
	struct smtp_reply_text *reply = &draft->scan->reply;
	uint32_t code;
	if (!span_take_number(&value, 999, &code) || !span_take_byte(&value, ' '))
		return fail(why, "expected a reply such as \"451 try later\"");
	reply->code = code;
	copy_text(reply->text, sizeof(reply->text), value);
	return STATUS_OK;
}

static enum status
set_temporary(struct draft *draft, struct span value, struct buf *why)
{
	set_end(draft, SMTP_END_TEMPORARY, SMTP_STAGE_GREETING);
	return set_reply(draft, value, why);
}

static enum status
set_refused(struct draft *draft, struct span value, struct buf *why)
{
	set_end(draft, SMTP_END_REFUSED, SMTP_STAGE_GREETING);
	return set_reply(draft, value, why);
}

static enum status
set_rate_limited(struct draft *draft, struct span value, struct buf *why)
{
	set_end(draft, SMTP_END_RATE_LIMITED, SMTP_STAGE_GREETING);
	return set_reply(draft, value, why);
}

static enum status
set_starttls_refused(struct draft *draft, struct span value, struct buf *why)
{
	set_end(draft, SMTP_END_STARTTLS_REFUSED, SMTP_STAGE_STARTTLS);
	return set_reply(draft, value, why);
}

static enum status
set_protocol_error(struct draft *draft, struct span value, struct buf *why)
{
	(void)why;
	set_end(draft, SMTP_END_PROTOCOL_ERROR, SMTP_STAGE_GREETING);
	copy_text(draft->scan->error, sizeof(draft->scan->error), value);
	return STATUS_OK;
}

static enum status
set_handshake_fails(struct draft *draft, struct span value, struct buf *why)
{
	(void)why;
	struct smtp_handshake *handshake = &draft->scan->handshake;
	handshake->done = TRUTH_NO;
	handshake->ehlo_after = TRUTH_UNKNOWN;
	copy_text(handshake->error, sizeof(handshake->error), value);
	return STATUS_OK;
}

static enum status
set_list(enum truth *facts, size_t count, const char *(*text)(size_t),
    struct span value, struct buf *why)
{
	struct split split = { .rest = value };
	struct span word;
	for (size_t i = 0; i < count; i++)
		facts[i] = TRUTH_NO;
	while (split_next(&split, ',', &word)) {
		size_t i = 0;
		while (i < count && !span_equal(word, span_text(text(i))))
			i++;
		if (i == count)
			return fail(why, "not known in this list");
		facts[i] = TRUTH_YES;
	}
	return STATUS_OK;
}

static const char *
protocol_text(size_t index)
{
	return smtp_protocol_text(index);
}

static const char *
weak_text(size_t index)
{
	return smtp_weak_text(index);
}

static enum status
set_versions(struct draft *draft, struct span value, struct buf *why)
{
	struct smtp_tls *tls = &draft->scan->tls;
	enum status status = set_list(
	    tls->protocols, SMTP_PROTOCOLS, protocol_text, value, why);
	/* RFC 7507 needs two versions, and TLS 1.3 has none of these any more. */
	if (tls->protocols[SMTP_TLSV12] != TRUTH_YES)
		tls->fallback_scsv = TRUTH_UNKNOWN;
	if (tls->protocols[SMTP_TLSV13] != TRUTH_YES)
		tls->downgrade_sentinel = TRUTH_UNKNOWN;
	return status;
}

static enum status
set_weak(struct draft *draft, struct span value, struct buf *why)
{
	return set_list(draft->scan->tls.weak, SMTP_WEAKS, weak_text, value, why);
}

static enum status
read_number(struct span value, uint32_t *number, struct buf *why)
{
	if (span_take_number(&value, 1000000, number) && value.length == 0)
		return STATUS_OK;
	return fail(why, "expected a number");
}

static enum status
set_dh(struct draft *draft, struct span value, struct buf *why)
{
	uint32_t bits;
	enum status status = read_number(value, &bits, why);
	if (status == STATUS_OK)
		draft->scan->tls.dh_bits = bits;
	return status;
}

static enum status
set_connections(struct draft *draft, struct span value, struct buf *why)
{
	uint32_t count;
	enum status status = read_number(value, &count, why);
	if (status == STATUS_OK && count > LIMIT_SMTP_CONNECTIONS)
		return fail(why, "more connections than a scan has");
	if (status == STATUS_OK)
		draft->scan->connections = count;
	draft->has_connections = true;
	return status;
}

static enum status
set_waits(struct draft *draft, struct span value, struct buf *why)
{
	if (zone_time_parse(value, &draft->waited_ms) == STATUS_OK)
		return STATUS_OK;
	return fail(why, "expected a time such as 300ms or 3s");
}

/* --- certificates --------------------------------------------------------- */

static struct made_certificate *
leaf_of(struct draft *draft)
{
	return &draft->leaf[draft->current];
}

static enum status
set_names(struct draft *draft, struct span value, struct buf *why)
{
	(void)why;
	leaf_of(draft)->names = value;
	draft->has_names[draft->current] = true;
	return STATUS_OK;
}

static enum status
set_label(struct draft *draft, struct span value, struct buf *why)
{
	(void)why;
	leaf_of(draft)->label = value;
	return STATUS_OK;
}

/* "RSA-1024", "EC-256" */
static enum status
set_key(struct draft *draft, struct span value, struct buf *why)
{
	static const struct {
		struct span text;
		enum smtp_key_type type;
	} types[] = {
		{ SPAN("RSA"), SMTP_KEY_RSA },
		{ SPAN("DSA"), SMTP_KEY_DSA },
		{ SPAN("EC"), SMTP_KEY_EC },
		{ SPAN("ED25519"), SMTP_KEY_ED25519 },
	};
	struct span type;
	uint32_t bits = 0;
	span_take_until_or_end(&value, '-', &type);
	span_take_byte(&value, '-');
	for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
		if (!span_equal(type, types[i].text))
			continue;
		leaf_of(draft)->key_type = types[i].type;
		enum status status = read_number(value, &bits, why);
		leaf_of(draft)->key_bits = bits;
		return status;
	}
	return fail(why, "expected a key such as RSA-2048 or EC-256");
}

/* Days from now; below 0 for what has been. */
static enum status
read_date(struct span value, int64_t *seconds, struct buf *why)
{
	uint32_t days;
	bool is_past = span_take_byte(&value, '-');
	enum status status = read_number(value, &days, why);
	/* An hour more, so that "5 days" are still 5 a moment later. */
	int64_t distance = (int64_t)days * SECONDS_PER_DAY;
	*seconds = is_past ? MAIL_NOW_SECONDS - distance
			   : MAIL_NOW_SECONDS + distance + 3600;
	return status;
}

static enum status
set_days(struct draft *draft, struct span value, struct buf *why)
{
	return read_date(value, &leaf_of(draft)->not_after, why);
}

static enum status
set_starts(struct draft *draft, struct span value, struct buf *why)
{
	return read_date(value, &leaf_of(draft)->not_before, why);
}

static enum status
set_issuer_days(struct draft *draft, struct span value, struct buf *why)
{
	return read_date(value, &draft->issuer_not_after, why);
}

static enum status
set_signature(struct draft *draft, struct span value, struct buf *why)
{
	bool is_md5 = span_equal(value, span_text("MD5"));
	if (!is_md5 && !span_equal(value, span_text("SHA1")))
		return fail(why, "expected MD5 or SHA1");
	leaf_of(draft)->signature_digest = is_md5 ? SMTP_DIGEST_MD5 : SMTP_DIGEST_SHA1;
	return STATUS_OK;
}

static enum status
set_untrusted(struct draft *draft, struct span value, struct buf *why)
{
	static const struct {
		struct span text;
		enum smtp_trust_problem problem;
	} problems[] = {
		{ SPAN("self-signed"), SMTP_TRUST_SELF_SIGNED },
		{ SPAN("incomplete"), SMTP_TRUST_INCOMPLETE },
		{ SPAN("unknown-root"), SMTP_TRUST_UNKNOWN_ROOT },
	};
	(void)why;
	draft->chain->trusted = TRUTH_NO;
	draft->chain->trust_problem = SMTP_TRUST_OTHER;
	copy_text(draft->chain->trust_text, sizeof(draft->chain->trust_text), value);
	for (size_t i = 0; i < ARRAY_LENGTH(problems); i++)
		if (span_equal(value, problems[i].text))
			draft->chain->trust_problem = problems[i].problem;
	leaf_of(draft)->self_signed = draft->chain->trust_problem ==
	    SMTP_TRUST_SELF_SIGNED;
	return STATUS_OK;
}

/* --- facts ---------------------------------------------------------------- */

/* Words for what is yes or no; with "no-" before them it is a no. */
static const struct {
	struct span word;
	size_t offset;
} facts[] = {
	{ SPAN("starttls"), offsetof(struct smtp_scan, starttls) },
	{ SPAN("injection"), offsetof(struct smtp_scan, injection) },
	{ SPAN("handshake"), offsetof(struct smtp_scan, handshake.done) },
	{ SPAN("EHLO-after-TLS"), offsetof(struct smtp_scan, handshake.ehlo_after) },
	{ SPAN("scsv"), offsetof(struct smtp_scan, tls.fallback_scsv) },
	{ SPAN("renegotiation"), offsetof(struct smtp_scan, tls.secure_renegotiation) },
	{ SPAN("compression"), offsetof(struct smtp_scan, tls.compression) },
	{ SPAN("heartbleed"), offsetof(struct smtp_scan, tls.heartbleed) },
	{ SPAN("pq"), offsetof(struct smtp_scan, tls.post_quantum) },
	{ SPAN("forward-secrecy"), offsetof(struct smtp_scan, tls.forward_secrecy) },
	{ SPAN("trusted"), offsetof(struct smtp_scan, chains[0].trusted) },
	{ SPAN("name-match"), offsetof(struct smtp_scan, chains[0].name_match) },
	{ SPAN("SSLv2"), offsetof(struct smtp_scan, tls.protocols[SMTP_SSLV2]) },
	{ SPAN("TLSv1.2"), offsetof(struct smtp_scan, tls.protocols[SMTP_TLSV12]) },
	{ SPAN("TLSv1.3"), offsetof(struct smtp_scan, tls.protocols[SMTP_TLSV13]) },
};

static enum truth *
find_fact(struct smtp_scan *scan, struct span word)
{
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		if (span_equal(word, facts[i].word))
			return (enum truth *)((char *)scan + facts[i].offset);
	return NULL;
}

static enum status
set_unknown(struct draft *draft, struct span value, struct buf *why)
{
	struct split split = { .rest = value };
	struct span word;
	while (split_next(&split, ',', &word)) {
		enum truth *fact = find_fact(draft->scan, word);
		if (fact == NULL)
			return fail(why, "no such fact");
		*fact = TRUTH_UNKNOWN;
	}
	return STATUS_OK;
}

static const struct {
	struct span word;
	enum status (*set)(struct draft *draft, struct span value, struct buf *why);
} values[] = {
	{ SPAN("timeout"), set_timeout },
	{ SPAN("closed"), set_closed },
	{ SPAN("temporary"), set_temporary },
	{ SPAN("refused"), set_refused },
	{ SPAN("rate-limited"), set_rate_limited },
	{ SPAN("starttls-refused"), set_starttls_refused },
	{ SPAN("protocol-error"), set_protocol_error },
	{ SPAN("handshake-fails"), set_handshake_fails },
	{ SPAN("versions"), set_versions },
	{ SPAN("weak"), set_weak },
	{ SPAN("dh"), set_dh },
	{ SPAN("connections"), set_connections },
	{ SPAN("waits"), set_waits },
	{ SPAN("cert"), set_names },
	{ SPAN("key"), set_key },
	{ SPAN("key-name"), set_label },
	{ SPAN("days"), set_days },
	{ SPAN("starts"), set_starts },
	{ SPAN("issuer-days"), set_issuer_days },
	{ SPAN("signature"), set_signature },
	{ SPAN("untrusted"), set_untrusted },
	{ SPAN("unknown"), set_unknown },
};

static enum status
set_bare_word(struct draft *draft, struct span word, struct buf *why)
{
	struct span rest = word;
	bool is_no = span_take_prefix_nocase(&rest, span_text("no-"));
	if (span_equal(word, span_text("refuses-connection")))
		return set_end(draft, SMTP_END_REFUSED_CONNECTION, SMTP_STAGE_CONNECT);
	if (span_equal(word, span_text("unreachable")))
		return set_end(draft, SMTP_END_UNREACHABLE, SMTP_STAGE_CONNECT);
	if (span_equal(word, span_text("loses-starttls")))
		return set_end(draft, SMTP_END_NO_STARTTLS, SMTP_STAGE_EHLO);
	if (span_equal(word, span_text("no-starttls")))
		set_end(draft, SMTP_END_NO_STARTTLS, SMTP_STAGE_EHLO);
	if (span_equal(word, span_text("also"))) {
		draft->current = 1;
		draft->chain = &draft->scan->chains[1];
		draft->chain->count = 1;
		return STATUS_OK;
	}
	enum truth *fact = find_fact(draft->scan, rest);
	if (fact == NULL)
		return fail(why, "no such word");
	*fact = truth_of(!is_no);
	return STATUS_OK;
}

static enum status
set_word(struct draft *draft, struct span word, struct span value, struct buf *why)
{
	for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
		if (span_equal(word, values[i].word))
			return values[i].set(draft, value, why);
	return fail(why, "no such word with a value");
}

/* word or word=value or word="a value"; false at the end. */
static bool
next_word(struct span *rest, struct span *word, struct span *value)
{
	struct span line = *rest;
	*rest = span_trim(*rest);
	if (rest->length == 0)
		return false;
	*value = span_of(NULL, 0);
	line = *rest;
	uint8_t byte;
	while (span_peek(rest, &byte) && byte != ' ' && byte != '=')
		span_take_byte(rest, byte);
	*word = span_before(line, *rest);
	if (!span_take_byte(rest, '='))
		return true;
	bool is_quoted = span_take_byte(rest, '"');
	span_take_until_or_end(rest, is_quoted ? '"' : ' ', value);
	span_take_byte(rest, is_quoted ? '"' : ' ');
	return true;
}

static enum status
apply_words(struct draft *draft, struct span words, struct buf *why)
{
	struct span word, value;
	while (next_word(&words, &word, &value)) {
		size_t start = why->length;
		buf_addf(why, "'%.*s': ", (int)word.length, (const char *)word.bytes);
		enum status status = value.bytes != NULL
		    ? set_word(draft, word, value, why)
		    : set_bare_word(draft, word, why);
		if (status != STATUS_OK)
			return status;
		buf_shorten(why, start);
	}
	return STATUS_OK;
}

/* --- a modern server ------------------------------------------------------ */

static void
draft_init(struct draft *draft, struct smtp_scan *scan)
{
	static const struct {
		size_t offset;
		enum truth fact;
	} modern[] = {
		{ offsetof(struct smtp_scan, starttls), TRUTH_YES },
		{ offsetof(struct smtp_scan, tls.fallback_scsv), TRUTH_YES },
		{ offsetof(struct smtp_scan, tls.secure_renegotiation), TRUTH_YES },
		{ offsetof(struct smtp_scan, tls.compression), TRUTH_NO },
		{ offsetof(struct smtp_scan, tls.heartbeat), TRUTH_NO },
		{ offsetof(struct smtp_scan, tls.heartbleed), TRUTH_NO },
		{ offsetof(struct smtp_scan, tls.extended_master_secret), TRUTH_YES },
		{ offsetof(struct smtp_scan, tls.downgrade_sentinel), TRUTH_YES },
		{ offsetof(struct smtp_scan, tls.post_quantum), TRUTH_YES },
		{ offsetof(struct smtp_scan, tls.forward_secrecy), TRUTH_YES },
		{ offsetof(struct smtp_scan, handshake.done), TRUTH_YES },
		{ offsetof(struct smtp_scan, handshake.ehlo_after), TRUTH_YES },
		{ offsetof(struct smtp_scan, single_type), TRUTH_YES },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(modern); i++)
		*(enum truth *)((char *)scan + modern[i].offset) = modern[i].fact;
	for (size_t i = 0; i < SMTP_PROTOCOLS; i++)
		scan->tls.protocols[i] = truth_of(i >= SMTP_TLSV12);
	for (size_t i = 0; i < SMTP_WEAKS; i++)
		scan->tls.weak[i] = TRUTH_NO;
	scan->tls.post_quantum_group = "X25519MLKEM768";
	scan->tls.suite_text = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
	scan->tls.group_text = "x25519";
	scan->tls.version = 0x0303;
	scan->handshake.version = 0x0304;
	scan->connections = 5;
	scan->seconds = 0.25;
	scan->chains[0].count = 1;
	*draft = (struct draft){ .scan = scan, .chain = &scan->chains[0] };
	for (size_t i = 0; i < SMTP_CHAINS; i++) {
		scan->chains[i].trusted = TRUTH_YES;
		draft->leaf[i] = (struct made_certificate){
			.not_before = MAIL_NOW_SECONDS - 10 * SECONDS_PER_DAY,
			.not_after = MAIL_NOW_SECONDS + DAYS_DEFAULT * SECONDS_PER_DAY +
			    3600,
			.key_type = i == 0 ? SMTP_KEY_EC : SMTP_KEY_RSA,
			.key_bits = i == 0 ? 256 : 2048,
			.issued_by_next = true,
		};
	}
	draft->issuer_not_after = MAIL_NOW_SECONDS +
	    (int64_t)ISSUER_DAYS_DEFAULT * SECONDS_PER_DAY;
}

static void
add_chain(struct draft *draft, size_t index, const struct smtp_endpoint *endpoint)
{
	char memory[LIMIT_NAME_BYTES * 4 + 1];
	struct buf name;
	buf_wrap(&name, memory, sizeof(memory));
	dns_name_add(&name, &endpoint->name);
	struct smtp_chain *chain = &draft->scan->chains[index];
	struct made_certificate *leaf = &draft->leaf[index];
	struct made_certificate issuer = {
		.label = SPAN("issuing-ca"),
		.subject = SPAN("CN=Issuing CA"),
		.issuer = SPAN("CN=Root CA"),
		.not_after = draft->issuer_not_after,
		.key_type = SMTP_KEY_RSA,
		.key_bits = 4096,
	};
	if (!draft->has_names[index])
		leaf->names = buf_span(&name);
	leaf->subject = span_text("CN=mail");
	leaf->issuer = leaf->self_signed ? leaf->subject : issuer.subject;
	leaf->issued_by_next = !leaf->self_signed;
	chain->list[0] = made_certificate(leaf);
	chain->count = 1;
	if (chain->trust_problem != SMTP_TRUST_SELF_SIGNED &&
	    chain->trust_problem != SMTP_TRUST_INCOMPLETE)
		chain->list[chain->count++] = made_certificate(&issuer);
	if (dns_name_labels(&endpoint->name) > 0)
		chain->name_match = truth_of(
		    smtp_certificate_matches(chain->list[0], &endpoint->name));
}

/* What a server that never came to TLS can't have shown. */
static void
forget_tls(struct smtp_scan *scan)
{
	memset(&scan->tls, 0, sizeof(scan->tls));
	memset(&scan->handshake, 0, sizeof(scan->handshake));
	memset(scan->chains, 0, sizeof(scan->chains));
	scan->single_type = TRUTH_UNKNOWN;
}

/* One connection tells of no version, and of no flaw. */
static void
forget_versions(struct smtp_scan *scan)
{
	memset(&scan->tls, 0, sizeof(scan->tls));
	scan->single_type = TRUTH_UNKNOWN;
	scan->connections = 1;
}

static void
finish(struct draft *draft, const struct smtp_endpoint *endpoint)
{
	struct smtp_scan *scan = draft->scan;
	bool has_chain = scan->handshake.done != TRUTH_NO;
	bool has_two = scan->chains[1].count > 0;
	scan->chains[0].count = scan->chains[1].count = 0;
	bool is_late = scan->end == SMTP_END_RATE_LIMITED ||
	    (draft->has_connections && scan->connections > 1);
	bool has_tls = scan->end == SMTP_END_DONE || is_late ||
	    (scan->stage > SMTP_STAGE_STARTTLS && scan->end != SMTP_END_CLOSED);
	if (!has_tls)
		forget_tls(scan);
	if (!has_tls && !draft->has_connections)
		scan->connections = 1;
	if (has_tls && has_chain)
		add_chain(draft, 0, endpoint);
	if (has_two && has_chain)
		add_chain(draft, 1, endpoint);
	if (!has_tls && scan->stage < SMTP_STAGE_EHLO)
		scan->starttls = TRUTH_UNKNOWN;
	if (endpoint->implicit_tls)
		scan->starttls = TRUTH_UNKNOWN;
	if (endpoint->quick)
		forget_versions(scan);
	if (scan->connections > 0)
		scan->visits[scan->connections - 1].seconds = (double)draft->waited_ms /
		    1000;
	if (!endpoint->injection)
		scan->injection = TRUTH_UNKNOWN;
}

enum status
mail_scan_from_words(struct smtp_scan *scan, const struct smtp_endpoint *endpoint,
    struct span words, struct buf *why)
{
	struct draft draft;
	draft_init(&draft, scan);
	enum status status = apply_words(&draft, words, why);
	finish(&draft, endpoint);
	return status;
}

/* --- the world ------------------------------------------------------------ */

struct mail *
mail_new(void)
{
	struct arena *arena = arena_new();
	struct mail *mail = arena_alloc(arena, sizeof(*mail));
	mail->arena = arena;
	mail->end = &mail->first;
	return mail;
}

void
mail_free(struct mail *mail)
{
	if (mail != NULL)
		arena_free(mail->arena);
}

static struct span
take_plain_word(struct span *rest)
{
	struct span word;
	*rest = span_trim(*rest);
	span_take_until_or_end(rest, ' ', &word);
	return word;
}

/* Tries the words, so that a fault is told where it stands. */
static enum status
try_words(struct span words, struct buf *why)
{
	struct smtp_endpoint endpoint = { .address_length = 4, .port = SMTP_PORT };
	dns_name_root(&endpoint.name);
	struct smtp_scan *scan = smtp_scan_new();
	enum status status = mail_scan_from_words(scan, &endpoint, words, why);
	smtp_scan_free(scan);
	return status;
}

enum status
mail_add_line(struct mail *mail, struct span text, struct buf *why)
{
	struct span rest = span_trim(text);
	if (rest.length == 0)
		return STATUS_OK;
	struct line line = { .delay_ms = MAIL_DELAY_MS };
	if (nameserver_parse(&line.where, take_plain_word(&rest)) != STATUS_OK)
		return fail(why, "expected ADDRESS or ADDRESS:PORT");
	if (line.where.port == DNS_PORT)
		line.where.port = SMTP_PORT;
	struct span behind = rest;
	if (span_equal(take_plain_word(&behind), span_text("after"))) {
		if (zone_time_parse(take_plain_word(&behind), &line.delay_ms) !=
		    STATUS_OK)
			return fail(why, "expected a time such as 300ms or 3s");
		rest = behind;
	}
	enum status status = try_words(rest, why);
	if (status != STATUS_OK)
		return status;
	if (mail->count++ == MAIL_LINES_MAX)
		return fail(why, "more servers than one world may have");
	line.words = arena_copy(mail->arena, rest);
	*mail->end = arena_alloc(mail->arena, sizeof(line));
	**mail->end = line;
	mail->end = &(*mail->end)->next;
	return STATUS_OK;
}

static bool
is_at(const struct line *line, const struct smtp_endpoint *endpoint)
{
	size_t length = line->where.family == AF_INET ? 4 : 16;
	return line->where.port == endpoint->port &&
	    length == endpoint->address_length &&
	    memcmp(line->where.address, endpoint->address, length) == 0;
}

struct smtp_scan *
mail_scan(
    const struct mail *mail, const struct smtp_endpoint *endpoint, int64_t *delay_ms)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	const struct line *line = mail->first;
	while (line != NULL && !is_at(line, endpoint))
		line = line->next;
	struct span words = line != NULL ? line->words
					 : span_text("refuses-connection");
	struct smtp_scan *scan = smtp_scan_new();
	enum status status = mail_scan_from_words(scan, endpoint, words, &why);
	assert(status == STATUS_OK);
	*delay_ms = line != NULL ? line->delay_ms : MAIL_DELAY_MS;
	return scan;
}
