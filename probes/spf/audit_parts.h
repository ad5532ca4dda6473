/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * audit_parts: what the files of the audit share. Each looks at one side of a tree:
 * audit.c at the whole, audit_record.c at one record's text, audit_targets.c at where
 * terms lead, audit_ranges.c at addresses, audit_side.c at what stands beside.
 */
#ifndef MAILGAUGE_SPF_AUDIT_PARTS_H
#define MAILGAUGE_SPF_AUDIT_PARTS_H

#include "core/report.h"
#include "spf/audit.h"
#include "spf/side.h"
#include "spf/tree.h"

#include <stdbool.h>

struct audit {
	struct report *report;
	struct arena *arena;
	const struct spf_tree *tree;
	const struct spf_side *side;
	const struct spf_audit_settings *settings;
};

/* Places of findings. They cost time: make them for findings only. */
struct place audit_node_place(const struct audit *audit, const struct spf_node *node);
struct place audit_term_place(const struct audit *audit, const struct spf_node *node,
    const struct spf_term *term);

/* The target was visited before, in the order of the tree. */
bool audit_is_repeated(const struct audit *audit, const struct spf_node *node);

/* Checks of one record of the tree. */
void audit_record(const struct audit *audit, const struct spf_node *node);
void audit_targets(const struct audit *audit, const struct spf_node *node);

/* Checks of the tree as a whole. */
void audit_duplicates(const struct audit *audit);
void audit_strays(const struct audit *audit);
void audit_ranges(const struct audit *audit);
void audit_side(const struct audit *audit);

#endif
