/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The one room of GnuTLS, which is what libmicrohttpd does TLS with. The library's own
 * options are set once for all; here each session gets its settings when it begins, so
 * that a new certificate serves from the next connection on, and clients are refused in
 * the handshake and not by a page.
 */
#include "web_tls.h"

#include "core/die.h"
#include "core/limits.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct web_tls {
	const struct web_tls_config *config;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
};

/* --- clients -------------------------------------------------------------- */

/* The name as the configuration would write it: an address in digits. */
static struct span
san_text(unsigned type, struct span name, char address[static INET6_ADDRSTRLEN])
{
	if (type != GNUTLS_SAN_IPADDRESS)
		return name;
	int family = name.length == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	if (family == AF_INET6 && name.length != sizeof(struct in6_addr))
		return span_of(NULL, 0);
	const char *text = inet_ntop(family, name.bytes, address, INET6_ADDRSTRLEN);
	return span_text(text != NULL ? text : "");
}

static bool
is_allowed_name(const struct web_tls_config *config, unsigned type, struct span name)
{
	char address[INET6_ADDRSTRLEN];
	if (type != GNUTLS_SAN_DNSNAME && type != GNUTLS_SAN_RFC822NAME &&
	    type != GNUTLS_SAN_URI && type != GNUTLS_SAN_IPADDRESS)
		return false;
	name = san_text(type, name, address);
	for (size_t i = 0; i < config->allowed_san_count; i++)
		if (name.length > 0 && span_equal(name, config->allowed_sans[i]))
			return true;
	return false;
}

/* Any of its names (RFC 5280 4.2.1.6). */
static bool
has_allowed_name(const struct web_tls_config *config, gnutls_x509_crt_t certificate)
{
	for (unsigned i = 0; i < LIMIT_CLIENT_NAMES; i++) {
		char name[LIMIT_CLIENT_NAME_BYTES];
		size_t length = sizeof(name);
		int type = gnutls_x509_crt_get_subject_alt_name(
		    certificate, i, name, &length, NULL);
		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			return false;
		if (is_allowed_name(config, (unsigned)type, span_of(name, length)))
			return true;
	}
	return false;
}

static bool
is_allowed(const struct web_tls_config *config, const gnutls_datum_t *leaf)
{
	gnutls_x509_crt_t certificate;
	if (config->allowed_san_count == 0)
		return true;
	if (gnutls_x509_crt_init(&certificate) != GNUTLS_E_SUCCESS)
		return false;
	bool allowed = gnutls_x509_crt_import(certificate, leaf, GNUTLS_X509_FMT_DER) ==
		GNUTLS_E_SUCCESS &&
	    has_allowed_name(config, certificate);
	gnutls_x509_crt_deinit(certificate);
	return allowed;
}

/* Chain, dates and purpose; a name of its own a client need not have. */
static bool
is_verified(gnutls_session_t session)
{
	static char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st wanted = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)purpose };
	unsigned faults = 0;
	return gnutls_certificate_verify_peers(session, &wanted, 1, &faults) ==
	    GNUTLS_E_SUCCESS &&
	    faults == 0;
}

/* GnuTLS calls this in the handshake, also for a client that has shown nothing. Not
 * zero: the handshake ends with an alert. */
static int
judge_client(gnutls_session_t session)
{
	const struct web_tls *tls = gnutls_session_get_ptr(session);
	const struct web_tls_config *config = tls->config;
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	if (chain == NULL || count == 0)
		return web_requires_certificate(config) ? GNUTLS_E_CERTIFICATE_REQUIRED
							: GNUTLS_E_SUCCESS;
	if (web_verifies_certificate(config) && !is_verified(session))
		return GNUTLS_E_CERTIFICATE_ERROR;
	return is_allowed(config, &chain[0]) ? GNUTLS_E_SUCCESS
					     : GNUTLS_E_CERTIFICATE_ERROR;
}

bool
web_tls_begin(const struct web_tls *tls, void *session)
{
	static const gnutls_certificate_request_t requests[] = {
		[WEB_CLIENT_NONE] = GNUTLS_CERT_IGNORE,
		[WEB_CLIENT_REQUEST] = GNUTLS_CERT_REQUEST,
		[WEB_CLIENT_REQUIRE_ANY] = GNUTLS_CERT_REQUIRE,
		[WEB_CLIENT_VERIFY_IF_GIVEN] = GNUTLS_CERT_REQUEST,
		[WEB_CLIENT_REQUIRE_AND_VERIFY] = GNUTLS_CERT_REQUIRE,
	};
	/* The pointer is libmicrohttpd's where keys are shared (PSK), and only there.
	 */
	gnutls_session_set_ptr(session, (void *)tls);
	gnutls_certificate_server_set_request(
	    session, requests[tls->config->client_auth]);
	gnutls_session_set_verify_function(session, judge_client);
	return gnutls_priority_set(session, tls->priority) == GNUTLS_E_SUCCESS &&
	    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->credentials) ==
	    GNUTLS_E_SUCCESS;
}

