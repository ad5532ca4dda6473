/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * `targets:`, a mapping for each domain. What it tells probes becomes their settings;
 * a check whose probe has no use for it is not told.
 */
#include "config_parts.h"
#include "settings.h"

#include "core/limits.h"
#include "spf/settings.h"

/* A target as it is read. */
struct draft {
	bool has_domain;
	struct dns_name domain;
	check_set checks;
	struct settings *settings; /* NULL: told nothing */
};

static struct settings *
settings_of_draft(struct reader *reader, struct draft *draft)
{
	struct config *config = reader->config;
	if (draft->settings == NULL) {
		draft->settings = settings_new(reader->arena);
		draft->settings->next = config->settings;
		config->settings = draft->settings;
	}
	return draft->settings;
}

static void
read_domain(struct reader *reader, const struct config_node *node, void *into)
{
	struct draft *draft = into;
	draft->has_domain = config_read_name(reader->config, reader_place(reader, node),
	    node->text, &draft->domain, reader->messages);
}

/* --- dkim_selectors ------------------------------------------------------- */

/* Who wants to know them, and under which name. */
static const struct {
	const char *probe, *option;
} selector_uses[] = {
	{ "dkim", "selector" },
	{ "dmarc", "dkim-selector" },
};

static void
set_selector(struct reader *reader, const struct config_node *node, struct draft *draft)
{
	for (size_t i = 0; i < ARRAY_LENGTH(selector_uses); i++) {
		size_t check;
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		if (!checks_by_name(span_text(selector_uses[i].probe), &check))
			continue;
		enum status status = settings_set(settings_of_draft(reader, draft),
		    reader->arena, check, selector_uses[i].option, node->text, &why);
		if (status == STATUS_OK)
			continue;
		reader_complain(reader, node, "dkim_selectors: '%s': %s",
		    reader_shown(reader, node->text),
		    why.length > 0 ? why.text : status_text(status));
		return; /* once is enough */
	}
}

static void
read_selectors(struct reader *reader, const struct config_node *list, void *into)
{
	for (const struct config_node *node = list->first; node; node = node->next)
		if (reader_has_kind(reader, node, CONFIG_SCALAR, "dkim_selectors",
			"a selector such as s1"))
			set_selector(reader, node, into);
}

/* --- senders -------------------------------------------------------------- */

struct sender {
	struct span ip, expected, mailbox;
};

static void
read_sender_part(struct reader *reader, const struct config_node *node,
    struct span *part, const char *name)
{
	*part = node->text;
	for (size_t i = 0; i < part->length; i++) {
		if (byte_is_printable(part->bytes[i]) && part->bytes[i] != ' ')
			continue;
		reader_complain(reader, node, "senders: %s: '%s' has a blank in it",
		    name, reader_shown(reader, node->text));
		return;
	}
}

static void
read_sender_ip(struct reader *reader, const struct config_node *node, void *into)
{
	read_sender_part(reader, node, &((struct sender *)into)->ip, "ip");
}

static void
read_sender_expected(struct reader *reader, const struct config_node *node, void *into)
{
	read_sender_part(reader, node, &((struct sender *)into)->expected, "expect");
}

static void
read_sender_mailbox(struct reader *reader, const struct config_node *node, void *into)
{
	read_sender_part(reader, node, &((struct sender *)into)->mailbox, "sender");
}

/* A message about the only line. */
static const char *
without_line(const struct buf *why)
{
	static const struct span line = SPAN("line 1: ");
	struct span rest = buf_span(why);
	bool has_line = span_take_prefix_nocase(&rest, line);
	return why->text + (has_line ? line.length : 0);
}

/* Each is a line of check_spf's --senders. */
static void
set_sender(struct reader *reader, const struct config_node *node,
    const struct sender *sender, struct draft *draft)
{
	char memory[256], reason[256];
	struct buf line, why;
	buf_wrap(&line, memory, sizeof(memory));
	buf_wrap(&why, reason, sizeof(reason));
	buf_add(&line, sender->ip);
	buf_add_byte(&line, ' ');
	buf_add(
	    &line, sender->expected.length > 0 ? sender->expected : span_text("pass"));
	buf_add_byte(&line, ' ');
	buf_add(&line, sender->mailbox);

	size_t check;
	if (!checks_by_name(span_text("spf"), &check))
		return;
	struct spf_settings *spf = settings_object(
	    settings_of_draft(reader, draft), reader->arena, check);
	struct span kept = arena_copy(reader->arena, buf_span(&line));
	if (line.cut)
		reader_complain(
		    reader, node, "senders: longer than %zu bytes", line.max);
	else if (spf_settings_read_senders(spf, kept, &why) != STATUS_OK)
		reader_complain(reader, node, "senders: '%s': %s",
		    reader_shown(reader, kept), without_line(&why));
}

