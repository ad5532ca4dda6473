/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/plan: what is learnt of servers of every age, with how many
 * connections, and what stays unknown. The servers are models that complete no
 * handshake. */
#include "smtp/plan.h"

#include "core/deadline.h"
#include "support/scan_text.h"
#include "support/tls_model.h"
#include "support/tls_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
	PATIENT_MS = 30000,
	HASTY_MS = 300,

	/* Suites, by their numbers in IANA's registry. */
	ECDHE_RSA_AES = 0xc02f,
	RSA_AES = 0x002f,
	DHE_RSA_AES = 0x0033,
	RSA_RC4 = 0x0005,
	RSA_3DES = 0x000a,
	RSA_EXPORT_RC4 = 0x0003,
	RSA_NULL = 0x0002,
	DH_ANON_AES = 0x0034,

	OLD = MODEL_SSLV3 | MODEL_TLSV10,
	ALL_TLS = MODEL_TLSV10 | MODEL_TLSV11 | MODEL_TLSV12 | MODEL_TLSV13
};

struct truth_case {
	const char *name;
	struct tls_model model;
	const char *protocols, *weak;
	const char *facts; /* lines of scan_text_add(), each must be there */
	unsigned connections;
};

/* One of the connections is the handshake that fails, one is for weak suites, and one
 * more for each weak class that a server prefers to what we put first. */
static const struct truth_case cases[] = {
	{ "TLS 1.3 only", { .versions = MODEL_TLSV13 }, " TLSv1.3", "",
	    "scsv ?\nsecure_renegotiation ?\ncompression ?\npost_quantum ?\n"
	    "forward_secrecy yes\n",
	    3 },
	{ "TLS 1.3 with ML-KEM", { .versions = MODEL_TLSV13, .post_quantum = true },
	    " TLSv1.3", "", "post_quantum yes\n", 3 },
	{ "TLS 1.2 only",
	    { .versions = MODEL_TLSV12,
		.suites = { ECDHE_RSA_AES },
		.renegotiation = true,
		.extended_master_secret = true },
	    " TLSv1.2", "",
	    "scsv ?\nsecure_renegotiation yes\ncompression no\nheartbleed no\n"
	    "extended_master_secret yes\npost_quantum no\nforward_secrecy yes\n",
	    5 },
	{ "TLS 1.2 and 1.3",
	    { .versions = MODEL_TLSV12 | MODEL_TLSV13,
		.suites = { ECDHE_RSA_AES },
		.scsv = true,
		.renegotiation = true,
		.sentinel = true,
		.extended_master_secret = true,
		.split = true },
	    " TLSv1.2 TLSv1.3", "", "scsv yes\nsentinel yes\n", 6 },
	{ "without SCSV",
	    { .versions = MODEL_TLSV12 | MODEL_TLSV13,
		.suites = { RSA_AES },
		.extended_master_secret = true },
	    " TLSv1.2 TLSv1.3", "",
	    "scsv no\nsecure_renegotiation no\nforward_secrecy no\n", 6 },
	{ "everything since TLS 1.0",
	    { .versions = ALL_TLS, .suites = { DHE_RSA_AES }, .scsv = true },
	    " TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3", "", "scsv yes\n", 8 },
	{ "an odd way to refuse the SCSV",
	    { .versions = ALL_TLS,
		.suites = { DHE_RSA_AES },
		.scsv = true,
		.scsv_by_70 = true,
		.extended_master_secret = true },
	    " TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3", "", "scsv ?\n", 8 },
	{ "history",
	    { .versions = MODEL_SSLV2 | MODEL_TLSV11 | MODEL_TLSV12 | OLD,
		.suites = { RSA_RC4, RSA_3DES, RSA_EXPORT_RC4, RSA_NULL, DH_ANON_AES },
		.refusal = MODEL_ALERT_40,
		.deflate = true,
		.heartbeat = true,
		.heartbleed = true },
	    " SSLv2 SSLv3 TLSv1.0 TLSv1.1 TLSv1.2", " null anon export rc4 3des",
	    "scsv no\nsecure_renegotiation no\ncompression yes\nheartbeat yes\n"
	    "heartbleed yes\npost_quantum no\n",
	    11 },
	{ "history, and the client chooses",
	    { .versions = MODEL_SSLV2 | MODEL_TLSV11 | MODEL_TLSV12 | OLD,
		.suites = { RSA_AES, RSA_RC4, RSA_3DES, RSA_EXPORT_RC4, RSA_NULL,
		    DH_ANON_AES },
		.client_chooses = true,
		.refusal = MODEL_ALERT_40 },
	    " SSLv2 SSLv3 TLSv1.0 TLSv1.1 TLSv1.2", " null anon export rc4 3des",
	    "scsv no\n", 9 },
	{ "history with SCSV",
	    { .versions = MODEL_TLSV11 | MODEL_TLSV12 | OLD,
		.suites = { RSA_AES },
		.scsv = true,
		.refusal = MODEL_ALERT_40 },
	    " SSLv3 TLSv1.0 TLSv1.1 TLSv1.2", "", "scsv yes\n", 9 },
	{ "a heart that is sound",
	    { .versions = MODEL_TLSV12, .suites = { RSA_AES }, .heartbeat = true },
	    " TLSv1.2", "", "heartbeat yes\nheartbleed no\n", 6 },
	{ "only weak suites",
	    { .versions = MODEL_TLSV12, .suites = { DH_ANON_AES, RSA_EXPORT_RC4 } },
	    " TLSv1.2", " anon export rc4", "", 8 },
	{ "takes what was not offered",
	    { .versions = MODEL_TLSV12, .suites = { RSA_AES }, .stubborn = true },
	    " TLSv1.2", " null? anon? export? rc4? 3des?", "", 6 },
	{ "closes instead of an alert",
	    { .versions = MODEL_TLSV12,
		.suites = { RSA_AES },
		.extended_master_secret = true,
		.refusal = MODEL_CLOSE },
	    " TLSv1.2", "", "scsv ?\n", 7 },
};

