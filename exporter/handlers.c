/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A path is a row of a table; what its page says is written elsewhere. */
#include "handlers.h"

#include "accept.h"
#include "domain_page.h"
#include "exposition.h"
#include "html.h"
#include "metrics.h"
#include "page_findings.h"
#include "page_overview.h"
#include "probe_page.h"
#include "reload_page.h"
#include "wall_clock.h"
#include "zipped.h"

#include "core/die.h"
#include "core/limits.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 256 * 1024 };

struct handlers {
	struct results *results;
	struct tasks *tasks;
	struct clock *clock;
	struct zipper *zipper;
};

/* One request on its way through a page. */
struct visit {
	struct handlers *handlers;
	const struct http_request *request;
	struct http_answer *answer;
	const char *rest; /* of the path, behind that of the route */
};

struct handlers *
handlers_new(struct results *results, struct tasks *tasks, struct clock *clock)
{
	struct handlers *handlers = must_calloc(1, sizeof(*handlers));
	handlers->results = results;
	handlers->tasks = tasks;
	handlers->clock = clock;
	handlers->zipper = zipper_new();
	return handlers;
}

void
handlers_free(struct handlers *handlers)
{
	if (handlers == NULL)
		return;
	zipper_free(handlers->zipper);
	free(handlers);
}

static struct snapshot *
take_snapshot(struct handlers *handlers)
{
	return results_snapshot(
	    handlers->results, handlers->clock->now_ms(handlers->clock));
}

void
http_answer_text(struct http_answer *answer, unsigned status, const char *text)
{
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	buf_init(&answer->body, LIMIT_PAGE_BYTES);
	buf_add_text(&answer->body, text);
}

void
http_answer_header(struct http_answer *answer, const char *name, const char *value)
{
	if (answer->header_count < HTTP_HEADERS)
		answer->headers[answer->header_count++] = (struct http_header){ name,
			value };
}

/* --- /metrics ------------------------------------------------------------- */

struct scrape {
	struct snapshot *snapshot;
	struct exposition_cursor cursor;
};

static enum http_piece
next_piece(void *context, struct buf *out)
{
	struct scrape *scrape = context;
	if (exposition_add(&scrape->cursor, out, PIECE_BYTES))
		return HTTP_PIECE_ADDED;
	return scrape->cursor.ended ? HTTP_PIECE_END : HTTP_PIECE_NO_ROOM;
}

static void
free_scrape(void *context)
{
	struct scrape *scrape = context;
	snapshot_drop(scrape->snapshot);
	free(scrape);
}

static void
stream(struct visit *visit, enum prometheus_format format)
{
	struct scrape *scrape = must_calloc(1, sizeof(*scrape));
	scrape->snapshot = take_snapshot(visit->handlers);
	exposition_begin(&scrape->cursor, scrape->snapshot, format);
	visit->answer->stream = (struct http_stream){ next_piece, free_scrape, scrape,
		0 };
}

static enum http_piece
next_zipped(void *context, struct buf *out)
{
	struct zipped *page = context;
	if (zipped_next(page, out))
		return HTTP_PIECE_ADDED;
	return zipped_is_sent(page) ? HTTP_PIECE_END : HTTP_PIECE_NO_ROOM;
}

static void
free_zipped(void *context)
{
	zipped_free(context);
}

static void
compress(struct visit *visit, enum prometheus_format format)
{
	struct snapshot *snapshot = take_snapshot(visit->handlers);
	struct zipped *page = zipper_page(visit->handlers->zipper, snapshot, format);
	snapshot_drop(snapshot);
	visit->answer->stream = (struct http_stream){ next_zipped, free_zipped, page,
		zipped_bytes(page) };
	http_answer_header(visit->answer, "Content-Encoding", "gzip");
}

static void
answer_metrics(struct visit *visit)
{
	const struct http_request *request = visit->request;
	enum prometheus_format format = accept_format(
	    request->header(request, "Accept"));
	visit->answer->status = 200;
	visit->answer->type = metrics_type(format);
	http_answer_header(visit->answer, "Vary", "Accept, Accept-Encoding");
	if (accept_gzip(request->header(request, "Accept-Encoding")))
		compress(visit, format);
	else
		stream(visit, format);
}

/* --- pages for people ----------------------------------------------------- */

