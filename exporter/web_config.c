/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Keys, names and defaults are those of Prometheus' exporter-toolkit, so that one file
 * serves for all exporters of a host. Where that takes a text and goes on without what
 * it says, such as users of TLS without a certificate, it is refused here.
 */
#include "web_config.h"

#include "config_reader.h"
#include "config_schema.h"
#include "config_tree.h"

#include "core/die.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct web_suite suites[] = {
	{ "TLS_AES_128_GCM_SHA256", NULL, "AES-128-GCM", "AEAD" },
	{ "TLS_AES_256_GCM_SHA384", NULL, "AES-256-GCM", "AEAD" },
	{ "TLS_CHACHA20_POLY1305_SHA256", NULL, "CHACHA20-POLY1305", "AEAD" },
	{ "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA", "AES-128-CBC",
	    "SHA1" },
	{ "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA", "AES-256-CBC",
	    "SHA1" },
	{ "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA", "AES-128-CBC", "SHA1" },
	{ "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA", "AES-256-CBC", "SHA1" },
	{ "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA", "AES-128-GCM",
	    "AEAD" },
	{ "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA", "AES-256-GCM",
	    "AEAD" },
	{ "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA", "AES-128-GCM", "AEAD" },
	{ "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA", "AES-256-GCM", "AEAD" },
	{ "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA",
	    "CHACHA20-POLY1305", "AEAD" },
	{ "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA",
	    "CHACHA20-POLY1305", "AEAD" },
};

static const struct web_curve curves[] = {
	{ "CurveP256", "GROUP-SECP256R1" },
	{ "CurveP384", "GROUP-SECP384R1" },
	{ "CurveP521", "GROUP-SECP521R1" },
	{ "X25519", "GROUP-X25519" },
};

/* --- values --------------------------------------------------------------- */

/* A word and what it stands for. */
struct word {
	const char *name;
	int value;
};

static void
read_word(struct reader *reader, const struct config_node *node,
    const struct word words[], size_t count, int *value)
{
	char memory[256];
	struct buf known;
	buf_wrap(&known, memory, sizeof(memory));
	for (size_t i = 0; i < count; i++) {
		buf_addf(&known, "%s%s", i > 0 ? ", " : "", words[i].name);
		if (!span_equal(node->text, span_text(words[i].name)))
			continue;
		*value = words[i].value;
		return;
	}
	reader_complain(reader, node, "%s: unknown value '%s', expected one of %s",
	    reader_shown(reader, node->key), reader_shown(reader, node->text),
	    known.text);
}

/* Of two keys, `cert` and `cert_file`, one. */
static bool
begin_pem(struct reader *reader, const struct config_node *node, struct web_pem *pem)
{
	const char *name = arena_text(reader->arena, node->key);
	if (pem->name != NULL) {
		reader_complain(
		    reader, node, "%s and %s: only one of them", pem->name, name);
		return false;
	}
	if (span_contains_byte(node->text, '\0')) {
		reader_complain(reader, node, "%s: holds a NUL byte", name);
		return false;
	}
	pem->name = name;
	pem->line = node->line;
	return true;
}

static void
read_pem(struct reader *reader, const struct config_node *node, void *into)
{
	struct web_pem *pem = into;
	if (begin_pem(reader, node, pem))
		pem->text = arena_copy(reader->arena, node->text);
}

static void
read_pem_file(struct reader *reader, const struct config_node *node, void *into)
{
	struct web_pem *pem = into;
	if (begin_pem(reader, node, pem))
		pem->path = reader_path(reader, node->text);
}

/* --- TLS ------------------------------------------------------------------ */

#define OFFSET(field) offsetof(struct web_tls_config, field)

static void
read_client_auth(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct word words[] = {
		{ "NoClientCert", WEB_CLIENT_NONE },
		{ "RequestClientCert", WEB_CLIENT_REQUEST },
		{ "RequireAnyClientCert", WEB_CLIENT_REQUIRE_ANY },
		{ "RequireClientCert", WEB_CLIENT_REQUIRE_ANY },
		{ "VerifyClientCertIfGiven", WEB_CLIENT_VERIFY_IF_GIVEN },
		{ "RequireAndVerifyClientCert", WEB_CLIENT_REQUIRE_AND_VERIFY },
	};
	struct web_tls_config *tls = into;
	int value = (int)tls->client_auth;
	read_word(reader, node, words, ARRAY_LENGTH(words), &value);
	tls->client_auth = (enum web_client_auth)value;
}

