/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/ranges. Ranges are written as people write them: "192.0.2.0/24". */
#include "spf/ranges.h"

#include "core/buf.h"
#include "core/span.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANGES_MAX = 32, TEXT_MAX = 512 };

static int
new_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

/* An address as written, with the bits behind its prefix. */
struct written {
	bool is_ip6;
	uint8_t prefix;
	uint8_t address[16];
};

static struct written
read_written(struct span text)
{
	struct written written = { .is_ip6 = span_contains_byte(text, ':') };
	struct span rest = text, address;
	uint32_t prefix = 0;
	char copy[INET6_ADDRSTRLEN] = "";
	assert_true(span_take_until(&rest, '/', &address) &&
	    span_take_byte(&rest, '/') && span_take_number(&rest, 128, &prefix));
	assert_true(address.length < sizeof(copy));
	memcpy(copy, address.bytes, address.length);
	written.prefix = (uint8_t)prefix;
	assert_int_equal(
	    inet_pton(written.is_ip6 ? AF_INET6 : AF_INET, copy, written.address), 1);
	return written;
}

static struct spf_range
read_range(const char *text)
{
	struct written written = read_written(span_text(text));
	return spf_range_make(written.is_ip6, written.address, written.prefix, NULL);
}

/* Ranges with a blank between them; each one's source is its text. */
static size_t
read_ranges(struct spf_range ranges[static RANGES_MAX], const char *text)
{
	struct split words = { .rest = span_text(text) };
	struct span word;
	size_t count = 0;
	while (split_next(&words, ' ', &word)) {
		struct written written = read_written(word);
		assert_true(count < RANGES_MAX);
		ranges[count++] = spf_range_make(
		    written.is_ip6, written.address, written.prefix, word.bytes);
	}
	return count;
}

static void
write_ranges(char text[static TEXT_MAX], const struct spf_range ranges[], size_t count)
{
	struct buf out;
	buf_wrap(&out, text, TEXT_MAX);
	for (size_t i = 0; i < count; i++) {
		char address[INET6_ADDRSTRLEN];
		inet_ntop(ranges[i].is_ip6 ? AF_INET6 : AF_INET, ranges[i].address,
		    address, sizeof(address));
		buf_addf(&out, "%s%s/%u", i > 0 ? " " : "", address, ranges[i].prefix);
	}
	assert_false(out.cut);
}

/* --- one range ------------------------------------------------------------ */

