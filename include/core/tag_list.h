/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * tag_list: "v=DMARC1; p=none" and its like, the tag-list of RFC 6376 3.2 that the
 * records of DKIM, DMARC, MTA-STS and TLS-RPT share.
 *
 * What is always true:
 *  - the whole text is read, also behind a fault: each tag says what is wrong with its
 *    form and where it stands, so that all faults are found at once;
 *  - tags are in the text's order, and all spans point into it;
 *  - what a tag means, which values it may have and whether a fault costs one tag or
 *the whole record is the reader's business: the standards differ in that.
 *
 *	struct tag_list list;
 *	tag_list_read(&list, arena, text);
 *	const struct tag *p = tag_list_find(&list, span_text("p"));
 */
#ifndef MAILGAUGE_CORE_TAG_LIST_H
#define MAILGAUGE_CORE_TAG_LIST_H

#include "core/arena.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>

enum tag_fault {
	TAG_FINE,
	TAG_EMPTY,     /* nothing between two semicolons */
	TAG_NO_EQUALS, /* words without "=" */
	TAG_BAD_NAME,  /* the name is missing, or is not one of letters and digits */
	TAG_BAD_BYTE   /* the value holds a byte that is not printable ASCII */
};

struct tag {
	struct span text;  /* the whole tag, without blanks around it */
	struct span name;  /* without blanks; empty with TAG_EMPTY and TAG_NO_EQUALS */
	struct span value; /* without blanks at its ends; may be empty */
	size_t position;   /* of its first byte in the text, from 1 */
	enum tag_fault fault;
	bool
	    is_repeated; /* a tag with the same name, in the same case, stands before */
};

struct tag_list {
	size_t count;
	struct tag *tags; /* at most LIMIT_TAGS */
	bool cut;         /* more than that: the rest was not read */
};

/* An empty text has no tags; one semicolon at the end is not followed by another. */
void tag_list_read(struct tag_list *list, struct arena *arena, struct span text);

/* The first tag of that name without fault, in the same case; NULL: none. */
const struct tag *tag_list_find(const struct tag_list *list, struct span name);

/* A predicate to put behind a tag: "has no '='". */
const char *tag_fault_text(enum tag_fault fault);

#endif
