/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the exporter's configuration: what it takes, and what it says of the rest.
 */
#include "config.h"
#include "config_schema.h"

#include "core/limits.h"
#include "smtp/fetch.h"
#include "support/self_signed.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A configuration read from text, without its target files. */
struct loaded {
	struct config *config;
	struct config_messages messages;
};

static void
load(struct loaded *loaded, struct span yaml)
{
	config_messages_init(&loaded->messages);
	loaded->config = config_new();
	config_parse(loaded->config, "f", yaml, &loaded->messages);
	config_finish_targets(loaded->config, "f", &loaded->messages);
}

static void
unload(struct loaded *loaded)
{
	config_free(loaded->config);
	config_messages_free(&loaded->messages);
}

static void
load_good(struct loaded *loaded, const char *yaml)
{
	load(loaded, span_text(yaml));
	assert_string_equal(loaded->messages.errors.text, "");
	assert_int_equal(loaded->messages.error_count, 0);
}

static const char full[] =
    "# everything at once\n"
    "nameservers: [\"127.0.0.1:5300\", 192.0.2.1, \"[2001:db8::1]:54\"]\n"
    "trust_ad: true\n"
    "interval: 90s\n"
    "smtp_interval: 2h\n"
    "smtp_port: 2525\n"
    "concurrency: {dns: 50, smtp: 8}\n"
    "checks: [spf]\n"
    "severity:\n"
    "  spf-ptr: ignore\n"
    "  spf-all-softfail: critical\n"
    "thresholds:\n"
    "  spf_dns_lookups: {warning: \"5\", critical: \"~:7\"}\n"
    "targets:\n"
    "  - domain: example.org\n"
    "  - domain: Example.COM.\n"
    "    checks: [spf]\n"
    "target_files:\n"
    "  - domains.d/*.txt\n"
    "  - more.txt\n";

static void
every_key_is_read(void **state)
{
	struct loaded loaded;
	(void)state;
	load_good(&loaded, full);
	const struct config *config = loaded.config;
	assert_int_equal(config->nameservers.count, 3);
	assert_int_equal(config->nameservers.list[0].port, 5300);
	assert_int_equal(config->nameservers.list[1].port, 53);
	assert_true(config->trust_ad_set && config->trust_ad);
	assert_int_equal(config->interval_ms, 90000);
	assert_int_equal(config->smtp_interval_ms, 7200000);
	assert_int_equal(config_smtp(config)->port, 2525);
	assert_int_equal(config->dns_in_flight, 50);
	assert_int_equal(config->smtp_in_flight, 8);
	assert_int_equal(config->policy.severities[FINDING_SPF_PTR], SEVERITY_IGNORE);
	assert_int_equal(
	    config->policy.severities[FINDING_SPF_ALL_SOFTFAIL], SEVERITY_CRITICAL);
	assert_string_equal(config->policy.warning[METRIC_SPF_DNS_LOOKUPS].text, "5");
	assert_string_equal(
	    config->policy.critical[METRIC_SPF_DNS_LOOKUPS].text, "~:7");
	assert_string_equal(config->patterns->text, "domains.d/*.txt");
	assert_int_equal(config->patterns->line, 19);
	assert_string_equal(config->patterns->next->text, "more.txt");
	unload(&loaded);
}

static void
targets_are_sorted_and_in_lower_case(void **state)
{
	struct loaded loaded;
	(void)state;
	load_good(&loaded, full);
	assert_int_equal(loaded.config->target_count, 2);
	assert_string_equal(loaded.config->targets[0].domain, "example.com");
	assert_string_equal(loaded.config->targets[1].domain, "example.org");
	assert_memory_equal(loaded.config->targets[0].wire.bytes, "\7example\3com",
	    sizeof("\7example\3com"));
	assert_int_equal(loaded.config->targets[0].checks, checks_one(0));
	assert_ptr_equal(
	    config_find(loaded.config, "example.org"), &loaded.config->targets[1]);
	assert_null(config_find(loaded.config, "example.net"));
	unload(&loaded);
}

