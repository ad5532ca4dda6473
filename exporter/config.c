/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The configuration as a whole: its defaults, its targets, its files. What the keys of
 * the YAML text mean is in config_schema.c. A fault does not end the reading: whoever
 * edits the files wants to hear of all of them at once.
 */
#include "config.h"

#include "config_schema.h"
#include "schedule.h"

#include "core/die.h"
#include "core/file.h"
#include "core/limits.h"
#include "output/prometheus.h"
#include "smtp/fetch.h"

#include <assert.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEX_4 "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"

enum {
	DEFAULT_INTERVAL_MS = 5 * 60 * 1000,
	DEFAULT_SMTP_INTERVAL_MS = 60 * 60 * 1000,
	VALUE_SHOWN = 80, /* bytes */
	JOINED_SHOWN = 3  /* domains */
};

void
config_messages_init(struct config_messages *messages)
{
	*messages = (struct config_messages){ .error_count = 0 };
	buf_init(&messages->errors, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE);
	buf_init(&messages->warnings, LIMIT_CONFIG_MESSAGES * LIMIT_MESSAGE);
}

void
config_messages_free(struct config_messages *messages)
{
	buf_free(&messages->errors);
	buf_free(&messages->warnings);
}

static void add_message(struct buf *out, size_t *count, struct config_place place,
    const char *format, va_list values) PRINTF_LIKE(4, 0);

static void
add_message(struct buf *out, size_t *count, struct config_place place,
    const char *format, va_list values)
{
	if ((*count)++ >= LIMIT_CONFIG_MESSAGES)
		return;
	buf_add_text(out, place.file);
	if (place.line > 0)
		buf_addf(out, ":%u", place.line);
	buf_add_text(out, ": ");
	buf_addv(out, format, values);
	buf_add_byte(out, '\n');
}

void
config_error(struct config_messages *messages, struct config_place place,
    const char *format, ...)
{
	va_list values;
	va_start(values, format);
	add_message(&messages->errors, &messages->error_count, place, format, values);
	va_end(values);
}

void
config_warn(struct config_messages *messages, struct config_place place,
    const char *format, ...)
{
	va_list values;
	va_start(values, format);
	add_message(
	    &messages->warnings, &messages->warning_count, place, format, values);
	va_end(values);
}

const char *
config_shown(struct arena *arena, struct span value)
{
	struct span start = span_slice(value, 0, VALUE_SHOWN);
	const char *text = arena_safe_text(arena, start);
	if (start.length == value.length)
		return text;
	return arena_printf(arena, "%s...", text);
}

struct config *
config_new(void)
{
	struct config *config = must_calloc(1, sizeof(*config));
	config->arena = arena_new();
	config->interval_ms = DEFAULT_INTERVAL_MS;
	config->smtp_interval_ms = DEFAULT_SMTP_INTERVAL_MS;
	config->dns_in_flight = LIMIT_DNS_IN_FLIGHT_DEFAULT;
	config->smtp_in_flight = LIMIT_SMTP_SCANS_DEFAULT;
	config->checks = checks_one(0);
	policy_init(&config->policy);
	config->defaults = settings_new(config->arena);
	for (size_t i = 0; i < checks_count(); i++)
		settings_object(config->defaults, config->arena, i);
	return config;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	settings_release(config->defaults);
	for (struct settings *each = config->settings; each != NULL; each = each->next)
		settings_release(each);
	arena_free(config->arena);
	free(config->targets);
	free(config);
}

/* --- targets -------------------------------------------------------------- */

bool
config_read_name(struct config *config, struct config_place place, struct span text,
    struct dns_name *name, struct config_messages *messages)
{
	enum status status = dns_name_from_user(name, text);
	if (status == STATUS_OK && dns_name_labels(name) == 0)
		status = STATUS_EMPTY; /* the root */
	if (status != STATUS_OK) {
		config_error(messages, place,
		    "domain '%s' %s, expected one such as example.com",
		    config_shown(config->arena, text), status_text(status));
		return false;
	}
	/* One domain is one series, however it is written. */
	for (size_t i = 0; i < name->length; i++)
		name->wire[i] = byte_lower(name->wire[i]); /* a length is below 'A' */
	return true;
}

