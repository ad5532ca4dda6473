/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Macros by RFC 7208 7.2 and 7.3. A value is a list of parts between delimiters;
 * transformers turn it round and keep its right-hand parts, and upper-case letters ask
 * for URL escaping. The parts are never more than a domain name or a sender has.
 */
#include "spf/expand.h"

#include "core/limits.h"
#include "dns/question.h"
#include "spf/macro.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

enum {
	TEXT_MAX = 253,  /* of a name, RFC 7208 7.3 */
	VALUE_MAX = 512, /* more than any mailbox may have (RFC 5321 4.5.3.1) */
	PARTS_MAX = VALUE_MAX + 1
};

/* --- the values of letters ------------------------------------------------ */

static size_t
address_length(const struct spf_client *client)
{
	return client->is_ip4 ? 4 : 16;
}

/* Dotted quad, or 32 nibbles with dots; in upper case, which the DNS does not mind. */
static void
add_address_parts(struct buf *out, const struct spf_client *client)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < address_length(client); i++) {
		uint8_t byte = client->address[i];
		if (i > 0)
			buf_add_byte(out, '.');
		if (client->is_ip4)
			buf_addf(out, "%u", byte);
		else
			buf_addf(out, "%c.%c", digits[byte >> 4], digits[byte & 15]);
	}
}

static void
add_readable_address(struct buf *out, const struct spf_client *client)
{
	char text[INET6_ADDRSTRLEN];
	inet_ntop(
	    client->is_ip4 ? AF_INET : AF_INET6, client->address, text, sizeof(text));
	buf_add_text(out, text);
}

/* A name as it would stand in a record: dots between labels, bytes as they are. */
static void
add_plain_name(struct buf *out, const struct dns_name *name)
{
	struct span rest = dns_name_span(name), label;
	uint8_t length;
	const char *separator = "";
	while (span_take_u8(&rest, &length) && length > 0 &&
	    span_take(&rest, length, &label)) {
		buf_add_text(out, separator);
		buf_add(out, label);
		separator = ".";
	}
}

/* %{p}: a validated name, at best the domain itself, else one below it, else any. */
struct preferred {
	const struct dns_name *domain;
	struct dns_name best;
	unsigned rank; /* 0: none yet */
};

static bool
prefer(void *context, const struct dns_name *name)
{
	struct preferred *preferred = context;
	unsigned rank = 1;
	if (dns_name_equal(name, preferred->domain))
		rank = 3;
	else if (dns_name_is_within(name, preferred->domain))
		rank = 2;
	if (rank > preferred->rank) {
		preferred->rank = rank;
		preferred->best = *name;
	}
	return false; /* the others may be better, and which come first is chance */
}

static enum spf_expansion
add_validated_name(struct buf *out, const struct spf_values *values, struct view *view)
{
	struct preferred preferred = { .domain = values->domain };
	struct spf_validation validation = spf_validated_names(
	    view, values->client, prefer, &preferred);
	if (validation.later)
		return SPF_EXPAND_LATER;
	if (preferred.rank > 0)
		add_plain_name(out, &preferred.best);
	else
		buf_add_text(out, "unknown");
	return SPF_EXPANDED;
}

/* Local parts beyond ASCII match nothing (RFC 8616 4). */
static enum spf_expansion
add_local(struct buf *out, const struct spf_values *values)
{
	for (size_t i = 0; i < values->local.length; i++)
		if (values->local.bytes[i] >= 0x80)
			return SPF_EXPAND_NEVER;
	buf_add(out, values->local);
	return SPF_EXPANDED;
}

static enum spf_expansion
add_sender(struct buf *out, const struct spf_values *values)
{
	enum spf_expansion expansion = add_local(out, values);
	buf_add_byte(out, '@');
	buf_add(out, values->sender_domain);
	return expansion;
}

