/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A queue of scans, and threads that take them: a conversation is linear code with one
 * deadline (plan.c), and there are few at once. The threads share the queue and what
 * scans lend each other (lending.h); an eventfd tells the runner that scans are done.
 *
 * A scan is in one list at a time: `waiting`, `running`, `done`.
 */
#include "smtp/fetch.h"

#include "certificate.h"
#include "core/deadline.h"
#include "core/die.h"
#include "core/limits.h"
#include "handshake.h"
#include "lending.h"
#include "plan.h"
#include "smtp/scan.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

enum { MS_PER_SECOND = 1000 };

struct task {
	struct task *prev, *next;
	struct smtp_endpoint endpoint;
	struct smtp_scan *scan; /* NULL: not yet, or handed over */
	int64_t ended_ms;
	int64_t good_until_ms; /* what it borrowed */
	bool urgent;
	size_t key_length;
	uint8_t key[SMTP_KEY_BYTES];
};

struct smtp_fetcher {
	struct fetcher fetcher;
	struct smtp_fetch_settings settings; /* with texts of our own */
	struct handshakes *handshakes;
	struct lending *lending;
	int arrived_fd;      /* readable: `done` has something */
	int abandon_fd;      /* readable: everyone stops */
	struct task *handed; /* last one given by next() */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct task *waiting, *running, *done;
	size_t waiting_count;
	size_t idle;   /* threads that wait for a task */
	size_t others; /* running ones that are not urgent */
	bool stopping;
	struct smtp_fetch_counts counts;
	size_t thread_count;
	pthread_t threads[LIMIT_SMTP_SCANS + LIMIT_SMTP_SCANS_URGENT];
};

/* --- the threads ---------------------------------------------------------- */

static bool
same_address(const struct task *a, const struct task *b)
{
	return a->endpoint.address_length == b->endpoint.address_length &&
	    memcmp(a->endpoint.address, b->endpoint.address,
		a->endpoint.address_length) == 0;
}

/* The first one of which no scan of the same address goes on. Urgent ones stand before
 * all others. */
static struct task *
next_task(const struct smtp_fetcher *fetcher)
{
	bool is_full = fetcher->others >= fetcher->settings.scans;
	struct task *task, *other;
	DL_FOREACH(fetcher->waiting, task)
	{
		if (is_full && !task->urgent)
			return NULL;
		DL_FOREACH(fetcher->running, other)
		if (same_address(task, other))
			break;
		if (other == NULL)
			return task;
	}
	return NULL;
}

static void
run_task(struct smtp_fetcher *fetcher, struct task *task)
{
	const struct smtp_fetch_settings *settings = &fetcher->settings;
	struct clock *clock = clock_system();
	int64_t now_ms = clock->now_ms(clock);
	struct lent lent;
	bool is_known = lending_find(fetcher->lending, &task->endpoint, now_ms, &lent);
	const struct plan_settings plan = {
		.ehlo = settings->ehlo,
		.hello_ms = settings->hello_ms,
		.handshakes = fetcher->handshakes,
		.abandon_fd = fetcher->abandon_fd,
		.lent = is_known ? &lent : NULL,
	};
	int64_t deadline_ms = deadline_earlier(
	    settings->until_ms, now_ms + settings->scan_ms);
	task->scan = smtp_scan_new();
	plan_run(&plan, &task->endpoint, deadline_ms, task->scan);
	task->ended_ms = clock->now_ms(clock);
	task->good_until_ms = task->scan->borrowed ? lent.good_until_ms
						   : DEADLINE_NEVER;
	lending_put(fetcher->lending, &task->endpoint, task->scan,
	    task->ended_ms + (int64_t)settings->keep_seconds * MS_PER_SECOND,
	    task->ended_ms);
}

static void
signal_event(int fd)
{
	int failed = eventfd_write(fd, 1);
	assert(!failed);
}

static void *
work(void *context)
{
	struct smtp_fetcher *fetcher = context;
	pthread_mutex_lock(&fetcher->lock);
	while (!fetcher->stopping) {
		struct task *task = next_task(fetcher);
		if (task == NULL) {
			fetcher->idle++;
			pthread_cond_wait(&fetcher->changed, &fetcher->lock);
			fetcher->idle--;
			continue;
		}
		DL_DELETE(fetcher->waiting, task);
		fetcher->waiting_count--;
		DL_APPEND(fetcher->running, task);
		fetcher->others += !task->urgent;
		pthread_mutex_unlock(&fetcher->lock);
		run_task(fetcher, task);
		pthread_mutex_lock(&fetcher->lock);
		DL_DELETE(fetcher->running, task);
		DL_APPEND(fetcher->done, task);
		fetcher->others -= !task->urgent;
		fetcher->counts.ends[task->scan->end]++;
		fetcher->counts.connections += task->scan->connections;
		signal_event(fetcher->arrived_fd);
		/* Another scan of this address may have waited for it. */
		pthread_cond_broadcast(&fetcher->changed);
	}
	pthread_mutex_unlock(&fetcher->lock);
	return NULL;
}

