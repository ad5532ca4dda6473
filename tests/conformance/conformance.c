/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * conformance: runs the openspf test suite for RFC 7208 on the pure evaluator, without
 * network, and says in TAP how each case came out.
 *
 *	conformance SUITE.yml
 *
 * The suite is a YAML file of several documents, one a scenario: a description, tests
 * and the zone that they share. A zone becomes one of tests/support/zone, in which its
 * oddities have to be written out:
 *
 *  - code points stand for single bytes, and names and texts may hold any of them;
 *  - several strings are one record; none at all is illegal on the wire, and becomes an
 *    empty one;
 *  - SPF records are copied to TXT, unless the name has TXT records of its own;
 *    "TXT: NONE" is only there to stop that;
 *  - a bare word such as TIMEOUT is for all types of which the name has no record.
 */
#include "core/arena.h"
#include "core/buf.h"
#include "core/die.h"
#include "spf/check_host.h"
#include "support/receiver.h"
#include "support/zone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

enum { TEXT_MAX = 4096, LINE_MAX_BYTES = 16 * TEXT_MAX };

struct suite {
	unsigned tests, failures;
};

/* One document of the file. */
struct scenario {
	yaml_document_t *document;
	struct arena *arena;
	struct span title;
	struct zone *zone;
	struct buf why; /* what is wrong with the zone; empty: nothing */
};

/* --- reading YAML --------------------------------------------------------- */

/* The next code point as a byte; those beyond 255 stand for none. */
static bool
take_code_point(struct span *rest, uint8_t *byte)
{
	uint8_t first, second;
	if (!span_take_u8(rest, &first))
		return false;
	*byte = first;
	if (first < 0x80)
		return true;
	if (!span_take_u8(rest, &second))
		return false;
	*byte = (uint8_t)(first << 6 | (second & 0x3f));
	return first == 0xc2 || first == 0xc3;
}

/* A scalar's bytes; NULL and lists have none. */
static struct span
bytes_of(const struct scenario *scenario, const yaml_node_t *node)
{
	char memory[TEXT_MAX];
	struct buf bytes;
	uint8_t byte;
	if (node == NULL || node->type != YAML_SCALAR_NODE)
		return span_text("");
	struct span rest = span_of(node->data.scalar.value, node->data.scalar.length);
	buf_wrap(&bytes, memory, sizeof(memory));
	while (take_code_point(&rest, &byte))
		buf_add_byte(&bytes, byte);
	if (rest.length > 0 || bytes.cut)
		die_unknown("the suite holds a text that is too long, or not of bytes");
	return arena_copy(scenario->arena, buf_span(&bytes));
}

static yaml_node_t *
node_at(const struct scenario *scenario, int index)
{
	return yaml_document_get_node(scenario->document, index);
}

static bool
is_text(const struct scenario *scenario, const yaml_node_t *node, const char *text)
{
	return node != NULL && node->type == YAML_SCALAR_NODE &&
	    span_equal(bytes_of(scenario, node), span_text(text));
}

