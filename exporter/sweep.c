/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The exporter's work. A check of a domain is one job of the runner, in one of a fixed
 * number of slots; all share one arena, since only one is evaluated at a time and its
 * report is made into a result before the next one's turn.
 */
#include "sweep.h"

#include "schedule.h"
#include "wall_clock.h"

#include "core/arena.h"
#include "core/die.h"
#include "core/limits.h"
#include "core/report.h"
#include "probe.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

enum {
	/* A job has at least one question out, or waits for another's; twice as many
	 * jobs as questions keep the wire busy while some of them only wait. */
	SLOTS_PER_QUESTION = 2,
	EXPIRE_EVERY_MS = 10 * 1000,
	/* Waking up costs more than a check whose answers are there: what is due
	 * within so long starts together. */
	TICK_MS = 20
};

struct slot {
	struct job job; /* first: the runner hands us this */
	struct sweep *sweep;
	size_t index; /* of the check that runs here */
	struct target target;
	struct report report;
	struct slot *next; /* free one */
};

struct sweep {
	struct sweep_world world;
	struct schedule *schedule;
	struct arena *arena;
	struct slot *slots, *free;
	int64_t
	    *good_until_ms; /* by check: its last result is still what it would be */
	int64_t expire_ms;
};

static struct schedule *
make_schedule(const struct sweep_world *world)
{
	size_t count = results_count(world->results);
	uint64_t *seeds = must_calloc(count, sizeof(*seeds));
	/* All checks of a domain have the same seed: they share answers. */
	for (size_t i = 0; i < count; i++)
		seeds[i] = schedule_seed(
		    results_entry(world->results, i)->target->wire);
	struct schedule *schedule = schedule_new(seeds, count,
	    world->config->interval_ms, world->clock->now_ms(world->clock));
	free(seeds);
	return schedule;
}

struct sweep *
sweep_new(const struct sweep_world *world)
{
	struct sweep *sweep = must_calloc(1, sizeof(*sweep));
	sweep->world = *world;
	sweep->schedule = make_schedule(world);
	sweep->arena = arena_new();
	sweep->expire_ms = world->clock->now_ms(world->clock) + EXPIRE_EVERY_MS;

	size_t checks = results_count(world->results);
	sweep->good_until_ms = must_calloc(checks, sizeof(*sweep->good_until_ms));
	for (size_t i = 0; i < checks; i++)
		sweep->good_until_ms[i] = INT64_MIN;
	size_t slots = world->config->dns_in_flight * SLOTS_PER_QUESTION;
	if (slots > checks)
		slots = checks;
	sweep->slots = must_calloc(slots, sizeof(*sweep->slots));
	for (size_t i = 0; i < slots; i++) {
		sweep->slots[i].sweep = sweep;
		LL_PREPEND(sweep->free, &sweep->slots[i]);
	}
	return sweep;
}

void
sweep_free(struct sweep *sweep)
{
	if (sweep == NULL)
		return;
	schedule_free(sweep->schedule);
	arena_free(sweep->arena);
	free(sweep->good_until_ms);
	free(sweep->slots);
	free(sweep);
}

static void
evaluate(struct job *job, struct view *view)
{
	struct slot *slot = (struct slot *)job;
	const struct sweep_world *world = &slot->sweep->world;
	const struct check_entry *entry = results_entry(world->results, slot->index);
	report_init(&slot->report, job->arena, &world->config->policy,
	    entry->probe->name, entry->probe->title, entry->target->domain);
	slot->report.timed_out = job->timed_out;
	slot->report.traced = slot->report.told = false; /* only figures are kept */
	entry->probe->evaluate(&slot->target, view, &slot->report);
}

static void
log_run(const struct slot *slot, int64_t duration_ms)
{
	log_write(slot->sweep->world.log, LOG_LEVEL_DEBUG, "check done",
	    LOG_FIELDS({ "domain", slot->report.subject, 0 },
		{ "probe", slot->report.probe, 0 },
		{ "state", state_text(slot->report.state), 0 },
		{ "duration_ms", NULL, duration_ms },
		{ "rounds", NULL, slot->job.rounds },
		{ "questions", NULL, slot->job.questions }));
}