/* The letters that stand for something of a message. */
static enum spf_expansion
add_message_value(
    struct buf *out, uint8_t letter, const struct spf_values *values, struct view *view)
{
	switch (letter) {
	case 's':
		return add_sender(out, values);
	case 'l':
		return add_local(out, values);
	case 'o':
		buf_add(out, values->sender_domain);
		break;
	case 'i':
		add_address_parts(out, values->client);
		break;
	case 'c':
		add_readable_address(out, values->client);
		break;
	case 'v':
		buf_add_text(out, values->client->is_ip4 ? "in-addr" : "ip6");
		break;
	case 'h':
		buf_add(out, values->helo);
		break;
	case 'r':
		buf_add(out, values->receiver);
		break;
	case 't':
		buf_addf(out, "%lld", (long long)values->now_seconds);
		break;
	case 'p':
		return add_validated_name(out, values, view);
	default:
		return SPF_EXPAND_NEVER;
	}
	return SPF_EXPANDED;
}

static enum spf_expansion
add_value(
    struct buf *out, uint8_t letter, const struct spf_values *values, struct view *view)
{
	if (letter == 'd') {
		add_plain_name(out, values->domain);
		return SPF_EXPANDED;
	}
	if (values->client == NULL)
		return SPF_EXPAND_NEVER;
	return add_message_value(out, letter, values, view);
}

/* --- transformers --------------------------------------------------------- */

struct parts {
	size_t count;
	struct span list[PARTS_MAX];
};

static void
split_value(struct parts *parts, struct span value, struct span delimiters)
{
	static const struct span dot = SPAN(".");
	if (delimiters.length == 0)
		delimiters = dot;
	size_t start = 0;
	parts->count = 0;
	assert(value.length <= VALUE_MAX);
	for (size_t i = 0; i <= value.length; i++) {
		if (i < value.length && !span_contains_byte(delimiters, value.bytes[i]))
			continue;
		parts->list[parts->count++] = span_slice(value, start, i - start);
		start = i + 1;
	}
}

static void
reverse(struct parts *parts)
{
	for (size_t i = 0; i < parts->count / 2; i++) {
		struct span other = parts->list[parts->count - 1 - i];
		parts->list[parts->count - 1 - i] = parts->list[i];
		parts->list[i] = other;
	}
}

/* Characters that need no escape in a URL (RFC 3986 2.3). */
static bool
is_unreserved(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' ||
	    byte == '~';
}

static void
add_escaped(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (is_unreserved(text.bytes[i]))
			buf_add_byte(out, text.bytes[i]);
		else
			buf_addf(out, "%%%02X", text.bytes[i]);
	}
}

static void
add_transformed(struct buf *out, const struct spf_piece *piece, struct span value)
{
	struct parts parts;
	char memory[VALUE_MAX + 1];
	struct buf joined;
	buf_wrap(&joined, memory, sizeof(memory));
	split_value(&parts, value, piece->delimiters);
	if (piece->reversed)
		reverse(&parts);
	size_t first = piece->digits > 0 && piece->digits < parts.count
	    ? parts.count - piece->digits
	    : 0;
	for (size_t i = first; i < parts.count; i++) {
		if (i > first)
			buf_add_byte(&joined, '.');
		buf_add(&joined, parts.list[i]);
	}
	if (piece->letter != byte_lower(piece->letter))
		add_escaped(out, buf_span(&joined));
	else
		buf_add(out, buf_span(&joined));
}

static enum spf_expansion
add_piece(struct buf *out, const struct spf_piece *piece,
    const struct spf_values *values, struct view *view)
{
	if (piece->kind == SPF_PIECE_LITERAL) {
		buf_add(out, piece->meaning);
		return SPF_EXPANDED;
	}
	char memory[VALUE_MAX + 1];
	struct buf value;
	buf_wrap(&value, memory, sizeof(memory));
	enum spf_expansion expansion = add_value(
	    &value, byte_lower(piece->letter), values, view);
	if (expansion != SPF_EXPANDED)
		return expansion;
	if (value.cut)
		return SPF_EXPAND_NEVER;
	add_transformed(out, piece, buf_span(&value));
	return SPF_EXPANDED;
}

