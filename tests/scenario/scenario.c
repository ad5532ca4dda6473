/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * scenario: runs the .scn files below its arguments and says in TAP how they came out.
 * tests/scenario/README explains the files. Programs run within this process on a zone
 * of the file and a virtual clock: no network, no waiting, no other process; so main()
 * functions, signals and sockets are not seen here but by tests/system.
 *
 *	scenario [-u | --findings] PATH...
 */
#include "core/arena.h"
#include "core/die.h"
#include "core/finding.h"
#include "dkim/dkim.h"
#include "plugin.h"
#include "dmarc/dmarc.h"
#include "smtp_tls/smtp_tls.h"
#include "spf/spf.h"
#include "support/mail.h"
#include "support/mail_fetch.h"
#include "support/pattern.h"
#include "support/zone.h"
#include "support/zone_fetch.h"

#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1024 * 1024, WORDS_MAX = 64, INDENT = 4, NOT_STATED = -1 };

/* What a run can state besides its output, in the order in which it is written. */
enum figure { FIGURE_EXIT, FIGURE_QUESTIONS, FIGURE_ROUNDS, FIGURE_TAKES, FIGURES };

static const char *const figure_names[FIGURES] = {
	[FIGURE_EXIT] = "exit",
	[FIGURE_QUESTIONS] = "questions",
	[FIGURE_ROUNDS] = "rounds",
	[FIGURE_TAKES] = "takes", /* in milliseconds here */
};

struct result {
	int64_t figures[FIGURES];
	struct buf output;
};

/* One `$` line and what it has to bring. */
struct run {
	struct run *next;
	unsigned line;
	struct span command;
	const struct probe *probe;
	size_t begin, end; /* where the file says what is expected */
	bool closed;       /* a comment came: nothing more is expected */
	unsigned blanks;   /* empty lines that are output if more output follows */
	struct result want, got;
	bool passed;
};

enum part { PART_HEAD, PART_ZONE, PART_SMTP, PART_RUNS };

struct scenario {
	const char *path;
	char name[256]; /* "spf/too-many-lookups" */
	struct arena *arena;
	struct span text;
	struct zone *zone;
	struct mail *mail;
	struct run *first, *last;
	enum part part;
	unsigned line;
	bool found[FINDING_COUNT]; /* in runs that passed */
};

/* What is asked of this program, and how it stands. */
struct session {
	bool update;
	bool only_findings;
	bool found[FINDING_COUNT]; /* in any scenario */
	unsigned tests, failures;
};

static const struct {
	const char *name;
	const struct probe *probe;
} programs[] = {
	{ "check_dkim", &dkim_probe },
	{ "check_dmarc", &dmarc_probe },
	{ "check_smtp_tls", &smtp_tls_probe },
	{ "check_spf", &spf_probe },
};

/* --- reading a file ------------------------------------------------------- */

static enum status
fail(struct buf *why, const char *reason)
{
	buf_add_text(why, reason);
	return STATUS_MALFORMED;
}

/* NULL when there is no such program here. */
static const struct probe *
find_probe(struct span command)
{
	struct span name;
	span_take_until_or_end(&command, ' ', &name);
	for (size_t i = 0; i < ARRAY_LENGTH(programs); i++)
		if (span_equal(name, span_text(programs[i].name)))
			return programs[i].probe;
	return NULL;
}

static enum status
start_run(struct scenario *scenario, struct span line, size_t end, struct buf *why)
{
	struct run *run = arena_alloc(scenario->arena, sizeof(*run));
	run->line = scenario->line;
	run->command = span_trim(span_slice(line, 1, line.length));
	run->probe = find_probe(run->command);
	run->begin = run->end = end;
	for (size_t i = 0; i < FIGURES; i++)
		run->want.figures[i] = NOT_STATED;
	buf_init(&run->want.output, FILE_MAX);
	buf_init(&run->got.output, LIMIT_OUTPUT);
	if (scenario->last != NULL)
		scenario->last->next = run;
	else
		scenario->first = run;
	scenario->last = run;
	if (run->probe == NULL)
		return fail(why, "no program of that name in tests/scenario");
	return STATUS_OK;
}

static enum status
add_output(struct run *run, struct span line)
{
	struct buf *output = &run->want.output;
	for (; run->blanks > 0; run->blanks--)
		if (output->length > 0)
			buf_add_byte(output, '\n');
	buf_add(output, span_slice(line, INDENT, line.length));
	buf_add_byte(output, '\n');
	return STATUS_OK;
}

