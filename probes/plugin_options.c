/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The common options, one setter a row. A setter refuses by a status and says what was
 * expected; the parser adds the option and the value.
 */
#include "plugin_options.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_SECONDS = 10, MS_PER_SECOND = 1000, MAX_TIMEOUT_SECONDS = 3600 };

static enum status
set_domain(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	if (options->has_domain) {
		buf_add_text(why, "one domain is enough");
		return STATUS_TOO_MANY;
	}
	options->has_domain = true;
	enum status status = dns_name_from_user(&options->domain, value);
	if (status == STATUS_OK && dns_name_labels(&options->domain) == 0)
		status = STATUS_EMPTY;
	if (status != STATUS_OK)
		buf_addf(why, "the domain %s", status_text(status));
	return status;
}

static enum status
set_positional(void *settings, struct span value, struct buf *why)
{
	enum status status = set_domain(settings, value, why);
	if (status != STATUS_OK) {
		buf_add_text(why, ": '");
		buf_add_safe(why, value);
		buf_add_byte(why, '\'');
	}
	return status;
}

static enum status
set_nameserver(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	struct nameservers *servers = &options->servers;
	if (servers->count == LIMIT_NAMESERVERS) {
		buf_addf(why, "at most %d name servers", LIMIT_NAMESERVERS);
		return STATUS_TOO_MANY;
	}
	enum status status = nameserver_parse(&servers->list[servers->count], value);
	if (status != STATUS_OK) {
		buf_add_text(why, "expected ADDR or ADDR:PORT, for IPv6 [ADDR]:PORT");
		return status;
	}
	servers->count++;
	return STATUS_OK;
}

static enum status
set_trust_ad(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->trust = TRUST_ALWAYS;
	return STATUS_OK;
}

static enum status
set_no_trust_ad(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->trust = TRUST_NEVER;
	return STATUS_OK;
}

static enum status
set_output(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	const struct writer *writer = writer_by_name(value);
	if (writer != NULL) {
		options->writer = writer;
		return STATUS_OK;
	}
	size_t count;
	const struct writer *writers = writer_list(&count);
	buf_add_text(why, "expected one of:");
	for (size_t i = 0; i < count; i++)
		buf_addf(why, " %s", writers[i].name);
	return STATUS_MALFORMED;
}

/* [METRIC=]RANGE */
static enum status
set_threshold(const struct plugin_options *options, struct threshold *thresholds,
    struct span value, struct buf *why)
{
	enum metric_id id = options->probe->metrics[0];
	struct span range = value, name;
	if (span_take_until(&range, '=', &name)) {
		span_take_byte(&range, '=');
		if (!metric_by_name(name, &id)) {
			buf_addf(why, "no such metric (did you mean %s?)",
			    metric_nearest(name));
			return STATUS_MALFORMED;
		}
	}
	enum status status = threshold_parse(&thresholds[id], range);
	if (status != STATUS_OK)
		buf_add_text(
		    why, "expected a range [@][start:][end], such as 10, 5: or ~:3");
	return status;
}

static enum status
set_warning(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	return set_threshold(options, options->policy.warning, value, why);
}

static enum status
set_critical(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	return set_threshold(options, options->policy.critical, value, why);
}

static enum status
find_finding(struct span name, enum finding_id *id, struct buf *why)
{
	if (finding_by_name(name, id))
		return STATUS_OK;
	buf_addf(why, "no such finding (did you mean %s?)", finding_nearest(name));
	return STATUS_MALFORMED;
}

/* ID=SEVERITY */
static enum status
set_severity(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	struct span level = value, name;
	span_take_until_or_end(&level, '=', &name);
	enum finding_id id;
	enum status status = find_finding(name, &id, why);
	if (status != STATUS_OK)
		return status;

	enum severity severity;
	if (!span_take_byte(&level, '=') || !severity_by_name(level, &severity)) {
		buf_add_text(
		    why, "expected ID= and ignore, info, unknown, warning or critical");
		return STATUS_MALFORMED;
	}
	options->policy.severities[id] = severity;
	return STATUS_OK;
}

/* SECONDS[:STATE] */
static enum status
set_timeout(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	struct span rest = value, number;
	span_take_until_or_end(&rest, ':', &number);
	double seconds;
	enum status status = option_number(
	    number, 0, MAX_TIMEOUT_SECONDS, &seconds, why);
	if (status != STATUS_OK)
		return status;
	options->timeout_ms = (int64_t)(seconds * MS_PER_SECOND);
	if (!span_take_byte(&rest, ':'))
		return STATUS_OK;
	options->policy.has_timeout_state = true;
	if (state_by_name(rest, &options->policy.timeout_state))
		return STATUS_OK;
	buf_add_text(why, "expected SECONDS: and ok, warning, critical or unknown");
	return STATUS_MALFORMED;
}

