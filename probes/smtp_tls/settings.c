/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The options of check_smtp_tls besides those of all plugins. Here -H is a host, and
 * -4 and -6 are about its addresses, as in other plugins that connect to one; which
 * resolvers are asked is said by -n.
 */
#include "smtp_tls/settings.h"

#include <arpa/inet.h>

static enum status
set_host(void *settings, struct span value, struct buf *why)
{
	struct smtp_tls_settings *smtp = settings;
	if (smtp->host.length > 0) {
		buf_add_text(why, "one host is enough");
		return STATUS_TOO_MANY;
	}
	if (value.length == 0)
		return STATUS_EMPTY;
	smtp->host = value;
	return STATUS_OK;
}

static enum status
set_port(void *settings, struct span value, struct buf *why)
{
	uint32_t port;
	if (!span_take_number(&value, UINT16_MAX, &port) || value.length > 0 ||
	    port == 0) {
		buf_add_text(why, "expected a number from 1 to 65535");
		return STATUS_OUT_OF_RANGE;
	}
	((struct smtp_tls_settings *)settings)->port = (uint16_t)port;
	return STATUS_OK;
}

static enum status
set_mx_name(void *settings, struct span value, struct buf *why)
{
	struct smtp_tls_settings *smtp = settings;
	enum status status = dns_name_from_user(&smtp->mx_name, value);
	if (status != STATUS_OK)
		buf_addf(why, "the name %s", status_text(status));
	smtp->has_mx_name = true;
	return status;
}

static enum status
set_implicit_tls(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->implicit_tls = true;
	return STATUS_OK;
}

static enum status
set_quick(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->quick = true;
	return STATUS_OK;
}

static enum status
set_injection(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->injection = true;
	return STATUS_OK;
}

static enum status
set_require_dane(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->require_dane = true;
	return STATUS_OK;
}

static enum status
set_require_trust(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->require_trust = true;
	return STATUS_OK;
}

/* "1.2", and as it is written elsewhere: "TLSv1.2", "tls1.2". */
static enum status
set_min_tls(void *settings, struct span value, struct buf *why)
{
	static const struct {
		struct span text;
		enum smtp_protocol protocol;
	} versions[] = {
		{ SPAN("1.0"), SMTP_TLSV10 },
		{ SPAN("1"), SMTP_TLSV10 },
		{ SPAN("1.1"), SMTP_TLSV11 },
		{ SPAN("1.2"), SMTP_TLSV12 },
		{ SPAN("1.3"), SMTP_TLSV13 },
	};
	struct span number = value;
	if (span_take_prefix_nocase(&number, span_text("tls")))
		span_take_prefix_nocase(&number, span_text("v"));
	for (size_t i = 0; i < ARRAY_LENGTH(versions); i++) {
		if (!span_equal(number, versions[i].text))
			continue;
		((struct smtp_tls_settings *)settings)->min_tls = versions[i].protocol;
		return STATUS_OK;
	}
	buf_add_text(why, "expected 1.0, 1.1, 1.2 or 1.3");
	return STATUS_MALFORMED;
}

/* A name as EHLO sends it: anything else would end the line or the command. */
static enum status
set_ehlo(void *settings, struct span value, struct buf *why)
{
	struct dns_name name;
	enum status status = dns_name_from_text(&name, value);
	if (status != STATUS_OK || !span_is_printable(value) ||
	    span_contains_byte(value, ' ')) {
		buf_add_text(why, "expected a host name such as probe.example.com");
		return STATUS_MALFORMED;
	}
	((struct smtp_tls_settings *)settings)->ehlo = value;
	return STATUS_OK;
}

static enum status
set_ca_file(void *settings, struct span value, struct buf *why)
{
	(void)why;
	((struct smtp_tls_settings *)settings)->ca_file = value;
	return value.length > 0 ? STATUS_OK : STATUS_EMPTY;
}

static enum status
set_ca_dir(void *settings, struct span value, struct buf *why)
{
	(void)why;
	((struct smtp_tls_settings *)settings)->ca_dir = value;
	return value.length > 0 ? STATUS_OK : STATUS_EMPTY;
}

