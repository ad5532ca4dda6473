/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * mailgauge_exporter: runs the checks over many domains all the time and shows the last
 * results on /metrics. This file only puts the parts together: this thread has the
 * service, which does all of the work; the server's reads snapshots.
 */
#include "config.h"
#include "draft.h"
#include "flags.h"
#include "gate.h"
#include "handlers.h"
#include "listener.h"
#include "log.h"
#include "notify.h"
#include "process.h"
#include "server.h"
#include "service.h"
#include "textfile.h"
#include "web.h"

#include "core/die.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/run.h"
#include "dns/fetch.h"
#include "smtp/fetch.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char program[] = "mailgauge_exporter";

/* What there is besides the command line, while it runs. */
struct parts {
	int signals;
	struct notify notify;
	struct web *web; /* NULL with --once */
	struct service *service;
};

/* Signals as a descriptor. They are blocked from the start, also in the threads
 * to come, so that one which comes early is not lost. */
static int
open_signals(void)
{
	sigset_t taken;
	sigemptyset(&taken);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGHUP);
	sigprocmask(SIG_BLOCK, &taken, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow so large is told */
	int fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die_unknown("no descriptor for signals");
	return fd;
}

/* For people: what is wrong on standard error, or one line that all is well. */
static int
check_config(const struct flags *flags)
{
	struct buf yaml;
	struct config_messages messages;
	config_messages_init(&messages);
	buf_init(&yaml, LIMIT_CONFIG_BYTES);
	struct config *config = config_new();
	bool is_fine = config_read_file(&yaml, flags->config_file, &messages) &&
	    config_load(config, flags->config_file, buf_span(&yaml), &messages);
	struct web *web = web_new(flags->web_config_file, &messages);
	is_fine = is_fine && web != NULL;
	fputs(messages.warnings.text, stderr);
	fputs(messages.errors.text, stderr);
	if (is_fine)
		printf("%s: fine, %zu domains\n", flags->config_file,
		    config->target_count);
	web_free(web);
	config_free(config);
	buf_free(&yaml);
	config_messages_free(&messages);
	return is_fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* NULL when there are no resolvers to ask: `why`. */
static struct fetcher *
open_dns(const struct config *config, struct buf *why)
{
	struct dns_fetch_settings settings = {
		.servers = config->nameservers,
		.in_flight = config->dns_in_flight,
	};
	if (settings.servers.count == 0) {
		buf_add_text(why, "resolv.conf can't be read");
		return NULL;
	}
	settings.trust_ad = config->trust_ad;
	return dns_fetch_new(&settings, why);
}

/* Values of options end in NUL. */
static const char *
text_or_null(struct span value)
{
	return value.length > 0 ? (const char *)value.bytes : NULL;
}

static struct fetcher *
open_smtp(const struct config *config, struct buf *why)
{
	const struct smtp_tls_settings *smtp = config_smtp(config);
	const struct smtp_fetch_settings settings = {
		.ehlo = text_or_null(smtp->ehlo),
		.ca_file = text_or_null(smtp->ca_file),
		.ca_directory = text_or_null(smtp->ca_dir),
		.scans = config->smtp_in_flight,
		.keep_seconds = (unsigned)(config->smtp_interval_ms / 1000),
	};
	return smtp_fetch_new(&settings, why);
}

/* What the first so many addresses leave behind. */
static void
remove_listeners(const struct flags *flags, size_t count)
{
	for (size_t i = 0; i < count; i++)
		listener_remove(span_text(flags->listen_addresses[i]));
}

/* How many, or 0, and all closed and removed again: `why`. */
static size_t
open_listeners(
    const struct flags *flags, int fds[static LIMIT_LISTENERS], struct buf *why)
{
	if (flags->systemd_socket)
		return listener_inherit(fds, LIMIT_LISTENERS, why);
	for (size_t i = 0; i < flags->listen_count; i++) {
		fds[i] = listener_open(span_text(flags->listen_addresses[i]), why);
		if (fds[i] >= 0)
			continue;
		remove_listeners(flags, i);
		while (i-- > 0)
			close(fds[i]);
		return 0;
	}
	return flags->listen_count;
}

static void
log_listening(const struct log *log, int fd)
{
	char memory[LIMIT_MESSAGE];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	listener_add_address(&text, fd);
	log_write(log, LOG_LEVEL_INFO, "listening",
	    LOG_FIELDS(
		{ "address", text.text, 0 }, { "version", MAILGAUGE_VERSION, 0 }));
}

/* NULL when an address can't be had; the log says why. */
static struct server *
open_server(const struct flags *flags, struct gate *gate, struct web *web)
{
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	int fds[LIMIT_LISTENERS];
	size_t count = open_listeners(flags, fds, &why);
	if (count == 0) {
		log_write(&flags->log, LOG_LEVEL_ERROR, why.text, NULL);
		return NULL;
	}
	struct server *server = server_start(fds, count, gate, web, &flags->log);
	if (server == NULL) {
		log_write(
		    &flags->log, LOG_LEVEL_ERROR, "can't start the HTTP server", NULL);
		remove_listeners(flags, flags->listen_count);
	}
	for (size_t i = 0; server != NULL && i < count; i++)
		log_listening(&flags->log, fds[i]);
	return server;
}

/* What a signal wants; true when it is the end. */
static bool
take_signals(struct service *service, int signals)
{
	struct signalfd_siginfo info;
	bool ends = false;
	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP) {
			ends = true;
			continue;
		}
		struct buf faults;
		buf_init(&faults, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE);
		service_reload(service, &faults); /* the log says how it went */
		buf_free(&faults);
	}
	return ends;
}

