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
#include "dkim/selector.h"
#include "dmarc/settings.h"
#include "dns/name.h"
#include "spf/tree.h"

#include <stddef.h>

struct dmarc_foundation {
	struct spf_tree *spf;
	size_t selector_count; /* that were given */
	struct dkim_selector *selectors;
};

/* Wants what is missing and goes on. */
struct dmarc_foundation dmarc_foundation_ask(struct view *view, struct arena *arena,
    const struct dns_name *domain, const struct dmarc_settings *settings);

/* Adds what makes receivers take SPF or DKIM for failed or broken, under the ids of
 * their probes. */
void dmarc_foundation_audit(
    struct report *report, const struct dmarc_foundation *foundation);

/* What SPF amounts to, for the report's section: "found", "missing", "several"; NULL
 * where it could not be told. */
const char *dmarc_foundation_spf_text(const struct dmarc_foundation *foundation);

#endif
