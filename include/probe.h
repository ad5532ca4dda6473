/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * probe: a pure function from a target and the facts about it to a report.
 *
 * What is always true of evaluate():
 *  - no sockets, clock, environment, randomness, statics or printing: the same facts
 *    give the same report, byte for byte;
 *  - what is missing becomes a want, and it goes on, so that one round collects every
 *    question that does not depend on another;
 *  - it ends on every store: loops over what the world wrote have a cap in limits.h.
 */
#ifndef MAILGAUGE_PROBE_H
#define MAILGAUGE_PROBE_H

#include "core/metric.h"
#include "core/options.h"
#include "core/report.h"
#include "core/store.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target {
	struct dns_name domain;
	const void *settings; /* the probe's own, filled by its option rows */
	int64_t now_seconds;  /* since 1970; for what messages and certificates say */
	uint32_t salt;        /* of names that are not to exist (core/salt.h) */
	bool trusts_ad;       /* where an answer lacks AD, it is not secure; otherwise
				 nothing is known of DNSSEC */
};

struct probe {
	const char *name;  /* "spf": JSON, metrics, configuration; program check_spf */
	const char *title; /* "SPF": begins the line of output */
	const char *purpose; /* one sentence for the usage text */

	/* Groups of findings that it may bring, for --list-findings; ends with NULL.
	 * NULL: that of its name. */
	const char *const *groups;

	/* Besides DOMAIN, for the usage text: "-H HOST"; NULL: nothing. */
	const char *usage;

	/* When nobody says otherwise: 0 is 10 seconds, and a time-out is UNKNOWN. */
	unsigned timeout_seconds;
	bool timeout_is_critical;

	/* A row with the name of one that all plugins have takes its place. */
	const struct option_row *options;
	size_t option_count;
	size_t settings_size; /* zero bytes are the defaults */

	/* May be NULL. Called once after all options: finds the domain in the settings
	 * where none was given, and refuses settings that don't go together. */
	enum status (*complete)(
	    void *settings, struct dns_name *domain, bool *has_domain, struct buf *why);

	/* May be NULL. Frees what the option rows allocated, not the settings. */
	void (*release)(void *settings);

	/* May be NULL. Called once before the first evaluation: puts into the store
	 * what the settings say of the world, as if it had been asked. */
	void (*give)(const struct target *target, struct store *store, int64_t now_ms);

	/* May be NULL. Adds lines for people on a fact that is no DNS answer. */
	void (*describe)(struct buf *out, struct span key, const struct fact *fact);

	const enum metric_id *metrics; /* what it measures; the first is the headline */
	size_t metric_count;

	void (*evaluate)(
	    const struct target *target, struct view *view, struct report *report);
};

#endif
