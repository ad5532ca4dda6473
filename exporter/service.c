/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The parts and how they change places: a configuration that is fit for use replaces
 * the roster, the schedule, and, where it names other resolvers or has other wishes for
 * scans, the fetcher. Answers and results stay.
 */
#include "service.h"

#include "keeper.h"
#include "sweep.h"
#include "wall_clock.h"

#include "core/die.h"
#include "core/limits.h"
#include "dns/fetch.h"
#include "smtp/fetch.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Target files are looked at as often: soon enough for a person who waits for it. */
enum { FILES_EVERY_MS = 5000 };

struct service {
	struct service_settings settings;
	struct buf yaml; /* of the configuration in use */
	struct clock *clock;
	struct store *store;
	struct runner *runner;
	struct fetcher *dns, *smtp;
	struct smtp_fetch_counts scans_before; /* of fetchers that are gone */
	struct results *results;
	struct keeper *keeper;
	struct sweep *sweep;
	struct live *live;
	struct tasks *tasks;
	uint64_t files_stamp;
	int64_t files_ms; /* when they are looked at next */
	int64_t loaded_unix_ms;
	bool config_failed, lists_failed, web_failed; /* when they were read last */
};

/* --- reading -------------------------------------------------------------- */

/* From a text; NULL when it is not fit for use. Messages go to the log, faults to
 * `faults` too. */
static struct config *
load(const struct service_settings *settings, struct span yaml, struct buf *faults)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct config *config = config_new();
	if (!config_load(config, settings->config_file, yaml, &messages)) {
		config_free(config);
		config = NULL;
	} else {
		config_keep_shard(config, settings->shard);
		config_settle_resolvers(config);
	}
	log_write_lines(settings->log, LOG_LEVEL_WARN, buf_span(&messages.warnings));
	log_write_lines(settings->log, LOG_LEVEL_ERROR, buf_span(&messages.errors));
	buf_add(faults, buf_span(&messages.errors));
	config_messages_free(&messages);
	return config;
}

/* False, and told, when the settings in use stay. */
static bool
read_web(const struct service_settings *settings, bool is_asked_for, struct buf *faults)
{
	if (settings->web == NULL)
		return true;
	struct config_messages messages;
	config_messages_init(&messages);
	bool is_read = web_reload(settings->web, is_asked_for, &messages);
	log_write_lines(settings->log, LOG_LEVEL_ERROR, buf_span(&messages.errors));
	buf_add(faults, buf_span(&messages.errors));
	config_messages_free(&messages);
	return is_read;
}

static bool
read_file(const struct service_settings *settings, struct buf *yaml, struct buf *faults)
{
	struct config_messages messages;
	config_messages_init(&messages);
	buf_init(yaml, LIMIT_CONFIG_BYTES);
	bool is_read = config_read_file(yaml, settings->config_file, &messages);
	log_write_lines(settings->log, LOG_LEVEL_ERROR, buf_span(&messages.errors));
	buf_add(faults, buf_span(&messages.errors));
	config_messages_free(&messages);
	return is_read;
}

/* NULL, and told, when there are no resolvers to ask, or CAs can't be read. */
static struct fetcher *
open_with(open_fetcher *open, const struct service_settings *settings,
    const struct config *config, struct buf *faults)
{
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct fetcher *fetcher = open(config, &why);
	if (fetcher == NULL) {
		log_write(settings->log, LOG_LEVEL_ERROR, why.text, NULL);
		buf_addf(faults, "%s\n", why.text);
	}
	return fetcher;
}

/* --- beginning and end ---------------------------------------------------- */

static void
fetcher_free(struct fetcher *fetcher)
{
	if (fetcher != NULL)
		fetcher->free(fetcher);
}

/* An empty store and no results, and who keeps both. */
static void
make_memory(struct service *service, struct roster *roster)
{
	service->store = store_new();
	service->results = results_new(roster, service->loaded_unix_ms);
	const struct state_world kept = {
		.clock = service->clock,
		.store = service->store,
		.results = service->results,
	};
	service->keeper = keeper_new(
	    service->settings.state_file, &kept, service->settings.log);
}

static void
free_memory(struct service *service)
{
	keeper_free(service->keeper);
	results_free(service->results);
	store_free(service->store);
}

/* What was kept, where it is fit for use. */
static void
remember(struct service *service, struct roster *roster)
{
	make_memory(service, roster);
	if (keeper_read(service->keeper))
		return;
	free_memory(service);
	make_memory(service, roster);
	keeper_spare(service->keeper);
}

/* What was kept of a host serves its other names, too. */
static void
lend_scan(void *context, struct span key, const struct fact *fact)
{
	const struct service *service = context;
	struct smtp_endpoint endpoint;
	if (smtp_key_read(key, &endpoint))
		smtp_fetch_lend(service->smtp, &endpoint, fact->data, fact->expires_ms);
}

