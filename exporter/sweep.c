/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The exporter's work. A check of a domain is one job of the runner, in one of a fixed
 * number of slots; all share one arena, since only one is evaluated at a time and its
 * report is made into a result before the next one's turn.
 *
 * Checks that only ask the DNS have a lane of their own: a mail host that hangs for
 * minutes holds up none of them.
 */
#include "sweep.h"

#include "schedule.h"
#include "wall_clock.h"

#include "core/arena.h"
#include "core/die.h"
#include "core/limits.h"
#include "core/report.h"
#include "core/salt.h"
#include "probe.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

enum {
	/* A job has at least one question out, or waits for another's; twice as many
	 * jobs as questions keep the wire busy while some of them only wait. */
	SLOTS_PER_QUESTION = 2,
	/* Many hosts are scanned already, for another domain or an hour ago: jobs that
	 * need no scan shall find a slot beside those that wait for one. */
	SLOTS_PER_SCAN = 8,
	EXPIRE_EVERY_MS = 10 * 1000,
	/* Waking up costs more than a check whose answers are there: what is due
	 * within so long starts together. */
	TICK_MS = 20
};

enum lane_name { LANE_QUICK, LANE_SCANS, LANES };

struct slot {
	struct job job; /* first: the runner hands us this */
	struct sweep *sweep;
	struct lane *lane;
	size_t place; /* of the check that runs here, in the lane */
	size_t index; /* and in the roster */
	struct target target;
	struct report report;
	struct slot *prev, *next;
};

/* Checks with a schedule, and slots that no other lane can take. */
struct lane {
	uint32_t *checks; /* their places in the roster */
	size_t count;
	struct schedule *schedule;
	struct slot *slots;
	struct slot *free, *busy;
	int64_t patience_ms; /* for one evaluation */
};

struct sweep {
	struct sweep_world world;
	struct roster *roster;
	struct arena *arena;
	struct lane lanes[LANES];
	/* By check: until when its last result is still what it would be. */
	int64_t *good_until_ms;
	int64_t expire_ms;
	size_t fresh; /* checks without a result */
	uint64_t runs;
};

/* The machine's clock has no past before this process; results tell the time of day. */
static int64_t
started_ms(const struct result *result, int64_t now_ms)
{
	int64_t age_ms = wall_clock_ms() - result->run_unix_ms + result->duration_ms;
	return now_ms - (age_ms > 0 ? age_ms : 0);
}

static struct schedule *
make_schedule(struct sweep *sweep, const struct lane *lane)
{
	const struct sweep_world *world = &sweep->world;
	const struct roster *roster = sweep->roster;
	int64_t now_ms = world->clock->now_ms(world->clock);
	struct schedule_plan *plans = must_calloc(lane->count, sizeof(*plans));
	const struct schedule_pace pace = { roster->config->interval_ms,
		world->at_once ? 0 : SCHEDULE_FIRST_MS };
	/* All checks of a domain have the same seed: they share answers. */
	for (size_t i = 0; i < lane->count; i++) {
		size_t index = lane->checks[i];
		const struct result *result = results_get(world->results, index);
		plans[i].seed = roster->entries[index].seed;
		plans[i].has_run = result != NULL;
		sweep->fresh += result == NULL;
		if (result == NULL)
			continue;
		plans[i].has_failed = !result->could_tell;
		plans[i].started_ms = started_ms(result, now_ms);
	}
	struct schedule *schedule = schedule_new(plans, lane->count, &pace, now_ms);
	free(plans);
	return schedule;
}

static void
make_slots(struct sweep *sweep, struct lane *lane, size_t count)
{
	if (count > lane->count)
		count = lane->count;
	lane->slots = must_calloc(count, sizeof(*lane->slots));
	for (size_t i = 0; i < count; i++) {
		lane->slots[i].sweep = sweep;
		lane->slots[i].lane = lane;
		DL_APPEND(lane->free, &lane->slots[i]);
	}
}

