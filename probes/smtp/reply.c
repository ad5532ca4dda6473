/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Lines are collected until their LF, then read as "250-text", "250 text" or "250". It
 * is lenient where senders are: a bare LF ends a line, the code of the last line
 * counts, and a keyword may be in any case. What no sender would take for SMTP is a
 * fault.
 */
#include "reply.h"

#include <string.h>

void
reply_begin(struct reply *reply)
{
	/* Not the line: it is long, and line_length says what is in it. */
	memset(&reply->said, 0, sizeof(reply->said));
	reply->lines = 0;
	reply->length = 0;
	reply->offers_starttls = false;
	reply->fault = NULL;
	reply->text_length = 0;
	reply->line_length = 0;
}

static enum reply_state
bad(struct reply *reply, const char *fault)
{
	reply->fault = fault;
	reply->said.code = 0;
	return REPLY_BAD;
}

static void
keep_byte(struct reply *reply, uint8_t byte)
{
	if (reply->text_length < LIMIT_SMTP_REPLY_TEXT)
		reply->said.text[reply->text_length++] = byte == 0 ? '?' : (char)byte;
}

static void
keep_text(struct reply *reply, struct span text)
{
	if (reply->text_length > 0)
		keep_byte(reply, ' ');
	for (size_t i = 0; i < text.length; i++)
		keep_byte(reply, text.bytes[i]);
}

/* RFC 5321 4.2: three digits, the first 2 to 5. */
static bool
take_code(struct span *line, unsigned *code)
{
	struct span digits;
	uint32_t value;
	if (!span_take(line, 3, &digits) || !span_take_number(&digits, 599, &value) ||
	    digits.length != 0 || value < 200)
		return false;
	*code = value;
	return true;
}

static bool
is_starttls(struct span text)
{
	static const struct span keyword = SPAN("STARTTLS");
	struct span word;
	span_take_until_or_end(&text, ' ', &word);
	return span_equal_nocase(span_trim(word), keyword);
}

static enum reply_state
read_line(struct reply *reply, struct span line)
{
	unsigned code;
	uint8_t separator = ' ';
	line = span_trim(line);
	if (!take_code(&line, &code))
		return bad(reply, "a line does not begin with a reply code");
	if (span_peek(&line, &separator) && separator != ' ' && separator != '-')
		return bad(reply, "a reply code is followed by neither blank nor '-'");
	struct span text = span_slice(line, 1, line.length);
	if (++reply->lines > LIMIT_SMTP_REPLY_LINES)
		return bad(reply, "a reply has too many lines");
	if (reply->lines > 1 && is_starttls(text))
		reply->offers_starttls = true;
	keep_text(reply, text);
	if (separator == '-')
		return REPLY_UNFINISHED;
	reply->said.code = code;
	return REPLY_WHOLE;
}

enum reply_state
reply_read(struct reply *reply, struct span *bytes)
{
	enum reply_state state = REPLY_UNFINISHED;
	uint8_t byte;
	while (state == REPLY_UNFINISHED && span_take_u8(bytes, &byte)) {
		if (++reply->length > LIMIT_SMTP_REPLY_BYTES)
			return bad(reply, "a reply is too long");
		if (reply->line_length == sizeof(reply->line))
			return bad(reply, "a line of a reply is too long");
		reply->line[reply->line_length++] = (char)byte;
		if (byte != '\n')
			continue;
		state = read_line(reply, span_of(reply->line, reply->line_length));
		reply->line_length = 0;
	}
	return state;
}
