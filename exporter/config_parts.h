/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* config_parts: keys of the configuration that have a file of their own, for the table
 * of config_schema.c. `into` is the configuration. */
#ifndef MAILGAUGE_EXPORTER_CONFIG_PARTS_H
#define MAILGAUGE_EXPORTER_CONFIG_PARTS_H

#include "config.h"
#include "config_reader.h"

/* config_schema.c; `into` is a check_set */
void config_read_checks(
    struct reader *reader, const struct config_node *list, void *into);

/* config_targets.c */
void config_read_targets(
    struct reader *reader, const struct config_node *list, void *into);

/* config_smtp.c: `into` is what config_smtp_of_all() or ..._of_target() gives, the
 * latter a copy of what stands for all. */
void config_read_smtp_port(
    struct reader *reader, const struct config_node *node, void *into);
void config_read_smtp_tls(
    struct reader *reader, const struct config_node *node, void *into);
void config_read_target_smtp_tls(
    struct reader *reader, const struct config_node *node, void *into);
struct smtp_tls_settings *config_smtp_of_all(struct config *config);
struct smtp_tls_settings *config_smtp_of_target(
    struct config *config, struct settings *settings);

/* config_modules.c */
void config_read_modules(
    struct reader *reader, const struct config_node *mapping, void *into);
void config_read_probe(
    struct reader *reader, const struct config_node *mapping, void *into);

#endif
