/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * options: command lines as tables. getopt_long(3) does the parsing; what a row means,
 * the usage text and the completions all come from the same row.
 *
 *	static enum status set_port(void *settings, struct span value, struct buf *why);
 *	static const struct option_row rows[] = {
 *		{ 'p', "port", "PORT", "TCP port of the server", set_port },
 *	};
 *
 * Messages go into a buf; nothing here prints or ends the process.
 */
#ifndef MAILGAUGE_CORE_OPTIONS_H
#define MAILGAUGE_CORE_OPTIONS_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"

#include <stddef.h>

struct option_row {
	char letter;          /* 0: only the long form */
	const char *name;     /* long form without dashes */
	const char *argument; /* what the value is called, NULL: takes none */
	const char *help;     /* one sentence, wrapped by the usage text */

	/* Takes the value (empty when there is none) into the table's settings. May
	 * write to `why` what is wrong with it or what was expected. */
	enum status (*set)(void *settings, struct span value, struct buf *why);
};

/* Rows that fill one settings object. A command line is parsed against several; a row
 * takes the place of those in later tables that have its name. */
struct option_table {
	const struct option_row *rows;
	size_t count;
	void *settings;
	const char *heading; /* above its rows in the usage text */
};

/*
 * Parses argv[1..]. Positional arguments are handed to `positional` one by one. On
 * failure `why` holds one line: the option, the value and what was expected.
 */
enum status options_parse(int argc, char *const argv[],
    const struct option_table *tables, size_t count,
    enum status (*positional)(void *, struct span, struct buf *), void *settings,
    struct buf *why) MUST_CHECK;

/* The rows as text, at most 80 columns wide. */
void options_usage(
    struct buf *out, const struct option_table *tables, size_t table_count);

/* Words, wrapped at the same width. The first line goes on at column `indent`, the
 * others begin with as many blanks. */
void options_wrap(struct buf *out, const char *text, size_t indent);

/* Common values. */
enum status option_number(struct span value, double min, double max, double *number,
    struct buf *why) MUST_CHECK;

/* Texts of at most `max` bytes, as a value or in a file, where "-" is standard input.
 * What `text` held before is dropped: the last one given counts. Ends with buf_free().
 */
enum status option_text(
    struct buf *text, size_t max, struct span value, struct buf *why) MUST_CHECK;
enum status option_file(
    struct buf *text, size_t max, struct span path, struct buf *why) MUST_CHECK;

/* Of a file that holds one line: without line ends at its end. */
enum status option_line_file(
    struct buf *text, size_t max, struct span path, struct buf *why) MUST_CHECK;

#endif
