/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The keys at the top of a configuration, and what may stand in each. Those with a file
 * of their own: targets in config_targets.c, what /probe may do in config_modules.c.
 */
#include "config_schema.h"

#include "config_parts.h"

#include "core/finding.h"
#include "core/limits.h"
#include "core/metric.h"
#include "core/threshold.h"

#define INTERVAL_MIN_MS 1000
#define SMTP_INTERVAL_MIN_MS (60 * 1000)
#define INTERVAL_MAX_MS INT64_C(2592000000) /* 30 days */

/* --- values --------------------------------------------------------------- */

bool
config_duration(struct span text, int64_t *duration_ms)
{
	static const struct {
		struct span name;
		int64_t ms;
	} units[] = {
		{ SPAN("d"), 24 * 3600 * 1000 },
		{ SPAN("h"), 3600 * 1000 },
		{ SPAN("ms"), 1 }, /* before "m", which begins it */
		{ SPAN("m"), 60 * 1000 },
		{ SPAN("s"), 1000 },
	};
	int64_t total_ms = 0, last_ms = INT64_MAX;
	if (text.length == 0)
		return false;
	while (text.length > 0) {
		uint32_t number;
		size_t unit = 0;
		if (!span_take_number(&text, 1000000000, &number))
			return false;
		while (unit < ARRAY_LENGTH(units) &&
		    !span_take_prefix_nocase(&text, units[unit].name))
			unit++;
		if (unit == ARRAY_LENGTH(units) || units[unit].ms >= last_ms)
			return false;
		last_ms = units[unit].ms;
		total_ms += number * last_ms;
	}
	*duration_ms = total_ms;
	return true;
}

static void
read_interval(struct reader *reader, const struct config_node *node, void *into)
{
	reader_duration(reader, node, "interval", INTERVAL_MIN_MS, INTERVAL_MAX_MS,
	    "1s to 30d", &((struct config *)into)->interval_ms);
}

/* Nobody's policy changes by the minute, and each scan opens several connections. */
static void
read_smtp_interval(struct reader *reader, const struct config_node *node, void *into)
{
	reader_duration(reader, node, "smtp_interval", SMTP_INTERVAL_MIN_MS,
	    INTERVAL_MAX_MS, "1m to 30d", &((struct config *)into)->smtp_interval_ms);
}

static void
read_smtp_port(struct reader *reader, const struct config_node *node, void *into)
{
	config_read_smtp_port(reader, node, config_smtp_of_all(into));
}

static void
read_smtp_tls(struct reader *reader, const struct config_node *node, void *into)
{
	config_read_smtp_tls(reader, node, config_smtp_of_all(into));
}

static void
read_trust_ad(struct reader *reader, const struct config_node *node, void *into)
{
	struct config *config = into;
	config->trust_ad_set = true;
	reader_truth(reader, node, &config->trust_ad);
}

static void
read_nameservers(struct reader *reader, const struct config_node *list, void *into)
{
	struct nameservers *servers = &((struct config *)into)->nameservers;
	if (list->first == NULL)
		reader_complain(reader, list,
		    "nameservers: the list is empty, expected at least one address");
	for (const struct config_node *node = list->first; node; node = node->next) {
		struct nameserver server;
		if (node->kind != CONFIG_SCALAR ||
		    nameserver_parse(&server, node->text) != STATUS_OK)
			reader_complain(reader, node,
			    "nameservers: '%s' is no address, expected one such as "
			    "192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:5300",
			    reader_shown(reader, node->text));
		else if (servers->count == LIMIT_NAMESERVERS)
			reader_complain(reader, node,
			    "nameservers: more than %d, expected at most so many",
			    LIMIT_NAMESERVERS);
		else
			servers->list[servers->count++] = server;
	}
}

static void
read_dns_concurrency(struct reader *reader, const struct config_node *node, void *into)
{
	reader_number(reader, node, "concurrency: dns", 1, LIMIT_DNS_IN_FLIGHT,
	    &((struct config *)into)->dns_in_flight);
}