struct span
config_label(struct arena *arena, const char *domain)
{
	if (strpbrk(domain, "\\\"") == NULL)
		return span_text(domain);
	char memory[8 * LIMIT_NAME_BYTES];
	struct buf label;
	buf_wrap(&label, memory, sizeof(memory));
	prometheus_add_escaped(&label, domain);
	return arena_copy(arena, buf_span(&label));
}

void
config_add_target(struct config *config, struct config_place place,
    const struct dns_name *name, check_set checks, const struct settings *settings,
    struct config_messages *messages)
{
	if (config->target_count == LIMIT_TARGETS) {
		config_error(messages, place, "more than %d domains", LIMIT_TARGETS);
		return;
	}
	if (config->target_count == config->target_room) {
		size_t room = config->target_room;
		config->target_room = room > 0 ? room + room / 2 : 16;
		config->targets = must_realloc(
		    config->targets, config->target_room * sizeof(*config->targets));
	}
	const char *domain = dns_name_text(config->arena, name);
	config->targets[config->target_count++] = (struct config_target){
		.domain = domain,
		.label = config_label(config->arena, domain),
		.wire = arena_copy(config->arena, dns_name_span(name)),
		.checks = checks,
		.settings = settings,
	};
}

void
config_add_domains(struct config *config, const char *file, struct span lines,
    struct config_messages *messages)
{
	struct config_place place = { file, 0 };
	struct split split = { .rest = lines };
	struct span line;
	while (split_next(&split, '\n', &line)) {
		struct span domain;
		struct dns_name name;
		place.line++;
		span_take_until_or_end(&line, '#', &domain);
		domain = span_trim(domain);
		if (domain.length > 0 &&
		    config_read_name(config, place, domain, &name, messages))
			config_add_target(config, place, &name, 0, NULL, messages);
	}
}

static int
compare_targets(const void *a, const void *b)
{
	const struct config_target *first = a, *second = b;
	return strcmp(first->domain, second->domain);
}

/* Joins the target into the one before it where both are one domain. */
static bool
join(struct config_target *before, const struct config_target *target)
{
	if (compare_targets(before, target) != 0)
		return false;
	before->checks |= target->checks;
	if (before->settings == NULL)
		before->settings = target->settings;
	return true;
}

static void
sort_targets(struct config *config, const char *file, struct config_messages *messages)
{
	struct config_target *targets = config->targets;
	char memory[JOINED_SHOWN * LIMIT_NAME_BYTES];
	struct buf names;
	buf_wrap(&names, memory, sizeof(memory));
	size_t kept = 0, joined = 0;

	if (config->target_count > 0)
		qsort(targets, config->target_count, sizeof(*targets), compare_targets);
	for (size_t i = 0; i < config->target_count; i++) {
		if (targets[i].checks == 0)
			targets[i].checks = config->checks;
		if (kept == 0 || !join(&targets[kept - 1], &targets[i]))
			targets[kept++] = targets[i];
		else if (joined++ < JOINED_SHOWN)
			buf_addf(&names, " %s", targets[i].domain);
	}
	config->target_count = kept;
	if (joined > 0)
		config_warn(messages, (struct config_place){ file, 0 },
		    "%zu domains are listed more than once and were joined, first of "
		    "them:%s",
		    joined, names.text);
	if (kept == 0 && messages->error_count == 0)
		config_warn(messages, (struct config_place){ file, 0 },
		    "no domain is listed: nothing to check");
}

/* A check for which a target has to say something, such as its selectors, can't be run
 * on one that says nothing. */
static void
check_defaults(
    struct config *config, const char *file, struct config_messages *messages)
{
	for (size_t i = 0; i < checks_count(); i++) {
		char memory[256];
		struct buf why;
		struct dns_name domain;
		buf_wrap(&why, memory, sizeof(memory));
		dns_name_root(&domain);
		if (settings_complete(
			config->defaults, config->arena, i, &domain, &why) == STATUS_OK)
			continue;
		for (size_t j = 0; j < config->target_count; j++) {
			const struct config_target *target = &config->targets[j];
			const void *settings = settings_of(
			    target->settings, config->defaults, i);
			if (target->checks & checks_one(i) &&
			    settings == config->defaults->objects[i])
				config_error(messages, (struct config_place){ file, 0 },
				    "%s: %s: %s", target->domain, checks_probe(i)->name,
				    why.text);
		}
	}
}

