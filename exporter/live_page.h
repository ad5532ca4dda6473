/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * live_page: what pages have in common that check a domain while somebody waits: asked
 * for in the server's thread, run in that of the runner, answered in the server's
 *again.
 *
 *	struct page {
 *		struct live_page live; (first)
 *		...
 *	};
 *	live_page_init(&page->live, tasks, answer_later, free_later);
 *	page->live.request = (struct live_request){ ... .done = live_page_done };
 *	answer->later = &page->live.later;
 */
#ifndef MAILGAUGE_EXPORTER_LIVE_PAGE_H
#define MAILGAUGE_EXPORTER_LIVE_PAGE_H

#include "http.h"
#include "live.h"
#include "tasks.h"

struct live_page {
	struct http_later later; /* first: the server hands us this */
	struct task task;
	struct live_request request;
	struct tasks *tasks;
};

/* The request is filled in by the caller. */
void live_page_init(struct live_page *page, struct tasks *tasks,
    void (*answer)(struct http_later *later, struct http_answer *answer),
    void (*free)(struct http_later *later));

/* For the request: its page can be answered. */
void live_page_done(struct live_request *request);

/* The page of a request, for take(). */
struct live_page *live_page_of(struct live_request *request);

/* The answer where nothing was taken: it was given up, since the exporter is ending. */
void live_page_answer_ending(struct http_answer *answer);

#endif
