/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * audit: what an expert would say of a tree, as findings. It looks at facts that are
 * there already and asks nothing; what it needs beside the tree comes from spf/side.h.
 */
#ifndef MAILGAUGE_SPF_AUDIT_H
#define MAILGAUGE_SPF_AUDIT_H

#include "core/limits.h"
#include "core/report.h"
#include "spf/side.h"
#include "spf/tree.h"

#include <stddef.h>

struct spf_audit_settings {
	/* Names of senders that carry much mail, besides those of the table. */
	size_t high_volume_count;
	struct dns_name high_volume[LIMIT_SPF_HIGH_VOLUME];
};

void spf_audit(struct report *report, const struct spf_tree *tree,
    const struct spf_side *side, const struct spf_audit_settings *settings);

/* What a branch costs, dearest first: "include:a.example 8, mx 1". Goes down to the
 * first record with more than one term that costs. */
const char *spf_audit_costs(struct arena *arena, const struct spf_tree *tree);

/* How many addresses the tree permits. */
struct spf_authorized {
	bool known; /* false: a +all behind exclusions, or too many ranges */
	double ip4_addresses;
	double ip6_prefixes;
};
struct spf_authorized spf_audit_authorized(
    struct arena *arena, const struct spf_tree *tree);

#endif
