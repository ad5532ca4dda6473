/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The web configuration: any bytes are one, or are refused with a reason; what was
 * taken keeps the promises of web_config.h. */
#include "web_config.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_config(const struct web_config *config)
{
	const struct web_tls_config *tls = &config->tls;
	assert(!tls->is_on || (tls->certificate.name && tls->key.name));
	assert(tls->min <= tls->max);
	for (size_t i = 0; i < config->user_count; i++) {
		const struct web_user *user = &config->users[i];
		assert(strlen(user->hash) == 60);
		assert(web_config_user(config, user->name) == user);
	}
	for (size_t i = 0; i < config->header_count; i++)
		assert(span_is_printable(span_text(config->headers[i].value)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct web_config *config = web_config_read(
	    "etc/w.yml", span_of(bytes, length), &messages);
	assert((config == NULL) == (messages.errors.length > 0));
	if (config != NULL)
		check_config(config);
	for (size_t i = 0; i < messages.errors.length; i++)
		assert(messages.errors.text[i] == '\n' ||
		    byte_is_printable((uint8_t)messages.errors.text[i]));
	web_config_free(config);
	config_messages_free(&messages);
	return 0;
}
