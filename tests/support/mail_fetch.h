/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* mail_fetch: a fetcher that scans the servers of a made world, on the clock of its
 * zone (zone_fetch.h) and counted there with the questions and rounds. */
#ifndef MAILGAUGE_TESTS_MAIL_FETCH_H
#define MAILGAUGE_TESTS_MAIL_FETCH_H

#include "core/attributes.h"
#include "core/run.h"
#include "mail.h"
#include "zone_fetch.h"

/* Both are borrowed. A scan that takes longer than `until_ms` ends there, as a time-out
 * at the greeting. */
struct fetcher *mail_fetch_new(
    struct zone_world *world, const struct mail *mail, int64_t until_ms) MUST_CHECK;

#endif