void
config_finish_targets(
    struct config *config, const char *file, struct config_messages *messages)
{
	sort_targets(config, file, messages);
	check_defaults(config, file, messages);
}

const struct config_target *
config_find(const struct config *config, const char *domain)
{
	const struct config_target wanted = { .domain = domain };
	if (config->target_count == 0)
		return NULL;
	return bsearch(&wanted, config->targets, config->target_count,
	    sizeof(*config->targets), compare_targets);
}

/* --- files ---------------------------------------------------------------- */

/* Reads the whole file; NULL, or what got in the way. */
static const char *
read_file(struct buf *out, const char *path)
{
	int failed = file_read(out, path);
	if (failed == EFBIG)
		return "too large";
	return failed ? strerror(failed) : NULL;
}

static void
load_target_file(struct config *config, struct config_place place, const char *path,
    struct config_messages *messages)
{
	struct buf text;
	buf_init(&text, LIMIT_TARGET_FILE_BYTES);
	const char *reason = read_file(&text, path);
	const char *shown = config_shown(config->arena, span_text(path));
	if (reason != NULL)
		config_error(messages, place, "target file %s: %s", shown, reason);
	else
		config_add_domains(config, shown, buf_span(&text), messages);
	buf_free(&text);
}

/* The pattern below the folder of the configuration; the folder's own name is no
 * pattern, whatever bytes are in it. */
static void
add_glob(struct buf *out, const char *config_path, const char *pattern)
{
	const char *slash = strrchr(config_path, '/');
	if (slash != NULL && pattern[0] != '/') {
		for (const char *byte = config_path; byte <= slash; byte++) {
			if (strchr("*?[]\\{}~", *byte) != NULL)
				buf_add_byte(out, '\\');
			buf_add_byte(out, (uint8_t)*byte);
		}
	}
	buf_add_text(out, pattern);
}

/* What glob(3) returns. */
static int
find_files(const char *config_path, const struct config_pattern *pattern, glob_t *found)
{
	struct buf full;
	buf_init(&full, 2 * (strlen(config_path) + strlen(pattern->text)) + 1);
	add_glob(&full, config_path, pattern->text);
	*found = (glob_t){ .gl_pathc = 0 };
	int failed = glob(full.text, 0, NULL, found);
	buf_free(&full);
	if (failed == GLOB_NOSPACE)
		die_unknown("out of memory");
	return failed;
}

static void
load_pattern(struct config *config, const char *config_path,
    const struct config_pattern *pattern, struct config_messages *messages)
{
	struct config_place place = { config_path, pattern->line };
	glob_t found;
	int failed = find_files(config_path, pattern, &found);
	const char *shown = config_shown(config->arena, span_text(pattern->text));
	if (failed && failed != GLOB_NOMATCH)
		config_error(messages, place, "target_files: %s can't be read", shown);
	else if (failed && strpbrk(pattern->text, "*?[") == NULL)
		config_error(messages, place, "target_files: there is no %s", shown);
	else if (failed)
		config_warn(messages, place, "target_files: nothing matches %s", shown);
	for (size_t i = 0; !failed && i < found.gl_pathc; i++)
		load_target_file(config, place, found.gl_pathv[i], messages);
	globfree(&found);
}

bool
config_read_file(struct buf *yaml, const char *path, struct config_messages *messages)
{
	const char *reason = read_file(yaml, path);
	if (reason != NULL)
		config_error(messages, (struct config_place){ path, 0 }, "%s", reason);
	return reason == NULL;
}

bool
config_load(struct config *config, const char *path, struct span yaml,
    struct config_messages *messages)
{
	config_parse(config, path, yaml, messages);
	config->files_stamp = config_files_stamp(config, path);
	config->scans_stamp = config_scans_stamp(config);
	for (const struct config_pattern *pattern = config->patterns; pattern != NULL;
	     pattern = pattern->next)
		load_pattern(config, path, pattern, messages);
	config_finish_targets(config, path, messages);
	return messages->error_count == 0;
}

