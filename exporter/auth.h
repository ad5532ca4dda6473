/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * auth: passwords. A bcrypt hash takes a tenth of a second by design, so that it is
 * computed in a thread of its own, once for each password that is right, and for wrong
 * ones never more than half of the time.
 *
 * What is always true:
 *  - a password that was right before is told at once, whatever others try meanwhile;
 *  - of every attempt that auth_give() took, done() is called once, at the latest by
 *    auth_end();
 *  - how long it takes depends neither on whether there is such a user nor on how much
 *    of the password is right; where hashes have different costs, a name that is
 *    nobody's has one of them, always the same;
 *  - who tries one name keeps nobody out who has another, wherever both come from.
 */
#ifndef MAILGAUGE_EXPORTER_AUTH_H
#define MAILGAUGE_EXPORTER_AUTH_H

#include "web_config.h"

#include "core/attributes.h"
#include "core/limits.h"
#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

enum auth_verdict {
	AUTH_WRONG,
	AUTH_RIGHT,
	AUTH_BUSY,  /* too many wait already */
	AUTH_UNSURE /* it has to be computed: auth_give() */
};

enum { AUTH_DIGEST_BYTES = 32 };

/* Somebody who says who they are. */
struct auth_attempt {
	uint64_t client; /* from where, see struct http_request */
	void (*done)(struct auth_attempt *attempt); /* in another thread */
	enum auth_verdict verdict;

	/* Ours. */
	const char *hash;
	bool has_user; /* else the hash is only there to take its time */
	char name[LIMIT_USER_BYTES + 1];
	bool joins; /* another one with the same words waits already */
	char password[LIMIT_PASSWORD_BYTES + 1];
	uint8_t digest[AUTH_DIGEST_BYTES];
	struct auth_attempt *prev, *next;
};

struct auth;

struct auth *auth_new(void);

/* Ends the thread; attempts that wait are told that it is busy. */
void auth_end(struct auth *auth);
void auth_free(struct auth *auth);

/* Reads the header Authorization (RFC 7617), and knows whether it has been right
 * before. The configuration has to outlast the attempt, and has users. */
enum auth_verdict auth_look(struct auth *auth, const struct web_config *config,
    struct span header, struct auth_attempt *attempt) MUST_CHECK;

/* False when it is not taken: too many wait. */
bool auth_give(struct auth *auth, struct auth_attempt *attempt) MUST_CHECK;

#endif
