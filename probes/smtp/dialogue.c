/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The conversation, linear: send a command, read the whole reply, judge its code. No
 * step knows of time: the connection has one deadline for all of them.
 */
#include "dialogue.h"

#include "core/deadline.h"

#include <stdio.h>
#include <string.h>

void
dialogue_begin(struct dialogue *dialogue, struct connection *connection)
{
	dialogue->connection = connection;
	dialogue->stage = SMTP_STAGE_GREETING;
	dialogue->fault = NULL;
	dialogue->start = dialogue->end = 0;
	reply_begin(&dialogue->reply);
}

static bool
fail(struct dialogue *dialogue, enum smtp_end end, const char *fault)
{
	dialogue->fault = fault;
	return connection_fail(dialogue->connection, end, 0);
}

/* Reads what the server says, up to the end of one reply. */
bool
dialogue_reply(struct dialogue *dialogue)
{
	reply_begin(&dialogue->reply);
	for (;;) {
		struct span rest = span_of(dialogue->received + dialogue->start,
		    dialogue->end - dialogue->start);
		enum reply_state state = reply_read(&dialogue->reply, &rest);
		dialogue->start = dialogue->end - rest.length;
		if (state == REPLY_WHOLE)
			return true;
		if (state == REPLY_BAD)
			return fail(
			    dialogue, SMTP_END_PROTOCOL_ERROR, dialogue->reply.fault);
		dialogue->start = 0;
		dialogue->end = connection_read(dialogue->connection,
		    dialogue->received, sizeof(dialogue->received));
		if (dialogue->end == 0)
			return false;
	}
}

static bool
command(struct dialogue *dialogue, const char *line)
{
	return connection_write(dialogue->connection, span_text(line)) &&
	    dialogue_reply(dialogue);
}

/* Replies to greeting and EHLO. RFC 5321 3.8: 421 may come at any time, and is what
 * servers that count connections say. */
static bool
judge(struct dialogue *dialogue)
{
	unsigned code = dialogue->reply.said.code;
	if (code / 100 == 2)
		return true;
	if (code == 421)
		return fail(dialogue, SMTP_END_RATE_LIMITED, NULL);
	if (code / 100 == 4)
		return fail(dialogue, SMTP_END_TEMPORARY, NULL);
	return fail(dialogue, SMTP_END_REFUSED, NULL);
}

bool
dialogue_greeting(struct dialogue *dialogue)
{
	dialogue->stage = SMTP_STAGE_GREETING;
	return dialogue_reply(dialogue) && judge(dialogue);
}

bool
dialogue_ehlo(struct dialogue *dialogue, const char *name)
{
	char line[300]; /* RFC 5321 4.5.3.1.2: a domain has up to 255 */
	dialogue->stage = SMTP_STAGE_EHLO;
	snprintf(line, sizeof(line), "EHLO %.255s\r\n", name);
	return command(dialogue, line) && judge(dialogue);
}

bool
dialogue_starttls_send(struct dialogue *dialogue, const char *pipelined)
{
	char lines[64];
	dialogue->stage = SMTP_STAGE_STARTTLS;
	if (!dialogue->reply.offers_starttls)
		return fail(dialogue, SMTP_END_NO_STARTTLS, NULL);
	snprintf(lines, sizeof(lines), "STARTTLS\r\n%s", pipelined);
	return connection_write(dialogue->connection, span_text(lines));
}

bool
dialogue_starttls_answered(struct dialogue *dialogue)
{
	if (!dialogue_reply(dialogue))
		return false;
	if (dialogue->reply.said.code == 421)
		return fail(dialogue, SMTP_END_RATE_LIMITED, NULL);
	if (dialogue->reply.said.code / 100 != 2)
		return fail(dialogue, SMTP_END_STARTTLS_REFUSED, NULL);
	if (dialogue->start != dialogue->end)
		return fail(dialogue, SMTP_END_PROTOCOL_ERROR,
		    "bytes follow the reply to STARTTLS");
	return true;
}

/* What a refusal leaves behind is a connection that works. */
static bool
still_serves(const struct connection *connection)
{
	return connection->end == SMTP_END_DONE ||
	    connection->end == SMTP_END_NO_STARTTLS ||
	    connection->end == SMTP_END_TEMPORARY ||
	    connection->end == SMTP_END_REFUSED ||
	    connection->end == SMTP_END_STARTTLS_REFUSED;
}

void
dialogue_quit(struct dialogue *dialogue)
{
	struct connection *connection = dialogue->connection, before = *connection;
	struct smtp_reply_text last = dialogue->reply.said;
	struct clock *clock = clock_system();
	if (!still_serves(connection))
		return;
	connection->end = SMTP_END_DONE;
	connection->deadline_ms = deadline_earlier(
	    connection->deadline_ms, clock->now_ms(clock) + LIMIT_SMTP_QUIT_MS);
	bool answered = command(dialogue, "QUIT\r\n");
	(void)answered;
	connection->end = before.end;
	connection->error = before.error;
	dialogue->reply.said = last; /* the one that ended it */
}
