/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the settings in use, and of when others take their place. */
#include "web.h"

#include "support/self_signed.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define USERS \
	"basic_auth_users:\n" \
	"  joe: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"
#define TLS "tls_server_config: {cert_file: c.pem, key_file: k.pem}\n"
#define CLIENTS(asked) \
	"tls_server_config:\n" \
	"  cert_file: c.pem\n" \
	"  key_file: k.pem\n" \
	"  client_ca_file: c.pem\n" \
	"  client_auth_type: " asked "\n"
#define VERIFIED "RequireAndVerifyClientCert"
#define NAMED VERIFIED "\n  client_allowed_sans:\n    - a.example\n"

enum { PEM_BYTES = 8192 };

/* A folder with a web configuration. */
struct folder {
	char path[64];
	char file[80]; /* the configuration */
	char certificate[PEM_BYTES], key[PEM_BYTES];
	struct config_messages messages;
};

static const char *
in_folder(const struct folder *folder, const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	return path;
}

/* By another name first, as editors do it: no two files in one place are one inode. */
static void
put(const struct folder *folder, const char *name, const char *text)
{
	char temporary[128];
	snprintf(temporary, sizeof(temporary), "%s/new", folder->path);
	FILE *file = fopen(temporary, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(temporary, in_folder(folder, name)), 0);
}

/* A certificate with its key. */
static void
put_pair(struct folder *folder)
{
	struct buf certificate, key;
	buf_init(&certificate, PEM_BYTES);
	buf_init(&key, PEM_BYTES);
	self_signed_pem(&certificate, &key);
	put(folder, "c.pem", certificate.text);
	put(folder, "k.pem", key.text);
	strcpy(folder->certificate, certificate.text);
	strcpy(folder->key, key.text);
	buf_free(&certificate);
	buf_free(&key);
}

static int
make_folder(void **state)
{
	static struct folder folder;
	strcpy(folder.path, "/tmp/mailgauge-web-XXXXXX");
	assert_non_null(mkdtemp(folder.path));
	strcpy(folder.file, in_folder(&folder, "w.yml"));
	config_messages_init(&folder.messages);
	*state = &folder;
	return 0;
}

static int
remove_folder(void **state)
{
	struct folder *folder = *state;
	static const char *const names[] = { "w.yml", "c.pem", "k.pem", "late.pem" };
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		unlink(in_folder(folder, names[i]));
	config_messages_free(&folder->messages);
	return rmdir(folder->path);
}

static struct web *
open_web(struct folder *folder)
{
	struct web *web = web_new(folder->file, &folder->messages);
	if (web == NULL)
		fail_msg("%s", folder->messages.errors.text);
	return web;
}

static void
assert_refused(
    struct folder *folder, struct web *web, bool is_asked_for, const char *want)
{
	buf_clear(&folder->messages.errors);
	assert_false(web_reload(web, is_asked_for, &folder->messages));
	if (strstr(folder->messages.errors.text, want) == NULL)
		fail_msg("want %s, got %s", want, folder->messages.errors.text);
}

static size_t
users_of(struct web *web)
{
	struct web_settings *settings = web_take(web);
	size_t count = settings->config->user_count;
	web_drop(settings);
	return count;
}

/* --- tests ------------------------------------------------------------------ */

static void
what_is_no_file_is_refused(void **state)
{
	struct folder *folder = *state;
	assert_null(web_new("-", &folder->messages));
	assert_null(web_new(folder->file, &folder->messages)); /* not there yet */
	put(folder, "w.yml", "nonsense: 1\n");
	assert_null(web_new(folder->file, &folder->messages));
	assert_int_equal(folder->messages.error_count, 3);
}

static void
settings_stay_with_who_took_them(void **state)
{
	struct folder *folder = *state;
	put(folder, "w.yml", USERS);
	struct web *web = open_web(folder);
	struct web_settings *old = web_take(web);
	put(folder, "w.yml", "");
	assert_true(web_reload(web, true, &folder->messages));
	assert_int_equal(users_of(web), 0);
	assert_int_equal(old->config->user_count, 1);
	web_free(web);
	assert_non_null(web_config_user(old->config, span_text("joe")));
	web_drop(old);
}

/* An empty file may be one that is just being written. */
static void
doors_are_opened_by_people_only(void **state)
{
	static const char *const texts[] = { "", "basic_auth_users: {}\n",
		"rate_limit: {interval: 1s}\n" };
	struct folder *folder = *state;
	put(folder, "w.yml", USERS);
	struct web *web = open_web(folder);
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		put(folder, "w.yml", texts[i]);
		assert_refused(folder, web, false, "not given up without a reload");
		assert_int_equal(users_of(web), 1);
	}
	assert_true(web_reload(web, true, &folder->messages));
	assert_int_equal(users_of(web), 0);
	web_free(web);
}

