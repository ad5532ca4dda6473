/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dmarc/record: which texts are records, and what is made of each tag. */
#include "dmarc/record.h"

#include "core/buf.h"
#include "core/limits.h"

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

static void
texts_are_of_a_kind(void **state)
{
	static const struct {
		const char *text;
		enum dmarc_kind want;
	} cases[] = {
		/* RFC 9989 4.8: "v" *WSP "=" *WSP %s"DMARC1". */
		{ "v=DMARC1", DMARC_SELECTED },
		{ "v=DMARC1;", DMARC_SELECTED },
		{ "v=DMARC1; p=none", DMARC_SELECTED },
		{ "V=DMARC1; p=none", DMARC_SELECTED },
		{ "v \t= \tDMARC1 \t; p=none", DMARC_SELECTED },
		{ "v=DMARC1;;", DMARC_SELECTED },
		{ " v=DMARC1; p=none", DMARC_BLANK_BEFORE },
		{ "\tv=DMARC1", DMARC_BLANK_BEFORE },
		{ "\"v=DMARC1; p=none\"", DMARC_QUOTED },
		{ "\"v=DMARC1; p=none", DMARC_QUOTED },
		{ "\" v=DMARC1; p=none\"", DMARC_QUOTED },
		{ "v=DMARC1\\; p=none", DMARC_ESCAPED },
		{ "\"v=DMARC1\\; p=none\"", DMARC_ESCAPED },
		{ "v=dmarc1; p=none", DMARC_NO_VERSION },
		{ "v=DMARC", DMARC_NO_VERSION },
		{ "v=DMARC2; p=none", DMARC_NO_VERSION },
		{ "v=DMARC10; p=none", DMARC_NO_VERSION },
		{ "v=DMARC1 p=none", DMARC_NO_VERSION },
		{ "v=DMARC1, p=none", DMARC_NO_VERSION },
		{ "v=DMARC1:p=none", DMARC_NO_VERSION },
		{ "p=none; v=DMARC1", DMARC_NO_VERSION },
		{ "p=reject", DMARC_NO_VERSION },
		{ "P=Reject; rua=mailto:a@example.com", DMARC_NO_VERSION },
		{ "DMARC1; p=none", DMARC_NO_VERSION },
		{ "", DMARC_UNRELATED },
		{ "v=spf1 -all", DMARC_UNRELATED },
		{ "v=DKIM1; p=MIIB", DMARC_UNRELATED },
		{ "google-site-verification=abc", DMARC_UNRELATED },
		{ "p=q", DMARC_UNRELATED },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		enum dmarc_kind got = dmarc_kind_of(*state, span_text(cases[i].text));
		if (got != cases[i].want)
			fail_msg(
			    "'%s': got %d, want %d", cases[i].text, got, cases[i].want);
	}
}

/* "p=reject sp=none np=- psd=n t pct=50 void: name! name?": values, then faults. */
static const char *
shown(struct arena *arena, const struct dmarc_record *record)
{
	static const char *const policies[] = { "-", "?", "none", "quarantine",
		"reject" };
	static const char *const faults[] = {
		[DMARC_FINE] = "",
		[DMARC_UNKNOWN_TAG] = "unknown",
		[DMARC_UPPER_CASE] = "case",
		[DMARC_BAD_FORM] = "form",
		[DMARC_BAD_VALUE] = "value",
		[DMARC_AGAIN] = "again",
	};
	const char *text = arena_printf(arena, "p=%s sp=%s np=%s psd=%c%s",
	    policies[record->p], policies[record->sp], policies[record->np],
	    record->psd, record->testing ? " t" : "");
	if (record->pct < 100)
		text = arena_printf(arena, "%s pct=%u", text, record->pct);
	if (record->is_void)
		text = arena_printf(arena, "%s void", text);
	for (size_t i = 0; i < record->list.count; i++)
		if (record->readings[i].fault != DMARC_FINE)
			text = arena_printf(arena, "%s, %s: %s", text,
			    arena_safe_text(arena, record->list.tags[i].text),
			    faults[record->readings[i].fault]);
	return text;
}