static void
loopback_is_trusted_unless_it_is_said(void **state)
{
	static const struct {
		const char *yaml;
		bool want;
	} cases[] = {
		{ "nameservers: [\"127.0.0.1\", \"[::1]:53\"]\n", true },
		{ "nameservers: [\"127.0.0.1\", \"192.0.2.1\"]\n", false },
		{ "nameservers: [\"127.0.0.1\"]\ntrust_ad: false\n", false },
		{ "nameservers: [\"192.0.2.1\"]\ntrust_ad: true\n", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct loaded loaded;
		load(&loaded, span_text(cases[i].yaml));
		config_settle_resolvers(loaded.config);
		assert_int_equal(loaded.config->trust_ad, cases[i].want);
		unload(&loaded);
	}
}

static void
what_is_not_said_has_a_default(void **state)
{
	struct loaded loaded;
	(void)state;
	load_good(&loaded, "targets: [{domain: example.com}]");
	assert_int_equal(loaded.config->nameservers.count, 0);
	assert_false(loaded.config->trust_ad_set);
	assert_int_equal(loaded.config->interval_ms, 300000);
	assert_int_equal(loaded.config->dns_in_flight, 200);
	assert_int_equal(loaded.config->smtp_in_flight, 32);
	assert_int_equal(loaded.config->smtp_interval_ms, 3600000);
	assert_int_equal(smtp_tls_port(config_smtp(loaded.config)), 25);
	assert_int_equal(loaded.config->targets[0].checks, checks_one(0));
	assert_string_equal(loaded.messages.warnings.text, "");
	unload(&loaded);
}

static void
a_domain_listed_twice_is_joined_with_a_warning(void **state)
{
	struct loaded loaded;
	(void)state;
	load_good(&loaded,
	    "targets: [{domain: b.example}, {domain: a.example}, {domain: "
	    "B.example.}, {domain: c.example}, {domain: b.example}]");
	assert_int_equal(loaded.config->target_count, 3);
	assert_string_equal(loaded.messages.warnings.text,
	    "f: 2 domains are listed more than once and were joined, first of them: "
	    "b.example b.example\n");
	unload(&loaded);
}

static void
an_international_domain_becomes_ascii(void **state)
{
	struct loaded loaded;
	(void)state;
	load_good(&loaded, "targets: [{domain: b\303\274cher.example}]");
	assert_string_equal(loaded.config->targets[0].domain, "xn--bcher-kva.example");
	unload(&loaded);
}

/* --- faults --------------------------------------------------------------- */

#define CHECKS_LINE \
	"checks: unknown check 'spff', expected some of: spf, dmarc, dkim, " \
	"smtp_tls\n"
#define OTHER_KEYS \
	"smtp_interval, concurrency, smtp_port, smtp_tls, checks, severity, " \
	"thresholds, targets, target_files, modules, probe\n"
#define TARGET_KEYS \
	" of a target, expected one of domain, checks, dkim_selectors, senders, " \
	"smtp_port, smtp_tls\n"

static const struct {
	const char *name;
	struct span yaml;
	const char *want;
} faults[] = {
	{ "empty", SPAN(""), "f:1: the file is empty\n" },
	{ "comments only", SPAN("# nothing\n\n"), "f:3: the file is empty\n" },
	{ "a list", SPAN("- a\n- b\n"),
	    "f:1: configuration: expected a mapping such as targets: [{domain: "
	    "example.com}], found a list\n" },
	{ "a word", SPAN("\n\nhello\n"),
	    "f:3: configuration: expected a mapping such as targets: [{domain: "
	    "example.com}], found a single value\n" },
	{ "two documents", SPAN("interval: 5m\n---\ninterval: 6m\n"),
	    "f:2: a second document begins; one file holds one\n" },
	{ "an unknown key", SPAN("interval: 5m\nintervall: 5m\n"),
	    "f:2: unknown key 'intervall', expected one of nameservers, trust_ad, "
	    "interval, " OTHER_KEYS },
	{ "a key of a target",
	    SPAN("targets:\n - domain: a.example\n   chekcs: [spf]\n"),
	    "f:3: unknown key 'chekcs'" TARGET_KEYS },
	{ "a key of concurrency", SPAN("concurrency: {https: 3}"),
	    "f:1: unknown key 'https' in concurrency, expected one of dns, smtp\n" },
	{ "a key twice", SPAN("interval: 5m\ninterval: 5m\n"),
	    "f:2: key 'interval' stands twice\n" },
	{ "a target's key twice", SPAN("targets:\n- domain: a.b\n  domain: a.c\n"),
	    "f:3: key 'domain' stands twice of a target\n" },
	{ "no value", SPAN("interval:\n"),
	    "f:1: interval: expected a duration such as 5m, found nothing\n" },
	{ "a list for a value", SPAN("interval: [5m]\n"),
	    "f:1: interval: expected a duration such as 5m, found a list\n" },
	{ "a word as interval", SPAN("interval: often\n"),
	    "f:1: interval: 'often' is no duration, expected one such as 30s, 5m or "
	    "1h\n" },
	{ "no unit", SPAN("interval: 300\n"),
	    "f:1: interval: '300' is no duration, expected one such as 30s, 5m or "
	    "1h\n" },
	{ "below a second", SPAN("interval: 500ms\n"),
	    "f:1: interval: 500ms is out of range, expected 1s to 30d\n" },
	{ "above a month", SPAN("interval: 31d\n"),
	    "f:1: interval: 31d is out of range, expected 1s to 30d\n" },
	{ "trust_ad", SPAN("trust_ad: yes\n"),
	    "f:1: trust_ad: 'yes' is not a truth value, expected true or false\n" },
	{ "concurrency", SPAN("concurrency: {dns: 0}\n"),
	    "f:1: concurrency: dns: '0' is out of range, expected a number from 1 to "
	    "4096\n" },
	{ "a nameserver", SPAN("nameservers:\n- 127.0.0.1\n- dns.example.com\n"),
	    "f:3: nameservers: 'dns.example.com' is no address, expected one such as "
	    "192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:5300\n" },
	{ "no nameserver", SPAN("nameservers: []\n"),
	    "f:1: nameservers: the list is empty, expected at least one address\n" },
	{ "an unknown check", SPAN("checks: [spff]\n"), "f:1: " CHECKS_LINE },
	{ "an unknown check of a target",
	    SPAN("targets:\n- domain: a.b\n  checks: [spf,\n  spff]\n"),
	    "f:4: " CHECKS_LINE },
	{ "no check", SPAN("checks: []\n"),
	    "f:1: checks: the list is empty, expected some of: spf, dmarc, dkim, "
	    "smtp_tls\n" },
	{ "an unknown finding", SPAN("severity:\n  spf-prt: info\n"),
	    "f:2: severity: unknown finding 'spf-prt', did you mean spf-ptr?\n" },
	{ "an unknown severity", SPAN("severity: {spf-ptr: bad}\n"),
	    "f:1: severity: spf-ptr: 'bad' is no severity, expected ignore, info, "
	    "unknown, warning or critical\n" },
	{ "a finding twice", SPAN("severity: {spf-ptr: info, spf-ptr: info}\n"),
	    "f:1: severity: spf-ptr stands twice\n" },
	{ "an unknown metric", SPAN("thresholds: {spf_dns_lookup: {warning: 3}}\n"),
	    "f:1: thresholds: unknown metric 'spf_dns_lookup', did you mean "
	    "spf_dns_lookups?\n" },
	{ "a bad range", SPAN("thresholds:\n  spf_depth:\n    critical: 9:3\n"),
	    "f:3: thresholds: '9:3' is no range, expected [@][start:][end] such as "
	    "\"10\" or \"~:10\"\n" },
	{ "a range without its level", SPAN("thresholds: {spf_depth: 9}\n"),
	    "f:1: spf_depth: expected a mapping such as {warning: \"8\", critical: "
	    "\"10\"}, found a single value\n" },
	{ "a target that is a word", SPAN("targets:\n- example.com\n"),
	    "f:2: targets: expected a mapping such as {domain: example.com}, found a "
	    "single value\n" },
	{ "a target without domain", SPAN("targets:\n- checks: [spf]\n"),
	    "f:2: targets: no domain, expected {domain: example.com}\n" },
	{ "a bad domain", SPAN("targets:\n- domain: a..b\n"),
	    "f:2: domain 'a..b' has an empty label (two dots in a row, or a leading "
	    "dot), expected one such as example.com\n" },
	{ "the root", SPAN("targets:\n- domain: .\n"),
	    "f:2: domain '.' is empty, expected one such as example.com\n" },
	{ "an alias", SPAN("checks: &c [spf]\ntargets: [{domain: a.b, checks: *c}]"),
	    "f:1: anchors, aliases and tags are not supported\n" },
	{ "a tag", SPAN("interval: !!str 5m\n"),
	    "f:1: anchors, aliases and tags are not supported\n" },
	{ "a key that is a list", SPAN("interval: 5m\n? [a]\n: b\n"),
	    "f:2: a key has to be plain text\n" },
	{ "too deep", SPAN("targets: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]\n"),
	    "f:1: lists and mappings are nested too deep\n" },
	{ "not UTF-8", SPAN("interval: 5m\nchecks: [\377]\n"),
	    "f:2: not readable as UTF-8 text\n" },
	{ "not YAML", SPAN("interval: 5m\nchecks: [spf\n"),
	    "f:3: not valid YAML: did not find expected ',' or ']'\n" },
	{ "a port", SPAN("smtp_port: 65536\n"),
	    "f:1: smtp_port: '65536' is out of range, expected a number from 1 to "
	    "65535\n" },
	{ "scans all the time", SPAN("smtp_interval: 30s\n"),
	    "f:1: smtp_interval: 30s is out of range, expected 1m to 30d\n" },
	{ "a file name with NUL", SPAN("target_files: [\"a\\0b\"]\n"),
	    "f:1: target_files: no file has such a name\n" },
	{ "two faults", SPAN("interval: x\nchecks: [spff]\n"),
	    "f:1: interval: 'x' is no duration, expected one such as 30s, 5m or 1h\n"
	    "f:2: " CHECKS_LINE },
	{ "hostile bytes", SPAN("\"a|\\e[1m\\n\": 1\n"),
	    "f:1: unknown key 'a\\124\\027[1m\\010', expected one of nameservers, "
	    "trust_ad, interval, " OTHER_KEYS },
};

static void
faults_are_told_with_their_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(faults); i++) {
		struct loaded loaded;
		load(&loaded, faults[i].yaml);
		if (strcmp(loaded.messages.errors.text, faults[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", faults[i].name,
			    loaded.messages.errors.text, faults[i].want);
		assert_true(loaded.messages.error_count > 0);
		unload(&loaded);
	}
}

static void
a_flood_of_faults_is_cut(void **state)
{
	struct buf yaml;
	struct loaded loaded;
	(void)state;
	buf_init(&yaml, 1024 * 1024);
	for (int i = 0; i < 1000; i++)
		buf_addf(&yaml, "key%d: 1\n", i);
	load(&loaded, buf_span(&yaml));
	assert_int_equal(loaded.messages.error_count, 1000);
	assert_null(strstr(loaded.messages.errors.text, "key20"));
	assert_non_null(strstr(loaded.messages.errors.text, "key19"));
	unload(&loaded);
	buf_free(&yaml);
}

static void
too_many_nodes_are_refused(void **state)
{
	struct buf yaml;
	struct loaded loaded;
	(void)state;
	buf_init(&yaml, LIMIT_CONFIG_BYTES);
	buf_add_text(&yaml, "checks:\n");
	for (int i = 0; i < LIMIT_CONFIG_NODES; i++)
		buf_add_text(&yaml, "- \n");
	load(&loaded, buf_span(&yaml));
	assert_non_null(strstr(loaded.messages.errors.text, "too many values"));
	unload(&loaded);
	buf_free(&yaml);
}

static void
durations(void **state)
{
	static const struct {
		const char *text;
		int64_t want_ms; /* -1: none */
	} cases[] = {
		{ "1s", 1000 },
		{ "90s", 90000 },
		{ "5m", 300000 },
		{ "1h30m", 5400000 },
		{ "1d", 86400000 },
		{ "500ms", 500 },
		{ "1s500ms", 1500 },
		{ "", -1 },
		{ "5", -1 },
		{ "m", -1 },
		{ "-5m", -1 },
		{ "1.5h", -1 },
		{ "5m5m", -1 },
		{ "5s1h", -1 },
		{ "5 m", -1 },
		{ "5m ", -1 },
		{ "1w", -1 },
		{ "99999999999s", -1 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int64_t got_ms = -1;
		if (!config_duration(span_text(cases[i].text), &got_ms))
			got_ms = -1;
		if (got_ms != cases[i].want_ms)
			fail_msg("%s: got %lld, want %lld", cases[i].text,
			    (long long)got_ms, (long long)cases[i].want_ms);
	}
}

/* --- files ---------------------------------------------------------------- */

static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
remove_file(const char *folder, const char *name)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(remove(path), 0);
}

/* A folder whose own name looks like a pattern. */
static int
make_folder(void **state)
{
	char *folder = strdup("/tmp/mailgauge-[test]*-XXXXXX");
	assert_non_null(mkdtemp(folder));
	*state = folder;
	return 0;
}

static int
remove_folder(void **state)
{
	assert_int_equal(rmdir(*state), 0);
	free(*state);
	return 0;
}

static bool
load_folder(struct loaded *loaded, const char *folder)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/c.yml", folder);
	config_messages_init(&loaded->messages);
	loaded->config = config_new();
	struct buf yaml;
	buf_init(&yaml, LIMIT_CONFIG_BYTES);
	bool is_fine = config_read_file(&yaml, path, &loaded->messages) &&
	    config_load(loaded->config, path, buf_span(&yaml), &loaded->messages);
	buf_free(&yaml);
	return is_fine;
}

