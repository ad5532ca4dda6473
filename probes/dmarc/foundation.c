/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * SPF by its own tree and audit, without the questions that stand beside a tree: of all
 * findings only those count here that leave receivers without a usable SPF result.
 */
#include "dmarc/foundation.h"

#include "dmarc/record.h"
#include "spf/audit.h"
#include "spf/side.h"

struct spf_tree *
dmarc_foundation_ask(struct view *view, struct arena *arena,
    const struct dns_name *domain, const struct dmarc_settings *settings)
{
	(void)settings;
	return spf_tree_walk(view, arena, domain);
}

/* Critical by the catalogue, or a question that could not be answered. */
static bool
is_grave(enum finding_id id)
{
	enum severity severity = finding_info(id)->severity;
	return severity == SEVERITY_CRITICAL || severity == SEVERITY_UNKNOWN;
}

/* Takes over what another probe found; its severity was settled by the same policy. */
static void
take_grave_findings(struct report *report, const struct report *from)
{
	for (size_t i = 0; i < from->finding_count; i++) {
		const struct finding *finding = &from->findings[i];
		const struct place place = { finding->subject, finding->path,
			finding->term, finding->position };
		if (is_grave(finding->id))
			report_finding_as(report, finding->id, finding->severity,
			    &place, "SPF: %s", finding->message);
	}
	report->could_not_tell |= from->could_not_tell;
}

void
dmarc_foundation_audit(struct report *report, struct view *view,
    const struct dns_name *domain, const struct spf_tree *tree,
    const struct dmarc_settings *settings)
{
	static const struct spf_audit_settings spf_settings;
	static const struct spf_side nothing_beside;
	struct report spf;
	(void)view, (void)domain, (void)settings;
	report_init(&spf, report->arena, report->policy, "spf", "SPF", report->subject);
	spf.timed_out = report->timed_out;
	spf_audit(&spf, tree, &nothing_beside, &spf_settings);
	take_grave_findings(report, &spf);
}

const char *
dmarc_foundation_spf_text(const struct spf_tree *tree)
{
	switch (tree->root->state) {
	case SPF_NODE_RECORD:
		return "found";
	case SPF_NODE_SEVERAL:
		return "several";
	case SPF_NODE_NONE:
	case SPF_NODE_NO_NAME:
		return "missing";
	default:
		return NULL;
	}
}