static void
finish(struct job *job)
{
	struct slot *slot = (struct slot *)job;
	struct sweep *sweep = slot->sweep;
	struct clock *clock = sweep->world.clock;
	int64_t duration_ms = clock->now_ms(clock) - job->started_ms;
	report_finish(&slot->report);
	results_put(sweep->world.results, slot->index,
	    result_new(&slot->report, wall_clock_ms(), duration_ms));
	log_run(slot, duration_ms);
	sweep->good_until_ms[slot->index] = deadline_earlier(
	    job->good_until_ms, job->started_ms + LIMIT_REPEAT_MS);
	schedule_done(sweep->schedule, slot->index);
	LL_PREPEND(sweep->free, slot);
}

static void
start(struct sweep *sweep, size_t index, int64_t now_ms)
{
	const struct check_entry *entry = results_entry(sweep->world.results, index);
	struct slot *slot = sweep->free;
	LL_DELETE(sweep->free, slot);
	struct span wire = entry->target->wire;
	enum status status = dns_name_from_wire(&slot->target.domain, &wire);
	assert(status == STATUS_OK);
	slot->target.settings = settings_of(
	    entry->target->settings, sweep->world.config->defaults, entry->check);
	slot->target.now_seconds = wall_clock_ms() / 1000;
	slot->index = index;
	slot->job = (struct job){
		.evaluate = evaluate,
		.finish = finish,
		.arena = sweep->arena,
		.deadline_ms = now_ms + LIMIT_EVALUATION_MS,
	};
	runner_start(sweep->world.runner, &slot->job);
}

/* Probes are pure: as long as the facts are those of the last run, so is the result. */
static bool
would_be_the_same(const struct sweep *sweep, size_t index, int64_t now_ms)
{
	return sweep->good_until_ms[index] >= now_ms;
}

static void
repeat(struct sweep *sweep, size_t index)
{
	results_repeat(sweep->world.results, index, wall_clock_ms());
	schedule_done(sweep->schedule, index);
}

static void
put_figures(struct sweep *sweep, int64_t now_ms)
{
	const struct figures figures = {
		.in_flight = runner_in_flight(sweep->world.runner),
		.facts = store_count(sweep->world.store),
		.lag_ms = schedule_lag_ms(sweep->schedule, now_ms),
		.counts = *runner_counts(sweep->world.runner),
	};
	results_put_figures(sweep->world.results, &figures, now_ms);
}

int64_t
sweep_turn(struct sweep *sweep)
{
	int64_t now_ms = sweep->world.clock->now_ms(sweep->world.clock);
	bool has_started = false;
	size_t index;
	while (sweep->free != NULL && schedule_next(sweep->schedule, now_ms, &index)) {
		if (would_be_the_same(sweep, index, now_ms)) {
			repeat(sweep, index);
			continue;
		}
		start(sweep, index, now_ms);
		has_started = true;
	}
	if (sweep->expire_ms <= now_ms) {
		store_expire(sweep->world.store, runner_oldest_ms(sweep->world.runner));
		sweep->expire_ms = now_ms + EXPIRE_EVERY_MS;
	}
	put_figures(sweep, now_ms);

	/* Jobs that need no question are done within the step, and their slots free:
	 * don't sleep on that. Without a free slot only an answer can change anything,
	 * and answers wake the runner. */
	if (has_started)
		return now_ms;
	if (sweep->free == NULL)
		return sweep->expire_ms;
	int64_t wake_ms = schedule_wake_ms(sweep->schedule);
	if (wake_ms < now_ms + TICK_MS)
		wake_ms = now_ms + TICK_MS;
	return deadline_earlier(wake_ms, sweep->expire_ms);
}