static struct service *
begin(const struct service_settings *settings, struct config *config,
    struct fetcher *dns, struct fetcher *smtp)
{
	struct service *service = must_calloc(1, sizeof(*service));
	struct roster *roster = roster_new(config);
	service->settings = *settings;
	service->clock = clock_system();
	service->loaded_unix_ms = wall_clock_ms();
	remember(service, roster);
	service->runner = runner_new(service->clock, service->store);
	service->dns = dns;
	service->smtp = smtp;
	runner_add_fetcher(service->runner, dns);
	runner_add_fetcher(service->runner, smtp);
	store_each(service->store, lend_scan, service);
	service->tasks = tasks_new();
	service->live = live_new(service->clock, service->runner);
	service->files_stamp = config->files_stamp;
	const struct sweep_world world = { settings->log, service->clock,
		service->store, service->runner, service->results, settings->once };
	service->sweep = sweep_new(&world);
	roster_drop(roster);
	return service;
}

struct service *
service_new(const struct service_settings *settings)
{
	struct service *service = NULL;
	struct buf yaml, faults;
	buf_init(&faults, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE); /* in the log */
	struct config *config = NULL;
	if (read_file(settings, &yaml, &faults))
		config = load(settings, buf_span(&yaml), &faults);
	struct fetcher *dns = NULL, *smtp = NULL;
	if (config != NULL)
		dns = open_with(settings->open_dns, settings, config, &faults);
	if (dns != NULL)
		smtp = open_with(settings->open_smtp, settings, config, &faults);
	if (smtp != NULL) {
		service = begin(settings, config, dns, smtp);
		service->yaml = yaml;
	} else {
		fetcher_free(dns);
		config_free(config);
		buf_free(&yaml);
	}
	buf_free(&faults);
	return service;
}

void
service_end(struct service *service)
{
	tasks_end(service->tasks);
	if (service->sweep != NULL)
		keeper_end(service->keeper);
	live_free(service->live);
	service->live = NULL;
	sweep_free(service->sweep);
	service->sweep = NULL;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	service_end(service);
	runner_free(service->runner);
	fetcher_free(service->dns);
	fetcher_free(service->smtp);
	free_memory(service);
	tasks_free(service->tasks);
	buf_free(&service->yaml);
	free(service);
}

bool
service_is_complete(const struct service *service)
{
	return sweep_is_complete(service->sweep);
}

struct results *
service_results(struct service *service)
{
	return service->results;
}

struct tasks *
service_tasks(struct service *service)
{
	return service->tasks;
}

/* --- another configuration ------------------------------------------------ */

