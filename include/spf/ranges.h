/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * ranges: address prefixes, and what is left of many of them after merging.
 *
 * Two prefixes are either apart or one within the other, so sorting them by address and
 * then by length puts every prefix behind the ones that hold it.
 */
#ifndef MAILGAUGE_SPF_RANGES_H
#define MAILGAUGE_SPF_RANGES_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spf_range {
	bool is_ip6;
	uint8_t prefix;      /* 0 to 32 or 128 */
	uint8_t address[16]; /* bits behind the prefix are 0; IPv4: the first 4 bytes */
	const void *source;  /* the caller's: where it comes from */
};

/* `address` has 4 or 16 bytes. */
struct spf_range spf_range_make(
    bool is_ip6, const uint8_t *address, uint8_t prefix, const void *source);

/* Whether bits behind the prefix are set in an address as written. */
bool spf_range_has_host_bits(bool is_ip6, const uint8_t *address, uint8_t prefix);

bool spf_range_contains(const struct spf_range *outer, const struct spf_range *inner);

/* By family, address, and shorter prefixes first; otherwise as they came. */
void spf_ranges_sort(struct arena *arena, struct spf_range *ranges, size_t count);

/* Sorted ranges to the fewest that hold the same addresses, in place; returns how many
 * are left. */
size_t spf_ranges_merge(struct spf_range *ranges, size_t count);

/* The range that holds an IPv4 or IPv6 address block with a name of its own: "private",
 * "documentation" …; NULL for usual addresses. */
const char *spf_range_special(const struct spf_range *range);

#endif
