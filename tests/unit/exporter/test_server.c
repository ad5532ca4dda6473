/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the HTTP server: requests as bytes, over loopback. */
#include "config_schema.h"
#include "listener.h"
#include "results.h"
#include "server.h"

#include "core/limits.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
	struct results *results;
	struct tasks *tasks;
	struct handlers *handlers;
	struct web *web;
	struct gate *gate;
	struct log log;
	struct server *server;
	struct sockaddr_in address;
	struct buf reply;
};

/* On so many addresses, of which `address` is the last. */
static void
start_server(struct bench *bench, size_t listeners)
{
	int fds[LIMIT_LISTENERS];
	char why[256];
	struct buf reason;
	buf_wrap(&reason, why, sizeof(why));
	for (size_t i = 0; i < listeners; i++) {
		socklen_t size = sizeof(bench->address);
		fds[i] = listener_open(span_text("127.0.0.1:0"), &reason);
		assert_true(fds[i] >= 0);
		assert_int_equal(
		    getsockname(fds[i], (struct sockaddr *)&bench->address, &size), 0);
	}
	bench->server = server_start(
	    fds, listeners, bench->gate, bench->web, &bench->log);
	assert_non_null(bench->server);
}

static int
set_up(void **state)
{
	static struct bench bench;
	struct config_messages messages;
	config_messages_init(&messages);
	struct config *config = config_new();
	config_parse(
	    config, "f", span_text("targets: [{domain: a.example}]"), &messages);
	config_finish_targets(config, "f", &messages);
	bench.web = web_new("", &messages);
	assert_non_null(bench.web);
	config_messages_free(&messages);
	struct roster *roster = roster_new(config);
	bench.results = results_new(roster, 0);
	roster_drop(roster);
	bench.tasks = tasks_new();
	bench.handlers = handlers_new(bench.results, bench.tasks, clock_system());
	bench.gate = gate_new(bench.web, bench.handlers, clock_system());
	bench.log = (struct log){ LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT };
	start_server(&bench, 1);
	buf_init(&bench.reply, LIMIT_OUTPUT);
	*state = &bench;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *bench = *state;
	gate_end(bench->gate);
	server_stop(bench->server);
	gate_free(bench->gate);
	web_free(bench->web);
	handlers_free(bench->handlers);
	tasks_free(bench->tasks);
	results_free(bench->results);
	buf_free(&bench->reply);
	return 0;
}

/* From any address on loopback. */
static int
connect_from(const struct bench *bench, const char *from)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in own = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&own, sizeof(own)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (const struct sockaddr *)&bench->address,
			     sizeof(bench->address)),
	    0);
	return fd;
}

static int
connect_to(const struct bench *bench)
{
	return connect_from(bench, "127.0.0.1");
}

/* Sends and reads until the server closes. */
static const char *
exchange(struct bench *bench, const char *request)
{
	int fd = connect_to(bench);
	char piece[4096];
	ssize_t got;
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	buf_clear(&bench->reply);
	while ((got = read(fd, piece, sizeof(piece))) > 0)
		buf_add(&bench->reply, span_of(piece, (size_t)got));
	assert_int_equal(got, 0);
	close(fd);
	return bench->reply.text;
}

