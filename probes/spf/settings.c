/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The options of check_spf besides those of all plugins. */
#include "spf/settings.h"

#include "core/die.h"

#include <stdlib.h>

static enum status
add_sender(struct spf_settings *settings, struct spf_sender sender, struct buf *why)
{
	if (settings->sender_count == LIMIT_SPF_SENDERS) {
		buf_addf(why, "at most %d addresses", LIMIT_SPF_SENDERS);
		return STATUS_TOO_MANY;
	}
	if (!spf_client_parse(&sender.client, sender.ip)) {
		buf_add_text(why, "expected an IPv4 or IPv6 address");
		return STATUS_MALFORMED;
	}
	settings->senders = must_realloc(
	    settings->senders, (settings->sender_count + 1) * sizeof(sender));
	settings->senders[settings->sender_count++] = sender;
	return STATUS_OK;
}

static enum status
set_ip(void *settings, struct span value, struct buf *why)
{
	return add_sender(settings, (struct spf_sender){ .ip = value }, why);
}

/* Also as in MAIL FROM: "<joe@example.com>", "<>" for the null sender. */
static struct span
without_brackets(struct span mailbox)
{
	bool is_bracketed = mailbox.length >= 2 && mailbox.bytes[0] == '<' &&
	    mailbox.bytes[mailbox.length - 1] == '>';
	return is_bracketed ? span_slice(mailbox, 1, mailbox.length - 2) : mailbox;
}

static enum status
set_sender(void *settings, struct span value, struct buf *why)
{
	struct spf_settings *spf = settings;
	(void)why;
	spf->has_mailbox = true;
	spf->mailbox = without_brackets(value);
	return STATUS_OK;
}

static enum status
set_helo(void *settings, struct span value, struct buf *why)
{
	(void)why;
	((struct spf_settings *)settings)->helo = value;
	return STATUS_OK;
}

static void
add_results(struct buf *why)
{
	buf_add_text(why, "expected one of:");
	for (size_t i = 0; i < SPF_RESULT_COUNT; i++)
		buf_addf(why, " %s", spf_result_text(i));
}

static enum status
set_expect(void *settings, struct span value, struct buf *why)
{
	struct spf_settings *spf = settings;
	spf->has_expect = spf_result_by_name(value, &spf->expect);
	if (spf->has_expect)
		return STATUS_OK;
	add_results(why);
	return STATUS_MALFORMED;
}

static bool
is_word(uint8_t byte)
{
	return !byte_is_blank(byte);
}

static struct span
next_word(struct span *line)
{
	struct span word;
	*line = span_trim(*line);
	span_take_while(line, is_word, &word);
	return word;
}

static enum status
read_sender(struct spf_settings *settings, struct span line, struct buf *why)
{
	struct spf_sender sender = { .ip = next_word(&line) };
	if (sender.ip.length == 0 || sender.ip.bytes[0] == '#')
		return STATUS_OK;
	struct span expected = next_word(&line);
	struct span mailbox = next_word(&line);
	sender.has_mailbox = mailbox.length > 0;
	sender.mailbox = without_brackets(mailbox);
	if (!spf_result_by_name(expected, &sender.expected)) {
		buf_add_text(why, "behind the address, ");
		add_results(why);
		return STATUS_MALFORMED;
	}
	sender.has_expected = true;
	if (span_trim(line).length > 0) {
		buf_add_text(
		    why, "expected an address, a result and perhaps a mailbox");
		return STATUS_MALFORMED;
	}
	return add_sender(settings, sender, why);
}

enum status
spf_settings_read_senders(
    struct spf_settings *settings, struct span lines, struct buf *why)
{
	size_t before = settings->sender_count;
	struct split split = { .rest = lines };
	struct span line;
	for (size_t number = 1; split_next(&split, '\n', &line); number++) {
		char memory[256];
		struct buf reason;
		buf_wrap(&reason, memory, sizeof(memory));
		enum status status = read_sender(settings, line, &reason);
		if (status == STATUS_OK)
			continue;
		buf_addf(why, "line %zu: %s", number, reason.text);
		return status;
	}
	if (settings->sender_count > before)
		return STATUS_OK;
	buf_add_text(why, "no line with an address"); /* nothing would be watched */
	return STATUS_EMPTY;
}

static enum status
set_senders(void *settings, struct span value, struct buf *why)
{
	struct spf_settings *spf = settings;
	if (spf->senders_text.max > 0) {
		buf_add_text(why, "one file is enough");
		return STATUS_TOO_MANY;
	}
	enum status status = option_file(
	    &spf->senders_text, LIMIT_SPF_SENDERS_BYTES, value, why);
	if (status != STATUS_OK)
		return status;
	return spf_settings_read_senders(spf, buf_span(&spf->senders_text), why);
}