static void
answer_overview(struct visit *visit)
{
	struct snapshot *snapshot = take_snapshot(visit->handlers);
	struct overview_query query;
	overview_query_read(&query, visit->request);
	html_answer(visit->answer, 200);
	page_overview_write(&visit->answer->body, snapshot, &query, wall_clock_ms());
	snapshot_drop(snapshot);
}

static void
answer_findings(struct visit *visit)
{
	struct snapshot *snapshot = take_snapshot(visit->handlers);
	html_answer(visit->answer, 200);
	page_findings_write(&visit->answer->body, &snapshot->roster->config->policy);
	snapshot_drop(snapshot);
}

static void
answer_style(struct visit *visit)
{
	http_answer_text(visit->answer, 200, html_style);
	visit->answer->type = "text/css; charset=utf-8";
	http_answer_header(visit->answer, "Cache-Control", "max-age=300");
}

static void
answer_domain(struct visit *visit)
{
	domain_page_answer(visit->request, visit->rest, DOMAIN_HTML,
	    take_snapshot(visit->handlers), visit->handlers->tasks, visit->answer);
}

static void
answer_api_domain(struct visit *visit)
{
	domain_page_answer(visit->request, visit->rest, DOMAIN_JSON,
	    take_snapshot(visit->handlers), visit->handlers->tasks, visit->answer);
}

/* --- the rest ------------------------------------------------------------- */

static void
answer_probe(struct visit *visit)
{
	struct snapshot *snapshot = take_snapshot(visit->handlers);
	probe_page_answer(
	    visit->request, visit->answer, snapshot->roster, visit->handlers->tasks);
	snapshot_drop(snapshot);
}

static void
answer_healthy(struct visit *visit)
{
	http_answer_text(visit->answer, 200, "mailgauge_exporter is healthy.\n");
}

/* The server starts after the configuration was loaded, so whoever asks it finds it
 * ready; that some checks have not run yet shows in their metrics. */
static void
answer_ready(struct visit *visit)
{
	http_answer_text(visit->answer, 200, "mailgauge_exporter is ready.\n");
}

static void
answer_reload(struct visit *visit)
{
	reload_page_answer(visit->answer, visit->handlers->tasks);
}

static const struct route {
	const char
	    *path; /* one that ends in a slash, and is not only that, is a prefix */
	bool acts; /* so only POST will do */
	void (*answer)(struct visit *visit);
} routes[] = {
	{ "/", false, answer_overview },
	{ "/domain/", false, answer_domain },
	{ "/findings", false, answer_findings },
	{ "/style.css", false, answer_style },
	{ "/api/v1/domains/", false, answer_api_domain },
	{ "/metrics", false, answer_metrics },
	{ "/probe", false, answer_probe },
	{ "/-/healthy", false, answer_healthy },
	{ "/-/ready", false, answer_ready },
	{ "/-/reload", true, answer_reload },
};

static bool
is_prefix(const struct route *route, size_t length)
{
	return length > 1 && route->path[length - 1] == '/';
}

static const struct route *
find_route(const char *path)
{
	for (size_t i = 0; i < ARRAY_LENGTH(routes); i++) {
		size_t length = strlen(routes[i].path);
		if (strcmp(path, routes[i].path) == 0 ||
		    (is_prefix(&routes[i], length) &&
			strncmp(path, routes[i].path, length) == 0))
			return &routes[i];
	}
	return NULL;
}

static bool
is_allowed(const struct route *route, const char *method)
{
	if (route->acts)
		return strcmp(method, "POST") == 0;
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

bool
handlers_knows(const struct http_request *request)
{
	const struct route *route = find_route(request->path);
	return route != NULL && is_allowed(route, request->method);
}

static void
refuse_method(const struct route *route, struct http_answer *answer)
{
	if (route->acts) {
		http_answer_text(answer, 405, "Only POST here.\n");
		http_answer_header(answer, "Allow", "POST");
	} else {
		http_answer_text(answer, 405, "Only GET and HEAD here.\n");
		http_answer_header(answer, "Allow", "GET, HEAD");
	}
}

void
handlers_answer(struct handlers *handlers, const struct http_request *request,
    struct http_answer *answer)
{
	const struct route *route = find_route(request->path);
	struct visit visit = { handlers, request, answer, NULL };
	if (route == NULL) {
		http_answer_text(answer, 404, "Not found.\n");
	} else if (!is_allowed(route, request->method)) {
		refuse_method(route, answer);
	} else {
		visit.rest = request->path + strlen(route->path);
		route->answer(&visit);
	}
}
