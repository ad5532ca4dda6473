/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * One connection: SMTP in clear up to TLS, a hello and its answer. What ends here in
 * another way than the plan chose ends the scan.
 */
#include "plan_parts.h"

#include "core/buf.h"
#include "core/deadline.h"
#include "core/die.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { EHLO_BYTES = 256 };

/* --- a connection --------------------------------------------------------- */

void
plan_stop(struct plan *plan)
{
	struct smtp_scan *scan = plan->scan;
	const struct connection *connection = &plan->connection;
	plan->stopped = true;
	scan->end = connection->end;
	scan->stage = plan->dialogue.stage;
	scan->reply = plan->dialogue.reply.said;
	if (plan->dialogue.fault != NULL)
		snprintf(scan->error, sizeof(scan->error), "%s", plan->dialogue.fault);
	else if (connection->error != 0)
		snprintf(scan->error, sizeof(scan->error), "%s",
		    strerrordesc_np(connection->error));

	/* RFC 3207 4: 454 is a temporary failure; after it has worked, a limit. */
	if (scan->end == SMTP_END_STARTTLS_REFUSED && plan->talked &&
	    scan->reply.code == 454)
		scan->end = SMTP_END_RATE_LIMITED;
}

void
plan_close(struct plan *plan)
{
	struct smtp_visit *visit = &plan->scan->visits[plan->scan->connections - 1];
	visit->stage = plan->dialogue.stage;
	visit->seconds = (double)(plan_now() - plan->opened_ms) / 1000;
	flight_free(plan->flight);
	plan->flight = NULL;
	handshake_end(&plan->connection);
	connection_close(&plan->connection);
}

/* The host's own name, or where it has none with a dot, the address that the connection
 * comes from (RFC 5321 4.1.1.1 and 4.1.3). Nobody is asked for it. */
static void
find_own_name(char name[EHLO_BYTES], int fd)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof(own);
	char text[INET6_ADDRSTRLEN] = "";
	if (gethostname(name, EHLO_BYTES) == 0 && memchr(name, 0, EHLO_BYTES) != NULL &&
	    strchr(name, '.') != NULL)
		return;
	memset(&own, 0, sizeof(own));
	if (getsockname(fd, (struct sockaddr *)&own, &length) != 0)
		own.ss_family = AF_UNSPEC;
	if (own.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&own)->sin6_addr, text,
		    sizeof(text));
	else
		inet_ntop(AF_INET, &((struct sockaddr_in *)&own)->sin_addr, text,
		    sizeof(text));
	snprintf(
	    name, EHLO_BYTES, "[%s%s]", own.ss_family == AF_INET6 ? "IPv6:" : "", text);
}

bool
plan_ehlo(struct plan *plan)
{
	char own[EHLO_BYTES];
	if (plan->settings->ehlo != NULL)
		return dialogue_ehlo(&plan->dialogue, plan->settings->ehlo);
	find_own_name(own, plan->connection.fd);
	return dialogue_ehlo(&plan->dialogue, own);
}

/* SMTP in clear, up to the 220 after which TLS begins. */
static bool
converse(struct plan *plan, const char *pipelined)
{
	struct dialogue *dialogue = &plan->dialogue;
	struct smtp_scan *scan = plan->scan;
	bool greeted = dialogue_greeting(dialogue);
	if (scan->greeting.code == 0)
		scan->greeting = dialogue->reply.said;
	if (!greeted || !plan_ehlo(plan))
		return false;
	if (scan->starttls == TRUTH_UNKNOWN)
		scan->starttls = truth_of(dialogue->reply.offers_starttls);
	if (!dialogue_starttls_send(dialogue, pipelined))
		return false;

	/* While the reply travels; costs nothing from the second time on. */
	handshakes_prepare(plan->settings->handshakes);
	return dialogue_starttls_answered(dialogue);
}

bool
plan_open_with(struct plan *plan, const char *pipelined)
{
	struct smtp_scan *scan = plan->scan;
	if (plan->stopped || scan->connections == LIMIT_SMTP_CONNECTIONS)
		return false;
	if (plan_now() >= plan->deadline_ms) {
		/* Not its beginning: it never began. */
		plan->connection.end = SMTP_END_TIMEOUT;
		plan_stop(plan);
		return false;
	}
	plan->opened_ms = plan_now();
	scan->connections++;
	dialogue_begin(&plan->dialogue, &plan->connection);
	plan->dialogue.stage = SMTP_STAGE_CONNECT;
	bool ready = connection_open(&plan->connection, plan->endpoint,
			 plan->deadline_ms, plan->settings->abandon_fd) &&
	    (plan->endpoint->implicit_tls || converse(plan, pipelined));
	if (!ready) {
		plan_stop(plan);
		dialogue_quit(&plan->dialogue);
		plan_close(plan);
		return false;
	}
	plan->talked = true;
	plan->connection.deadline_ms = deadline_earlier(
	    plan->deadline_ms, plan_now() + plan->settings->hello_ms);
	return true;
}