static enum status
set_explain(void *settings, struct span value, struct buf *why)
{
	struct plugin_options *options = settings;
	options->telling = TELL_FINDING;
	return find_finding(value, &options->explained, why);
}

static enum status
set_list_findings(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->telling = TELL_FINDINGS;
	return STATUS_OK;
}

static enum status
set_list_metrics(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->telling = TELL_METRICS;
	return STATUS_OK;
}

static enum status
set_verbose(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->verbosity++;
	return STATUS_OK;
}

static enum status
set_ipv4(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->family = AF_INET;
	return STATUS_OK;
}

static enum status
set_ipv6(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->family = AF_INET6;
	return STATUS_OK;
}

static enum status
set_version(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->telling = TELL_VERSION;
	return STATUS_OK;
}

static enum status
set_help(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct plugin_options *)settings)->telling = TELL_HELP;
	return STATUS_OK;
}

static const struct option_row common_rows[] = {
	{ 'd', "domain", "NAME",
	    "the domain to check; may also stand without an option", set_domain },
	{ 'H', "hostname", "NAME", "the same, for commands that pass a host",
	    set_domain },
	{ 'n', "nameserver", "ADDR[:PORT]",
	    "ask this resolver instead of those of resolv.conf; repeatable",
	    set_nameserver },
	{ 0, "trust-ad", NULL,
	    "believe the resolvers' AD bit; default: only when all are on loopback",
	    set_trust_ad },
	{ 0, "no-trust-ad", NULL, "never believe the AD bit", set_no_trust_ad },
	{ 'o', "output", "FORMAT",
	    "nagios: one line with perfdata (default); multi: and one line per "
	    "finding; "
	    "json; prometheus: for node_exporter's textfile collector",
	    set_output },
	{ 'w', "warning", "[METRIC=]RANGE",
	    "warning threshold, by default on the first metric; repeatable",
	    set_warning },
	{ 'c', "critical", "[METRIC=]RANGE", "critical threshold, likewise; repeatable",
	    set_critical },
	{ 0, "severity", "ID=SEVERITY",
	    "take a finding as ignore, info, unknown, warning or critical; repeatable",
	    set_severity },
	{ 't', "timeout", "SECONDS[:STATE]",
	    "end the whole run by then, and call what could not be told by then STATE",
	    set_timeout },
	{ 0, "explain", "ID", "why a finding matters and what to do", set_explain },
	{ 0, "list-findings", NULL, "all findings", set_list_findings },
	{ 0, "list-metrics", NULL, "all metrics with their thresholds",
	    set_list_metrics },
	{ 'v', "verbose", NULL,
	    "findings with remedies; twice: the tree; three times: all that was asked",
	    set_verbose },
	{ '4', "ipv4", NULL, "use only resolvers with IPv4 addresses", set_ipv4 },
	{ '6', "ipv6", NULL, "use only resolvers with IPv6 addresses", set_ipv6 },
	{ 'V', "version", NULL, "print the version", set_version },
	{ 'h', "help", NULL, "print this text", set_help },
};

static unsigned
default_timeout(const struct probe *probe)
{
	return probe->timeout_seconds > 0 ? probe->timeout_seconds
					  : DEFAULT_TIMEOUT_SECONDS;
}

void
plugin_options_init(struct plugin_options *options, const struct probe *probe)
{
	memset(options, 0, sizeof(*options));
	policy_init(&options->policy);
	options->probe = probe;
	options->settings = must_calloc(1, probe->settings_size);
	options->writer = writer_by_name(span_text("nagios"));
	options->timeout_ms = (int64_t)default_timeout(probe) * MS_PER_SECOND;
	if (probe->timeout_is_critical)
		options->policy.timeout_state = STATE_CRITICAL;
	options->family = AF_UNSPEC;
}

void
plugin_options_free(struct plugin_options *options)
{
	if (options->probe->release != NULL)
		options->probe->release(options->settings);
	free(options->settings);
}

/* The probe's own rows first: they are what its users come for. */
static void
option_tables(struct option_table tables[static 2], struct plugin_options *options)
{
	tables[0] = (struct option_table){
		.rows = options->probe->options,
		.count = options->probe->option_count,
		.settings = options->settings,
		.heading = options->probe->title,
	};
	tables[1] = (struct option_table){
		.rows = common_rows,
		.count = ARRAY_LENGTH(common_rows),
		.settings = options,
		.heading = "Common options",
	};
}

enum status
plugin_options_parse(
    struct plugin_options *options, int argc, char *const argv[], struct buf *why)
{
	struct option_table tables[2];
	option_tables(tables, options);
	enum status status = options_parse(
	    argc, argv, tables, 2, set_positional, options, why);
	if (status != STATUS_OK || options->telling != TELL_NOTHING)
		return status;
	if (options->probe->complete != NULL)
		status = options->probe->complete(
		    options->settings, &options->domain, &options->has_domain, why);
	if (status != STATUS_OK || options->has_domain)
		return status;
	buf_add_text(why, "no domain given");
	return STATUS_EMPTY;
}

