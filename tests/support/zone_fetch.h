/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * zone_fetch: a fetcher that answers from a zone, and the clock to go with it.
 *
 *	struct zone_world world;
 *	zone_world_init(&world, zone);
 *	struct fetcher *dns = zone_fetch_new(&world);
 *	struct runner *runner = runner_new(&world.clock, store);
 *	runner_add_fetcher(runner, dns);
 *
 * What is always true:
 *  - time is virtual: it moves only in the clock's wait(), and there at once to the
 *    moment that was waited for. Nothing sleeps, and every run takes the same time;
 *  - answers come when the zone's delay has passed, the earliest first;
 *  - each question is counted, and each round: a question that is asked while no other
 *    is open begins a new one.
 */
#ifndef MAILGAUGE_TESTS_ZONE_FETCH_H
#define MAILGAUGE_TESTS_ZONE_FETCH_H

#include "core/attributes.h"
#include "core/deadline.h"
#include "core/run.h"
#include "zone.h"

#include <stdint.h>

#define ZONE_EPOCH_MS 1000000 /* where virtual time begins */

struct zone_world {
	struct clock clock; /* first: the clock's functions find the world by it */
	const struct zone *zone;
	int64_t now_ms;
	unsigned questions;
	unsigned rounds;
	unsigned open; /* questions without an answer yet, of all fetchers */
};

/* Counts a question: what a fetcher on this world's clock calls when it is asked. It
 * takes one from `open` when it hands the answer over. */
void zone_world_ask(struct zone_world *world);

void zone_world_init(struct zone_world *world, const struct zone *zone);

/* The world is borrowed, and outlives the fetcher with its counts. Without `trust_ad`
 * no answer is authentic, as with dns/fetch. */
struct fetcher *zone_fetch_new(struct zone_world *world, bool trust_ad) MUST_CHECK;

#endif
