/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* expand: what a macro-string means for one message (RFC 7208 7). */
#ifndef MAILGAUGE_SPF_EXPAND_H
#define MAILGAUGE_SPF_EXPAND_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "core/store.h"
#include "dns/name.h"
#include "spf/check_host.h"

#include <stdbool.h>
#include <stdint.h>

/* Where macros take their values from. */
struct spf_values {
	const struct spf_client *client; /* NULL: no message, only %{d} has a value */
	struct span local;               /* of the sender, "postmaster" by default */
	struct span sender_domain;
	struct span helo;
	struct span receiver;
	int64_t now_seconds;
	const struct dns_name *domain; /* %{d}: of the record at hand */
};

/* What expanding came to. */
enum spf_expansion {
	SPF_EXPANDED,
	SPF_EXPAND_LATER, /* %{p} needs answers, which are wanted now */
	SPF_EXPAND_NEVER  /* it needs a message and there is none, or the text is bad */
};

/* Adds the text. `view` is only asked for %{p}. */
enum spf_expansion spf_expand(struct buf *out, struct span macro_string,
    const struct spf_values *values, struct view *view) MUST_CHECK;

/* A domain-spec as a name. From the left, labels are dropped until it has at most 253
 * bytes (7.3). STATUS other than OK in *status: a text that no name can have, which
 * matches nothing. */
enum spf_expansion spf_expand_name(struct dns_name *name, enum status *status,
    struct span domain_spec, const struct spf_values *values,
    struct view *view) MUST_CHECK;

/* "4.3.2.1" or nibbles, with in-addr or ip6: %{ir}.%{v}. */
void spf_reverse_name(struct dns_name *name, const struct spf_client *client);

/* Calls `each` for the names that the client's reverse zone gives, at most ten (4.6.4),
 * and that have its address; answers that fail are passed over (5.5). Stops when `each`
 * returns true. */
struct spf_validation {
	enum outcome outcome; /* of the PTR question */
	bool later;           /* answers are missing */
	bool stopped;
};
struct spf_validation spf_validated_names(struct view *view,
    const struct spf_client *client,
    bool (*each)(void *context, const struct dns_name *name), void *context);

#endif
