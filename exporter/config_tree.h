/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * config_tree: a YAML text as a tree whose nodes know their line.
 *
 * What is always true of a tree:
 *  - it is one document of lists, mappings and scalars, at most LIMIT_CONFIG_DEPTH deep
 *    and with at most LIMIT_CONFIG_NODES nodes; every key is a scalar;
 *  - anchors, aliases and tags are refused: a configuration has no use for them, and
 *    without them its size is the size of its text;
 *  - texts are UTF-8 and not yet safe to print; everything lives in the arena.
 */
#ifndef MAILGAUGE_EXPORTER_CONFIG_TREE_H
#define MAILGAUGE_EXPORTER_CONFIG_TREE_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"

#include <stdbool.h>

enum config_kind { CONFIG_SCALAR, CONFIG_LIST, CONFIG_MAPPING };

struct config_node {
	enum config_kind kind;
	unsigned line; /* from 1: where the value begins, or its key where it has one */
	struct span key;  /* in a mapping; else empty */
	struct span text; /* of a scalar; empty also for `key:` without a value */
	struct config_node *first, *next;
};

/* NULL when the text is no such document: `why` says what is wrong, `line` where. */
struct config_node *config_tree_read(
    struct arena *arena, struct span yaml, struct buf *why, unsigned *line) MUST_CHECK;

#endif
