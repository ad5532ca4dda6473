/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * reply: reads SMTP replies out of bytes as they come, in pieces of any size; private
 *to this folder. It does no I/O.
 *
 *	struct reply reply;
 *	reply_begin(&reply);
 *	while (reply_read(&reply, &bytes) == REPLY_UNFINISHED)
 *		... more bytes ...
 *
 * What is always true:
 *  - a reply is whole with its last line (RFC 5321 4.2.1); what follows stays in
 *`bytes`;
 *  - line length, lines and bytes have a limit; beyond it is REPLY_BAD;
 *  - `text` holds the beginning of all lines' text, joined by blanks, NULs replaced.
 */
#ifndef MAILGAUGE_SMTP_REPLY_H
#define MAILGAUGE_SMTP_REPLY_H

#include "core/limits.h"
#include "core/span.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stddef.h>

enum reply_state { REPLY_UNFINISHED, REPLY_WHOLE, REPLY_BAD };

struct reply {
	struct smtp_reply_text said; /* code and text; code is 0 until it is whole */
	unsigned lines;
	size_t length;        /* bytes in all */
	bool offers_starttls; /* a line behind the first is that keyword (RFC 3207 4) */
	const char *fault;    /* REPLY_BAD: what is wrong with it */

	size_t text_length;
	size_t line_length;
	char line[LIMIT_SMTP_LINE]; /* the unfinished one */
};

void reply_begin(struct reply *reply);

/* Takes bytes up to the end of the reply. */
enum reply_state reply_read(struct reply *reply, struct span *bytes);

#endif
