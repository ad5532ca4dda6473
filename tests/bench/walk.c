/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The SPF trees of domains walked by the restart driver, and nothing else: no questions
 * beside them, no audit, no report. It is what libspf2 is measured against.
 *
 *	walk ADDR:PORT JOBS <DOMAINS		CPU_US WALL_US DOMAINS QUESTIONS LOOKUPS
 *
 * JOBS walks are under way at once; LOOKUPS is the sum of all trees.
 */
#include "cpu.h"

#include "core/die.h"
#include "core/run.h"
#include "dns/fetch.h"
#include "spf/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum { PATIENCE_MS = 30 * 1000 };

struct pool {
	struct runner *runner;
	struct clock *clock;
	struct walker *idle;
	long domains, lookups;
	bool failed;
};

struct walker {
	struct job job; /* first: the runner hands us this */
	struct pool *pool;
	struct dns_name domain;
	struct spf_tree *tree; /* of the last evaluation */
	struct walker *next;
};

static void
evaluate(struct job *job, struct view *view)
{
	struct walker *walker = (struct walker *)job;
	walker->tree = spf_tree_walk(view, job->arena, &walker->domain);
}

static void
finish(struct job *job)
{
	struct walker *walker = (struct walker *)job;
	struct pool *pool = walker->pool;
	pool->domains++;
	pool->lookups += walker->tree->lookups;
	if (!walker->tree->complete)
		pool->failed = true;
	LL_PREPEND(pool->idle, walker);
}

/* Starts a walk for each idle walker; false at the end of the list. */
static bool
start_walks(struct pool *pool, struct arena *arena)
{
	char line[512];
	while (pool->idle != NULL) {
		if (fgets(line, sizeof(line), stdin) == NULL)
			return false;
		line[strcspn(line, "\n")] = '\0';
		struct walker *walker = pool->idle;
		LL_DELETE(pool->idle, walker);
		if (dns_name_from_text(&walker->domain, span_text(line)) != STATUS_OK)
			die_unknown("not a name in the list");
		walker->job = (struct job){
			.evaluate = evaluate,
			.finish = finish,
			.arena = arena,
			.deadline_ms = pool->clock->now_ms(pool->clock) + PATIENCE_MS,
		};
		runner_start(pool->runner, &walker->job);
	}
	return true;
}

static struct fetcher *
make_fetcher(const char *server)
{
	char memory[256];
	struct buf why;
	struct dns_fetch_settings settings;
	buf_wrap(&why, memory, sizeof(memory));
	memset(&settings, 0, sizeof(settings));
	settings.servers.count = 1;
	if (nameserver_parse(&settings.servers.list[0], span_text(server)) != STATUS_OK)
		die_unknown("not a name server");
	struct fetcher *fetcher = dns_fetch_new(&settings, &why);
	if (fetcher == NULL)
		die_unknown(why.text);
	return fetcher;
}

int
main(int argc, char *argv[])
{
	if (argc != 3) {
		fprintf(stderr, "usage: walk ADDR:PORT JOBS <DOMAINS\n");
		return 2;
	}
	struct pool pool = { .clock = clock_system() };
	struct store *store = store_new();
	struct arena *arena = arena_new();
	struct fetcher *fetcher = make_fetcher(argv[1]);
	size_t jobs = (size_t)atoi(argv[2]);
	struct walker *walkers = must_calloc(jobs, sizeof(*walkers));
	pool.runner = runner_new(pool.clock, store);
	runner_add_fetcher(pool.runner, fetcher);
	for (size_t i = 0; i < jobs; i++) {
		walkers[i].pool = &pool;
		LL_PREPEND(pool.idle, &walkers[i]);
	}

	long cpu = cpu_us();
	int64_t wall_ms = pool.clock->now_ms(pool.clock);
	bool more = true;
	while (more || runner_active(pool.runner) > 0) {
		more = more && start_walks(&pool, arena);
		runner_step(pool.runner, NULL, 0, DEADLINE_NEVER);
	}
	wall_ms = pool.clock->now_ms(pool.clock) - wall_ms;
	printf("%ld %ld %ld %llu %ld\n", cpu_us() - cpu, (long)wall_ms * 1000,
	    pool.domains, (unsigned long long)runner_counts(pool.runner)->asked,
	    pool.lookups);

	runner_free(pool.runner);
	fetcher->free(fetcher);
	store_free(store);
	arena_free(arena);
	free(walkers);
	return pool.failed;
}
