/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/macro: the grammar of RFC 7208 7.1, piece by piece and as a whole. */
#include "spf/macro.h"

#include "core/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A piece as "(meaning)", or "{letter digits r delimiters}". */
static void
add_piece(struct buf *out, const struct spf_piece *piece)
{
	if (piece->kind == SPF_PIECE_LITERAL) {
		buf_addf(
		    out, "(%.*s)", (int)piece->meaning.length, piece->meaning.bytes);
		return;
	}
	buf_addf(out, "{%c", piece->letter);
	if (piece->digits > 0)
		buf_addf(out, " %u", piece->digits);
	if (piece->reversed)
		buf_add_text(out, " r");
	if (piece->delimiters.length > 0)
		buf_addf(out, " %.*s", (int)piece->delimiters.length,
		    piece->delimiters.bytes);
	buf_add_byte(out, '}');
}

static void
check_pieces(const char *text, const char *want)
{
	char memory[256];
	struct buf got;
	struct span rest = span_text(text);
	struct spf_piece piece;
	size_t covered = 0;
	buf_wrap(&got, memory, sizeof(memory));
	while (spf_macro_next(&rest, &piece) == STATUS_OK) {
		assert_ptr_equal(piece.text.bytes, (const uint8_t *)text + covered);
		covered += piece.text.length;
		add_piece(&got, &piece);
	}
	if (strcmp(got.text, want) != 0)
		fail_msg("%s: got '%s', want '%s'", text, got.text, want);
	if (spf_macro_is_valid(span_text(text)))
		assert_int_equal(covered, strlen(text));
}

static void
pieces(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" }, { "a.example", "(a.example)" }, { "%{i}", "{i}" },
		{ "%{I}", "{I}" },
		{ "%{ir}.%{v}._spf.%{d2}", "{i r}(.){v}(._spf.){d 2}" },
		{ "%{l1r-}", "{l 1 r -}" }, { "%{lR-+_}", "{l r -+_}" },
		{ "%{d.-+,/_=}", "{d .-+,/_=}" },
		{ "a%%b%_c%-d", "(a)(%)(b)( )(c)(%20)(d)" }, { "%%%%", "(%)(%)" },
		{ "%%{i}", "(%)({i})" }, { "{i}", "({i})" }, { "%{d007}", "{d 7}" },
		{ "%{d127}", "{d 127}" }, { "%{d99999999999999999999}", "{d 100000}" },
		{ "good%{bad", "(good)" }, /* up to the fault */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_pieces(cases[i].text, cases[i].want);
}

static void
every_letter(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		uint8_t text[] = { '%', '{', (uint8_t)byte, '}' };
		bool want = byte != 0 && strchr("slodiphcrtvSLODIPHCRTV", byte) != NULL;
		if (spf_macro_is_valid(span_of(text, sizeof(text))) != want)
			fail_msg("%%{\\%03d}: want %d", byte, want);
	}
}

/* VCHAR and nothing else; the percent sign only in front of what belongs to it. */
static void
every_byte_alone(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		uint8_t alone = (uint8_t)byte;
		bool want = byte >= 0x21 && byte <= 0x7e && byte != '%';
		if (spf_macro_is_valid(span_of(&alone, 1)) != want)
			fail_msg("\\%03d: want %d", byte, want);
	}
}