static struct smtp_scan *
scan_at(const struct smtp_endpoint *endpoint, unsigned hello_ms)
{
	struct smtp_scan *scan = smtp_scan_new();
	const struct plan_settings settings = { .ehlo = "client.example",
		.hello_ms = hello_ms,
		.handshakes = handshakes_new(NULL, NULL),
		.abandon_fd = -1 };
	struct clock *clock = clock_system();
	plan_run(&settings, endpoint, clock->now_ms(clock) + PATIENT_MS, scan);
	handshakes_free(settings.handshakes);
	return scan;
}

static struct smtp_scan *
scan_of(struct hostile_smtp *server, unsigned hello_ms, bool quick)
{
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
	endpoint.quick = quick;
	return scan_at(&endpoint, hello_ms);
}

static bool
has_lines(const char *text, struct span wanted)
{
	struct split lines = { .rest = wanted };
	struct span line;
	char whole[128];
	while (split_next(&lines, '\n', &line)) {
		snprintf(whole, sizeof(whole), "\n%.*s\n", (int)line.length,
		    (const char *)line.bytes);
		if (line.length > 0 && strstr(text, whole) == NULL)
			return false;
	}
	return true;
}

static void
check(const struct truth_case *wanted, const struct smtp_scan *scan, unsigned opened)
{
	struct buf text, protocols, weak;
	buf_init(&text, 16384);
	buf_init(&protocols, 256);
	buf_init(&weak, 256);
	scan_text_add(&text, scan);
	scan_text_add_protocols(&protocols, scan);
	scan_text_add_weak(&weak, scan);
	if (strcmp(protocols.text, wanted->protocols) != 0 ||
	    strcmp(weak.text, wanted->weak) != 0 || scan->end != SMTP_END_DONE ||
	    scan->connections != wanted->connections || opened != scan->connections ||
	    !has_lines(text.text, span_text(wanted->facts)))
		fail_msg("%s:\n%s", wanted->name, text.text);
	buf_free(&text);
	buf_free(&protocols);
	buf_free(&weak);
}

static void
facts_of_every_age(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct hostile_smtp *server = hostile_smtp_start(
		    "127.0.0.1", tls_model_serve, &cases[i].model);
		struct smtp_scan *scan = scan_of(server, PATIENT_MS, false);
		check(&cases[i], scan, hostile_smtp_connections(server));
		smtp_scan_free(scan);
		hostile_smtp_stop(server);
	}
}