static int
retrieve_none(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
    const gnutls_pk_algorithm_t *kinds, int kind_count, gnutls_pcert_st **chain,
    unsigned *chain_length, gnutls_privkey_t *key)
{
	(void)session, (void)names, (void)name_count, (void)kinds, (void)kind_count;
	(void)chain, (void)chain_length, (void)key;
	return -1;
}

web_tls_function *
web_tls_retriever(void)
{
	gnutls_certificate_retrieve_function2 *retrieve = retrieve_none;
	return (web_tls_function *)retrieve;
}

/* --- versions and suites -------------------------------------------------- */

static void
add_versions(struct buf *out, const struct web_tls_config *config)
{
	static const char *const names[] = {
		[WEB_TLS10] = "VERS-TLS1.0",
		[WEB_TLS11] = "VERS-TLS1.1",
		[WEB_TLS12] = "VERS-TLS1.2",
		[WEB_TLS13] = "VERS-TLS1.3",
	};
	buf_add_text(out, ":-VERS-ALL");
	for (unsigned i = config->max + 1; i-- > config->min;)
		buf_addf(out, ":+%s", names[i]);
}

/* GnuTLS can't be told suites, only their parts, and joins them as it likes: see
 * check_suites(). */
static void
add_suites(struct buf *out, const struct web_tls_config *config)
{
	if (config->suite_count == 0)
		return;
	buf_add_text(out, ":-KX-ALL:-CIPHER-ALL:-MAC-ALL");
	for (size_t i = 0; i < config->suite_count; i++) {
		const struct web_suite *suite = config->suites[i];
		if (suite->exchange != NULL)
			buf_addf(out, ":+%s", suite->exchange);
		buf_addf(out, ":+%s:+%s", suite->cipher, suite->mac);
	}
}

static void
add_curves(struct buf *out, const struct web_tls_config *config)
{
	if (config->curve_count == 0)
		return;
	buf_add_text(out, ":-GROUP-ALL");
	for (size_t i = 0; i < config->curve_count; i++)
		buf_addf(out, ":+%s", config->curves[i]->group);
}

static bool
is_listed(const struct web_tls_config *config, gnutls_kx_algorithm_t exchange,
    gnutls_cipher_algorithm_t cipher)
{
	for (size_t i = 0; i < config->suite_count; i++) {
		const struct web_suite *suite = config->suites[i];
		if (suite->exchange != NULL &&
		    gnutls_kx_get_id(suite->exchange) == exchange &&
		    gnutls_cipher_get_id(suite->cipher) == cipher)
			return true;
	}
	return false;
}

/* Names what would be spoken although it is not in the list. Those of TLS 1.3 have no
 * key exchange in them. */
