/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Asks in the order of cost: the rate, which is a subtraction, before the password. */
#include "gate.h"

#include "auth.h"

#include "core/die.h"

#include <stdlib.h>
#include <string.h>

/* By then the first of the passwords that wait has been looked at, which takes a tenth
 * of a second, and there is a place again. */
enum { PLACE_MS = 1000 };

struct gate {
	struct web *web;
	struct handlers *handlers;
	struct clock *clock;
	struct auth *auth;
	int64_t next_ms; /* when a request would come that keeps to the rate */
};

/* A request whose password is being looked at. */
struct knock {
	struct http_later later; /* first: the server hands us this */
	struct auth_attempt attempt;
	struct gate *gate;
	const struct http_request *request;
	struct web_settings *settings;
};

struct gate *
gate_new(struct web *web, struct handlers *handlers, struct clock *clock)
{
	struct gate *gate = must_calloc(1, sizeof(*gate));
	gate->web = web;
	gate->handlers = handlers;
	gate->clock = clock;
	gate->auth = auth_new();
	return gate;
}

void
gate_end(struct gate *gate)
{
	auth_end(gate->auth);
}

void
gate_free(struct gate *gate)
{
	auth_free(gate->auth);
	free(gate);
}

/* --- refusals --------------------------------------------------------------- */

static void
refuse_unknown(struct http_answer *answer)
{
	http_answer_text(answer, 401, "Unauthorized\n");
	http_answer_header(answer, "WWW-Authenticate", "Basic");
}

static void
refuse_for(struct http_answer *answer, int64_t wait_ms)
{
	http_answer_text(answer, 429, "Too many requests.\n");
	answer->retry_seconds = (uint32_t)((wait_ms + 999) / 1000);
}

/* A leaky bucket: each request moves the time of the next one on by the interval, and
 * that may be ahead by a burst. Returns how long this one comes too early, or 0. */
static int64_t
too_early_ms(struct gate *gate, const struct web_config *config)
{
	if (config->rate_interval_ms == 0)
		return 0;
	int64_t now_ms = gate->clock->now_ms(gate->clock);
	int64_t most_ms = now_ms + config->rate_interval_ms * config->rate_burst;
	int64_t next_ms = gate->next_ms > now_ms ? gate->next_ms : now_ms;
	if (next_ms > most_ms) /* by a rate that is not in use any more */
		gate->next_ms = next_ms = most_ms;
	int64_t early_ms = next_ms - now_ms -
	    config->rate_interval_ms * (config->rate_burst - 1);
	if (early_ms > 0)
		return early_ms;
	gate->next_ms = next_ms + config->rate_interval_ms;
	return 0;
}

/* --- passwords that have to be looked at ------------------------------------- */

static void
done(struct auth_attempt *attempt)
{
	struct knock *knock = (struct knock *)((char *)attempt -
	    offsetof(struct knock, attempt));
	knock->later.done(&knock->later);
}

static void
start(struct http_later *later)
{
	struct knock *knock = (struct knock *)later;
	knock->attempt.verdict = AUTH_BUSY;
	if (!auth_give(knock->gate->auth, &knock->attempt))
		later->done(later);
}

static void
answer_later(struct http_later *later, struct http_answer *answer)
{
	struct knock *knock = (struct knock *)later;
	if (knock->attempt.verdict == AUTH_RIGHT)
		handlers_answer(knock->gate->handlers, knock->request, answer);
	else if (knock->attempt.verdict == AUTH_WRONG)
		refuse_unknown(answer);
	else
		refuse_for(answer, PLACE_MS);
}

static void
free_later(struct http_later *later)
{
	struct knock *knock = (struct knock *)later;
	web_drop(knock->settings);
	explicit_bzero(knock->attempt.password, sizeof(knock->attempt.password));
	free(knock);
}

/* Takes the settings. */
static void
answer_knock(struct gate *gate, const struct http_request *request,
    struct web_settings *settings, struct http_answer *answer)
{
	struct knock *knock = must_calloc(1, sizeof(*knock));
	knock->later = (struct http_later){
		.start = start, .answer = answer_later, .free = free_later
	};
	knock->attempt.client = request->client;
	knock->attempt.done = done;
	knock->gate = gate;
	knock->request = request;
	knock->settings = settings;
	knock->attempt.verdict = auth_look(gate->auth, settings->config,
	    request->header(request, "Authorization"), &knock->attempt);
	if (knock->attempt.verdict == AUTH_UNSURE) {
		answer->later = &knock->later;
		return;
	}
	answer_later(&knock->later, answer);
	free_later(&knock->later);
}

void
gate_answer(
    struct gate *gate, const struct http_request *request, struct http_answer *answer)
{
	struct web_settings *settings = web_take(gate->web);
	int64_t early_ms = too_early_ms(gate, settings->config);
	if (early_ms > 0) {
		refuse_for(answer, early_ms);
	} else if (settings->config->user_count > 0) {
		answer_knock(gate, request, settings, answer);
		return;
	} else {
		handlers_answer(gate->handlers, request, answer);
	}
	web_drop(settings);
}
