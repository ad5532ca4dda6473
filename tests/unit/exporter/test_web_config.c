/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of the file of --web.config.file. Files that it names are read elsewhere. */
#include "web_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HASH "$2b$04$abcdefghijklmnopqrstuudXUwJc2V0QVxx0ukwB9fE3SJ6f8Gx1q"
#define PAIR "cert_file: c.pem, key_file: k.pem"

static void
all_that_there_is(void **state)
{
	static const char text[] =
	    "tls_server_config:\n"
	    "  cert_file: c.pem\n"
	    "  key_file: /etc/k.pem\n"
	    "  client_ca: |\n"
	    "    PEM\n"
	    "  client_auth_type: RequireAndVerifyClientCert\n"
	    "  client_allowed_sans: [a.example, 192.0.2.1]\n"
	    "  min_version: TLS11\n"
	    "  max_version: TLS12\n"
	    "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n"
	    "  curve_preferences: [X25519, CurveP256]\n"
	    "  prefer_server_cipher_suites: false\n"
	    "http_server_config:\n"
	    "  http2: true\n"
	    "  headers: {X-Frame-Options: deny, X-XSS-Protection: \"\"}\n"
	    "basic_auth_users: {joe: \"" HASH "\"}\n"
	    "rate_limit: {interval: 1m, burst: 5}\n";
	struct config_messages messages;
	(void)state;
	config_messages_init(&messages);
	struct web_config *config = web_config_read(
	    "etc/w.yml", span_text(text), &messages);
	if (config == NULL)
		fail_msg("%s", messages.errors.text);
	const struct web_tls_config *tls = &config->tls;
	assert_true(tls->is_on);
	assert_string_equal(tls->certificate.path, "etc/c.pem");
	assert_int_equal(tls->certificate.line, 2);
	assert_string_equal(tls->key.path, "/etc/k.pem");
	assert_null(tls->client_ca.path);
	assert_true(span_equal(tls->client_ca.text, span_text("PEM\n")));
	assert_int_equal(tls->client_auth, WEB_CLIENT_REQUIRE_AND_VERIFY);
	assert_int_equal(tls->allowed_san_count, 2);
	assert_int_equal(tls->min, WEB_TLS11);
	assert_int_equal(tls->max, WEB_TLS12);
	assert_int_equal(tls->suite_count, 1);
	assert_string_equal(tls->curves[1]->group, "GROUP-SECP256R1");
	assert_false(tls->prefer_server);
	assert_int_equal(config->header_count, 1); /* blank: unset */
	assert_string_equal(config->headers[0].value, "deny");
	assert_non_null(web_config_user(config, span_text("joe")));
	assert_null(web_config_user(config, span_text("jo")));
	assert_int_equal(config->rate_interval_ms, 60000);
	assert_int_equal(config->rate_burst, 5);
	web_config_free(config);
	config_messages_free(&messages);
}

static void
nothing_is_asked_for(void **state)
{
	static const char *const texts[] = { "", "\n# nothing\n\n",
		"http_server_config: {}\n", "rate_limit: {interval: 0}\n",
		"basic_auth_users: {}\n" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct config_messages messages;
		config_messages_init(&messages);
		struct web_config *config = web_config_read(
		    "w.yml", span_text(texts[i]), &messages);
		if (config == NULL)
			fail_msg("'%s': %s", texts[i], messages.errors.text);
		assert_false(config->tls.is_on);
		assert_int_equal(config->user_count, 0);
		assert_int_equal(config->rate_interval_ms, 0);
		web_config_free(config);
		config_messages_free(&messages);
	}
}

struct refusal {
	const char *text, *want;
};

static void
expect_refusal(const struct refusal *refusal)
{
	struct config_messages messages;
	config_messages_init(&messages);
	struct web_config *config = web_config_read(
	    "w.yml", span_text(refusal->text), &messages);
	if (config != NULL)
		fail_msg("%s was taken", refusal->text);
	if (strstr(messages.errors.text, refusal->want) == NULL)
		fail_msg("%s\nwant %s, got\n%s", refusal->text, refusal->want,
		    messages.errors.text);
	config_messages_free(&messages);
}

