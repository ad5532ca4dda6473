/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * result: what is kept of a report until the next run: one block of memory, since there
 * is one for each check of each of a hundred thousand domains.
 *
 * What is always true:
 *  - it never changes; whoever wants to keep it takes a reference, in any thread;
 *  - measurements are sorted by id, in the order of their report where ids are equal;
 *  - findings are worst first, no two with the same id and subject, and at most
 *    LIMIT_RESULT_FINDINGS;
 *  - texts are safe, as they are in a report;
 *  - one that could tell has no earlier one; so there are at most two of a check.
 */
#ifndef MAILGAUGE_EXPORTER_RESULT_H
#define MAILGAUGE_EXPORTER_RESULT_H

#include "core/finding.h"
#include "core/metric.h"
#include "core/report.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Eight bytes, since a check has a dozen of them. */
struct result_measurement {
	uint32_t number;       /* for result_value() */
	uint32_t id : 9;       /* enum metric_id */
	uint32_t is_whole : 1; /* the number is the value; else it says where that is */
	uint32_t
	    labels : 22; /* for result_text(): their values; RESULT_NO_TEXT: none */
};

struct result_finding {
	uint32_t subject; /* for result_text(); RESULT_NO_TEXT: the domain itself */
	uint16_t id;
	uint8_t severity;
};

#define RESULT_NO_TEXT ((1u << 22) - 1)

struct result {
	atomic_uint references;
	uint32_t size;        /* of all of it */
	struct result *known; /* when this one could not tell: the last that could */
	int64_t run_unix_ms;  /* when it came out */
	uint32_t duration_ms;
	uint32_t text_bytes;
	uint16_t measurement_count;
	uint16_t finding_count;
	uint16_t findings_dropped; /* at least so many at its maximum */
	bool could_tell;
	uint8_t state;
	/* Then: measurements, findings, texts; among these, values that aren't whole.
	 */
	struct result_measurement measurements[];
};

/* The finished report of a run; the caller has the only reference. */
struct result *result_new(
    const struct report *report, int64_t run_unix_ms, int64_t duration_ms);

/* The same result of a later run, which took no time: nothing had changed. */
struct result *result_again(const struct result *result, int64_t run_unix_ms);

struct result *result_keep(struct result *result);
void result_drop(struct result *result); /* NULL: nothing */

/* The last result that could tell, up to this one; NULL: none. The caller drops it. */
struct result *result_keep_known(struct result *result);

/* Whether all but the time and the duration of the run is the same. */
bool result_shows_same(const struct result *a, const struct result *b);

double result_value(
    const struct result *result, const struct result_measurement *measurement);

const struct result_finding *result_findings(const struct result *result);

/* NULL for RESULT_NO_TEXT. */
const char *result_text(const struct result *result, uint32_t offset);

#endif
