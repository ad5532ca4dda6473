/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * web_config: the file of --web.config.file, in the format that exporters share: TLS,
 * users, headers. Plain data; what follows from it is in web_tls.h and auth.h.
 *
 * What is always true after web_config_read() returned one:
 *  - with TLS there are a certificate and a key, and a CA where clients are verified;
 *  - every user has a bcrypt hash that crypt(3) takes;
 *  - paths count from the folder of the file; nothing of them has been read yet;
 *  - it does not change until web_config_free().
 */
#ifndef MAILGAUGE_EXPORTER_WEB_CONFIG_H
#define MAILGAUGE_EXPORTER_WEB_CONFIG_H

#include "config.h"

#include "core/arena.h"
#include "core/attributes.h"
#include "core/limits.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum web_version { WEB_TLS10, WEB_TLS11, WEB_TLS12, WEB_TLS13 };

enum web_client_auth {
	WEB_CLIENT_NONE,
	WEB_CLIENT_REQUEST,
	WEB_CLIENT_REQUIRE_ANY,
	WEB_CLIENT_VERIFY_IF_GIVEN,
	WEB_CLIENT_REQUIRE_AND_VERIFY
};

/* Certificates or a key, in PEM: a file, or the text itself. */
struct web_pem {
	const char *name; /* the key that it stands behind; NULL: not given */
	const char *path; /* NULL: the text is in the configuration */
	struct span text;
	unsigned line;
};

/* A cipher suite, as the configuration calls it and in the parts that GnuTLS knows. */
struct web_suite {
	const char *name;
	const char *exchange; /* NULL: of TLS 1.3, where that is chosen apart */
	const char *cipher, *mac;
};

struct web_curve {
	const char *name, *group;
};

enum { WEB_SUITES = 32, WEB_CURVES = 8, WEB_HEADERS = 5 };

struct web_tls_config {
	bool is_on;
	unsigned line;
	struct web_pem certificate, key, client_ca;
	enum web_client_auth client_auth;
	struct span *allowed_sans;
	size_t allowed_san_count;
	enum web_version min, max;
	const struct web_suite *suites[WEB_SUITES]; /* none: the usual ones */
	size_t suite_count;
	unsigned suites_line;
	const struct web_curve *curves[WEB_CURVES]; /* none: the usual ones */
	size_t curve_count;
	bool prefer_server;
};

struct web_user {
	struct span name;
	const char *hash;
};

/* Texts with a NUL, fit for a header. */
struct web_header {
	const char *name, *value;
};

struct web_config {
	const char *file;
	struct web_tls_config tls;
	struct web_header headers[WEB_HEADERS];
	size_t header_count;
	struct web_user *users; /* none: everybody may ask */
	size_t user_count;
	int64_t rate_interval_ms; /* between requests; 0: no limit */
	uint32_t rate_burst;
	struct arena *arena;
};

/* Reads the text of the file called `file`; NULL, and told, where it is not fit. */
struct web_config *web_config_read(
    const char *file, struct span yaml, struct config_messages *messages) MUST_CHECK;
void web_config_free(struct web_config *config);

/* Whether a client that shows no certificate is kept out, and one that shows any that
 * no CA of ours has signed. Neither has the other in it. */
bool web_requires_certificate(const struct web_tls_config *tls);
bool web_verifies_certificate(const struct web_tls_config *tls);

/* The user of that name, or NULL. */
const struct web_user *web_config_user(
    const struct web_config *config, struct span name);

#endif
