/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * audit_parts: what the files of the audit share. audit.c looks at the walk and the
 * policy, audit_record.c at the record's text, audit_reports.c at where reports go.
 */
#ifndef MAILGAUGE_DMARC_AUDIT_PARTS_H
#define MAILGAUGE_DMARC_AUDIT_PARTS_H

#include "core/report.h"
#include "dmarc/audit.h"

struct audit {
	struct report *report;
	struct arena *arena;
	const struct dmarc_evidence *evidence;
};

/* Places of findings: a name of the walk, and a tag of its record. */
struct place dmarc_step_place(const struct audit *audit, const struct dmarc_step *step);
struct place dmarc_tag_place(
    const struct audit *audit, const struct dmarc_step *step, const struct tag *tag);

void dmarc_audit_record(const struct audit *audit);
void dmarc_audit_reports(const struct audit *audit);

#endif