static enum status
add_figure(struct run *run, struct span line, struct buf *why)
{
	struct span name;
	span_take_until_or_end(&line, ' ', &name);
	enum figure figure = 0;
	while (figure < FIGURES && !span_equal(name, span_text(figure_names[figure])))
		figure++;
	if (figure == FIGURES)
		return fail(why,
		    "expected exit, questions, rounds, takes, a line of "
		    "output behind four blanks, or the next $");
	if (run->want.output.length > 0 || run->want.figures[figure] != NOT_STATED)
		return fail(why, "figures stand before the output, each once");

	struct span value = span_trim(line);
	if (figure == FIGURE_TAKES) {
		if (zone_time_parse(value, &run->want.figures[figure]) == STATUS_OK)
			return STATUS_OK;
		return fail(why, "expected a time such as 20ms or 3s");
	}
	uint32_t number;
	if (!span_take_number(&value, 100000, &number) || value.length > 0)
		return fail(why, "expected a number");
	run->want.figures[figure] = number;
	return STATUS_OK;
}

static enum status
read_run_line(struct scenario *scenario, struct span line, size_t end, struct buf *why)
{
	static const struct span indent = SPAN("    ");
	struct run *run = scenario->last;
	uint8_t byte;
	if (span_peek(&line, &byte) && byte == '$')
		return start_run(scenario, line, end, why);
	if (run == NULL && line.length > 0)
		return fail(why, "expected a command behind a $");
	if (run == NULL)
		return STATUS_OK;
	if (line.length == 0) {
		run->blanks++;
		return STATUS_OK;
	}
	if (run->closed)
		return fail(why, "comments stand before a $, not below it");
	run->end = end;
	if (span_starts_nocase(line, indent))
		return add_output(run, line);
	return add_figure(run, line, why);
}

static enum status
read_heading(struct scenario *scenario, struct span line, struct buf *why)
{
	static const struct {
		const char *heading;
		enum part part;
	} headings[] = {
		{ "[zone]", PART_ZONE },
		{ "[smtp]", PART_SMTP },
		{ "[run]", PART_RUNS },
	};
	size_t i = 0;
	while (i < ARRAY_LENGTH(headings) &&
	    !span_equal(line, span_text(headings[i].heading)))
		i++;
	if (i == ARRAY_LENGTH(headings))
		return fail(why, "expected [zone], [smtp] or [run]");
	if (headings[i].part <= scenario->part && headings[i].part != PART_RUNS)
		return fail(
		    why, "a scenario has one zone, then its servers, then its runs");
	scenario->part = headings[i].part;
	if (scenario->last != NULL)
		scenario->last->closed = true;
	return STATUS_OK;
}

/* `end` is where the next line begins. */
static enum status
read_line(struct scenario *scenario, struct span line, size_t end, struct buf *why)
{
	uint8_t byte = 0;
	span_peek(&line, &byte);
	if (byte == '#') {
		if (scenario->last != NULL)
			scenario->last->closed = true;
		return STATUS_OK;
	}
	if (scenario->line == 1)
		return fail(why, "a scenario begins with a # comment on what it shows");
	if (byte == '[')
		return read_heading(scenario, line, why);
	if (scenario->part == PART_ZONE)
		return zone_add_line(scenario->zone, line, why);
	if (scenario->part == PART_SMTP)
		return mail_add_line(scenario->mail, line, why);
	if (scenario->part == PART_RUNS)
		return read_run_line(scenario, line, end, why);
	return line.length == 0 ? STATUS_OK : fail(why, "expected [zone] or [run]");
}

static enum status
check_complete(struct scenario *scenario, struct buf *why)
{
	if (scenario->first == NULL)
		return fail(why, "a scenario without a run");
	for (const struct run *run = scenario->first; run != NULL; run = run->next) {
		scenario->line = run->line;
		if (run->want.figures[FIGURE_EXIT] == NOT_STATED)
			return fail(why, "a run without its exit code");
	}
	return STATUS_OK;
}

static enum status
read_scenario(struct scenario *scenario, struct buf *why)
{
	struct split lines = { .rest = scenario->text };
	struct span line;
	while (split_next(&lines, '\n', &line)) {
		scenario->line++;
		size_t end = scenario->text.length - lines.rest.length;
		enum status status = read_line(scenario, line, end, why);
		if (status != STATUS_OK)
			return status;
	}
	return check_complete(scenario, why);
}

