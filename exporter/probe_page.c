/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The way of a probe: read here, in the server's thread; run in the thread of the
 * runner, which leaves results; written here, when the server comes back for it.
 */
#include "probe_page.h"

#include "accept.h"
#include "live_page.h"
#include "metrics.h"
#include "probe_query.h"
#include "wall_clock.h"

#include "core/arena.h"
#include "core/die.h"
#include "core/limits.h"

#include <stdlib.h>

enum { CHECKS_MAX = 32 }; /* bits of a check_set */

struct probe_page {
	struct live_page live; /* first: it is handed to us as that */
	struct arena *arena;
	enum prometheus_format format;
	struct config_target target;
	struct check_entry entries[CHECKS_MAX];
	struct result *results[CHECKS_MAX];
	size_t count;
};

static void
take(struct live_request *request, uint32_t check, const struct report *report,
    int64_t duration_ms)
{
	struct probe_page *page = (struct probe_page *)live_page_of(request);
	page->entries[page->count] = (struct check_entry){
		.target = &page->target, .label = page->target.label, .check = check
	};
	page->results[page->count++] = result_new(report, wall_clock_ms(), duration_ms);
}

static void
add_families(struct buf *out, const struct probe_page *page)
{
	const struct metrics_rows rows = { page->entries, page->results, page->count };
	for (size_t family = 0; family < metrics_families(); family++) {
		size_t start = out->length;
		metrics_add_head(out, page->format, family);
		size_t headed = out->length;
		metrics_add_samples(out, family, &rows);
		if (out->length == headed)
			buf_shorten(out, start);
	}
}

static void
answer_later(struct http_later *later, struct http_answer *answer)
{
	static const char timeout[] = METRIC_PREFIX "probe_timeout_seconds";
	struct probe_page *page = (struct probe_page *)later;
	if (page->count == 0) { /* given up: the exporter is ending */
		live_page_answer_ending(answer);
		return;
	}
	answer->status = 200;
	answer->type = metrics_type(page->format);
	buf_init(&answer->body, LIMIT_GROUP_BYTES);
	prometheus_head(&answer->body, page->format, timeout, "gauge",
	    "How long this probe could have taken.");
	prometheus_sample(&answer->body, timeout, NULL, 0,
	    (double)page->live.request.timeout_ms / 1000);
	add_families(&answer->body, page);
	prometheus_end(&answer->body, page->format);
}

static void
free_later(struct http_later *later)
{
	struct probe_page *page = (struct probe_page *)later;
	for (size_t i = 0; i < page->count; i++)
		result_drop(page->results[i]);
	roster_drop(page->live.request.roster);
	arena_free(page->arena);
	free(page);
}

static struct probe_page *
page_new(const struct probe_query *query, struct roster *roster, struct tasks *tasks)
{
	struct probe_page *page = must_calloc(1, sizeof(*page));
	live_page_init(&page->live, tasks, answer_later, free_later);
	page->arena = arena_new();
	page->target.domain = dns_name_text(page->arena, &query->domain);
	page->target.label = config_label(page->arena, page->target.domain);
	page->live.request = (struct live_request){
		.roster = roster_keep(roster),
		.domain = query->domain,
		.domain_text = page->target.domain,
		.checks = query->checks,
		.settings = query->target != NULL ? query->target->settings : NULL,
		.timeout_ms = query->timeout_ms,
		.take = take,
		.done = live_page_done,
	};
	return page;
}

void
probe_page_answer(const struct http_request *request, struct http_answer *answer,
    struct roster *roster, struct tasks *tasks)
{
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct probe_query query;
	unsigned status = probe_query_read(&query, roster->config,
	    request->argument(request, "target"), request->argument(request, "module"),
	    request->header(request, "X-Prometheus-Scrape-Timeout-Seconds"), &why);
	if (status != 200) {
		http_answer_text(answer, status, why.text);
		buf_add_text(&answer->body, ".\n");
		return;
	}
	struct probe_page *page = page_new(&query, roster, tasks);
	page->format = accept_format(request->header(request, "Accept"));
	answer->later = &page->live.later;
}