static bool
check_suites(const struct web_tls *tls, struct buf *why)
{
	unsigned index;
	for (unsigned i = 0; tls->config->suite_count > 0; i++) {
		unsigned char id[2];
		gnutls_kx_algorithm_t exchange;
		gnutls_cipher_algorithm_t cipher;
		int found = gnutls_priority_get_cipher_suite_index(
		    tls->priority, i, &index);
		if (found == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (found != GNUTLS_E_SUCCESS)
			continue; /* one that this build does not have */
		const char *name = gnutls_cipher_suite_info(
		    index, id, &exchange, &cipher, NULL, NULL);
		if (name == NULL || exchange == GNUTLS_KX_UNKNOWN ||
		    is_listed(tls->config, exchange, cipher))
			continue;
		buf_addf(why,
		    "cipher_suites: GnuTLS joins exchanges and ciphers freely and "
		    "would speak %s too: list that as well, or fewer",
		    name);
		return false;
	}
	return true;
}

/* Whether the host's policy leaves the versions that were asked for. */
static bool
check_versions(const struct web_tls *tls, struct buf *why)
{
	const unsigned *list = NULL;
	int count = gnutls_priority_protocol_list(tls->priority, &list);
	unsigned wanted = tls->config->max - tls->config->min + 1;
	if (count >= 0 && (unsigned)count == wanted)
		return true;
	buf_add_text(why,
	    "tls_server_config: this host's GnuTLS does not speak all versions from "
	    "min_version to max_version");
	return false;
}

static bool
set_priority(struct web_tls *tls, struct buf *why)
{
	char memory[1024];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_add_text(&text, "NORMAL");
	add_versions(&text, tls->config);
	add_suites(&text, tls->config);
	add_curves(&text, tls->config);
	if (tls->config->prefer_server)
		buf_add_text(&text, ":%SERVER_PRECEDENCE");
	if (text.cut) {
		buf_add_text(why, "tls_server_config: too many suites and curves");
		return false;
	}
	int failed = gnutls_priority_init(&tls->priority, text.text, NULL);
	if (failed) {
		tls->priority = NULL;
		buf_addf(why, "tls_server_config: %s: %s", gnutls_strerror(failed),
		    text.text);
		return false;
	}
	return check_versions(tls, why) && check_suites(tls, why);
}

/* --- certificates --------------------------------------------------------- */

/* The text, into a buf of LIMIT_PEM_BYTES where it is in a file. */
static bool
read_pem(const struct web_config *config, const struct web_pem *pem, struct buf *out,
    struct config_messages *messages)
{
	struct config_messages own;
	buf_init(out, LIMIT_PEM_BYTES);
	if (pem->path == NULL) {
		buf_add(out, pem->text);
		return true;
	}
	config_messages_init(&own);
	bool is_read = config_read_file(out, pem->path, &own);
	if (!is_read)
		config_error(messages, (struct config_place){ config->file, pem->line },
		    "%s: %s", pem->name,
		    arena_safe_text(config->arena, span_trim(buf_span(&own.errors))));
	config_messages_free(&own);
	return is_read;
}

static gnutls_datum_t
datum_of(const struct buf *text)
{
	return (gnutls_datum_t){ (unsigned char *)text->text, (unsigned)text->length };
}

static void
wipe(struct buf *secret)
{
	explicit_bzero(secret->text, secret->size);
	buf_free(secret);
}

static bool
set_certificate(const struct web_config *config, struct web_tls *tls,
    struct config_messages *messages)
{
	const struct web_tls_config *own = tls->config;
	struct buf certificate, key;
	bool is_read = read_pem(config, &own->certificate, &certificate, messages);
	is_read = read_pem(config, &own->key, &key, messages) && is_read;
	int failed = GNUTLS_E_SUCCESS;
	if (is_read) {
		gnutls_datum_t both[] = { datum_of(&certificate), datum_of(&key) };
		failed = gnutls_certificate_set_x509_key_mem2(
		    tls->credentials, &both[0], &both[1], GNUTLS_X509_FMT_PEM, NULL, 0);
	}
	if (failed < 0)
		config_error(messages,
		    (struct config_place){ config->file, own->certificate.line },
		    "%s and %s: %s", own->certificate.name, own->key.name,
		    gnutls_strerror(failed));
	buf_free(&certificate);
	wipe(&key);
	return is_read && failed >= 0;
}

static bool
set_client_ca(const struct web_config *config, struct web_tls *tls,
    struct config_messages *messages)
{
	const struct web_pem *pem = &tls->config->client_ca;
	struct buf text;
	if (pem->name == NULL)
		return true;
	int count = 0;
	bool is_read = read_pem(config, pem, &text, messages);
	if (is_read) {
		gnutls_datum_t authorities = datum_of(&text);
		count = gnutls_certificate_set_x509_trust_mem(
		    tls->credentials, &authorities, GNUTLS_X509_FMT_PEM);
	}
	if (is_read && count <= 0)
		config_error(messages, (struct config_place){ config->file, pem->line },
		    "%s: %s", pem->name,
		    count < 0 ? gnutls_strerror(count) : "holds no certificate");
	buf_free(&text);
	return count > 0;
}

struct web_tls *
web_tls_new(const struct web_config *config, struct config_messages *messages)
{
	struct web_tls *tls = must_calloc(1, sizeof(*tls));
	char memory[LIMIT_MESSAGE];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	tls->config = &config->tls;
	if (gnutls_certificate_allocate_credentials(&tls->credentials) !=
	    GNUTLS_E_SUCCESS)
		die_unknown("out of memory");
	bool is_fine = set_certificate(config, tls, messages);
	is_fine = set_client_ca(config, tls, messages) && is_fine;
	if (!set_priority(tls, &why)) {
		unsigned line = tls->config->suites_line;
		config_error(messages,
		    (struct config_place){
			config->file, line > 0 ? line : tls->config->line },
		    "%s", why.text);
		is_fine = false;
	}
	if (is_fine)
		return tls;
	web_tls_free(tls);
	return NULL;
}

void
web_tls_free(struct web_tls *tls)
{
	if (tls == NULL)
		return;
	if (tls->priority != NULL)
		gnutls_priority_deinit(tls->priority);
	gnutls_certificate_free_credentials(tls->credentials);
	free(tls);
}