static void
sort_into_lanes(struct sweep *sweep)
{
	const struct roster *roster = sweep->roster;
	size_t counts[LANES] = { 0 };
	for (size_t i = 0; i < roster->count; i++)
		counts[checks_scans(roster->entries[i].check)]++;
	for (size_t i = 0; i < LANES; i++)
		sweep->lanes[i].checks = must_calloc(counts[i], sizeof(uint32_t));
	for (size_t i = 0; i < roster->count; i++) {
		struct lane
		    *lane = &sweep->lanes[checks_scans(roster->entries[i].check)];
		lane->checks[lane->count++] = (uint32_t)i;
	}
}

static void
begin_lanes(struct sweep *sweep)
{
	const struct config *config = sweep->roster->config;
	const struct {
		size_t slots;
		int64_t patience_ms;
	} sizes[LANES] = {
		[LANE_QUICK] = { config->dns_in_flight * SLOTS_PER_QUESTION,
		    LIMIT_EVALUATION_MS },
		[LANE_SCANS] = { config->smtp_in_flight * SLOTS_PER_SCAN,
		    LIMIT_EVALUATION_SCANS_MS },
	};
	sweep->fresh = 0;
	sort_into_lanes(sweep);
	for (size_t i = 0; i < LANES; i++) {
		struct lane *lane = &sweep->lanes[i];
		lane->schedule = make_schedule(sweep, lane);
		lane->patience_ms = sizes[i].patience_ms;
		make_slots(sweep, lane, sizes[i].slots);
	}
}

static void
begin(struct sweep *sweep)
{
	sweep->roster = roster_keep(results_roster(sweep->world.results));
	size_t count = sweep->roster->count;
	sweep->good_until_ms = must_calloc(count, sizeof(*sweep->good_until_ms));
	for (size_t i = 0; i < count; i++)
		sweep->good_until_ms[i] = INT64_MIN;
	begin_lanes(sweep);
}

static void
end_lane(struct sweep *sweep, struct lane *lane)
{
	struct slot *slot;
	DL_FOREACH(lane->busy, slot)
	runner_cancel(sweep->world.runner, &slot->job);
	free(lane->slots);
	free(lane->checks);
	schedule_free(lane->schedule);
	*lane = (struct lane){ .count = 0 };
}

static void
end(struct sweep *sweep)
{
	for (size_t i = 0; i < LANES; i++)
		end_lane(sweep, &sweep->lanes[i]);
	free(sweep->good_until_ms);
	roster_drop(sweep->roster);
}

struct sweep *
sweep_new(const struct sweep_world *world)
{
	struct sweep *sweep = must_calloc(1, sizeof(*sweep));
	sweep->world = *world;
	sweep->arena = arena_new();
	sweep->expire_ms = world->clock->now_ms(world->clock) + EXPIRE_EVERY_MS;
	begin(sweep);
	return sweep;
}

void
sweep_free(struct sweep *sweep)
{
	if (sweep == NULL)
		return;
	end(sweep);
	arena_free(sweep->arena);
	free(sweep);
}

void
sweep_restart(struct sweep *sweep)
{
	end(sweep);
	begin(sweep);
}

static void
evaluate(struct job *job, struct view *view)
{
	struct slot *slot = (struct slot *)job;
	const struct roster *roster = slot->sweep->roster;
	const struct check_entry *entry = &roster->entries[slot->index];
	const struct probe *probe = check_entry_probe(entry);
	report_init(&slot->report, job->arena, &roster->config->policy, probe->name,
	    probe->title, entry->target->domain);
	slot->report.timed_out = job->timed_out;
	slot->report.traced = slot->report.told = false; /* only figures are kept */
	probe->evaluate(&slot->target, view, &slot->report);
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
	sweep->fresh -= results_get(sweep->world.results, slot->index) == NULL;
	bool could_tell = report_could_tell(&slot->report);
	results_put(sweep->world.results, slot->index,
	    result_new(&slot->report, wall_clock_ms(), duration_ms));
	log_run(slot, duration_ms);
	sweep->good_until_ms[slot->index] = deadline_earlier(
	    job->good_until_ms, job->started_ms + LIMIT_REPEAT_MS);
	schedule_done(slot->lane->schedule, slot->place, !could_tell);
	sweep->runs++;
	DL_DELETE(slot->lane->busy, slot);
	DL_APPEND(slot->lane->free, slot);
}

