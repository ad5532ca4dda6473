/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of what tls_server_config comes to, up to where sessions begin: what is fit for
 * use, and what is said of the rest. */
#include "web_tls.h"

#include "support/self_signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PEM_BYTES = 8192 };

/* Two pairs. */
struct pairs {
	struct buf certificate, key, other_certificate, other_key;
};

static int
make_pairs(void **state)
{
	static struct pairs pairs;
	buf_init(&pairs.certificate, PEM_BYTES);
	buf_init(&pairs.key, PEM_BYTES);
	buf_init(&pairs.other_certificate, PEM_BYTES);
	buf_init(&pairs.other_key, PEM_BYTES);
	self_signed_pem(&pairs.certificate, &pairs.key);
	self_signed_pem(&pairs.other_certificate, &pairs.other_key);
	*state = &pairs;
	return 0;
}

static int
free_pairs(void **state)
{
	struct pairs *pairs = *state;
	buf_free(&pairs->certificate);
	buf_free(&pairs->key);
	buf_free(&pairs->other_certificate);
	buf_free(&pairs->other_key);
	return 0;
}

/* `  name: |`, and the text below it. */
static void
add_text(struct buf *yaml, const char *name, const struct buf *text)
{
	struct split lines = { .rest = buf_span(text) };
	struct span line;
	buf_addf(yaml, "  %s: |\n", name);
	while (split_next(&lines, '\n', &line)) {
		buf_add_text(yaml, "    ");
		buf_add(yaml, line);
		buf_add_byte(yaml, '\n');
	}
}

struct setting {
	const char *lines; /* behind certificate and key */
	const char *want;  /* NULL: it is fit for use */
};

static void
expect(
    const struct buf *certificate, const struct buf *key, const struct setting *setting)
{
	struct config_messages messages;
	struct buf yaml;
	config_messages_init(&messages);
	buf_init(&yaml, 4 * PEM_BYTES);
	buf_add_text(&yaml, "tls_server_config:\n");
	add_text(&yaml, "cert", certificate);
	add_text(&yaml, "key", key);
	buf_add_text(&yaml, setting->lines);
	struct web_config *config = web_config_read(
	    "w.yml", buf_span(&yaml), &messages);
	if (config == NULL)
		fail_msg("%s: %s", setting->lines, messages.errors.text);
	struct web_tls *tls = web_tls_new(config, &messages);
	const char *want = setting->want != NULL ? setting->want : "";
	if ((tls != NULL) != (setting->want == NULL) ||
	    strstr(messages.errors.text, want) == NULL)
		fail_msg("%s: want '%s', got '%s'", setting->lines, want,
		    messages.errors.text);
	web_tls_free(tls);
	web_config_free(config);
	buf_free(&yaml);
	config_messages_free(&messages);
}

static void
versions_and_suites(void **state)
{
	static const struct setting settings[] = {
		{ "", NULL },
		{ "  min_version: TLS13\n", NULL },
		{ "  max_version: TLS12\n", NULL },
		{ "  curve_preferences: [X25519, CurveP384]\n", NULL },
		{ "  prefer_server_cipher_suites: false\n", NULL },
		{ "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n",
		    NULL },
		{ "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "
		  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]\n",
		    NULL },
		/* Of the parts of these two GnuTLS makes four. */
		{ "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "
		  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n",
		    "GnuTLS joins exchanges and ciphers freely and would speak " },
		{ "  client_auth_type: RequireAndVerifyClientCert\n"
		  "  client_ca: none\n",
		    "w.yml:" },
	};
	struct pairs *pairs = *state;
	for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
		expect(&pairs->certificate, &pairs->key, &settings[i]);
}

static void
faults_of_certificates(void **state)
{
	static const struct setting fault = { "", "w.yml:2: cert and key: " };
	struct pairs *pairs = *state;
	expect(&pairs->certificate, &pairs->other_key, &fault);
	expect(&pairs->key, &pairs->certificate, &fault);
	expect(&pairs->key, &pairs->key, &fault);
}

/* Every fault is told at once. */
static void
all_faults_are_told(void **state)
{
	static const char lines[] = "tls_server_config:\n"
				    "  cert_file: /nowhere/c.pem\n"
				    "  key_file: /nowhere/k.pem\n"
				    "  client_auth_type: RequireAndVerifyClientCert\n"
				    "  client_ca_file: /nowhere/a.pem\n";
	struct config_messages messages;
	(void)state;
	config_messages_init(&messages);
	struct web_config *config = web_config_read(
	    "w.yml", span_text(lines), &messages);
	assert_non_null(config);
	assert_null(web_tls_new(config, &messages));
	assert_string_equal(messages.errors.text,
	    "w.yml:2: cert_file: /nowhere/c.pem: No such file or directory\n"
	    "w.yml:3: key_file: /nowhere/k.pem: No such file or directory\n"
	    "w.yml:5: client_ca_file: /nowhere/a.pem: No such file or directory\n");
	web_config_free(config);
	config_messages_free(&messages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_and_suites),
		cmocka_unit_test(faults_of_certificates),
		cmocka_unit_test(all_faults_are_told),
	};
	return cmocka_run_group_tests(tests, make_pairs, free_pairs);
}