enum spf_expansion
spf_expand(struct buf *out, struct span macro_string, const struct spf_values *values,
    struct view *view)
{
	struct spf_piece piece;
	enum status status;
	while ((status = spf_macro_next(&macro_string, &piece)) == STATUS_OK) {
		enum spf_expansion expansion = add_piece(out, &piece, values, view);
		if (expansion != SPF_EXPANDED)
			return expansion;
	}
	return status == STATUS_EMPTY ? SPF_EXPANDED : SPF_EXPAND_NEVER;
}

/* From the left, because the right-hand end says whose name it is (7.3). A text of
 * which that end is missing is refused. */
static enum status
read_name(struct dns_name *name, const struct buf *text)
{
	struct span rest = buf_span(text), label;
	bool has_final_dot = rest.length > 0 && rest.bytes[rest.length - 1] == '.';
	size_t max = has_final_dot ? TEXT_MAX + 1 : TEXT_MAX;
	while (rest.length > max && span_take_until(&rest, '.', &label))
		span_take_byte(&rest, '.');
	if (text->cut)
		return STATUS_NAME_TOO_LONG;
	enum status status = dns_name_from_text(name, rest);
	bool is_root = status == STATUS_OK && dns_name_labels(name) == 0;
	return is_root ? STATUS_EMPTY : status;
}

enum spf_expansion
spf_expand_name(struct dns_name *name, enum status *status, struct span domain_spec,
    const struct spf_values *values, struct view *view)
{
	struct buf text;
	buf_init(&text, LIMIT_SPF_EXPANSION);
	enum spf_expansion expansion = spf_expand(&text, domain_spec, values, view);
	*status = read_name(name, &text);
	buf_free(&text);
	return expansion;
}

/* --- the reverse zone ----------------------------------------------------- */

void
spf_reverse_name(struct dns_name *name, const struct spf_client *client)
{
	static const struct spf_piece reversed = { .letter = 'i', .reversed = true };
	char memory[128];
	struct buf parts, text;
	char parts_memory[80];
	buf_wrap(&parts, parts_memory, sizeof(parts_memory));
	buf_wrap(&text, memory, sizeof(memory));
	add_address_parts(&parts, client);
	add_transformed(&text, &reversed, buf_span(&parts));
	buf_add_text(&text, client->is_ip4 ? ".in-addr.arpa" : ".ip6.arpa");
	enum status status = dns_name_from_text(name, buf_span(&text));
	assert(status == STATUS_OK);
	(void)status;
}

/* Whether the name has the client's address; `*later` when that is not known yet. */
static bool
has_address(struct view *view, const struct dns_name *name,
    const struct spf_client *client, bool *later)
{
	struct dns_result found = dns_get(
	    view, name, client->is_ip4 ? DNS_A : DNS_AAAA);
	if (found.outcome == OUTCOME_WANTED)
		*later = true;
	if (found.outcome != OUTCOME_FOUND)
		return false;
	struct span wanted = span_of(client->address, address_length(client));
	for (size_t i = 0; i < found.answer->record_count; i++)
		if (span_equal(found.answer->records[i].data, wanted))
			return true;
	return false;
}

struct spf_validation
spf_validated_names(struct view *view, const struct spf_client *client,
    bool (*each)(void *context, const struct dns_name *name), void *context)
{
	struct spf_validation validation = { .later = false };
	struct dns_name reverse_name, name;
	spf_reverse_name(&reverse_name, client);
	struct dns_result ptr = dns_get(view, &reverse_name, DNS_PTR);
	validation.outcome = ptr.outcome;
	validation.later = ptr.outcome == OUTCOME_WANTED;
	if (ptr.outcome != OUTCOME_FOUND)
		return validation;

	size_t count = ptr.answer->record_count;
	if (count > LIMIT_SPF_POINTERS)
		count = LIMIT_SPF_POINTERS;
	for (size_t i = 0; i < count && !validation.stopped; i++)
		if (dns_record_name(&ptr.answer->records[i], &name) &&
		    has_address(view, &name, client, &validation.later))
			validation.stopped = each(context, &name);
	return validation;
}
