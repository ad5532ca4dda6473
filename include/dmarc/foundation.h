/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * foundation: what DMARC rests on. It passes mail by SPF or DKIM: with a broken SPF
 * record and no usable key, p=reject refuses the domain's own mail. So the SPF tree is
 * walked by the SPF probe's own parts, and key records are read, over the same facts.
 */
#ifndef MAILGAUGE_DMARC_FOUNDATION_H
#define MAILGAUGE_DMARC_FOUNDATION_H

#include "core/report.h"
#include "core/store.h"
#include "dmarc/settings.h"
#include "dns/name.h"
#include "spf/tree.h"

#include <stdbool.h>

/* Wants what is missing and goes on. */
struct spf_tree *dmarc_foundation_ask(struct view *view, struct arena *arena,
    const struct dns_name *domain, const struct dmarc_settings *settings);

/* Adds what makes receivers take SPF for failed or broken, under the SPF probe's ids,
 * and faults of key records under the DKIM probe's. Call it when nothing is wanted. */
void dmarc_foundation_audit(struct report *report, struct view *view,
    const struct dns_name *domain, const struct spf_tree *tree,
    const struct dmarc_settings *settings);

/* What SPF amounts to, for the report's section: "found", "missing", … */
const char *dmarc_foundation_spf_text(const struct spf_tree *tree);

#endif