static void
target_files_are_found_beside_the_configuration(void **state)
{
	struct loaded loaded;
	const char *folder = *state;
	write_file(folder, "c.yml",
	    "target_files: [\"d-*.txt\"]\ntargets: [{domain: z.example}]\n");
	write_file(folder, "d-1.txt", "# ours\n\nb.example # good\r\n a.example");
	write_file(folder, "d-2.txt", "A.example.\n");
	assert_true(load_folder(&loaded, folder));
	assert_int_equal(loaded.config->target_count, 3);
	assert_string_equal(loaded.config->targets[0].domain, "a.example");
	assert_string_equal(loaded.config->targets[1].domain, "b.example");
	assert_string_equal(loaded.config->targets[2].domain, "z.example");
	unload(&loaded);
	remove_file(folder, "d-1.txt");
	remove_file(folder, "d-2.txt");
	remove_file(folder, "c.yml");
}

static void
faults_in_target_files_have_their_own_line(void **state)
{
	struct loaded loaded;
	const char *folder = *state;
	write_file(folder, "c.yml", "target_files:\n - d.txt\n - none.txt\n - no*\n");
	write_file(folder, "d.txt", "a.example\nb..example\n");
	assert_false(load_folder(&loaded, folder));
	assert_int_equal(loaded.messages.error_count, 2);
	const char *errors = loaded.messages.errors.text;
	assert_non_null(strstr(errors, "/d.txt:2: domain 'b..example' has an empty"));
	assert_non_null(
	    strstr(errors, "/c.yml:3: target_files: there is no none.txt\n"));
	assert_non_null(strstr(loaded.messages.warnings.text,
	    "/c.yml:4: target_files: nothing matches no*\n"));
	unload(&loaded);
	remove_file(folder, "d.txt");
	remove_file(folder, "c.yml");
}

