/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The fetcher of scenarios. It keeps the promises of core/run's fetchers without a
 * socket: what is asked waits in a list until virtual time has come to its answer.
 */
#include "zone_fetch.h"

#include "core/die.h"
#include "dns/question.h"

#include <assert.h>
#include <stdlib.h>

#include <utlist.h>

/* A question that was asked and not handed back yet. */
struct pending {
	struct pending *prev, *next;
	struct dns_key key;
	struct zone_reply reply;
	int64_t due_ms;
};

struct zone_fetcher {
	struct fetcher fetcher; /* first */
	struct zone_world *world;
	bool trust_ad;
	struct pending *pending;
	struct dns_key handed_over; /* keeps the last arrival's key alive */
};

static int64_t
world_now_ms(struct clock *clock)
{
	return ((struct zone_world *)clock)->now_ms;
}

static int
world_wait(struct clock *clock, struct pollfd *fds, size_t count, int64_t wake_ms)
{
	struct zone_world *world = (struct zone_world *)clock;
	(void)fds;
	assert(count == 0);                /* nothing here has a descriptor … */
	assert(wake_ms != DEADLINE_NEVER); /* … so that only time can wake us */
	if (wake_ms > world->now_ms)
		world->now_ms = wake_ms;
	return 0;
}

void
zone_world_init(struct zone_world *world, const struct zone *zone)
{
	*world = (struct zone_world){
		.clock = { .now_ms = world_now_ms, .wait = world_wait },
		.zone = zone,
		.now_ms = ZONE_EPOCH_MS,
	};
}

void
zone_world_ask(struct zone_world *world)
{
	world->rounds += world->open == 0;
	world->questions++;
	world->open++;
}

static struct pending *
earliest(const struct zone_fetcher *zones)
{
	struct pending *best = zones->pending, *pending;
	DL_FOREACH(zones->pending, pending)
	if (pending->due_ms < best->due_ms)
		best = pending;
	return best;
}

static void
zone_fetch_ask(struct fetcher *fetcher, struct span key, int64_t now_ms)
{
	struct zone_fetcher *zones = (struct zone_fetcher *)fetcher;
	struct zone_world *world = zones->world;
	zone_world_ask(world);

	struct dns_name name;
	uint16_t type;
	bool is_question = dns_key_read(key, &name, &type);
	assert(is_question);
	struct pending *pending = must_calloc(1, sizeof(*pending));
	dns_key_make(&pending->key, &name, type);
	pending->reply = zone_ask(world->zone, &name, type);
	pending->due_ms = now_ms + pending->reply.delay_ms;
	DL_APPEND(zones->pending, pending);
}

static size_t
zone_fetch_watch(struct fetcher *fetcher, struct pollfd *fds, int64_t *wake_ms)
{
	const struct pending *pending = earliest((struct zone_fetcher *)fetcher);
	(void)fds;
	if (pending != NULL)
		*wake_ms = deadline_earlier(*wake_ms, pending->due_ms);
	return 0;
}

static void
zone_fetch_work(
    struct fetcher *fetcher, const struct pollfd *fds, size_t count, int64_t now_ms)
{
	(void)fetcher, (void)fds, (void)count, (void)now_ms;
}

static struct fact
fact_from_reply(const struct pending *pending, bool trust_ad)
{
	if (pending->reply.answer == NULL)
		return dns_failure(pending->reply.failure, pending->due_ms);
	pending->reply.answer->authentic &= trust_ad;
	return dns_fact(pending->reply.answer, pending->due_ms);
}

static bool
zone_fetch_next(struct fetcher *fetcher, struct arrival *arrival)
{
	struct zone_fetcher *zones = (struct zone_fetcher *)fetcher;
	struct pending *pending = earliest(zones);
	if (pending == NULL || pending->due_ms > zones->world->now_ms)
		return false;
	zones->handed_over = pending->key;
	arrival->key = span_of(zones->handed_over.bytes, zones->handed_over.length);
	arrival->fact = fact_from_reply(pending, zones->trust_ad);
	zones->world->open--;
	DL_DELETE(zones->pending, pending);
	free(pending);
	return true;
}

static void
zone_fetch_free(struct fetcher *fetcher)
{
	struct zone_fetcher *zones = (struct zone_fetcher *)fetcher;
	struct pending *pending, *next;
	DL_FOREACH_SAFE(zones->pending, pending, next)
	{
		dns_answer_free(pending->reply.answer);
		free(pending);
	}
	free(zones);
}

struct fetcher *
zone_fetch_new(struct zone_world *world, bool trust_ad)
{
	struct zone_fetcher *zones = must_calloc(1, sizeof(*zones));
	zones->fetcher = (struct fetcher){
		.kind = FACT_DNS,
		.ask = zone_fetch_ask,
		.watch = zone_fetch_watch,
		.work = zone_fetch_work,
		.next = zone_fetch_next,
		.free = zone_fetch_free,
	};
	zones->world = world;
	zones->trust_ad = trust_ad;
	return &zones->fetcher;
}