static bool
is_same_server(const struct nameserver *a, const struct nameserver *b)
{
	return a->family == b->family && a->port == b->port &&
	    memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static bool
has_same_resolvers(const struct config *a, const struct config *b)
{
	if (a->nameservers.count != b->nameservers.count)
		return false;
	for (size_t i = 0; i < a->nameservers.count; i++)
		if (!is_same_server(&a->nameservers.list[i], &b->nameservers.list[i]))
			return false;
	return a->dns_in_flight == b->dns_in_flight && a->trust_ad == b->trust_ad;
}

static bool
has_same_scans(const struct config *a, const struct config *b)
{
	return a->scans_stamp == b->scans_stamp &&
	    a->smtp_in_flight == b->smtp_in_flight &&
	    a->smtp_interval_ms == b->smtp_interval_ms;
}

static void
add_scans(struct smtp_fetch_counts *sum, const struct smtp_fetch_counts *more)
{
	for (size_t i = 0; i < SMTP_ENDS; i++)
		sum->ends[i] += more->ends[i];
	sum->connections += more->connections;
}

static void
change_fetcher(struct service *service, struct fetcher **fetcher, struct fetcher *other)
{
	if (other == NULL)
		return;
	runner_change_fetcher(service->runner, *fetcher, other);
	fetcher_free(*fetcher);
	*fetcher = other;
}

/* False, and told, when the new ones can't be had. */
static bool
change_fetchers(
    struct service *service, const struct config *config, struct buf *faults)
{
	const struct service_settings *settings = &service->settings;
	const struct config *old = results_roster(service->results)->config;
	struct fetcher *dns = NULL, *smtp = NULL;
	if (!has_same_resolvers(old, config)) {
		dns = open_with(settings->open_dns, settings, config, faults);
		if (dns == NULL)
			return false;
	}
	if (!has_same_scans(old, config)) {
		smtp = open_with(settings->open_smtp, settings, config, faults);
		if (smtp == NULL) {
			fetcher_free(dns);
			return false;
		}
		struct smtp_fetch_counts counts = smtp_fetch_counts(service->smtp);
		add_scans(&service->scans_before, &counts);
	}
	change_fetcher(service, &service->dns, dns);
	change_fetcher(service, &service->smtp, smtp);
	/* Scans stay until they are old; a restart shall not take them for its own. */
	if (old->scans_stamp != config->scans_stamp)
		keeper_leave_scans(service->keeper);
	return true;
}

/* Of what was read last, the file, the lists that it names or the web file. */
static bool
has_failed(const struct service *service)
{
	return service->config_failed || service->lists_failed || service->web_failed;
}

/* What a scrape shows from now on. */
static void
put_figures(struct service *service)
{
	int64_t now_ms = service->clock->now_ms(service->clock);
	struct figures figures = {
		.loaded_unix_ms = service->loaded_unix_ms,
		.reload_failed = has_failed(service),
	};
	struct smtp_fetch_counts counts = smtp_fetch_counts(service->smtp);
	add_scans(&figures.scans, &service->scans_before);
	add_scans(&figures.scans, &counts);
	figures.resolver_count = dns_fetch_limits(service->dns, figures.resolvers);
	sweep_figures(service->sweep, &figures);
	results_put_figures(service->results, &figures, now_ms);
}

/* Takes the configuration, NULL where it was not fit for use. False, and told, when the
 * old one stays. */
static bool
change(struct service *service, struct config *config, struct buf *faults)
{
	if (config == NULL || !change_fetchers(service, config, faults)) {
		config_free(config);
		return false;
	}
	struct roster *roster = roster_new(config);
	results_change(service->results, roster);
	sweep_restart(service->sweep);
	service->loaded_unix_ms = wall_clock_ms();
	log_write(service->settings.log, LOG_LEVEL_INFO, "configuration read",
	    LOG_FIELDS({ "domains", NULL, (int64_t)config->target_count }));
	roster_drop(roster);
	return true;
}

void
service_announce(struct service *service)
{
	char memory[LIMIT_MESSAGE];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_addf(&text, "Checking %zu domains",
	    results_roster(service->results)->config->target_count);
	if (has_failed(service))
		buf_add_text(&text, "; a newer configuration is not fit for use");
	notify_ready(service->settings.notify, text.text);
}

bool
service_reload(struct service *service, struct buf *faults)
{
	struct buf yaml;
	struct config *config = NULL;
	notify_reloading(
	    service->settings.notify, service->clock->now_ms(service->clock));
	if (read_file(&service->settings, &yaml, faults))
		config = load(&service->settings, buf_span(&yaml), faults);
	bool is_fine = change(service, config, faults);
	service->config_failed = !is_fine;
	service->lists_failed = service->lists_failed && !is_fine;
	service->web_failed = !read_web(&service->settings, true, faults);
	put_figures(service); /* who asked for it scrapes at once to see how it went */
	service_announce(service);
	if (!is_fine) {
		buf_free(&yaml);
		return false;
	}
	buf_free(&service->yaml);
	service->yaml = yaml;
	service->files_stamp = results_roster(service->results)->config->files_stamp;
	return !service->web_failed;
}

/* Certificates are renewed by others, who need not tell us. */
static void
look_at_web(struct service *service)
{
	struct web *web = service->settings.web;
	if (web == NULL || !web_has_changed(web))
		return;
	struct buf faults;
	buf_init(&faults, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE); /* in the log */
	service->web_failed = !read_web(&service->settings, false, &faults);
	if (!service->web_failed)
		log_write(service->settings.log, LOG_LEVEL_INFO,
		    "web configuration read", NULL);
	service_announce(service);
	buf_free(&faults);
}

/* A target file was changed: the configuration's own text counts as it was read. */
static void
look_at_files(struct service *service, int64_t now_ms)
{
	if (now_ms < service->files_ms)
		return;
	service->files_ms = now_ms + FILES_EVERY_MS;
	look_at_web(service);
	uint64_t stamp = config_files_stamp(
	    results_roster(service->results)->config, service->settings.config_file);
	if (stamp == service->files_stamp)
		return;
	struct buf faults;
	buf_init(&faults, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE); /* in the log */
	service->files_stamp = stamp; /* bad ones are not tried again as they are */
	service->lists_failed = !change(service,
	    load(&service->settings, buf_span(&service->yaml), &faults), &faults);
	service_announce(service);
	buf_free(&faults);
}

/* --- work ----------------------------------------------------------------- */

void
service_start_live(struct service *service, struct live_request *request)
{
	live_start(service->live, request);
}

bool
service_turn(struct service *service, int own, int64_t wake_ms)
{
	int64_t now_ms = service->clock->now_ms(service->clock);
	look_at_files(service, now_ms);
	wake_ms = deadline_earlier(wake_ms, sweep_turn(service->sweep));
	wake_ms = deadline_earlier(
	    wake_ms, keeper_turn(service->keeper, sweep_is_complete(service->sweep)));
	put_figures(service);
	struct pollfd fds[] = {
		{ .fd = tasks_fd(service->tasks), .events = POLLIN },
		{ .fd = own, .events = POLLIN },
	};
	runner_step(service->runner, fds, ARRAY_LENGTH(fds),
	    deadline_earlier(wake_ms, service->files_ms));
	if (fds[0].revents != 0)
		tasks_run(service->tasks, service);
	return fds[1].revents != 0;
}
