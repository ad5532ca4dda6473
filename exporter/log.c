/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The log. Two formats of the same fields; both quote what buf_add_safe() has left, so
 * that no domain and no file can write a line of its own.
 */
#include "log.h"

#include "wall_clock.h"

#include "core/limits.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
};

static const char *const format_names[] = {
	[LOG_FORMAT_LOGFMT] = "logfmt",
	[LOG_FORMAT_JSON] = "json",
};

bool
log_level_by_name(struct span name, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_LENGTH(level_names); i++) {
		if (span_equal(name, span_text(level_names[i]))) {
			*level = i;
			return true;
		}
	}
	return false;
}

bool
log_format_by_name(struct span name, enum log_format *format)
{
	for (size_t i = 0; i < ARRAY_LENGTH(format_names); i++) {
		if (span_equal(name, span_text(format_names[i]))) {
			*format = i;
			return true;
		}
	}
	return false;
}

/* In double quotes; only they and the backslash are special in printable ASCII. */
static void
add_quoted(struct buf *out, struct span safe)
{
	buf_add_byte(out, '"');
	for (size_t i = 0; i < safe.length; i++) {
		if (safe.bytes[i] == '"' || safe.bytes[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, safe.bytes[i]);
	}
	buf_add_byte(out, '"');
}

static bool
is_bare(uint8_t byte)
{
	return byte_is_printable(byte) && byte != ' ' && byte != '"' && byte != '=' &&
	    byte != '\\';
}

static void
add_text(struct buf *out, enum log_format format, const char *text)
{
	char memory[LIMIT_LOG_LINE];
	struct buf safe;
	buf_wrap(&safe, memory, sizeof(memory));
	buf_add_safe(&safe, span_text(text));

	struct span rest = buf_span(&safe), bare;
	span_take_while(&rest, is_bare, &bare);
	if (format == LOG_FORMAT_LOGFMT && rest.length == 0 && bare.length > 0)
		buf_add(out, bare);
	else
		add_quoted(out, buf_span(&safe));
}

static void
add_field(struct buf *out, enum log_format format, const char *name)
{
	if (format == LOG_FORMAT_LOGFMT)
		buf_addf(out, "%s%s=", out->length > 0 ? " " : "", name);
	else
		buf_addf(out, "%s\"%s\":", out->length > 1 ? "," : "", name);
}

void
log_add_line(struct buf *out, enum log_format format, int64_t unix_ms,
    enum log_level level, const char *message, const struct log_field *fields)
{
	char memory[32];
	struct buf date;
	buf_wrap(&date, memory, sizeof(memory));
	wall_clock_add(&date, unix_ms);

	if (format == LOG_FORMAT_JSON)
		buf_add_byte(out, '{');
	add_field(out, format, "ts");
	add_text(out, format, date.text);
	add_field(out, format, "level");
	add_text(out, format, level_names[level]);
	add_field(out, format, "msg");
	add_text(out, format, message);
	for (; fields != NULL && fields->name != NULL; fields++) {
		add_field(out, format, fields->name);
		if (fields->text != NULL)
			add_text(out, format, fields->text);
		else
			buf_addf(out, "%" PRId64, fields->number);
	}
	buf_add_text(out, format == LOG_FORMAT_JSON ? "}\n" : "\n");
}

void
log_write(const struct log *log, enum log_level level, const char *message,
    const struct log_field *fields)
{
	if (level < log->level)
		return;
	struct buf line;
	buf_init(&line, 2 * LIMIT_LOG_LINE);
	log_add_line(&line, log->format, wall_clock_ms(), level, message, fields);
	/* A log that nobody reads any more is no reason to end. */
	ssize_t ignored = write(STDERR_FILENO, line.text, line.length);
	(void)ignored;
	buf_free(&line);
}

void
log_write_lines(const struct log *log, enum log_level level, struct span text)
{
	struct split split = { .rest = text };
	struct span line;
	while (split_next(&split, '\n', &line)) {
		char memory[2 * LIMIT_MESSAGE];
		struct buf message;
		buf_wrap(&message, memory, sizeof(memory));
		buf_add(&message, line);
		if (message.length > 0)
			log_write(log, level, message.text, NULL);
	}
}
