/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The one room of libyaml. Its events become nodes of ours; what they mean is
 * config.c's business. Events, not its document interface: so the caps hold while the
 * text is read, and an alias is seen as one before it has multiplied anything.
 */
#include "config_tree.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <yaml.h>

struct builder {
	yaml_parser_t parser;
	struct arena *arena;
	struct span yaml;
	size_t nodes;
	struct buf *why;
	unsigned *line;
};

static unsigned
line_of(const yaml_mark_t *mark)
{
	return (unsigned)mark->line + 1;
}

/* libyaml gives bytes it can't decode an offset, but no line. */
static unsigned
line_at(struct span text, size_t offset)
{
	struct split lines = { .rest = span_slice(text, 0, offset) };
	struct span line;
	unsigned number = 0;
	while (split_next(&lines, '\n', &line))
		number++;
	return number > 0 ? number : 1;
}

static void
refuse(struct builder *builder, unsigned line, const char *why)
{
	*builder->line = line;
	buf_add_text(builder->why, why);
}

static void
refuse_syntax(struct builder *builder)
{
	const yaml_parser_t *parser = &builder->parser;
	if (parser->error == YAML_MEMORY_ERROR)
		die_unknown("out of memory");
	if (parser->error == YAML_READER_ERROR) {
		refuse(builder, line_at(builder->yaml, parser->problem_offset),
		    "not readable as UTF-8 text");
		return;
	}
	refuse(builder, line_of(&parser->problem_mark), "not valid YAML: ");
	buf_add_text(builder->why, parser->problem);
}

static bool
next_event(struct builder *builder, yaml_event_t *event)
{
	if (yaml_parser_parse(&builder->parser, event))
		return true;
	refuse_syntax(builder);
	return false;
}

/* Takes the next event, which has to be of that type. */
static bool
expect(struct builder *builder, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t event;
	if (!next_event(builder, &event))
		return false;
	bool is_expected = event.type == type;
	if (!is_expected)
		refuse(builder, line_of(&event.start_mark), otherwise);
	yaml_event_delete(&event);
	return is_expected;
}

/* Whether the value carries an anchor or a tag, or stands for one that does. */
static bool
is_decorated(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor != NULL ||
		    event->data.scalar.tag != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL ||
		    event->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL ||
		    event->data.mapping_start.tag != NULL;
	default:
		return true; /* an alias */
	}
}

static struct span
scalar_text(struct builder *builder, const yaml_event_t *event)
{
	return arena_copy(builder->arena,
	    span_of(event->data.scalar.value, event->data.scalar.length));
}

/* A node without children yet; NULL where the event is not one that may begin one. */
static struct config_node *
node_new(struct builder *builder, const yaml_event_t *event)
{
	unsigned line = line_of(&event->start_mark);
	if (is_decorated(event)) {
		refuse(builder, line, "anchors, aliases and tags are not supported");
		return NULL;
	}
	if (++builder->nodes > LIMIT_CONFIG_NODES) {
		refuse(
		    builder, line, "too many values; put long lists into target_files");
		return NULL;
	}
	struct config_node *node = arena_alloc(builder->arena, sizeof(*node));
	node->line = line;
	node->kind = CONFIG_MAPPING;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		node->kind = CONFIG_LIST;
	if (event->type == YAML_SCALAR_EVENT) {
		node->kind = CONFIG_SCALAR;
		node->text = scalar_text(builder, event);
	}
	return node;
}

static struct config_node *read_value(
    struct builder *builder, yaml_event_t *event, unsigned depth);

/* A key, which `event` is and which is consumed, and the value behind it. */
static struct config_node *
read_pair(struct builder *builder, yaml_event_t *event, unsigned depth)
{
	unsigned line = line_of(&event->start_mark);
	bool is_plain = event->type == YAML_SCALAR_EVENT && !is_decorated(event);
	struct span key = { NULL, 0 };
	if (is_plain)
		key = scalar_text(builder, event);
	yaml_event_delete(event);
	if (!is_plain) {
		refuse(builder, line, "a key has to be plain text");
		return NULL;
	}

	yaml_event_t value;
	if (!next_event(builder, &value))
		return NULL;
	struct config_node *node = read_value(builder, &value, depth);
	if (node == NULL)
		return NULL;
	node->key = key;
	node->line = line;
	return node;
}

static bool
read_children(struct builder *builder, struct config_node *parent, unsigned depth)
{
	struct config_node **end = &parent->first;
	for (;;) {
		yaml_event_t event;
		if (!next_event(builder, &event))
			return false;
		if (event.type == YAML_SEQUENCE_END_EVENT ||
		    event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return true;
		}
		struct config_node *child = parent->kind == CONFIG_MAPPING
		    ? read_pair(builder, &event, depth)
		    : read_value(builder, &event, depth);
		if (child == NULL)
			return false;
		*end = child;
		end = &child->next;
	}
}

/* The value that begins with `event`, which is consumed. */
static struct config_node *
read_value(struct builder *builder, yaml_event_t *event, unsigned depth)
{
	struct config_node *node = node_new(builder, event);
	yaml_event_delete(event);
	if (node == NULL || node->kind == CONFIG_SCALAR)
		return node;
	if (depth == LIMIT_CONFIG_DEPTH) {
		refuse(builder, node->line, "lists and mappings are nested too deep");
		return NULL;
	}
	return read_children(builder, node, depth + 1) ? node : NULL;
}

static struct config_node *
read_document(struct builder *builder)
{
	if (!expect(builder, YAML_STREAM_START_EVENT, "no text") ||
	    !expect(builder, YAML_DOCUMENT_START_EVENT, "the file is empty"))
		return NULL;
	yaml_event_t event;
	if (!next_event(builder, &event))
		return NULL;
	struct config_node *root = read_value(builder, &event, 0);
	if (root == NULL ||
	    !expect(builder, YAML_DOCUMENT_END_EVENT, "text behind the end") ||
	    !expect(builder, YAML_STREAM_END_EVENT,
		"a second document begins; one file holds one"))
		return NULL;
	return root;
}

struct config_node *
config_tree_read(struct arena *arena, struct span yaml, struct buf *why, unsigned *line)
{
	struct builder builder = {
		.arena = arena, .yaml = yaml, .why = why, .line = line
	};
	*line = 1;
	if (!yaml_parser_initialize(&builder.parser))
		die_unknown("out of memory");
	yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&builder.parser,
	    yaml.length > 0 ? yaml.bytes : (const uint8_t *)"", yaml.length);
	struct config_node *root = read_document(&builder);
	yaml_parser_delete(&builder.parser);
	assert(root != NULL || why->length > 0);
	return root;
}