static void
tags_are_read(void **state)
{
	static const struct {
		const char *tags, *want;
	} cases[] = {
		{ "", "p=- sp=- np=- psd=u" },
		{ "p=none", "p=none sp=- np=- psd=u" },
		{ "p=Reject; sp=NONE; np=quarantine; psd=N; t=Y",
		    "p=reject sp=none np=quarantine psd=n t" },
		{ "p = none ; sp =\tnone", "p=none sp=none np=- psd=u" },
		{ "p=none; adkim=s; aspf=R; fo=1:d:s; rua=x; ruf=y",
		    "p=none sp=- np=- psd=u" },
		{ "p=none; pct=50; rf=afrf; ri=86400",
		    "p=none sp=- np=- psd=u pct=50" },
		{ "p=none; pct=100", "p=none sp=- np=- psd=u" },
		{ "p=none; fo=0:d", "p=none sp=- np=- psd=u" },
		/* Values outside their rules. */
		{ "p=block", "p=? sp=- np=- psd=u, p=block: value" },
		{ "p=none p=reject", "p=? sp=- np=- psd=u, p=none p=reject: value" },
		{ "p=none; sp=", "p=none sp=? np=- psd=u, sp=: form" },
		{ "p=none; np=nope", "p=none sp=- np=? psd=u, np=nope: value" },
		{ "p=none\\; sp=none", "p=? sp=none np=- psd=u, p=none\\: value" },
		{ "p=none; psd=x; t=1; adkim=strict",
		    "p=none sp=- np=- psd=u, psd=x: value, t=1: value, "
		    "adkim=strict: value" },
		{ "p=none; fo=0:1", "p=none sp=- np=- psd=u, fo=0:1: value" },
		{ "p=none; fo=d:d", "p=none sp=- np=- psd=u, fo=d:d: value" },
		{ "p=none; fo=1:", "p=none sp=- np=- psd=u, fo=1:: value" },
		{ "p=none; pct=101; pct2=1",
		    "p=none sp=- np=- psd=u, pct=101: value, pct2=1: unknown" },
		/* Faults of form cost one tag. */
		{ "p; sp=none", "p=- sp=none np=- psd=u, p: form" },
		{ "p=none;; sp=none", "p=none sp=none np=- psd=u, : form" },
		{ "p=n\xc3\xb6ne; rua=x",
		    "p=? sp=- np=- psd=u, p=n\\195\\182ne: form" },
		/* Names keep their case. */
		{ "P=none; Rua=x", "p=- sp=- np=- psd=u, P=none: case, Rua=x: case" },
		{ "bimi=x", "p=- sp=- np=- psd=u, bimi=x: unknown" },
		/* One twice costs all. */
		{ "p=none; psd=y; p=none",
		    "p=none sp=- np=- psd=u void, p=none: again" },
		{ "x=1; p=none; x=2",
		    "p=none sp=- np=- psd=u void, x=1: unknown, x=2: again" },
	};
	struct arena *arena = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *text = arena_printf(arena, "v=DMARC1;%s", cases[i].tags);
		struct dmarc_record *record = dmarc_record_read(arena, span_text(text));
		assert_string_equal(shown(arena, record), cases[i].want);
	}
}

static void
the_first_good_tag_is_kept(void **state)
{
	struct dmarc_record *record = dmarc_record_read(
	    *state, span_text("V = DMARC1; p=none; rua=mailto:a@example.com"));
	assert_non_null(record->tags[DMARC_TAG_V]);
	assert_true(span_equal(
	    record->tags[DMARC_TAG_RUA]->value, span_text("mailto:a@example.com")));
	assert_null(record->tags[DMARC_TAG_RUF]);
}

static void
policies_have_names(void **state)
{
	enum dmarc_policy policy;
	(void)state;
	assert_true(dmarc_policy_by_name(span_text("QUARANTINE"), &policy));
	assert_int_equal(policy, DMARC_QUARANTINE);
	assert_string_equal(dmarc_policy_text(policy), "quarantine");
	assert_false(dmarc_policy_by_name(span_text("quarantin"), &policy));
	assert_false(dmarc_policy_by_name(span_text(""), &policy));
	assert_null(dmarc_policy_text(DMARC_ABSENT));
	assert_null(dmarc_policy_text(DMARC_INVALID));
	assert_false(dmarc_policy_is_valid(DMARC_INVALID));
	assert_true(dmarc_policy_is_valid(DMARC_NONE));
}

static void
historic_tags_are_known(void **state)
{
	size_t count = 0;
	(void)state;
	for (enum dmarc_tag tag = 0; tag < DMARC_TAGS; tag++)
		count += dmarc_tag_is_historic(tag);
	assert_int_equal(count, 3);
	assert_string_equal(dmarc_tag_text(DMARC_TAG_RF), "rf");
	assert_true(dmarc_tag_is_historic(DMARC_TAG_RF));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_of_a_kind),
		cmocka_unit_test(tags_are_read),
		cmocka_unit_test(the_first_good_tag_is_kept),
		cmocka_unit_test(policies_have_names),
		cmocka_unit_test(historic_tags_are_known),
	};
	return cmocka_run_group_tests(tests, new_arena, free_arena);
}
