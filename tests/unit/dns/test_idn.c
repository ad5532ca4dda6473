/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of dns/idn, with libidn2 and without. */
#include "dns/idn.h"

#include "core/limits.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool library_is_missing;

/* In place of the C library's. */
void *
dlopen(const char *file, int mode)
{
	void *(*real)(const char *, int) = (void *(*)(const char *, int))dlsym(
	    RTLD_NEXT, "dlopen");
	if (library_is_missing && strstr(file, "idn2") != NULL)
		return NULL;
	return real(file, mode);
}

static void
names_become_ascii_or_are_refused(void **state)
{
	static const struct {
		const char *name, *utf8;
		enum status want;
		const char *ascii;
	} cases[] = {
		{ "umlaut", "m\xc3\xbcller.example", STATUS_OK,
		    "xn--mller-kva.example" },
		{ "upper case", "M\xc3\x9cLLER.Example", STATUS_OK,
		    "xn--mller-kva.example" },
		{ "not composed", "mu\xcc\x88ller.example", STATUS_OK,
		    "xn--mller-kva.example" },
		{ "sharp s stays",
		    "stra\xc3\x9f"
		    "e.example",
		    STATUS_OK, "xn--strae-oqa.example" },
		{ "ideographic dot",
		    "m\xc3\xbcller\xe3\x80\x82"
		    "example",
		    STATUS_OK, "xn--mller-kva.example" },
		{ "underscore", "_dmarc.m\xc3\xbcller.example", STATUS_OK,
		    "_dmarc.xn--mller-kva.example" },
		{ "final dot", "\xc3\xbc.example.", STATUS_OK, "xn--tda.example." },
		{ "not UTF-8", "m\xfcller.example", STATUS_NOT_IDNA, "" },
		{ "half a character", "m\xc3", STATUS_NOT_IDNA, "" },
		{ "surrogate", "\xed\xa0\x80.example", STATUS_NOT_IDNA, "" },
		{ "forbidden", "\xe2\x80\xa8.example", STATUS_NOT_IDNA, "" },
		{ "begins with a mark",
		    "\xcc\x88"
		    "a.example",
		    STATUS_NOT_IDNA, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[LIMIT_NAME_BYTES + 1];
		struct buf ascii;
		buf_wrap(&ascii, memory, sizeof(memory));
		enum status got = idn_to_ascii(&ascii, span_text(cases[i].utf8));
		if (got != cases[i].want || strcmp(memory, cases[i].ascii) != 0)
			fail_msg("%s: got %s and \"%s\", want %s and \"%s\"",
			    cases[i].name, status_text(got), memory,
			    status_text(cases[i].want), cases[i].ascii);
	}
}

/* "ü" a few times: too many for a label, for a name, and for us to look at. */
static enum status
convert_umlauts(size_t count, size_t each_label)
{
	struct buf utf8, ascii;
	buf_init(&utf8, SIZE_MAX / 2);
	buf_init(&ascii, SIZE_MAX / 2);
	for (size_t i = 1; i <= count; i++)
		buf_add_text(&utf8, i % each_label == 0 ? "\xc3\xbc." : "\xc3\xbc");
	enum status status = idn_to_ascii(&ascii, buf_span(&utf8));
	buf_free(&utf8);
	buf_free(&ascii);
	return status;
}

static void
sizes_have_limits(void **state)
{
	(void)state;
	assert_int_equal(convert_umlauts(40, 20), STATUS_OK);
	assert_int_equal(convert_umlauts(100, 1000), STATUS_LABEL_TOO_LONG);
	assert_int_equal(convert_umlauts(300, 20), STATUS_NAME_TOO_LONG);
	assert_int_equal(convert_umlauts(LIMIT_IDN_BYTES, 20), STATUS_NAME_TOO_LONG);
}

static void
nul_ends_nothing(void **state)
{
	char memory[64];
	struct buf ascii;
	(void)state;
	buf_wrap(&ascii, memory, sizeof(memory));
	assert_int_equal(
	    idn_to_ascii(&ascii, span_of("\xc3\xbc\0.example", 11)), STATUS_NOT_IDNA);
	assert_int_equal(ascii.length, 0);
}

static void
without_the_library_it_says_so(void **state)
{
	char memory[64];
	struct buf ascii;
	(void)state;
	buf_wrap(&ascii, memory, sizeof(memory));
	library_is_missing = true;
	assert_int_equal(
	    idn_to_ascii(&ascii, span_text("\xc3\xbc.example")), STATUS_NO_IDNA);
	library_is_missing = false;
	assert_int_equal(
	    idn_to_ascii(&ascii, span_text("\xc3\xbc.example")), STATUS_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_ascii_or_are_refused),
		cmocka_unit_test(sizes_have_limits),
		cmocka_unit_test(nul_ends_nothing),
		cmocka_unit_test(without_the_library_it_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
