/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The SPF probe in any world: lines of the input are answers of ten names, and the real
 * driver asks for them. Every run ends within its rounds, no question is asked twice,
 * and all writers have lines to write.
 *
 *	0Tv=spf1 include:1.example -all    TXT of 0.example: any bytes but a line feed
 *	1M                                 an answer of 1.example: see the table
 *	2w                                 2.example does not answer before the deadline
 */
#include "core/limits.h"
#include "core/run.h"
#include "dns/question.h"
#include "spf/spf.h"
#include "support/facts.h"
#include "support/report_check.h"

#include <assert.h>
#include <string.h>

enum {
	NAMES = 10,
	TXT_BYTES_MAX = 60000,
	DEADLINE_MS = 1000,
	ASKED_MAX = LIMIT_FACTS_PER_TARGET + LIMIT_WANTS_PER_ROUND
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What the driver is given; it finds each by its first member. */
struct fake_clock {
	struct clock clock;
	int64_t now_ms;
};

struct fake_fetcher {
	struct fetcher fetcher;
	const struct facts *world; /* what there is */
	const struct store *known; /* what was asked for */
	bool withheld[NAMES];
	struct dns_key asked[ASKED_MAX];
	size_t count, taken;
};

struct fake_check {
	struct job job;
	struct facts *facts;
	bool finished;
};

/* --- the world ------------------------------------------------------------ */

static void
put_line(struct facts *world, bool withheld[NAMES], struct span line)
{
	static const struct {
		char kind;
		uint16_t type;
		const char *data;
	} answers[] = {
		{ 'A', DNS_A, "192.0.2.1" },
		{ '6', DNS_AAAA, "2001:db8::1" },
		{ 'M', DNS_MX, "10 0.example" },
		{ 'n', DNS_TXT, "NODATA" },
		{ 'f', DNS_TXT, "SERVFAIL" },
		{ 't', DNS_TXT, "TIMEOUT" },
		{ 'F', DNS_A, "REFUSED" },
		{ 'x', DNS_MX, "MALFORMED" },
	};
	char name[] = "0.example";
	uint8_t digit, kind;
	if (!span_take_u8(&line, &digit) || !byte_is_digit(digit) ||
	    !span_take_u8(&line, &kind))
		return;
	name[0] = (char)digit;
	if (kind == 'T')
		facts_put_txt(world, name, span_slice(line, 0, TXT_BYTES_MAX));
	if (kind == 'w')
		withheld[digit - '0'] = true;
	for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
		const struct fact_row rows[] = {
			{ name, answers[i].type, answers[i].data },
			{ .name = NULL },
		};
		if (answers[i].kind == kind)
			facts_put(world, rows);
	}
}

/* --- time and answers ----------------------------------------------------- */

static int64_t
fake_now(struct clock *clock)
{
	return ((struct fake_clock *)clock)->now_ms;
}

static int
fake_wait(struct clock *clock, struct pollfd *fds, size_t count, int64_t wake_ms)
{
	struct fake_clock *fake = (struct fake_clock *)clock;
	(void)fds, (void)count;
	assert(wake_ms != DEADLINE_NEVER);
	if (wake_ms > fake->now_ms)
		fake->now_ms = wake_ms;
	return 0;
}

static void
fake_ask(struct fetcher *fetcher, struct span key, int64_t now_ms)
{
	struct fake_fetcher *fake = (struct fake_fetcher *)fetcher;
	struct dns_name name;
	uint16_t type;
	bool is_question = dns_key_read(key, &name, &type);
	assert(is_question && fake->count < ASKED_MAX);
	assert(store_find(fake->known, key, now_ms) == NULL);

	struct span label = dns_name_first_label(&name);
	if (label.length == 1 && byte_is_digit(label.bytes[0]) &&
	    fake->withheld[label.bytes[0] - '0'])
		return;
	dns_key_make(&fake->asked[fake->count++], &name, type);
}

static size_t
fake_watch(struct fetcher *fetcher, struct pollfd *fds, int64_t *wake_ms)
{
	(void)fetcher, (void)fds, (void)wake_ms;
	return 0;
}

static void
fake_work(
    struct fetcher *fetcher, const struct pollfd *fds, size_t count, int64_t now_ms)
{
	(void)fetcher, (void)fds, (void)count, (void)now_ms;
}

/* What the world does not hold does not exist. */
static bool
fake_next(struct fetcher *fetcher, struct arrival *arrival)
{
	struct fake_fetcher *fake = (struct fake_fetcher *)fetcher;
	struct dns_answer nothing = { .rcode = DNS_RCODE_NXDOMAIN, .wire_bytes = 60 };
	if (fake->taken == fake->count)
		return false;
	const struct dns_key *key = &fake->asked[fake->taken++];
	arrival->key = span_of(key->bytes, key->length);
	const struct fact *fact = store_find(fake->world->store, arrival->key, 0);
	if (fact != NULL && fact->data == NULL)
		arrival->fact = dns_failure(fact->outcome, 0);
	else
		arrival->fact = dns_fact(
		    dns_answer_copy(fact != NULL ? fact->data : &nothing), 0);
	return true;
}

/* --- the run -------------------------------------------------------------- */

static void
check_evaluate(struct job *job, struct view *view)
{
	struct fake_check *check = (struct fake_check *)job;
	struct report *report = &check->facts->report;
	struct target target = {
		.domain = facts_name("0.example"),
		.settings = arena_alloc(job->arena, spf_probe.settings_size),
	};
	report_init(
	    report, job->arena, &check->facts->policy, "spf", "SPF", "0.example");
	report->timed_out = job->timed_out;
	spf_probe.evaluate(&target, view, report);
}

static void
check_finish(struct job *job)
{
	struct fake_check *check = (struct fake_check *)job;
	report_finish(&check->facts->report);
	check->finished = true;
}

/* Runs until the job is finished; the last evaluation may be one beyond the rounds. */
static void
run(struct fake_fetcher *fake, struct fake_check *check, struct store *store)
{
	struct fake_clock clock = {
		.clock = { .now_ms = fake_now, .wait = fake_wait },
	};
	struct runner *runner = runner_new(&clock.clock, store);
	runner_add_fetcher(runner, &fake->fetcher);
	runner_start(runner, &check->job);
	while (!check->finished)
		runner_step(runner, NULL, 0, DEADLINE_NEVER);
	assert(check->job.rounds <= LIMIT_ROUNDS + 1);
	assert(check->job.timed_out == (clock.now_ms >= DEADLINE_MS));
	report_check(&check->facts->report);
	runner_free(runner);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct fake_fetcher fake;
	struct store *store = store_new();
	struct facts *facts = facts_new();
	fake = (struct fake_fetcher){
		.fetcher = { .kind = FACT_DNS,
		    .ask = fake_ask,
		    .watch = fake_watch,
		    .work = fake_work,
		    .next = fake_next },
		.world = facts,
		.known = store,
	};
	struct fake_check check = {
		.job = { .evaluate = check_evaluate,
		    .finish = check_finish,
		    .arena = facts->arena,
		    .deadline_ms = DEADLINE_MS },
		.facts = facts,
	};
	struct split lines = { .rest = span_of(bytes, length) };
	struct span line;
	while (split_next(&lines, '\n', &line))
		put_line(facts, fake.withheld, line);
	run(&fake, &check, store);
	store_free(store);
	facts_free(facts);
	return 0;
}
