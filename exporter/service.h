/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * service: everything that works in the thread of the checks: schedule, runner,
 * fetchers, results, and what other threads want of them by tasks.
 *
 *	struct service *service = service_new(&settings);
 *	... start the server with service_results() and service_tasks()
 *	service_announce(service);
 *	while (!service_turn(service, signals, wake_ms))
 *		;
 *	service_end(service);
 *	... stop the server
 *	service_free(service);
 */
#ifndef MAILGAUGE_EXPORTER_SERVICE_H
#define MAILGAUGE_EXPORTER_SERVICE_H

#include "config.h"
#include "live.h"
#include "log.h"
#include "notify.h"
#include "results.h"
#include "tasks.h"
#include "web.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/run.h"

#include <stdbool.h>

typedef struct fetcher *open_fetcher(const struct config *config, struct buf *why);

struct service_settings {
	const char *config_file;
	struct config_shard shard;
	const struct log *log;       /* all borrowed */
	const struct notify *notify; /* told of reloads */
	struct web *web;             /* read again with the rest; NULL: there is none */
	const char *state_file;      /* empty: none is kept */
	bool once;                   /* for one sweep, as fast as it can be */

	/* Fetchers for a configuration; NULL when there is none: `why`. */
	open_fetcher *open_dns, *open_smtp;
};

struct service;

/* NULL when the configuration is not fit for use; the log says why. */
struct service *service_new(const struct service_settings *settings) MUST_CHECK;
void service_free(struct service *service);

struct results *service_results(struct service *service);
struct tasks *service_tasks(struct service *service);

/* Tells the service manager that we are ready, and what we do. */
void service_announce(struct service *service);

/* One turn: checks what is due, does what is asked, sleeps until something happens or
 * `wake_ms` has come. True when the descriptor `own` (or -1) has become readable. */
bool service_turn(struct service *service, int own, int64_t wake_ms);

/* Whether every check has a result. */
bool service_is_complete(const struct service *service);

/* Writes the state file, gives up what others wait for; nothing may follow but
 * service_free(). */
void service_end(struct service *service);

/* --- for tasks, whose owner a service is ---------------------------------- */

/* Reads the configuration again. A bad one changes nothing, and its faults are told. */
bool service_reload(struct service *service, struct buf *faults);

void service_start_live(struct service *service, struct live_request *request);

#endif
