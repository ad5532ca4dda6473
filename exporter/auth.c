/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * One thread and a queue in front of it. Each client has few places in the queue, and
 * each name at a client fewer, so that those who look like one client don't have to
 * suffer for one of them. Names that are nobody's are not told from others: who is
 * refused a place would learn it. After a wrong password the thread rests for as long
 * as it took: whoever guesses gets half a core at most, and those who are new to us a
 * place all the same. What was right is remembered as a digest, keyed by a number that
 * dies with us.
 */
#include "auth.h"

#include "core/arena.h"
#include "core/deadline.h"
#include "core/die.h"
#include "dkim/base64.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <crypt.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <utlist.h>

enum { KEY_BYTES = 32 };

struct auth {
	uint8_t key[KEY_BYTES]; /* of digests */
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct auth_attempt *waiting; /* the first is being computed */
	bool ends;
	uint8_t known[LIMIT_AUTH_KNOWN][AUTH_DIGEST_BYTES]; /* a ring */
	size_t known_count;                                 /* ever */
};

/* --- who has been right before -------------------------------------------- */

static void
digest(const struct auth *auth, const struct buf *text,
    uint8_t digest[static AUTH_DIGEST_BYTES])
{
	int failed = gnutls_hmac_fast(
	    GNUTLS_MAC_SHA256, auth->key, KEY_BYTES, text->text, text->length, digest);
	assert(!failed);
}

/* The hash is in it, so that a password ends with it. Names and hashes hold no NUL. */
static void
make_digest(const struct auth *auth, struct auth_attempt *attempt)
{
	struct buf text;
	buf_init(&text, LIMIT_HTTP_REQUEST_BYTES);
	buf_add_text(&text, attempt->name);
	buf_add_byte(&text, '\0');
	buf_add_text(&text, attempt->hash);
	buf_add_byte(&text, '\0');
	buf_add_text(&text, attempt->password);
	digest(auth, &text, attempt->digest);
	explicit_bzero(text.text, text.size);
	buf_free(&text);
}

/* Whose hash takes its time for a name that is nobody's: nobody outside can tell why
 * one takes longer than another. */
static const struct web_user *
stand_in(
    const struct auth *auth, const struct web_config *config, const struct buf *name)
{
	uint8_t bytes[AUTH_DIGEST_BYTES];
	uint32_t number;
	digest(auth, name, bytes);
	memcpy(&number, bytes, sizeof(number));
	return &config->users[number % config->user_count];
}

static bool
is_same(const uint8_t a[static AUTH_DIGEST_BYTES],
    const uint8_t b[static AUTH_DIGEST_BYTES])
{
	return gnutls_memcmp(a, b, AUTH_DIGEST_BYTES) == 0;
}

/* The lock is held. Of a user who is no longer there, nothing counts. */
static bool
is_known(const struct auth *auth, const struct auth_attempt *attempt)
{
	size_t count = auth->known_count < LIMIT_AUTH_KNOWN ? auth->known_count
							    : LIMIT_AUTH_KNOWN;
	bool known = false;
	for (size_t i = 0; i < count; i++)
		known |= is_same(auth->known[i], attempt->digest);
	return known & attempt->has_user;
}

static void
remember(struct auth *auth, const struct auth_attempt *attempt)
{
	memcpy(auth->known[auth->known_count++ % LIMIT_AUTH_KNOWN], attempt->digest,
	    AUTH_DIGEST_BYTES);
}

/* --- the header ------------------------------------------------------------ */

/* User and password with a colon between. */
static bool
split(struct span decoded, struct span *user, struct span *password)
{
	*password = decoded;
	return span_take_until(password, ':', user) && span_take_byte(password, ':') &&
	    user->length > 0 && user->length <= LIMIT_USER_BYTES &&
	    !span_contains_byte(decoded, '\0') &&
	    password->length <= LIMIT_PASSWORD_BYTES;
}

static void
fill(const struct auth *auth, const struct web_config *config,
    struct auth_attempt *attempt, struct span user_name, struct span password)
{
	struct buf name, copy;
	const struct web_user *user = web_config_user(config, user_name);
	buf_wrap(&name, attempt->name, sizeof(attempt->name));
	buf_add(&name, user_name);
	attempt->has_user = user != NULL;
	attempt->hash = (user != NULL ? user : stand_in(auth, config, &name))->hash;
	buf_wrap(&copy, attempt->password, sizeof(attempt->password));
	buf_add(&copy, password);
	make_digest(auth, attempt);
}

/* "Basic", and the rest in base64. False where it is no such header. */
static bool
read_header(const struct auth *auth, const struct web_config *config,
    struct span header, struct auth_attempt *attempt)
{
	struct span user, password;
	if (!span_take_prefix_nocase(&header, span_text("Basic ")))
		return false;
	struct arena *arena = arena_new();
	struct dkim_base64 decoded = dkim_base64_decode(arena, header);
	bool is_read = decoded.fault == DKIM_BASE64_FINE &&
	    split(decoded.bytes, &user, &password);
	if (is_read)
		fill(auth, config, attempt, user, password);
	arena_wipe(arena);
	arena_free(arena);
	return is_read;
}

enum auth_verdict
auth_look(struct auth *auth, const struct web_config *config, struct span header,
    struct auth_attempt *attempt)
{
	if (!read_header(auth, config, header, attempt))
		return AUTH_WRONG;
	pthread_mutex_lock(&auth->lock);
	bool known = is_known(auth, attempt);
	pthread_mutex_unlock(&auth->lock);
	return known ? AUTH_RIGHT : AUTH_UNSURE;
}

