/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Flags as a table, under the names that all exporters share. */
#include "flags.h"

#include "core/limits.h"
#include "core/options.h"

#define DEFAULT_LISTEN_ADDRESS ":9632"

static enum status
keep_text(char *memory, size_t size, struct span value)
{
	if (value.length == 0)
		return STATUS_EMPTY;
	if (value.length >= size)
		return STATUS_TOO_MANY;
	struct buf copy;
	buf_wrap(&copy, memory, size);
	buf_add(&copy, value);
	return STATUS_OK;
}

static enum status
set_config_file(void *settings, struct span value, struct buf *why)
{
	struct flags *flags = settings;
	(void)why;
	return keep_text(flags->config_file, sizeof(flags->config_file), value);
}

static enum status
set_config_check(void *settings, struct span value, struct buf *why)
{
	(void)value;
	(void)why;
	((struct flags *)settings)->config_check = true;
	return STATUS_OK;
}

/* "1/3" */
static enum status
set_shard(void *settings, struct span value, struct buf *why)
{
	struct config_shard *shard = &((struct flags *)settings)->shard;
	if (span_take_number(&value, LIMIT_SHARDS, &shard->index) &&
	    span_take_byte(&value, '/') &&
	    span_take_number(&value, LIMIT_SHARDS, &shard->count) &&
	    value.length == 0 && shard->index >= 1 && shard->index <= shard->count)
		return STATUS_OK;
	buf_addf(why, "expected I/N such as 1/3, N at most %d", LIMIT_SHARDS);
	return STATUS_MALFORMED;
}

static enum status
set_listen_address(void *settings, struct span value, struct buf *why)
{
	struct flags *flags = settings;
	if (flags->listen_count == LIMIT_LISTENERS) {
		buf_addf(why, "at most %d addresses", LIMIT_LISTENERS);
		return STATUS_TOO_MANY;
	}
	return keep_text(
	    flags->listen_addresses[flags->listen_count++], FLAGS_ADDRESS_SIZE, value);
}

static enum status
set_web_config_file(void *settings, struct span value, struct buf *why)
{
	struct flags *flags = settings;
	(void)why;
	return keep_text(flags->web_config_file, sizeof(flags->web_config_file), value);
}

static enum status
set_systemd_socket(void *settings, struct span value, struct buf *why)
{
	(void)value;
	(void)why;
	((struct flags *)settings)->systemd_socket = true;
	return STATUS_OK;
}

static enum status
set_state_file(void *settings, struct span value, struct buf *why)
{
	struct flags *flags = settings;
	(void)why;
	return keep_text(flags->state_file, sizeof(flags->state_file), value);
}

static enum status
set_once(void *settings, struct span value, struct buf *why)
{
	(void)value;
	(void)why;
	((struct flags *)settings)->once = true;
	return STATUS_OK;
}

static enum status
set_output(void *settings, struct span value, struct buf *why)
{
	struct flags *flags = settings;
	static const struct span prefix = SPAN("textfile=");
	if (span_equal(span_slice(value, 0, prefix.length), prefix))
		return keep_text(flags->textfile, sizeof(flags->textfile),
		    span_slice(value, prefix.length, value.length));
	buf_add_text(why, "expected textfile=PATH");
	return STATUS_MALFORMED;
}

static enum status
set_log_level(void *settings, struct span value, struct buf *why)
{
	if (log_level_by_name(value, &((struct flags *)settings)->log.level))
		return STATUS_OK;
	buf_add_text(why, "expected debug, info, warn or error");
	return STATUS_MALFORMED;
}

static enum status
set_log_format(void *settings, struct span value, struct buf *why)
{
	if (log_format_by_name(value, &((struct flags *)settings)->log.format))
		return STATUS_OK;
	buf_add_text(why, "expected logfmt or json");
	return STATUS_MALFORMED;
}

static enum status
set_version(void *settings, struct span value, struct buf *why)
{
	(void)value;
	(void)why;
	((struct flags *)settings)->version = true;
	return STATUS_OK;
}

static enum status
set_help(void *settings, struct span value, struct buf *why)
{
	(void)value;
	(void)why;
	((struct flags *)settings)->help = true;
	return STATUS_OK;
}

