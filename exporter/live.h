/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * live: checks that somebody waits for, as /probe does and as a page with all details
 * of a domain would. They go through the same runner and store as those of the list, so
 * that what is known is not asked again; but they don't take the list's turns.
 *
 * What is always true:
 *  - of each request, take() is called once for each of its checks, and then done()
 *    once, at the latest at its deadline, or when live_free() gives up what is left;
 *  - requests for the same check of the same domain, with the same settings, share one
 *    run where its deadline suits both;
 *  - all of it happens in the thread of the runner.
 */
#ifndef MAILGAUGE_EXPORTER_LIVE_H
#define MAILGAUGE_EXPORTER_LIVE_H

#include "checks.h"
#include "roster.h"

#include "core/deadline.h"
#include "core/report.h"
#include "core/run.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stdint.h>

/* Embedded by whoever waits, and kept alive until done(). */
struct live_request {
	struct roster *roster; /* whose settings and severities count */
	struct dns_name domain;
	const char *domain_text;
	check_set checks;                /* at least one */
	const struct settings *settings; /* of the target; NULL: those of all */
	int64_t timeout_ms;
	bool traced; /* the reports are for people, who want to see how it came */

	/* A finished report, good during the call. */
	void (*take)(struct live_request *request, uint32_t check,
	    const struct report *report, int64_t duration_ms);
	void (*done)(struct live_request *request);

	size_t left; /* ours: checks that have not been taken */
};

struct live;

/* Both are borrowed. */
struct live *live_new(struct clock *clock, struct runner *runner);
void live_free(struct live *live);

void live_start(struct live *live, struct live_request *request);

#endif