static enum status
set_best_guess(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct spf_settings *)settings)->best_guess = true;
	return STATUS_OK;
}

static enum status
set_record(void *settings, struct span value, struct buf *why)
{
	struct spf_settings *spf = settings;
	spf->has_record = true;
	return option_text(&spf->record, LIMIT_RECORD_GIVEN, value, why);
}

static enum status
set_record_file(void *settings, struct span value, struct buf *why)
{
	struct spf_settings *spf = settings;
	spf->has_record = true;
	return option_line_file(&spf->record, LIMIT_RECORD_GIVEN, value, why);
}

static enum status
set_high_volume(void *settings, struct span value, struct buf *why)
{
	struct spf_audit_settings *audit = &((struct spf_settings *)settings)->audit;
	if (audit->high_volume_count == LIMIT_SPF_HIGH_VOLUME) {
		buf_addf(why, "at most %d names", LIMIT_SPF_HIGH_VOLUME);
		return STATUS_TOO_MANY;
	}
	enum status status = dns_name_from_user(
	    &audit->high_volume[audit->high_volume_count], value);
	if (status == STATUS_OK)
		audit->high_volume_count++;
	else
		buf_addf(why, "the name %s", status_text(status));
	return status;
}

const struct option_row spf_option_rows[SPF_OPTION_COUNT] = {
	{ 0, "ip", "ADDR",
	    "what would a receiver say to mail from this address? repeatable", set_ip },
	{ 0, "sender", "MAILBOX",
	    "of that mail; without a domain given, its own is checked; <> is the null "
	    "sender",
	    set_sender },
	{ 0, "helo", "NAME",
	    "of its client; is checked where neither sender nor domain is given, or "
	    "for the null sender <>",
	    set_helo },
	{ 0, "expect", "RESULT",
	    "what the answer should be: pass (default), fail, softfail, neutral, none, "
	    "temperror or permerror",
	    set_expect },
	{ 0, "senders", "FILE",
	    "many of them, one a line: address, expected result and perhaps a mailbox",
	    set_senders },
	{ 0, "best-guess", NULL,
	    "for a domain without a record, guess by v=spf1 a/24 mx/24 ptr and by the "
	    "client's reverse name",
	    set_best_guess },
	{ 0, "record", "TEXT",
	    "check this record as if it were published at the domain", set_record },
	{ 0, "record-file", "FILE", "the same from a file, or - for standard input",
	    set_record_file },
	{ 0, "high-volume", "NAME",
	    "a name whose include carries much of your mail; repeatable",
	    set_high_volume },
};

/* The domain of a mailbox is behind its last at sign. */
static struct span
domain_of(const struct spf_settings *settings)
{
	size_t at = settings->mailbox.length;
	while (at > 0 && settings->mailbox.bytes[at - 1] != '@')
		at--;
	if (settings->mailbox.length > 0)
		return span_slice(settings->mailbox, at, settings->mailbox.length);
	return settings->helo; /* of the null sender, too */
}

/* A record that is not published yet is one of the domain that is checked. */
static enum status
refuse_other_domain(const struct spf_settings *settings, struct span named,
    const struct dns_name *domain, struct buf *why)
{
	struct dns_name other;
	if (!settings->has_record || named.length == 0 ||
	    dns_name_from_user(&other, named) != STATUS_OK ||
	    dns_name_equal(&other, domain))
		return STATUS_OK;
	buf_add_text(
	    why, "--record is of the domain given, and the sender of another one");
	return STATUS_MISMATCH;
}

enum status
spf_settings_complete(
    void *settings, struct dns_name *domain, bool *has_domain, struct buf *why)
{
	struct spf_settings *spf = settings;
	struct span named = domain_of(spf);
	bool has_message = spf->has_mailbox || spf->helo.length > 0;
	if (spf->sender_count == 0 &&
	    (has_message || spf->has_expect || spf->best_guess)) {
		buf_add_text(why,
		    "--sender, --helo, --expect and --best-guess need --ip or "
		    "--senders");
		return STATUS_EMPTY;
	}
	spf->has_domain = *has_domain;
	if (*has_domain)
		return refuse_other_domain(spf, named, domain, why);
	if (named.length == 0)
		return STATUS_OK;
	enum status status = dns_name_from_user(domain, named);
	*has_domain = status == STATUS_OK;
	if (status != STATUS_OK)
		buf_addf(why, "the domain of the sender %s", status_text(status));
	return status;
}

void
spf_settings_release(void *settings)
{
	struct spf_settings *spf = settings;
	free(spf->senders);
	buf_free(&spf->record);
	buf_free(&spf->senders_text);
}
