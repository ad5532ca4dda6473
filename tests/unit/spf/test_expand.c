/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/expand: what macros come to, as texts and as names (RFC 7208 7). */
#include "spf/expand.h"

#include "core/limits.h"
#include "dns/question.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The message of RFC 7208 7.4, and its IPv6 client. */
struct sample {
	struct spf_client client;
	struct dns_name domain;
	struct spf_values values;
};

static void
sample_init(struct sample *sample, const char *ip)
{
	assert_true(spf_client_parse(&sample->client, span_text(ip)));
	sample->domain = facts_name("email.example.com");
	sample->values = (struct spf_values){
		.client = &sample->client,
		.local = span_text("strong-bad"),
		.sender_domain = span_text("email.example.com"),
		.helo = span_text("mail.example.net"),
		.receiver = span_text("mx.example.org"),
		.now_seconds = 1700000000,
		.domain = &sample->domain,
	};
}

struct text_case {
	const char *text, *want;
};

static void
check_text(const struct sample *sample, const struct text_case *test)
{
	struct buf got;
	buf_init(&got, LIMIT_SPF_EXPANSION);
	enum spf_expansion expansion = spf_expand(
	    &got, span_text(test->text), &sample->values, NULL);
	if (expansion != SPF_EXPANDED || strcmp(got.text, test->want) != 0)
		fail_msg("%s: got %d '%s', want '%s'", test->text, expansion, got.text,
		    test->want);
	buf_free(&got);
}

static void
letters(void **state)
{
	static const struct text_case cases[] = {
		{ "", "" },
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{l}", "strong-bad" },
		{ "%{i}", "192.0.2.3" },
		{ "%{c}", "192.0.2.3" },
		{ "%{v}", "in-addr" },
		{ "%{h}", "mail.example.net" },
		{ "%{r}", "mx.example.org" },
		{ "%{t}", "1700000000" },
		{ "a%%b%_c%-d", "a%b c%20d" },
		{ "%%{d}", "%{d}" },
	};
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_text(&sample, &cases[i]);
}

static void
transformers(void **state)
{
	static const struct text_case cases[] = {
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{d1R}", "email" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		    "3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
		    "example.com.trusted-domains.example.net" },
		{ "%{d-}", "email.example.com" },  /* no hyphen, one part */
		{ "%{d1-}", "email.example.com" }, /* the dot splits no more */
		{ "%{d.-}", "email.example.com" },
		{ "%{d99999999999}", "email.example.com" },
	};
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_text(&sample, &cases[i]);
}

static void
parts_between_delimiters(void **state)
{
	static const struct text_case cases[] = {
		{ "%{l.-+,/_=}", "a.b.c.d.e.f.g.h" }, { "%{l3r.-+,/_=}", "c.b.a" },
		{ "%{l}", "a.b-c+d,e/f_g=h" }, { "%{l1}", "b-c+d,e/f_g=h" },
		{ "%{l1-}", "c+d,e/f_g=h" },
		{ "%{l2+}", "a.b-c.d,e/f_g=h" }, /* joined by dots */
	};
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	sample.values.local = span_text("a.b-c+d,e/f_g=h");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_text(&sample, &cases[i]);
	sample.values.local = span_text("..a..");
	check_text(&sample, &(struct text_case){ "%{lr}", "..a.." });
	check_text(&sample, &(struct text_case){ "%{l2}", "." });
}