static void
faults_of_tls(void **state)
{
	static const struct refusal cases[] = {
		{ "- a\n", "w.yml:1: web configuration: expected a mapping" },
		{ "a: [\n", "not valid YAML" },
		{ "tls_config: {}\n", "w.yml:1: unknown key 'tls_config'" },
		{ "\ntls_server_config: {certfile: c}\n",
		    "w.yml:2: unknown key 'certfile' of tls_server_config" },
		{ "tls_server_config: {}\n", "cert_file is missing" },
		{ "tls_server_config: {min_version: TLS13}\n", "key_file is missing" },
		{ "tls_server_config: {cert: c, cert_file: c}\n",
		    "cert and cert_file: only one of them" },
		{ "tls_server_config: {" PAIR ", client_auth_type: Always}\n",
		    "client_auth_type: unknown value 'Always', expected one of "
		    "NoClientCert" },
		{ "tls_server_config: {" PAIR
		  ", client_auth_type: VerifyClientCertIfGiven}\n",
		    "client_auth_type needs a client_ca_file" },
		{ "tls_server_config: {" PAIR ", client_ca_file: a.pem}\n",
		    "client_ca_file without a client_auth_type" },
		{ "tls_server_config: {" PAIR ", client_auth_type: RequestClientCert, "
		  "client_allowed_sans: [a]}\n",
		    "client_allowed_sans needs the client_auth_type" },
		{ "tls_server_config: {" PAIR ", client_auth_type: "
		  "RequireAnyClientCert, client_allowed_sans: [a]}\n",
		    "RequireAndVerifyClientCert" },
		{ "tls_server_config: {" PAIR ", client_allowed_sans: []}\n",
		    "the list is empty" },
		{ "tls_server_config: {" PAIR ", min_version: SSL3}\n",
		    "min_version: unknown value 'SSL3'" },
		{ "tls_server_config: {" PAIR ", max_version: TLS11}\n",
		    "min_version is above max_version" },
		{ "tls_server_config: {" PAIR ", cipher_suites: [RC4]}\n",
		    "cipher_suites: unknown suite 'RC4'" },
		{ "tls_server_config: {" PAIR ", curve_preferences: [P256]}\n",
		    "curve_preferences: unknown curve 'P256'" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		expect_refusal(&cases[i]);
}

static void
other_faults(void **state)
{
	static const struct refusal cases[] = {
		{ "http_server_config: {http2: maybe}\n", "http2: 'maybe' is not" },
		{ "http_server_config: {headers: {Server: x}}\n",
		    "headers: 'Server' can't be set" },
		{ "http_server_config: {headers: {X-Frame-Options: x}}\n",
		    "X-Frame-Options: 'x' is no value" },
		{ "http_server_config: {headers: {X-XSS-Protection: \"a\\nb\"}}\n",
		    "X-XSS-Protection: 'a\\010b' is no value" },
		{ "http_server_config: {headers: {X-XSS-Protection: a, "
		  "X-XSS-Protection: b}}\n",
		    "stands twice" },
		{ "basic_auth_users:\n", "basic_auth_users: expected a mapping" },
		{ "basic_auth_users: {joe: secret}\n", "joe: expected a bcrypt hash" },
		{ "basic_auth_users: {joe: \"$2b$31\"}\n", "expected a bcrypt hash" },
		{ "basic_auth_users: {joe: \"$2x$04$abcdefghijklmnopqrstuudXUwJc2V0Q"
		  "Vxx0ukwB9fE3SJ6f8Gx1q\"}\n",
		    "expected a bcrypt hash" },
		{ "basic_auth_users: {joe: \"$2b$17$abcdefghijklmnopqrstuudXUwJc2V0Q"
		  "Vxx0ukwB9fE3SJ6f8Gx1q\"}\n",
		    "has cost 17, at most 16" },
		{ "basic_auth_users: {\"a:b\": \"" HASH "\"}\n", "'a:b' is no name" },
		{ "basic_auth_users: {a: \"" HASH "\", a: \"" HASH "\"}\n",
		    "a stands twice" },
		{ "rate_limit: {interval: soon}\n", "interval: 'soon' is no duration" },
		{ "rate_limit: {burst: 0}\n", "burst: '0' is out of range" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		expect_refusal(&cases[i]);
}

/* It may be the password itself, written there by mistake. */
static void
a_bad_hash_is_not_repeated(void **state)
{
	struct config_messages messages;
	(void)state;
	config_messages_init(&messages);
	assert_null(web_config_read(
	    "w.yml", span_text("basic_auth_users: {joe: secret-word}\n"), &messages));
	assert_null(strstr(messages.errors.text, "secret-word"));
	config_messages_free(&messages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_there_is),
		cmocka_unit_test(nothing_is_asked_for),
		cmocka_unit_test(faults_of_tls),
		cmocka_unit_test(other_faults),
		cmocka_unit_test(a_bad_hash_is_not_repeated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