static void
a_stamp_tells_of_target_files(void **state)
{
	struct loaded loaded;
	const char *folder = *state;
	char path[256];
	snprintf(path, sizeof(path), "%s/c.yml", folder);
	write_file(folder, "c.yml", "target_files: [\"d-*.txt\"]\n");
	write_file(folder, "d-1.txt", "a.example\n");
	assert_true(load_folder(&loaded, folder));
	uint64_t first = config_files_stamp(loaded.config, path);
	assert_true(config_files_stamp(loaded.config, path) == first);
	write_file(folder, "d-1.txt", "a.example\nb.example\n");
	uint64_t second = config_files_stamp(loaded.config, path);
	assert_true(second != first);
	write_file(folder, "d-2.txt", "");
	assert_true(config_files_stamp(loaded.config, path) != second);
	remove_file(folder, "d-2.txt");
	assert_true(config_files_stamp(loaded.config, path) == second);
	unload(&loaded);
	remove_file(folder, "d-1.txt");
	remove_file(folder, "c.yml");
}

/* Changes one file when it has been read, and the next, a pipe, is. */
static void *
change_meanwhile(void *folder)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/d-2.txt", (const char *)folder);
	FILE *pipe = fopen(path, "w"); /* from now on the reader waits for us */
	assert_non_null(pipe);
	write_file(folder, "d-1.txt", "a.example\nb.example\n");
	fclose(pipe);
	return NULL;
}

