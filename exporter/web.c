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

struct web {
	const char *path;
	pthread_mutex_t lock; /* of the pointer below */
	struct web_settings *settings;
	uint64_t stamp; /* of the files, when they were read */
};

/* --- settings ------------------------------------------------------------- */

static struct web_settings *
read_settings(const char *path, struct config_messages *messages)
{
	struct buf yaml;
	struct web_tls *tls = NULL;
	struct web_config *config = NULL;
	buf_init(&yaml, LIMIT_WEB_CONFIG_BYTES);
	if (strcmp(path, "-") == 0) /* at a reload it would be empty */
		config_error(messages, (struct config_place){ path, 0 },
		    "the web configuration has to be a file");
	else if (path[0] == '\0' || config_read_file(&yaml, path, messages))
		config = web_config_read(path, buf_span(&yaml), messages);
	explicit_bzero(yaml.text, yaml.size);
	buf_free(&yaml);
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

static uint64_t
stamp_of(const struct web *web)
{
	const struct web_tls_config *tls = &web->settings->config->tls;
	const char *const paths[] = { web->path, tls->certificate.path, tls->key.path,
		tls->client_ca.path };
	uint64_t stamp = 0;
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++)
		if (paths[i] != NULL)
			stamp = config_stamp_file(stamp, paths[i]);
	return stamp;
}

bool
web_has_changed(const struct web *web)
{
	return stamp_of(web) != web->stamp;
}

/* An empty file asks for nothing, and one that is just being written looks like it: it
 * takes a person's reload to let in who had to say before who they are. */
static bool
opens_doors(const struct web_config *old, const struct web_config *new)
{
	bool asked = old->tls.client_auth == WEB_CLIENT_REQUIRE_ANY ||
	    old->tls.client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
	return (old->user_count > 0 && new->user_count == 0) ||
	    (asked && new->tls.client_auth < old->tls.client_auth);
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

/* The stamp is taken first: what changes while it is read is read again, once more too
 * where other files are named now. */
bool
web_reload(struct web *web, bool is_asked_for, struct config_messages *messages)
{
	web->stamp = stamp_of(web);
	struct web_settings *settings = read_settings(web->path, messages);
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
	struct web_settings *settings = read_settings(path, messages);
	if (settings == NULL)
		return NULL;
	struct web *web = must_calloc(1, sizeof(*web));
	web->path = path;
	web->settings = settings;
	web->stamp = stamp_of(web);
	int failed = pthread_mutex_init(&web->lock, NULL);
	assert(!failed);
	return web;
}

void
web_free(struct web *web)
{
	if (web == NULL)
		return;
	web_drop(web->settings);
	pthread_mutex_destroy(&web->lock);
	free(web);
}
