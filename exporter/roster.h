/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * roster: a configuration and the list of checks that follows from it. A new
 * configuration makes a new one; the old one stays until nobody looks at it any more.
 *
 * What is always true:
 *  - it never changes, and any thread may keep it;
 *  - checks are numbered from 0, those of one domain side by side, domains in the order
 *    of their seeds: neighbours are due one after the other;
 *  - ROSTER_GROUP checks are a group, which is the unit of text on /metrics: when some
 *    domains have had their run, few groups have changed.
 */
#ifndef MAILGAUGE_EXPORTER_ROSTER_H
#define MAILGAUGE_EXPORTER_ROSTER_H

#include "config.h"

#include "core/attributes.h"
#include "core/span.h"
#include "probe.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROSTER_GROUP = 256 };

struct check_entry {
	const struct config_target *target;
	struct span label; /* the target's; side by side with those of its neighbours */
	uint64_t seed;     /* of the domain */
	uint32_t check;    /* its number in checks.h */
};

struct roster {
	atomic_uint references;
	struct config *config;
	size_t count;
	struct check_entry *entries;
	struct buf labels; /* of all entries */
};

/* Takes the configuration; the caller has the only reference. */
struct roster *roster_new(struct config *config);
struct roster *roster_keep(struct roster *roster);
void roster_drop(struct roster *roster); /* NULL: nothing */

/* False when it is not in the list. */
bool roster_find(const struct roster *roster, const char *domain, uint32_t check,
    size_t *index) MUST_CHECK;

size_t roster_groups(const struct roster *roster);

const struct probe *check_entry_probe(const struct check_entry *entry);
const void *check_entry_settings(
    const struct roster *roster, const struct check_entry *entry);

#endif
