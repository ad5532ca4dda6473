/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of who gets to the pages, and how often: with a clock of its own, and without a
 * server. */
#include "gate.h"

#include "core/limits.h"
#include "support/listed.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define USERS \
	"basic_auth_users:\n" \
	"  joe: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"

static const char joe_secret[] = "Basic am9lOnNlY3JldA==";
static const char joe_wrong[] = "Basic am9lOndyb25n";

/* A clock that goes when it is told to. */
struct told_clock {
	struct clock clock;
	int64_t now_ms;
};

static int64_t
told_now(struct clock *clock)
{
	return ((struct told_clock *)clock)->now_ms;
}

struct bench {
	char path[64];
	struct told_clock clock;
	struct results *results;
	struct tasks *tasks;
	struct handlers *handlers;
	struct web *web;
	struct gate *gate;
};

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
bench_init(struct bench *bench, const char *yaml)
{
	struct config_messages messages;
	strcpy(bench->path, "/tmp/mailgauge-test-gate-XXXXXX");
	int fd = mkstemp(bench->path);
	assert_true(fd >= 0);
	close(fd);
	write_file(bench->path, yaml);
	config_messages_init(&messages);
	bench->web = web_new(bench->path, &messages);
	if (bench->web == NULL)
		fail_msg("%s", messages.errors.text);
	config_messages_free(&messages);
	struct roster *roster = listed("targets: [{domain: a.example}]");
	bench->clock = (struct told_clock){ { told_now, NULL }, 1000000 };
	bench->results = results_new(roster, 0);
	roster_drop(roster);
	bench->tasks = tasks_new();
	bench->handlers = handlers_new(
	    bench->results, bench->tasks, &bench->clock.clock);
	bench->gate = gate_new(bench->web, bench->handlers, &bench->clock.clock);
}

static void
bench_free(struct bench *bench)
{
	gate_end(bench->gate);
	gate_free(bench->gate);
	web_free(bench->web);
	handlers_free(bench->handlers);
	tasks_free(bench->tasks);
	results_free(bench->results);
	unlink(bench->path);
}

/* --- a server's part -------------------------------------------------------- */

struct visitor {
	struct http_request request; /* first: handlers hand us this */
	const char *authorization;
};

static struct span
header_of(const struct http_request *request, const char *name)
{
	const struct visitor *visitor = (const struct visitor *)request;
	bool is_it = strcmp(name, "Authorization") == 0;
	return span_text(is_it ? visitor->authorization : "");
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_done;

static void
done(struct http_later *later)
{
	(void)later;
	pthread_mutex_lock(&lock);
	is_done = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

static void
wait_for(struct http_later *later)
{
	later->done = done;
	is_done = false;
	later->start(later);
	pthread_mutex_lock(&lock);
	while (!is_done)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

struct fate {
	unsigned status;
	uint32_t retry_seconds;
	bool has_waited, is_asked_who;
};

static bool
has_header(const struct http_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (strcmp(answer->headers[i].name, name) == 0)
			return true;
	return false;
}

static struct fate
knock(struct bench *bench, const char *authorization)
{
	struct visitor visitor = {
		.request = { .method = "GET", .path = "/-/ready", .header = header_of },
		.authorization = authorization,
	};
	struct http_answer answer = { .status = 0 };
	gate_answer(bench->gate, &visitor.request, &answer);
	struct http_later *later = answer.later;
	if (later != NULL) {
		wait_for(later);
		answer = (struct http_answer){ .status = 0 };
		later->answer(later, &answer);
		later->free(later);
	}
	struct fate fate = {
		.status = answer.status,
		.retry_seconds = answer.retry_seconds,
		.has_waited = later != NULL,
		.is_asked_who = has_header(&answer, "WWW-Authenticate"),
	};
	buf_free(&answer.body);
	return fate;
}

/* --- tests ------------------------------------------------------------------ */

static void
everybody_is_let_in(void **state)
{
	struct bench bench;
	(void)state;
	bench_init(&bench, "");
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(knock(&bench, "").status, 200);
	bench_free(&bench);
}

static void
a_password_is_looked_at_once(void **state)
{
	struct bench bench;
	(void)state;
	bench_init(&bench, USERS);
	struct fate fate = knock(&bench, "");
	assert_int_equal(fate.status, 401);
	assert_true(fate.is_asked_who);
	assert_false(fate.has_waited);
	for (unsigned i = 0; i < 2; i++) {
		fate = knock(&bench, joe_wrong);
		assert_int_equal(fate.status, 401);
		assert_true(fate.is_asked_who && fate.has_waited);
	}
	for (unsigned i = 0; i < 2; i++) {
		fate = knock(&bench, joe_secret);
		assert_int_equal(fate.status, 200);
		assert_int_equal(fate.has_waited, i == 0);
	}
	bench_free(&bench);
}

static void
who_comes_too_often_is_told_when_to_come(void **state)
{
	struct bench bench;
	(void)state;
	bench_init(&bench, "rate_limit: {interval: 10s, burst: 2}\n");
	assert_int_equal(knock(&bench, "").status, 200);
	assert_int_equal(knock(&bench, "").status, 200);
	struct fate fate = knock(&bench, "");
	assert_int_equal(fate.status, 429);
	assert_int_equal(fate.retry_seconds, 10);
	bench.clock.now_ms += 3500;
	assert_int_equal(knock(&bench, "").retry_seconds, 7); /* 6.5 */
	bench.clock.now_ms += 6500;
	assert_int_equal(knock(&bench, "").status, 200);
	assert_int_equal(knock(&bench, "").status, 429);
	bench_free(&bench);
}

/* Who is refused for the rate costs no look at a password. */
static void
the_rate_comes_before_the_password(void **state)
{
	struct bench bench;
	(void)state;
	bench_init(&bench, USERS "rate_limit: {interval: 10s}\n");
	assert_int_equal(knock(&bench, joe_secret).status, 200);
	assert_int_equal(knock(&bench, joe_wrong).status, 429);
	bench_free(&bench);
}

/* What was used up at one rate is no more than a burst of another. */
static void
another_rate_counts_at_once(void **state)
{
	struct bench bench;
	struct config_messages messages;
	(void)state;
	bench_init(&bench, "rate_limit: {interval: 1h}\n");
	assert_int_equal(knock(&bench, "").status, 200);
	assert_int_equal(knock(&bench, "").retry_seconds, 3600);
	write_file(bench.path, "rate_limit: {interval: 1s}\n");
	config_messages_init(&messages);
	assert_true(web_reload(bench.web, true, &messages));
	config_messages_free(&messages);
	assert_int_equal(knock(&bench, "").retry_seconds, 1);
	bench.clock.now_ms += 1000;
	assert_int_equal(knock(&bench, "").status, 200);
	bench_free(&bench);
}

/* At the end, or where too many wait. */
static void
who_finds_no_place_may_come_again(void **state)
{
	struct bench bench;
	(void)state;
	bench_init(&bench, USERS);
	gate_end(bench.gate);
	struct fate fate = knock(&bench, joe_secret);
	assert_int_equal(fate.status, 429);
	assert_int_equal(fate.retry_seconds, 1);
	gate_free(bench.gate);
	bench.gate = gate_new(bench.web, bench.handlers, &bench.clock.clock);
	bench_free(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_let_in),
		cmocka_unit_test(a_password_is_looked_at_once),
		cmocka_unit_test(who_comes_too_often_is_told_when_to_come),
		cmocka_unit_test(the_rate_comes_before_the_password),
		cmocka_unit_test(another_rate_counts_at_once),
		cmocka_unit_test(who_finds_no_place_may_come_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
