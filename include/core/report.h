/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * report: what a probe has to say: findings, measurements and a trace.
 *
 * What is always true:
 *  - everything in it lives in its arena: a report is good until that is reset;
 *  - all its texts are safe to print: they come from formats of ours, and from bytes
 *    of the world only through arena_safe_text();
 *  - it knows no output format, and a value that is not known is absent from it.
 *
 * A probe fills it, the driver calls report_finish(), a writer reads it.
 */
#ifndef MAILGAUGE_CORE_REPORT_H
#define MAILGAUGE_CORE_REPORT_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/finding.h"
#include "core/metric.h"
#include "core/threshold.h"

#include <stdbool.h>
#include <stddef.h>

/* What the user wants to hear of: made once from defaults and options, then only read.
 * About 10 kB; shared by all targets with the same settings. */
#define SEVERITY_AS_FOUND SEVERITY_COUNT

struct policy {
	enum severity severities[FINDING_COUNT]; /* SEVERITY_AS_FOUND: not overridden */
	struct threshold warning[METRIC_COUNT];
	struct threshold critical[METRIC_COUNT];
	enum state timeout_state; /* in place of UNKNOWN once the deadline has passed */
	bool has_timeout_state;   /* the user chose it */
};

void policy_init(struct policy *policy);

/* The severity that makes a report `timeout_state`. */
enum severity policy_timeout_severity(const struct policy *policy);

struct finding {
	enum finding_id id;
	enum severity severity; /* after overrides */
	const char *message;    /* the fact, with its numbers; one line */
	const char *subject;    /* the name it is about */
	const char *path;       /* records on the way to it, "a > b"; NULL: none */
	const char *term;       /* the faulty piece; NULL: none */
	size_t position;        /* of the term in its record, from 1; 0: none */
};

struct measurement {
	enum metric_id id;
	const char *labels; /* values, for metric_labels(); NULL without any */
	double value;
	enum state state; /* by the thresholds */
};

/* A tree of named values that explains the verdict: the probe's own section of the
 * JSON output. A node with a title is also a line of the tree that people see. */
enum trace_kind {
	TRACE_OBJECT,
	TRACE_ARRAY,
	TRACE_TEXT,
	TRACE_NUMBER,
	TRACE_BOOL,
	TRACE_NULL
};

struct trace {
	enum trace_kind kind;
	const char *key;   /* NULL in an array */
	const char *title; /* NULL: not a line of its own */
	const char *text;
	double number;
	bool truth;
	unsigned depth;
	struct trace *first, *last, *next;
};

struct report {
	struct arena *arena;
	const struct policy *policy;
	const char *probe;   /* "spf" */
	const char *title;   /* "SPF" */
	const char *subject; /* the domain or host, safe text */
	const char *summary; /* the facts in a few words, for a good state */
	const char *record;  /* the text that was judged; NULL: not one, or shown
				elsewhere. People see it with the findings, and the
				summary too */
	bool traced;         /* somebody will read the trace; set by report_init() */
	bool told;      /* … and what findings say, and where: their messages, paths
			 * and terms; set by report_init() */
	bool timed_out; /* the deadline passed before all facts were there */

	bool could_not_tell; /* a finding came that means "unknown", or a time-out whose
			      * finding is graver */

	struct finding *findings;
	size_t finding_count;
	size_t findings_dropped; /* over LIMIT_FINDINGS */
	struct measurement *measurements;
	size_t measurement_count;
	struct trace *trace; /* an object: sections by name */
	size_t trace_count;

	enum state state; /* set by report_finish() */
};

/* An empty report; nothing is kept of what was in it. */
void report_init(struct report *report, struct arena *arena,
    const struct policy *policy, const char *probe, const char *title,
    const char *subject);

/* Where a finding points to; every part may be left out. */
struct place {
	const char *subject; /* default: the report's */
	const char *path;
	const char *term;
	size_t position;
};

/* Dropped when its severity is IGNORE. The message is a format of ours: bytes of the
 * world go into it as arguments made by arena_safe_text(). */
void report_finding(struct report *report, enum finding_id id,
    const struct place *place, const char *format, ...) PRINTF_LIKE(4, 5);

/* The same with another severity than the table's, for findings that weigh less or more
 * by where they are; what the user says of the id counts all the same. */
void report_finding_as(struct report *report, enum finding_id id,
    enum severity severity, const struct place *place, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* Whether report_finding() would keep it, to spare work. */
bool report_wants(const struct report *report, enum finding_id id);

void report_measure(struct report *report, enum metric_id id, double value);

/* The same where thresholds don't apply: its state is OK. */
void report_measure_only(struct report *report, enum metric_id id, double value);

/* With a value for each of the metric's labels, in their order. */
void report_measure_labelled(struct report *report, enum metric_id id,
    const char *const values[], size_t count, double value);

/* One series for each of `labels`, 1 for `current` and 0 for the others: every state of
 * an enumeration is there in every run. `current` may be NULL: then all are 0. */
void report_measure_state(struct report *report, enum metric_id id,
    const char *const labels[], size_t count, const char *current);

/* The trace. A parent of NULL is the report's own object. Texts are copied by the
 * caller into the arena, and safe. Over LIMIT_TRACE_NODES nodes are dropped: the
 * functions then return a node that is part of nothing. A text of NULL is null. */
struct trace *trace_object(
    struct report *report, struct trace *parent, const char *key);
struct trace *trace_array(struct report *report, struct trace *parent, const char *key);
void trace_text(
    struct report *report, struct trace *parent, const char *key, const char *text);
void trace_number(
    struct report *report, struct trace *parent, const char *key, double value);
void trace_bool(
    struct report *report, struct trace *parent, const char *key, bool truth);
void trace_null(struct report *report, struct trace *parent, const char *key);

/* Sorts the findings, worst first and otherwise as they came, and sets the state. */
void report_finish(struct report *report);

/* No finding came that means "unknown", whatever the user made of its severity. What
 * the deadline cut off is such a finding, unless the probe can do without it. */
bool report_could_tell(const struct report *report);

/* The one sentence that decided: the first finding or the measurement that makes the
 * state, or the summary when all is well. Never empty. */
const char *report_headline(const struct report *report);

#endif
