/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* settings: what a user can tell the SPF probe, and the option rows for it. Zero bytes
 * are the defaults. */
#ifndef MAILGAUGE_SPF_SETTINGS_H
#define MAILGAUGE_SPF_SETTINGS_H

#include "core/limits.h"
#include "core/options.h"
#include "dns/name.h"
#include "spf/audit.h"
#include "spf/check_host.h"

#include <stdbool.h>
#include <stddef.h>

/* One address to try, of --ip or of a line of --senders. */
struct spf_sender {
	struct span ip; /* as given */
	struct spf_client client;
	enum spf_result expected;
	bool has_expected;   /* else --expect, which is pass by default */
	bool has_mailbox;    /* else that of --sender */
	struct span mailbox; /* empty: the null sender */
};

struct spf_settings {
	struct spf_audit_settings audit;
	size_t sender_count;
	struct spf_sender *senders; /* at most LIMIT_SPF_SENDERS */
	bool has_mailbox;
	struct span mailbox, helo;
	bool has_domain; /* one was given, and not found in the sender or HELO */
	bool has_expect;
	enum spf_result expect;
	bool best_guess;
	bool has_record;
	struct buf record;       /* to be checked before it is published */
	struct buf senders_text; /* of --senders; spans point into it */
};

#define SPF_OPTION_COUNT 9

extern const struct option_row spf_option_rows[SPF_OPTION_COUNT];

/* Where no domain was given, that of the sender or of HELO; and options that need each
 * other. */
enum status spf_settings_complete(void *settings, struct dns_name *domain,
    bool *has_domain, struct buf *why) MUST_CHECK;

void spf_settings_release(void *settings);

/* The lines of --senders: address, expected result, and perhaps a mailbox. At least
 * one; empty lines and those that begin with # don't count. */
enum status spf_settings_read_senders(
    struct spf_settings *settings, struct span lines, struct buf *why) MUST_CHECK;

#endif
