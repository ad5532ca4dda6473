/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* config_schema: which keys a configuration may have, and what may stand in each. */
#ifndef MAILGAUGE_EXPORTER_CONFIG_SCHEMA_H
#define MAILGAUGE_EXPORTER_CONFIG_SCHEMA_H

#include "config.h"

#include "core/attributes.h"
#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads a YAML text into the configuration; `file` is its name in messages. Target
 * files are only noted. */
void config_parse(struct config *config, const char *file, struct span yaml,
    struct config_messages *messages);

/* "90s", "5m", "1h30m", "1d": units from large to small, each at most once. */
bool config_duration(struct span text, int64_t *duration_ms) MUST_CHECK;

#endif
