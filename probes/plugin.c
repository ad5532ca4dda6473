/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * One run of a plugin: options, facts, probe, output, state. What only a process has
 * (signals, descriptors, the real network) is in plugin_main.c, so that scenarios can
 * run the rest without either.
 */
#include "plugin.h"

#include "core/die.h"
#include "core/limits.h"
#include "dns/nameserver.h"
#include "dns/question.h"
#include "output/writer.h"
#include "plugin_options.h"

#include <string.h>

/* The probe as the restart driver sees it. */
struct check {
	struct job job;
	const struct probe *probe;
	const struct plugin_options *options;
	struct target target;
	struct report report;
	bool finished;
};

static bool
shows_trace(const struct plugin_options *options)
{
	return options->verbosity >= 2 || options->writer->write == json_write;
}

static void
check_evaluate(struct job *job, struct view *view)
{
	struct check *check = (struct check *)job;
	struct report *report = &check->report;
	const char *domain = dns_name_text(job->arena, &check->target.domain);
	report_init(report, job->arena, &check->options->policy, check->probe->name,
	    check->probe->title, domain);
	report->timed_out = job->timed_out;
	report->traced = shows_trace(check->options);
	check->probe->evaluate(&check->target, view, report);
}

static void
check_finish(struct job *job)
{
	struct check *check = (struct check *)job;
	report_finish(&check->report);
	check->finished = true;
}

struct facts_text {
	const struct probe *probe;
	struct buf *out;
};

/* A line for each question asked, lines for each scan, for -vvv. */
static void
add_fact(void *context, struct span key, const struct fact *fact)
{
	const struct facts_text *text = context;
	struct buf *out = text->out;
	struct dns_name name;
	uint16_t type;
	if (!dns_key_read(key, &name, &type)) {
		if (text->probe->describe != NULL)
			text->probe->describe(out, key, fact);
		return;
	}
	const struct dns_answer *answer = fact->data;
	buf_addf(out, "%s ", dns_type_text(type));
	dns_name_add(out, &name);
	buf_addf(out, ": %s", outcome_text(fact->outcome));
	if (answer != NULL)
		buf_addf(out, ", %u record%s, %u bytes over %s, good for %u s%s",
		    answer->record_count, answer->record_count == 1 ? "" : "s",
		    answer->wire_bytes, answer->tcp ? "TCP" : "UDP",
		    answer->ttl_seconds, answer->authentic ? ", authenticated" : "");
	buf_add_byte(out, '\n');
}

static void
write_report(struct buf *out, const struct plugin_options *options,
    const struct probe *probe, const struct report *report, const struct store *store)
{
	struct facts_text text = { .probe = probe, .out = out };
	options->writer->write(out, report, options->verbosity);
	bool for_people = options->writer->write == nagios_write ||
	    options->writer->write == multi_write;
	if (options->verbosity >= 3 && for_people)
		store_each(store, add_fact, &text);
}

/* Where the facts of a run come from. */
struct sources {
	struct fetcher *dns, *other;
	bool trusts_ad;
	int64_t deadline_ms;
};

static enum state
run_check(const struct probe *probe, const struct plugin_options *options,
    const struct plugin_world *world, const struct sources *sources, struct buf *out)
{
	struct check check = {
		.job = { .evaluate = check_evaluate, .finish = check_finish },
		.probe = probe,
		.options = options,
		.target = { .domain = options->domain,
		    .settings = options->settings,
		    .now_seconds = world->now_seconds,
		    .salt = world->salt,
		    .trusts_ad = sources->trusts_ad },
	};
	struct store *store = store_new();
	struct runner *runner = runner_new(world->clock, store);
	check.job.arena = arena_new();
	if (probe->give != NULL)
		probe->give(&check.target, store, world->clock->now_ms(world->clock));
	check.job.deadline_ms = sources->deadline_ms;

	runner_add_fetcher(runner, sources->dns);
	if (sources->other != NULL)
		runner_add_fetcher(runner, sources->other);
	runner_start(runner, &check.job);
	while (!check.finished)
		runner_step(runner, NULL, 0, DEADLINE_NEVER);
	write_report(out, options, probe, &check.report, store);
	enum state state = check.report.state;

	runner_free(runner);
	store_free(store);
	arena_free(check.job.arena);
	return state;
}

static enum state
refuse(const struct probe *probe, const char *why, struct buf *out)
{
	buf_addf(out, "%s UNKNOWN - %s\n", probe->title, why);
	return STATE_UNKNOWN;
}

/* False: `why` says which could not be made. */
static bool
make_sources(struct sources *sources, const struct plugin_options *options,
    const struct plugin_world *world, const struct dns_fetch_settings *dns,
    struct buf *why)
{
	sources->dns = world->dns(dns, why);
	if (sources->dns == NULL || world->other == NULL)
		return sources->dns != NULL;
	sources->other = world->other(options->settings, sources->deadline_ms, why);
	return sources->other != NULL;
}

static void
free_fetcher(struct fetcher *fetcher)
{
	if (fetcher != NULL)
		fetcher->free(fetcher);
}

static enum state
check_with(const struct probe *probe, const struct plugin_options *options,
    const struct plugin_world *world, struct buf *out)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct dns_fetch_settings settings;
	memset(&settings, 0, sizeof(settings));
	if (plugin_options_servers(options, world->servers, &settings, &why) !=
	    STATUS_OK)
		return refuse(probe, why.text, out);

	struct sources sources = {
		.trusts_ad = settings.trust_ad,
		.deadline_ms = world->clock->now_ms(world->clock) + options->timeout_ms,
	};
	bool made = make_sources(&sources, options, world, &settings, &why);
	enum state state = made ? run_check(probe, options, world, &sources, out)
				: refuse(probe, why.text, out);
	free_fetcher(sources.other);
	free_fetcher(sources.dns);
	return state;
}

enum state
plugin_run(const struct probe *probe, int argc, char *const argv[],
    const struct plugin_world *world, struct buf *out)
{
	char memory[512];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct plugin_options options;
	plugin_options_init(&options, probe);

	enum state state = STATE_UNKNOWN;
	if (plugin_options_parse(&options, argc, argv, &why) != STATUS_OK) {
		refuse(probe, why.text, out);
		plugin_options_synopsis(out, probe);
	} else if (!plugin_options_tell(&options, out)) {
		state = check_with(probe, &options, world, out);
	}
	plugin_options_free(&options);
	return state;
}
