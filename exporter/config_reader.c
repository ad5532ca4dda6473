/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Mappings by table, for every file of settings. A key that is in no table is an error,
 * since a typing error that is taken for nothing is a check that never runs.
 */
#include "config_reader.h"

#include "config_schema.h"

#include "core/limits.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

struct config_place
reader_place(const struct reader *reader, const struct config_node *node)
{
	return (struct config_place){ reader->file, node->line };
}

void
reader_complain(
    struct reader *reader, const struct config_node *node, const char *format, ...)
{
	char memory[LIMIT_MESSAGE];
	struct buf message;
	buf_wrap(&message, memory, sizeof(memory));
	va_list values;
	va_start(values, format);
	buf_addv(&message, format, values);
	va_end(values);
	config_error(reader->messages, reader_place(reader, node), "%s", message.text);
}

const char *
reader_shown(struct reader *reader, struct span value)
{
	return config_shown(reader->arena, value);
}

static const char *
kind_text(const struct config_node *node)
{
	if (node->kind == CONFIG_LIST)
		return "a list";
	if (node->kind == CONFIG_MAPPING)
		return "a mapping";
	return node->text.length > 0 ? "a single value" : "nothing";
}

bool
reader_has_kind(struct reader *reader, const struct config_node *node,
    enum config_kind kind, const char *name, const char *expected)
{
	if (node->kind == kind && (kind != CONFIG_SCALAR || node->text.length > 0))
		return true;
	reader_complain(
	    reader, node, "%s: expected %s, found %s", name, expected, kind_text(node));
	return false;
}

static void
complain_key(
    struct reader *reader, const struct config_node *node, const struct schema *schema)
{
	char memory[256];
	struct buf known;
	buf_wrap(&known, memory, sizeof(memory));
	for (size_t i = 0; i < schema->count; i++)
		buf_addf(&known, "%s%s", i > 0 ? ", " : "", schema->keys[i].name);
	reader_complain(reader, node, "unknown key '%s'%s, expected %s%s",
	    reader_shown(reader, node->key), schema->where,
	    schema->count > 1 ? "one of " : "", known.text);
}

/* Reads one entry; `seen` has a bit for each key that stood before it. */
static void
read_entry(struct reader *reader, const struct config_node *node,
    const struct schema *schema, void *into, uint32_t *seen)
{
	for (size_t i = 0; i < schema->count; i++) {
		const struct key *key = &schema->keys[i];
		if (!span_equal(node->key, span_text(key->name)))
			continue;
		uint32_t bit = (uint32_t)1 << i;
		if (*seen & bit)
			reader_complain(reader, node, "key '%s' stands twice%s",
			    key->name, schema->where);
		else if (reader_has_kind(
			     reader, node, key->kind, key->name, key->expected))
			key->read(reader, node, (char *)into + key->offset);
		*seen |= bit;
		return;
	}
	complain_key(reader, node, schema);
}

void
reader_read_mapping(struct reader *reader, const struct config_node *mapping,
    const struct schema *schema, void *into)
{
	uint32_t seen = 0;
	assert(schema->count <= 32);
	for (const struct config_node *node = mapping->first; node; node = node->next)
		read_entry(reader, node, schema, into, &seen);
}

const char *
reader_path(struct reader *reader, struct span text)
{
	const char *slash = strrchr(reader->file, '/');
	if (slash == NULL || (text.length > 0 && text.bytes[0] == '/'))
		return arena_text(reader->arena, text);
	struct buf full;
	buf_init(&full, strlen(reader->file) + text.length);
	buf_add(&full, span_of(reader->file, (size_t)(slash + 1 - reader->file)));
	buf_add(&full, text);
	const char *path = arena_text(reader->arena, buf_span(&full));
	buf_free(&full);
	return path;
}

/* --- values --------------------------------------------------------------- */

void
reader_number(struct reader *reader, const struct config_node *node, const char *name,
    uint32_t min, uint32_t max, uint32_t *number)
{
	struct span rest = node->text;
	uint32_t value;
	if (span_take_number(&rest, max, &value) && rest.length == 0 && value >= min)
		*number = value;
	else
		reader_complain(reader, node,
		    "%s: '%s' is out of range, expected a number from %u to %u", name,
		    reader_shown(reader, node->text), min, max);
}

void
reader_truth(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct span yes = SPAN("true"), no = SPAN("false");
	bool is_true = span_equal(node->text, yes);
	if (is_true || span_equal(node->text, no))
		*(bool *)into = is_true;
	else
		reader_complain(reader, node,
		    "%s: '%s' is not a truth value, expected true or false",
		    reader_shown(reader, node->key), reader_shown(reader, node->text));
}

void
reader_duration(struct reader *reader, const struct config_node *node, const char *name,
    int64_t min_ms, int64_t max_ms, const char *range, int64_t *duration_ms)
{
	int64_t value_ms;
	if (!config_duration(node->text, &value_ms))
		reader_complain(reader, node,
		    "%s: '%s' is no duration, expected one such as 30s, 5m or 1h", name,
		    reader_shown(reader, node->text));
	else if (value_ms < min_ms || value_ms > max_ms)
		reader_complain(reader, node, "%s: %s is out of range, expected %s",
		    name, reader_shown(reader, node->text), range);
	else
		*duration_ms = value_ms;
}