static enum status
load_file(struct scenario *scenario, struct buf *why)
{
	FILE *file = fopen(scenario->path, "r");
	if (file == NULL)
		return fail(why, strerror(errno));
	char *bytes = arena_alloc(scenario->arena, FILE_MAX);
	size_t length = fread(bytes, 1, FILE_MAX, file);
	bool failed = ferror(file) != 0;
	fclose(file);
	scenario->text = span_of(bytes, length);
	if (failed || length == FILE_MAX)
		return fail(why, "can't be read, or larger than 1 MiB");
	return STATUS_OK;
}

/* The folder and the file's own name, without ".scn". */
static void
name_scenario(struct scenario *scenario)
{
	const char *start = strrchr(scenario->path, '/');
	while (start != NULL && start > scenario->path && start[-1] != '/')
		start--;
	struct span name = span_text(start != NULL ? start : scenario->path);
	struct buf copy;
	buf_wrap(&copy, scenario->name, sizeof(scenario->name));
	buf_add(&copy, span_slice(name, 0, name.length - strlen(".scn")));
}

static enum status
scenario_open(struct scenario *scenario, const char *path, struct buf *why)
{
	*scenario = (struct scenario){ .path = path };
	scenario->arena = arena_new();
	scenario->zone = zone_new();
	scenario->mail = mail_new();
	name_scenario(scenario);
	enum status status = load_file(scenario, why);
	return status == STATUS_OK ? read_scenario(scenario, why) : status;
}

static void
scenario_close(struct scenario *scenario)
{
	for (struct run *run = scenario->first; run != NULL; run = run->next) {
		buf_free(&run->want.output);
		buf_free(&run->got.output);
	}
	mail_free(scenario->mail);
	zone_free(scenario->zone);
	arena_free(scenario->arena);
}

/* --- running -------------------------------------------------------------- */

/* One word of a command line; quotes of either kind keep blanks in it. */
static char *
take_word(struct arena *arena, struct span *rest)
{
	char memory[4096];
	struct buf word;
	buf_wrap(&word, memory, sizeof(memory));
	uint8_t byte;
	while (span_take_u8(rest, &byte) && byte != ' ') {
		struct span quoted = span_of(&byte, 1);
		if (byte == '"' || byte == '\'') {
			span_take_until_or_end(rest, byte, &quoted);
			span_take_byte(rest, byte);
			buf_add(&word, quoted);
			continue;
		}
		buf_add_byte(&word, byte);
	}
	return arena_text(arena, buf_span(&word));
}

static int
split_command(struct arena *arena, struct span command, char *words[WORDS_MAX])
{
	int count = 0;
	while (command.length > 0 && count < WORDS_MAX - 1) {
		if (span_take_byte(&command, ' '))
			continue;
		words[count++] = take_word(arena, &command);
	}
	words[count] = NULL;
	return count;
}

/* Programs make their fetcher from settings alone; this is where it leads to. */
static struct zone_world *current_world;
static const struct mail *current_mail;

static struct fetcher *
make_zone_fetcher(const struct dns_fetch_settings *settings, struct buf *why)
{
	(void)why;
	return zone_fetch_new(current_world, settings->trust_ad);
}

static struct fetcher *
make_mail_fetcher(const void *settings, int64_t deadline_ms, struct buf *why)
{
	(void)settings, (void)why;
	return mail_fetch_new(current_world, current_mail, deadline_ms);
}

/* One that is nowhere, whatever this machine's resolv.conf says: AD is not trusted. */
static enum status
name_server(struct nameservers *servers)
{
	servers->count = 1;
	return nameserver_parse(&servers->list[0], span_text("192.0.2.53"));
}

static void
execute(const struct scenario *scenario, struct run *run)
{
	char *words[WORDS_MAX];
	int count = split_command(scenario->arena, run->command, words);
	struct zone_world zone_world;
	zone_world_init(&zone_world, scenario->zone);
	current_world = &zone_world;
	current_mail = scenario->mail;
	const struct plugin_world world = {
		.clock = &zone_world.clock,
		.now_seconds = MAIL_NOW_SECONDS,
		.servers = name_server,
		.dns = make_zone_fetcher,
		.other = make_mail_fetcher,
	};
	int64_t *figures = run->got.figures;
	figures[FIGURE_EXIT] = (int64_t)plugin_run(
	    run->probe, count, words, &world, &run->got.output);
	figures[FIGURE_QUESTIONS] = zone_world.questions;
	figures[FIGURE_ROUNDS] = zone_world.rounds;
	figures[FIGURE_TAKES] = zone_world.now_ms - ZONE_EPOCH_MS;
	current_world = NULL;
}