static void
read_version(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct word words[] = {
		{ "TLS10", WEB_TLS10 },
		{ "TLS11", WEB_TLS11 },
		{ "TLS12", WEB_TLS12 },
		{ "TLS13", WEB_TLS13 },
	};
	enum web_version *version = into;
	int value = (int)*version;
	read_word(reader, node, words, ARRAY_LENGTH(words), &value);
	*version = (enum web_version)value;
}

static void
read_sans(struct reader *reader, const struct config_node *list, void *into)
{
	struct web_tls_config *tls = into;
	size_t count = 0;
	for (const struct config_node *node = list->first; node; node = node->next)
		count++;
	if (count == 0)
		reader_complain(reader, list,
		    "client_allowed_sans: the list is empty, expected names of "
		    "clients");
	tls->allowed_sans = arena_alloc_array(
	    reader->arena, count, sizeof(*tls->allowed_sans));
	for (const struct config_node *node = list->first; node; node = node->next)
		if (reader_has_kind(
			reader, node, CONFIG_SCALAR, "client_allowed_sans", "a name"))
			tls->allowed_sans[tls->allowed_san_count++] = arena_copy(
			    reader->arena, node->text);
}

static const struct web_suite *
suite_by_name(struct span name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(suites); i++)
		if (span_equal(name, span_text(suites[i].name)))
			return &suites[i];
	return NULL;
}

static void
read_suites(struct reader *reader, const struct config_node *list, void *into)
{
	struct web_tls_config *tls = into;
	tls->suites_line = list->line;
	for (const struct config_node *node = list->first; node; node = node->next) {
		const struct web_suite *suite = NULL;
		if (node->kind == CONFIG_SCALAR)
			suite = suite_by_name(node->text);
		if (suite == NULL)
			reader_complain(reader, node,
			    "cipher_suites: unknown suite '%s', expected one such as "
			    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
			    reader_shown(reader, node->text));
		else if (tls->suite_count == WEB_SUITES)
			reader_complain(reader, node, "cipher_suites: too many");
		else
			tls->suites[tls->suite_count++] = suite;
	}
}

static const struct web_curve *
curve_by_name(struct span name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(curves); i++)
		if (span_equal(name, span_text(curves[i].name)))
			return &curves[i];
	return NULL;
}

static void
read_curves(struct reader *reader, const struct config_node *list, void *into)
{
	struct web_tls_config *tls = into;
	for (const struct config_node *node = list->first; node; node = node->next) {
		const struct web_curve *curve = NULL;
		if (node->kind == CONFIG_SCALAR)
			curve = curve_by_name(node->text);
		if (curve == NULL)
			reader_complain(reader, node,
			    "curve_preferences: unknown curve '%s', expected one of "
			    "CurveP256, CurveP384, CurveP521, X25519",
			    reader_shown(reader, node->text));
		else if (tls->curve_count == WEB_CURVES)
			reader_complain(reader, node, "curve_preferences: too many");
		else
			tls->curves[tls->curve_count++] = curve;
	}
}

bool
web_requires_certificate(const struct web_tls_config *tls)
{
	return tls->client_auth == WEB_CLIENT_REQUIRE_ANY ||
	    tls->client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
}

bool
web_verifies_certificate(const struct web_tls_config *tls)
{
	return tls->client_auth == WEB_CLIENT_VERIFY_IF_GIVEN ||
	    tls->client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
}

/* What no single key can say. */
static void
check_tls(struct reader *reader, const struct config_node *node,
    const struct web_tls_config *tls)
{
	if (tls->certificate.name == NULL)
		reader_complain(
		    reader, node, "tls_server_config: cert_file is missing");
	if (tls->key.name == NULL)
		reader_complain(reader, node, "tls_server_config: key_file is missing");
	if (tls->min > tls->max)
		reader_complain(reader, node,
		    "tls_server_config: min_version is above max_version");
	if (web_verifies_certificate(tls) && tls->client_ca.name == NULL)
		reader_complain(reader, node,
		    "tls_server_config: client_auth_type needs a client_ca_file");
	if (tls->client_auth == WEB_CLIENT_NONE && tls->client_ca.name != NULL)
		reader_complain(reader, node,
		    "tls_server_config: client_ca_file without a client_auth_type");
	if (tls->client_auth != WEB_CLIENT_REQUIRE_AND_VERIFY &&
	    tls->allowed_san_count > 0)
		reader_complain(reader, node,
		    "tls_server_config: client_allowed_sans needs the client_auth_type "
		    "RequireAndVerifyClientCert: anybody can write a name");
}

