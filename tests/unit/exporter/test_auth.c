/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of passwords, with hashes of the lowest cost. */
#include "auth.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char joe_hash[] = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
static char ann_hash[] = "$2y$04$abcdefghijklmnopqrstuu0HtfOlPbTiymk5tcV.3TsFPDd3SYZqu";

static struct web_user users[] = {
	{ SPAN("joe"), joe_hash }, /* secret */
	{ SPAN("ann"), ann_hash }, /* other */
};
static const struct web_config config = { .users = users, .user_count = 2 };

static const char joe_secret[] = "Basic am9lOnNlY3JldA==";
static const char joe_wrong[] = "Basic am9lOndyb25n";
static const char ann_other[] = "basic YW5uOm90aGVy";
static const char eve_secret[] = "Basic ZXZlOnNlY3JldA==";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static unsigned told_count;

static void
count(struct auth_attempt *attempt)
{
	(void)attempt;
	pthread_mutex_lock(&lock);
	told_count++;
	pthread_cond_signal(&told);
	pthread_mutex_unlock(&lock);
}

static void
wait_for(unsigned wanted)
{
	pthread_mutex_lock(&lock);
	while (told_count < wanted)
		pthread_cond_wait(&told, &lock);
	pthread_mutex_unlock(&lock);
}

static enum auth_verdict
look(struct auth *auth, struct auth_attempt *attempt, const char *header)
{
	memset(attempt, 0, sizeof(*attempt));
	attempt->done = count;
	return auth_look(auth, &config, span_text(header), attempt);
}

/* Until it is computed. */
static enum auth_verdict
judge(struct auth *auth, const char *header)
{
	struct auth_attempt attempt;
	enum auth_verdict verdict = look(auth, &attempt, header);
	if (verdict != AUTH_UNSURE)
		return verdict;
	unsigned before = told_count;
	assert_true(auth_give(auth, &attempt));
	wait_for(before + 1);
	return attempt.verdict;
}

static void
right_and_wrong(void **state)
{
	struct auth *auth = auth_new();
	struct auth_attempt attempt;
	(void)state;
	assert_int_equal(judge(auth, joe_secret), AUTH_RIGHT);
	assert_int_equal(judge(auth, ann_other), AUTH_RIGHT);
	assert_int_equal(judge(auth, joe_wrong), AUTH_WRONG);
	assert_int_equal(judge(auth, eve_secret), AUTH_WRONG); /* nobody */

	/* What was right is known, what was wrong is not. */
	assert_int_equal(look(auth, &attempt, joe_secret), AUTH_RIGHT);
	assert_int_equal(look(auth, &attempt, joe_wrong), AUTH_UNSURE);
	assert_int_equal(look(auth, &attempt, eve_secret), AUTH_UNSURE);
	auth_end(auth);
	auth_free(auth);
}

/* A hash that has changed ends what was known of it. */
static void
another_hash(void **state)
{
	struct auth *auth = auth_new();
	struct auth_attempt attempt;
	(void)state;
	assert_int_equal(judge(auth, joe_secret), AUTH_RIGHT);
	users[0].hash = ann_hash;
	assert_int_equal(look(auth, &attempt, joe_secret), AUTH_UNSURE);
	assert_int_equal(judge(auth, joe_secret), AUTH_WRONG);
	users[0].hash = joe_hash;
	auth_end(auth);
	auth_free(auth);
}

static void
what_is_no_header_is_wrong(void **state)
{
	static const char *const headers[] = { "", "Basic", "Basic ", "Basic !",
		"Bearer am9lOnNlY3JldA==", "Basic am9l", /* no colon */
		"Basic OnNlY3JldA==",                    /* no name */
		"Basic am9lOnNl\x01Y3JldA==", "Basic am9lOnMAZWNyZXQ=" /* a NUL */ };
	struct auth *auth = auth_new();
	struct auth_attempt attempt;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
		assert_int_equal(look(auth, &attempt, headers[i]), AUTH_WRONG);
	auth_end(auth);
	auth_free(auth);
}

/* The thread computes the first and rests after it, so that the others wait. */
static void
few_may_wait(void **state)
{
	enum { MANY = 100 };
	static struct auth_attempt attempts[MANY];
	struct auth *auth = auth_new();
	(void)state;
	unsigned taken = 0, before = told_count;
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(look(auth, &attempts[i], eve_secret), AUTH_UNSURE);
		attempts[i].client = i % 2;
		/* No two the same. */
		memcpy(attempts[i].digest, &i, sizeof(i));
		taken += auth_give(auth, &attempts[i]);
	}
	assert_in_range(taken, 2 * LIMIT_AUTH_NAME_WAITING, MANY - 1);
	auth_end(auth);
	wait_for(before + taken);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_not_equal(attempts[i].verdict, AUTH_RIGHT);
	assert_false(auth_give(auth, &attempts[0])); /* it has ended */
	auth_free(auth);
}

