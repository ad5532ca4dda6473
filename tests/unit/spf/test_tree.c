/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of spf/tree: what a record costs with all that it includes, what is asked for
 * it, and where the walk stops. */
#include "spf/tree.h"

#include "core/limits.h"
#include "dns/question.h"
#include "support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
new_facts(void **state)
{
	*state = facts_new();
	return 0;
}

static int
free_facts(void **state)
{
	facts_free(*state);
	return 0;
}

static struct spf_tree *
walk(struct facts *facts)
{
	struct dns_name domain = facts_name("example.com");
	return spf_tree_walk(facts_view(facts), facts->arena, &domain);
}

/* --- counts --------------------------------------------------------------- */

/* Answers that many cases need: hosts with and without addresses. */
static const struct fact_row hosts[] = {
	{ "host.example", DNS_A, "192.0.2.1" },
	{ "host.example", DNS_AAAA, "2001:db8::1" },
	{ "host.example", DNS_MX, "10 mail.host.example" },
	{ "mail.host.example", DNS_A, "192.0.2.25" },
	{ "mail.host.example", DNS_AAAA, "NODATA" },
	{ "v4.example", DNS_A, "192.0.2.1" },
	{ "v4.example", DNS_AAAA, "NODATA" },
	{ "none.example", DNS_A, "NODATA" },
	{ "none.example", DNS_AAAA, "NODATA" },
	{ "none.example", DNS_MX, "NODATA" },
	{ "none.example", DNS_TXT, "NODATA" },
	{ "gone.example", DNS_A, "NXDOMAIN" },
	{ "gone.example", DNS_AAAA, "NXDOMAIN" },
	{ "gone.example", DNS_MX, "NXDOMAIN" },
	{ "gone.example", DNS_TXT, "NXDOMAIN" },
	{ "fail.example", DNS_A, "SERVFAIL" },
	{ "fail.example", DNS_AAAA, "NODATA" },
	{ "fail.example", DNS_MX, "TIMEOUT" },
	{ "fail.example", DNS_TXT, "REFUSED" },
	{ "free.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ "one.example", DNS_TXT, "v=spf1 mx:host.example -all" },
	{ "two.example", DNS_TXT, "v=spf1 include:one.example -all" },
	{ "text.example", DNS_TXT, "no spf here" },
	{ "several.example", DNS_TXT, "v=spf1 -all" },
	{ "several.example", DNS_TXT, "v=spf1 +all" },
	{ "null.example", DNS_MX, "0 ." },
	{ .name = NULL },
};

struct count_case {
	const char *name;
	const char *record; /* of example.com */
	unsigned lookups, voids, includes, depth;
	bool incomplete;
};

static void
check_counts(struct facts *facts, const struct count_case *test)
{
	facts_put_txt(facts, "example.com", span_text(test->record));
	const struct spf_tree *tree = walk(facts);
	assert_int_equal(tree->root->state, SPF_NODE_RECORD);
	if (tree->lookups != test->lookups || tree->voids != test->voids)
		fail_msg("%s: got %u lookups, %u void, want %u, %u", test->name,
		    tree->lookups, tree->voids, test->lookups, test->voids);
	if (tree->includes != test->includes || tree->depth != test->depth)
		fail_msg("%s: got %u includes, depth %u, want %u, %u", test->name,
		    tree->includes, tree->depth, test->includes, test->depth);
	if (tree->complete == test->incomplete)
		fail_msg("%s: complete is %d", test->name, tree->complete);
	if (facts->view.incomplete)
		fail_msg("%s: something was wanted", test->name);
}

static void
what_a_term_costs(void **state)
{
	static const struct count_case cases[] = {
		{ "nothing", "v=spf1", 0, 0, 0, 1, false },
		{ "free terms", "v=spf1 ip4:192.0.2.1 ip6:::1 exp=b.example x=y -all",
		    0, 0, 0, 1, false },
		{ "a", "v=spf1 a:host.example -all", 1, 0, 0, 1, false },
		{ "a with prefixes", "v=spf1 a:host.example/24//64", 1, 0, 0, 1,
		    false },
		{ "mx", "v=spf1 mx:host.example", 1, 0, 0, 1, false },
		{ "ptr", "v=spf1 ptr ptr:gone.example", 2, 0, 0, 1, false },
		{ "exists", "v=spf1 exists:host.example", 1, 0, 0, 1, false },
		{ "exists by a message", "v=spf1 exists:%{i}.b.example", 1, 0, 0, 1,
		    false },
		{ "include", "v=spf1 include:free.example", 1, 0, 1, 2, false },
		{ "redirect", "v=spf1 redirect=free.example", 1, 0, 1, 2, false },
		{ "nested", "v=spf1 include:two.example mx:host.example", 4, 0, 2, 3,
		    false },
		{ "the same twice", "v=spf1 include:one.example include:one.example", 4,
		    0, 2, 2, false },
		{ "a redirect in front", "v=spf1 redirect=two.example a:host.example",
		    4, 0, 2, 3, false },
		{ "names in any case", "v=spf1 INCLUDE:One.EXAMPLE", 2, 0, 1, 2,
		    false },
		{ "a name that can't be", "v=spf1 a:b..example", 1, 0, 0, 1, false },
		{ "over the limit",
		    "v=spf1 include:two.example include:two.example "
		    "include:two.example "
		    "include:two.example -all",
		    12, 0, 8, 3, false },
	};
	facts_put(*state, hosts);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_counts(*state, &cases[i]);
}

/* Behind `all`, and a redirect beside it (RFC 7208 5.1, 6.1). */
static void
what_is_never_evaluated_costs_nothing(void **state)
{
	static const struct count_case cases[] = {
		{ "behind all", "v=spf1 -all a:b.example mx include:c.example", 0, 0, 0,
		    1, false },
		{ "redirect beside all", "v=spf1 redirect=b.example ~all", 0, 0, 0, 1,
		    false },
		{ "before the first all", "v=spf1 mx:host.example all a -all", 1, 0, 0,
		    1, false },
		{ "behind a faulty all", "v=spf1 all. mx:host.example", 1, 0, 0, 1,
		    true },
		{ "a faulty term", "v=spf1 a:b mx:host.example include:", 1, 0, 0, 1,
		    true },
		{ "the second redirect",
		    "v=spf1 redirect=free.example redirect=two.example", 1, 0, 1, 2,
		    true },
	};
	facts_put(*state, hosts);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_counts(*state, &cases[i]);
}

/* A term is void when all that it asked was answered with nothing (4.6.4). */
static void
void_lookups(void **state)
{
	static const struct count_case cases[] = {
		{ "a, no data", "v=spf1 a:none.example", 1, 1, 0, 1, false },
		{ "a, no name", "v=spf1 a:gone.example", 1, 1, 0, 1, false },
		{ "a of one family", "v=spf1 a:v4.example", 1, 0, 0, 1, false },
		{ "a, one failed", "v=spf1 a:fail.example", 1, 0, 0, 1, true },
		{ "mx, no data", "v=spf1 mx:none.example", 1, 1, 0, 1, false },
		{ "mx, no name", "v=spf1 mx:gone.example", 1, 1, 0, 1, false },
		{ "mx, failed", "v=spf1 mx:fail.example", 1, 0, 0, 1, true },
		{ "null mx", "v=spf1 mx:null.example", 1, 0, 0, 1, false },
		{ "exists, no data", "v=spf1 exists:none.example", 1, 1, 0, 1, false },
		{ "exists, no name", "v=spf1 exists:gone.example", 1, 1, 0, 1, false },
		{ "include, no data", "v=spf1 include:none.example", 1, 1, 1, 1, true },
		{ "include, no name", "v=spf1 include:gone.example", 1, 1, 1, 1, true },
		{ "include, other text", "v=spf1 include:text.example", 1, 0, 1, 1,
		    true },
		{ "include, failed", "v=spf1 include:fail.example", 1, 0, 1, 1, true },
		{ "redirect, no name", "v=spf1 redirect=gone.example", 1, 1, 1, 1,
		    true },
		{ "three terms",
		    "v=spf1 a:none.example mx:none.example exists:gone.example", 3, 3,
		    0, 1, false },
		{ "twice the same", "v=spf1 a:none.example a:none.example", 2, 2, 0, 1,
		    false },
	};
	facts_put(*state, hosts);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_counts(*state, &cases[i]);
}

/* --- nodes ---------------------------------------------------------------- */

struct root_case {
	const char *name;
	struct fact_row rows[3];
	enum spf_node_state want;
	size_t record_count;
};

static void
the_record_is_selected_among_texts(void **state)
{
	static const struct root_case cases[] = {
		{ "one", { { "example.com", DNS_TXT, "v=spf1 -all" } }, SPF_NODE_RECORD,
		    1 },
		{ "beside others",
		    { { "example.com", DNS_TXT, "x=y" },
			{ "example.com", DNS_TXT, "V=SPF1" } },
		    SPF_NODE_RECORD, 1 },
		{ "two",
		    { { "example.com", DNS_TXT, "v=spf1" },
			{ "example.com", DNS_TXT, "v=spf1 -all" } },
		    SPF_NODE_SEVERAL, 2 },
		{ "near miss", { { "example.com", DNS_TXT, "v=spf10 -all" } },
		    SPF_NODE_NONE, 0 },
		{ "no text", { { "example.com", DNS_TXT, "NODATA" } }, SPF_NODE_NONE,
		    0 },
		{ "no name", { { "example.com", DNS_TXT, "NXDOMAIN" } },
		    SPF_NODE_NO_NAME, 0 },
		{ "malformed", { { "example.com", DNS_TXT, "MALFORMED" } },
		    SPF_NODE_FAILED, 0 },
		{ "not asked yet", { { .name = NULL } }, SPF_NODE_WANTED, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct root_case *test = &cases[i];
		struct facts *facts = facts_new();
		facts_put(facts, test->rows);
		const struct spf_tree *tree = walk(facts);
		if (tree->root->state != test->want ||
		    tree->root->record_count != test->record_count)
			fail_msg("%s: got state %d, %zu records", test->name,
			    tree->root->state, tree->root->record_count);
		assert_int_equal(tree->complete, test->want == SPF_NODE_RECORD);
		assert_int_equal(
		    tree->root->record != NULL, test->want == SPF_NODE_RECORD);
		facts_free(facts);
	}
}

/* All strings count, and nothing stands between them (3.3). */
static void
strings_are_joined(void **state)
{
	struct facts *facts = *state;
	char record[700];
	memset(record, ' ', sizeof(record));
	memcpy(record, "v=spf1", 6);
	memcpy(record + sizeof(record) - 4, "-all", 4);
	facts_put_txt(facts, "example.com", span_of(record, sizeof(record)));
	const struct spf_node *root = walk(facts)->root;
	assert_int_equal(root->record->text.length, sizeof(record));
	assert_int_equal(root->record->all->position, sizeof(record) - 3);
	assert_int_equal(root->txt_bytes, 12 + 17 + 11 + 12 + sizeof(record) + 3);
	assert_false(root->txt_truncated);
}

static void
nodes_are_in_the_order_of_visits(void **state)
{
	static const char *const wants[] = { "example.com", "two.example",
		"one.example", "several.example", "free.example" };
	struct facts *facts = *state;
	const struct spf_node *node;
	size_t count = 0;
	facts_put(facts, hosts);
	facts_put_txt(facts, "example.com",
	    span_text("v=spf1 include:two.example redirect=free.example "
		      "include:several.example"));
	const struct spf_tree *tree = walk(facts);
	for (node = tree->root; node != NULL; node = node->next)
		assert_string_equal(
		    dns_name_text(facts->arena, &node->name), wants[count++]);
	assert_int_equal(count, ARRAY_LENGTH(wants));
	assert_int_equal(tree->node_count, count);
	assert_int_equal(tree->last->state, SPF_NODE_RECORD);
	assert_int_equal(tree->last->via->kind, SPF_REDIRECT);
	assert_ptr_equal(tree->last->parent, tree->root);
}

static void
a_step_knows_what_failed(void **state)
{
	struct facts *facts = *state;
	facts_put(facts, hosts);
	facts_put_txt(facts, "example.com",
	    span_text("v=spf1 a:fail.example mx:fail.example mx:host.example"));
	const struct spf_node *root = walk(facts)->root;
	assert_int_equal(root->step_count, 3);
	assert_int_equal(root->steps[0].outcome, OUTCOME_SERVFAIL);
	assert_int_equal(root->steps[0].failed_type, DNS_A);
	assert_int_equal(root->steps[1].outcome, OUTCOME_TIMEOUT);
	assert_int_equal(root->steps[1].failed_type, DNS_MX);
	assert_false(outcome_is_failure(root->steps[2].outcome));
}

/* --- circles and caps ----------------------------------------------------- */

struct loop_case {
	const char *name;
	struct fact_row rows[4];
	unsigned lookups;
	size_t nodes;
};

static void
a_loop_is_followed_once(void **state)
{
	static const struct loop_case cases[] = {
		{ "itself",
		    { { "example.com", DNS_TXT, "v=spf1 include:example.com" } }, 1,
		    2 },
		{ "itself, in other letters",
		    { { "example.com", DNS_TXT, "v=spf1 include:EXAMPLE.com." } }, 1,
		    2 },
		{ "by redirect",
		    { { "example.com", DNS_TXT, "v=spf1 redirect=example.com" } }, 1,
		    2 },
		{ "by another",
		    { { "example.com", DNS_TXT, "v=spf1 include:b.example" },
			{ "b.example", DNS_TXT, "v=spf1 include:example.com" } },
		    2, 3 },
		{ "further down",
		    { { "example.com", DNS_TXT, "v=spf1 include:b.example" },
			{ "b.example", DNS_TXT, "v=spf1 redirect=c.example" },
			{ "c.example", DNS_TXT, "v=spf1 include:b.example" } },
		    3, 4 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct loop_case *test = &cases[i];
		struct facts *facts = facts_new();
		facts_put(facts, test->rows);
		const struct spf_tree *tree = walk(facts);
		if (tree->lookups != test->lookups || tree->node_count != test->nodes)
			fail_msg("%s: got %u lookups, %zu nodes", test->name,
			    tree->lookups, tree->node_count);
		assert_int_equal(tree->last->state, SPF_NODE_LOOP);
		assert_false(tree->complete);
		assert_false(facts->view.incomplete);
		facts_free(facts);
	}
}

/* n0 includes n1 `times` times, n1 includes n2, and so on. */
static void
put_chain(struct facts *facts, unsigned length, unsigned times)
{
	for (unsigned i = 0; i < length; i++) {
		struct buf record;
		char name[32];
		buf_init(&record, 1000);
		buf_add_text(&record, "v=spf1");
		for (unsigned j = 0; j < times; j++)
			buf_addf(&record, " include:n%u.example", i + 1);
		snprintf(name, sizeof(name), "n%u.example", i);
		facts_put_txt(facts, i > 0 ? name : "example.com", buf_span(&record));
		buf_free(&record);
	}
}

static void
depth_has_a_limit(void **state)
{
	struct facts *facts = *state;
	put_chain(facts, LIMIT_SPF_DEPTH + 10, 1);
	const struct spf_tree *tree = walk(facts);
	assert_int_equal(tree->depth, LIMIT_SPF_DEPTH);
	assert_int_equal(tree->lookups, LIMIT_SPF_DEPTH);
	assert_int_equal(tree->last->state, SPF_NODE_TOO_LARGE);
	assert_int_equal(tree->last->depth, LIMIT_SPF_DEPTH + 1);
	assert_false(tree->complete);
	assert_false(facts->view.incomplete);
}

/* Else 15 records that include the next one twice would be 65,000 visits. What was
 * followed once costs the same again. */
static void
the_number_of_records_has_a_limit(void **state)
{
	struct facts *facts = *state;
	put_chain(facts, 15, 2);
	const struct spf_tree *tree = walk(facts);
	size_t records = 0;
	for (const struct spf_node *node = tree->root; node != NULL; node = node->next)
		records += node->state != SPF_NODE_TOO_LARGE;
	assert_true(records <= LIMIT_SPF_RECORDS);
	assert_true(tree->node_count < 2 * LIMIT_SPF_RECORDS + LIMIT_SPF_DEPTH);
	assert_int_equal(tree->lookups, 65534);
	assert_false(tree->complete);
}

static void
counting_has_an_end(void **state)
{
	struct facts *facts = *state;
	put_chain(facts, 30, 20);
	const struct spf_tree *tree = walk(facts);
	assert_int_equal(tree->lookups, LIMIT_SPF_LOOKUPS_COUNTED);
	assert_false(tree->complete);
}

/* Each visit of n1 is 900 terms more. */
static void
lookup_terms_have_a_limit(void **state)
{
	enum { TERMS = 900, VISITS = LIMIT_SPF_STEPS / TERMS + 1 };
	struct facts *facts = *state;
	struct buf record;
	buf_init(&record, LIMIT_MESSAGE_BYTES);
	buf_add_text(&record, "v=spf1");
	for (int i = 0; i < TERMS; i++)
		buf_add_text(&record, " a:host.example");
	facts_put(facts, hosts);
	facts_put_txt(facts, "n1.example", buf_span(&record));
	buf_clear(&record);
	buf_add_text(&record, "v=spf1");
	for (int i = 0; i < VISITS; i++)
		buf_add_text(&record, " include:n1.example");
	facts_put_txt(facts, "example.com", buf_span(&record));
	buf_free(&record);

	const struct spf_tree *tree = walk(facts);
	assert_int_equal(tree->step_count, LIMIT_SPF_STEPS);
	assert_int_equal(tree->lookups, LIMIT_SPF_STEPS);
	assert_false(tree->complete);
	assert_false(facts->view.incomplete);
}

/* --- wants ---------------------------------------------------------------- */

/* The names and types wanted, in order. */
static void
check_wants(struct facts *facts, const char *want)
{
	char memory[512];
	struct buf got;
	buf_wrap(&got, memory, sizeof(memory));
	walk(facts);
	for (size_t i = 0; i < facts->view.want_count; i++) {
		struct dns_name name;
		uint16_t type;
		assert_true(dns_key_read(facts->view.wants[i], &name, &type));
		buf_addf(&got, "%s%s ", i > 0 ? ", " : "", dns_type_text(type));
		dns_name_add(&got, &name);
	}
	assert_string_equal(got.text, want);
	assert_int_equal(facts->view.incomplete, want[0] != '\0');
}

/* One round asks for all that does not depend on another answer, each once. */
static void
a_round_wants_all_that_it_can(void **state)
{
	struct facts *facts = *state;
	check_wants(facts, "TXT example.com");
	facts_put_txt(facts, "example.com",
	    span_text("v=spf1 a mx include:two.example a:v4.example a ptr "
		      "exists:%{i}.b.example exists:c.example redirect=free.example"));
	check_wants(facts,
	    "A example.com, AAAA example.com, MX example.com, TXT two.example, "
	    "A v4.example, AAAA v4.example, A c.example, TXT free.example");
	facts_put(facts, hosts);
	check_wants(
	    facts, "A example.com, AAAA example.com, MX example.com, A c.example");
	static const struct fact_row rest[] = {
		{ "example.com", DNS_A, "NODATA" },
		{ "example.com", DNS_AAAA, "NODATA" },
		{ "example.com", DNS_MX, "NODATA" },
		{ "c.example", DNS_A, "127.0.0.2" },
		{ .name = NULL },
	};
	facts_put(facts, rest);
	check_wants(facts, "");
}

/* --- questions about a tree ----------------------------------------------- */

struct deciding_case {
	const char *record, *want; /* NULL: nobody */
};

static void
who_decides_what_holds_for_others(void **state)
{
	static const struct deciding_case cases[] = {
		{ "v=spf1 -all", "example.com" },
		{ "v=spf1 a:host.example", "example.com" },
		{ "v=spf1 include:free.example", "example.com" },
		{ "v=spf1 redirect=free.example", "free.example" },
		{ "v=spf1 redirect=free.example -all", "example.com" },
		{ "v=spf1 redirect=to.example", "free.example" },
		{ "v=spf1 include:gone.example redirect=two.example", "two.example" },
		{ "v=spf1 redirect=gone.example", NULL },
		{ "v=spf1 redirect=several.example", NULL },
		{ "v=spf1 redirect=example.com", NULL },
		{ "v=spf1 redirect=%{i}.example.com", NULL },
		{ "v=spf1 redirect=a..example.com", NULL },
	};
	struct facts *facts = *state;
	facts_put(facts, hosts);
	facts_put_txt(facts, "to.example", span_text("v=spf1 redirect=free.example"));
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct deciding_case *test = &cases[i];
		facts_put_txt(facts, "example.com", span_text(test->record));
		const struct spf_node *node = spf_tree_deciding_node(walk(facts));
		const char *got = node != NULL
		    ? dns_name_text(facts->arena, &node->name)
		    : NULL;
		if ((got == NULL) != (test->want == NULL) ||
		    (got != NULL && strcmp(got, test->want) != 0))
			fail_msg("%s: got %s, want %s", test->record,
			    got != NULL ? got : "nobody",
			    test->want != NULL ? test->want : "nobody");
	}
}

static void
redirects_are_the_domains_own_records(void **state)
{
	static const bool wants[] = { true, false, false, true, true, false, false };
	struct facts *facts = *state;
	size_t index = 0;
	facts_put(facts, hosts);
	facts_put_txt(facts, "example.com",
	    span_text("v=spf1 include:two.example redirect=to.example"));
	facts_put_txt(facts, "to.example", span_text("v=spf1 redirect=last.example"));
	facts_put_txt(facts, "last.example", span_text("v=spf1 include:two.example"));
	for (const struct spf_node *node = walk(facts)->root; node != NULL;
	     node = node->next)
		assert_int_equal(spf_node_is_own(node), wants[index++]);
	assert_int_equal(index, ARRAY_LENGTH(wants));
}

static void
a_path_names_the_way(void **state)
{
	struct facts *facts = *state;
	put_chain(facts, 10, 1);
	const struct spf_node *node = walk(facts)->root;
	assert_string_equal(spf_node_path(facts->arena, node), "example.com");
	node = node->next->next;
	assert_string_equal(
	    spf_node_path(facts->arena, node), "example.com > n1.example > n2.example");
	for (int i = 0; i < 7; i++)
		node = node->next;
	assert_string_equal(spf_node_path(facts->arena, node),
	    "example.com > ... > n5.example > n6.example > n7.example > n8.example > "
	    "n9.example");
}

#define WITH_FACTS(test) cmocka_unit_test_setup_teardown(test, new_facts, free_facts)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FACTS(what_a_term_costs),
		WITH_FACTS(what_is_never_evaluated_costs_nothing),
		WITH_FACTS(void_lookups),
		cmocka_unit_test(the_record_is_selected_among_texts),
		WITH_FACTS(strings_are_joined),
		WITH_FACTS(nodes_are_in_the_order_of_visits),
		WITH_FACTS(a_step_knows_what_failed),
		cmocka_unit_test(a_loop_is_followed_once),
		WITH_FACTS(depth_has_a_limit),
		WITH_FACTS(the_number_of_records_has_a_limit),
		WITH_FACTS(counting_has_an_end),
		WITH_FACTS(lookup_terms_have_a_limit),
		WITH_FACTS(a_round_wants_all_that_it_can),
		WITH_FACTS(who_decides_what_holds_for_others),
		WITH_FACTS(redirects_are_the_domains_own_records),
		WITH_FACTS(a_path_names_the_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
