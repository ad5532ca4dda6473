/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Tests of spf/record: which texts are records, which terms receivers refuse (RFC 7208
 * 4.6.1 and 12), what is read from the good ones, and where the bad ones stand.
 */
#include "spf/record.h"

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

static struct spf_record *
parse(struct arena *arena, const char *text)
{
	return spf_record_parse(arena, span_text(text));
}

/* --- selection ------------------------------------------------------------ */

struct selection_case {
	struct span text;
	bool want;
};

static void
selection(void **state)
{
	static const struct selection_case cases[] = {
		{ SPAN("v=spf1"), true },
		{ SPAN("v=spf1 -all"), true },
		{ SPAN("V=SpF1 -all"), true },
		{ SPAN("v=spf1 "), true },
		{ SPAN("v=spf1  \xff"), true },
		{ SPAN(""), false },
		{ SPAN("v=spf"), false },
		{ SPAN("v=spf10"), false },
		{ SPAN("v=spf1-all"), false },
		{ SPAN("v=spf1\t-all"), false },
		{ SPAN("v=spf1\n-all"), false },
		{ SPAN("v=spf1\0-all"), false },
		{ SPAN(" v=spf1 -all"), false },
		{ SPAN("\"v=spf1 -all\""), false },
		{ SPAN("v= spf1 -all"), false },
		{ SPAN("spf2.0/pra -all"), false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (spf_record_is_selected(cases[i].text) != cases[i].want)
			fail_msg("'%.*s': want %d", (int)cases[i].text.length,
			    cases[i].text.bytes, cases[i].want);
	assert_false(spf_record_is_selected(span_of(NULL, 0)));
}

/* --- what is read --------------------------------------------------------- */

/* A term as "sign kind domain /4 //6", so that a table can say what it wants. */
static void
add_term(struct buf *out, const struct spf_term *term)
{
	static const char *const kinds[] = { "all", "include", "a", "mx", "ptr", "ip4",
		"ip6", "exists", "redirect", "exp", "modifier", "nothing" };
	if (out->length > 0)
		buf_add_text(out, "; ");
	if (spf_kind_is_mechanism(term->kind))
		buf_add_byte(out, (uint8_t)spf_qualifier_sign(term->qualifier));
	buf_add_text(out, kinds[term->kind]);
	if (term->domain.length > 0)
		buf_addf(out, " %.*s", (int)term->domain.length, term->domain.bytes);
	if (term->has_macro)
		buf_add_text(out, " macro");
	if (term->prefix4 != 32)
		buf_addf(out, " /%u", term->prefix4);
	if (term->prefix6 != 128)
		buf_addf(out, " //%u", term->prefix6);
	if (term->fault != SPF_FINE)
		buf_addf(out, " FAULT");
}

static void
check_terms(struct arena *arena, const char *text, const char *want)
{
	char memory[512];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	const struct spf_record *record = parse(arena, text);
	for (size_t i = 0; i < record->term_count; i++)
		add_term(&got, &record->terms[i]);
	if (strcmp(got.text, want) != 0)
		fail_msg("%s:\ngot  '%s'\nwant '%s'", text, got.text, want);
}

static void
terms(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "v=spf1", "" },
		{ "v=spf1   ", "" },
		{ "v=spf1 -all", "-all" },
		{ "v=spf1  a   -all  ", "+a; -all" },
		{ "v=spf1 all +all ?all ~all -all", "+all; +all; ?all; ~all; -all" },
		{ "v=spf1 MX Include:A.Example -ALL", "+mx; +include A.Example; -all" },
		{ "v=spf1 a mx ptr", "+a; +mx; +ptr" },
		{ "v=spf1 a:b.example mx:c.example ptr:d.example",
		    "+a b.example; +mx c.example; +ptr d.example" },
		{ "v=spf1 a/24 a//64 a/0//0 mx/32//128",
		    "+a /24; +a //64; +a /0 //0; +mx" },
		{ "v=spf1 a:b.example/16 a:b.example//48 mx:b.example/1//2",
		    "+a b.example /16; +a b.example //48; +mx b.example /1 //2" },
		{ "v=spf1 a:foo:bar/baz.example.com", "+a foo:bar/baz.example.com" },
		{ "v=spf1 a:foo:bar/baz.example.com/24",
		    "+a foo:bar/baz.example.com /24" },
		{ "v=spf1 a:%{d}/8 mx:%{o}//9",
		    "+a %{d} macro /8; +mx %{o} macro //9" },
		{ "v=spf1 a:%{d/}/8", "+a %{d/} macro /8" },
		{ "v=spf1 -exists:%{i}._x.%{d2}", "-exists %{i}._x.%{d2} macro" },
		{ "v=spf1 a:b%%c.example", "+a b%%c.example macro" },
		{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32", "+ip4 /24; +ip6 //32" },
		{ "v=spf1 ip6:::ffff:192.0.2.1/0", "+ip6 //0" },
		{ "v=spf1 redirect=b.example exp=c.example",
		    "redirect b.example; exp c.example" },
		{ "v=spf1 REDIRECT=%{d1}.b.example", "redirect %{d1}.b.example macro" },
		{ "v=spf1 x= y=z include=a.example all=1 m.o-o_3=%{c}",
		    "modifier; modifier; modifier; modifier; modifier" },
		{ "v=spf1 bogus -all", "nothing FAULT; -all" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_terms(*state, cases[i].text, cases[i].want);
}

static void
addresses(void **state)
{
	static const uint8_t want4[] = { 192, 0, 2, 200 };
	static const uint8_t want6[] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0x1f };
	const struct spf_record *record = parse(
	    *state, "v=spf1 ip4:192.0.2.200 ip6:2001:DB8::1f/127");
	assert_int_equal(record->fault_count, 0);
	assert_memory_equal(record->terms[0].address, want4, sizeof(want4));
	assert_memory_equal(record->terms[1].address, want6, sizeof(want6));
	assert_int_equal(record->terms[1].prefix6, 127);
}

/* --- what is refused ------------------------------------------------------ */

static void
check_faults(
    struct arena *arena, const char *const list[], size_t count, enum spf_fault want)
{
	for (size_t i = 0; i < count; i++) {
		char text[256];
		snprintf(text, sizeof(text), "v=spf1 %s -all", list[i]);
		const struct spf_record *record = parse(arena, text);
		const struct spf_term *term = &record->terms[0];
		if (term->fault != want)
			fail_msg("'%s': got fault %d (%s), want %d", list[i],
			    term->fault, term->reason, want);
		assert_int_equal(record->fault_count, want != SPF_FINE);
		assert_int_equal(term->reason != NULL, want != SPF_FINE);
	}
}

static void
good_terms(void **state)
{
	static const char *const list[] = { "a/0", "a/32", "a//0", "a//128", "a/9//99",
		"mx:b.example/10", "ip4:0.0.0.0/0", "ip4:192.0.2.1/32", "ip6:::/0",
		"ip6:::1/128", "ip6:2001:db8:1:2:3:4:192.0.2.1", "ptr:b.example",
		"exists:%{l1r-}.%{d}", "a:b.example.", "a:.example", "a:a..b.example",
		"a:b.c-d", "a:%{d}", "exp=%{d}.b.example", "redirect=_spf.b.example",
		"redirect=%{d}", "unknown=", "unknown=%{c}%{r}%{t}%%", "u=v=w:x/y",
		"a=", "v=spf1;", "a1=b", "+a", "?mx:b.example", "~include:b.example",
		"a:b-c_d.example" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_FINE);
}

static void
bad_names_and_characters(void **state)
{
	static const char *const list[] = { "bogus", "-bogus", "all.", "all:b.example",
		"all/8", "-all:", "--all", "-~all", "+", "-", "=", "=all", "1up=foo",
		"-exp=b.example", "+redirect=b.example", "redirect:b.example",
		"exp:b.example", "a;", "a,mx", "include", "moo.cow/far_out=man",
		"moo.cow:far_out=man", "24", "192.0.2.1", "ip:192.0.2.1", "\"-all\"",
		"\\;" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_BAD_SYNTAX);
}

/* Whatever else may be wrong with the term. */
static void
bytes_that_are_not_printable_ascii(void **state)
{
	static const char *const list[] = { "a\tmx", "a\r", "a\n", "mx\x01", "mx\x7f",
		"\xef\xbb\xbf-all", "a:\xc3\xa4.example", "x=\xc3\xa4", "x=a\tb",
		"ip4:192.0.2.1\xc2\xa0", "\xe2\x80\x93" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_BAD_BYTE);
}

static void
bad_domain_specs(void **state)
{
	static const char *const list[] = { "include:", "include:b", "include:b.",
		"include:b.example/24", "include/24", "a:", "a:/24", "a:b", "a:b.1",
		"a:192.0.2.1", "a:192.0.2.1/24", "a:b.example:25", "a:b.-example",
		"a:b.example-", "mx:", "mx:museum.", "ptr:", "ptr/0", "ptr:/0",
		"exists", "exists:", "exists:b.example/24", "exists:b.example//64",
		"exists:%{c}.b.example", "exists:%(i).b.example", "a:%{a}.b.example",
		"a:%{d0}.b.example", "a:%{d}b", "a:%", "redirect=", "redirect=b",
		"redirect=-all", "redirect=b.example/24", "exp=", "exp=-all",
		"exp=%{r}.b.example", "x=%", "x=%{z}", "x=%a" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_BAD_SYNTAX);
}

static void
bad_prefixes_of_a_and_mx(void **state)
{
	static const char *const list[] = { "a/", "a/33", "a/032", "a/00", "a/01",
		"a/-1", "a/+1", "a/1a", "a/99999999999999999999", "a//", "a//129",
		"a//064", "a//00", "a/24/64", "a/24//", "a//64/24", "a///64",
		"a/24///64", "a//64//64", "mx/33", "mx//129", "mx:b.example/",
		"mx:b.example/33", "mx:b.example//129", "mx/24:b.example" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_BAD_SYNTAX);
}

static void
bad_ip4(void **state)
{
	static const char *const list[] = { "ip4", "ip4:", "ip4/24", "ip4:1.2.3",
		"ip4:1.2.3.4.5", "ip4:1.2.3.256", "ip4:01.2.3.4", "ip4:1.2.3.",
		"ip4:0x7f.1.1.1", "ip4:1.2.3.4:25", "ip4:1.2.3.4/", "ip4:1.2.3.4/33",
		"ip4:1.2.3.4/032", "ip4:1.2.3.4/00", "ip4:1.2.3.4//32",
		"ip4:1.2.3.4/-1", "ip4:1.2.3.4/24x", "ip4:1.2.3.4/255.255.255.0",
		"ip4:::1", "ip4:b.example", "ip4:%{i}", "ip4:1.2.3.4,5.6.7.8",
		"ip4:1.2.3.4;" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_BAD_IP4);
}

static void
bad_ip6(void **state)
{
	static const char *const list[] = { "ip6", "ip6:", "ip6/64", "ip6:1.2.3.4",
		"ip6::CAFE::BABE", "ip6:2001:db8", "ip6:2001:db8::1::2",
		"ip6::::", "ip6:2001:db8::g", "ip6:2001:db8::12345",
		"ip6:[2001:db8::1]", "ip6:::1%eth0", "ip6:::1/", "ip6:::1/129",
		"ip6:::1/064", "ip6:::1.1.1.1//33", "ip6:::1/64/64",
		"ip6:2001:db8:1111:2222:3333:4444:192.0.2.111.222.333.444.555" };
	check_faults(*state, list, ARRAY_LENGTH(list), SPF_BAD_IP6);
}

/* Lengths count, not NULs. */
static void
a_nul_is_a_fault_where_it_stands(void **state)
{
	static const struct span texts[] = { SPAN("v=spf1 a\0 -all"),
		SPAN("v=spf1 \0a -all"), SPAN("v=spf1 a:b.example\0 -all"),
		SPAN("v=spf1 ip4:192.0.2.1\0 -all"), SPAN("v=spf1 x=\0 -all"),
		SPAN("v=spf1 ip6:::1\0/64 -all"), SPAN("v=spf1 \0 -all") };
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		const struct spf_record *record = spf_record_parse(*state, texts[i]);
		assert_int_equal(record->fault_count, 1);
		assert_int_not_equal(record->terms[0].fault, SPF_FINE);
		assert_int_equal(record->terms[0].position, 8);
		assert_non_null(record->all);
	}
}

/* --- the record as a whole ------------------------------------------------ */

static void
all_faults_are_found_each_with_its_place(void **state)
{
	const char *text = "v=spf1 bogus  ip4:x mx -all: redirect= a";
	static const size_t positions[] = { 8, 15, 21, 24, 30, 40 };
	static const bool faulty[] = { true, true, false, true, true, false };
	const struct spf_record *record = parse(*state, text);
	assert_int_equal(record->term_count, ARRAY_LENGTH(positions));
	assert_int_equal(record->fault_count, 4);
	for (size_t i = 0; i < ARRAY_LENGTH(positions); i++) {
		const struct spf_term *term = &record->terms[i];
		assert_int_equal(term->position, positions[i]);
		assert_ptr_equal(
		    term->text.bytes, (const uint8_t *)text + positions[i] - 1);
		assert_int_equal(term->fault != SPF_FINE, faulty[i]);
	}
	assert_null(record->all);
	assert_null(record->redirect);
}

struct end_case {
	const char *text;
	int all, redirect; /* indexes of terms; -1: none */
	size_t faults;
};

/* redirect and exp may each stand once (6); `all` as often as people like. */
static void
the_terms_that_end_a_record(void **state)
{
	static const struct end_case cases[] = {
		{ "v=spf1 a", -1, -1, 0 },
		{ "v=spf1 -all ~all", 0, -1, 0 },
		{ "v=spf1 -all. ~all", 1, -1, 1 },
		{ "v=spf1 redirect=b.example -all", 1, 0, 0 },
		{ "v=spf1 redirect=b.example redirect=c.example", -1, 0, 1 },
		{ "v=spf1 redirect=b.example -all REDIRECT=b.example", 1, 0, 1 },
		{ "v=spf1 redirect= redirect=b.example", -1, 1, 1 },
		{ "v=spf1 exp=b.example -all exp=c.example", 1, -1, 1 },
		{ "v=spf1 exp=b.example exp=c.example exp=d.example", -1, -1, 2 },
		{ "v=spf1 x=1 x=1 x=1 a a -all", 5, -1, 0 },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct end_case *test = &cases[i];
		const struct spf_record *record = parse(*state, test->text);
		int all = record->all != NULL ? (int)(record->all - record->terms) : -1;
		int redirect = record->redirect != NULL
		    ? (int)(record->redirect - record->terms)
		    : -1;
		if (all != test->all || redirect != test->redirect ||
		    record->fault_count != test->faults)
			fail_msg("%s: all %d, redirect %d, %zu faults", test->text, all,
			    redirect, record->fault_count);
	}
}

static void
terms_have_a_limit(void **state)
{
	struct buf text;
	buf_init(&text, LIMIT_MESSAGE_BYTES);
	buf_add_text(&text, "v=spf1");
	for (size_t i = 0; i < LIMIT_SPF_TERMS; i++)
		buf_add_text(&text, "  a");
	const struct spf_record *record = spf_record_parse(*state, buf_span(&text));
	assert_int_equal(record->term_count, LIMIT_SPF_TERMS);
	assert_false(record->cut);
	buf_add_text(&text, " -all");
	record = spf_record_parse(*state, buf_span(&text));
	assert_int_equal(record->term_count, LIMIT_SPF_TERMS);
	assert_true(record->cut);
	assert_null(record->all);
	buf_free(&text);
}

static void
which_terms_cost_a_lookup(void **state)
{
	const struct spf_record *record = parse(*state,
	    "v=spf1 include:b.example a mx ptr exists:b.example redirect=b.example "
	    "ip4:192.0.2.1 ip6:::1 exp=b.example x=y all");
	assert_int_equal(record->fault_count, 0);
	for (size_t i = 0; i < record->term_count; i++)
		assert_int_equal(spf_term_costs_lookup(&record->terms[i]), i < 6);
}

static void
qualifiers_have_names(void **state)
{
	(void)state;
	assert_string_equal(spf_qualifier_text(SPF_PASS), "pass");
	assert_string_equal(spf_qualifier_text(SPF_FAIL), "fail");
	assert_string_equal(spf_qualifier_text(SPF_SOFTFAIL), "softfail");
	assert_string_equal(spf_qualifier_text(SPF_NEUTRAL), "neutral");
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selection),
		WITH_ARENA(terms),
		WITH_ARENA(addresses),
		WITH_ARENA(good_terms),
		WITH_ARENA(bad_names_and_characters),
		WITH_ARENA(bytes_that_are_not_printable_ascii),
		WITH_ARENA(bad_domain_specs),
		WITH_ARENA(bad_prefixes_of_a_and_mx),
		WITH_ARENA(bad_ip4),
		WITH_ARENA(bad_ip6),
		WITH_ARENA(a_nul_is_a_fault_where_it_stands),
		WITH_ARENA(all_faults_are_found_each_with_its_place),
		WITH_ARENA(the_terms_that_end_a_record),
		WITH_ARENA(terms_have_a_limit),
		WITH_ARENA(which_terms_cost_a_lookup),
		cmocka_unit_test(qualifiers_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
