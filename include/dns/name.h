/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * name: a DNS name, as the bytes and lengths that it is on the wire (RFC 1035 3.1).
 *
 * What is always true:
 *  - wire[] holds labels, each behind its length, and ends with the root's 0; so the
 *    root itself has length 1. It is a whole, legal name, never longer than 255;
 *  - labels may hold any byte, dots and NUL too (RFC 2181 11): names are never C
 *    strings, and text is only for people;
 *  - letters keep the case they came in; every comparison ignores it (RFC 4343).
 */
#ifndef MAILGAUGE_DNS_NAME_H
#define MAILGAUGE_DNS_NAME_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/span.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_name {
	uint8_t length; /* of wire, with the root's byte; at least 1 */
	uint8_t wire[LIMIT_NAME_BYTES];
};

/* From text in which a dot ends a label and every other byte stands for itself; one
 * dot at the end is allowed. This is how SPF and DMARC records hold names. */
enum status dns_name_from_text(struct dns_name *name, struct span text) MUST_CHECK;

/* From what a person typed: as above, and U-labels become A-labels (RFC 5890). Bytes
 * that stand for a slip rather than for a name (blanks, controls, '@', '/') are
 * MALFORMED. */
enum status dns_name_from_user(struct dns_name *name, struct span text) MUST_CHECK;

/* From the start of wire format without compression; `rest` moves behind it, unless it
 * fails: CUT_SHORT when the bytes end too early, NAME_TOO_LONG, MALFORMED. */
enum status dns_name_from_wire(struct dns_name *name, struct span *rest) MUST_CHECK;

/* The same within a message, of which `rest` is a tail: pointers are followed, but only
 * backwards (RFC 1035 4.1.4). */
enum status dns_name_from_message(
    struct dns_name *name, struct span message, struct span *rest) MUST_CHECK;

/* Building: the root, and a label behind all others but the root's. When appending
 * fails (EMPTY_LABEL, LABEL_TOO_LONG, NAME_TOO_LONG) the name stays as it was. */
void dns_name_root(struct dns_name *name);
enum status dns_name_append(struct dns_name *name, struct span label) MUST_CHECK;

/* All labels of `tail` behind those of `name`. */
enum status dns_name_append_name(
    struct dns_name *name, const struct dns_name *tail) MUST_CHECK;

/* Presentation: without a final dot ("." for the root), dots and backslashes within
 * labels escaped, other unusual bytes made harmless as by buf_add_safe(). */
void dns_name_add(struct buf *out, const struct dns_name *name);
char *dns_name_text(struct arena *arena, const struct dns_name *name);

struct span dns_name_span(const struct dns_name *name);
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* `name` is `ancestor` or a name below it. */
bool dns_name_is_within(const struct dns_name *name, const struct dns_name *ancestor);

/* Labels without the root: "www.example.com" has 3. */
unsigned dns_name_labels(const struct dns_name *name);

/* The last `labels` labels: 2 of "www.example.com" make "example.com". As many as
 * there are when it has fewer. */
void dns_name_suffix(
    struct dns_name *suffix, const struct dns_name *name, unsigned labels);

/* `label` in front of `name`; when it fails (as for appending) `longer` is untouched.
 */
enum status dns_name_prepend(
    struct dns_name *longer, struct span label, const struct dns_name *name) MUST_CHECK;

/* A name below `domain` that nobody has on purpose: whoever gets an answer there met a
 * wildcard. It is made from the domain and a salt (core/salt.h), and not at random: the
 * same facts have to give the same questions. Fails only when it would be too long. */
enum status dns_name_absent(
    struct dns_name *absent, const struct dns_name *domain, uint32_t salt) MUST_CHECK;

/* The first label; empty for the root. */
struct span dns_name_first_label(const struct dns_name *name);

#endif
