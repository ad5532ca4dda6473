/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * finding: the catalogue of everything mailgauge can say about a domain's mail.
 *
 * One row of findings.def is one finding. Its id is its symbol in lower case with
 * dashes (SPF_TXT_SIZE is "spf-txt-size"): stable, never renamed, never reused. The
 * severity in the table is the default; users override it by id.
 */
#ifndef MAILGAUGE_CORE_FINDING_H
#define MAILGAUGE_CORE_FINDING_H

#include "core/attributes.h"
#include "core/span.h"

#include <stdbool.h>

/* What a finding means for the state, from weakest to strongest: when partial results
 * merge, CRITICAL counts over WARNING over UNKNOWN over OK. IGNORE drops the finding,
 * INFO shows it and never changes the state. */
enum severity {
	SEVERITY_IGNORE,
	SEVERITY_INFO,
	SEVERITY_UNKNOWN,
	SEVERITY_WARNING,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

/* The state of a check, valued as a monitoring plugin exits. */
enum state { STATE_OK, STATE_WARNING, STATE_CRITICAL, STATE_UNKNOWN, STATE_COUNT };

enum finding_id {
#define FINDING(symbol, severity, title, why, remedy, reference) FINDING_##symbol,
#include "core/findings.def"
#undef FINDING
	FINDING_COUNT
};

struct finding_info {
	const char *id; /* "spf-txt-size" */
	enum severity severity;
	const char *title;     /* a few words, no full stop */
	const char *why;       /* why it matters: a sentence or two */
	const char *remedy;    /* what to do: a sentence or two */
	const char *reference; /* "RFC 7208 3.4", or "-" */
};

const struct finding_info *finding_info(enum finding_id id);

/* False when there is no such id. */
bool finding_by_name(struct span name, enum finding_id *id) MUST_CHECK;

/* The id that a mistyped one most likely means. */
const char *finding_nearest(struct span name);

const char *severity_text(enum severity severity); /* "warning" */
bool severity_by_name(struct span name, enum severity *severity) MUST_CHECK;
enum state severity_state(enum severity severity);

const char *state_text(enum state state); /* "WARNING" */
bool state_by_name(struct span name, enum state *state) MUST_CHECK;
enum state state_worst(enum state a, enum state b);

#endif
