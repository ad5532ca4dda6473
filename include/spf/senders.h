/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* senders: what receivers say to mail from given addresses, against what was expected.
 */
#ifndef MAILGAUGE_SPF_SENDERS_H
#define MAILGAUGE_SPF_SENDERS_H

#include "core/report.h"
#include "core/store.h"
#include "dns/name.h"
#include "spf/check_host.h"
#include "spf/settings.h"

struct spf_verdicts {
	const struct spf_settings *settings;
	struct spf_verdict *list; /* one for each sender of the settings */
};

/* Evaluates all of them; what is missing is wanted. */
struct spf_verdicts spf_senders_check(struct view *view, struct arena *arena,
    const struct dns_name *domain, int64_t now_seconds,
    const struct spf_settings *settings);

/* Findings, the trace, and a summary where senders were given; NULL where none were. */
const char *spf_senders_report(
    struct report *report, const struct spf_verdicts *verdicts);

#endif
