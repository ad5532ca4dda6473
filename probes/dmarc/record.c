/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The reader of DMARC records: the shared tag-list, and a short rule for the value of
 * each tag, found by name in a table. Values that are words compare without case (they
 * are literals of the ABNF), tag names with it (RFC 6376 3.2), DMARC1 with it (4.7).
 */
#include "dmarc/record.h"

#include "core/limits.h"

#include <assert.h>

static const struct span version = SPAN("DMARC1");

/* --- which texts are records ---------------------------------------------- */

static bool
is_wsp(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static void
skip_wsp(struct span *rest)
{
	struct span blanks;
	span_take_while(rest, is_wsp, &blanks);
}

/* "v" *WSP "=" *WSP "DMARC1", and then only blanks before a semicolon or the end. The
 * letter is a literal of the ABNF, so that "V" is one too. */
static bool
is_selected(struct span text)
{
	static const struct span letter = SPAN("v");
	struct span word;
	if (!span_take_prefix_nocase(&text, letter))
		return false;
	skip_wsp(&text);
	if (!span_take_byte(&text, '='))
		return false;
	skip_wsp(&text);
	if (!span_take(&text, version.length, &word) || !span_equal(word, version))
		return false;
	skip_wsp(&text);
	return text.length == 0 || text.bytes[0] == ';';
}

static struct span
without_byte(struct span text, uint8_t byte)
{
	while (text.length > 0 && text.bytes[0] == byte)
		text = span_slice(text, 1, text.length);
	while (text.length > 0 && text.bytes[text.length - 1] == byte)
		text.length--;
	return text;
}

/* "v=DMARC1\;" as written by who thinks of zone files. */
static bool
is_escaped(struct span text)
{
	struct span first;
	if (!span_take_until(&text, '\\', &first))
		return false;
	return text.length >= 2 && text.bytes[1] == ';' && is_selected(first);
}

/* A version that is late or wrong, or a policy without one. */
static bool
looks_like_record(struct arena *arena, struct span text)
{
	static const struct span dmarc = SPAN("dmarc"), v = SPAN("v"), p = SPAN("p");
	enum dmarc_policy policy;
	struct tag_list list;
	if (span_starts_nocase(text, dmarc))
		return true;
	tag_list_read(&list, arena, text);
	for (size_t i = 0; i < list.count; i++) {
		const struct tag *tag = &list.tags[i];
		if (span_equal_nocase(tag->name, v) &&
		    span_starts_nocase(tag->value, dmarc))
			return true;
		if (span_equal_nocase(tag->name, p) &&
		    dmarc_policy_by_name(tag->value, &policy))
			return true;
	}
	return false;
}

enum dmarc_kind
dmarc_kind_of(struct arena *arena, struct span text)
{
	if (is_selected(text))
		return DMARC_SELECTED;
	struct span trimmed = span_trim(text);
	if (is_selected(trimmed))
		return DMARC_BLANK_BEFORE;
	struct span bare = span_trim(without_byte(trimmed, '"'));
	if (is_escaped(bare))
		return DMARC_ESCAPED;
	if (bare.length < trimmed.length && is_selected(bare))
		return DMARC_QUOTED;
	return looks_like_record(arena, bare) ? DMARC_NO_VERSION : DMARC_UNRELATED;
}

/* --- policies ------------------------------------------------------------- */

const char *
dmarc_policy_text(enum dmarc_policy policy)
{
	static const char *const texts[] = {
		[DMARC_NONE] = "none",
		[DMARC_QUARANTINE] = "quarantine",
		[DMARC_REJECT] = "reject",
	};
	assert(policy < ARRAY_LENGTH(texts));
	return texts[policy];
}

bool
dmarc_policy_is_valid(enum dmarc_policy policy)
{
	return policy >= DMARC_NONE;
}

bool
dmarc_policy_by_name(struct span name, enum dmarc_policy *policy)
{
	for (enum dmarc_policy i = DMARC_NONE; i <= DMARC_REJECT; i++) {
		if (!span_equal_nocase(name, span_text(dmarc_policy_text(i))))
			continue;
		*policy = i;
		return true;
	}
	return false;
}

/* --- rules of values ------------------------------------------------------ */

/* NULL when the value keeps the rule, else what was expected. */
typedef const char *value_rule(struct dmarc_record *record, struct span value);

static const char *
read_policy(enum dmarc_policy *policy, struct span value)
{
	if (dmarc_policy_by_name(value, policy))
		return NULL;
	*policy = DMARC_INVALID;
	return "is not none, quarantine or reject";
}

static const char *
read_p(struct dmarc_record *record, struct span value)
{
	return read_policy(&record->p, value);
}

static const char *
read_sp(struct dmarc_record *record, struct span value)
{
	return read_policy(&record->sp, value);
}

static const char *
read_np(struct dmarc_record *record, struct span value)
{
	return read_policy(&record->np, value);
}

/* The one letter of a value, in lower case; 0 when it is none of `letters`. */
static char
letter_of(struct span value, const char *letters)
{
	uint8_t letter = value.length == 1 ? byte_lower(value.bytes[0]) : 0;
	bool is_one = letter != 0 && span_contains_byte(span_text(letters), letter);
	return is_one ? (char)letter : 0;
}

static const char *
read_alignment(struct dmarc_record *record, struct span value)
{
	(void)record;
	return letter_of(value, "rs") ? NULL : "is not r or s";
}

static const char *
read_psd(struct dmarc_record *record, struct span value)
{
	char psd = letter_of(value, "ynu");
	if (psd == 0)
		return "is not y, n or u";
	record->psd = psd;
	return NULL;
}

static const char *
read_t(struct dmarc_record *record, struct span value)
{
	char testing = letter_of(value, "yn");
	if (testing == 0)
		return "is not y or n";
	record->testing = testing == 'y';
	return NULL;
}

/* 0, 1, d and s between colons, each once, and not both 0 and 1. */
static const char *
read_fo(struct dmarc_record *record, struct span value)
{
	static const char
	    *const reason = "is not a list of 0 or 1, d and s with colons";
	static const char letters[] = "01ds";
	bool seen[sizeof(letters) - 1] = { false };
	struct split split = { .rest = value };
	struct span piece;
	(void)record;
	while (split_next(&split, ':', &piece)) {
		size_t i = 0;
		while (letters[i] != '\0' &&
		    letter_of(span_trim(piece), letters) != letters[i])
			i++;
		if (letters[i] == '\0' || seen[i])
			return reason;
		seen[i] = true;
	}
	return seen[0] && seen[1] ? reason : NULL;
}

/* RFC 7489 6.3; only read for those who still sample by it. */
static const char *
read_pct(struct dmarc_record *record, struct span value)
{
	uint32_t percent;
	if (!span_take_number(&value, 100, &percent) || value.length > 0)
		return "is not a number from 0 to 100";
	record->pct = percent;
	return NULL;
}

static value_rule *const rules[DMARC_TAGS] = {
	[DMARC_TAG_P] = read_p,
	[DMARC_TAG_SP] = read_sp,
	[DMARC_TAG_NP] = read_np,
	[DMARC_TAG_ADKIM] = read_alignment,
	[DMARC_TAG_ASPF] = read_alignment,
	[DMARC_TAG_FO] = read_fo,
	[DMARC_TAG_PSD] = read_psd,
	[DMARC_TAG_T] = read_t,
	[DMARC_TAG_PCT] = read_pct,
};

/* --- tags ----------------------------------------------------------------- */

#define DMARC_TAG_TEXT(symbol, name) [DMARC_TAG_##symbol] = SPAN(name),
static const struct span tag_names[] = { DMARC_TAG_LIST(DMARC_TAG_TEXT) };
#undef DMARC_TAG_TEXT

const char *
dmarc_tag_text(enum dmarc_tag tag)
{
	assert(tag < DMARC_TAGS);
	return (const char *)tag_names[tag].bytes;
}

bool
dmarc_tag_is_historic(enum dmarc_tag tag)
{
	return tag == DMARC_TAG_PCT || tag == DMARC_TAG_RF || tag == DMARC_TAG_RI;
}

static enum dmarc_fault
find_tag(struct span name, enum dmarc_tag *tag)
{
	/* V is a V by its ABNF; for all others DKIM's rule holds. */
	for (size_t i = 0; i < DMARC_TAGS; i++) {
		if (!span_equal_nocase(name, tag_names[i]))
			continue;
		*tag = i;
		bool is_same = i == DMARC_TAG_V || span_equal(name, tag_names[i]);
		return is_same ? DMARC_FINE : DMARC_UPPER_CASE;
	}
	return DMARC_UNKNOWN_TAG;
}

/* All between two semicolons. Tag-lists may be folded, DMARC records may not: a line
 * end beside a value is no blank here (4.8). */
static bool
has_line_end(const struct dmarc_record *record, const struct tag *tag)
{
	size_t start = tag->position - 1;
	while (start > 0 && record->text.bytes[start - 1] != ';')
		start--;
	struct span rest = span_slice(record->text, start, record->text.length), piece;
	span_take_until_or_end(&rest, ';', &piece);
	return span_contains_byte(piece, '\r') || span_contains_byte(piece, '\n');
}

static const char *
form_fault(const struct dmarc_record *record, const struct tag *tag)
{
	if (tag->fault != TAG_FINE)
		return tag_fault_text(tag->fault);
	if (tag->value.length == 0)
		return "has no value";
	if (has_line_end(record, tag))
		return "has a line end in it or around it";
	return span_is_printable(tag->value) ? NULL
					     : "has a byte that is not printable ASCII";
}

static void
spoil_policy(struct dmarc_record *record, enum dmarc_tag tag)
{
	if (tag == DMARC_TAG_P)
		record->p = DMARC_INVALID;
	else if (tag == DMARC_TAG_SP)
		record->sp = DMARC_INVALID;
	else if (tag == DMARC_TAG_NP)
		record->np = DMARC_INVALID;
}

static struct dmarc_reading
read_tag(struct dmarc_record *record, const struct tag *tag)
{
	struct dmarc_reading reading = { .fault = DMARC_BAD_FORM };
	enum dmarc_fault found = find_tag(tag->name, &reading.tag);
	reading.reason = form_fault(record, tag);
	if (tag->is_repeated) {
		reading.fault = DMARC_AGAIN;
		return reading;
	}
	if (reading.reason != NULL) {
		/* An empty or broken p is one that is not valid (4.10.1). */
		if (found == DMARC_FINE)
			spoil_policy(record, reading.tag);
		return reading;
	}
	reading.fault = found;
	if (reading.fault != DMARC_FINE)
		return reading;
	value_rule *rule = rules[reading.tag];
	reading.reason = rule != NULL ? rule(record, tag->value) : NULL;
	if (reading.reason != NULL)
		reading.fault = DMARC_BAD_VALUE;
	else
		record->tags[reading.tag] = tag;
	return reading;
}

struct dmarc_record *
dmarc_record_read(struct arena *arena, struct span text)
{
	struct dmarc_record *record = arena_alloc(arena, sizeof(*record));
	record->text = text;
	record->psd = 'u';
	record->pct = 100;
	tag_list_read(&record->list, arena, text);
	record->readings = arena_alloc_array(
	    arena, record->list.count, sizeof(*record->readings));
	for (size_t i = 0; i < record->list.count; i++) {
		record->readings[i] = read_tag(record, &record->list.tags[i]);
		record->is_void |= record->list.tags[i].is_repeated;
	}
	if (record->is_void)
		record->psd = 'u'; /* the walk goes on as if it said nothing */
	return record;
}
