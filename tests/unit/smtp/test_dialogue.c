/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of smtp/dialogue and smtp/connection against servers that misbehave: what is
 * said of them, at which stage, and that every wait ends. */
#include "smtp/dialogue.h"

#include "core/deadline.h"
#include "support/hostile_smtp.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	PATIENT_MS = 10000, /* where the server answers */
	HASTY_MS = 150      /* where it does not */
};

/* --- scripts -------------------------------------------------------------- */

static void
is_good(struct hostile_peer *peer)
{
	if (peer_starttls(peer))
		peer_hang(peer);
}

/* As postscreen's: who speaks before the second line is dropped. */
static void
teases(struct hostile_peer *peer)
{
	char line[512];
	peer_say(peer, "220-wait a while\r\n");
	struct pollfd early = { .fd = peer->socket, .events = POLLIN };
	if (poll(&early, 1, 30) != 0)
		return;
	peer_say(peer, "220 mx.example.com ESMTP\r\n");
	peer_line(peer, line, sizeof(line));
	for (int i = 0; i < 100; i++)
		peer_say(peer, "250-XEXTENSION\r\n");
	peer_say(peer, "250 startTLS\r\n");
	peer_line(peer, line, sizeof(line));
	peer_say(peer, strcmp(line, "STARTTLS") == 0 ? "220 go\r\n" : "501 no\r\n");
}

static void
is_silent(struct hostile_peer *peer)
{
	peer_hang(peer);
}

static void
drips(struct hostile_peer *peer)
{
	while (!peer->gone)
		peer_drip(peer, "220-x\r\n", 5);
}

static void
hangs_at_ehlo(struct hostile_peer *peer)
{
	peer_say(peer, "220 mx\r\n");
	peer_hang(peer);
}

static void
never_ends_its_greeting(struct hostile_peer *peer)
{
	while (!peer->gone)
		peer_say(peer, "220-and another thing\r\n");
}

static void
never_ends_its_line(struct hostile_peer *peer)
{
	while (!peer->gone)
		peer_say(peer, "220 and another thing ");
}

static void
speaks_http(struct hostile_peer *peer)
{
	peer_say(peer, "HTTP/1.1 400 Bad Request\r\n\r\n");
	peer_hang(peer);
}

static void
closes(struct hostile_peer *peer)
{
	(void)peer;
}

static void
resets(struct hostile_peer *peer)
{
	char line[512];
	peer_say(peer, "220 mx\r\n");
	peer_line(peer, line, sizeof(line));
	peer_reset(peer);
}

static void
is_busy(struct hostile_peer *peer)
{
	char line[512];
	peer_say(peer, "450 4.3.2 try again\r\n");
	peer_line(peer, line, sizeof(line));
	if (strcmp(line, "QUIT") == 0)
		peer_say(peer, "221 bye\r\n");
}

static void
limits_rates(struct hostile_peer *peer)
{
	peer_say(peer, "421 4.7.0 too many connections\r\n");
}

static void
refuses(struct hostile_peer *peer)
{
	peer_say(peer, "554 5.7.1 go away\r\n");
}

static void
answers(struct hostile_peer *peer, const char *ehlo, const char *starttls)
{
	char line[512];
	peer_say(peer, "220 mx\r\n");
	peer_line(peer, line, sizeof(line));
	peer_say(peer, ehlo);
	peer_line(peer, line, sizeof(line));
	peer_say(peer, starttls);
	peer_hang(peer);
}

static void
refuses_ehlo(struct hostile_peer *peer)
{
	answers(peer, "502 what?\r\n", "");
}

static void
delays_ehlo(struct hostile_peer *peer)
{
	answers(peer, "451 greylisted\r\n", "");
}

static void
has_no_starttls(struct hostile_peer *peer)
{
	answers(peer, "250-mx\r\n250 HELP\r\n", "");
}

static void
refuses_starttls(struct hostile_peer *peer)
{
	answers(peer, "250-mx\r\n250 STARTTLS\r\n", "454 4.7.0 TLS not available\r\n");
}

static void
says_more(struct hostile_peer *peer)
{
	answers(peer, "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 injected\r\n");
}

/* --- talking -------------------------------------------------------------- */

/* The whole conversation up to TLS, and how it ended. */
static enum smtp_end
talk(struct hostile_smtp *server, unsigned wait_ms, int abandon_fd,
    struct dialogue *dialogue)
{
	struct connection connection;
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
	struct clock *clock = clock_system();
	int64_t started_ms = clock->now_ms(clock);
	dialogue_begin(dialogue, &connection);
	bool went_well = connection_open(&connection, &endpoint, started_ms + wait_ms,
			     abandon_fd) &&
	    dialogue_greeting(dialogue) && dialogue_ehlo(dialogue, "me.example.com") &&
	    dialogue_starttls_send(dialogue, "") &&
	    dialogue_starttls_answered(dialogue);
	assert_int_equal(went_well, connection.end == SMTP_END_DONE);
	dialogue_quit(dialogue);
	connection_close(&connection);
	return connection.end;
}

