/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The way of a page from one thread to the other and back. */
#include "live_page.h"

#include "service.h"

struct live_page *
live_page_of(struct live_request *request)
{
	return (
	    struct live_page *)((char *)request - offsetof(struct live_page, request));
}

void
live_page_done(struct live_request *request)
{
	struct live_page *page = live_page_of(request);
	page->later.done(&page->later);
}

/* In the thread of the runner. */
static void
run(struct task *task, void *owner)
{
	struct live_page *page = (struct live_page *)((char *)task -
	    offsetof(struct live_page, task));
	service_start_live(owner, &page->request);
}

static void
start(struct http_later *later)
{
	struct live_page *page = (struct live_page *)later;
	page->task.run = run;
	tasks_give(page->tasks, &page->task);
}

void
live_page_init(struct live_page *page, struct tasks *tasks,
    void (*answer)(struct http_later *later, struct http_answer *answer),
    void (*free)(struct http_later *later))
{
	page->later = (struct http_later){
		.start = start, .answer = answer, .free = free
	};
	page->tasks = tasks;
}

void
live_page_answer_ending(struct http_answer *answer)
{
	http_answer_text(answer, 503, "The exporter is ending.\n");
}