static void
host_bits(void **state)
{
	static const struct {
		const char *written;
		const char *want; /* the network */
		bool has_host_bits;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0/24", false },
		{ "192.0.2.1/24", "192.0.2.0/24", true },
		{ "192.0.2.1/32", "192.0.2.1/32", false },
		{ "192.0.2.1/31", "192.0.2.0/31", true },
		{ "192.0.2.129/25", "192.0.2.128/25", true },
		{ "192.0.2.128/25", "192.0.2.128/25", false },
		{ "255.255.255.255/0", "0.0.0.0/0", true },
		{ "0.0.0.0/0", "0.0.0.0/0", false },
		{ "128.0.0.0/1", "128.0.0.0/1", false },
		{ "2001:db8::/32", "2001:db8::/32", false },
		{ "2001:db8::1/127", "2001:db8::/127", true },
		{ "2001:db8::1/128", "2001:db8::1/128", false },
		{ "2001:db8:ffff::/33", "2001:db8:8000::/33", true },
		{ "::1/0", "::/0", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct written written = read_written(span_text(cases[i].written));
		struct spf_range range = read_range(cases[i].written);
		char got[TEXT_MAX];
		write_ranges(got, &range, 1);
		bool has = spf_range_has_host_bits(
		    written.is_ip6, written.address, written.prefix);
		if (strcmp(got, cases[i].want) != 0 || has != cases[i].has_host_bits)
			fail_msg(
			    "%s: got %s, host bits %d", cases[i].written, got, has);
	}
}

static void
containment(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool want;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0/24", true },
		{ "192.0.2.0/24", "192.0.2.128/25", true },
		{ "192.0.2.0/24", "192.0.2.255/32", true },
		{ "192.0.2.0/24", "192.0.3.0/32", false },
		{ "192.0.2.128/25", "192.0.2.0/24", false },
		{ "192.0.2.0/25", "192.0.2.128/25", false },
		{ "0.0.0.0/0", "255.255.255.255/32", true },
		{ "0.0.0.0/0", "0.0.0.0/0", true },
		{ "0.0.0.0/1", "128.0.0.0/1", false },
		{ "2001:db8::/33", "2001:db8:7fff::/48", true },
		{ "2001:db8::/33", "2001:db8:8000::/48", false },
		{ "2001:db8::/32", "2001:db8::1/128", true },
		/* Families are apart, whatever the bytes are. */
		{ "::/0", "192.0.2.1/32", false },
		{ "0.0.0.0/0", "::/128", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct spf_range outer = read_range(cases[i].outer);
		struct spf_range inner = read_range(cases[i].inner);
		if (spf_range_contains(&outer, &inner) != cases[i].want)
			fail_msg("%s in %s: want %d", cases[i].inner, cases[i].outer,
			    cases[i].want);
	}
}

/* First and last address of each block, and its neighbours. */
static const struct {
	const char *range;
	const char *want; /* NULL: a usual address */
} special_cases[] = {
	{ "9.255.255.255/32", NULL },
	{ "10.0.0.0/8", "private" },
	{ "10.255.255.255/32", "private" },
	{ "11.0.0.0/32", NULL },
	{ "172.15.255.255/32", NULL },
	{ "172.16.0.0/12", "private" },
	{ "172.31.255.255/32", "private" },
	{ "172.32.0.0/32", NULL },
	{ "192.168.0.0/32", "private" },
	{ "192.169.0.0/32", NULL },
	{ "127.255.255.255/32", "loopback" },
	{ "169.254.0.0/16", "link-local" },
	{ "169.255.0.0/32", NULL },
	{ "192.0.2.255/32", "documentation" },
	{ "198.51.100.0/24", "documentation" },
	{ "203.0.113.0/24", "documentation" },
	{ "203.0.112.0/23", NULL }, /* more than the block */
	{ "100.63.255.255/32", NULL },
	{ "100.64.0.0/10", "shared" },
	{ "100.128.0.0/32", NULL },
	{ "198.17.255.255/32", NULL },
	{ "198.18.0.0/15", "benchmark" },
	{ "198.20.0.0/32", NULL },
	{ "223.255.255.255/32", NULL },
	{ "224.0.0.0/4", "multicast" },
	{ "239.255.255.255/32", "multicast" },
	{ "240.0.0.0/32", "reserved" },
	{ "255.255.255.255/32", "reserved" },
	{ "0.0.0.0/32", "unspecified" },
	{ "0.0.0.0/8", "reserved" },
	{ "0.0.0.1/32", "reserved" },
	{ "0.0.0.0/0", NULL },
	{ "1.0.0.0/32", NULL },
	{ "::/128", "unspecified" },
	{ "::1/128", "loopback" },
	{ "::2/128", NULL },
	{ "::/127", NULL },
	{ "fc00::/7", "private" },
	{ "fdff:ffff::/32", "private" },
	{ "fe00::/128", NULL },
	{ "fe80::1/128", "link-local" },
	{ "febf::/16", "link-local" },
	{ "fec0::/16", NULL },
	{ "ff02::1/128", "multicast" },
	{ "2001:db7:ffff::/48", NULL },
	{ "2001:db8::/32", "documentation" },
	{ "2001:db9::/32", NULL },
	{ "3fff::/20", "documentation" },
	{ "3fff:1000::/20", NULL },
	/* The bytes of 10.0.0.0, and yet of the other family. */
	{ "a00::/8", NULL },
};

static void
special_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(special_cases); i++) {
		struct spf_range range = read_range(special_cases[i].range);
		const char *got = spf_range_special(&range);
		const char *want = special_cases[i].want;
		bool same = got == NULL || want == NULL ? got == want
							: strcmp(got, want) == 0;
		if (!same)
			fail_msg("%s: got %s, want %s", special_cases[i].range,
			    got != NULL ? got : "usual", want != NULL ? want : "usual");
	}
}

/* --- many ----------------------------------------------------------------- */

