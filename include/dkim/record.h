/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * record: a DKIM key record as text (RFC 6376 3.6.1): which of a selector's TXT records
 * is one, what its tags say, and what makes verifiers pass it over. It needs no
 * libcrypto: whether the bytes of `p` are a key is told by dkim/key.h.
 *
 *	struct dkim_selection keys = dkim_record_select(arena, txt.answer);
 *	if (keys.count == 1)
 *		record = dkim_record_parse(arena, keys.text);
 *
 * What is always true:
 *  - the whole record is read, also behind a fault, so that all faults are found at
 *    once; those of one tag are told once;
 *  - each fault makes the record unusable for verifiers that follow the standard; a
 *    record without one may still be weak (see its flags), or hold no key;
 *  - spans point into the text, which has to outlive the record.
 */
#ifndef MAILGAUGE_DKIM_RECORD_H
#define MAILGAUGE_DKIM_RECORD_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/span.h"
#include "core/status.h"
#include "core/tag_list.h"
#include "dns/message.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>

enum dkim_key_type { DKIM_RSA, DKIM_ED25519, DKIM_OTHER_TYPE };

enum dkim_fault_kind {
	DKIM_BAD_SYNTAX,        /* the tag-list does not parse */
	DKIM_ESCAPED_SEMICOLON, /* a backslash before ';' */
	DKIM_REPEATED_TAG,
	DKIM_BAD_VERSION,
	DKIM_BAD_KEY_TYPE,
	DKIM_NO_KEY,     /* no p tag */
	DKIM_REVOKED,    /* an empty one */
	DKIM_BAD_BASE64, /* of p */
	DKIM_NO_HASH,    /* h leaves none that verifiers accept */
	DKIM_NO_MAIL     /* s leaves mail out */
};

struct dkim_fault {
	enum dkim_fault_kind kind;
	const char *reason; /* a clause of ours */
	struct span term;   /* the tag; empty: the record as a whole */
	size_t position;    /* in the text, from 1; 0 without a term */
};

struct dkim_record {
	struct arena *arena; /* in which it all is */
	struct span text;
	struct tag_list tags;
	enum dkim_key_type key_type;
	struct span key;  /* p, decoded; empty where there is a fault in it */
	bool is_testing;  /* t=y */
	bool is_strict;   /* t=s */
	bool allows_sha1; /* h names it beside sha256 */
	size_t fault_count;
	struct dkim_fault *faults;
};

/* The key records among a selector's TXT records. The standard lets everything be one;
 * what has neither a version of DKIM nor a tag of a key is somebody else's. */
struct dkim_selection {
	size_t count;
	struct span text; /* of the first */
	size_t unrelated_count;
	struct span unrelated; /* the first of those */
};
struct dkim_selection dkim_record_select(
    struct arena *arena, const struct dns_answer *txt);
bool dkim_record_is_selected(struct arena *arena, struct span text);

struct dkim_record *dkim_record_parse(struct arena *arena, struct span text);

/* Whether the standard knows the tag; others are ignored (RFC 6376 3.2). */
bool dkim_record_knows_tag(struct span name);

/* Where a selector's record stands: "s1" of example.com at s1._domainkey.example.com. A
 * selector may have dots. NAME_TOO_LONG: there can be none. */
enum status dkim_record_name(struct dns_name *name, const struct dns_name *selector,
    const struct dns_name *domain) MUST_CHECK;

/* _domainkey.example.com, below which all selectors of a domain are. */
enum status dkim_record_parent(
    struct dns_name *parent, const struct dns_name *domain) MUST_CHECK;

#endif