static void
clients_are_asked_until_a_person_says_otherwise(void **state)
{
	static const struct {
		const char *before, *after;
		bool is_taken; /* unasked */
	} cases[] = {
		{ CLIENTS(VERIFIED), TLS, false },
		{ CLIENTS(VERIFIED), CLIENTS("RequireAnyClientCert"), false },
		{ CLIENTS(VERIFIED), CLIENTS("VerifyClientCertIfGiven"), false },
		{ CLIENTS(VERIFIED), CLIENTS(NAMED), true },
		{ CLIENTS(NAMED), CLIENTS(VERIFIED), false },
		{ CLIENTS(NAMED), CLIENTS(NAMED "    - b.example"), true },
		{ CLIENTS("RequireAnyClientCert"), CLIENTS("VerifyClientCertIfGiven"),
		    false },
		{ CLIENTS("RequireAnyClientCert"), CLIENTS("RequestClientCert"),
		    false },
		{ CLIENTS("RequireAnyClientCert"), CLIENTS(VERIFIED), true },
		{ CLIENTS("VerifyClientCertIfGiven"), CLIENTS("RequireAnyClientCert"),
		    false },
		{ CLIENTS("VerifyClientCertIfGiven"), CLIENTS(VERIFIED), true },
		{ CLIENTS("RequestClientCert"), TLS, true },
	};
	struct folder *folder = *state;
	put_pair(folder);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		put(folder, "w.yml", cases[i].before);
		struct web *web = open_web(folder);
		put(folder, "w.yml", cases[i].after);
		if (web_reload(web, false, &folder->messages) != cases[i].is_taken)
			fail_msg("%s -> %s", cases[i].before, cases[i].after);
		if (!cases[i].is_taken)
			assert_refused(
			    folder, web, false, "not given up without a reload");
		assert_true(web_reload(web, true, &folder->messages));
		web_free(web);
	}
}

static void
tls_stays_on_or_off(void **state)
{
	struct folder *folder = *state;
	put_pair(folder);
	put(folder, "w.yml", TLS);
	struct web *with = open_web(folder);
	assert_true(web_has_tls(with));
	put(folder, "w.yml", "");
	struct web *without = open_web(folder);
	assert_false(web_has_tls(without));
	assert_refused(folder, with, true, "without a restart");
	put(folder, "w.yml", TLS);
	assert_refused(folder, without, true, "without a restart");
	web_free(with);
	web_free(without);
}

static void
changes_are_noticed(void **state)
{
	static const char *const names[] = { "c.pem", "k.pem", "w.yml" };
	struct folder *folder = *state;
	put_pair(folder);
	put(folder, "w.yml", TLS);
	struct web *web = open_web(folder);
	assert_false(web_has_changed(web));
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		assert_int_equal(chmod(in_folder(folder, names[i]), 0600), 0);
		assert_true(web_has_changed(web));
		assert_true(web_reload(web, false, &folder->messages));
		assert_false(web_has_changed(web));
	}
	web_free(web);
}

/* The new file names a certificate that is written a little later. */
static void
what_was_missing_is_noticed_when_it_comes(void **state)
{
	struct folder *folder = *state;
	put_pair(folder);
	put(folder, "w.yml", TLS);
	struct web *web = open_web(folder);
	put(folder, "w.yml",
	    "tls_server_config: {cert_file: late.pem, key_file: k.pem}\n");
	assert_refused(folder, web, false, "late.pem: No such file");
	assert_false(web_has_changed(web)); /* not tried again as it is */
	put(folder, "late.pem", folder->certificate);
	assert_true(web_has_changed(web));
	assert_true(web_reload(web, false, &folder->messages));
	assert_false(web_has_changed(web));
	web_free(web);
}

/* Changes the certificate when it has been read, and the key, a pipe, is. */
static void *
change_meanwhile(void *context)
{
	const struct folder *folder = context;
	FILE *pipe = fopen(in_folder(folder, "k.pem"), "w");
	assert_non_null(pipe); /* from now on the reader waits for us */
	put(folder, "c.pem", "");
	fputs(folder->key, pipe);
	fclose(pipe);
	return NULL;
}

static void
what_changes_while_it_is_read_is_noticed(void **state)
{
	struct folder *folder = *state;
	pthread_t other;
	put_pair(folder);
	put(folder, "w.yml", TLS);
	assert_int_equal(unlink(in_folder(folder, "k.pem")), 0);
	assert_int_equal(mkfifo(in_folder(folder, "k.pem"), 0600), 0);
	assert_int_equal(pthread_create(&other, NULL, change_meanwhile, folder), 0);
	struct web *web = open_web(folder);
	pthread_join(other, NULL);
	assert_true(web_has_changed(web));
	web_free(web);
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_no_file_is_refused),
		IN_FOLDER(settings_stay_with_who_took_them),
		IN_FOLDER(doors_are_opened_by_people_only),
		IN_FOLDER(clients_are_asked_until_a_person_says_otherwise),
		IN_FOLDER(tls_stays_on_or_off),
		IN_FOLDER(changes_are_noticed),
		IN_FOLDER(what_was_missing_is_noticed_when_it_comes),
		IN_FOLDER(what_changes_while_it_is_read_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
