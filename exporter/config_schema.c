/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * From a tree of YAML nodes to a configuration. What may stand in a mapping is a table
 * of keys; a key that is in none is an error, since a typing error that is taken for
 * nothing is a check that never runs.
 */
#include "config_schema.h"

#include "config_tree.h"

#include "core/finding.h"
#include "core/limits.h"
#include "core/metric.h"
#include "core/threshold.h"

#include <assert.h>
#include <stdarg.h>

#define INTERVAL_MIN_MS 1000
#define INTERVAL_MAX_MS INT64_C(2592000000) /* 30 days */

/* What is read into, and where complaints go. */
struct reader {
	struct config *config;
	const char *file;
	struct config_messages *messages;
};

static struct config_place
place_of(const struct reader *reader, const struct config_node *node)
{
	return (struct config_place){ reader->file, node->line };
}

static void complain(struct reader *reader, const struct config_node *node,
    const char *format, ...) PRINTF_LIKE(3, 4);

static void
complain(struct reader *reader, const struct config_node *node, const char *format, ...)
{
	char memory[LIMIT_MESSAGE];
	struct buf message;
	buf_wrap(&message, memory, sizeof(memory));
	va_list values;
	va_start(values, format);
	buf_addv(&message, format, values);
	va_end(values);
	config_error(reader->messages, place_of(reader, node), "%s", message.text);
}

static const char *
shown(struct reader *reader, struct span value)
{
	return config_shown(reader->config, value);
}

/* --- mappings by table ---------------------------------------------------- */

struct key {
	const char *name;
	enum config_kind kind;
	const char *expected; /* "a duration such as 5m" */
	void (*read)(struct reader *reader, const struct config_node *node, void *into);
};

/* A mapping whose keys are ours. */
struct schema {
	const char *where; /* behind a key in messages: " of a target" */
	const struct key *keys;
	size_t count;
};

static const char *
kind_text(const struct config_node *node)
{
	if (node->kind == CONFIG_LIST)
		return "a list";
	if (node->kind == CONFIG_MAPPING)
		return "a mapping";
	return node->text.length > 0 ? "a single value" : "nothing";
}

static bool
has_kind(struct reader *reader, const struct config_node *node, enum config_kind kind,
    const char *name, const char *expected)
{
	if (node->kind == kind && (kind != CONFIG_SCALAR || node->text.length > 0))
		return true;
	complain(
	    reader, node, "%s: expected %s, found %s", name, expected, kind_text(node));
	return false;
}

static void
complain_key(
    struct reader *reader, const struct config_node *node, const struct schema *schema)
{
	char memory[256];
	struct buf known;
	buf_wrap(&known, memory, sizeof(memory));
	for (size_t i = 0; i < schema->count; i++)
		buf_addf(&known, "%s%s", i > 0 ? ", " : "", schema->keys[i].name);
	complain(reader, node, "unknown key '%s'%s, expected %s%s",
	    shown(reader, node->key), schema->where, schema->count > 1 ? "one of " : "",
	    known.text);
}

/* Reads one entry; `seen` has a bit for each key that stood before it. */
static void
read_entry(struct reader *reader, const struct config_node *node,
    const struct schema *schema, void *into, uint32_t *seen)
{
	for (size_t i = 0; i < schema->count; i++) {
		const struct key *key = &schema->keys[i];
		if (!span_equal(node->key, span_text(key->name)))
			continue;
		uint32_t bit = (uint32_t)1 << i;
		if (*seen & bit)
			complain(reader, node, "key '%s' stands twice%s", key->name,
			    schema->where);
		else if (has_kind(reader, node, key->kind, key->name, key->expected))
			key->read(reader, node, into);
		*seen |= bit;
		return;
	}
	complain_key(reader, node, schema);
}

static void
read_mapping(struct reader *reader, const struct config_node *mapping,
    const struct schema *schema, void *into)
{
	uint32_t seen = 0;
	assert(schema->count <= 32);
	for (const struct config_node *node = mapping->first; node; node = node->next)
		read_entry(reader, node, schema, into, &seen);
}

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
	struct config *config = into;
	int64_t interval_ms;
	if (!config_duration(node->text, &interval_ms))
		complain(reader, node,
		    "interval: '%s' is no duration, expected one such as 30s, 5m or 1h",
		    shown(reader, node->text));
	else if (interval_ms < INTERVAL_MIN_MS || interval_ms > INTERVAL_MAX_MS)
		complain(reader, node,
		    "interval: %s is out of range, expected 1s to 30d",
		    shown(reader, node->text));
	else
		config->interval_ms = interval_ms;
}

