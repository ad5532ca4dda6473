/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * checks: the probes that the exporter knows, in one place. A set of them is one bit
 * each, by their place in the list.
 */
#ifndef MAILGAUGE_EXPORTER_CHECKS_H
#define MAILGAUGE_EXPORTER_CHECKS_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t check_set;

size_t checks_count(void);
const struct probe *checks_probe(size_t index);
bool checks_by_name(struct span name, size_t *index) MUST_CHECK;

/* It wants scans of mail hosts, which take minutes where a host hangs. */
bool checks_scans(size_t index);

/* "spf, dmarc", for messages. */
void checks_add_names(struct buf *out);

static inline check_set
checks_one(size_t index)
{
	return (check_set)1 << index;
}

/* How many there are in a set. */
size_t checks_in(check_set set);

#endif
