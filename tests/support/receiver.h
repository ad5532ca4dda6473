/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * receiver: somebody who gets messages, in a world that is a zone. It evaluates SPF as
 * the restart driver does: evaluate, answer what was wanted, evaluate again.
 *
 *	struct receiver receiver;
 *	receiver_init(&receiver, zone);
 *	struct spf_verdict verdict = receiver_check(&receiver, &message);
 *	...
 *	receiver_free(&receiver);
 *
 * What is always true:
 *  - each check begins knowing nothing; rounds and questions are of the last one;
 *  - the verdict's spans are good until the next check;
 *  - an evaluation that breaks its promises ends the program: it wants what it has, it
 *    is not done although nothing is missing, it takes more than LIMIT_ROUNDS, what it
 *    says before all its wants are answered is not what it says at the end.
 */
#ifndef MAILGAUGE_TESTS_RECEIVER_H
#define MAILGAUGE_TESTS_RECEIVER_H

#include "core/arena.h"
#include "core/store.h"
#include "spf/check_host.h"
#include "zone.h"

#include <stdbool.h>
#include <stdint.h>

struct receiver {
	const struct zone *zone;
	struct store *store;
	struct arena *arena;
	bool one_at_a_time; /* only the last want of a round is answered */
	unsigned rounds;    /* evaluations that wanted something */
	unsigned questions;
	bool has_verdict; /* of an earlier round, which the last one has to confirm */
	enum spf_result result;
	size_t explained; /* bytes of its explanation */
};

void receiver_init(struct receiver *receiver, const struct zone *zone);
void receiver_free(struct receiver *receiver);

struct spf_verdict receiver_check(
    struct receiver *receiver, const struct spf_message *message);

/* One more evaluation of the same message, with nothing missing any more. */
struct spf_verdict receiver_check_again(
    struct receiver *receiver, const struct spf_message *message);

/* Whether the question was asked in the last check. */
bool receiver_has_asked(
    const struct receiver *receiver, const char *name, uint16_t type);

#endif
