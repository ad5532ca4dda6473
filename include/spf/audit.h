/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * audit: what an expert would say of a tree, as findings. It looks at facts that are
 * there already and asks nothing.
 */
#ifndef MAILGAUGE_SPF_AUDIT_H
#define MAILGAUGE_SPF_AUDIT_H

#include "core/report.h"
#include "spf/tree.h"

void spf_audit(struct report *report, const struct spf_tree *tree);

/* What a branch costs, dearest first: "include:a.example 8, mx 1". Goes down to the
 * first record with more than one term that costs. */
const char *spf_audit_costs(struct arena *arena, const struct spf_tree *tree);

#endif
