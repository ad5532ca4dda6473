/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * listed: the exporter's lists of checks, made for a test of a few lines of YAML. What
 * is wrong in them is the test's own fault, and ends it.
 */
#ifndef MAILGAUGE_TESTS_LISTED_H
#define MAILGAUGE_TESTS_LISTED_H

#include "config.h"
#include "roster.h"

/* The caller frees it. `domains`: those of a target file, one a line; NULL: none. */
struct config *listed_config(const char *yaml, const char *domains);

/* The same as a roster; the caller has the only reference. */
struct roster *listed(const char *yaml);

#endif
