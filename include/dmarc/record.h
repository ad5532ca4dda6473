/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * record: one DMARC Policy Record (RFC 9989 4.7, 4.8), read tag by tag.
 *
 * What is always true:
 *  - a bad tag costs only itself; the list of tags says what is wrong with each;
 *  - a tag name that stands twice makes the whole list invalid (RFC 6376 3.2, which 4.7
 *    refers to): `is_void`. Its tags are read all the same, for people;
 *  - all spans point into the text.
 */
#ifndef MAILGAUGE_DMARC_RECORD_H
#define MAILGAUGE_DMARC_RECORD_H

#include "core/arena.h"
#include "core/span.h"
#include "core/tag_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is this TXT a DMARC record? Only DMARC_SELECTED counts; what people meant by the
 * others is worth telling. */
enum dmarc_kind {
	DMARC_UNRELATED,
	DMARC_SELECTED,     /* begins with a version tag (RFC 9989 4.7 "v") */
	DMARC_BLANK_BEFORE, /* would be one without blanks in front */
	DMARC_QUOTED,       /* would be one without quotes around */
	DMARC_ESCAPED,      /* the version's semicolon stands behind a backslash */
	DMARC_NO_VERSION    /* looks like one; the version is absent, late or wrong */
};
enum dmarc_kind dmarc_kind_of(struct arena *arena, struct span text);

/* From weakest to strongest, behind what is not there and what is not understood. */
enum dmarc_policy {
	DMARC_ABSENT,
	DMARC_INVALID,
	DMARC_NONE,
	DMARC_QUARANTINE,
	DMARC_REJECT
};

/* "none", "quarantine" or "reject"; NULL for the others. */
const char *dmarc_policy_text(enum dmarc_policy policy);
bool dmarc_policy_by_name(struct span name, enum dmarc_policy *policy) MUST_CHECK;
bool dmarc_policy_is_valid(enum dmarc_policy policy);

/* The tags that we know, in the order of RFC 9989 9.3; historic ones last. */
#define DMARC_TAG_LIST(TAG) \
	TAG(V, "v") \
	TAG(P, "p") \
	TAG(SP, "sp") \
	TAG(NP, "np") \
	TAG(ADKIM, "adkim") \
	TAG(ASPF, "aspf") \
	TAG(FO, "fo") \
	TAG(PSD, "psd") \
	TAG(RUA, "rua") \
	TAG(RUF, "ruf") \
	TAG(T, "t") \
	TAG(PCT, "pct") \
	TAG(RF, "rf") \
	TAG(RI, "ri")

#define DMARC_TAG_ENUM(symbol, name) DMARC_TAG_##symbol,
enum dmarc_tag { DMARC_TAG_LIST(DMARC_TAG_ENUM) DMARC_TAGS };
#undef DMARC_TAG_ENUM

/* What becomes of one tag of the list. */
enum dmarc_fault {
	DMARC_FINE,
	DMARC_UNKNOWN_TAG, /* not in the registry: ignored */
	DMARC_UPPER_CASE,  /* one of ours, but for its case: receivers differ */
	DMARC_BAD_FORM,    /* not "name=value": dropped */
	DMARC_BAD_VALUE,   /* outside the rule of its tag: dropped */
	DMARC_AGAIN        /* stands twice */
};

struct dmarc_reading {
	enum dmarc_fault fault;
	const char *reason; /* with BAD_FORM and BAD_VALUE: a predicate, static */
	enum dmarc_tag tag; /* of the others but UNKNOWN_TAG */
};

struct dmarc_record {
	struct span text;
	struct tag_list list;
	struct dmarc_reading *readings; /* one for each of list.tags */
	bool is_void;                   /* a tag stands twice: nothing of it counts */

	/* The first tag of each name without fault; NULL: none. */
	const struct tag *tags[DMARC_TAGS];

	enum dmarc_policy p, sp, np;
	char psd;     /* 'y', 'n' or 'u' */
	bool testing; /* t=y */
	unsigned pct; /* 100 unless a lower one is given */
};

/* Reads a selected text, which has to outlive the record. */
struct dmarc_record *dmarc_record_read(struct arena *arena, struct span text);

const char *dmarc_tag_text(enum dmarc_tag tag);

/* pct, rf and ri: tags of RFC 7489 that RFC 9989 ignores (9.3). */
bool dmarc_tag_is_historic(enum dmarc_tag tag);

#endif