static void
read_sender(struct reader *reader, const struct config_node *node, struct draft *draft)
{
	static const struct key keys[] = {
		{ "ip", CONFIG_SCALAR, "an address", read_sender_ip, 0 },
		{ "expect", CONFIG_SCALAR, "a result such as pass",
		    read_sender_expected, 0 },
		{ "sender", CONFIG_SCALAR, "a mailbox", read_sender_mailbox, 0 },
	};
	static const struct schema schema = { " of a sender", keys,
		ARRAY_LENGTH(keys) };
	static const char expected[] =
	    "a mapping such as {ip: 192.0.2.1, expect: pass}";
	if (!reader_has_kind(reader, node, CONFIG_MAPPING, "senders", expected))
		return;
	struct sender sender = { .ip = { NULL, 0 } };
	size_t errors = reader->messages->error_count;
	reader_read_mapping(reader, node, &schema, &sender);
	if (reader->messages->error_count > errors)
		return;
	if (sender.ip.length == 0)
		reader_complain(reader, node, "senders: no ip, expected %s", expected);
	else
		set_sender(reader, node, &sender, draft);
}

static void
read_senders(struct reader *reader, const struct config_node *list, void *into)
{
	for (const struct config_node *node = list->first; node; node = node->next)
		read_sender(reader, node, into);
}

/* --- smtp_port, smtp_tls -------------------------------------------------- */

static void
read_smtp_port(struct reader *reader, const struct config_node *node, void *into)
{
	config_read_smtp_port(reader, node,
	    config_smtp_of_target(reader->config, settings_of_draft(reader, into)));
}

static void
read_smtp_tls(struct reader *reader, const struct config_node *node, void *into)
{
	config_read_target_smtp_tls(reader, node,
	    config_smtp_of_target(reader->config, settings_of_draft(reader, into)));
}

/* --- a target ------------------------------------------------------------- */

/* Its own settings; those that all targets share are checked with the whole list. */
static void
complete(struct reader *reader, const struct config_node *node, struct draft *draft)
{
	for (size_t i = 0; draft->settings != NULL && i < checks_count(); i++) {
		char memory[256];
		struct buf why;
		buf_wrap(&why, memory, sizeof(memory));
		if (draft->settings->objects[i] != NULL &&
		    settings_complete(draft->settings, reader->arena, i, &draft->domain,
			&why) != STATUS_OK)
			reader_complain(reader, node, "targets: %s: %s",
			    checks_probe(i)->name, why.text);
	}
}

static void
read_target(struct reader *reader, const struct config_node *node)
{
	static const struct key keys[] = {
		{ "domain", CONFIG_SCALAR, "a domain", read_domain, 0 },
		{ "checks", CONFIG_LIST, "a list of checks", config_read_checks,
		    offsetof(struct draft, checks) },
		{ "dkim_selectors", CONFIG_LIST, "a list of selectors", read_selectors,
		    0 },
		{ "senders", CONFIG_LIST, "a list such as [{ip: 192.0.2.1}]",
		    read_senders, 0 },
		{ "smtp_port", CONFIG_SCALAR, "a port number", read_smtp_port, 0 },
		{ "smtp_tls", CONFIG_MAPPING, "a mapping such as {min_tls: 1.2}",
		    read_smtp_tls, 0 },
	};
	static const struct schema schema = { " of a target", keys,
		ARRAY_LENGTH(keys) };
	if (!reader_has_kind(reader, node, CONFIG_MAPPING, "targets",
		"a mapping such as {domain: example.com}"))
		return;
	struct draft draft = { .checks = 0 };
	size_t errors = reader->messages->error_count;
	reader_read_mapping(reader, node, &schema, &draft);
	if (reader->messages->error_count > errors)
		return;
	if (!draft.has_domain) {
		reader_complain(
		    reader, node, "targets: no domain, expected {domain: example.com}");
		return;
	}
	complete(reader, node, &draft);
	config_add_target(reader->config, reader_place(reader, node), &draft.domain,
	    draft.checks, draft.settings, reader->messages);
}

void
config_read_targets(struct reader *reader, const struct config_node *list, void *into)
{
	(void)into;
	for (const struct config_node *node = list->first; node; node = node->next)
		read_target(reader, node);
}
