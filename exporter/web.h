/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * web: the settings of --web.config.file in use, and how others take their place.
 *
 *	struct web_settings *settings = web_take(web);
 *	... they stay as they are, whatever is read meanwhile
 *	web_drop(settings);
 *
 * What is always true: settings are whole or not in use; whether there is TLS does not
 * change, since what listens was set up for one of them.
 */
#ifndef MAILGAUGE_EXPORTER_WEB_H
#define MAILGAUGE_EXPORTER_WEB_H

#include "config.h"
#include "web_config.h"
#include "web_tls.h"

#include "core/attributes.h"

#include <stdatomic.h>
#include <stdbool.h>

struct web_settings {
	struct web_config *config;
	struct web_tls *tls; /* NULL: plain HTTP */
	atomic_uint references;
};

struct web;

/* Reads the file; an empty path is that of a file that asks for nothing. NULL, and
 * told, when it is not fit for use. The path is borrowed. */
struct web *web_new(const char *path, struct config_messages *messages) MUST_CHECK;
void web_free(struct web *web);

/* In any thread. */
struct web_settings *web_take(struct web *web);
void web_drop(struct web_settings *settings);
bool web_has_tls(struct web *web);

/* In one thread only. Reads the file and what it names again; what is not fit for use
 * changes nothing, and is told. Where nobody has asked for it, the file may be half
 * written: then what it does not say never lets in who was kept out. */
bool web_reload(
    struct web *web, bool is_asked_for, struct config_messages *messages) MUST_CHECK;

/* Whether the file, or one that it named when it was read last, has changed since then,
 * or has come. */
bool web_has_changed(const struct web *web);

#endif
