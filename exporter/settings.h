/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * settings: what a configuration tells the probes about one target, as the settings
 * objects that probes take. They are filled by the probes' own option rows, so that the
 * exporter refuses what a plugin would refuse, with the same words.
 *
 * What is always true: a check that was told nothing has no object, and shares one of
 * zero bytes with all others (settings_of()); a hundred thousand targets need none.
 */
#ifndef MAILGAUGE_EXPORTER_SETTINGS_H
#define MAILGAUGE_EXPORTER_SETTINGS_H

#include "checks.h"

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "dns/name.h"

struct settings {
	struct settings *next; /* for the owner's list */
	void *objects[];       /* by check; NULL: told nothing */
};

/* Lives in the arena; what probes allocate is freed by settings_release(). */
struct settings *settings_new(struct arena *arena);
void settings_release(struct settings *settings);

/* The check's object, made when there is none. */
void *settings_object(struct settings *settings, struct arena *arena, size_t check);

/* Hands the value to the probe's option row of that name, which it must have. */
enum status settings_set(struct settings *settings, struct arena *arena, size_t check,
    const char *option, struct span value, struct buf *why) MUST_CHECK;

/* The same for one of the check's objects. */
enum status settings_set_object(void *object, struct arena *arena, size_t check,
    const char *option, struct span value, struct buf *why) MUST_CHECK;

/* To be called once for each check of the target: whether its settings will do. */
enum status settings_complete(struct settings *settings, struct arena *arena,
    size_t check, struct dns_name *domain, struct buf *why) MUST_CHECK;

/* What the probe is to be run with; either may be NULL, but not both. */
const void *settings_of(
    const struct settings *settings, const struct settings *defaults, size_t check);

#endif
