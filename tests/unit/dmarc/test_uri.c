/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/uri: lists of addresses for reports. */
#include "dmarc/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

/* "a@example.com@example.com": mailbox and host of mailto, "https" the scheme of
 * others, "!" behind what had a size, the reason where there is a fault. */
static const char *
shown(struct arena *arena, const struct dmarc_uri *uri)
{
	if (uri->reason != NULL)
		return uri->reason;
	const char *size = uri->has_size ? "!" : "";
	if (!uri->is_mailto)
		return arena_printf(
		    arena, "%s%s", arena_safe_text(arena, uri->scheme), size);
	return arena_printf(arena, "%s at %s%s", arena_safe_text(arena, uri->mailbox),
	    dns_name_text(arena, &uri->host), size);
}

static void
lists_are_read(void **state)
{
	static const char percent[] =
	    "has a percent sign without two hexadecimal digits";
	static const char bang[] = "has an exclamation mark, which must be written %21";
	static const struct {
		const char *list, *want;
	} cases[] = {
		{ "mailto:a@example.com", "a@example.com at example.com" },
		{ "MAILTO:a@Example.com", "a@Example.com at Example.com" },
		{ "mailto:a@example.com , mailto:b@example.net",
		    "a@example.com at example.com; b@example.net at example.net" },
		{ "mailto:a@example.com!10m", "a@example.com at example.com!" },
		{ "mailto:a@example.com!10", "a@example.com at example.com!" },
		{ "mailto:a@example.com!10x", bang },
		{ "mailto:a!b@example.com", bang },
		{ "mailto:a%21b%2Cc@example.com", "a!b,c@example.com at example.com" },
		{ "mailto:a%40b@example.com", "a@b@example.com at example.com" },
		{ "mailto:a@ex%61mple.com", "a@example.com at example.com" },
		{ "mailto:a%2@example.com", percent },
		{ "mailto:a%zz@example.com", percent },
		{ "mailto:a@example.com?subject=x", "a@example.com at example.com" },
		{ "https://example.com/x", "https" },
		{ "https://example.com/%", percent },
		{ "a@example.com", "has no scheme such as mailto:" },
		{ "mailto", "has no scheme such as mailto:" },
		{ "1x:y", "has no scheme such as mailto:" },
		{ "mailto:", "has no mailbox with an @" },
		{ "mailto:example.com", "has no mailbox with an @" },
		{ "mailto:@example.com", "has nothing before the @" },
		{ "mailto:a@", "has no domain behind the @" },
		{ "mailto:a@a..b", "has no domain behind the @" },
		{ "mailto:a@example.com mailto:b@example.com",
		    "has a byte that no URI may hold" },
		{ "mailto:<a@example.com>", "has a byte that no URI may hold" },
		{ "mailto:a@example.com,", "a@example.com at example.com; is empty" },
		{ ",", "is empty; is empty" },
		{ "!10m", "has no scheme such as mailto:" },
		{ "", "" },
	};
	struct arena *arena = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct split split = { .rest = span_text(cases[i].list) };
		struct dmarc_uri uri;
		const char *got = "";
		while (dmarc_uri_next(arena, &split, &uri))
			got = arena_printf(arena, "%s%s%s", got,
			    got[0] != '\0' ? "; " : "", shown(arena, &uri));
		assert_string_equal(got, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
	};
	return cmocka_run_group_tests(tests, new_arena, free_arena);
}