static enum status
set_only_ipv4(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->only_ipv4 = true;
	return STATUS_OK;
}

static enum status
set_only_ipv6(void *settings, struct span value, struct buf *why)
{
	(void)value, (void)why;
	((struct smtp_tls_settings *)settings)->only_ipv6 = true;
	return STATUS_OK;
}

const struct option_row smtp_tls_option_rows[SMTP_TLS_OPTION_COUNT] = {
	{ 'H', "hostname", "HOST",
	    "check this one host, a name or an address, instead of a domain's",
	    set_host },
	{ 'p', "port", "PORT", "its TCP port, default 25", set_port },
	{ 0, "mx-name", "NAME",
	    "name for SNI, certificate and TLSA, where HOST is an address",
	    set_mx_name },
	{ 0, "implicit-tls", NULL,
	    "TLS from the first byte instead of STARTTLS; default on port 465",
	    set_implicit_tls },
	{ '4', "ipv4", NULL, "only IPv4 addresses of hosts", set_only_ipv4 },
	{ '6', "ipv6", NULL, "only IPv6 addresses of hosts", set_only_ipv6 },
	{ 0, "quick", NULL,
	    "one connection per address: STARTTLS, certificate, DANE; no version tests",
	    set_quick },
	{ 0, "ehlo", "FQDN", "what to call ourselves, default the host's own name",
	    set_ehlo },
	{ 0, "ca-file", "FILE", "trust the CAs of this PEM file", set_ca_file },
	{ 0, "ca-dir", "DIR", "trust the CAs of this hashed directory", set_ca_dir },
	{ 0, "min-tls", "VERSION", "versions of TLS below this one are critical",
	    set_min_tls },
	{ 0, "require-dane", NULL, "a host without valid DANE is critical",
	    set_require_dane },
	{ 0, "require-trust", NULL,
	    "a certificate without a trusted chain or with another name is critical",
	    set_require_trust },
	{ 0, "test-injection", NULL,
	    "try a command pipelined behind STARTTLS; an active test", set_injection },
};

static enum status
fail(struct buf *why, const char *text)
{
	buf_add_text(why, text);
	return STATUS_MALFORMED;
}

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]" */
static void
read_address(struct smtp_tls_settings *settings, struct span text)
{
	char memory[INET6_ADDRSTRLEN];
	struct buf copy;
	buf_wrap(&copy, memory, sizeof(memory));
	if (text.length >= 2 && text.bytes[0] == '[' &&
	    text.bytes[text.length - 1] == ']')
		text = span_slice(text, 1, text.length - 2);
	buf_add(&copy, text);
	if (copy.cut)
		return;
	if (inet_pton(AF_INET, memory, settings->address) == 1)
		settings->address_length = 4;
	else if (inet_pton(AF_INET6, memory, settings->address) == 1)
		settings->address_length = 16;
}

enum status
smtp_tls_settings_complete(
    void *settings, struct dns_name *domain, bool *has_domain, struct buf *why)
{
	struct smtp_tls_settings *smtp = settings;
	if (smtp->only_ipv4 && smtp->only_ipv6)
		return fail(why, "-4 and -6 exclude each other");
	if (smtp->host.length == 0)
		return smtp->has_mx_name ? fail(why, "--mx-name needs -H HOST")
					 : STATUS_OK;
	if (*has_domain)
		return fail(why, "give a host (-H) or a domain, not both");

	read_address(smtp, smtp->host);
	enum status status = smtp->address_length > 0
	    ? dns_name_from_text(domain, smtp->host)
	    : dns_name_from_user(domain, smtp->host);
	if (status != STATUS_OK) {
		buf_addf(why, "the host %s", status_text(status));
		return status;
	}
	*has_domain = true;
	return STATUS_OK;
}

uint16_t
smtp_tls_port(const struct smtp_tls_settings *settings)
{
	return settings->port != 0 ? settings->port : SMTP_TLS_PORT;
}

bool
smtp_tls_is_implicit(const struct smtp_tls_settings *settings)
{
	return settings->implicit_tls || settings->port == SMTP_TLS_IMPLICIT_PORT;
}