bool
plan_open(struct plan *plan)
{
	return plan_open_with(plan, "");
}

/* TLS got no answer. One hello may be what a server does not understand; when nothing
 * at all is answered, or the time is over, the next one would say no more; a quick scan
 * has no next one. */
void
plan_note_silence(struct plan *plan)
{
	enum { SILENCES = 2 };
	bool is_over = plan->connection.end == SMTP_END_ABANDONED ||
	    plan_now() >= plan->deadline_ms;
	plan->silences++;
	if (!is_over && !plan->endpoint->quick &&
	    (plan->heard_tls || plan->silences < SILENCES))
		return;
	memset(&plan->dialogue.reply.said, 0, sizeof(plan->dialogue.reply.said));
	plan_stop(plan);
}

/* --- a hello -------------------------------------------------------------- */

enum flight_status
plan_read_flight(struct plan *plan, bool only_first)
{
	const struct flight_facts *facts = flight_facts(plan->flight);
	enum flight_status status = FLIGHT_MORE;
	uint8_t bytes[4096];
	while (status == FLIGHT_MORE && !(only_first && facts->version != 0)) {
		size_t length = connection_read(
		    &plan->connection, bytes, sizeof(bytes));
		if (length == 0)
			break;
		struct span received = span_of(bytes, length);
		status = flight_read(plan->flight, &received);
	}
	/* After Heartbleed they hold what nobody should keep. */
	explicit_bzero(bytes, sizeof(bytes));
	return status;
}

static enum answer
answer_of(const struct plan *plan, enum flight_status status)
{
	enum { FATAL = 2 };
	const struct flight_facts *facts = flight_facts(plan->flight);
	if (facts->version != 0)
		return ANSWER_HELLO;
	if (facts->alert_level == FATAL)
		return ANSWER_ALERT;
	if (status != FLIGHT_MORE)
		return ANSWER_GARBAGE;
	return plan->connection.end == SMTP_END_CLOSED ? ANSWER_CLOSED : ANSWER_SILENCE;
}

/* Bytes behind the 220 that are no TLS: what is there is a broken proxy, and no later
 * hello will find a server. */
static void
note_garbage(struct plan *plan, enum flight_status status)
{
	if (status != FLIGHT_NOT_TLS || plan->heard_tls)
		return;
	plan->dialogue.fault = flight_problem(plan->flight);
	plan->connection.end = SMTP_END_PROTOCOL_ERROR;
	plan_stop(plan);
}

static void
note_visit(struct plan *plan, uint16_t asked, enum answer answer)
{
	struct smtp_visit *visit = &plan->scan->visits[plan->scan->connections - 1];
	const struct flight_facts *facts = flight_facts(plan->flight);
	visit->asked = asked;
	visit->chosen = facts->version;
	visit->alerted = answer == ANSWER_ALERT;
	visit->alert = facts->alert_description;
}

static void
note_answer(struct plan *plan, enum answer answer, enum flight_status status)
{
	struct smtp_scan *scan = plan->scan;
	if (answer == ANSWER_HELLO || answer == ANSWER_ALERT ||
	    (answer == ANSWER_GARBAGE && status != FLIGHT_NOT_TLS))
		plan->heard_tls = true;
	if (answer == ANSWER_ALERT) {
		scan->tls.alerted = true;
		scan->tls.alert = flight_facts(plan->flight)->alert_description;
	}
	if (answer == ANSWER_GARBAGE)
		note_garbage(plan, status);
	if (answer == ANSWER_SILENCE)
		plan_note_silence(plan);
}

void
plan_init_hello(struct plan *plan, struct hello *hello, struct hello_random *random,
    enum tls_version version)
{
	if (getrandom(random, sizeof(*random), 0) != (ssize_t)sizeof(*random))
		die_unknown("no random numbers from the kernel");
	hello_init(hello, version, plan->sni, random);
}

bool
plan_ask(
    struct plan *plan, const struct hello *hello, bool only_first, enum answer *answer)
{
	char memory[HELLO_BYTES];
	struct buf out;
	if (!plan_open(plan))
		return false;
	plan->dialogue.stage = SMTP_STAGE_HELLO;
	plan->flight = flight_new(hello->version);
	buf_wrap(&out, memory, sizeof(memory));
	hello_write(&out, hello);
	/* When it can't be sent, reading says why. */
	bool sent = connection_write(&plan->connection, buf_span(&out));
	enum flight_status status = sent ? plan_read_flight(plan, only_first)
					 : FLIGHT_MORE;
	*answer = answer_of(plan, status);
	note_visit(plan, (uint16_t)hello->version, *answer);
	note_answer(plan, *answer, status);
	return true;
}