static const struct {
	hostile_smtp_script *script;
	unsigned wait_ms;
	enum smtp_end end;
	enum smtp_stage stage;
	unsigned code;
	const char *fault;
} cases[] = {
	{ is_good, PATIENT_MS, SMTP_END_DONE, SMTP_STAGE_STARTTLS, 220, NULL },
	{ teases, PATIENT_MS, SMTP_END_DONE, SMTP_STAGE_STARTTLS, 220, NULL },
	{ is_silent, HASTY_MS, SMTP_END_TIMEOUT, SMTP_STAGE_GREETING, 0, NULL },
	{ drips, HASTY_MS, SMTP_END_TIMEOUT, SMTP_STAGE_GREETING, 0, NULL },
	{ hangs_at_ehlo, HASTY_MS, SMTP_END_TIMEOUT, SMTP_STAGE_EHLO, 0, NULL },
	{ never_ends_its_greeting, PATIENT_MS, SMTP_END_PROTOCOL_ERROR,
	    SMTP_STAGE_GREETING, 0, "a reply has too many lines" },
	{ never_ends_its_line, PATIENT_MS, SMTP_END_PROTOCOL_ERROR, SMTP_STAGE_GREETING,
	    0, "a line of a reply is too long" },
	{ speaks_http, PATIENT_MS, SMTP_END_PROTOCOL_ERROR, SMTP_STAGE_GREETING, 0,
	    "a line does not begin with a reply code" },
	{ closes, PATIENT_MS, SMTP_END_CLOSED, SMTP_STAGE_GREETING, 0, NULL },
	{ resets, PATIENT_MS, SMTP_END_CLOSED, SMTP_STAGE_EHLO, 0, NULL },
	{ is_busy, PATIENT_MS, SMTP_END_TEMPORARY, SMTP_STAGE_GREETING, 450, NULL },
	{ limits_rates, PATIENT_MS, SMTP_END_RATE_LIMITED, SMTP_STAGE_GREETING, 421,
	    NULL },
	{ refuses, PATIENT_MS, SMTP_END_REFUSED, SMTP_STAGE_GREETING, 554, NULL },
	{ refuses_ehlo, PATIENT_MS, SMTP_END_REFUSED, SMTP_STAGE_EHLO, 502, NULL },
	{ delays_ehlo, PATIENT_MS, SMTP_END_TEMPORARY, SMTP_STAGE_EHLO, 451, NULL },
	{ has_no_starttls, PATIENT_MS, SMTP_END_NO_STARTTLS, SMTP_STAGE_STARTTLS, 250,
	    NULL },
	{ refuses_starttls, PATIENT_MS, SMTP_END_STARTTLS_REFUSED, SMTP_STAGE_STARTTLS,
	    454, NULL },
	{ says_more, PATIENT_MS, SMTP_END_PROTOCOL_ERROR, SMTP_STAGE_STARTTLS, 220,
	    "bytes follow the reply to STARTTLS" },
};

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
every_conversation_ends(void **state)
{
	static struct dialogue dialogue;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct hostile_smtp *server = hostile_smtp_start(
		    "127.0.0.1", cases[i].script, NULL);
		enum smtp_end end = talk(server, cases[i].wait_ms, -1, &dialogue);
		if (end != cases[i].end || dialogue.stage != cases[i].stage ||
		    dialogue.reply.said.code != cases[i].code ||
		    !same_text(dialogue.fault, cases[i].fault))
			fail_msg("case %zu: %s at %s, code %u, %s", i,
			    smtp_end_text(end), smtp_stage_text(dialogue.stage),
			    dialogue.reply.said.code,
			    dialogue.fault != NULL ? dialogue.fault : "no fault");
		assert_int_equal(hostile_smtp_connections(server), 1);
		hostile_smtp_stop(server);
	}
}

static void
a_connection_can_be_abandoned(void **state)
{
	static struct dialogue dialogue;
	int abandon_fd = eventfd(1, 0);
	struct hostile_smtp *server = hostile_smtp_start("127.0.0.1", is_silent, NULL);
	(void)state;
	assert_int_equal(
	    talk(server, PATIENT_MS, abandon_fd, &dialogue), SMTP_END_ABANDONED);
	hostile_smtp_stop(server);
	close(abandon_fd);
}

static void
nobody_listens(void **state)
{
	struct hostile_smtp *server = hostile_smtp_start("127.0.0.1", closes, NULL);
	struct smtp_endpoint endpoint = hostile_smtp_endpoint(server);
	struct connection connection;
	struct clock *clock = clock_system();
	(void)state;
	hostile_smtp_stop(server);
	assert_false(connection_open(
	    &connection, &endpoint, clock->now_ms(clock) + PATIENT_MS, -1));
	assert_int_equal(connection.end, SMTP_END_REFUSED_CONNECTION);
	connection_close(&connection);

	endpoint.port = 1;
	memset(endpoint.address, 255, sizeof(endpoint.address));
	assert_false(connection_open(
	    &connection, &endpoint, clock->now_ms(clock) + PATIENT_MS, -1));
	assert_int_equal(connection.end, SMTP_END_UNREACHABLE);
	assert_true(connection.error != 0);
	connection_close(&connection);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_conversation_ends),
		cmocka_unit_test(a_connection_can_be_abandoned),
		cmocka_unit_test(nobody_listens),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