static void
what_is_no_macro_string(void **state)
{
	static const char *const texts[] = { "%", "a%", "%a", "%(i)", "% ", "%{", "%{}",
		"%{i", "%{ii}", "%{i }", "%{ i}", "%{d0}", "%{d00}", "%{d2r2}",
		"%{d-r}", "%{d-2}", "%{drr}", "%{d:}", "%{d|}", "%{d2", "%{dr", "%{d-",
		"%{2d}", "%{-}", "%{a}", "%{z}", "%{i}}%", "a b", "a\tb", "a\x7f",
		"\xc3\xa4.example" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (spf_macro_is_valid(span_text(texts[i])))
			fail_msg("'%s': want it refused", texts[i]);
	assert_true(spf_macro_is_valid(span_text("")));
	assert_false(spf_macro_is_valid(span_of("a\0b", 3)));
}

struct domain_case {
	const char *text;
	bool valid;
	bool has_macro;
};

static void
check_domain(const struct domain_case *test)
{
	bool has_macro;
	bool valid = spf_domain_spec_is_valid(span_text(test->text), &has_macro);
	if (valid != test->valid)
		fail_msg("'%s': got %d", test->text, valid);
	if (valid && has_macro != test->has_macro)
		fail_msg("'%s': has_macro is %d", test->text, has_macro);
}

/* The top label is all that the grammar asks of a name. */
static void
domain_specs_by_their_end(void **state)
{
	static const struct domain_case cases[] = {
		{ "example.com", true, false },
		{ "example.com.", true, false },
		{ "EXAMPLE.COM", true, false },
		{ "_spf.example.com", true, false },
		{ "foo:bar/baz.example.com", true, false },
		{ "a@b!c.example", true, false },
		{ "a..example", true, false }, /* no name, but a domain-spec */
		{ ".example", true, false },
		{ "a.b-c", true, false },
		{ "a.b--c", true, false },
		{ "a.xn--zckzah", true, false },
		{ "a.1a", true, false },
		{ "a.1-1", true, false },
		{ "a.x", true, false },
		{ "", false, false },
		{ ".", false, false },
		{ "..", false, false },
		{ "example", false, false },
		{ "example.", false, false },
		{ "example.com..", false, false },
		{ "192.0.2.1", false, false },
		{ "a.123", false, false },
		{ "a.-b", false, false },
		{ "a.b-", false, false },
		{ "a.-", false, false },
		{ "a.b_c", false, false },
		{ "a.b:25", false, false },
		{ "a.b/24", false, false },
		{ "a.b\t", false, false },
		{ "a b.c", false, false },
		{ "a\xff.com", false, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_domain(&cases[i]);
}

static void
domain_specs_with_macros(void **state)
{
	static const struct domain_case cases[] = {
		{ "%{d}", true, true },
		{ "%{i}._x.%{d2}", true, true },
		{ "%{i}.example.com", true, true },
		{ "%{i}.example.com.", true, true },
		{ "%{i}.com", true, true },
		{ "a%%b.example.com", true, true },
		{ "example.com%%", true, true }, /* ends in what counts as a macro */
		{ "example.com%_", true, true },
		{ "%-", true, true },
		{ "%{d}com", false, false },
		{ "%{d}.", false, false },
		{ "%{d}..", false, false },
		{ "%{d}.123", false, false },
		{ "%{d}.example.com/24", false, false },
		{ "%{d}x", false, false },
		{ "%{a}.example.com", false, false },
		{ "%{i.example.com", false, false },
		{ "foo%.example.com", false, false },
		{ "foo%(ir).example.com", false, false },
		/* Only explanations may tell client, receiver and time (7.2). */
		{ "%{c}", false, false },
		{ "%{c}.example.com", false, false },
		{ "%{R}.example.com", false, false },
		{ "%{t}.example.com", false, false },
		{ "a.%{d}.%{C2r-}", false, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_domain(&cases[i]);
}

static void
explanations_may_use_every_letter(void **state)
{
	(void)state;
	assert_true(spf_macro_is_valid(span_text("%{c}-%{r}-%{t}")));
}

static void
what_of_a_message_is_needed(void **state)
{
	static const struct {
		const char *text, *needs;
	} cases[] = {
		{ "example.com", "" },
		{ "_spf.%{d2r}", "" },
		{ "a%%{s}.%{d}", "" },
		{ "%{l1r-}.%{o}", "the sender" },
		{ "%{IR}.%{v}", "the client's address" },
		{ "%{h}.%{d}.%{s}", "the sender and the HELO name" },
		{ "%{p}.%{i}", "the client's address and the client's name" },
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_string_equal(
		    spf_macro_needs(arena, span_text(cases[i].text)), cases[i].needs);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_of_a_message_is_needed),
		cmocka_unit_test(pieces),
		cmocka_unit_test(every_letter),
		cmocka_unit_test(every_byte_alone),
		cmocka_unit_test(what_is_no_macro_string),
		cmocka_unit_test(domain_specs_by_their_end),
		cmocka_unit_test(domain_specs_with_macros),
		cmocka_unit_test(explanations_may_use_every_letter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