/* Signals are for the thread that knows what to do with them, but those that tell of a
 * bug in this one. */
static void
start_thread(struct smtp_fetcher *fetcher)
{
	static const int own[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV };
	sigset_t blocked, before;
	sigfillset(&blocked);
	for (size_t i = 0; i < ARRAY_LENGTH(own); i++)
		sigdelset(&blocked, own[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	int error = pthread_create(
	    &fetcher->threads[fetcher->thread_count], NULL, work, fetcher);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		fetcher->thread_count++;
	else if (fetcher->thread_count == 0)
		die_unknown("no thread can be started");
}

/* One more, where more wait than threads that have nothing to do: one that was woken up
 * still counts as idle until it runs. */
static void
need_thread(struct smtp_fetcher *fetcher, size_t most)
{
	if (fetcher->waiting_count > fetcher->idle && fetcher->thread_count < most)
		start_thread(fetcher);
}

/* --- the fetcher's functions ---------------------------------------------- */

static struct smtp_fetcher *
self(struct fetcher *fetcher)
{
	return (struct smtp_fetcher *)fetcher; /* it is the first member */
}

static void
fetch_ask(struct fetcher *base, struct span key, int64_t now_ms)
{
	struct smtp_fetcher *fetcher = self(base);
	struct task *task = must_calloc(1, sizeof(*task));
	(void)now_ms;
	bool ours = smtp_key_read(key, &task->endpoint);
	assert(ours); /* keys are made by smtp_key_make() */
	memcpy(task->key, key.bytes, key.length);
	task->key_length = key.length;

	pthread_mutex_lock(&fetcher->lock);
	DL_APPEND(fetcher->waiting, task);
	fetcher->waiting_count++;
	need_thread(fetcher, fetcher->settings.scans);
	pthread_cond_signal(&fetcher->changed);
	pthread_mutex_unlock(&fetcher->lock);
}

/* It need not wait any more until others are done: it goes first, and beyond `scans`.
 */
static void
fetch_hurry(struct fetcher *base, struct span key, int64_t now_ms)
{
	struct smtp_fetcher *fetcher = self(base);
	struct task *task;
	(void)now_ms;
	pthread_mutex_lock(&fetcher->lock);
	DL_FOREACH(fetcher->waiting, task)
	if (span_equal(span_of(task->key, task->key_length), key))
		break;
	if (task != NULL && !task->urgent) {
		DL_DELETE(fetcher->waiting, task);
		DL_PREPEND(fetcher->waiting, task);
		task->urgent = true;
		need_thread(fetcher, fetcher->settings.scans + LIMIT_SMTP_SCANS_URGENT);
		pthread_cond_broadcast(&fetcher->changed);
	}
	pthread_mutex_unlock(&fetcher->lock);
}

static size_t
fetch_watch(struct fetcher *base, struct pollfd *fds, int64_t *wake_ms)
{
	(void)wake_ms;
	fds[0] = (struct pollfd){ .fd = self(base)->arrived_fd, .events = POLLIN };
	return 1;
}

static void
fetch_work(struct fetcher *base, const struct pollfd *fds, size_t count, int64_t now_ms)
{
	eventfd_t arrivals;
	(void)now_ms;
	if (count > 0 && fds[0].revents != 0 &&
	    eventfd_read(self(base)->arrived_fd, &arrivals) != 0)
		assert(errno == EAGAIN);
}

static void
task_free(struct task *task)
{
	if (task == NULL)
		return;
	smtp_scan_free(task->scan);
	free(task);
}

static bool
fetch_next(struct fetcher *base, struct arrival *arrival)
{
	struct smtp_fetcher *fetcher = self(base);
	task_free(fetcher->handed);
	pthread_mutex_lock(&fetcher->lock);
	struct task *task = fetcher->done;
	if (task != NULL)
		DL_DELETE(fetcher->done, task);
	pthread_mutex_unlock(&fetcher->lock);
	fetcher->handed = task;
	if (task == NULL)
		return false;
	arrival->key = span_of(task->key, task->key_length);
	arrival->fact = smtp_fact(
	    task->scan, fetcher->settings.keep_seconds, task->ended_ms);
	arrival->fact.expires_ms = deadline_earlier(
	    arrival->fact.expires_ms, task->good_until_ms);
	task->scan = NULL; /* theirs now */
	return true;
}

static void
free_list(struct task *list)
{
	struct task *task, *next;
	DL_FOREACH_SAFE(list, task, next)
	task_free(task);
}

static void
fetch_free(struct fetcher *base)
{
	struct smtp_fetcher *fetcher = self(base);
	pthread_mutex_lock(&fetcher->lock);
	fetcher->stopping = true;
	signal_event(fetcher->abandon_fd);
	pthread_cond_broadcast(&fetcher->changed);
	pthread_mutex_unlock(&fetcher->lock);
	for (size_t i = 0; i < fetcher->thread_count; i++)
		pthread_join(fetcher->threads[i], NULL);

	free_list(fetcher->waiting);
	free_list(fetcher->done);
	task_free(fetcher->handed);
	lending_free(fetcher->lending);
	handshakes_free(fetcher->handshakes);
	free((char *)fetcher->settings.ehlo);
	close(fetcher->arrived_fd);
	close(fetcher->abandon_fd);
	pthread_cond_destroy(&fetcher->changed);
	pthread_mutex_destroy(&fetcher->lock);
	free(fetcher);
}

/* --- setting up ----------------------------------------------------------- */

/* `kind`: 0, or O_DIRECTORY for a path that has to be one. */
static bool
is_readable(const char *path, int kind, struct buf *why)
{
	if (path == NULL)
		return true;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | kind);
	if (fd >= 0) {
		close(fd);
		return true;
	}
	buf_addf(why, "CAs can't be read: %s: %s", path, strerror(errno));
	return false;
}

/* CAs that can't be read would be nobody's: it would stay unknown whom they trust. */
static struct handshakes *
open_handshakes(const char *ca_file, const char *ca_directory, struct buf *why)
{
	if (!is_readable(ca_file, 0, why) ||
	    !is_readable(ca_directory, O_DIRECTORY, why))
		return NULL;
	struct handshakes *handshakes = handshakes_new(ca_file, ca_directory);
	if (handshakes == NULL)
		buf_addf(why, "CAs can't be read: %s: no certificates in PEM",
		    ca_file != NULL ? ca_file : ca_directory);
	return handshakes;
}

void
smtp_system_cas(const char **ca_file, const char **ca_directory)
{
	trust_of_system(ca_file, ca_directory);
}

bool
smtp_ca_file_check(const char *ca_file, struct buf *why)
{
	struct handshakes *handshakes = open_handshakes(ca_file, NULL, why);
	bool are_sound = handshakes != NULL;
	handshakes_free(handshakes);
	return are_sound;
}

static const char *
copy_text(const char *text)
{
	size_t size = text != NULL ? strlen(text) + 1 : 0;
	return text != NULL ? memcpy(must_alloc(size), text, size) : NULL;
}

static void
copy_settings(
    struct smtp_fetch_settings *settings, const struct smtp_fetch_settings *given)
{
	*settings = *given;
	settings->ehlo = copy_text(given->ehlo);
	settings->ca_file = settings->ca_directory = NULL; /* they have been read */
	if (settings->scans == 0)
		settings->scans = LIMIT_SMTP_SCANS_DEFAULT;
	if (settings->scans > LIMIT_SMTP_SCANS)
		settings->scans = LIMIT_SMTP_SCANS;
	if (settings->scan_ms == 0)
		settings->scan_ms = LIMIT_SMTP_SCAN_MS;
	if (settings->hello_ms == 0)
		settings->hello_ms = LIMIT_SMTP_HELLO_MS;
	if (settings->until_ms == 0)
		settings->until_ms = DEADLINE_NEVER;
}

struct fetcher *
smtp_fetch_new(const struct smtp_fetch_settings *settings, struct buf *why)
{
	struct handshakes *handshakes = open_handshakes(
	    settings->ca_file, settings->ca_directory, why);
	if (handshakes == NULL)
		return NULL;
	int arrived_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int abandon_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (arrived_fd < 0 || abandon_fd < 0) {
		buf_addf(why, "no descriptor: %s", strerror(errno));
		if (arrived_fd >= 0)
			close(arrived_fd);
		handshakes_free(handshakes);
		return NULL;
	}
	struct smtp_fetcher *fetcher = must_calloc(1, sizeof(*fetcher));
	fetcher->fetcher = (struct fetcher){
		.kind = FACT_SMTP,
		.ask = fetch_ask,
		.watch = fetch_watch,
		.work = fetch_work,
		.next = fetch_next,
		.hurry = fetch_hurry,
		.free = fetch_free,
	};
	copy_settings(&fetcher->settings, settings);
	fetcher->arrived_fd = arrived_fd;
	fetcher->abandon_fd = abandon_fd;
	fetcher->handshakes = handshakes;
	fetcher->lending = lending_new(fetcher->settings.keep_seconds);
	int failed = pthread_mutex_init(&fetcher->lock, NULL) != 0 ||
	    pthread_cond_init(&fetcher->changed, NULL) != 0;
	assert(!failed);
	return &fetcher->fetcher;
}

void
smtp_fetch_lend(struct fetcher *base, const struct smtp_endpoint *endpoint,
    const struct smtp_scan *scan, int64_t good_until_ms)
{
	struct clock *clock = clock_system();
	lending_put(
	    self(base)->lending, endpoint, scan, good_until_ms, clock->now_ms(clock));
}

struct smtp_fetch_counts
smtp_fetch_counts(const struct fetcher *base)
{
	struct smtp_fetcher *fetcher = self((struct fetcher *)base);
	pthread_mutex_lock(&fetcher->lock);
	struct smtp_fetch_counts counts = fetcher->counts;
	pthread_mutex_unlock(&fetcher->lock);
	return counts;
}
