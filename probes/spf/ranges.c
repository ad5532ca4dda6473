/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Arithmetic on prefixes, the same for both families: bytes and a number of bits. */
#include "spf/ranges.h"

#include "core/attributes.h"

#include <string.h>

static size_t
bytes_of(bool is_ip6)
{
	return is_ip6 ? 16 : 4;
}

/* The bits of byte `index` that a prefix covers. */
static uint8_t
mask_of(uint8_t prefix, size_t index)
{
	if (prefix >= 8 * (index + 1))
		return 0xff;
	if (prefix <= 8 * index)
		return 0;
	return (uint8_t)(0xff00 >> (prefix - 8 * index));
}

struct spf_range
spf_range_make(bool is_ip6, const uint8_t *address, uint8_t prefix, const void *source)
{
	struct spf_range range = {
		.is_ip6 = is_ip6, .prefix = prefix, .source = source
	};
	for (size_t i = 0; i < bytes_of(is_ip6); i++)
		range.address[i] = address[i] & mask_of(prefix, i);
	return range;
}

bool
spf_range_has_host_bits(bool is_ip6, const uint8_t *address, uint8_t prefix)
{
	for (size_t i = 0; i < bytes_of(is_ip6); i++)
		if (address[i] & (uint8_t)~mask_of(prefix, i))
			return true;
	return false;
}

bool
spf_range_contains(const struct spf_range *outer, const struct spf_range *inner)
{
	if (outer->is_ip6 != inner->is_ip6 || outer->prefix > inner->prefix)
		return false;
	for (size_t i = 0; i < bytes_of(outer->is_ip6); i++)
		if ((inner->address[i] & mask_of(outer->prefix, i)) !=
		    outer->address[i])
			return false;
	return true;
}

static int
compare(const struct spf_range *a, const struct spf_range *b)
{
	if (a->is_ip6 != b->is_ip6)
		return a->is_ip6 - b->is_ip6;
	int order = memcmp(a->address, b->address, sizeof(a->address));
	return order != 0 ? order : (int)a->prefix - (int)b->prefix;
}

/* Merge sort: stable, and its time does not depend on who wrote the record. */
void
spf_ranges_sort(struct arena *arena, struct spf_range *ranges, size_t count)
{
	struct spf_range *from = ranges;
	struct spf_range *to = arena_alloc_array(arena, count, sizeof(*to));
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t start = 0; start < count; start += 2 * width) {
			size_t middle = start + width < count ? start + width : count;
			size_t end = middle + width < count ? middle + width : count;
			size_t left = start, right = middle;
			for (size_t i = start; i < end; i++) {
				bool take_left = left < middle &&
				    (right == end ||
					compare(&from[left], &from[right]) <= 0);
				to[i] = take_left ? from[left++] : from[right++];
			}
		}
		struct spf_range *other = from;
		from = to;
		to = other;
	}
	if (from != ranges)
		memcpy(ranges, from, count * sizeof(*ranges));
}

/* Both halves of one prefix that is a bit shorter. */
static bool
are_halves(const struct spf_range *low, const struct spf_range *high)
{
	if (low->is_ip6 != high->is_ip6 || low->prefix != high->prefix ||
	    low->prefix == 0)
		return false;
	struct spf_range whole = spf_range_make(
	    low->is_ip6, low->address, low->prefix - 1, NULL);
	return spf_range_contains(&whole, high);
}

size_t
spf_ranges_merge(struct spf_range *ranges, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && spf_range_contains(&ranges[kept - 1], &ranges[i]))
			continue;
		ranges[kept++] = ranges[i];
		while (kept > 1 && are_halves(&ranges[kept - 2], &ranges[kept - 1])) {
			kept--;
			ranges[kept - 1].prefix--;
		}
	}
	return kept;
}

/* RFC 6890 and its updates, RFC 5737, 3849, 9637, 6598, 2544, 4193. */
static const struct {
	const char *name;
	struct spf_range range;
} specials[] = {
	{ "private", { .prefix = 8, .address = { 10 } } },
	{ "private", { .prefix = 12, .address = { 172, 16 } } },
	{ "private", { .prefix = 16, .address = { 192, 168 } } },
	{ "loopback", { .prefix = 8, .address = { 127 } } },
	{ "link-local", { .prefix = 16, .address = { 169, 254 } } },
	{ "documentation", { .prefix = 24, .address = { 192, 0, 2 } } },
	{ "documentation", { .prefix = 24, .address = { 198, 51, 100 } } },
	{ "documentation", { .prefix = 24, .address = { 203, 0, 113 } } },
	{ "shared", { .prefix = 10, .address = { 100, 64 } } },
	{ "benchmark", { .prefix = 15, .address = { 198, 18 } } },
	{ "multicast", { .prefix = 4, .address = { 224 } } },
	{ "reserved", { .prefix = 4, .address = { 240 } } },
	{ "unspecified", { .prefix = 32 } },
	{ "reserved", { .prefix = 8 } },
	{ "unspecified", { .is_ip6 = true, .prefix = 128 } },
	{ "loopback", { .is_ip6 = true, .prefix = 128, .address = { [15] = 1 } } },
	{ "private", { .is_ip6 = true, .prefix = 7, .address = { 0xfc } } },
	{ "link-local", { .is_ip6 = true, .prefix = 10, .address = { 0xfe, 0x80 } } },
	{ "multicast", { .is_ip6 = true, .prefix = 8, .address = { 0xff } } },
	{ "documentation",
	    { .is_ip6 = true, .prefix = 32, .address = { 0x20, 0x01, 0x0d, 0xb8 } } },
	{ "documentation",
	    { .is_ip6 = true, .prefix = 20, .address = { 0x3f, 0xff } } },
};

const char *
spf_range_special(const struct spf_range *range)
{
	for (size_t i = 0; i < ARRAY_LENGTH(specials); i++)
		if (spf_range_contains(&specials[i].range, range))
			return specials[i].name;
	return NULL;
}
