/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* selector: everything that the DNS says of one selector of a domain: its answer, the
 * key record in it, the bytes of the key. Reading those takes libcrypto (dkim/key.h),
 * so it is left to who needs it. */
#ifndef MAILGAUGE_DKIM_SELECTOR_H
#define MAILGAUGE_DKIM_SELECTOR_H

#include "core/arena.h"
#include "core/store.h"
#include "dkim/key.h"
#include "dkim/record.h"
#include "dns/name.h"
#include "dns/question.h"

#include <stdbool.h>

enum dkim_state {
	DKIM_WANTED,
	DKIM_FOUND,   /* one key record, perhaps a faulty one */
	DKIM_MISSING, /* certainly none */
	DKIM_SEVERAL, /* more than one: which one counts is undefined */
	DKIM_FAILED   /* the DNS could not tell */
};

struct dkim_selector {
	enum dkim_state state;
	const char *label;    /* "s1": safe text */
	const char *location; /* "s1._domainkey.example.com"; NULL: no name, too long */
	struct dns_result txt;
	struct dkim_selection selection;
	struct dkim_record *record; /* of FOUND, otherwise NULL */
	bool has_key_bytes;         /* of a type that we know */
	bool key_was_read;          /* by who looked, and then: */
	struct dkim_key key;
};

void dkim_selector_look(struct dkim_selector *selector, struct view *view,
    struct arena *arena, const struct dns_name *label, const struct dns_name *domain);

/* What was found without a good key, in words. */
const char *dkim_state_text(const struct dkim_selector *selector);

#endif
