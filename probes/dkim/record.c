/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The parser of key records: the tag-list first, then one short reader for each tag
 * that the standard knows, found by name in a table. Names and values count in the case
 * that they are in (RFC 6376 3.2).
 */
#include "dkim/record.h"

#include "dkim/base64.h"

#include <assert.h>

/* --- which record is one -------------------------------------------------- */

/* Tags by name in any case, also faulty ones: a record with a slip is still one. */
static const struct tag *
find_loosely(const struct tag_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal_nocase(list->tags[i].name, name))
			return &list->tags[i];
	return NULL;
}

/* What wildcards and slips bring here; all have a version, and DMARC a p of its own. */
static bool
is_other_version(struct span version)
{
	static const struct span others[] = { SPAN("spf"), SPAN("DMARC"), SPAN("STS"),
		SPAN("TLSRPT"), SPAN("BIMI") };
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		if (span_starts_nocase(version, others[i]))
			return true;
	return false;
}

static bool
is_quote_or_blank(uint8_t byte)
{
	return byte == '"' || byte_is_blank(byte);
}

bool
dkim_record_is_selected(struct arena *arena, struct span text)
{
	struct tag_list list;
	struct span skipped;
	span_take_while(&text, is_quote_or_blank, &skipped);
	tag_list_read(&list, arena, text);
	const struct tag *version = find_loosely(&list, span_text("v"));
	if (version != NULL && span_starts_nocase(version->value, span_text("DKIM")))
		return true;
	if (version != NULL && is_other_version(version->value))
		return false;
	return find_loosely(&list, span_text("p")) != NULL ||
	    find_loosely(&list, span_text("k")) != NULL;
}

struct dkim_selection
dkim_record_select(struct arena *arena, const struct dns_answer *txt)
{
	struct dkim_selection selection = { .count = 0 };
	for (size_t i = 0; i < txt->record_count; i++) {
		struct span text = dns_txt_join(arena, &txt->records[i]);
		bool is_key = dkim_record_is_selected(arena, text);
		if (is_key && selection.count++ == 0)
			selection.text = text;
		if (!is_key && selection.unrelated_count++ == 0)
			selection.unrelated = text;
	}
	return selection;
}

/* --- faults --------------------------------------------------------------- */

/* A tag has at most two: its form or its name, and its value. */
static size_t
faults_max(const struct tag_list *tags)
{
	return 2 * tags->count + 2;
}

static void
blame(struct dkim_record *record, enum dkim_fault_kind kind, const struct tag *tag,
    const char *reason)
{
	assert(record->fault_count < faults_max(&record->tags));
	struct dkim_fault *fault = &record->faults[record->fault_count++];
	*fault = (struct dkim_fault){ .kind = kind, .reason = reason };
	if (tag == NULL)
		return;
	fault->term = tag->text;
	fault->position = tag->position;
}

/* --- tags ----------------------------------------------------------------- */

/* RFC 6376 3.6.1: first, and exactly this. */
static void
read_version(struct dkim_record *record, const struct tag *tag)
{
	if (tag != record->tags.tags)
		blame(record, DKIM_BAD_VERSION, tag, "has to be the first tag");
	else if (!span_equal(tag->value, span_text("DKIM1")))
		blame(record, DKIM_BAD_VERSION, tag, "has to be DKIM1, exactly");
}

static void
read_key_type(struct dkim_record *record, const struct tag *tag)
{
	static const struct span types[] = { SPAN("rsa"), SPAN("ed25519") };
	const char *reason = "neither rsa nor ed25519";
	record->key_type = DKIM_OTHER_TYPE;
	for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
		if (span_equal(tag->value, types[i])) {
			record->key_type = i == 0 ? DKIM_RSA : DKIM_ED25519;
			return;
		}
		if (span_equal_nocase(tag->value, types[i]))
			reason = "has to be in lower case";
	}
	blame(record, DKIM_BAD_KEY_TYPE, tag, reason);
}

static void
read_key(struct dkim_record *record, const struct tag *tag)
{
	if (tag->value.length == 0) {
		blame(record, DKIM_REVOKED, tag, "empty, which revokes the key");
		return;
	}
	struct dkim_base64 decoded = dkim_base64_decode(record->arena, tag->value);
	record->key = decoded.bytes;
	if (decoded.fault == DKIM_BASE64_FINE)
		return;
	blame(record, DKIM_BAD_BASE64, tag, dkim_base64_fault_text(decoded.fault));
	struct dkim_fault *fault = &record->faults[record->fault_count - 1];
	fault->position = (size_t)(tag->value.bytes - record->text.bytes) +
	    decoded.position;
}

/* Whether a list with colons between holds a word (RFC 6376 3.6.1). */
static bool
lists(struct span list, const char *word)
{
	struct split split = { .rest = list };
	struct span piece;
	while (split_next(&split, ':', &piece))
		if (span_equal(span_trim(piece), span_text(word)))
			return true;
	return false;
}

/* RFC 8301 3.1: sha256 is the only one left. */
static void
read_hashes(struct dkim_record *record, const struct tag *tag)
{
	bool has_sha1 = lists(tag->value, "sha1");
	record->allows_sha1 = has_sha1 && lists(tag->value, "sha256");
	if (!lists(tag->value, "sha256"))
		blame(record, DKIM_NO_HASH, tag,
		    has_sha1 ? "allows sha1 only, which verifiers must not accept"
			     : "allows no hash that verifiers accept");
}

