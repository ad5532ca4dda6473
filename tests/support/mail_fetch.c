/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The fetcher of made servers: what is asked waits in a list until virtual time has
 * come to its end. */
#include "mail_fetch.h"

#include "core/die.h"

#include <assert.h>
#include <stdlib.h>

#include <utlist.h>

enum { KEEP_SECONDS = 3600 };

/* A scan that was asked for and not handed back yet. */
struct pending {
	struct pending *prev, *next;
	struct smtp_key key;
	struct smtp_scan *scan;
	int64_t due_ms;
};

struct mail_fetcher {
	struct fetcher fetcher; /* first */
	struct zone_world *world;
	const struct mail *mail;
	int64_t until_ms;
	struct pending *pending;
	struct smtp_key handed_over; /* keeps the last arrival's key alive */
};

static struct pending *
earliest(const struct mail_fetcher *mails)
{
	struct pending *best = mails->pending, *pending;
	DL_FOREACH(mails->pending, pending)
	if (pending->due_ms < best->due_ms)
		best = pending;
	return best;
}

static void
mail_fetch_ask(struct fetcher *fetcher, struct span key, int64_t now_ms)
{
	struct mail_fetcher *mails = (struct mail_fetcher *)fetcher;
	struct smtp_endpoint endpoint;
	int64_t delay_ms;
	bool is_scan = smtp_key_read(key, &endpoint);
	assert(is_scan);
	zone_world_ask(mails->world);
	struct pending *pending = must_calloc(1, sizeof(*pending));
	smtp_key_make(&pending->key, &endpoint);
	pending->scan = mail_scan(mails->mail, &endpoint, &delay_ms);
	pending->due_ms = now_ms + delay_ms;
	if (pending->due_ms > mails->until_ms) {
		struct buf nothing;
		char memory[64];
		buf_wrap(&nothing, memory, sizeof(memory));
		pending->due_ms = mails->until_ms;
		smtp_scan_free(pending->scan);
		pending->scan = smtp_scan_new();
		enum status status = mail_scan_from_words(
		    pending->scan, &endpoint, span_text("timeout=greeting"), &nothing);
		assert(status == STATUS_OK);
	}
	DL_APPEND(mails->pending, pending);
}

static size_t
mail_fetch_watch(struct fetcher *fetcher, struct pollfd *fds, int64_t *wake_ms)
{
	const struct pending *pending = earliest((struct mail_fetcher *)fetcher);
	(void)fds;
	if (pending != NULL)
		*wake_ms = deadline_earlier(*wake_ms, pending->due_ms);
	return 0;
}

static void
mail_fetch_work(
    struct fetcher *fetcher, const struct pollfd *fds, size_t count, int64_t now_ms)
{
	(void)fetcher, (void)fds, (void)count, (void)now_ms;
}

static bool
mail_fetch_next(struct fetcher *fetcher, struct arrival *arrival)
{
	struct mail_fetcher *mails = (struct mail_fetcher *)fetcher;
	struct pending *pending = earliest(mails);
	if (pending == NULL || pending->due_ms > mails->world->now_ms)
		return false;
	mails->handed_over = pending->key;
	arrival->key = span_of(mails->handed_over.bytes, mails->handed_over.length);
	arrival->fact = smtp_fact(pending->scan, KEEP_SECONDS, pending->due_ms);
	mails->world->open--;
	DL_DELETE(mails->pending, pending);
	free(pending);
	return true;
}

static void
mail_fetch_free(struct fetcher *fetcher)
{
	struct mail_fetcher *mails = (struct mail_fetcher *)fetcher;
	struct pending *pending, *next;
	DL_FOREACH_SAFE(mails->pending, pending, next)
	{
		smtp_scan_free(pending->scan);
		free(pending);
	}
	free(mails);
}

struct fetcher *
mail_fetch_new(struct zone_world *world, const struct mail *mail, int64_t until_ms)
{
	struct mail_fetcher *mails = must_calloc(1, sizeof(*mails));
	mails->fetcher = (struct fetcher){
		.kind = FACT_SMTP,
		.ask = mail_fetch_ask,
		.watch = mail_fetch_watch,
		.work = mail_fetch_work,
		.next = mail_fetch_next,
		.free = mail_fetch_free,
	};
	mails->world = world;
	mails->mail = mail;
	mails->until_ms = until_ms;
	return &mails->fetcher;
}