static void
read_tls(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct key keys[] = {
		{ "cert", CONFIG_SCALAR, "PEM text", read_pem, OFFSET(certificate) },
		{ "cert_file", CONFIG_SCALAR, "a file", read_pem_file,
		    OFFSET(certificate) },
		{ "key", CONFIG_SCALAR, "PEM text", read_pem, OFFSET(key) },
		{ "key_file", CONFIG_SCALAR, "a file", read_pem_file, OFFSET(key) },
		{ "client_ca", CONFIG_SCALAR, "PEM text", read_pem, OFFSET(client_ca) },
		{ "client_ca_file", CONFIG_SCALAR, "a file", read_pem_file,
		    OFFSET(client_ca) },
		{ "client_auth_type", CONFIG_SCALAR, "a word", read_client_auth, 0 },
		{ "client_allowed_sans", CONFIG_LIST, "a list of names", read_sans, 0 },
		{ "min_version", CONFIG_SCALAR, "a version such as TLS12", read_version,
		    OFFSET(min) },
		{ "max_version", CONFIG_SCALAR, "a version such as TLS13", read_version,
		    OFFSET(max) },
		{ "cipher_suites", CONFIG_LIST, "a list of suites", read_suites, 0 },
		{ "curve_preferences", CONFIG_LIST, "a list of curves", read_curves,
		    0 },
		{ "prefer_server_cipher_suites", CONFIG_SCALAR, "true or false",
		    reader_truth, OFFSET(prefer_server) },
	};
	static const struct schema schema = { " of tls_server_config", keys,
		ARRAY_LENGTH(keys) };
	struct web_tls_config *tls = &((struct web_config *)into)->tls;
	tls->is_on = true;
	tls->line = node->line;
	reader_read_mapping(reader, node, &schema, tls);
	check_tls(reader, node, tls);
}

/* --- HTTP ----------------------------------------------------------------- */

/* There is no HTTP/2 here: who allows it gets HTTP/1.1, as from any other server that
 * does not offer it. */
static void
read_http2(struct reader *reader, const struct config_node *node, void *into)
{
	bool ignored = false;
	(void)into;
	reader_truth(reader, node, &ignored);
}

/* The values that the toolkit takes; a blank one unsets the header. */
static bool
is_header_value(const char *name, struct span value)
{
	if (strcmp(name, "X-Frame-Options") == 0)
		return span_equal_nocase(value, span_text("deny")) ||
		    span_equal_nocase(value, span_text("sameorigin"));
	if (strcmp(name, "X-Content-Type-Options") == 0)
		return span_equal_nocase(value, span_text("nosniff"));
	return span_is_printable(value);
}

static const char *
header_by_name(struct span name)
{
	static const char *const names[WEB_HEADERS] = { "Content-Security-Policy",
		"X-Frame-Options", "X-Content-Type-Options", "X-XSS-Protection",
		"Strict-Transport-Security" };
	for (size_t i = 0; i < WEB_HEADERS; i++)
		if (span_equal(name, span_text(names[i])))
			return names[i];
	return NULL;
}

static void
read_header(
    struct reader *reader, const struct config_node *node, struct web_config *config)
{
	const char *name = header_by_name(node->key);
	struct span value = span_trim(node->text);
	if (name == NULL) {
		reader_complain(reader, node,
		    "headers: '%s' can't be set, only Content-Security-Policy, "
		    "X-Frame-Options, X-Content-Type-Options, X-XSS-Protection and "
		    "Strict-Transport-Security",
		    reader_shown(reader, node->key));
		return;
	}
	for (size_t i = 0; i < config->header_count; i++) {
		if (config->headers[i].name == name) {
			reader_complain(reader, node, "headers: %s stands twice", name);
			return;
		}
	}
	if (node->kind == CONFIG_SCALAR && value.length == 0)
		return;
	if (node->kind != CONFIG_SCALAR || !is_header_value(name, value)) {
		reader_complain(reader, node, "headers: %s: '%s' is no value of it",
		    name, reader_shown(reader, node->text));
		return;
	}
	config->headers[config->header_count++] = (struct web_header){ name,
		arena_text(reader->arena, value) };
}

