/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * mailgauge_exporter: runs the checks over many domains all the time and shows the last
 * results on /metrics. This file only puts the parts together: this thread has the
 * schedule, the runner and the fetchers; the server's reads snapshots.
 */
#include "config.h"
#include "flags.h"
#include "listener.h"
#include "log.h"
#include "results.h"
#include "server.h"
#include "sweep.h"
#include "wall_clock.h"

#include "core/die.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/run.h"
#include "dns/fetch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char program[] = "mailgauge_exporter";

/* Ending signals as a descriptor. They are blocked from the start, also in the threads
 * to come, so that one which comes early is not lost. */
static int
open_signals(void)
{
	sigset_t ending;
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	int fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die_unknown("no descriptor for signals");
	return fd;
}

static void
log_lines(const struct log *log, enum log_level level, const struct buf *lines)
{
	struct split split = { .rest = buf_span(lines) };
	struct span line;
	while (split_next(&split, '\n', &line)) {
		char memory[2 * LIMIT_MESSAGE];
		struct buf text;
		buf_wrap(&text, memory, sizeof(memory));
		buf_add(&text, line);
		if (text.length > 0)
			log_write(log, level, text.text, NULL);
	}
}

static bool
load(struct config *config, const struct flags *flags)
{
	struct config_messages messages;
	config_messages_init(&messages);
	bool is_fine = config_load(config, flags->config_file, &messages);
	if (flags->config_check) {
		fputs(messages.warnings.text, stderr);
		fputs(messages.errors.text, stderr);
	} else {
		log_lines(&flags->log, LOG_LEVEL_WARN, &messages.warnings);
		log_lines(&flags->log, LOG_LEVEL_ERROR, &messages.errors);
	}
	config_messages_free(&messages);
	return is_fine;
}

/* NULL when there are no resolvers to ask; the log says why. */
static struct fetcher *
open_dns(const struct config *config, const struct log *log)
{
	struct dns_fetch_settings settings = {
		.servers = config->nameservers,
		.in_flight = config->dns_in_flight,
	};
	if (settings.servers.count == 0 &&
	    nameservers_from_system(&settings.servers) != STATUS_OK) {
		log_write(log, LOG_LEVEL_ERROR, "resolv.conf can't be read", NULL);
		return NULL;
	}
	settings.trust_ad = config->trust_ad_set
	    ? config->trust_ad
	    : nameservers_are_loopback(&settings.servers);

	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct fetcher *dns = dns_fetch_new(&settings, &why);
	if (dns == NULL)
		log_write(log, LOG_LEVEL_ERROR, why.text, NULL);
	return dns;
}

/* NULL when the address can't be had; the log says why. */
static struct server *
open_server(
    const struct flags *flags, struct results *results, const struct config *config)
{
	char memory[LIMIT_MESSAGE];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	int fd = listener_open(span_text(flags->listen_address), &text);
	if (fd < 0) {
		log_write(&flags->log, LOG_LEVEL_ERROR, text.text, NULL);
		return NULL;
	}
	listener_add_address(&text, fd);
	struct server *server = server_start(fd, results, clock_system(), &flags->log);
	if (server == NULL)
		log_write(
		    &flags->log, LOG_LEVEL_ERROR, "can't start the HTTP server", NULL);
	else
		log_write(&flags->log, LOG_LEVEL_INFO, "listening",
		    LOG_FIELDS({ "address", text.text, 0 },
			{ "domains", NULL, (int64_t)config->target_count },
			{ "version", MAILGAUGE_VERSION, 0 }));
	return server;
}

static void
work(const struct sweep_world *world, int signals)
{
	struct sweep *sweep = sweep_new(world);
	struct pollfd own = { .fd = signals, .events = POLLIN };
	do
		runner_step(world->runner, &own, 1, sweep_turn(sweep));
	while (own.revents == 0);
	log_write(world->log, LOG_LEVEL_INFO, "stopping", NULL);
	sweep_free(sweep);
}

static int
serve(const struct flags *flags, const struct config *config, int signals)
{
	struct results *results = results_new(config, wall_clock_ms());
	struct fetcher *dns = open_dns(config, &flags->log);
	struct server *server = dns != NULL ? open_server(flags, results, config)
					    : NULL;
	if (server != NULL) {
		struct store *store = store_new();
		struct runner *runner = runner_new(clock_system(), store);
		const struct sweep_world world = { config, &flags->log, clock_system(),
			store, runner, results };
		runner_add_fetcher(runner, dns);
		work(&world, signals);
		runner_free(runner);
		store_free(store);
	}
	server_stop(server);
	if (dns != NULL)
		dns->free(dns);
	results_free(results);
	return server != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
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

static int
run(const struct flags *flags, int signals)
{
	struct config *config = config_new();
	int status = EXIT_FAILURE;
	if (load(config, flags)) {
		status = EXIT_SUCCESS;
		if (flags->config_check)
			printf("%s: fine, %zu domains\n", flags->config_file,
			    config->target_count);
		else
			status = serve(flags, config, signals);
	}
	config_free(config);
	return status;
}

int
main(int argc, char *argv[])
{
	file_fill_descriptors();
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
	int signals = open_signals();
	int status = run(&flags, signals);
	close(signals);
	return status;
}