static void
a_stamp_is_older_than_what_was_read(void **state)
{
	struct loaded loaded;
	char *folder = *state;
	char path[256];
	pthread_t other;
	write_file(folder, "c.yml", "target_files: [\"d-*.txt\"]\n");
	write_file(folder, "d-1.txt", "a.example\n");
	snprintf(path, sizeof(path), "%s/d-2.txt", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pthread_create(&other, NULL, change_meanwhile, folder), 0);
	assert_true(load_folder(&loaded, folder));
	pthread_join(other, NULL);
	snprintf(path, sizeof(path), "%s/c.yml", folder);
	assert_true(
	    config_files_stamp(loaded.config, path) != loaded.config->files_stamp);
	unload(&loaded);
	remove_file(folder, "d-1.txt");
	remove_file(folder, "d-2.txt");
	remove_file(folder, "c.yml");
}

static uint64_t
stamp_of_scans(const char *folder, const char *smtp_tls)
{
	struct loaded loaded;
	char text[256];
	snprintf(text, sizeof(text), "targets: [{domain: a.example}]\nsmtp_tls: %s\n",
	    smtp_tls);
	write_file(folder, "c.yml", text);
	if (!load_folder(&loaded, folder))
		fail_msg("%s", loaded.messages.errors.text);
	uint64_t stamp = loaded.config->scans_stamp;
	unload(&loaded);
	return stamp;
}