/* Until a signal ends it, or with `once` when every check has a result. The watchdog
 * hears of us here, in the thread that does the work, so that it doesn't when the work
 * stands still. */
static void
work(struct parts *parts, bool once)
{
	struct clock *clock = clock_system();
	bool ends = false;
	while (!ends && !(once && service_is_complete(parts->service))) {
		int64_t wake_ms = notify_alive(&parts->notify, clock->now_ms(clock));
		ends = service_turn(parts->service, parts->signals, wake_ms) &&
		    take_signals(parts->service, parts->signals);
	}
}

static int
serve(const struct flags *flags, struct parts *parts)
{
	struct service *service = parts->service;
	struct handlers *handlers = handlers_new(
	    service_results(service), service_tasks(service), clock_system());
	struct gate *gate = gate_new(parts->web, handlers, clock_system());
	struct server *server = open_server(flags, gate, parts->web);
	if (server != NULL) {
		service_announce(service);
		work(parts, false);
		notify_stopping(&parts->notify);
		log_write(&flags->log, LOG_LEVEL_INFO, "stopping", NULL);
	}
	service_end(service);
	gate_end(gate);
	server_stop(server);
	if (server != NULL)
		remove_listeners(flags, flags->listen_count);
	gate_free(gate);
	handlers_free(handlers);
	return server != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* One sweep; 3 when its file can't be written, as plugins say that they don't know. */
static int
sweep_once(const struct flags *flags, struct parts *parts)
{
	enum { EXIT_UNWRITTEN = 3 };
	struct service *service = parts->service;
	const char *reason = "a signal came before the end";
	work(parts, true);
	if (service_is_complete(service)) {
		struct clock *clock = clock_system();
		struct snapshot *snapshot = results_snapshot(
		    service_results(service), clock->now_ms(clock));
		int failed = textfile_write(flags->textfile, snapshot);
		reason = failed != 0 ? draft_reason(failed) : NULL;
		snapshot_drop(snapshot);
	}
	service_end(service);
	if (reason == NULL)
		return EXIT_SUCCESS;
	log_write(&flags->log, LOG_LEVEL_ERROR, "no file was written",
	    LOG_FIELDS({ "path", flags->textfile, 0 }, { "reason", reason, 0 }));
	return EXIT_UNWRITTEN;
}

static int
print_usage(void)
{
	struct buf text;
	buf_init(&text, LIMIT_OUTPUT);
	flags_usage(&text);
	fputs(text.text, stdout);
	buf_free(&text);
	return EXIT_SUCCESS;
}

/* NULL when the file is not fit for use; the log says why. */
static struct web *
open_web(const struct flags *flags)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct web *web = web_new(flags->web_config_file, &messages);
	log_write_lines(&flags->log, LOG_LEVEL_ERROR, buf_span(&messages.errors));
	config_messages_free(&messages);
	return web;
}

/* A manager that can't be told will end us for it: the log says why. */
static void
open_notify(const struct flags *flags, struct notify *notify)
{
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	if (!notify_open(notify, &why))
		log_write(&flags->log, LOG_LEVEL_WARN,
		    "the service manager can't be told how we are",
		    LOG_FIELDS({ "reason", why.text, 0 }));
}

static int
run(const struct flags *flags)
{
	struct parts parts = { .signals = open_signals() };
	open_notify(flags, &parts.notify);
	if (!flags->once)
		parts.web = open_web(flags);
	const struct service_settings settings = {
		.config_file = flags->config_file,
		.shard = flags->shard,
		.log = &flags->log,
		.notify = &parts.notify,
		.web = parts.web,
		.state_file = flags->state_file,
		.once = flags->once,
		.open_dns = open_dns,
		.open_smtp = open_smtp,
	};
	if (flags->once || parts.web != NULL)
		parts.service = service_new(&settings);
	int status = EXIT_FAILURE;
	if (parts.service != NULL)
		status = (flags->once ? sweep_once : serve)(flags, &parts);
	service_free(parts.service);
	web_free(parts.web);
	notify_close(&parts.notify);
	close(parts.signals);
	return status;
}

/* A scrape takes megabytes for a moment. glibc gives the first of them back and keeps
 * all later ones, because it raises the size from which it does so to what it has seen;
 * named by the program, that size stays. */
static void
give_back_memory(void)
{
	enum { LARGE_BYTES = 128 * 1024 };
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

int
main(int argc, char *argv[])
{
	file_fill_descriptors();
	give_back_memory();
	process_raise_descriptors();
	struct flags flags;
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	if (flags_parse(&flags, argc, argv, &why) != STATUS_OK) {
		fprintf(stderr, "%s: %s\n", program, why.text);
		return EXIT_FAILURE;
	}
	if (flags.help)
		return print_usage();
	if (flags.version) {
		printf("%s %s\n", program, MAILGAUGE_VERSION);
		return EXIT_SUCCESS;
	}
	return flags.config_check ? check_config(&flags) : run(&flags);
}
