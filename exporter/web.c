/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Settings are counted by those who use them, as rosters are: a session keeps those
 * that it began with. */
#include "web.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_FILES = 3 };

/* What there may be new to read of: the file, and those that it named when it was read
 * last, also where they were not fit for use or not there. */
struct watch {
	struct arena *arena;            /* of the paths */
	const char *named[NAMED_FILES]; /* NULL: none */
	uint64_t stamp;                 /* before they were read */
};

struct web {
	const char *path;
	struct watch watch;
	pthread_mutex_t lock; /* of the pointer below */
	struct web_settings *settings;
};

/* --- files ---------------------------------------------------------------- */

static void
watch_named(struct watch *watch, const struct web_tls_config *tls)
{
	const char *const paths[NAMED_FILES] = { tls->certificate.path, tls->key.path,
		tls->client_ca.path };
	arena_reset(watch->arena);
	for (size_t i = 0; i < NAMED_FILES; i++)
		watch->named[i] = paths[i] != NULL
		    ? arena_text(watch->arena, span_text(paths[i]))
		    : NULL;
}

/* `stamp` is that of the file itself. */
static uint64_t
stamp_of(const struct watch *watch, uint64_t stamp)
{
	for (size_t i = 0; i < NAMED_FILES; i++)
		if (watch->named[i] != NULL)
			stamp = config_stamp_file(stamp, watch->named[i]);
	return stamp;
}

bool
web_has_changed(const struct web *web)
{
	return stamp_of(&web->watch, config_stamp_file(0, web->path)) !=
	    web->watch.stamp;
}

/* --- settings ------------------------------------------------------------- */

static struct web_config *
read_config(const char *path, struct config_messages *messages)
{
	struct buf yaml;
	struct web_config *config = NULL;
	buf_init(&yaml, LIMIT_WEB_CONFIG_BYTES);
	if (strcmp(path, "-") == 0) /* at a reload it would be empty */
		config_error(messages, (struct config_place){ path, 0 },
		    "the web configuration has to be a file");
	else if (path[0] == '\0' || config_read_file(&yaml, path, messages))
		config = web_config_read(path, buf_span(&yaml), messages);
	explicit_bzero(yaml.text, yaml.size);
	buf_free(&yaml);
	return config;
}

/* Each stamp is taken before its file is read: what changes meanwhile is read again. */
static struct web_settings *
read_settings(struct web *web, struct config_messages *messages)
{
	struct web_tls *tls = NULL;
	uint64_t stamp = config_stamp_file(0, web->path);
	struct web_config *config = read_config(web->path, messages);
	if (config != NULL)
		watch_named(&web->watch, &config->tls);
	web->watch.stamp = stamp_of(&web->watch, stamp);
	if (config != NULL && config->tls.is_on)
		tls = web_tls_new(config, messages);
	if (config == NULL || (config->tls.is_on && tls == NULL)) {
		web_config_free(config);
		return NULL;
	}
	struct web_settings *settings = must_calloc(1, sizeof(*settings));
	settings->config = config;
	settings->tls = tls;
	atomic_init(&settings->references, 1);
	return settings;
}

void
web_drop(struct web_settings *settings)
{
	if (settings == NULL || atomic_fetch_sub(&settings->references, 1) > 1)
		return;
	web_tls_free(settings->tls);
	web_config_free(settings->config);
	free(settings);
}

struct web_settings *
web_take(struct web *web)
{
	pthread_mutex_lock(&web->lock);
	struct web_settings *settings = web->settings;
	atomic_fetch_add_explicit(&settings->references, 1, memory_order_relaxed);
	pthread_mutex_unlock(&web->lock);
	return settings;
}

bool
web_has_tls(struct web *web)
{
	struct web_settings *settings = web_take(web);
	bool has_tls = settings->tls != NULL;
	web_drop(settings);
	return has_tls;
}

/* --- reading again -------------------------------------------------------- */

/* The types of client_auth are in no order: one requires what it does not verify, and
 * another the reverse. */
static bool
asks_less_of_clients(const struct web_tls_config *old, const struct web_tls_config *new)
{
	return (web_requires_certificate(old) && !web_requires_certificate(new)) ||
	    (web_verifies_certificate(old) && !web_verifies_certificate(new)) ||
	    (old->allowed_san_count > 0 && new->allowed_san_count == 0);
}

/* A file that is just being written is empty, or ends before what it is to ask for: it
 * takes a person's reload to let in who had to say before who they are. */
static bool
opens_doors(const struct web_config *old, const struct web_config *new)
{
	return (old->user_count > 0 && new->user_count == 0) ||
	    asks_less_of_clients(&old->tls, &new->tls);
}

/* NULL when the new settings can be taken. */
static const char *
objection(
    const struct web_settings *old, const struct web_settings *new, bool is_asked_for)
{
	if ((new->tls != NULL) != (old->tls != NULL))
		return "TLS can't be turned on or off without a restart";
	if (!is_asked_for && opens_doors(old->config, new->config))
		return "users or client certificates are not given up without a reload";
	return NULL;
}

bool
web_reload(struct web *web, bool is_asked_for, struct config_messages *messages)
{
	struct web_settings *settings = read_settings(web, messages);
	if (settings == NULL)
		return false;
	const char *why = objection(web->settings, settings, is_asked_for);
	if (why != NULL) {
		config_error(
		    messages, (struct config_place){ web->path, 0 }, "%s", why);
		web_drop(settings);
		return false;
	}
	pthread_mutex_lock(&web->lock);
	struct web_settings *old = web->settings;
	web->settings = settings;
	pthread_mutex_unlock(&web->lock);
	web_drop(old);
	return true;
}

/* --- beginning and end ---------------------------------------------------- */

struct web *
web_new(const char *path, struct config_messages *messages)
{
	struct web *web = must_calloc(1, sizeof(*web));
	int failed = pthread_mutex_init(&web->lock, NULL);
	assert(!failed);
	web->path = path;
	web->watch.arena = arena_new();
	web->settings = read_settings(web, messages);
	if (web->settings != NULL)
		return web;
	web_free(web);
	return NULL;
}

void
web_free(struct web *web)
{
	if (web == NULL)
		return;
	web_drop(web->settings);
	arena_free(web->watch.arena);
	pthread_mutex_destroy(&web->lock);
	free(web);
}
