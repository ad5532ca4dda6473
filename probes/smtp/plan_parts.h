/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * plan_parts: what the files of the plan share: plan.c knows which connections there
 * are and what follows from each, plan_visit.c how one goes. One is open at a time.
 */
#ifndef MAILGAUGE_SMTP_PLAN_PARTS_H
#define MAILGAUGE_SMTP_PLAN_PARTS_H

#include "connection.h"
#include "core/attributes.h"
#include "core/deadline.h"
#include "core/limits.h"
#include "core/span.h"
#include "dialogue.h"
#include "plan.h"
#include "smtp/flight.h"
#include "smtp/hello.h"
#include "smtp/suite.h"

#include <stdbool.h>
#include <stdint.h>

enum answer {
	ANSWER_SILENCE, /* nothing in time, or not more than a part */
	ANSWER_CLOSED,
	ANSWER_ALERT,
	ANSWER_HELLO,
	ANSWER_GARBAGE /* bytes that are no TLS, or TLS that is broken */
};

struct plan {
	const struct plan_settings *settings;
	const struct smtp_endpoint *endpoint;
	struct smtp_scan *scan;
	int64_t deadline_ms;
	bool stopped;   /* no more connections */
	bool talked;    /* a conversation came to TLS before */
	bool heard_tls; /* and was answered in TLS, if by an alert or a broken flight */
	unsigned silences; /* hellos without an answer */

	/* The present connection. */
	struct connection connection;
	struct dialogue dialogue;
	int64_t opened_ms;
	struct flight *flight; /* of the present hello, or NULL */
	char server_name[LIMIT_NAME_BYTES * 4 + 1];
	struct span sni;
};

static inline int64_t
plan_now(void)
{
	return clock_system()->now_ms(clock_system());
}

/* --- a connection --------------------------------------------------------- */

/* Opens one up to where TLS begins, perhaps with a command behind STARTTLS. False: the
 * scan is over. When it is true, plan_close() is due. */
bool plan_open(struct plan *plan) MUST_CHECK;
bool plan_open_with(struct plan *plan, const char *pipelined) MUST_CHECK;
void plan_close(struct plan *plan);

/* By the name of the settings, or the host's own. */
bool plan_ehlo(struct plan *plan) MUST_CHECK;

/* Ends the scan where the connection is now. */
void plan_stop(struct plan *plan);

/* TLS got no answer: perhaps that is the end. */
void plan_note_silence(struct plan *plan);

/* --- a hello -------------------------------------------------------------- */

void plan_init_hello(struct plan *plan, struct hello *hello,
    struct hello_random *random, enum tls_version version);

/* Sends a hello over a new connection and reads the answer into plan->flight, whole or
 * with `only_first` as far as the choice. False: the scan is over. When it is true,
 * plan_close() is due. */
bool plan_ask(struct plan *plan, const struct hello *hello, bool only_first,
    enum answer *answer) MUST_CHECK;

/* Reads on until plan->flight is complete, or with `only_first` until the server has
 * chosen something. */
enum flight_status plan_read_flight(struct plan *plan, bool only_first) MUST_CHECK;

#endif
