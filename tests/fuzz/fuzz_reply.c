/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The reader of SMTP replies: pieces of any size are read like the whole, nothing is
 * lost between replies, and the limits hold. */
#include "smtp/reply.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check(const struct reply *reply, enum reply_state state)
{
	assert((state == REPLY_BAD) == (reply->fault != NULL));
	assert((state == REPLY_WHOLE) == (reply->said.code != 0));
	assert(reply->said.code == 0 ||
	    (reply->said.code >= 200 && reply->said.code <= 599));
	assert(strlen(reply->said.text) <= LIMIT_SMTP_REPLY_TEXT);
	assert(reply->length <= LIMIT_SMTP_REPLY_BYTES + 1);
}

/* Byte for byte. */
static enum reply_state
read_slowly(struct reply *reply, struct span *bytes)
{
	enum reply_state state = REPLY_UNFINISHED;
	struct span byte;
	reply_begin(reply);
	while (state == REPLY_UNFINISHED && span_take(bytes, 1, &byte)) {
		state = reply_read(reply, &byte);
		assert(byte.length == 0);
	}
	return state;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span rest = span_of(bytes, length), slow = rest;
	static struct reply reply, other;
	enum reply_state state;
	do {
		reply_begin(&reply);
		state = reply_read(&reply, &rest);
		assert(read_slowly(&other, &slow) == state);
		assert(rest.length == slow.length);
		assert(strcmp(reply.said.text, other.said.text) == 0);
		check(&reply, state);
		assert(state != REPLY_UNFINISHED || rest.length == 0);
	} while (state == REPLY_WHOLE && rest.length > 0);
	return 0;
}