static void
read_trust_ad(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct span yes = SPAN("true"), no = SPAN("false");
	struct config *config = into;
	config->trust_ad = span_equal(node->text, yes);
	config->trust_ad_set = true;
	if (!config->trust_ad && !span_equal(node->text, no))
		complain(reader, node,
		    "trust_ad: '%s' is not a truth value, expected true or false",
		    shown(reader, node->text));
}

static void
read_nameservers(struct reader *reader, const struct config_node *list, void *into)
{
	struct nameservers *servers = &((struct config *)into)->nameservers;
	if (list->first == NULL)
		complain(reader, list,
		    "nameservers: the list is empty, expected at least one address");
	for (const struct config_node *node = list->first; node; node = node->next) {
		struct nameserver server;
		if (node->kind != CONFIG_SCALAR ||
		    nameserver_parse(&server, node->text) != STATUS_OK)
			complain(reader, node,
			    "nameservers: '%s' is no address, expected one such as "
			    "192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:5300",
			    shown(reader, node->text));
		else if (servers->count == LIMIT_NAMESERVERS)
			complain(reader, node,
			    "nameservers: more than %d, expected at most so many",
			    LIMIT_NAMESERVERS);
		else
			servers->list[servers->count++] = server;
	}
}

static void
read_dns_concurrency(struct reader *reader, const struct config_node *node, void *into)
{
	struct config *config = into;
	struct span rest = node->text;
	uint32_t number;
	if (!span_take_number(&rest, LIMIT_DNS_IN_FLIGHT, &number) || rest.length > 0 ||
	    number == 0)
		complain(reader, node,
		    "concurrency: dns: '%s' is out of range, expected a number from 1 "
		    "to %d",
		    shown(reader, node->text), LIMIT_DNS_IN_FLIGHT);
	else
		config->dns_in_flight = number;
}

static void
read_concurrency(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct key keys[] = {
		{ "dns", CONFIG_SCALAR, "a number of questions", read_dns_concurrency },
	};
	static const struct schema schema = { " in concurrency", keys,
		ARRAY_LENGTH(keys) };
	read_mapping(reader, node, &schema, into);
}

static void
read_checks(struct reader *reader, const struct config_node *list, void *into)
{
	check_set *checks = into;
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
			complain(reader, node,
			    "checks: unknown check '%s', expected some of: %s",
			    shown(reader, node->text), known.text);
	}
	if (list->first == NULL)
		complain(reader, list,
		    "checks: the list is empty, expected some of: %s", known.text);
	if (found != 0)
		*checks = found;
}

static void
read_default_checks(struct reader *reader, const struct config_node *list, void *into)
{
	read_checks(reader, list, &((struct config *)into)->checks);
}

static void
read_severity(struct reader *reader, const struct config_node *mapping, void *into)
{
	struct config *config = into;
	bool seen[FINDING_COUNT] = { false };
	for (const struct config_node *node = mapping->first; node; node = node->next) {
		enum finding_id id;
		if (!finding_by_name(node->key, &id)) {
			complain(reader, node,
			    "severity: unknown finding '%s', did you mean %s?",
			    shown(reader, node->key), finding_nearest(node->key));
			continue;
		}
		const char *name = finding_info(id)->id;
		if (seen[id])
			complain(reader, node, "severity: %s stands twice", name);
		seen[id] = true;
		if (node->kind != CONFIG_SCALAR ||
		    !severity_by_name(node->text, &config->policy.severities[id]))
			complain(reader, node,
			    "severity: %s: '%s' is no severity, expected ignore, info, "
			    "unknown, warning or critical",
			    name, shown(reader, node->text));
	}
}

static void
read_range(struct reader *reader, const struct config_node *node, void *into)
{
	if (threshold_parse(into, node->text) != STATUS_OK)
		complain(reader, node,
		    "thresholds: '%s' is no range, expected [@][start:][end] such as "
		    "\"10\" or \"~:10\"",
		    shown(reader, node->text));
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
		{ "warning", CONFIG_SCALAR, "a range", read_warning },
		{ "critical", CONFIG_SCALAR, "a range", read_critical },
	};
	static const struct schema schema = { " of a metric", keys,
		ARRAY_LENGTH(keys) };
	const char *name = metric_info(id)->name;
	if (has_kind(reader, node, CONFIG_MAPPING, name,
		"a mapping such as {warning: \"8\", critical: \"10\"}"))
		read_mapping(reader, node, &schema, &id);
}