static void
sorting(void **state)
{
	static const struct {
		const char *ranges, *want;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0/24" },
		{ "198.51.100.0/24 192.0.2.0/24", "192.0.2.0/24 198.51.100.0/24" },
		{ "192.0.2.0/32 192.0.2.0/24 192.0.2.0/28",
		    "192.0.2.0/24 192.0.2.0/28 192.0.2.0/32" },
		{ "2001:db8::/32 0.0.0.0/0 ::/0 255.0.0.0/8",
		    "0.0.0.0/0 255.0.0.0/8 ::/0 2001:db8::/32" },
		{ "5.0.0.0/8 4.0.0.0/8 3.0.0.0/8 2.0.0.0/8 1.0.0.0/8",
		    "1.0.0.0/8 2.0.0.0/8 3.0.0.0/8 4.0.0.0/8 5.0.0.0/8" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct spf_range ranges[RANGES_MAX];
		char got[TEXT_MAX];
		size_t count = read_ranges(ranges, cases[i].ranges);
		spf_ranges_sort(*state, ranges, count);
		write_ranges(got, ranges, count);
		assert_string_equal(got, cases[i].want);
	}
	spf_ranges_sort(*state, NULL, 0);
}

/* Of equal ranges the one that came first stays first: it is the one that counts. */
static void
sorting_is_stable(void **state)
{
	struct spf_range ranges[RANGES_MAX];
	size_t count = read_ranges(ranges,
	    "9.0.0.0/8 1.0.0.0/8 9.0.0.0/8 1.0.0.0/8 5.0.0.0/8 9.0.0.0/8 1.0.0.0/8");
	spf_ranges_sort(*state, ranges, count);
	for (size_t i = 1; i < count; i++) {
		bool equal = memcmp(ranges[i - 1].address, ranges[i].address, 16) == 0;
		const char *one = ranges[i - 1].source, *other = ranges[i].source;
		if (equal && one > other)
			fail_msg("%.9s comes after %.9s", other, one);
	}
}

static void
merging(void **state)
{
	static const struct {
		const char *ranges, *want;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0/24" },
		{ "192.0.2.0/24 192.0.2.0/24", "192.0.2.0/24" },
		{ "192.0.2.7/32 192.0.2.0/24 192.0.2.128/25", "192.0.2.0/24" },
		{ "192.0.2.128/25 192.0.2.0/25", "192.0.2.0/24" },
		/* Neighbours, but not the halves of one prefix. */
		{ "192.0.1.0/24 192.0.2.0/24", "192.0.1.0/24 192.0.2.0/24" },
		{ "192.0.2.0/25 192.0.2.128/26", "192.0.2.0/25 192.0.2.128/26" },
		/* Halves of halves, over several steps. */
		{ "192.0.2.0/26 192.0.2.128/25 192.0.2.64/26", "192.0.2.0/24" },
		{ "0.0.0.0/1 128.0.0.0/2 192.0.0.0/3 224.0.0.0/3", "0.0.0.0/0" },
		{ "0.0.0.0/0 192.0.2.0/24 255.255.255.255/32", "0.0.0.0/0" },
		{ "::/1 8000::/1", "::/0" },
		{ "2001:db8::/33 2001:db8:8000::/33 2001:db9::/32", "2001:db8::/31" },
		{ "2001:db8::1/128 2001:db8::/128", "2001:db8::/127" },
		{ "255.255.255.255/32 ::/0", "255.255.255.255/32 ::/0" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct spf_range ranges[RANGES_MAX];
		char got[TEXT_MAX];
		size_t count = read_ranges(ranges, cases[i].ranges);
		spf_ranges_sort(*state, ranges, count);
		write_ranges(got, ranges, spf_ranges_merge(ranges, count));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s:\ngot  %s\nwant %s", cases[i].ranges, got,
			    cases[i].want);
	}
	assert_int_equal(spf_ranges_merge(NULL, 0), 0);
}

/* --- every set of prefixes within eight addresses --------------------------- */

enum { ADDRESSES = 8, PREFIXES = 1 + 2 + 4 + 8 }; /* from the /29 to the /32s */

/* Prefix number `index`, counted from the /29 on, the shorter ones first. */
static struct spf_range
small_range(unsigned index)
{
	uint8_t prefix = 29, address[4] = { 192, 0, 2, 0 };
	unsigned count = 1;
	for (; index >= count; prefix++, count *= 2)
		index -= count;
	address[3] = (uint8_t)(index << (32 - prefix));
	return spf_range_make(false, address, prefix, NULL);
}

/* The addresses of ranges as bits. */
static unsigned
addresses_of(const struct spf_range ranges[], size_t count)
{
	unsigned bits = 0;
	for (size_t i = 0; i < count; i++)
		for (unsigned j = 0; j < 1u << (32 - ranges[i].prefix); j++)
			bits |= 1u << (ranges[i].address[3] + j);
	return bits;
}

/* The fewest prefixes for a set of addresses, of which there are `width`. */
static size_t
fewest(unsigned bits, unsigned width)
{
	if (bits == 0)
		return 0;
	if (bits == (1u << width) - 1)
		return 1;
	unsigned half = width / 2;
	return fewest(bits & ((1u << half) - 1), half) + fewest(bits >> half, half);
}

static void
merging_keeps_all_and_no_more(void **state)
{
	for (unsigned set = 0; set < 1u << PREFIXES; set++) {
		struct spf_range ranges[PREFIXES];
		size_t count = 0;
		for (unsigned i = PREFIXES; i-- > 0;) /* not in order */
			if (set & 1u << i)
				ranges[count++] = small_range(i);
		unsigned want = addresses_of(ranges, count);
		arena_reset(*state);
		spf_ranges_sort(*state, ranges, count);
		size_t left = spf_ranges_merge(ranges, count);
		unsigned got = addresses_of(ranges, left);
		if (got != want || left != fewest(want, ADDRESSES))
			fail_msg("set %#x: addresses %#x, want %#x; %zu prefixes, "
				 "want %zu",
			    set, got, want, left, fewest(want, ADDRESSES));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_bits),
		cmocka_unit_test(containment),
		cmocka_unit_test(special_blocks),
		cmocka_unit_test_setup_teardown(sorting, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    sorting_is_stable, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(merging, new_arena, free_arena),
		cmocka_unit_test_setup_teardown(
		    merging_keeps_all_and_no_more, new_arena, free_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