static void
read_smtp_concurrency(struct reader *reader, const struct config_node *node, void *into)
{
	reader_number(reader, node, "concurrency: smtp", 1, LIMIT_SMTP_SCANS,
	    &((struct config *)into)->smtp_in_flight);
}

static void
read_concurrency(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct key keys[] = {
		{ "dns", CONFIG_SCALAR, "a number of questions", read_dns_concurrency,
		    0 },
		{ "smtp", CONFIG_SCALAR, "a number of scans", read_smtp_concurrency,
		    0 },
	};
	static const struct schema schema = { " in concurrency", keys,
		ARRAY_LENGTH(keys) };
	reader_read_mapping(reader, node, &schema, into);
}

void
config_read_checks(struct reader *reader, const struct config_node *list, void *into)
{
	char memory[256];
	struct buf known;
	buf_wrap(&known, memory, sizeof(memory));
	checks_add_names(&known);

	check_set found = 0;
	for (const struct config_node *node = list->first; node; node = node->next) {
		size_t index;
		if (node->kind == CONFIG_SCALAR && checks_by_name(node->text, &index))
			found |= checks_one(index);
		else
			reader_complain(reader, node,
			    "checks: unknown check '%s', expected some of: %s",
			    reader_shown(reader, node->text), known.text);
	}
	if (list->first == NULL)
		reader_complain(reader, list,
		    "checks: the list is empty, expected some of: %s", known.text);
	if (found != 0)
		*(check_set *)into = found;
}

static void
read_severity(struct reader *reader, const struct config_node *mapping, void *into)
{
	struct config *config = into;
	bool seen[FINDING_COUNT] = { false };
	for (const struct config_node *node = mapping->first; node; node = node->next) {
		enum finding_id id;
		if (!finding_by_name(node->key, &id)) {
			reader_complain(reader, node,
			    "severity: unknown finding '%s', did you mean %s?",
			    reader_shown(reader, node->key),
			    finding_nearest(node->key));
			continue;
		}
		const char *name = finding_info(id)->id;
		if (seen[id])
			reader_complain(
			    reader, node, "severity: %s stands twice", name);
		seen[id] = true;
		if (node->kind != CONFIG_SCALAR ||
		    !severity_by_name(node->text, &config->policy.severities[id]))
			reader_complain(reader, node,
			    "severity: %s: '%s' is no severity, expected ignore, info, "
			    "unknown, warning or critical",
			    name, reader_shown(reader, node->text));
	}
}

static void
read_range(struct reader *reader, const struct config_node *node, void *into)
{
	if (threshold_parse(into, node->text) != STATUS_OK)
		reader_complain(reader, node,
		    "thresholds: '%s' is no range, expected [@][start:][end] such as "
		    "\"10\" or \"~:10\"",
		    reader_shown(reader, node->text));
}

static void
read_warning(struct reader *reader, const struct config_node *node, void *into)
{
	enum metric_id *id = into;
	read_range(reader, node, &reader->config->policy.warning[*id]);
}

static void
read_critical(struct reader *reader, const struct config_node *node, void *into)
{
	enum metric_id *id = into;
	read_range(reader, node, &reader->config->policy.critical[*id]);
}

static void
read_threshold(struct reader *reader, const struct config_node *node, enum metric_id id)
{
	static const struct key keys[] = {
		{ "warning", CONFIG_SCALAR, "a range", read_warning, 0 },
		{ "critical", CONFIG_SCALAR, "a range", read_critical, 0 },
	};
	static const struct schema schema = { " of a metric", keys,
		ARRAY_LENGTH(keys) };
	const char *name = metric_info(id)->name;
	if (reader_has_kind(reader, node, CONFIG_MAPPING, name,
		"a mapping such as {warning: \"8\", critical: \"10\"}"))
		reader_read_mapping(reader, node, &schema, &id);
}

static void
read_thresholds(struct reader *reader, const struct config_node *mapping, void *into)
{
	(void)into;
	bool seen[METRIC_COUNT] = { false };
	for (const struct config_node *node = mapping->first; node; node = node->next) {
		enum metric_id id;
		if (!metric_by_name(node->key, &id)) {
			reader_complain(reader, node,
			    "thresholds: unknown metric '%s', did you mean %s?",
			    reader_shown(reader, node->key), metric_nearest(node->key));
			continue;
		}
		if (seen[id])
			reader_complain(reader, node, "thresholds: %s stands twice",
			    metric_info(id)->name);
		seen[id] = true;
		read_threshold(reader, node, id);
	}
}

