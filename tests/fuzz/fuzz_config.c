/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The exporter's configuration: any bytes are one, or are refused with a reason; what
 * was taken keeps the promises of config.h. The same bytes are also a target file. */
#include "config.h"
#include "config_schema.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_targets(const struct config *config)
{
	for (size_t i = 0; i < config->target_count; i++) {
		const struct config_target *target = &config->targets[i];
		assert(target->domain[0] != '\0' && target->checks != 0);
		assert(config_find(config, target->domain) == target);
		if (i > 0)
			assert(strcmp(target[-1].domain, target->domain) < 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct config *config = config_new();
	config_parse(config, "c", span_of(bytes, length), &messages);
	assert((messages.error_count > 0) == (messages.errors.length > 0));
	config_add_domains(config, "d", span_of(bytes, length), &messages);
	config_finish_targets(config, "c", &messages);
	check_targets(config);
	for (size_t i = 0; i < messages.errors.length; i++)
		assert(messages.errors.text[i] == '\n' ||
		    byte_is_printable((uint8_t)messages.errors.text[i]));
	config_free(config);
	config_messages_free(&messages);
	return 0;
}
