/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Options from tables. getopt_long(3) knows the rules of command lines; this file turns
 * rows into its arguments, and its answers into calls of the rows. getopt keeps its
 * place in globals, so there is one parse at a time, in the main thread.
 */
#include "core/options.h"

#include "core/file.h"
#include "core/threshold.h"

#include "nearest.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

enum {
	ROWS_MAX = 64,
	LONG_BASE = 256, /* what getopt returns for row i: LONG_BASE + i */
	COLUMNS = 80,
	HELP_COLUMN = 30
};

/* All rows of all tables, in the form that getopt wants. */
struct parser {
	const struct option_row *rows[ROWS_MAX];
	void *settings[ROWS_MAX];
	size_t count;
	struct option longs[ROWS_MAX + 1];
	char shorts[2 * ROWS_MAX + 3];
};

static void
add_row(struct parser *parser, const struct option_row *row, void *settings)
{
	assert(parser->count < ROWS_MAX);
	size_t index = parser->count++;
	parser->rows[index] = row;
	parser->settings[index] = settings;
	parser->longs[index] = (struct option){
		.name = row->name,
		.has_arg = row->argument != NULL ? required_argument : no_argument,
		.val = LONG_BASE + (int)index,
	};
	if (row->letter == 0)
		return;
	size_t length = strlen(parser->shorts);
	parser->shorts[length] = row->letter;
	parser->shorts[length + 1] = row->argument != NULL ? ':' : '\0';
}