static void
write_cas(const char *folder, const char *name)
{
	struct buf certificate, key;
	buf_init(&certificate, LIMIT_PEM_BYTES);
	buf_init(&key, LIMIT_PEM_BYTES);
	self_signed_pem(&certificate, &key);
	write_file(folder, name, certificate.text);
	buf_free(&certificate);
	buf_free(&key);
}

static void
another_stamp_is_another_way_to_scan(void **state)
{
	static const char *const others[] = { "{}", "{ehlo: other.example}",
		"{ehlo: a.example, ca_file: ca.pem}", "{ca_file: ca.pem}",
		"{ca_file: other.pem}", "{ca_dir: .}", "{ca_file: ca.pem, ca_dir: .}" };
	uint64_t stamps[ARRAY_LENGTH(others)];
	const char *folder = *state;
	write_cas(folder, "ca.pem");
	write_cas(folder, "other.pem");
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
		stamps[i] = stamp_of_scans(folder, others[i]);
		for (size_t k = 0; k < i; k++)
			if (stamps[i] == stamps[k])
				fail_msg("%s and %s", others[i], others[k]);
	}
	/* What is judged when it is looked at, or asked in the key. */
	assert_true(stamp_of_scans(folder, "{min_tls: 1.3, quick: true}") == stamps[0]);
	/* The file, not its name. */
	write_cas(folder, "ca.pem");
	assert_true(stamp_of_scans(folder, "{ca_file: ca.pem}") != stamps[3]);
	remove_file(folder, "ca.pem");
	char from[256], to[256];
	snprintf(from, sizeof(from), "%s/other.pem", folder);
	snprintf(to, sizeof(to), "%s/ca.pem", folder);
	assert_int_equal(rename(from, to), 0);
	assert_true(stamp_of_scans(folder, "{ca_file: ca.pem}") == stamps[4]);
	remove_file(folder, "ca.pem");
	remove_file(folder, "c.yml");
}

/* As it does where they are named. */
static void
a_stamp_tells_of_the_systems_cas(void **state)
{
	const char *file, *folder, *path;
	char same[256];
	smtp_system_cas(&file, &folder);
	path = file != NULL ? file : folder;
	assert_true((file == NULL) != (folder == NULL));
	if (access(path, R_OK) != 0)
		skip(); /* there are none */
	snprintf(same, sizeof(same), "{%s: \"%s\"}",
	    file != NULL ? "ca_file" : "ca_dir", path);
	assert_true(stamp_of_scans(*state, "{}") == stamp_of_scans(*state, same));
	remove_file(*state, "c.yml");
}

/* Writes a file for which its folder's stamp has to be another one. */
static void
write_noticed(const char *folder, const char *name, const char *text)
{
	uint64_t before = stamp_of_scans(folder, "{ca_dir: .}");
	write_file(folder, name, text);
	uint64_t after = stamp_of_scans(folder, "{ca_dir: .}");
	if (after == before)
		fail_msg("%s has changed", name);
	assert_true(stamp_of_scans(folder, "{ca_dir: .}") == after);
}

