/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * svg_tree: the tree of SPF includes as a picture in which one sees where the DNS
 * lookups go. Each term that costs some is a row; behind it lies a bar from the lookup
 * at which receivers come to it to the one at which they are through with it, against
 * one scale for all, on which the limit is a line (RFC 7208 4.6.4). The branch that
 * leads to a term is as thick as it is expensive.
 */
#ifndef MAILGAUGE_EXPORTER_SVG_TREE_H
#define MAILGAUGE_EXPORTER_SVG_TREE_H

#include "core/buf.h"
#include "core/report.h"

/* `tree` as it stands in the section "spf" of a trace. */
void svg_tree_write(struct buf *out, const struct trace *tree);

#endif
