/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* settings: what a user can tell the probe of mail hosts, and the option rows for it.
 * Zero bytes are the defaults. */
#ifndef MAILGAUGE_SMTP_TLS_SETTINGS_H
#define MAILGAUGE_SMTP_TLS_SETTINGS_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/options.h"
#include "core/span.h"
#include "core/status.h"
#include "dns/name.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stdint.h>

struct smtp_tls_settings {
	/* -H: one host instead of a domain's exchangers; empty: none. */
	struct span host;
	uint8_t address_length; /* of HOST where it is an address: 4 or 16; else 0 */
	uint8_t address[16];
	bool has_mx_name;
	struct dns_name mx_name; /* for SNI, certificate and TLSA instead of HOST */

	uint16_t port; /* 0: SMTP_TLS_PORT */
	bool implicit_tls;
	bool only_ipv4, only_ipv6;
	bool quick, injection;

	bool require_dane, require_trust;
	enum smtp_protocol min_tls; /* SMTP_SSLV2: any */

	/* For the fetcher; empty: its defaults. */
	struct span ehlo, ca_file, ca_dir;
};

enum { SMTP_TLS_PORT = 25, SMTP_TLS_IMPLICIT_PORT = 465 };

#define SMTP_TLS_OPTION_COUNT 14

extern const struct option_row smtp_tls_option_rows[SMTP_TLS_OPTION_COUNT];

/* Takes HOST for what is checked, and refuses options that need another one. */
enum status smtp_tls_settings_complete(void *settings, struct dns_name *domain,
    bool *has_domain, struct buf *why) MUST_CHECK;

uint16_t smtp_tls_port(const struct smtp_tls_settings *settings);

/* TLS from the first byte: wanted, or the port's custom (RFC 8314 3.3). */
bool smtp_tls_is_implicit(const struct smtp_tls_settings *settings);

#endif
