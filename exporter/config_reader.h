/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * config_reader: reads the mappings of a tree by tables of keys. What a key means is
 * with whoever has the table: config_schema.c, config_targets.c and their like.
 *
 *	static const struct key keys[] = {
 *		{ "timeout", CONFIG_SCALAR, "a duration such as 20s", read_timeout, 0 },
 *		{ "quick", CONFIG_SCALAR, "true or false", reader_truth,
 *		    offsetof(struct module, quick) },
 *	};
 *	static const struct schema schema = { " of a module", keys, ARRAY_LENGTH(keys)
 *}; reader_read_mapping(reader, node, &schema, &module);
 *
 * What is always true: every fault is told with its line, and none ends the reading.
 */
#ifndef MAILGAUGE_EXPORTER_CONFIG_READER_H
#define MAILGAUGE_EXPORTER_CONFIG_READER_H

#include "config.h"
#include "config_tree.h"

#include "core/arena.h"
#include "core/attributes.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	struct arena *arena; /* of what is kept, and of texts in messages */
	const char *file;
	struct config_messages *messages;
	struct config *config; /* NULL where another file is read */
};

struct key {
	const char *name;
	enum config_kind kind;
	const char *expected; /* "a duration such as 5m" */
	void (*read)(struct reader *reader, const struct config_node *node, void *into);
	size_t offset; /* of what it is read into, in what the mapping is */
};

/* A mapping whose keys are ours; at most 32. */
struct schema {
	const char *where; /* behind a key in messages: " of a target" */
	const struct key *keys;
	size_t count;
};

void reader_read_mapping(struct reader *reader, const struct config_node *mapping,
    const struct schema *schema, void *into);

/* False, and complained of, when the node is of another kind or has no value. */
bool reader_has_kind(struct reader *reader, const struct config_node *node,
    enum config_kind kind, const char *name, const char *expected) MUST_CHECK;

/* Values within bounds. What is not one is complained of, and left as it was. A range
 * is what messages call the bounds: "1s to 30d". */
void reader_number(struct reader *reader, const struct config_node *node,
    const char *name, uint32_t min, uint32_t max, uint32_t *number);
void reader_duration(struct reader *reader, const struct config_node *node,
    const char *name, int64_t min_ms, int64_t max_ms, const char *range,
    int64_t *duration_ms);

/* For the rows of a table: a bool. */
void reader_truth(struct reader *reader, const struct config_node *node, void *into);

/* A path as it is opened: relative ones are below the folder of the file that is read.
 */
const char *reader_path(struct reader *reader, struct span text);

void reader_complain(struct reader *reader, const struct config_node *node,
    const char *format, ...) PRINTF_LIKE(3, 4);
struct config_place reader_place(
    const struct reader *reader, const struct config_node *node);

/* A value as messages repeat it: made safe, and cut. */
const char *reader_shown(struct reader *reader, struct span value);

#endif
