/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* web_tls: what tls_server_config comes to: certificates, versions, and which clients
 * are let in. Does not change, and may be shared by threads. */
#ifndef MAILGAUGE_EXPORTER_WEB_TLS_H
#define MAILGAUGE_EXPORTER_WEB_TLS_H

#include "web_config.h"

#include "core/attributes.h"

struct web_tls;

/* Reads the files. NULL, and told, when they are not fit for use. The configuration is
 * borrowed. */
struct web_tls *web_tls_new(
    const struct web_config *config, struct config_messages *messages) MUST_CHECK;
void web_tls_free(struct web_tls *tls);

/* What libmicrohttpd wants to have for certificates before it starts; never called. */
typedef void web_tls_function(void);
web_tls_function *web_tls_retriever(void);

/* Before the handshake of a session of GnuTLS: all of it goes by these settings, which
 * have to last as long as the session. False when the library refuses. */
bool web_tls_begin(const struct web_tls *tls, void *session) MUST_CHECK;

#endif