void
config_settle_resolvers(struct config *config)
{
	struct nameservers *servers = &config->nameservers;
	if (servers->count == 0 && nameservers_from_system(servers) != STATUS_OK)
		servers->count = 0;
	if (!config->trust_ad_set && servers->count > 0)
		config->trust_ad = nameservers_are_loopback(servers);
}

/* The lower bits of the seed: the upper ones are the place in the interval, so that
 * each share is spread over all of it. */
void
config_keep_shard(struct config *config, struct config_shard shard)
{
	size_t kept = 0;
	for (size_t i = 0; i < config->target_count; i++) {
		uint64_t seed = schedule_seed(config->targets[i].wire);
		if ((uint32_t)seed % shard.count == shard.index - 1)
			config->targets[kept++] = config->targets[i];
	}
	config->target_count = kept;
}

static uint64_t
stamp_add(uint64_t stamp, const void *bytes, size_t length)
{
	return (stamp ^ schedule_seed(span_of(bytes, length))) *
	    UINT64_C(0x100000001b3);
}

/* An editor changes one of name, size, inode and time, whether it writes the file or
 * puts another in its place. The time of change is for chmod(1) and chown(1), which let
 * us read what we could not. */
uint64_t
config_stamp_file(uint64_t stamp, const char *path)
{
	struct stat status;
	stamp = stamp_add(stamp, path, strlen(path));
	if (stat(path, &status) != 0)
		return stamp;
	stamp = stamp_add(stamp, &status.st_size, sizeof(status.st_size));
	stamp = stamp_add(stamp, &status.st_ino, sizeof(status.st_ino));
	stamp = stamp_add(stamp, &status.st_ctim, sizeof(status.st_ctim));
	return stamp_add(stamp, &status.st_mtim, sizeof(status.st_mtim));
}

uint64_t
config_files_stamp(const struct config *config, const char *path)
{
	uint64_t stamp = 0;
	for (const struct config_pattern *pattern = config->patterns; pattern != NULL;
	     pattern = pattern->next) {
		glob_t found;
		if (find_files(path, pattern, &found) == 0)
			for (size_t i = 0; i < found.gl_pathc; i++)
				stamp = config_stamp_file(stamp, found.gl_pathv[i]);
		globfree(&found);
	}
	return stamp;
}

/* In a container that was made anew, all about a file is new but what is in it. */
static uint64_t
stamp_contents(uint64_t stamp, const char *path)
{
	struct buf text;
	buf_init(&text, LIMIT_PEM_BYTES);
	if (file_read(&text, path) != 0)
		stamp = config_stamp_file(stamp, path); /* too long, or gone */
	stamp = stamp_add(stamp, text.text, text.length);
	buf_free(&text);
	return stamp;
}

static uint64_t
stamp_hashed(uint64_t stamp, const char *path, size_t index)
{
	if (index >= LIMIT_HASHED_CAS)
		return config_stamp_file(stamp, path);
	return stamp_contents(stamp_add(stamp, path, strlen(path)), path);
}

/* By the names that c_rehash(1) makes, since OpenSSL looks for no others. */
static uint64_t
stamp_folder(uint64_t stamp, const char *path)
{
	static const struct config_pattern hashed = { .text = HEX_4 HEX_4 ".[0-9]*" };
	char folder[PATH_MAX];
	glob_t found;
	stamp = stamp_add(stamp, path, strlen(path));
	snprintf(folder, sizeof(folder), "%s/", path);
	if (find_files(folder, &hashed, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			stamp = stamp_hashed(stamp, found.gl_pathv[i], i);
	globfree(&found);
	return stamp;
}

uint64_t
config_scans_stamp(const struct config *config)
{
	const struct smtp_tls_settings *smtp = config_smtp(config);
	uint64_t stamp = stamp_add(0, smtp->ehlo.bytes, smtp->ehlo.length);
	const char *file = NULL, *folder = NULL;
	if (smtp->ca_file.length > 0)
		file = (const char *)smtp->ca_file.bytes;
	if (smtp->ca_dir.length > 0)
		folder = (const char *)smtp->ca_dir.bytes;
	if (file == NULL && folder == NULL)
		smtp_system_cas(&file, &folder);
	if (file != NULL)
		stamp = stamp_contents(stamp, file);
	if (folder != NULL)
		stamp = stamp_folder(stamp, folder);
	return stamp;
}