static bool
came_out(const struct run *run)
{
	for (size_t i = 0; i < FIGURES; i++)
		if (run->want.figures[i] != NOT_STATED &&
		    run->want.figures[i] != run->got.figures[i])
			return false;
	return pattern_matches(buf_span(&run->want.output), buf_span(&run->got.output));
}

/* --- telling -------------------------------------------------------------- */

/* Lines with something before each; a last line without its line feed is marked. */
static void
add_prefixed(struct buf *out, const char *prefix, struct span text)
{
	struct span line;
	while (span_take_until(&text, '\n', &line)) {
		span_take_byte(&text, '\n');
		if (line.length > 0)
			buf_add_text(out, prefix);
		else if (prefix[0] == '#')
			buf_add_byte(out, '#');
		buf_add(out, line);
		buf_add_byte(out, '\n');
	}
	if (text.length == 0)
		return;
	buf_add_text(out, prefix);
	buf_add(out, text);
	buf_add_text(out, "(and no line end)\n");
}

static void
add_figure_value(struct buf *out, enum figure figure, int64_t value)
{
	const char *unit = "";
	if (figure == FIGURE_TAKES) {
		bool is_whole = value % 1000 == 0;
		unit = is_whole ? "s" : "ms";
		value = is_whole ? value / 1000 : value;
	}
	buf_addf(out, "%lld%s", (long long)value, unit);
}

static void
tell_failure(const struct scenario *scenario, const struct run *run)
{
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	buf_addf(&out, "# %s:%u\n", scenario->path, run->line);
	for (size_t i = 0; i < FIGURES; i++) {
		if (run->want.figures[i] == NOT_STATED ||
		    run->want.figures[i] == run->got.figures[i])
			continue;
		buf_addf(&out, "# %s: want ", figure_names[i]);
		add_figure_value(&out, i, run->want.figures[i]);
		buf_add_text(&out, ", got ");
		add_figure_value(&out, i, run->got.figures[i]);
		buf_add_byte(&out, '\n');
	}
	buf_add_text(&out, "# want:\n");
	add_prefixed(&out, "#     ", buf_span(&run->want.output));
	buf_add_text(&out, "# got:\n");
	add_prefixed(&out, "#     ", buf_span(&run->got.output));
	fputs(out.text, stdout);
	buf_free(&out);
}

static void
tell_run(
    struct session *session, const struct scenario *scenario, const struct run *run)
{
	session->tests++;
	session->failures += !run->passed;
	if (session->only_findings)
		return;
	printf("%s %u - %s: $ %.*s\n", run->passed ? "ok" : "not ok", session->tests,
	    scenario->name, (int)run->command.length, (const char *)run->command.bytes);
	if (!run->passed)
		tell_failure(scenario, run);
}

static bool
contains(struct span text, const char *before, const char *id, const char *after)
{
	char memory[128];
	struct buf wanted;
	buf_wrap(&wanted, memory, sizeof(memory));
	buf_addf(&wanted, "%s%s%s", before, id, after);
	return memmem(text.bytes, text.length, wanted.text, wanted.length) != NULL;
}

/* Ids where the writers put those of a report: at the end of the first line, behind a
 * severity, in JSON. What --explain and --list-findings print does not count. */
static void
note_findings(struct scenario *scenario, const struct run *run)
{
	struct span text = buf_span(&run->got.output);
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const char *id = finding_info(i)->id;
		scenario->found[i] |= contains(text, " [", id, "]") ||
		    contains(text, "] ", id, ": ") || contains(text, "\"", id, "\"");
	}
}

/* A file that is named after a finding has to show it. */
static void
tell_finding(struct session *session, const struct scenario *scenario)
{
	char memory[sizeof(scenario->name)];
	struct buf wanted;
	buf_wrap(&wanted, memory, sizeof(memory));
	for (const char *rest = scenario->name; *rest != '\0'; rest++)
		buf_add_byte(&wanted, *rest == '/' ? '-' : (uint8_t)*rest);
	enum finding_id id;
	if (!finding_by_name(buf_span(&wanted), &id))
		return;
	session->tests++;
	session->failures += !scenario->found[id];
	if (!session->only_findings)
		printf("%s %u - %s: shows %s\n", scenario->found[id] ? "ok" : "not ok",
		    session->tests, scenario->name, wanted.text);
}

