/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The list of checks: made once, sorted, and searched by halves. */
#include "roster.h"

#include "schedule.h"

#include "core/die.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const struct check_entry *first = a, *second = b;
	if (first->seed != second->seed)
		return first->seed < second->seed ? -1 : 1;
	int order = strcmp(first->target->domain, second->target->domain);
	return order != 0 ? order : (int)first->check - (int)second->check;
}

static void
add_entries(struct roster *roster, const struct config_target *target)
{
	uint64_t seed = schedule_seed(target->wire);
	for (uint32_t i = 0; i < checks_count(); i++)
		if (target->checks & checks_one(i))
			roster->entries[roster->count++] = (struct check_entry){
				.target = target, .seed = seed, .check = i
			};
}

/* A scrape walks along all of them, once for each family: in the order of targets,
 * which is another one, each would be a miss of the cache. */
static void
copy_labels(struct roster *roster)
{
	size_t bytes = 0;
	for (size_t i = 0; i < roster->count; i++)
		bytes += roster->entries[i].target->label.length;
	buf_init(&roster->labels, bytes + 1); /* of an empty list too */
	for (size_t i = 0; i < roster->count; i++)
		buf_add(&roster->labels, roster->entries[i].target->label);
	struct span rest = buf_span(&roster->labels);
	for (size_t i = 0; i < roster->count; i++) {
		struct check_entry *entry = &roster->entries[i];
		bool is_there = span_take(
		    &rest, entry->target->label.length, &entry->label);
		assert(is_there);
	}
}

struct roster *
roster_new(struct config *config)
{
	struct roster *roster = must_calloc(1, sizeof(*roster));
	size_t room = 0;
	for (size_t i = 0; i < config->target_count; i++)
		room += checks_in(config->targets[i].checks);
	roster->references = 1;
	roster->config = config;
	roster->entries = must_calloc(room, sizeof(*roster->entries));
	for (size_t i = 0; i < config->target_count; i++)
		add_entries(roster, &config->targets[i]);
	if (roster->count > 0)
		qsort(
		    roster->entries, roster->count, sizeof(*roster->entries), compare);
	copy_labels(roster);
	return roster;
}

struct roster *
roster_keep(struct roster *roster)
{
	atomic_fetch_add_explicit(&roster->references, 1, memory_order_relaxed);
	return roster;
}

void
roster_drop(struct roster *roster)
{
	if (roster == NULL || atomic_fetch_sub(&roster->references, 1) > 1)
		return;
	config_free(roster->config);
	free(roster->entries);
	buf_free(&roster->labels);
	free(roster);
}

bool
roster_find(
    const struct roster *roster, const char *domain, uint32_t check, size_t *index)
{
	const struct config_target *target = config_find(roster->config, domain);
	if (target == NULL)
		return false;
	const struct check_entry wanted = {
		.target = target, .seed = schedule_seed(target->wire), .check = check
	};
	const struct check_entry *found = bsearch(
	    &wanted, roster->entries, roster->count, sizeof(wanted), compare);
	if (found != NULL)
		*index = (size_t)(found - roster->entries);
	return found != NULL;
}

size_t
roster_groups(const struct roster *roster)
{
	return (roster->count + ROSTER_GROUP - 1) / ROSTER_GROUP;
}

const struct probe *
check_entry_probe(const struct check_entry *entry)
{
	return checks_probe(entry->check);
}

const void *
check_entry_settings(const struct roster *roster, const struct check_entry *entry)
{
	return settings_of(
	    entry->target->settings, roster->config->defaults, entry->check);
}
