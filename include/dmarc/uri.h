/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * uri: the addresses of rua and ruf (RFC 9989 4.6): a list of URIs (RFC 3986) between
 * commas, mostly mailto (RFC 6068), perhaps with the size of RFC 7489 behind a "!".
 */
#ifndef MAILGAUGE_DMARC_URI_H
#define MAILGAUGE_DMARC_URI_H

#include "core/arena.h"
#include "core/span.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>

struct dmarc_uri {
	struct span text;   /* without blanks around */
	const char *reason; /* why it is no URI that anybody can use: a predicate; NULL:
			       it is one */
	struct span scheme; /* as written; empty: none */
	bool is_mailto;
	bool has_size; /* the obsolete "!10m" */

	/* Of a mailto without fault: the mailbox, percent-decoded, and its domain. */
	struct span mailbox;
	struct dns_name host;
};

/* The next one of a list; start with `struct split split = { .rest = value };`. False
 * at the end. An empty piece is a fault. */
bool dmarc_uri_next(struct arena *arena, struct split *split, struct dmarc_uri *uri);

#endif
