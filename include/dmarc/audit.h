/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * audit: what an expert would say of a domain's DMARC, as findings. It looks at facts
 * that are there already and asks nothing.
 */
#ifndef MAILGAUGE_DMARC_AUDIT_H
#define MAILGAUGE_DMARC_AUDIT_H

#include "core/report.h"
#include "core/truth.h"
#include "dmarc/destination.h"
#include "dmarc/discovery.h"
#include "dmarc/policy.h"
#include "dmarc/settings.h"
#include "dmarc/side.h"
#include "dns/question.h"

#include <stdbool.h>

/* All that was found out about one domain. */
struct dmarc_evidence {
	const struct dmarc_settings *settings;
	const struct dmarc_walk *walk;
	const struct dmarc_step *own; /* the walk's first step */
	const struct dmarc_step
	    *step; /* whose record decides; NULL: none, or unknown */
	struct dmarc_verdict verdict;
	const struct dmarc_side *side;
	const struct dmarc_destinations *destinations;
	struct dns_result apex_txt; /* of the domain itself */
	enum truth exists;          /* the domain itself; no is NXDOMAIN */
	bool trusts_ad; /* then an answer without AD is not signed (probe.h) */
};

/* Which policy the domain has, or that it has none. */
bool dmarc_policy_is_known(const struct dmarc_evidence *evidence);

void dmarc_audit(struct report *report, const struct dmarc_evidence *evidence);

#endif