static void
read_headers(struct reader *reader, const struct config_node *mapping, void *into)
{
	for (const struct config_node *node = mapping->first; node; node = node->next)
		read_header(reader, node, into);
}

static void
read_http(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct key keys[] = {
		{ "http2", CONFIG_SCALAR, "true or false", read_http2, 0 },
		{ "headers", CONFIG_MAPPING, "a mapping from names to values",
		    read_headers, 0 },
	};
	static const struct schema schema = { " of http_server_config", keys,
		ARRAY_LENGTH(keys) };
	reader_read_mapping(reader, node, &schema, into);
}

/* --- users ---------------------------------------------------------------- */

static bool
is_of_bcrypt_base64(uint8_t byte)
{
	return byte_is_alnum(byte) || byte == '.' || byte == '/';
}

/* "$2b$10$" and 53 characters of salt and hash. The cost, or 0. */
static uint32_t
bcrypt_cost(struct span hash)
{
	static const struct span kinds[] = { SPAN("$2a$"), SPAN("$2b$"), SPAN("$2y$") };
	enum { BCRYPT_BYTES = 60, BCRYPT_TAIL = 53 };
	struct span kind = span_slice(hash, 0, 4), tail, digits;
	uint32_t cost;
	bool is_known = false;
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		is_known = is_known || span_equal(kind, kinds[i]);
	if (!is_known || hash.length != BCRYPT_BYTES)
		return 0;
	hash = span_slice(hash, kind.length, hash.length);
	if (!span_take(&hash, 2, &digits) || !span_take_number(&digits, 31, &cost) ||
	    digits.length > 0 || cost < 4 || !span_take_byte(&hash, '$'))
		return 0;
	span_take_while(&hash, is_of_bcrypt_base64, &tail);
	return tail.length == BCRYPT_TAIL ? cost : 0;
}

static void
read_user(
    struct reader *reader, const struct config_node *node, struct web_config *config)
{
	const char *name = reader_shown(reader, node->key);
	uint32_t cost = node->kind == CONFIG_SCALAR ? bcrypt_cost(node->text) : 0;
	if (node->key.length == 0 || node->key.length > LIMIT_USER_BYTES ||
	    span_contains_byte(node->key, ':') || span_contains_byte(node->key, '\0'))
		reader_complain(reader, node,
		    "basic_auth_users: '%s' is no name, expected one without a colon, "
		    "of "
		    "at most %d bytes",
		    name, LIMIT_USER_BYTES);
	else if (web_config_user(config, node->key) != NULL)
		reader_complain(
		    reader, node, "basic_auth_users: %s stands twice", name);
	else if (cost == 0) /* not repeated: it may be the password itself */
		reader_complain(reader, node,
		    "basic_auth_users: %s: expected a bcrypt hash, such as htpasswd "
		    "-nB makes",
		    name);
	else if (cost > LIMIT_BCRYPT_COST)
		reader_complain(reader, node,
		    "basic_auth_users: %s: the hash has cost %u, at most %d is taken",
		    name, cost, LIMIT_BCRYPT_COST);
	else
		config->users[config->user_count++] = (struct web_user){
			.name = arena_copy(reader->arena, node->key),
			.hash = arena_text(reader->arena, node->text),
		};
}

/* None at all is as documented: then nobody is asked. What comes of it in a file that
 * is read again without being asked for, see web.c. */
static void
read_users(struct reader *reader, const struct config_node *mapping, void *into)
{
	struct web_config *config = into;
	size_t count = 0;
	for (const struct config_node *node = mapping->first; node; node = node->next)
		count++;
	if (count > LIMIT_WEB_USERS) {
		reader_complain(
		    reader, mapping, "basic_auth_users: more than %d", LIMIT_WEB_USERS);
		return;
	}
	config->users = arena_alloc_array(reader->arena, count, sizeof(*config->users));
	for (const struct config_node *node = mapping->first; node; node = node->next)
		read_user(reader, node, config);
}

