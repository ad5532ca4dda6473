/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * mail: mail servers of a world for tests, one a line: where one is, and in what it
 * differs from a modern one without a fault. tests/scenario/README lists the words.
 *
 *	192.0.2.1
 *	192.0.2.2        versions=TLSv1.0,TLSv1.2 no-scsv days=5
 *	2001:db8::1      after 2s timeout=greeting
 *
 * What is always true: an address without a line refuses connections; the same line and
 * endpoint make the same scan.
 */
#ifndef MAILGAUGE_TESTS_MAIL_H
#define MAILGAUGE_TESTS_MAIL_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"
#include "smtp/scan.h"

#include <stdint.h>

#define MAIL_NOW_SECONDS 1767225600 /* 2026-01-01, when all of it happens */
#define MAIL_DELAY_MS 100           /* how long a scan takes by default */
#define MAIL_LINES_MAX 256

struct mail;

struct mail *mail_new(void);
void mail_free(struct mail *mail);

/* One line; an empty one is fine. On failure `why` says what was expected. */
enum status mail_add_line(
    struct mail *mail, struct span line, struct buf *why) MUST_CHECK;

/* The caller's. */
struct smtp_scan *mail_scan(const struct mail *mail,
    const struct smtp_endpoint *endpoint, int64_t *delay_ms) MUST_CHECK;

/* A scan by words alone; the endpoint says what name was asked for. */
enum status mail_scan_from_words(struct smtp_scan *scan,
    const struct smtp_endpoint *endpoint, struct span words,
    struct buf *why) MUST_CHECK;

#endif