static void
read_target_files(struct reader *reader, const struct config_node *list, void *into)
{
	struct config *config = into;
	struct config_pattern **end = &config->patterns;
	for (const struct config_node *node = list->first; node; node = node->next) {
		if (!reader_has_kind(reader, node, CONFIG_SCALAR, "target_files",
			"a file such as domains.d/*.txt"))
			continue;
		if (span_contains_byte(node->text, '\0')) {
			reader_complain(
			    reader, node, "target_files: no file has such a name");
			continue;
		}
		struct config_pattern *pattern = arena_alloc(
		    config->arena, sizeof(*pattern));
		pattern->text = arena_text(config->arena, node->text);
		pattern->line = node->line;
		*end = pattern;
		end = &pattern->next;
	}
}

static const struct key root_keys[] = {
	{ "nameservers", CONFIG_LIST, "a list of addresses", read_nameservers, 0 },
	{ "trust_ad", CONFIG_SCALAR, "true or false", read_trust_ad, 0 },
	{ "interval", CONFIG_SCALAR, "a duration such as 5m", read_interval, 0 },
	{ "smtp_interval", CONFIG_SCALAR, "a duration such as 1h", read_smtp_interval,
	    0 },
	{ "concurrency", CONFIG_MAPPING, "a mapping such as {dns: 200, smtp: 32}",
	    read_concurrency, 0 },
	{ "smtp_port", CONFIG_SCALAR, "a port number", read_smtp_port, 0 },
	{ "smtp_tls", CONFIG_MAPPING, "a mapping such as {min_tls: 1.2}", read_smtp_tls,
	    0 },
	{ "checks", CONFIG_LIST, "a list of checks", config_read_checks,
	    offsetof(struct config, checks) },
	{ "severity", CONFIG_MAPPING, "a mapping from finding to severity",
	    read_severity, 0 },
	{ "thresholds", CONFIG_MAPPING, "a mapping from metric to ranges",
	    read_thresholds, 0 },
	{ "targets", CONFIG_LIST, "a list of {domain: example.com}",
	    config_read_targets, 0 },
	{ "target_files", CONFIG_LIST, "a list of files", read_target_files, 0 },
	{ "modules", CONFIG_MAPPING, "a mapping from names to {checks: [spf]}",
	    config_read_modules, 0 },
	{ "probe", CONFIG_MAPPING, "a mapping such as {allow: [\"*.example.com\"]}",
	    config_read_probe, 0 },
};
static const struct schema root_schema = { "", root_keys, ARRAY_LENGTH(root_keys) };

/* Targets are read last: they take over what stands for all of them. */
static void
move_targets_to_end(struct config_node *root)
{
	static const struct span name = SPAN("targets");
	struct config_node **at = &root->first;
	while (*at != NULL && !span_equal((*at)->key, name))
		at = &(*at)->next;
	struct config_node *targets = *at;
	if (targets == NULL)
		return;
	*at = targets->next;
	while (*at != NULL)
		at = &(*at)->next;
	*at = targets;
	targets->next = NULL;
}

void
config_parse(struct config *config, const char *file, struct span yaml,
    struct config_messages *messages)
{
	struct reader reader = { config->arena, file, messages, config };
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	unsigned line;
	/* The tree is large and short-lived; the configuration is neither. */
	struct arena *arena = arena_new();
	struct config_node *root = config_tree_read(arena, yaml, &why, &line);
	if (root == NULL)
		config_error(
		    messages, (struct config_place){ file, line }, "%s", why.text);
	else if (reader_has_kind(&reader, root, CONFIG_MAPPING, "configuration",
		     "a mapping such as targets: [{domain: example.com}]")) {
		move_targets_to_end(root);
		reader_read_mapping(&reader, root, &root_schema, config);
	}
	arena_free(arena);
}