const struct web_user *
web_config_user(const struct web_config *config, struct span name)
{
	for (size_t i = 0; i < config->user_count; i++)
		if (span_equal(config->users[i].name, name))
			return &config->users[i];
	return NULL;
}

/* --- rate_limit ----------------------------------------------------------- */

enum { RATE_INTERVAL_MAX_MS = 60 * 60 * 1000, RATE_BURST_MAX = 1000000 };

static void
read_rate_interval(struct reader *reader, const struct config_node *node, void *into)
{
	int64_t *interval_ms = &((struct web_config *)into)->rate_interval_ms;
	if (span_equal(node->text, span_text("0")))
		*interval_ms = 0;
	else
		reader_duration(reader, node, "interval", 0, RATE_INTERVAL_MAX_MS,
		    "0 to 1h", interval_ms);
}

static void
read_rate_burst(struct reader *reader, const struct config_node *node, void *into)
{
	reader_number(reader, node, "burst", 1, RATE_BURST_MAX,
	    &((struct web_config *)into)->rate_burst);
}

static void
read_rate(struct reader *reader, const struct config_node *node, void *into)
{
	static const struct key keys[] = {
		{ "interval", CONFIG_SCALAR, "a duration such as 1s",
		    read_rate_interval, 0 },
		{ "burst", CONFIG_SCALAR, "a number of requests", read_rate_burst, 0 },
	};
	static const struct schema schema = { " of rate_limit", keys,
		ARRAY_LENGTH(keys) };
	reader_read_mapping(reader, node, &schema, into);
}

/* --- the file ------------------------------------------------------------- */

static const struct key root_keys[] = {
	{ "tls_server_config", CONFIG_MAPPING, "a mapping such as {cert_file: a.pem}",
	    read_tls, 0 },
	{ "http_server_config", CONFIG_MAPPING, "a mapping such as {headers: {}}",
	    read_http, 0 },
	{ "basic_auth_users", CONFIG_MAPPING, "a mapping from names to bcrypt hashes",
	    read_users, 0 },
	{ "rate_limit", CONFIG_MAPPING, "a mapping such as {interval: 1s, burst: 10}",
	    read_rate, 0 },
};
static const struct schema root_schema = { "", root_keys, ARRAY_LENGTH(root_keys) };

static struct web_config *
config_new_web(const char *file)
{
	struct web_config *config = must_calloc(1, sizeof(*config));
	config->arena = arena_new();
	config->file = arena_text(config->arena, span_text(file));
	config->tls.min = WEB_TLS12;
	config->tls.max = WEB_TLS13;
	config->tls.prefer_server = true;
	config->rate_burst = 1;
	return config;
}

/* An empty file asks for nothing, and is none that YAML knows. */
static bool
is_blank(struct span yaml)
{
	struct split lines = { .rest = yaml };
	struct span line;
	while (split_next(&lines, '\n', &line)) {
		line = span_trim(line);
		if (line.length > 0 && line.bytes[0] != '#')
			return false;
	}
	return true;
}

struct web_config *
web_config_read(const char *file, struct span yaml, struct config_messages *messages)
{
	struct web_config *config = config_new_web(file);
	struct reader reader = { config->arena, config->file, messages, NULL };
	size_t before = messages->error_count;
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	unsigned line;
	struct arena *arena = arena_new();
	const struct config_node *root = NULL;
	if (!is_blank(yaml)) {
		root = config_tree_read(arena, yaml, &why, &line);
		if (root == NULL)
			config_error(messages, (struct config_place){ file, line },
			    "%s", why.text);
	}
	if (root != NULL &&
	    reader_has_kind(&reader, root, CONFIG_MAPPING, "web configuration",
		"a mapping such as tls_server_config: {cert_file: a.pem}"))
		reader_read_mapping(&reader, root, &root_schema, config);
	arena_free(arena);
	if (messages->error_count == before)
		return config;
	web_config_free(config);
	return NULL;
}

void
web_config_free(struct web_config *config)
{
	if (config == NULL)
		return;
	arena_free(config->arena);
	free(config);
}
