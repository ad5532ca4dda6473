/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * config: what the exporter is told to do.
 *
 *	struct config_messages messages;
 *	config_messages_init(&messages);
 *	struct config *config = config_new();
 *	if (!config_load(config, path, yaml, &messages))
 *		... a line for each fault in messages.errors: "FILE:LINE: what"
 *
 * What is always true after a load that succeeded:
 *  - targets are sorted by domain; each domain stands once, has a check, and is in
 *    lower case; U-labels have become A-labels;
 *  - every check of every target has settings that its probe takes;
 *  - nothing in it changes until config_free().
 *
 * Only the functions that take a path read files; everything else works on text.
 */
#ifndef MAILGAUGE_EXPORTER_CONFIG_H
#define MAILGAUGE_EXPORTER_CONFIG_H

#include "checks.h"
#include "settings.h"

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/report.h"
#include "core/span.h"
#include "dns/fetch.h"
#include "dns/name.h"
#include "smtp_tls/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hundred thousand of these are usual: keep it small. */
struct config_target {
	const char *domain; /* safe text, for people */
	struct span label;  /* the same as it stands between quotes on /metrics */
	struct span wire;   /* the same as a DNS name */
	check_set checks;   /* 0 while loading: the default ones */
	const struct settings *settings; /* NULL: told nothing; see settings_of() */
};

/* A set of checks that /probe can be asked for by name. */
struct config_module {
	struct config_module *next;
	struct span name;
	check_set checks; /* 0: the target's own, or the default ones */
	int64_t timeout_ms;
};

/* A name that /probe may be asked about although it is no target. */
struct config_allowed {
	struct config_allowed *next;
	struct dns_name name;
	bool below; /* every name below it, and not itself */
};

/* An entry of target_files: a path or glob, relative to the configuration's folder. */
struct config_pattern {
	struct config_pattern *next;
	const char *text;
	unsigned line;
};

struct config {
	struct nameservers nameservers; /* none: those of resolv.conf */
	bool trust_ad_set, trust_ad;    /* see config_settle_resolvers() */
	int64_t interval_ms;
	int64_t smtp_interval_ms; /* how long the scan of a host is good */
	uint32_t dns_in_flight, smtp_in_flight;
	check_set checks; /* of targets that name none */
	struct policy policy;

	struct config_target *targets;
	size_t target_count;
	struct config_pattern *patterns;
	uint64_t files_stamp; /* of target files, before they were read */
	uint64_t scans_stamp; /* see config_scans_stamp() */
	struct config_module *modules;
	struct config_allowed *allowed;

	struct settings *defaults; /* of checks of which a target says nothing */
	struct settings *settings; /* of all targets, a list */
	struct arena *arena;       /* of all texts */
	size_t target_room;
};

/* The `index`th of `count` shares of the list, from 1. */
struct config_shard {
	uint32_t index, count;
};

/* What is wrong with a configuration, and what is only odd. */
struct config_messages {
	struct buf errors, warnings; /* lines */
	size_t error_count;          /* also of those beyond LIMIT_CONFIG_MESSAGES */
	size_t warning_count;
};

/* A place in a file, for messages; line 0 is the file as a whole. */
struct config_place {
	const char *file;
	unsigned line;
};

void config_messages_init(struct config_messages *messages);
void config_messages_free(struct config_messages *messages);
void config_error(struct config_messages *messages, struct config_place place,
    const char *format, ...) PRINTF_LIKE(3, 4);
void config_warn(struct config_messages *messages, struct config_place place,
    const char *format, ...) PRINTF_LIKE(3, 4);

struct config *config_new(void);
void config_free(struct config *config);

/* Reads the text of the file `path`, and the target files that it names. */
bool config_load(struct config *config, const char *path, struct span yaml,
    struct config_messages *messages) MUST_CHECK;

/* The file's text into a buf of LIMIT_CONFIG_BYTES; complains where it can't. */
bool config_read_file(
    struct buf *yaml, const char *path, struct config_messages *messages) MUST_CHECK;

/* Where the file names no resolvers, takes those of resolv.conf; none when it can't be
 * read. Where it says nothing of the AD bit, that of resolvers on loopback is believed,
 * and that of others not. */
void config_settle_resolvers(struct config *config);

/* Drops the targets of other shares. Whatever else is in the list, a domain is always
 * in the same one. */
void config_keep_shard(struct config *config, struct config_shard shard);

/* A number that is another one when the file has changed, has come or has gone, or when
 * `stamp`, that of other files or 0, is another one. */
uint64_t config_stamp_file(uint64_t stamp, const char *path);

/* The same of all target files. */
uint64_t config_files_stamp(const struct config *config, const char *path);

/* One of what scans depend on besides what they are asked: who we are, and whom we
 * trust, by what is in its files. */
uint64_t config_scans_stamp(const struct config *config);

/* NULL when there is no module of that name. */
const struct config_module *config_module(
    const struct config *config, struct span name) MUST_CHECK;

/* Whether probe: allow: names it; targets are allowed anyway. */
bool config_allows(
    const struct config *config, const struct dns_name *domain) MUST_CHECK;

/* What all targets share, and the fetcher of scans needs. */
const struct smtp_tls_settings *config_smtp(const struct config *config);

/* The target of a domain (lower case, A-labels), or NULL. */
const struct config_target *config_find(
    const struct config *config, const char *domain) MUST_CHECK;

/* --- the steps of loading; the YAML's is in config_schema.h --------------- */

/* Adds the domain in a person's text. */
bool config_read_name(struct config *config, struct config_place place,
    struct span text, struct dns_name *name,
    struct config_messages *messages) MUST_CHECK;
void config_add_target(struct config *config, struct config_place place,
    const struct dns_name *name, check_set checks, const struct settings *settings,
    struct config_messages *messages);

/* Adds the domains of a target file: one a line, comments behind `#`. */
void config_add_domains(struct config *config, const char *file, struct span lines,
    struct config_messages *messages);

/* Brings the targets into the order that they are promised to have, and looks whether
 * their checks will do with the settings that all share. */
void config_finish_targets(
    struct config *config, const char *file, struct config_messages *messages);

/* A domain's text as a label value; few have anything to escape. */
struct span config_label(struct arena *arena, const char *domain);

/* A faulty value as messages repeat it: made safe, and cut. */
const char *config_shown(struct arena *arena, struct span value);

#endif