/* The header of one of 26 names, "aaA" to "aaZ". */
static const char *
header_of(char header[static 32], unsigned name)
{
	static const char digits[] = "BCDEFGHIJKLMNOPQRSTUVWXYZa";
	snprintf(header, 32, "Basic YWF%cOnB3", digits[name % 26]);
	return header;
}

/* Through a proxy or a unix socket all are one client. */
static void
one_name_keeps_nobody_out(void **state)
{
	enum { MANY = 100 };
	static struct auth_attempt attempts[MANY], other, elsewhere;
	struct auth *auth = auth_new();
	(void)state;
	unsigned before = told_count, taken = 0;
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(look(auth, &attempts[i], joe_wrong), AUTH_UNSURE);
		memcpy(attempts[i].digest, &i, sizeof(i));
		taken += auth_give(auth, &attempts[i]);
	}
	assert_int_equal(look(auth, &other, ann_other), AUTH_UNSURE);
	assert_true(auth_give(auth, &other));
	wait_for(before + taken + 1);
	assert_int_equal(other.verdict, AUTH_RIGHT);

	/* Nor do many names at one client keep out another client. */
	before = told_count;
	taken = 0;
	for (unsigned i = 0; i < MANY; i++) {
		char header[32];
		look(auth, &attempts[i], header_of(header, i));
		memcpy(attempts[i].digest, &i, sizeof(i));
		taken += auth_give(auth, &attempts[i]);
	}
	assert_int_equal(look(auth, &elsewhere, joe_secret), AUTH_UNSURE);
	elsewhere.client = 1;
	assert_true(auth_give(auth, &elsewhere));
	wait_for(before + taken + 1);
	assert_int_equal(elsewhere.verdict, AUTH_RIGHT);
	auth_end(auth);
	auth_free(auth);
}

static void
some_who_guess_keep_nobody_out(void **state)
{
	enum { GUESSERS = 5, EACH = LIMIT_AUTH_CLIENT_WAITING };
	static struct auth_attempt attempts[GUESSERS * EACH], other;
	struct auth *auth = auth_new();
	(void)state;
	unsigned before = told_count;
	for (unsigned i = 0; i < GUESSERS * EACH; i++) {
		char header[32];
		look(auth, &attempts[i], header_of(header, i % EACH));
		attempts[i].client = i / EACH;
		memcpy(attempts[i].digest, &i, sizeof(i));
		assert_true(auth_give(auth, &attempts[i]));
	}
	assert_int_equal(look(auth, &other, joe_secret), AUTH_UNSURE);
	other.client = GUESSERS;
	assert_true(auth_give(auth, &other));
	auth_end(auth);
	wait_for(before + GUESSERS * EACH + 1);
	auth_free(auth);
}

/* Hashes of several costs take several times: nobody's is one of them. */
static void
nobody_takes_the_time_of_somebody(void **state)
{
	struct auth *auth = auth_new();
	struct auth_attempt attempt, again;
	char header[32];
	unsigned as_joe = 0, as_ann = 0;
	(void)state;
	for (unsigned i = 0; i < 26; i++) {
		assert_int_equal(
		    look(auth, &attempt, header_of(header, i)), AUTH_UNSURE);
		assert_int_equal(look(auth, &again, header), AUTH_UNSURE);
		assert_false(attempt.has_user);
		assert_string_equal(attempt.hash, again.hash);
		as_joe += strcmp(attempt.hash, joe_hash) == 0;
		as_ann += strcmp(attempt.hash, ann_hash) == 0;
	}
	assert_int_equal(as_joe + as_ann, 26);
	assert_in_range(as_joe, 1, 25);
	auth_end(auth);
	auth_free(auth);
}

/* All domains of a job are asked about at once, with the same password. */
static void
who_says_the_same_waits_together(void **state)
{
	enum { MANY = 100 };
	static struct auth_attempt attempts[MANY];
	struct auth *auth = auth_new();
	(void)state;
	unsigned before = told_count;
	for (unsigned i = 0; i < MANY; i++) {
		enum auth_verdict verdict = look(auth, &attempts[i], joe_secret);
		if (verdict == AUTH_UNSURE)
			assert_true(auth_give(auth, &attempts[i]));
		else
			count(&attempts[i]);
		if (verdict == AUTH_RIGHT)
			attempts[i].verdict = verdict;
	}
	wait_for(before + MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(attempts[i].verdict, AUTH_RIGHT);
	auth_end(auth);
	auth_free(auth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(another_hash),
		cmocka_unit_test(what_is_no_header_is_wrong),
		cmocka_unit_test(few_may_wait),
		cmocka_unit_test(one_name_keeps_nobody_out),
		cmocka_unit_test(some_who_guess_keep_nobody_out),
		cmocka_unit_test(nobody_takes_the_time_of_somebody),
		cmocka_unit_test(who_says_the_same_waits_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