static void
read_thresholds(struct reader *reader, const struct config_node *mapping, void *into)
{
	(void)into;
	bool seen[METRIC_COUNT] = { false };
	for (const struct config_node *node = mapping->first; node; node = node->next) {
		enum metric_id id;
		if (!metric_by_name(node->key, &id)) {
			complain(reader, node,
			    "thresholds: unknown metric '%s', did you mean %s?",
			    shown(reader, node->key), metric_nearest(node->key));
			continue;
		}
		if (seen[id])
			complain(reader, node, "thresholds: %s stands twice",
			    metric_info(id)->name);
		seen[id] = true;
		read_threshold(reader, node, id);
	}
}

/* A target as it is read. */
struct draft {
	bool has_domain;
	struct dns_name domain;
	check_set checks;
};

static void
read_target_domain(struct reader *reader, const struct config_node *node, void *into)
{
	struct draft *draft = into;
	draft->has_domain = config_read_name(reader->config, place_of(reader, node),
	    node->text, &draft->domain, reader->messages);
}

static void
read_target_checks(struct reader *reader, const struct config_node *list, void *into)
{
	read_checks(reader, list, &((struct draft *)into)->checks);
}

static void
read_target(struct reader *reader, const struct config_node *node)
{
	static const struct key keys[] = {
		{ "domain", CONFIG_SCALAR, "a domain", read_target_domain },
		{ "checks", CONFIG_LIST, "a list of checks", read_target_checks },
	};
	static const struct schema schema = { " of a target", keys,
		ARRAY_LENGTH(keys) };
	if (!has_kind(reader, node, CONFIG_MAPPING, "targets",
		"a mapping such as {domain: example.com}"))
		return;
	struct draft draft = { .checks = 0 };
	size_t errors = reader->messages->error_count;
	read_mapping(reader, node, &schema, &draft);
	if (reader->messages->error_count > errors)
		return;
	if (!draft.has_domain)
		complain(
		    reader, node, "targets: no domain, expected {domain: example.com}");
	else
		config_add_target(reader->config, place_of(reader, node), &draft.domain,
		    draft.checks, reader->messages);
}

static void
read_targets(struct reader *reader, const struct config_node *list, void *into)
{
	(void)into;
	for (const struct config_node *node = list->first; node; node = node->next)
		read_target(reader, node);
}

static void
read_target_files(struct reader *reader, const struct config_node *list, void *into)
{
	struct config *config = into;
	struct config_pattern **end = &config->patterns;
	for (const struct config_node *node = list->first; node; node = node->next) {
		if (!has_kind(reader, node, CONFIG_SCALAR, "target_files",
			"a file such as domains.d/*.txt"))
			continue;
		if (span_contains_byte(node->text, '\0')) {
			complain(reader, node, "target_files: no file has such a name");
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
	{ "nameservers", CONFIG_LIST, "a list of addresses", read_nameservers },
	{ "trust_ad", CONFIG_SCALAR, "true or false", read_trust_ad },
	{ "interval", CONFIG_SCALAR, "a duration such as 5m", read_interval },
	{ "concurrency", CONFIG_MAPPING, "a mapping such as {dns: 200}",
	    read_concurrency },
	{ "checks", CONFIG_LIST, "a list of checks", read_default_checks },
	{ "severity", CONFIG_MAPPING, "a mapping from finding to severity",
	    read_severity },
	{ "thresholds", CONFIG_MAPPING, "a mapping from metric to ranges",
	    read_thresholds },
	{ "targets", CONFIG_LIST, "a list of {domain: example.com}", read_targets },
	{ "target_files", CONFIG_LIST, "a list of files", read_target_files },
};
static const struct schema root_schema = { "", root_keys, ARRAY_LENGTH(root_keys) };

void
config_parse(struct config *config, const char *file, struct span yaml,
    struct config_messages *messages)
{
	struct reader reader = { config, file, messages };
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	unsigned line;
	/* The tree is large and short-lived; the configuration is neither. */
	struct arena *arena = arena_new();
	const struct config_node *root = config_tree_read(arena, yaml, &why, &line);
	if (root == NULL)
		config_error(
		    messages, (struct config_place){ file, line }, "%s", why.text);
	else if (has_kind(&reader, root, CONFIG_MAPPING, "configuration",
		     "a mapping such as targets: [{domain: example.com}]"))
		read_mapping(&reader, root, &root_schema, config);
	arena_free(arena);
}
