/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * dialogue: SMTP as a sender speaks it, one command and one reply at a time, over one
 * connection; private to this folder.
 *
 *	dialogue_begin(&dialogue, &connection);
 *	if (dialogue_greeting(&dialogue) && dialogue_ehlo(&dialogue, name) &&
 *	    dialogue_starttls_send(&dialogue, "") &&
 *	    dialogue_starttls_answered(&dialogue))
 *		... TLS ...
 *
 * Each step is true when the server said yes. When not, connection->end, `stage`,
 *`reply` and `fault` say what happened, and the conversation is over: at most a QUIT
 *follows.
 */
#ifndef MAILGAUGE_SMTP_DIALOGUE_H
#define MAILGAUGE_SMTP_DIALOGUE_H

#include "connection.h"
#include "core/attributes.h"
#include "core/span.h"
#include "reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dialogue {
	struct connection *connection;
	enum smtp_stage stage;
	struct reply reply; /* the last one */
	const char *fault;  /* of a PROTOCOL_ERROR */
	size_t start, end;  /* received and not read yet, of: */
	uint8_t received[4096];
};

void dialogue_begin(struct dialogue *dialogue, struct connection *connection);

/* The whole greeting, before anything is sent: postscreen and its like send the first
 * line, and drop who speaks before the last one. */
bool dialogue_greeting(struct dialogue *dialogue) MUST_CHECK;

/* `name`: a domain or an address literal (RFC 5321 4.1.1.1). */
bool dialogue_ehlo(struct dialogue *dialogue, const char *name) MUST_CHECK;

/* After an EHLO; false with NO_STARTTLS when it was not offered. In two steps, since
 * there is something to prepare while the reply travels. `pipelined` is sent in the
 * same segment: "", or a command as the test of the server's side. Bytes behind the 220
 * are a PROTOCOL_ERROR: they would be taken for what comes over TLS (CVE-2011-0411). */
bool dialogue_starttls_send(
    struct dialogue *dialogue, const char *pipelined) MUST_CHECK;
bool dialogue_starttls_answered(struct dialogue *dialogue) MUST_CHECK;

/* A reply to something sent before, or to nothing. */
bool dialogue_reply(struct dialogue *dialogue) MUST_CHECK;

/* Says QUIT where the connection still serves, and waits for the answer shortly. */
void dialogue_quit(struct dialogue *dialogue);

#endif
