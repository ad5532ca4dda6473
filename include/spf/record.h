/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * record: an SPF record as a syntax tree (RFC 7208 4.6.1, 12).
 *
 * What is always true:
 *  - the whole record is read, also behind a fault: each term says what is wrong with
 *    it and where it stands, so that all faults are found at once;
 *  - terms are in the record's order, and all spans point into its text;
 *  - what a term's domain-spec means is not decided here: it is only known to be valid.
 */
#ifndef MAILGAUGE_SPF_RECORD_H
#define MAILGAUGE_SPF_RECORD_H

#include "core/arena.h"
#include "core/span.h"
#include "dns/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_MODIFIER, /* one that we do not know; allowed */
	SPF_NOTHING   /* a term that is neither */
};

enum spf_qualifier { SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL };

/* What is wrong with a term, if anything. */
enum spf_fault {
	SPF_FINE,
	SPF_BAD_SYNTAX,
	SPF_BAD_IP4,
	SPF_BAD_IP6,
	SPF_BAD_BYTE,       /* not printable ASCII */
	SPF_SECOND_MODIFIER /* redirect or exp twice */
};

struct spf_term {
	enum spf_kind kind;
	enum spf_qualifier qualifier; /* of mechanisms */
	enum spf_fault fault;
	const char *reason;  /* with a fault: what was expected */
	struct span text;    /* the whole term */
	size_t position;     /* of its first byte in the record, from 1 */
	struct span domain;  /* domain-spec; empty: none given */
	bool has_macro;      /* the domain-spec has to be expanded */
	uint8_t prefix4;     /* 0 to 32 */
	uint8_t prefix6;     /* 0 to 128 */
	uint8_t address[16]; /* ip4: the first four bytes */
};

struct spf_record {
	struct span text;
	size_t term_count;
	struct spf_term *terms;
	size_t fault_count;
	size_t all_count; /* of terms, also those that were not read */
	bool cut;         /* more than LIMIT_SPF_TERMS: the rest was not read */
	const struct spf_term *all,
	    *redirect; /* the first of each without fault, or NULL */
};

/* Whether the text is selected as an SPF record: "v=spf1" and then a blank or the end
 * (RFC 7208 4.5). */
bool spf_record_is_selected(struct span text);

/* The SPF record among a name's TXT records: the first one's text, and how many there
 * are, since more than one is an error (RFC 7208 4.5). */
struct spf_selection {
	size_t count;
	struct span text;
	const struct dns_record *record; /* with the strings that the text came in */
};
struct spf_selection spf_record_select(
    struct arena *arena, const struct dns_answer *txt);

/* Reads a selected text, which has to outlive the record. */
struct spf_record *spf_record_parse(struct arena *arena, struct span text);

/* Reads one term by itself, as it would stand at `position` of a record. */
void spf_term_read(struct spf_term *term, struct span text, size_t position);

/* There are terms that could not be read: what seems to be missing may be among them.
 */
bool spf_record_hides_terms(const struct spf_record *record);

/* include, a, mx, ptr, exists and redirect cost a DNS lookup (RFC 7208 4.6.4). */
bool spf_term_costs_lookup(const struct spf_term *term);

/* A mechanism, not a modifier. */
bool spf_kind_is_mechanism(enum spf_kind kind);

const char *spf_qualifier_text(enum spf_qualifier qualifier); /* "softfail" */
char spf_qualifier_sign(enum spf_qualifier qualifier);        /* '~' */

#endif
