/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Runs of checks outside the list, each with those who wait for it. */
#include "live.h"

#include "wall_clock.h"

#include "core/arena.h"
#include "core/die.h"
#include "core/salt.h"
#include "probe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

struct waiter {
	struct live_request *request;
	struct waiter *next;
};

struct live_run {
	struct job job; /* first: the runner hands us this */
	struct live *live;
	struct live_run *prev, *next;
	struct waiter *waiters; /* at least one */
	struct roster *roster;
	const char *domain; /* ours */
	uint32_t check;
	bool traced;
	struct target target;
	struct report report;
};

struct live {
	struct clock *clock;
	struct runner *runner;
	struct arena *arena; /* of one evaluation at a time */
	struct live_run *runs;
};

struct live *
live_new(struct clock *clock, struct runner *runner)
{
	struct live *live = must_calloc(1, sizeof(*live));
	live->clock = clock;
	live->runner = runner;
	live->arena = arena_new();
	return live;
}

static void
satisfy(struct live_request *request)
{
	if (--request->left == 0)
		request->done(request); /* may free it */
}

static void
run_free(struct live_run *run)
{
	roster_drop(run->roster);
	free((char *)run->domain);
	free(run);
}

void
live_free(struct live *live)
{
	struct live_run *run, *next;
	if (live == NULL)
		return;
	DL_FOREACH_SAFE(live->runs, run, next)
	{
		struct waiter *waiter, *after;
		runner_cancel(live->runner, &run->job);
		LL_FOREACH_SAFE(run->waiters, waiter, after)
		{
			satisfy(waiter->request);
			free(waiter);
		}
		run_free(run);
	}
	arena_free(live->arena);
	free(live);
}

static void
evaluate(struct job *job, struct view *view)
{
	struct live_run *run = (struct live_run *)job;
	const struct probe *probe = checks_probe(run->check);
	report_init(&run->report, job->arena, &run->roster->config->policy, probe->name,
	    probe->title, run->domain);
	run->report.timed_out = job->timed_out;
	run->report.traced = run->report.told = run->traced;
	probe->evaluate(&run->target, view, &run->report);
}

static void
finish(struct job *job)
{
	struct live_run *run = (struct live_run *)job;
	struct live *live = run->live;
	int64_t duration_ms = live->clock->now_ms(live->clock) - job->started_ms;
	struct waiter *waiter, *next;
	report_finish(&run->report);
	DL_DELETE(live->runs, run);
	LL_FOREACH_SAFE(run->waiters, waiter, next)
	{
		struct live_request *request = waiter->request;
		request->take(request, run->check, &run->report, duration_ms);
		satisfy(request);
		free(waiter);
	}
	run_free(run);
}

static const void *
settings_for(const struct live_request *request, uint32_t check)
{
	return settings_of(request->settings, request->roster->config->defaults, check);
}

/* A run that is under way and will be done in time; NULL: none. */
static struct live_run *
find_run(struct live *live, const struct live_request *request, uint32_t check,
    int64_t deadline_ms)
{
	struct live_run *run;
	DL_FOREACH(live->runs, run)
	if (run->check == check && run->roster == request->roster &&
	    run->target.settings == settings_for(request, check) &&
	    run->traced == request->traced && run->job.deadline_ms <= deadline_ms &&
	    dns_name_equal(&run->target.domain, &request->domain))
		break;
	return run;
}

static struct live_run *
start_run(struct live *live, const struct live_request *request, uint32_t check,
    int64_t deadline_ms)
{
	struct live_run *run = must_calloc(1, sizeof(*run));
	size_t size = strlen(request->domain_text) + 1;
	run->live = live;
	run->roster = roster_keep(request->roster);
	run->domain = memcpy(must_alloc(size), request->domain_text, size);
	run->check = check;
	run->traced = request->traced;
	run->target = (struct target){
		.domain = request->domain,
		.settings = settings_for(request, check),
		.now_seconds = wall_clock_ms() / 1000,
		.salt = salt_of_process(),
		.trusts_ad = request->roster->config->trust_ad,
	};
	run->job = (struct job){
		.evaluate = evaluate,
		.finish = finish,
		.arena = live->arena,
		.deadline_ms = deadline_ms,
		.urgent = true,
	};
	DL_APPEND(live->runs, run);
	runner_start(live->runner, &run->job);
	return run;
}

void
live_start(struct live *live, struct live_request *request)
{
	int64_t deadline_ms = live->clock->now_ms(live->clock) + request->timeout_ms;
	request->left = checks_in(request->checks);
	assert(request->left > 0);
	for (uint32_t check = 0; check < checks_count(); check++) {
		if (!(request->checks & checks_one(check)))
			continue;
		struct live_run *run = find_run(live, request, check, deadline_ms);
		if (run == NULL)
			run = start_run(live, request, check, deadline_ms);
		struct waiter *waiter = must_alloc(sizeof(*waiter));
		waiter->request = request;
		LL_PREPEND(run->waiters, waiter);
	}
}