/* The facts until then are kept, the rest is unknown; nobody knocks a second time. */
static void
the_first_limit_ends_it(void **state)
{
	static const struct {
		struct tls_model model;
		enum smtp_stage stage;
	} limits[] = {
		{ { .versions = MODEL_TLSV12,
		      .suites = { RSA_AES },
		      .limit = 3,
		      .limit_text = "421 4.7.0 too many\r\n" },
		    SMTP_STAGE_GREETING },
	};
	(void)state;
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", tls_model_serve, &limits[0].model);
	struct smtp_scan *scan = scan_of(server, PATIENT_MS, false);
	assert_int_equal(scan->end, SMTP_END_RATE_LIMITED);
	assert_int_equal(scan->stage, limits[0].stage);
	assert_int_equal(scan->reply.code, 421);
	assert_int_equal(scan->connections, 4);
	assert_int_equal(hostile_smtp_connections(server), 4);
	assert_int_equal(scan->starttls, TRUTH_YES);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV12], TRUTH_YES);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV11], TRUTH_UNKNOWN);
	assert_int_equal(scan->tls.weak[SMTP_WEAK_NULL], TRUTH_UNKNOWN);
	assert_int_equal(scan->tls.secure_renegotiation, TRUTH_NO);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

static void
a_454_is_a_limit_after_a_success(void **state)
{
	static const struct tls_model model = { .versions = MODEL_TLSV12 };
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", tls_model_limits_starttls, &model);
	struct smtp_scan *scan = scan_of(server, PATIENT_MS, false);
	(void)state;
	assert_int_equal(scan->end, SMTP_END_RATE_LIMITED);
	assert_int_equal(scan->stage, SMTP_STAGE_STARTTLS);
	assert_int_equal(scan->reply.code, 454);
	assert_int_equal(scan->connections, 3);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

/* A server that hangs on one kind of hello has answers to the others. */
static void
one_silence_is_not_the_end(void **state)
{
	static const struct tls_model model = { .versions = MODEL_TLSV12,
		.suites = { RSA_AES },
		.extended_master_secret = true,
		.refusal = MODEL_HANG };
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", tls_model_serve, &model);
	struct smtp_scan *scan = scan_of(server, HASTY_MS, false);
	(void)state;
	assert_int_equal(scan->end, SMTP_END_DONE);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV13], TRUTH_UNKNOWN);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV12], TRUTH_YES);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV11], TRUTH_UNKNOWN);
	assert_int_equal(scan->tls.protocols[SMTP_SSLV3], TRUTH_UNKNOWN);
	assert_int_equal(scan->tls.fallback_scsv, TRUTH_UNKNOWN);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

static void
closes_after_220(struct hostile_peer *peer)
{
	char hello[16];
	if (peer_starttls(peer) && !peer_receive(peer, hello, sizeof(hello)))
		peer_hang(peer);
}

static void
a_server_that_only_closes_refused_nothing(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", closes_after_220, NULL);
	struct smtp_scan *scan = scan_of(server, PATIENT_MS, false);
	(void)state;
	assert_int_equal(scan->end, SMTP_END_CLOSED);
	assert_int_equal(scan->stage, SMTP_STAGE_HELLO);
	assert_int_equal(scan->starttls, TRUTH_YES);
	for (unsigned i = 0; i < SMTP_PROTOCOLS; i++)
		assert_int_equal(scan->tls.protocols[i], TRUTH_UNKNOWN);
	smtp_scan_free(scan);

	scan = scan_of(server, PATIENT_MS, true);
	assert_int_equal(scan->connections, 1);
	assert_int_equal(scan->end, SMTP_END_CLOSED);
	assert_int_equal(scan->handshake.done, TRUTH_UNKNOWN);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

/* An answer that is broken is one: it is TLS that fails here. */
static void
answers_brokenly(struct hostile_peer *peer)
{
	static const char record[] = "\x16\x03\x03\0\4\x63\0\0\0";
	char hello[16];
	if (!peer_starttls(peer) || !peer_receive(peer, hello, sizeof(hello)))
		return;
	peer_send(peer, span_of(record, sizeof(record) - 1));
	peer_hang(peer);
}

static void
a_broken_answer_is_an_answer(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", answers_brokenly, NULL);
	struct smtp_scan *scan = scan_of(server, PATIENT_MS, false);
	(void)state;
	assert_int_equal(scan->end, SMTP_END_DONE);
	assert_int_equal(scan->handshake.done, TRUTH_NO);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV12], TRUTH_UNKNOWN);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

