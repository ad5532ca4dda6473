/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Settings objects by check, and the option rows that fill them. */
#include "settings.h"

#include "probe.h"

#include <assert.h>

struct settings *
settings_new(struct arena *arena)
{
	return arena_alloc(
	    arena, sizeof(struct settings) + checks_count() * sizeof(void *));
}

void
settings_release(struct settings *settings)
{
	for (size_t i = 0; i < checks_count(); i++) {
		const struct probe *probe = checks_probe(i);
		if (settings->objects[i] != NULL && probe->release != NULL)
			probe->release(settings->objects[i]);
	}
}

void *
settings_object(struct settings *settings, struct arena *arena, size_t check)
{
	size_t size = checks_probe(check)->settings_size;
	if (settings->objects[check] == NULL)
		settings->objects[check] = arena_alloc(arena, size > 0 ? size : 1);
	return settings->objects[check];
}

static const struct option_row *
find_row(const struct probe *probe, const char *option)
{
	for (size_t i = 0; i < probe->option_count; i++)
		if (span_equal(span_text(option), span_text(probe->options[i].name)))
			return &probe->options[i];
	assert(!"an option that the probe has");
	return NULL;
}

/* Probes keep spans of what they are given, as plugins do of their arguments. */
enum status
settings_set_object(void *object, struct arena *arena, size_t check, const char *option,
    struct span value, struct buf *why)
{
	const struct option_row *row = find_row(checks_probe(check), option);
	struct span kept = span_text(arena_text(arena, value));
	if (kept.length != value.length) {
		buf_add_text(why, "holds a NUL byte");
		return STATUS_MALFORMED;
	}
	return row->set(object, kept, why);
}

enum status
settings_set(struct settings *settings, struct arena *arena, size_t check,
    const char *option, struct span value, struct buf *why)
{
	return settings_set_object(
	    settings_object(settings, arena, check), arena, check, option, value, why);
}

enum status
settings_complete(struct settings *settings, struct arena *arena, size_t check,
    struct dns_name *domain, struct buf *why)
{
	const struct probe *probe = checks_probe(check);
	bool has_domain = true;
	if (probe->complete == NULL)
		return STATUS_OK;
	return probe->complete(
	    settings_object(settings, arena, check), domain, &has_domain, why);
}

const void *
settings_of(
    const struct settings *settings, const struct settings *defaults, size_t check)
{
	if (settings != NULL && settings->objects[check] != NULL)
		return settings->objects[check];
	return defaults->objects[check];
}
