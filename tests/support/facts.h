/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * facts: what unit tests of probes and writers start from: a store of facts made by
 * hand, and a report about example.com.
 *
 *	struct facts *facts = facts_new();
 *	static const struct fact_row rows[] = {
 *		{ "example.com", DNS_TXT, "v=spf1 mx -all" },
 *		{ "example.com", DNS_MX, "10 mail.example.com" },
 *		{ "gone.example.com", DNS_TXT, "NXDOMAIN" },
 *		{ .name = NULL },
 *	};
 *	facts_put(facts, rows);
 *
 * What is always true:
 *  - only the rows are there: any other question is a want;
 *  - rows of the same name and type that follow one another are records of one answer;
 *  - whatever is made is freed by facts_free(), also what lies in the arena.
 */
#ifndef MAILGAUGE_TESTS_FACTS_H
#define MAILGAUGE_TESTS_FACTS_H

#include "core/report.h"
#include "core/store.h"
#include "dns/message.h"
#include "probe.h"

#include <stddef.h>
#include <stdint.h>

struct fact_row {
	const char *name; /* NULL: the end of the rows */
	uint16_t type;    /* TXT, A, AAAA or MX */
	const char *data; /* as in a zone, but TXT without quotes; or why there is no
			     record: NODATA, NXDOMAIN, SERVFAIL, REFUSED, TIMEOUT,
			     UNREACHABLE, MALFORMED */
};

struct facts {
	struct store *store;
	struct arena *arena; /* reset by facts_view() and facts_evaluate() */
	struct policy policy;
	struct report report; /* of the probe "spf"; not finished */
	struct view view;
};

struct facts *facts_new(void);
void facts_free(struct facts *facts);

void facts_put(struct facts *facts, const struct fact_row rows[]);

/* One TXT record of any bytes, in strings of 255. */
void facts_put_txt(struct facts *facts, const char *name, struct span text);

/* Any answer; it is copied. */
void facts_put_answer(
    struct facts *facts, const char *name, const struct dns_answer *answer);

/* A name, which has to be one. */
struct dns_name facts_name(const char *text);

/* Starts an evaluation: an empty report, a view that is open. */
struct view *facts_view(struct facts *facts);

/* The whole of one: the finished report of a probe about a domain, by the probe's
 * default settings. The view is closed: what no row says reads as a time-out. */
struct report *facts_evaluate(
    struct facts *facts, const struct probe *probe, const char *domain);

/* The same by other settings. */
struct report *facts_evaluate_with(struct facts *facts, const struct probe *probe,
    const void *settings, const char *domain);

/* Reports keep only these findings from now on, so that a test of some of them goes on
 * when others are added to the catalogue. */
void facts_want_only(struct facts *facts, const enum finding_id ids[], size_t count);

#endif
