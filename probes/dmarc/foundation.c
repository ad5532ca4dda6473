/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * SPF by its own tree and audit, without the questions that stand beside a tree, and
 * key records without a look into the keys: of all findings only those count here that
 * leave receivers without a usable result.
 */
#include "dmarc/foundation.h"

#include "dkim/audit.h"
#include "spf/audit.h"
#include "spf/side.h"

struct dmarc_foundation
dmarc_foundation_ask(struct view *view, struct arena *arena,
    const struct dns_name *domain, const struct dmarc_settings *settings)
{
	struct dmarc_foundation foundation = {
		.spf = spf_tree_walk(view, arena, domain),
		.selector_count = settings->selector_count,
	};
	foundation.selectors = arena_alloc_array(
	    arena, foundation.selector_count, sizeof(*foundation.selectors));
	for (size_t i = 0; i < foundation.selector_count; i++)
		dkim_selector_look(&foundation.selectors[i], view, arena,
		    &settings->selectors[i], domain);
	return foundation;
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
take_grave_findings(struct report *report, const struct report *from, const char *about)
{
	for (size_t i = 0; i < from->finding_count; i++) {
		const struct finding *finding = &from->findings[i];
		const struct place place = { finding->subject, finding->path,
			finding->term, finding->position };
		if (is_grave(finding->id))
			report_finding_as(report, finding->id, finding->severity,
			    &place, "%s: %s", about, finding->message);
	}
	report->could_not_tell |= from->could_not_tell;
}

static struct report
report_beside(const struct report *report)
{
	struct report beside;
	report_init(&beside, report->arena, report->policy, report->probe,
	    report->title, report->subject);
	beside.timed_out = report->timed_out;
	beside.told = report->told;
	return beside;
}

void
dmarc_foundation_audit(struct report *report, const struct dmarc_foundation *foundation)
{
	static const struct spf_audit_settings spf_settings;
	static const struct spf_side nothing_beside;
	struct report spf = report_beside(report), dkim = report_beside(report);
	spf_audit(&spf, foundation->spf, &nothing_beside, &spf_settings);
	take_grave_findings(report, &spf, "SPF");
	for (size_t i = 0; i < foundation->selector_count; i++)
		dkim_audit(&dkim, &foundation->selectors[i]);
	take_grave_findings(report, &dkim, "DKIM");
}

const char *
dmarc_foundation_spf_text(const struct dmarc_foundation *foundation)
{
	switch (foundation->spf->root->state) {
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