/* --- the queue -------------------------------------------------------------- */

/* Whether one more may wait; who says what another says already costs nothing. */
static bool
has_room(const struct auth *auth, struct auth_attempt *attempt)
{
	const struct auth_attempt *each;
	unsigned all = 0, own = 0, named = 0;
	DL_FOREACH(auth->waiting, each)
	{
		bool is_own = !each->joins && each->client == attempt->client;
		attempt->joins = attempt->joins ||
		    is_same(each->digest, attempt->digest);
		all += !each->joins;
		own += is_own;
		named += is_own && strcmp(each->name, attempt->name) == 0;
	}
	return attempt->joins ||
	    (all < LIMIT_AUTH_WAITING && own < LIMIT_AUTH_CLIENT_WAITING &&
		named < LIMIT_AUTH_NAME_WAITING);
}

bool
auth_give(struct auth *auth, struct auth_attempt *attempt)
{
	attempt->joins = false;
	pthread_mutex_lock(&auth->lock);
	bool is_taken = !auth->ends && has_room(auth, attempt);
	if (is_taken) {
		DL_APPEND(auth->waiting, attempt);
		pthread_cond_signal(&auth->changed);
	}
	pthread_mutex_unlock(&auth->lock);
	return is_taken;
}

/* Tells all who have said the same; the lock is held. */
static void
tell(struct auth *auth, const uint8_t digest[static AUTH_DIGEST_BYTES],
    enum auth_verdict verdict)
{
	struct auth_attempt *each, *next;
	DL_FOREACH_SAFE(auth->waiting, each, next)
	{
		if (!is_same(each->digest, digest))
			continue;
		DL_DELETE(auth->waiting, each);
		each->verdict = verdict;
		each->done(each); /* it may be gone after this */
	}
}

/* --- the thread -------------------------------------------------------------- */

/* crypt(3) with the hash as setting makes the hash again. */
static bool
is_right(const struct auth_attempt *attempt)
{
	struct crypt_data *data = must_calloc(1, sizeof(*data));
	const char *made = crypt_r(attempt->password, attempt->hash, data);
	size_t length = strlen(attempt->hash);
	bool right = made != NULL && strlen(made) == length &&
	    gnutls_memcmp(made, attempt->hash, length) == 0;
	explicit_bzero(data, sizeof(*data));
	free(data);
	return right && attempt->has_user;
}

static int64_t
now_ms(void)
{
	struct clock *clock = clock_system();
	return clock->now_ms(clock);
}

/* Until then, or the end; the lock is held. */
static void
rest(struct auth *auth, int64_t until_ms)
{
	struct timespec until = { .tv_sec = until_ms / 1000,
		.tv_nsec = until_ms % 1000 * 1000000 };
	while (!auth->ends &&
	    pthread_cond_timedwait(&auth->changed, &auth->lock, &until) != ETIMEDOUT)
		;
}

/* The first of those who wait; the lock is held, but not while it is computed, and the
 * attempt stays where it is meanwhile. */
static void
judge_first(struct auth *auth)
{
	struct auth_attempt *attempt = auth->waiting;
	uint8_t digest[AUTH_DIGEST_BYTES];
	memcpy(digest, attempt->digest, sizeof(digest));
	pthread_mutex_unlock(&auth->lock);
	int64_t start_ms = now_ms();
	bool right = is_right(attempt);
	int64_t end_ms = now_ms();
	pthread_mutex_lock(&auth->lock);
	if (right)
		remember(auth, attempt);
	tell(auth, digest, right ? AUTH_RIGHT : AUTH_WRONG);
	if (!right)
		rest(auth, end_ms + (end_ms - start_ms));
}

static void *
work(void *context)
{
	struct auth *auth = context;
	pthread_mutex_lock(&auth->lock);
	while (!auth->ends) {
		if (auth->waiting != NULL)
			judge_first(auth);
		else
			pthread_cond_wait(&auth->changed, &auth->lock);
	}
	while (auth->waiting != NULL) {
		uint8_t digest[AUTH_DIGEST_BYTES];
		memcpy(digest, auth->waiting->digest, sizeof(digest));
		tell(auth, digest, AUTH_BUSY);
	}
	pthread_mutex_unlock(&auth->lock);
	return NULL;
}

struct auth *
auth_new(void)
{
	struct auth *auth = must_calloc(1, sizeof(*auth));
	pthread_condattr_t monotonic;
	int failed = gnutls_rnd(GNUTLS_RND_KEY, auth->key, KEY_BYTES) ||
	    pthread_mutex_init(&auth->lock, NULL) ||
	    pthread_condattr_init(&monotonic) ||
	    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&auth->changed, &monotonic) ||
	    pthread_create(&auth->thread, NULL, work, auth);
	if (failed)
		die_unknown("no thread for passwords");
	pthread_condattr_destroy(&monotonic);
	return auth;
}

void
auth_end(struct auth *auth)
{
	pthread_mutex_lock(&auth->lock);
	auth->ends = true;
	pthread_cond_signal(&auth->changed);
	pthread_mutex_unlock(&auth->lock);
	pthread_join(auth->thread, NULL);
}

void
auth_free(struct auth *auth)
{
	pthread_mutex_destroy(&auth->lock);
	pthread_cond_destroy(&auth->changed);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}