static const struct option_row rows[] = {
	{ 0, "config.file", "FILE", "the configuration, in YAML (required)",
	    set_config_file },
	{ 0, "config.check", NULL,
	    "only check the configuration: exit with 0 when it is fine, else say "
	    "what is wrong",
	    set_config_check },
	{ 0, "shard", "I/N",
	    "check only the Ith of N shares of the list (from 1); a domain's share "
	    "depends on its name alone",
	    set_shard },
	{ 0, "web.listen-address", "ADDRESS",
	    "ADDRESS:PORT, [IPV6-ADDRESS]:PORT, :PORT or unix:/PATH; repeatable; port "
	    "0 takes a free one (default: " DEFAULT_LISTEN_ADDRESS ")",
	    set_listen_address },
	{ 0, "web.config.file", "FILE",
	    "TLS, users and headers, in the format that exporters share",
	    set_web_config_file },
	{ 0, "web.systemd-socket", NULL,
	    "serve on the sockets that systemd listens on, and on no other",
	    set_systemd_socket },
	{ 0, "state.file", "FILE",
	    "keeps results, DNS answers and scans over restarts; one that is damaged "
	    "is not used (default: nothing is kept)",
	    set_state_file },
	{ 0, "once", NULL,
	    "check everything once, write --output, and exit; no address is listened "
	    "at",
	    set_once },
	{ 0, "output", "textfile=PATH",
	    "with --once: the file to write, for the textfile collector of "
	    "node_exporter, which wants a name that ends in .prom",
	    set_output },
	{ 0, "log.level", "LEVEL", "debug, info (default), warn or error",
	    set_log_level },
	{ 0, "log.format", "FORMAT", "logfmt (default) or json", set_log_format },
	{ 0, "version", NULL, "print the version", set_version },
	{ 'h', "help", NULL, "print this text", set_help },
};

static enum status
refuse_positional(void *settings, struct span value, struct buf *why)
{
	(void)settings;
	buf_add_text(why, "unexpected argument '");
	buf_add_safe(why, value);
	buf_add_text(why, "'");
	return STATUS_MALFORMED;
}

static struct option_table
table_of(struct flags *flags)
{
	return (struct option_table){ rows, ARRAY_LENGTH(rows), flags, "Flags" };
}

/* What no single flag can say. */
static enum status
complete(struct flags *flags, struct buf *why)
{
	if (flags->config_file[0] == '\0') {
		buf_add_text(why, "--config.file is required");
		return STATUS_EMPTY;
	}
	if (flags->once != (flags->textfile[0] != '\0')) {
		buf_add_text(why, "--once and --output go together");
		return STATUS_EMPTY;
	}
	if (flags->once && flags->state_file[0] != '\0') {
		buf_add_text(why, "--once keeps no state: leave out --state.file");
		return STATUS_EMPTY;
	}
	if (flags->systemd_socket && flags->listen_count > 0) {
		buf_add_text(why,
		    "--web.listen-address and --web.systemd-socket: only one of them");
		return STATUS_MALFORMED;
	}
	if (flags->systemd_socket || flags->listen_count > 0)
		return STATUS_OK;
	flags->listen_count = 1;
	return keep_text(flags->listen_addresses[0], FLAGS_ADDRESS_SIZE,
	    span_text(DEFAULT_LISTEN_ADDRESS));
}

enum status
flags_parse(struct flags *flags, int argc, char *const argv[], struct buf *why)
{
	*flags = (struct flags){
		.shard = { 1, 1 },
		.log = { LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT },
	};
	const struct option_table table = table_of(flags);
	enum status status = options_parse(
	    argc, argv, &table, 1, refuse_positional, NULL, why);
	if (status != STATUS_OK || flags->help || flags->version)
		return status;
	return complete(flags, why);
}

void
flags_usage(struct buf *out)
{
	const struct option_table table = table_of(NULL);
	buf_add_text(out,
	    "Usage: mailgauge_exporter --config.file FILE [FLAGS]\n\n"
	    "Checks the mail setup of many domains all the time, and shows it to "
	    "Prometheus.\n");
	options_usage(out, &table, 1);
}
