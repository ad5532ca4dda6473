/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* For unit tests and fuzz targets alike: so failures end the process. */
#include "support/listed.h"

#include "config_schema.h"

#include "core/die.h"

struct config *
listed_config(const char *yaml, const char *domains)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct config *config = config_new();
	config_parse(config, "f", span_text(yaml), &messages);
	if (domains != NULL)
		config_add_domains(config, "d", span_text(domains), &messages);
	config_finish_targets(config, "f", &messages);
	if (messages.error_count > 0)
		die_unknown("a test's own configuration is faulty");
	config_messages_free(&messages);
	return config;
}

struct roster *
listed(const char *yaml)
{
	return roster_new(listed_config(yaml, NULL));
}