static void
an_ip6_client(void **state)
{
	static const struct text_case cases[] = {
		{ "%{i}",
		    "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		    "C.B.0.1" },
		{ "%{ir}.%{v}._spf.%{d2}",
		    "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2."
		    "ip6._spf.example.com" },
		{ "%{i4r}", "1.0.0.2" },
		{ "%{c}", "2001:db8::cb01" },
		{ "%{C}", "2001%3Adb8%3A%3Acb01" },
		{ "%{v}", "ip6" },
	};
	struct sample sample;
	(void)state;
	sample_init(&sample, "2001:db8::cb01");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_text(&sample, &cases[i]);
}

/* Upper case: everything but what RFC 3986 leaves unreserved. */
static void
escapes(void **state)
{
	char all[128], want[512];
	struct buf escaped;
	struct sample sample;
	(void)state;
	buf_wrap(&escaped, want, sizeof(want));
	for (int byte = 0; byte < 128; byte++) {
		bool is_plain = byte_is_alnum((uint8_t)byte) ||
		    (byte != 0 && strchr("-._~", byte) != NULL);
		all[byte] = (char)byte;
		if (is_plain)
			buf_add_byte(&escaped, (uint8_t)byte);
		else
			buf_addf(&escaped, "%%%02X", (unsigned)byte);
	}
	sample_init(&sample, "192.0.2.3");
	sample.values.local = span_of(all, sizeof(all));
	check_text(&sample, &(struct text_case){ "%{L}", want });
	sample.values.helo = span_text("m\xc3\xa4il");
	check_text(&sample, &(struct text_case){ "%{H}", "m%C3%A4il" });
	check_text(&sample, &(struct text_case){ "a/%{D1r}?b", "a/email?b" });
}

/* --- what has no value ---------------------------------------------------- */

static void
expect_never(const struct sample *sample, const char *text)
{
	struct buf out;
	buf_init(&out, LIMIT_SPF_EXPANSION);
	enum spf_expansion expansion = spf_expand(
	    &out, span_text(text), &sample->values, NULL);
	if (expansion != SPF_EXPAND_NEVER)
		fail_msg("%s: got %d '%s'", text, expansion, out.text);
	buf_free(&out);
}

static void
without_a_message(void **state)
{
	static const char *const never[] = { "%{s}", "%{l}", "%{o}", "%{i}", "%{c}",
		"%{v}", "%{h}", "%{r}", "%{t}", "%{p}", "%{d}.%{i}" };
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	sample.values.client = NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(never); i++)
		expect_never(&sample, never[i]);
	check_text(&sample, &(struct text_case){ "_spf.%{d2}", "_spf.example.com" });
}

static void
bad_texts(void **state)
{
	static const char *const bad[] = { "%", "50%", "%{z}", "%{d", "%(d)", "a b",
		"\xc3\xa4", "\t" };
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		expect_never(&sample, bad[i]);
}

/* What a sender may choose freely has to stay bounded, and cut nowhere. */
static void
long_and_strange_values(void **state)
{
	char dots[512], long_text[513];
	struct sample sample;
	(void)state;
	memset(dots, '.', sizeof(dots));
	memset(long_text, 'x', sizeof(long_text));
	sample_init(&sample, "192.0.2.3");
	sample.values.local = span_of(dots, 511);
	check_text(&sample, &(struct text_case){ "%{l3}", ".." });
	sample.values.local = span_of(long_text, sizeof(long_text));
	expect_never(&sample, "%{l}");
	expect_never(&sample, "%{l1}");
	expect_never(&sample, "%{s}");
	sample.values.local = span_text("j\xc3\xa4ger"); /* RFC 8616 4 */
	expect_never(&sample, "%{l}");
	expect_never(&sample, "%{S}");
	check_text(&sample, &(struct text_case){ "%{o}", "email.example.com" });
}

/* --- names ---------------------------------------------------------------- */

struct name_case {
	const char *spec, *want; /* NULL: no name */
};

static void
check_name(const struct sample *sample, const struct name_case *test)
{
	struct dns_name name, want;
	enum status status;
	enum spf_expansion expansion = spf_expand_name(
	    &name, &status, span_text(test->spec), &sample->values, NULL);
	assert_int_equal(expansion, SPF_EXPANDED);
	if ((status == STATUS_OK) != (test->want != NULL))
		fail_msg("%s: %s", test->spec, status_text(status));
	if (test->want == NULL)
		return;
	want = facts_name(test->want);
	if (!dns_name_equal(&name, &want))
		fail_msg("%s: not %s", test->spec, test->want);
}

static void
names(void **state)
{
	static const struct name_case cases[] = {
		{ "%{d}", "email.example.com" },
		{ "%{d}.", "email.example.com" },
		{ "_x.%{d2}", "_x.example.com" },
		{ "a.%{h}", NULL },
		{ "%{h}", NULL },
		{ "%{h}.", NULL },
		{ "%{h}..", NULL },
		{ "%{r}", NULL },
		{ "%%{d}.example", "%{d}.example" },
	};
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	sample.values.helo = span_text(".");
	sample.values.receiver = span_text("");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_name(&sample, &cases[i]);
}

/* Labels of `length`, from `first` on: "aaa.bbb.ccc". */
static void
add_labels(struct buf *out, char first, size_t count, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(out, '.');
		for (size_t j = 0; j < length; j++)
			buf_add_byte(out, (uint8_t)(first + (char)i));
	}
}