#define END " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void
paths_and_methods(void **state)
{
	static const struct {
		const char *request, *status, *within;
	} cases[] = {
		{ "GET /" END, "200 ", "Content-Type: text/html; charset=utf-8\r\n" },
		{ "GET /" END, "200 ", "<h1>Domains</h1>" },
		{ "GET /" END, "200 ", "Content-Security-Policy: default-src 'none'" },
		{ "GET /?q=%22%3E%3Cb%3E" END, "200 ",
		    "value=\"&quot;&gt;&lt;b&gt;\"" },
		{ "GET /findings" END, "200 ", "<section id=\"spf-ptr\">" },
		{ "GET /style.css" END, "200 ", "Content-Type: text/css" },
		{ "GET /domain/" END, "404 ", "Content-Type: text/html" },
		{ "GET /domain/b.example" END, "404 ", "b.example is not among" },
		{ "GET /domain/%3Cb%3E" END, "404 ", "&lt;b&gt; is not among" },
		{ "GET /domain/a.example/" END, "404 ", "is not among" },
		{ "POST /domain/a.example" END, "405 ", "Allow: GET, HEAD\r\n" },
		{ "GET /domain" END, "404 ", "Not found" },
		{ "GET /api/v1/domains/b.example" END, "404 ",
		    "Content-Type: application/json" },
		{ "GET /api/v1/domains/a.example?check=none" END, "404 ",
		    "{\"error\":" },
		{ "GET /metrics" END, "200 ",
		    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n" },
		{ "GET /metrics" END, "200 ", "\nmailgauge_targets 1\n" },
		{ "GET /metrics?x=y" END, "200 ", "\nmailgauge_targets 1\n" },
		{ "GET /-/healthy" END, "200 ", "healthy" },
		{ "GET /-/ready" END, "200 ", "ready" },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n"
		  "Connection: close\r\n\r\n",
		    "200 ", "Content-Encoding: gzip\r\n" },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: "
		  "application/openmetrics-text\r\nConnection: close\r\n\r\n",
		    "200 ",
		    "Content-Type: application/openmetrics-text; version=1.0.0" },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: "
		  "application/openmetrics-text\r\nConnection: close\r\n\r\n",
		    "200 ", "\n# EOF\n" },
		{ "GET /metrics" END, "200 ", "Vary: Accept, Accept-Encoding\r\n" },
		{ "GET /probe" END, "400 ", "target is empty" },
		{ "GET /probe?target=a..b" END, "400 ", "has an empty label" },
		{ "GET /probe?target=a.example&module=x%22" END, "400 ",
		    "there is no module 'x\"'" },
		{ "GET /probe?target=b.example" END, "403 ", "not in the list" },
		{ "POST /probe?target=a.example" END, "405 ", "Allow: GET, HEAD\r\n" },
		{ "GET /-/reload" END, "405 ", "Allow: POST\r\n" },
		{ "HEAD /-/reload" END, "405 ", "Allow: POST\r\n" },
		{ "GET /nothing" END, "404 ", "Not found" },
		{ "GET /metrics/" END, "404 ", "Not found" },
		{ "GET //metrics" END, "404 ", "Not found" },
		{ "GET /-/" END, "404 ", "Not found" },
		{ "POST /nothing" END, "404 ", "Not found" },
		{ "DELETE /metrics" END, "405 ", "Allow: GET, HEAD\r\n" },
		{ "POST /-/ready" END, "405 ", "Allow: GET, HEAD\r\n" },
		{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
		    "405 ", "Allow: GET, HEAD\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *reply = exchange(*state, cases[i].request);
		if (strncmp(reply, "HTTP/1.1 ", 9) != 0 ||
		    strncmp(reply + 9, cases[i].status, 4) != 0 ||
		    strstr(reply, cases[i].within) == NULL)
			fail_msg("%s\nwant %s and %s, got\n%s", cases[i].request,
			    cases[i].status, cases[i].within, reply);
	}
}

static void
head_has_no_body(void **state)
{
	static const char *const requests[] = { "HEAD /" END, "HEAD /metrics" END,
		"HEAD /-/healthy" END };
	for (size_t i = 0; i < ARRAY_LENGTH(requests); i++) {
		const char *reply = exchange(*state, requests[i]);
		assert_memory_equal(reply, "HTTP/1.1 200 ", 13);
		assert_non_null(strstr(reply, "Content-Type: text/"));
		const char *end = strstr(reply, "\r\n\r\n");
		assert_non_null(end);
		assert_string_equal(end, "\r\n\r\n");
	}
}

static void
a_connection_is_used_again(void **state)
{
	const char *reply = exchange(*state,
	    "GET /-/ready HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
	    "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /-/healthy" END);
	const char *first = strstr(reply, "exporter is ready");
	assert_non_null(first);
	const char *second = strstr(first, "mailgauge_targets 1");
	assert_non_null(second);
	assert_non_null(strstr(second, "exporter is healthy"));
}

static void
nonsense_ends_in_a_refusal(void **state)
{
	const char *reply = exchange(*state, "\x16\x03\x01\r\n\r\n");
	assert_true(reply[0] == '\0' || strncmp(reply, "HTTP/1.1 4", 10) == 0);
	assert_memory_equal(exchange(*state, "GET /-/ready" END), "HTTP/1.1 200 ", 13);
}

static void
a_body_is_not_waited_for_nor_a_request(void **state)
{
	static const char *const requests[] = {
		"GET /-/ready HTTP/1.1\r\nHost: x\r\n"
		"Content-Length: 99999999\r\n\r\n",
		"GET /-/ready HTTP/1.1\r\nHost: x\r\n"
		"Transfer-Encoding: chunked\r\n\r\n5\r\n",
		"GET /-/ready HTTP/1.1\r\nHost: x\r\nContent-Length: 38\r\n\r\n"
		"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /-/ready HTTP/1.1\r\nHost: x\r\n"
		"Transfer-Encoding: chunked\r\n\r\n26\r\n"
		"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n\r\n0\r\n\r\n",
		/* A body of no coding, which ends with the connection. */
		"GET /-/ready HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n"
		"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n",
	};
	for (size_t i = 0; i < ARRAY_LENGTH(requests); i++) {
		const char *reply = exchange(*state, requests[i]);
		assert_non_null(strstr(reply, "is ready"));
		assert_non_null(strstr(reply, "Connection: close\r\n"));
		assert_null(strstr(reply, "is healthy"));
	}
}