/* The value of a mapping's key, or NULL. */
static yaml_node_t *
value_of(const struct scenario *scenario, const yaml_node_t *mapping, const char *key)
{
	if (mapping == NULL || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	for (; pair < mapping->data.mapping.pairs.top; pair++)
		if (is_text(scenario, node_at(scenario, pair->key), key))
			return node_at(scenario, pair->value);
	return NULL;
}

/* Element `index` of a list; a scalar is a list of one. NULL behind the end. */
static yaml_node_t *
element(const struct scenario *scenario, yaml_node_t *node, size_t index)
{
	if (node == NULL || node->type == YAML_SCALAR_NODE)
		return index == 0 ? node : NULL;
	if (node->type != YAML_SEQUENCE_NODE)
		return NULL;
	const yaml_node_item_t *items = node->data.sequence.items.start;
	size_t count = (size_t)(node->data.sequence.items.top - items);
	return index < count ? node_at(scenario, items[index]) : NULL;
}

/* --- writing a zone ------------------------------------------------------- */

static void
add_escaped(struct buf *line, struct span bytes, const char *plain)
{
	for (size_t i = 0; i < bytes.length; i++) {
		uint8_t byte = bytes.bytes[i];
		if (byte_is_alnum(byte) || span_contains_byte(span_text(plain), byte))
			buf_add_byte(line, byte);
		else
			buf_addf(line, "\\%03u", byte);
	}
}

/* Absolute, with and without a dot at its end; "" is the root. */
static void
add_name(struct buf *line, struct span name)
{
	add_escaped(line, name, "-_.");
	if (name.length == 0 || name.bytes[name.length - 1] != '.')
		buf_add_byte(line, '.');
}

static void
add_address(const struct scenario *scenario, struct buf *line, yaml_node_t *value)
{
	buf_add(line, bytes_of(scenario, value));
}

static void
add_target(const struct scenario *scenario, struct buf *line, yaml_node_t *value)
{
	add_name(line, bytes_of(scenario, value));
}

/* [preference, name] */
static void
add_exchanger(const struct scenario *scenario, struct buf *line, yaml_node_t *value)
{
	buf_add(line, bytes_of(scenario, element(scenario, value, 0)));
	buf_add_byte(line, ' ');
	add_name(line, bytes_of(scenario, element(scenario, value, 1)));
}

static void
add_strings(const struct scenario *scenario, struct buf *line, yaml_node_t *value)
{
	size_t i = 0;
	do {
		struct span string = bytes_of(scenario, element(scenario, value, i++));
		buf_add_text(line, i > 1 ? " \"" : "\"");
		add_escaped(line, string, "-_.:/%=~?+ ");
		buf_add_byte(line, '"');
	} while (element(scenario, value, i) != NULL);
}

static const struct {
	const char *name;
	void (*add)(const struct scenario *, struct buf *, yaml_node_t *);
} types[] = {
	{ "A", add_address },
	{ "AAAA", add_address },
	{ "CNAME", add_target },
	{ "MX", add_exchanger },
	{ "PTR", add_target },
	{ "SPF", add_strings },
	{ "TXT", add_strings },
};

/* Bare words, and how a zone says the same. */
static const struct {
	const char *word, *fact;
} faults[] = {
	{ "TIMEOUT", "TIMEOUT" },
	{ "RCODE2", "SERVFAIL" },
	{ "RCODE3", "NXDOMAIN" },
	{ "RCODE4", "NOTIMP" },
	{ "RCODE5", "REFUSED" },
};

/* The first failure is kept. */
static void
add_line(struct scenario *scenario, const struct buf *line)
{
	if (scenario->why.length == 0 &&
	    (line->cut ||
		zone_add_line(scenario->zone, buf_span(line), &scenario->why) !=
		    STATUS_OK))
		buf_addf(&scenario->why, ": %s", line->text);
}

static void
add_record(struct scenario *scenario, struct span owner, const char *type,
    size_t reader, yaml_node_t *value)
{
	char memory[LINE_MAX_BYTES];
	struct buf line;
	buf_wrap(&line, memory, sizeof(memory));
	add_name(&line, owner);
	buf_addf(&line, " %s ", type);
	types[reader].add(scenario, &line, value);
	add_line(scenario, &line);
}

static void
add_fault(struct scenario *scenario, struct span owner, struct span word)
{
	char memory[TEXT_MAX];
	struct buf line;
	size_t i = 0;
	while (i < ARRAY_LENGTH(faults) && !span_equal(word, span_text(faults[i].word)))
		i++;
	buf_wrap(&line, memory, sizeof(memory));
	add_name(&line, owner);
	buf_addf(&line, " ANY %s", i < ARRAY_LENGTH(faults) ? faults[i].fact : "?");
	add_line(scenario, &line);
}

static bool
has_own_txt(const struct scenario *scenario, yaml_node_t *entries)
{
	yaml_node_t *entry;
	for (size_t i = 0; (entry = element(scenario, entries, i)) != NULL; i++)
		if (value_of(scenario, entry, "TXT") != NULL)
			return true;
	return false;
}

/* {TYPE: value}, or a bare word. */
static void
add_entry(struct scenario *scenario, struct span owner, const yaml_node_t *entry,
    bool copy_to_txt)
{
	if (entry->type == YAML_SCALAR_NODE) {
		add_fault(scenario, owner, bytes_of(scenario, entry));
		return;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
		yaml_node_t *value = value_of(scenario, entry, types[i].name);
		if (value == NULL || is_text(scenario, value, "NONE"))
			continue;
		add_record(scenario, owner, types[i].name, i, value);
		if (copy_to_txt && strcmp(types[i].name, "SPF") == 0)
			add_record(scenario, owner, "TXT", i, value);
	}
}

static void
add_names(struct scenario *scenario, const yaml_node_t *zone)
{
	if (zone == NULL || zone->type != YAML_MAPPING_NODE)
		return;
	const yaml_node_pair_t *pair = zone->data.mapping.pairs.start;
	for (; pair < zone->data.mapping.pairs.top; pair++) {
		struct span owner = bytes_of(scenario, node_at(scenario, pair->key));
		yaml_node_t *entries = node_at(scenario, pair->value), *entry;
		bool copy_to_txt = !has_own_txt(scenario, entries);
		for (size_t i = 0; (entry = element(scenario, entries, i)) != NULL; i++)
			add_entry(scenario, owner, entry, copy_to_txt);
	}
}

/* --- running -------------------------------------------------------------- */

/* Any of those that the case allows. */
static bool
is_wanted_result(
    const struct scenario *scenario, const yaml_node_t *test, enum spf_result got)
{
	yaml_node_t *wanted = value_of(scenario, test, "result"), *one;
	for (size_t i = 0; (one = element(scenario, wanted, i)) != NULL; i++)
		if (is_text(scenario, one, spf_result_text(got)))
			return true;
	return false;
}

/* DEFAULT is the receiver's own text, thus none of the domain's. */
static bool
is_wanted_explanation(const struct scenario *scenario, const yaml_node_t *test,
    const struct spf_verdict *got)
{
	yaml_node_t *wanted = value_of(scenario, test, "explanation");
	if (got->result != SPF_RESULT_FAIL || wanted == NULL ||
	    is_text(scenario, wanted, "DEFAULT"))
		return got->explanation.length == 0;
	return span_equal(bytes_of(scenario, wanted), got->explanation);
}

static void
tell_difference(const struct scenario *scenario, const yaml_node_t *test,
    const struct spf_verdict *got)
{
	yaml_node_t *wanted = value_of(scenario, test, "result"), *one;
	struct span explanation = bytes_of(
	    scenario, value_of(scenario, test, "explanation"));
	printf("# got  %s (%s) '%s'\n# want", spf_result_text(got->result),
	    got->reason != NULL ? got->reason : "no reason",
	    arena_safe_text(scenario->arena, got->explanation));
	for (size_t i = 0; (one = element(scenario, wanted, i)) != NULL; i++)
		printf(" %s", (const char *)one->data.scalar.value);
	printf(" '%s'\n", arena_safe_text(scenario->arena, explanation));
}

static void
tell(struct suite *suite, const struct scenario *scenario, const char *name, bool good)
{
	suite->tests++;
	suite->failures += !good;
	printf("%s %u - %s/%s\n", good ? "ok" : "not ok", suite->tests,
	    arena_safe_text(scenario->arena, scenario->title), name);
}

static void
run_test(struct suite *suite, struct scenario *scenario, const char *name,
    const yaml_node_t *test)
{
	struct spf_message message = {
		.sender = bytes_of(scenario, value_of(scenario, test, "mailfrom")),
		.helo = bytes_of(scenario, value_of(scenario, test, "helo")),
	};
	struct span host = bytes_of(scenario, value_of(scenario, test, "host"));
	if (!spf_client_parse(&message.client, host)) {
		tell(suite, scenario, name, false);
		printf("# the host is no address\n");
		return;
	}
	struct receiver receiver;
	receiver_init(&receiver, scenario->zone);
	struct spf_verdict got = receiver_check(&receiver, &message);
	bool good = is_wanted_result(scenario, test, got.result) &&
	    is_wanted_explanation(scenario, test, &got);
	tell(suite, scenario, name, good);
	if (!good)
		tell_difference(scenario, test, &got);
	receiver_free(&receiver);
}

static void
run_tests(struct suite *suite, struct scenario *scenario, const yaml_node_t *tests)
{
	if (tests == NULL || tests->type != YAML_MAPPING_NODE)
		return;
	const yaml_node_pair_t *pair = tests->data.mapping.pairs.start;
	for (; pair < tests->data.mapping.pairs.top; pair++) {
		struct span name = bytes_of(scenario, node_at(scenario, pair->key));
		run_test(suite, scenario, arena_safe_text(scenario->arena, name),
		    node_at(scenario, pair->value));
	}
}

static void
run_document(struct suite *suite, yaml_document_t *document)
{
	struct scenario scenario = { .document = document };
	const yaml_node_t *root = yaml_document_get_root_node(document);
	scenario.arena = arena_new();
	scenario.zone = zone_new();
	scenario.title = bytes_of(&scenario, value_of(&scenario, root, "description"));
	buf_init(&scenario.why, TEXT_MAX);
	add_names(&scenario, value_of(&scenario, root, "zonedata"));
	if (scenario.why.length > 0) {
		tell(suite, &scenario, "zonedata", false);
		printf("# %s\n", scenario.why.text);
	}
	run_tests(suite, &scenario, value_of(&scenario, root, "tests"));
	buf_free(&scenario.why);
	zone_free(scenario.zone);
	arena_free(scenario.arena);
}

/* The next document; false at the end of the file, or where it is no YAML. */
static bool
run_next_document(struct suite *suite, yaml_parser_t *parser)
{
	yaml_document_t document;
	if (!yaml_parser_load(parser, &document)) {
		printf("Bail out! line %zu: %s\n", parser->problem_mark.line + 1,
		    parser->problem);
		suite->failures++;
		return false;
	}
	bool has_root = yaml_document_get_root_node(&document) != NULL;
	if (has_root)
		run_document(suite, &document);
	yaml_document_delete(&document);
	return has_root;
}

int
main(int argc, char *argv[])
{
	if (argc != 2) {
		fprintf(stderr, "usage: conformance SUITE.yml\n");
		return 1;
	}
	FILE *file = fopen(argv[1], "rb");
	if (file == NULL) {
		printf("Bail out! %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	struct suite suite = { .tests = 0 };
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		die_unknown("out of memory");
	yaml_parser_set_input_file(&parser, file);
	while (run_next_document(&suite, &parser))
		;
	yaml_parser_delete(&parser);
	fclose(file);
	printf("1..%u\n", suite.tests);
	return suite.failures == 0 && suite.tests > 0 ? 0 : 1;
}