static void
a_stamp_tells_of_a_folder_of_cas(void **state)
{
	const char *folder = *state;
	char target[256], link[256];
	write_noticed(folder, "0a1b2c3d.0", "one");
	write_noticed(folder, "0a1b2c3d.0", "two");
	write_noticed(folder, "0a1b2c3d.1", "two");
	write_file(folder, "ca.pem", "one");
	snprintf(target, sizeof(target), "%s/ca.pem", folder);
	snprintf(link, sizeof(link), "%s/ffffffff.0", folder);
	assert_int_equal(symlink(target, link), 0);
	write_noticed(folder, "ca.pem", "two");
	/* Nothing that OpenSSL looks at. */
	uint64_t before = stamp_of_scans(folder, "{ca_dir: .}");
	write_file(folder, "other.pem", "one");
	write_file(folder, "0a1b2c3d.pem", "one");
	write_file(folder, "0a1b2c3d.0", "two");
	assert_true(stamp_of_scans(folder, "{ca_dir: .}") == before);
	remove_file(folder, "0a1b2c3d.0");
	assert_true(stamp_of_scans(folder, "{ca_dir: .}") != before);
	static const char *const names[] = { "0a1b2c3d.1", "ca.pem", "ffffffff.0",
		"other.pem", "0a1b2c3d.pem", "c.yml" };
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		remove_file(folder, names[i]);
}

/* What is not read is told by size and time. */
static void
a_stamp_tells_of_what_is_too_much_to_read(void **state)
{
	const char *folder = *state;
	char name[32];
	for (int i = 0; i <= LIMIT_HASHED_CAS; i++) {
		snprintf(name, sizeof(name), "%08x.0", (unsigned)i);
		write_file(folder, name, "one");
	}
	write_noticed(folder, name, "more");
	struct buf text;
	buf_init(&text, 2 * LIMIT_PEM_BYTES);
	while (text.length <= LIMIT_PEM_BYTES)
		buf_add_byte(&text, 'x');
	write_noticed(folder, "00000000.0", text.text);
	buf_add_byte(&text, 'x');
	write_noticed(folder, "00000000.0", text.text);
	buf_free(&text);
	for (int i = 0; i <= LIMIT_HASHED_CAS; i++) {
		snprintf(name, sizeof(name), "%08x.0", (unsigned)i);
		remove_file(folder, name);
	}
	remove_file(folder, "c.yml");
}

static void
each_domain_is_in_one_share(void **state)
{
	unsigned total = 0, in_first = 0;
	(void)state;
	for (uint32_t index = 1; index <= 3; index++) {
		struct loaded loaded;
		struct buf yaml;
		buf_init(&yaml, LIMIT_CONFIG_BYTES);
		buf_add_text(&yaml, "targets:\n");
		for (int i = 0; i < 300; i++)
			buf_addf(&yaml, "  - domain: d%d.example\n", i);
		load_good(&loaded, yaml.text);
		config_keep_shard(loaded.config, (struct config_shard){ index, 3 });
		assert_in_range(loaded.config->target_count, 70, 130);
		total += (unsigned)loaded.config->target_count;
		in_first += config_find(loaded.config, "d7.example") != NULL;
		unload(&loaded);
		buf_free(&yaml);
	}
	assert_int_equal(total, 300);
	assert_int_equal(in_first, 1);
}

static void
a_missing_configuration_is_told(void **state)
{
	struct loaded loaded;
	assert_false(load_folder(&loaded, *state));
	assert_non_null(
	    strstr(loaded.messages.errors.text, "/c.yml: No such file or directory\n"));
	unload(&loaded);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(targets_are_sorted_and_in_lower_case),
		cmocka_unit_test(loopback_is_trusted_unless_it_is_said),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(a_domain_listed_twice_is_joined_with_a_warning),
		cmocka_unit_test(an_international_domain_becomes_ascii),
		cmocka_unit_test(faults_are_told_with_their_line),
		cmocka_unit_test(a_flood_of_faults_is_cut),
		cmocka_unit_test(too_many_nodes_are_refused),
		cmocka_unit_test(durations),
		WITH_FOLDER(target_files_are_found_beside_the_configuration),
		WITH_FOLDER(faults_in_target_files_have_their_own_line),
		cmocka_unit_test(each_domain_is_in_one_share),
		WITH_FOLDER(a_stamp_tells_of_target_files),
		WITH_FOLDER(a_stamp_is_older_than_what_was_read),
		WITH_FOLDER(another_stamp_is_another_way_to_scan),
		WITH_FOLDER(a_stamp_tells_of_the_systems_cas),
		WITH_FOLDER(a_stamp_tells_of_a_folder_of_cas),
		WITH_FOLDER(a_stamp_tells_of_what_is_too_much_to_read),
		WITH_FOLDER(a_missing_configuration_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