/* Dropping labels from the left keeps whose name it is. */
static void
names_cut_from_the_left(void **state)
{
	struct buf spec, want;
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	for (size_t labels = 1; labels < 26; labels++) {
		buf_init(&spec, 2000);
		buf_init(&want, 2000);
		add_labels(&spec, 'a', labels, 19);
		buf_add_text(&spec, ".example.com.");
		size_t kept = labels < 12 ? labels : 12; /* 12 * 20 + 11 = 251 */
		add_labels(&want, (char)('a' + labels - kept), kept, 19);
		buf_add_text(&want, ".example.com");
		check_name(&sample, &(struct name_case){ spec.text, want.text });
		buf_free(&spec);
		buf_free(&want);
	}
}

/* Of a text beyond all limits the right-hand end is not known. */
static void
a_text_that_was_cut_is_no_name(void **state)
{
	struct buf spec;
	struct sample sample;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	buf_init(&spec, 20000);
	for (int i = 0; i < 300; i++)
		buf_add_text(&spec, "%{d}.");
	buf_add_text(&spec, "example.net");
	check_name(&sample, &(struct name_case){ spec.text, NULL });
	buf_free(&spec);
}

/* --- the reverse zone ----------------------------------------------------- */

static void
reverse_names(void **state)
{
	static const struct text_case cases[] = {
		{ "192.0.2.3", "3.2.0.192.in-addr.arpa" },
		{ "::ffff:192.0.2.3", "3.2.0.192.in-addr.arpa" },
		{ "0.0.0.0", "0.0.0.0.in-addr.arpa" },
		{ "2001:db8::cb01",
		    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
		    "ip6.arpa" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct spf_client client;
		struct dns_name got, want = facts_name(cases[i].want);
		assert_true(spf_client_parse(&client, span_text(cases[i].text)));
		spf_reverse_name(&got, &client);
		if (!dns_name_equal(&got, &want))
			fail_msg("%s: not %s", cases[i].text, cases[i].want);
	}
}

/* %{p} wants the names, then their addresses, all at once. */
static void
p_comes_later(void **state)
{
	struct facts *facts = facts_new();
	struct sample sample;
	struct buf out;
	(void)state;
	sample_init(&sample, "192.0.2.3");
	buf_init(&out, LIMIT_SPF_EXPANSION);
	struct view *view = facts_view(facts);
	assert_int_equal(spf_expand(&out, span_text("%{p}"), &sample.values, view),
	    SPF_EXPAND_LATER);
	assert_int_equal(view->want_count, 1);

	struct dns_name names[] = { facts_name("a.example"), facts_name("b.example") };
	struct dns_record pointers[] = { { 300, dns_name_span(&names[0]) },
		{ 300, dns_name_span(&names[1]) } };
	struct dns_answer answer = {
		.type = DNS_PTR, .record_count = 2, .records = pointers
	};
	facts_put_answer(facts, "3.2.0.192.in-addr.arpa", &answer);
	view = facts_view(facts);
	assert_int_equal(spf_expand(&out, span_text("%{p}"), &sample.values, view),
	    SPF_EXPAND_LATER);
	assert_int_equal(view->want_count, 2);

	static const struct fact_row rows[] = {
		{ "a.example", DNS_A, "SERVFAIL" },
		{ "b.example", DNS_A, "192.0.2.3" },
		{ .name = NULL },
	};
	facts_put(facts, rows);
	view = facts_view(facts);
	assert_int_equal(
	    spf_expand(&out, span_text("%{p}"), &sample.values, view), SPF_EXPANDED);
	assert_false(view->incomplete);
	assert_string_equal(out.text, "b.example");
	buf_free(&out);
	facts_free(facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters),
		cmocka_unit_test(transformers),
		cmocka_unit_test(parts_between_delimiters),
		cmocka_unit_test(an_ip6_client),
		cmocka_unit_test(escapes),
		cmocka_unit_test(without_a_message),
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(long_and_strange_values),
		cmocka_unit_test(names),
		cmocka_unit_test(names_cut_from_the_left),
		cmocka_unit_test(a_text_that_was_cut_is_no_name),
		cmocka_unit_test(reverse_names),
		cmocka_unit_test(p_comes_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