static void
keep_family(struct nameservers *servers, int family)
{
	size_t kept = 0;
	for (size_t i = 0; i < servers->count; i++)
		if (family == AF_UNSPEC || servers->list[i].family == family)
			servers->list[kept++] = servers->list[i];
	servers->count = kept;
}

enum status
plugin_options_servers(const struct plugin_options *options,
    enum status (*otherwise)(struct nameservers *servers),
    struct dns_fetch_settings *settings, struct buf *why)
{
	settings->servers = options->servers;
	if (settings->servers.count == 0) {
		enum status status = otherwise(&settings->servers);
		if (status != STATUS_OK) {
			buf_addf(why, "resolv.conf %s", status_text(status));
			return status;
		}
	}
	keep_family(&settings->servers, options->family);
	if (settings->servers.count == 0) {
		buf_add_text(why, "no name server of the wanted address family");
		return STATUS_EMPTY;
	}
	settings->trust_ad = options->trust == TRUST_ALWAYS ||
	    (options->trust == TRUST_LOOPBACK &&
		nameservers_are_loopback(&settings->servers));
	return STATUS_OK;
}

static void
add_usage(struct buf *out, const struct probe *probe)
{
	buf_addf(out, "Usage: check_%s [options] ", probe->name);
	if (probe->usage != NULL)
		buf_addf(out, "%s or ", probe->usage);
	buf_add_text(out, "[-d] DOMAIN");
}

void
plugin_options_synopsis(struct buf *out, const struct probe *probe)
{
	add_usage(out, probe);
	buf_addf(out, "; check_%s --help tells more\n", probe->name);
}

static void
tell_help(const struct plugin_options *options, struct buf *out)
{
	struct plugin_options *copy = (struct plugin_options *)options;
	struct option_table tables[2];
	option_tables(tables, copy);
	buf_addf(out, "check_%s %s\n", options->probe->name, MAILGAUGE_VERSION);
	options_wrap(out, options->probe->purpose, 0);
	buf_add_byte(out, '\n');
	add_usage(out, options->probe);
	buf_add_byte(out, '\n');
	options_usage(out, tables, 2);
	buf_addf(out, "\nWithout -t it ends within %u seconds, and a time-out is %s.\n",
	    default_timeout(options->probe),
	    state_text(
		options->probe->timeout_is_critical ? STATE_CRITICAL : STATE_UNKNOWN));
	buf_add_text(out, "Exits with 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n");
}

/* Ids begin with the name of their group. */
static bool
is_of_group(const char *id, const char *group)
{
	size_t length = strlen(group);
	return strncmp(id, group, length) == 0 && id[length] == '-';
}

static bool
is_of_probe(const char *id, const struct probe *probe)
{
	if (probe->groups == NULL)
		return is_of_group(id, probe->name);
	for (const char *const *group = probe->groups; *group != NULL; group++)
		if (is_of_group(id, *group))
			return true;
	return false;
}

static void
tell_findings(const struct probe *probe, struct buf *out)
{
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const struct finding_info *info = finding_info(i);
		if (is_of_probe(info->id, probe))
			buf_addf(out, "%-30s %-8s  %s\n", info->id,
			    severity_text(info->severity), info->title);
	}
}

static void
tell_metrics(const struct plugin_options *options, struct buf *out)
{
	for (size_t i = 0; i < options->probe->metric_count; i++) {
		enum metric_id id = options->probe->metrics[i];
		const struct metric_info *info = metric_info(id);
		const char *warning = options->policy.warning[id].text;
		const char *critical = options->policy.critical[id].text;
		buf_addf(out, "%-20s  -w %-5s -c %-5s  %s\n", info->name,
		    warning[0] != '\0' ? warning : "none",
		    critical[0] != '\0' ? critical : "none", info->help);
	}
}

static void
tell_finding(enum finding_id id, struct buf *out)
{
	const struct finding_info *info = finding_info(id);
	buf_addf(out, "%s (%s): %s\n\nWhy: %s\n\nDo:  %s\n\nSee: %s\n", info->id,
	    severity_text(info->severity), info->title, info->why, info->remedy,
	    info->reference);
}

bool
plugin_options_tell(const struct plugin_options *options, struct buf *out)
{
	switch (options->telling) {
	case TELL_NOTHING:
		return false;
	case TELL_HELP:
		tell_help(options, out);
		break;
	case TELL_VERSION:
		buf_addf(out, "check_%s (mailgauge) %s\n", options->probe->name,
		    MAILGAUGE_VERSION);
		break;
	case TELL_FINDINGS:
		tell_findings(options->probe, out);
		break;
	case TELL_METRICS:
		tell_metrics(options, out);
		break;
	case TELL_FINDING:
		tell_finding(options->explained, out);
		break;
	}
	return true;
}
