/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * `smtp_port:` and `smtp_tls:`, for all targets and for one of them. They become the
 * settings that the probe takes; a target's begin as a copy of those for all, so that
 * it only has to say what is different. Who we are and whom we trust is said once,
 * since a host is scanned once for all targets.
 */
#include "config_parts.h"
#include "settings.h"

#include "smtp/fetch.h"
#include "smtp_tls/settings.h"
#include "smtp_tls/smtp_tls.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static size_t
smtp_check(void)
{
	size_t check;
	bool is_known = checks_by_name(span_text(smtp_tls_probe.name), &check);
	assert(is_known);
	return check;
}

const struct smtp_tls_settings *
config_smtp(const struct config *config)
{
	return config->defaults->objects[smtp_check()];
}

/* --- values --------------------------------------------------------------- */

void
config_read_smtp_port(struct reader *reader, const struct config_node *node, void *into)
{
	uint32_t port = 0;
	reader_number(reader, node, "smtp_port", 1, UINT16_MAX, &port);
	((struct smtp_tls_settings *)into)->port = (uint16_t)port;
}

/* As a plugin's option would read it. */
static void
read_option(struct reader *reader, const struct config_node *node, const char *option,
    void *into)
{
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	enum status status = settings_set_object(
	    into, reader->arena, smtp_check(), option, node->text, &why);
	if (status != STATUS_OK)
		reader_complain(reader, node, "smtp_tls: '%s': %s",
		    reader_shown(reader, node->text),
		    why.length > 0 ? why.text : status_text(status));
}

static void
read_ehlo(struct reader *reader, const struct config_node *node, void *into)
{
	read_option(reader, node, "ehlo", into);
}

static void
read_min_tls(struct reader *reader, const struct config_node *node, void *into)
{
	read_option(reader, node, "min-tls", into);
}

static void
read_path(struct reader *reader, const struct config_node *node, void *into)
{
	const char *name = reader_shown(reader, node->key);
	const char *text = reader_path(reader, node->text);
	if (span_contains_byte(node->text, '\0'))
		reader_complain(reader, node, "%s: no file has such a name", name);
	else if (access(text, R_OK) != 0)
		reader_complain(reader, node, "%s: %s can't be read: %s", name,
		    reader_shown(reader, span_text(text)), strerror(errno));
	else
		*(struct span *)into = span_text(text);
}

static void
read_ca_file(struct reader *reader, const struct config_node *node, void *into)
{
	struct span *path = into;
	char memory[512];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	read_path(reader, node, path);
	if (path->length > 0 && !smtp_ca_file_check((const char *)path->bytes, &why))
		reader_complain(
		    reader, node, "ca_file: %s", reader_shown(reader, buf_span(&why)));
}

static void
read_family(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct span ipv4 = SPAN("ipv4"), ipv6 = SPAN("ipv6");
	static const struct span both = SPAN("both");
	struct smtp_tls_settings *smtp = into;
	bool only_ipv4 = span_equal(node->text, ipv4);
	bool only_ipv6 = span_equal(node->text, ipv6);
	if (!only_ipv4 && !only_ipv6 && !span_equal(node->text, both))
		reader_complain(reader, node,
		    "addresses: '%s' is no family, expected ipv4, ipv6 or both",
		    reader_shown(reader, node->text));
	smtp->only_ipv4 = only_ipv4;
	smtp->only_ipv6 = only_ipv6;
}

/* --- the mapping ---------------------------------------------------------- */

static const char truth_expected[] = "true or false";

#define OFFSET(field) offsetof(struct smtp_tls_settings, field)

static const struct key keys[] = {
	{ "ehlo", CONFIG_SCALAR, "a host name such as probe.example.com", read_ehlo,
	    0 },
	{ "ca_file", CONFIG_SCALAR, "a file", read_ca_file, OFFSET(ca_file) },
	{ "ca_dir", CONFIG_SCALAR, "a directory", read_path, OFFSET(ca_dir) },
	{ "min_tls", CONFIG_SCALAR, "a version such as 1.2", read_min_tls, 0 },
	{ "require_dane", CONFIG_SCALAR, truth_expected, reader_truth,
	    OFFSET(require_dane) },
	{ "require_trust", CONFIG_SCALAR, truth_expected, reader_truth,
	    OFFSET(require_trust) },
	{ "addresses", CONFIG_SCALAR, "ipv4, ipv6 or both", read_family, 0 },
	{ "implicit_tls", CONFIG_SCALAR, truth_expected, reader_truth,
	    OFFSET(implicit_tls) },
	{ "quick", CONFIG_SCALAR, truth_expected, reader_truth, OFFSET(quick) },
	{ "test_injection", CONFIG_SCALAR, truth_expected, reader_truth,
	    OFFSET(injection) },
};

/* The first ones are for all targets only. */
enum { KEYS_FOR_ALL = 3 };

void
config_read_smtp_tls(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct schema schema = { " of smtp_tls", keys,
		ARRAY_LENGTH(keys) };
	reader_read_mapping(reader, node, &schema, into);
}

void
config_read_target_smtp_tls(
    struct reader *reader, const struct config_node *node, void *into)
{
	static const struct schema schema = { " of a target's smtp_tls",
		keys + KEYS_FOR_ALL, ARRAY_LENGTH(keys) - KEYS_FOR_ALL };
	reader_read_mapping(reader, node, &schema, into);
}

/* --- whose they are ------------------------------------------------------- */

struct smtp_tls_settings *
config_smtp_of_all(struct config *config)
{
	return settings_object(config->defaults, config->arena, smtp_check());
}

struct smtp_tls_settings *
config_smtp_of_target(struct config *config, struct settings *settings)
{
	size_t check = smtp_check();
	bool is_new = settings->objects[check] == NULL;
	struct smtp_tls_settings *smtp = settings_object(
	    settings, config->arena, check);
	if (is_new)
		*smtp = *config_smtp(config);
	return smtp;
}
