/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The request waits until the thread of the checks has done it. */
#include "reload_page.h"

#include "live_page.h"
#include "service.h"

#include "core/die.h"
#include "core/limits.h"

#include <stdlib.h>

struct reload_page {
	struct http_later later; /* first: the server hands us this */
	struct task task;
	struct tasks *tasks;
	bool has_run, is_fine;
	struct buf faults;
};

static void
run(struct task *task, void *owner)
{
	struct reload_page *page = (struct reload_page *)((char *)task -
	    offsetof(struct reload_page, task));
	page->has_run = true;
	page->is_fine = service_reload(owner, &page->faults);
	page->later.done(&page->later);
}

static void
start(struct http_later *later)
{
	struct reload_page *page = (struct reload_page *)later;
	page->task.run = run;
	tasks_give(page->tasks, &page->task);
}

static void
answer_later(struct http_later *later, struct http_answer *answer)
{
	struct reload_page *page = (struct reload_page *)later;
	if (!page->has_run) {
		live_page_answer_ending(answer);
		return;
	}
	if (page->is_fine) {
		http_answer_text(answer, 200, "The configuration has been read.\n");
		return;
	}
	http_answer_text(answer, 500, "The old configuration stays in use:\n");
	buf_add(&answer->body, buf_span(&page->faults));
}

static void
free_later(struct http_later *later)
{
	struct reload_page *page = (struct reload_page *)later;
	buf_free(&page->faults);
	free(page);
}

void
reload_page_answer(struct http_answer *answer, struct tasks *tasks)
{
	struct reload_page *page = must_calloc(1, sizeof(*page));
	page->later = (struct http_later){
		.start = start, .answer = answer_later, .free = free_later
	};
	page->tasks = tasks;
	buf_init(&page->faults, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE);
	answer->later = &page->later;
}
