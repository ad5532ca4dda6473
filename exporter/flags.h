/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* flags: the exporter's command line. */
#ifndef MAILGAUGE_EXPORTER_FLAGS_H
#define MAILGAUGE_EXPORTER_FLAGS_H

#include "config.h"
#include "log.h"

#include "core/attributes.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/status.h"

#include <limits.h>
#include <stdbool.h>

enum { FLAGS_ADDRESS_SIZE = 128 };

struct flags {
	char config_file[PATH_MAX];     /* empty: not given */
	char web_config_file[PATH_MAX]; /* the same */
	char listen_addresses[LIMIT_LISTENERS][FLAGS_ADDRESS_SIZE];
	size_t listen_count;       /* 0 with systemd_socket */
	char textfile[PATH_MAX];   /* of --output; empty: not given */
	char state_file[PATH_MAX]; /* empty: none is kept */
	bool systemd_socket, config_check, once, help, version;
	struct config_shard shard; /* all, when none was given */
	struct log log;
};

/* On failure `why` says in one line what is wrong. */
enum status flags_parse(
    struct flags *flags, int argc, char *const argv[], struct buf *why) MUST_CHECK;

void flags_usage(struct buf *out);

#endif