/* Whether there is an answer; the connection stays open. */
static bool
is_served(int fd)
{
	static const char request[] = "GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n";
	char piece[4096];
	return send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 &&
	    read(fd, piece, sizeof(piece)) > 0;
}

/* Adds `count` connections to those held. */
static void
hold(const struct bench *bench, int held[], size_t *held_count, const char *from,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int fd = connect_from(bench, from);
		assert_true(is_served(fd));
		held[(*held_count)++] = fd;
	}
}

static void
assert_not_served(const struct bench *bench, const char *from)
{
	const struct timeval patience = { .tv_usec = 200 * 1000 };
	int fd = connect_from(bench, from);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_false(is_served(fd));
	close(fd);
}

/* So many at an address, of which one client may have its share. */
static void
assert_room(const struct bench *bench, size_t all)
{
	int held[LIMIT_HTTP_CONNECTIONS];
	size_t count = 0;
	hold(bench, held, &count, "127.0.0.1", all * LIMIT_HTTP_CLIENT_PERCENT / 100);
	assert_not_served(bench, "127.0.0.1");
	hold(bench, held, &count, "127.0.0.2", all - count);
	assert_not_served(bench, "127.0.0.3");
	while (count > 0)
		close(held[--count]);
}

/* This process has both ends of each. */
static void
one_client_leaves_room_for_others(void **state)
{
	struct rlimit before, files;
	getrlimit(RLIMIT_NOFILE, &before);
	if (before.rlim_max < 2 * LIMIT_HTTP_CONNECTIONS + 100)
		skip();
	files = before;
	files.rlim_cur = 2 * LIMIT_HTTP_CONNECTIONS + 100;
	setrlimit(RLIMIT_NOFILE, &files);
	assert_room(*state, LIMIT_HTTP_CONNECTIONS);
	setrlimit(RLIMIT_NOFILE, &before);
}

static void
addresses_share_the_descriptors(void **state)
{
	static const size_t listeners[] = { 2, 3, LIMIT_LISTENERS };
	enum { DESCRIPTORS = 600 };
	struct bench *bench = *state;
	struct rlimit before, files;
	getrlimit(RLIMIT_NOFILE, &before);
	files = before;
	files.rlim_cur = DESCRIPTORS;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(listeners); i++) {
		server_stop(bench->server);
		start_server(bench, listeners[i]);
		assert_room(bench, DESCRIPTORS / 2 / listeners[i]);
	}
	setrlimit(RLIMIT_NOFILE, &before);
}

static void
an_idle_client_blocks_nobody(void **state)
{
	int idle = connect_to(*state);
	assert_int_equal(write(idle, "GET /met", 8), 8);
	assert_memory_equal(exchange(*state, "GET /metrics" END), "HTTP/1.1 200 ", 13);
	close(idle);
}

/* Nobody runs tasks here, so that it waits until the end. */
static void
who_waits_is_let_go_at_the_end(void **state)
{
	struct bench *bench = *state;
	static const char request[] = "GET /probe?target=a.example" END;
	int fd = connect_to(bench);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	struct pollfd given = { .fd = tasks_fd(bench->tasks), .events = POLLIN };
	assert_int_equal(poll(&given, 1, 10000), 1);
	/* Others are served meanwhile. */
	assert_memory_equal(exchange(bench, "GET /-/ready" END), "HTTP/1.1 200 ", 13);
	server_stop(bench->server);
	bench->server = NULL;
	char piece[64];
	while (read(fd, piece, sizeof(piece)) > 0)
		;
	close(fd);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(paths_and_methods),
		WITH_SERVER(head_has_no_body),
		WITH_SERVER(a_connection_is_used_again),
		WITH_SERVER(nonsense_ends_in_a_refusal),
		WITH_SERVER(a_body_is_not_waited_for_nor_a_request),
		WITH_SERVER(one_client_leaves_room_for_others),
		WITH_SERVER(addresses_share_the_descriptors),
		WITH_SERVER(an_idle_client_blocks_nobody),
		WITH_SERVER(who_waits_is_let_go_at_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
