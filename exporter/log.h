/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * log: one line an event on standard error, as logfmt or JSON.
 *
 *	log_write(log, LOG_LEVEL_INFO, "listening",
 *	    LOG_FIELDS({ "address", address, 0 }, { "domains", NULL, count }));
 *
 * What is always true:
 *  - values may hold any bytes: they are made safe and quoted here;
 *  - a line is written by one write(2), so that threads don't mix theirs;
 *  - a struct log does not change after it was set up, and may be shared.
 */
#ifndef MAILGAUGE_EXPORTER_LOG_H
#define MAILGAUGE_EXPORTER_LOG_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

struct log {
	enum log_level level; /* what is below it is dropped */
	enum log_format format;
};

/* A value is a text, or where that is NULL a number. */
struct log_field {
	const char *name; /* NULL ends a list */
	const char *text;
	int64_t number;
};

#define LOG_FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { NULL, NULL, 0 } })

/* `fields` may be NULL. */
void log_write(const struct log *log, enum log_level level, const char *message,
    const struct log_field *fields);

/* Each line of a text as a message. */
void log_write_lines(const struct log *log, enum log_level level, struct span text);

/* The line alone, with its line end. */
void log_add_line(struct buf *out, enum log_format format, int64_t unix_ms,
    enum log_level level, const char *message, const struct log_field *fields);

bool log_level_by_name(struct span name, enum log_level *level) MUST_CHECK;
bool log_format_by_name(struct span name, enum log_format *format) MUST_CHECK;

#endif
