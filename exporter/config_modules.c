/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * `modules:` and `probe:`, what somebody may ask for on /probe. An exporter that looks
 * up whatever it is told is a tool for others; so what nothing here allows is refused.
 */
#include "config_parts.h"

#include "core/limits.h"

enum { MODULE_TIMEOUT_MIN_MS = 100 };

static const struct span everything = SPAN("*"), below = SPAN("*.");

/* --- modules -------------------------------------------------------------- */

static void
read_module_timeout(struct reader *reader, const struct config_node *node, void *into)
{
	reader_duration(reader, node, "timeout", MODULE_TIMEOUT_MIN_MS,
	    LIMIT_EVALUATION_MS, "100ms to 30s",
	    &((struct config_module *)into)->timeout_ms);
}

static void
read_module(
    struct reader *reader, const struct config_node *node, struct config *config)
{
	static const struct key keys[] = {
		{ "checks", CONFIG_LIST, "a list of checks", config_read_checks,
		    offsetof(struct config_module, checks) },
		{ "timeout", CONFIG_SCALAR, "a duration such as 20s",
		    read_module_timeout, 0 },
	};
	static const struct schema schema = { " of a module", keys,
		ARRAY_LENGTH(keys) };
	struct config_module *module = arena_alloc(reader->arena, sizeof(*module));
	module->name = arena_copy(reader->arena, node->key);
	module->timeout_ms = LIMIT_EVALUATION_MS;
	if (config_module(config, module->name) != NULL)
		reader_complain(reader, node, "modules: %s stands twice",
		    reader_shown(reader, node->key));
	if (!reader_has_kind(reader, node, CONFIG_MAPPING, "modules",
		"a mapping such as {checks: [spf], timeout: 20s}"))
		return;
	reader_read_mapping(reader, node, &schema, module);
	module->next = config->modules;
	config->modules = module;
}

void
config_read_modules(
    struct reader *reader, const struct config_node *mapping, void *into)
{
	for (const struct config_node *node = mapping->first; node; node = node->next)
		read_module(reader, node, into);
}

const struct config_module *
config_module(const struct config *config, struct span name)
{
	const struct config_module *module = config->modules;
	while (module != NULL && !span_equal(module->name, name))
		module = module->next;
	return module;
}

/* --- probe: allow --------------------------------------------------------- */

/* The name of "example.com", or of "*.example.com", which means every name below it. A
 * star elsewhere would be a label like others, and allow nothing that anybody means. */
static bool
read_pattern(struct reader *reader, const struct config_node *node,
    struct config *config, struct config_allowed *allowed)
{
	struct span rest = node->text;
	allowed->below = span_take_prefix_nocase(&rest, below);
	if (span_contains_byte(rest, '*')) {
		reader_complain(reader, node,
		    "allow: '%s' is no pattern, expected one such as \"*.example.com\"",
		    reader_shown(reader, node->text));
		return false;
	}
	return config_read_name(
	    config, reader_place(reader, node), rest, &allowed->name, reader->messages);
}

static void
read_allowed(
    struct reader *reader, const struct config_node *node, struct config *config)
{
	struct config_allowed *allowed = arena_alloc(reader->arena, sizeof(*allowed));
	if (span_equal(node->text, everything)) {
		allowed->below = true;
		dns_name_root(&allowed->name);
	} else if (!read_pattern(reader, node, config, allowed)) {
		return;
	}
	allowed->next = config->allowed;
	config->allowed = allowed;
}

static void
read_allow(struct reader *reader, const struct config_node *list, void *into)
{
	for (const struct config_node *node = list->first; node; node = node->next)
		if (reader_has_kind(reader, node, CONFIG_SCALAR, "allow",
			"a domain or a pattern such as \"*.example.com\""))
			read_allowed(reader, node, into);
}

void
config_read_probe(struct reader *reader, const struct config_node *mapping, void *into)
{
	static const struct key keys[] = {
		{ "allow", CONFIG_LIST, "a list of domains", read_allow, 0 },
	};
	static const struct schema schema = { " of probe", keys, ARRAY_LENGTH(keys) };
	reader_read_mapping(reader, mapping, &schema, into);
}

bool
config_allows(const struct config *config, const struct dns_name *domain)
{
	for (const struct config_allowed *allowed = config->allowed; allowed != NULL;
	     allowed = allowed->next) {
		bool is_same = dns_name_equal(domain, &allowed->name);
		if (allowed->below
			? !is_same && dns_name_is_within(domain, &allowed->name)
			: is_same)
			return true;
	}
	return false;
}