static void
quick_is_one_connection(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", tls_model_serve, &cases[0].model);
	struct smtp_scan *scan = scan_of(server, PATIENT_MS, true);
	(void)state;
	assert_int_equal(scan->connections, 1);
	assert_int_equal(scan->handshake.done, TRUTH_NO);
	assert_int_equal(scan->tls.protocols[SMTP_TLSV13], TRUTH_UNKNOWN);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

/* Without a second hello, the silence is all there is to tell. */
static void
quick_tells_of_silence(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start(
	    "127.0.0.1", peer_hangs_at_tls, NULL);
	struct smtp_scan *scan = scan_of(server, HASTY_MS, true);
	(void)state;
	assert_int_equal(scan->connections, 1);
	assert_int_equal(scan->end, SMTP_END_TIMEOUT);
	assert_int_equal(scan->stage, SMTP_STAGE_HANDSHAKE);
	assert_int_equal(scan->handshake.done, TRUTH_UNKNOWN);
	smtp_scan_free(scan);
	hostile_smtp_stop(server);
}

/* Only an answer to the command is a yes; what the server says instead of going on to
 * TLS, or of its own, is neither that nor the end of what is known. */
static void
a_command_behind_starttls_is_answered_or_not(void **state)
{
	static const struct {
		const char *pipelined, *unasked;
		enum truth want;
	} answers[] = {
		{ NULL, NULL, TRUTH_NO },
		{ NULL, "250 ok\r\n", TRUTH_YES },
		{ NULL, "500 what\r\n", TRUTH_YES },
		{ NULL, "220 mx\r\n", TRUTH_UNKNOWN },
		{ NULL, "421 busy\r\n", TRUTH_UNKNOWN },
		{ NULL, "\r\n", TRUTH_UNKNOWN },
		{ "554 no\r\n", NULL, TRUTH_NO },
		{ "", NULL, TRUTH_NO },
		{ "421 no\r\n", NULL, TRUTH_UNKNOWN },
		{ "454 no\r\n", NULL, TRUTH_UNKNOWN },
		{ "220 yes\r\n250 ok\r\n", NULL, TRUTH_UNKNOWN },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
		const struct tls_server_settings settings = { .name = "mx.example.com",
			.pipelined = answers[i].pipelined,
			.unasked = answers[i].unasked };
		struct tls_server *tls = tls_server_new(&settings);
		struct hostile_smtp *server = hostile_smtp_start(
		    "127.0.0.1", tls_server_serve, tls);
		struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
		endpoint.injection = true;
		struct smtp_scan *scan = scan_at(&endpoint, PATIENT_MS);
		if (scan->injection != answers[i].want)
			fail_msg("answer %zu: got %d", i, scan->injection);
		assert_int_equal(scan->end, SMTP_END_DONE);
		assert_int_equal(scan->reply.code, 0);
		assert_string_equal(scan->error, "");
		smtp_scan_free(scan);
		hostile_smtp_stop(server);
		tls_server_free(tls);
	}
}

/* It is told, and the scan goes on. */
static void
ehlo_may_be_refused_after_tls(void **state)
{
	static const struct {
		const char *reply;
		enum truth want;
	} replies[] = {
		{ "250 mx\r\n", TRUTH_YES },
		{ "550 no\r\n", TRUTH_NO },
		{ "mx\r\n", TRUTH_UNKNOWN },
		{ "451 later\r\n", TRUTH_UNKNOWN },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(replies); i++) {
		const struct tls_server_settings settings = { .name = "mx.example.com",
			.reply = replies[i].reply };
		struct tls_server *tls = tls_server_new(&settings);
		struct hostile_smtp *server = hostile_smtp_start(
		    "127.0.0.1", tls_server_serve, tls);
		struct smtp_scan *scan = scan_of(server, PATIENT_MS, false);
		assert_int_equal(scan->handshake.ehlo_after, replies[i].want);
		assert_int_equal(scan->end, SMTP_END_DONE);
		assert_int_equal(scan->tls.protocols[SMTP_TLSV12], TRUTH_YES);
		smtp_scan_free(scan);
		hostile_smtp_stop(server);
		tls_server_free(tls);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_of_every_age),
		cmocka_unit_test(the_first_limit_ends_it),
		cmocka_unit_test(a_454_is_a_limit_after_a_success),
		cmocka_unit_test(one_silence_is_not_the_end),
		cmocka_unit_test(a_server_that_only_closes_refused_nothing),
		cmocka_unit_test(a_broken_answer_is_an_answer),
		cmocka_unit_test(quick_is_one_connection),
		cmocka_unit_test(quick_tells_of_silence),
		cmocka_unit_test(ehlo_may_be_refused_after_tls),
		cmocka_unit_test(a_command_behind_starttls_is_answered_or_not),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