static void
read_services(struct dkim_record *record, const struct tag *tag)
{
	if (!lists(tag->value, "*") && !lists(tag->value, "email"))
		blame(record, DKIM_NO_MAIL, tag, "names neither * nor email");
}

static void
read_flags(struct dkim_record *record, const struct tag *tag)
{
	record->is_testing = lists(tag->value, "y");
	record->is_strict = lists(tag->value, "s");
}

/* g= is of RFC 4871; RFC 6376 C.1 dropped it. */
static void
read_nothing(struct dkim_record *record, const struct tag *tag)
{
	(void)record, (void)tag;
}

static const struct reader {
	struct span name;
	void (*read)(struct dkim_record *record, const struct tag *tag);
} readers[] = {
	{ SPAN("v"), read_version },
	{ SPAN("k"), read_key_type },
	{ SPAN("p"), read_key },
	{ SPAN("h"), read_hashes },
	{ SPAN("s"), read_services },
	{ SPAN("t"), read_flags },
	{ SPAN("n"), read_nothing },
	{ SPAN("g"), read_nothing },
};

static const struct reader *
reader_of(struct span name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(readers); i++)
		if (span_equal(readers[i].name, name))
			return &readers[i];
	return NULL;
}

bool
dkim_record_knows_tag(struct span name)
{
	return reader_of(name) != NULL;
}

/* --- the whole ------------------------------------------------------------ */

static bool
is_name_byte(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '_';
}

/* RFC 6376 3.2, narrower than what all tag-lists allow. */
static bool
is_name(struct span name)
{
	struct span taken;
	if (name.length == 0 || !byte_is_alpha(name.bytes[0]))
		return false;
	span_take_while(&name, is_name_byte, &taken);
	return name.length == 0;
}

static void
drop_last_byte(struct span *text)
{
	if (text->length > 0)
		text->length--;
}

/* "v=DKIM1\; p=...": from a zone file's notation in a form that wants none. All else is
 * judged as if it were not there; one such place stands for all. */
static void
unescape(struct dkim_record *record)
{
	const struct tag *first = NULL;
	for (size_t i = 0; i < record->tags.count; i++) {
		struct tag *tag = &record->tags.tags[i];
		size_t end = tag->position - 1 + tag->text.length;
		if (tag->text.length == 0 || end >= record->text.length ||
		    tag->text.bytes[tag->text.length - 1] != '\\')
			continue;
		drop_last_byte(&tag->text);
		drop_last_byte(&tag->value);
		if (first == NULL)
			first = tag;
	}
	if (first != NULL)
		blame(record, DKIM_ESCAPED_SEMICOLON, first,
		    "a backslash before the semicolon is part of the record");
}

static void
read_tag(struct dkim_record *record, const struct tag *tag)
{
	if (tag->fault != TAG_FINE || !is_name(tag->name)) {
		bool is_quoted = tag->text.length > 0 && tag->text.bytes[0] == '"';
		enum tag_fault fault = tag->fault != TAG_FINE ? tag->fault
							      : TAG_BAD_NAME;
		blame(record, DKIM_BAD_SYNTAX, tag,
		    is_quoted ? "begins with a quote, which is part of the record"
			      : tag_fault_text(fault));
		return;
	}
	if (tag->is_repeated) {
		blame(record, DKIM_REPEATED_TAG, tag,
		    "the tag is there twice, which makes the record invalid");
		return;
	}
	const struct reader *reader = reader_of(tag->name);
	if (reader != NULL)
		reader->read(record, tag);
}

static bool
has_tag(const struct tag_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal(list->tags[i].name, name))
			return true;
	return false;
}

struct dkim_record *
dkim_record_parse(struct arena *arena, struct span text)
{
	struct dkim_record *record = arena_alloc(arena, sizeof(*record));
	record->text = text;
	record->arena = arena;
	tag_list_read(&record->tags, arena, text);
	record->faults = arena_alloc_array(
	    arena, faults_max(&record->tags) + 1, sizeof(*record->faults));
	unescape(record);
	for (size_t i = 0; i < record->tags.count; i++)
		read_tag(record, &record->tags.tags[i]);
	if (record->tags.cut)
		blame(record, DKIM_BAD_SYNTAX, NULL, "too many tags");
	else if (!has_tag(&record->tags, span_text("p")))
		blame(record, DKIM_NO_KEY, NULL, "no p tag, so no key");
	return record;
}

/* --- names ---------------------------------------------------------------- */

enum status
dkim_record_parent(struct dns_name *parent, const struct dns_name *domain)
{
	return dns_name_prepend(parent, span_text("_domainkey"), domain);
}

enum status
dkim_record_name(struct dns_name *name, const struct dns_name *selector,
    const struct dns_name *domain)
{
	struct dns_name longer;
	enum status status = dkim_record_parent(&longer, domain);
	unsigned labels = dns_name_labels(selector);
	for (unsigned i = 1; i <= labels && status == STATUS_OK; i++) {
		struct dns_name suffix;
		dns_name_suffix(&suffix, selector, i);
		status = dns_name_prepend(
		    &longer, dns_name_first_label(&suffix), &longer);
	}
	if (status == STATUS_OK)
		*name = longer;
	return status;
}