static void
start(struct sweep *sweep, struct lane *lane, size_t place, int64_t now_ms)
{
	size_t index = lane->checks[place];
	const struct check_entry *entry = &sweep->roster->entries[index];
	struct slot *slot = lane->free;
	DL_DELETE(lane->free, slot);
	DL_APPEND(lane->busy, slot);
	struct span wire = entry->target->wire;
	enum status status = dns_name_from_wire(&slot->target.domain, &wire);
	assert(status == STATUS_OK);
	slot->target.settings = check_entry_settings(sweep->roster, entry);
	slot->target.now_seconds = wall_clock_ms() / 1000;
	slot->target.salt = salt_of_process();
	slot->target.trusts_ad = sweep->roster->config->trust_ad;
	slot->place = place;
	slot->index = index;
	slot->job = (struct job){
		.evaluate = evaluate,
		.finish = finish,
		.arena = sweep->arena,
		.deadline_ms = now_ms + lane->patience_ms,
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
repeat(struct sweep *sweep, struct lane *lane, size_t place)
{
	size_t index = lane->checks[place];
	bool could_tell = results_get(sweep->world.results, index)->could_tell;
	results_repeat(sweep->world.results, index, wall_clock_ms());
	schedule_done(lane->schedule, place, !could_tell);
	sweep->runs++;
}

void
sweep_figures(const struct sweep *sweep, struct figures *figures)
{
	const struct sweep_world *world = &sweep->world;
	int64_t now_ms = world->clock->now_ms(world->clock);
	figures->dns = runner_kind_counts(world->runner, FACT_DNS);
	figures->scans_in_flight = runner_kind_counts(world->runner, FACT_SMTP)
				       .in_flight;
	figures->counts = *runner_counts(world->runner);
	figures->runs = sweep->runs;
	figures->facts = store_count(world->store);
	for (size_t i = 0; i < LANES; i++) {
		int64_t lag_ms = schedule_lag_ms(sweep->lanes[i].schedule, now_ms);
		if (lag_ms > figures->lag_ms)
			figures->lag_ms = lag_ms;
	}
}

/* True when a job was started. */
static bool
start_due(struct sweep *sweep, struct lane *lane, int64_t now_ms)
{
	bool has_started = false;
	size_t place;
	while (lane->free != NULL && schedule_next(lane->schedule, now_ms, &place)) {
		if (would_be_the_same(sweep, lane->checks[place], now_ms)) {
			repeat(sweep, lane, place);
			continue;
		}
		start(sweep, lane, place, now_ms);
		has_started = true;
	}
	return has_started;
}

/* Without a free slot only an answer can change anything, and answers wake the runner.
 */
static int64_t
wake_ms_of(const struct lane *lane)
{
	return lane->free != NULL ? schedule_wake_ms(lane->schedule) : DEADLINE_NEVER;
}

bool
sweep_is_complete(const struct sweep *sweep)
{
	return sweep->fresh == 0;
}

int64_t
sweep_turn(struct sweep *sweep)
{
	int64_t now_ms = sweep->world.clock->now_ms(sweep->world.clock);
	bool has_started = false;
	int64_t wake_ms = DEADLINE_NEVER;
	for (size_t i = 0; i < LANES; i++) {
		struct lane *lane = &sweep->lanes[i];
		has_started = start_due(sweep, lane, now_ms) || has_started;
		wake_ms = deadline_earlier(wake_ms, wake_ms_of(lane));
	}
	if (sweep->expire_ms <= now_ms) {
		store_expire(sweep->world.store, runner_oldest_ms(sweep->world.runner));
		sweep->expire_ms = now_ms + EXPIRE_EVERY_MS;
	}

	/* Jobs that need no question are done within the step, and their slots free:
	 * don't sleep on that. */
	if (has_started)
		return now_ms;
	if (wake_ms < now_ms + TICK_MS)
		wake_ms = now_ms + TICK_MS;
	return deadline_earlier(wake_ms, sweep->expire_ms);
}