/* An earlier table has a row of that name. */
static bool
is_replaced(
    const struct option_table *tables, size_t earlier, const struct option_row *row)
{
	for (size_t i = 0; i < earlier; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			if (strcmp(tables[i].rows[j].name, row->name) == 0)
				return true;
	return false;
}

static void
parser_init(struct parser *parser, const struct option_table *tables, size_t count)
{
	memset(parser, 0, sizeof(*parser));
	/* '-': positional arguments come in their order, as option 1; ':': a missing
	 * value is told apart from an unknown option. */
	memcpy(parser->shorts, "-:", 3);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			if (!is_replaced(tables, i, &tables[i].rows[j]))
				add_row(parser, &tables[i].rows[j], tables[i].settings);
}

static size_t
row_of(const struct parser *parser, int found)
{
	if (found >= LONG_BASE)
		return (size_t)(found - LONG_BASE);
	for (size_t i = 0; i < parser->count; i++)
		if (parser->rows[i]->letter == found)
			return i;
	return parser->count;
}

/* The long option whose name is nearest to a mistyped one; NULL when none is near. */
static const char *
nearest_option(const struct parser *parser, struct span name)
{
	const char *best = NULL;
	unsigned best_distance = 4;
	for (size_t i = 0; i < parser->count; i++) {
		const char *candidate = parser->rows[i]->name;
		unsigned distance = nearest_distance(name, span_text(candidate));
		if (distance < best_distance) {
			best_distance = distance;
			best = candidate;
		}
	}
	return best;
}

static void
explain_unknown(const struct parser *parser, const char *argument, struct buf *why)
{
	struct span name = span_text(argument);
	if (!span_take_byte(&name, '-') || !span_take_byte(&name, '-')) {
		buf_addf(why, "unknown option -%c",
		    byte_is_printable((uint8_t)optopt) ? optopt : '?');
		return;
	}
	struct span before_value;
	span_take_until_or_end(&name, '=', &before_value);
	buf_add_text(why, "unknown option --");
	buf_add_safe(why, before_value);
	const char *nearest = nearest_option(parser, before_value);
	if (nearest != NULL)
		buf_addf(why, " (did you mean --%s?)", nearest);
}

static enum status
fail(const struct parser *parser, int found, const char *argument, struct buf *why)
{
	size_t index = row_of(parser, optopt);
	if (found == ':' && index < parser->count) {
		const struct option_row *row = parser->rows[index];
		buf_addf(
		    why, "option --%s needs a value: %s", row->name, row->argument);
	} else if (index < parser->count && optopt >= LONG_BASE) {
		buf_addf(why, "option --%s takes no value", parser->rows[index]->name);
	} else {
		explain_unknown(parser, argument, why);
	}
	return STATUS_MALFORMED;
}

/* Hands one value over; a refusal becomes "option: value: what was expected". */
static enum status
apply(const struct option_row *row, void *settings, const char *value, struct buf *why)
{
	struct span text = span_text(value != NULL ? value : "");
	size_t start = why->length;
	enum status status = row->set(settings, text, why);
	if (status == STATUS_OK)
		return status;

	char memory[256];
	struct buf reason;
	buf_wrap(&reason, memory, sizeof(memory));
	buf_add(&reason, span_slice(buf_span(why), start, why->length));
	buf_shorten(why, start);
	buf_addf(why, "--%s '", row->name);
	buf_add_safe(why, text);
	buf_addf(why, "': %s", reason.length > 0 ? reason.text : status_text(status));
	return status;
}

enum status
options_parse(int argc, char *const argv[], const struct option_table *tables,
    size_t count, enum status (*positional)(void *, struct span, struct buf *),
    void *settings, struct buf *why)
{
	struct parser parser;
	parser_init(&parser, tables, count);
	optind = 0; /* glibc: forget earlier command lines */
	opterr = 0;
	enum status status = STATUS_OK;
	while (status == STATUS_OK) {
		int at = optind > 0 ? optind : 1;
		int found = getopt_long(argc, argv, parser.shorts, parser.longs, NULL);
		if (found == -1)
			break;
		if (found == '?' || found == ':')
			return fail(&parser, found, argv[at], why);
		if (found == 1) {
			status = positional(settings, span_text(optarg), why);
			continue;
		}
		size_t row = row_of(&parser, found);
		assert(row < parser.count);
		status = apply(parser.rows[row], parser.settings[row], optarg, why);
	}
	for (; status == STATUS_OK && optind < argc; optind++) /* behind "--" */
		status = positional(settings, span_text(argv[optind]), why);
	return status;
}

void
options_wrap(struct buf *out, const char *text, size_t indent)
{
	struct split words = { .rest = span_text(text) };
	struct span word;
	size_t column = indent;
	while (split_next(&words, ' ', &word)) {
		if (column > indent && column + 1 + word.length > COLUMNS) {
			buf_addf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			buf_add_byte(out, ' ');
			column++;
		}
		buf_add(out, word);
		column += word.length;
	}
	buf_add_byte(out, '\n');
}

static void
add_usage_row(struct buf *out, const struct option_row *row)
{
	size_t start = out->length;
	if (row->letter != 0)
		buf_addf(out, "  -%c, --%s", row->letter, row->name);
	else
		buf_addf(out, "      --%s", row->name);
	if (row->argument != NULL)
		buf_addf(out, " %s", row->argument);

	size_t width = out->length - start;
	if (width + 2 > HELP_COLUMN)
		buf_addf(out, "\n%*s", HELP_COLUMN, "");
	else
		buf_addf(out, "%*s", (int)(HELP_COLUMN - width), "");
	options_wrap(out, row->help, HELP_COLUMN);
}

void
options_usage(struct buf *out, const struct option_table *tables, size_t table_count)
{
	for (size_t i = 0; i < table_count; i++) {
		if (tables[i].count == 0)
			continue;
		buf_addf(out, "\n%s:\n", tables[i].heading);
		for (size_t j = 0; j < tables[i].count; j++)
			if (!is_replaced(tables, i, &tables[i].rows[j]))
				add_usage_row(out, &tables[i].rows[j]);
	}
}

enum status
option_number(
    struct span value, double min, double max, double *number, struct buf *why)
{
	struct threshold range; /* its grammar holds the only decimal numbers we read */
	bool plain = !span_contains_byte(value, ':') && !span_contains_byte(value, '@');
	if (plain && threshold_parse(&range, value) == STATUS_OK && range.end >= min &&
	    range.end <= max) {
		*number = range.end;
		return STATUS_OK;
	}
	buf_add_text(why, "expected a number from ");
	buf_add_number(why, min, 3);
	buf_add_text(why, " to ");
	buf_add_number(why, max, 3);
	return STATUS_OUT_OF_RANGE;
}

static void
begin_text(struct buf *text, size_t max)
{
	buf_free(text);
	buf_init(text, max);
}

enum status
option_text(struct buf *text, size_t max, struct span value, struct buf *why)
{
	begin_text(text, max);
	buf_add(text, value);
	if (!text->cut)
		return STATUS_OK;
	buf_addf(why, "longer than %zu bytes", max);
	return STATUS_TOO_MANY;
}

enum status
option_file(struct buf *text, size_t max, struct span path, struct buf *why)
{
	char name[PATH_MAX];
	struct buf path_text;
	begin_text(text, max);
	buf_wrap(&path_text, name, sizeof(name));
	buf_add(&path_text, path);
	int failed = path_text.cut ? ENAMETOOLONG : file_read(text, name);
	if (failed == EFBIG)
		buf_addf(why, "larger than %zu bytes", max);
	else if (failed)
		buf_add_text(why, strerror(failed));
	return failed ? STATUS_UNREADABLE : STATUS_OK;
}

enum status
option_line_file(struct buf *text, size_t max, struct span path, struct buf *why)
{
	enum status status = option_file(text, max, path, why);
	size_t length = text->length;
	while (length > 0 &&
	    (text->text[length - 1] == '\n' || text->text[length - 1] == '\r'))
		length--;
	buf_shorten(text, length);
	return status;
}
