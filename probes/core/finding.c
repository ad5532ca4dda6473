/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The catalogue as a table, made from findings.def. Ids are the symbols in lower case
 * with dashes, derived once: an id that could disagree with its symbol can't be
 * written.
 */
#include "core/finding.h"

#include "nearest.h"

#include <assert.h>
#include <string.h>
#include <threads.h>

enum { ID_SIZE = 48 };

static char ids[FINDING_COUNT][ID_SIZE];

static struct finding_info catalogue[FINDING_COUNT] = {
#define FINDING(symbol, severity_, title_, why_, remedy_, reference_) \
	[FINDING_##symbol] = { .id = #symbol, \
		.severity = SEVERITY_##severity_, \
		.title = (title_), \
		.why = (why_), \
		.remedy = (remedy_), \
		.reference = (reference_) },
#include "core/findings.def"
#undef FINDING
};

static void
derive_ids(void)
{
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		size_t length = strlen(catalogue[i].id);
		assert(length < ID_SIZE);
		for (size_t j = 0; j < length; j++) {
			uint8_t byte = (uint8_t)catalogue[i].id[j];
			ids[i][j] = byte == '_' ? '-' : (char)byte_lower(byte);
		}
		catalogue[i].id = ids[i];
	}
}

const struct finding_info *
finding_info(enum finding_id id)
{
	static once_flag once = ONCE_FLAG_INIT;
	assert(id >= 0 && id < FINDING_COUNT);
	call_once(&once, derive_ids);
	return &catalogue[id];
}

bool
finding_by_name(struct span name, enum finding_id *id)
{
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		if (span_equal(name, span_text(finding_info(i)->id))) {
			*id = i;
			return true;
		}
	}
	return false;
}

static const char *
id_by_index(size_t index)
{
	return finding_info(index)->id;
}

const char *
finding_nearest(struct span name)
{
	return id_by_index(nearest_word(name, FINDING_COUNT, id_by_index));
}

static const char *const severity_texts[SEVERITY_COUNT] = {
	[SEVERITY_IGNORE] = "ignore",
	[SEVERITY_INFO] = "info",
	[SEVERITY_UNKNOWN] = "unknown",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_CRITICAL] = "critical",
};

const char *
severity_text(enum severity severity)
{
	assert(severity >= 0 && severity < SEVERITY_COUNT);
	return severity_texts[severity];
}

bool
severity_by_name(struct span name, enum severity *severity)
{
	for (size_t i = 0; i < SEVERITY_COUNT; i++) {
		if (span_equal_nocase(name, span_text(severity_texts[i]))) {
			*severity = i;
			return true;
		}
	}
	return false;
}

enum state
severity_state(enum severity severity)
{
	static const enum state states[SEVERITY_COUNT] = {
		[SEVERITY_IGNORE] = STATE_OK,
		[SEVERITY_INFO] = STATE_OK,
		[SEVERITY_UNKNOWN] = STATE_UNKNOWN,
		[SEVERITY_WARNING] = STATE_WARNING,
		[SEVERITY_CRITICAL] = STATE_CRITICAL,
	};
	assert(severity >= 0 && severity < SEVERITY_COUNT);
	return states[severity];
}

static const char *const state_texts[STATE_COUNT] = {
	[STATE_OK] = "OK",
	[STATE_WARNING] = "WARNING",
	[STATE_CRITICAL] = "CRITICAL",
	[STATE_UNKNOWN] = "UNKNOWN",
};

const char *
state_text(enum state state)
{
	assert(state >= 0 && state < STATE_COUNT);
	return state_texts[state];
}

bool
state_by_name(struct span name, enum state *state)
{
	for (size_t i = 0; i < STATE_COUNT; i++) {
		if (span_equal_nocase(name, span_text(state_texts[i]))) {
			*state = i;
			return true;
		}
	}
	return false;
}

enum state
state_worst(enum state a, enum state b)
{
	/* Places in the merge order, not exit codes. */
	static const int weight[STATE_COUNT] = {
		[STATE_OK] = 0,
		[STATE_UNKNOWN] = 1,
		[STATE_WARNING] = 2,
		[STATE_CRITICAL] = 3,
	};
	return weight[a] >= weight[b] ? a : b;
}