/* --- updating ------------------------------------------------------------- */

static void
add_expectation(struct buf *out, const struct run *run)
{
	for (size_t i = 0; i < FIGURES; i++) {
		if (run->want.figures[i] == NOT_STATED)
			continue;
		buf_addf(out, "%s ", figure_names[i]);
		add_figure_value(out, i, run->got.figures[i]);
		buf_add_byte(out, '\n');
	}
	add_prefixed(out, "    ", buf_span(&run->got.output));
}

/* Writes what was seen in place of what was expected, for the runs that failed. */
static void
update_file(const struct scenario *scenario)
{
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	size_t place = 0;
	for (const struct run *run = scenario->first; run != NULL; run = run->next) {
		if (run->passed)
			continue;
		buf_add(&out, span_slice(scenario->text, place, run->begin - place));
		add_expectation(&out, run);
		place = run->end;
	}
	buf_add(&out, span_slice(scenario->text, place, scenario->text.length));

	FILE *file = fopen(scenario->path, "w");
	if (file != NULL && fputs(out.text, file) != EOF && fclose(file) == 0)
		printf("# %s: updated, read what changed\n", scenario->path);
	else
		perror(scenario->path); /* it failed before, and still does */
	buf_free(&out);
}

/* --- all files ------------------------------------------------------------ */

static void
run_all(struct session *session, struct scenario *scenario)
{
	bool passed = true;
	for (struct run *run = scenario->first; run != NULL; run = run->next) {
		execute(scenario, run);
		run->passed = came_out(run);
		if (run->passed)
			note_findings(scenario, run);
		passed &= run->passed;
		tell_run(session, scenario, run);
	}
	tell_finding(session, scenario);
	for (size_t i = 0; i < FINDING_COUNT; i++)
		session->found[i] |= scenario->found[i];
	if (session->update && !passed)
		update_file(scenario);
}

static void
run_file(struct session *session, const char *path)
{
	char memory[512];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct scenario scenario;
	if (scenario_open(&scenario, path, &why) == STATUS_OK) {
		run_all(session, &scenario);
	} else {
		session->tests++;
		session->failures++;
		printf("not ok %u - %s\n# %s:%u: %s\n", session->tests, scenario.name,
		    path, scenario.line, why.text);
	}
	scenario_close(&scenario);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool
is_scenario(const FTSENT *entry)
{
	const char *dot = strrchr(entry->fts_name, '.');
	return entry->fts_info == FTS_F && dot != NULL && strcmp(dot, ".scn") == 0;
}

static bool
run_paths(struct session *session, char *const paths[])
{
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	if (tree == NULL)
		die_unknown("out of memory");
	bool readable = true;
	FTSENT *entry;
	while ((entry = fts_read(tree)) != NULL) {
		if (is_scenario(entry))
			run_file(session, entry->fts_path);
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS ||
		    entry->fts_info == FTS_DNR) {
			fprintf(stderr, "scenario: %s: %s\n", entry->fts_path,
			    strerror(entry->fts_errno));
			readable = false;
		}
	}
	fts_close(tree);
	return readable;
}

static void
tell_findings(const struct session *session)
{
	for (size_t i = 0; i < FINDING_COUNT; i++)
		if (session->found[i])
			printf("%s\n", finding_info(i)->id);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "update", no_argument, NULL, 'u' },
		{ "findings", no_argument, NULL, 'f' },
		{ .name = NULL },
	};
	struct session session = { .tests = 0 };
	int option;
	while ((option = getopt_long(argc, argv, "u", options, NULL)) != -1) {
		session.update |= option == 'u';
		session.only_findings |= option == 'f';
		if (option == '?')
			return 1;
	}
	if (optind == argc) {
		fprintf(stderr, "usage: scenario [-u | --findings] PATH...\n");
		return 1;
	}

	bool readable = run_paths(&session, argv + optind);
	if (session.only_findings)
		tell_findings(&session);
	else
		printf("1..%u\n", session.tests);
	return readable && session.failures == 0 && session.tests > 0 ? 0 : 1;
}
