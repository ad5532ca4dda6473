/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * client_hello: reads a hello strictly, as no server does: every length is exact, no
 * extension comes twice, lists are not empty. Knows nothing of the writer.
 */
#ifndef MAILGAUGE_SUPPORT_CLIENT_HELLO_H
#define MAILGAUGE_SUPPORT_CLIENT_HELLO_H

#include "core/attributes.h"
#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

struct client_hello {
	uint16_t record_version, version;
	struct span random, session_id;
	struct span suites; /* of SSLv2: cipher specs of three bytes */
	struct span compressions;
	struct span extensions; /* without the length; empty when there is no list */
};

/* One record, and nothing behind it. */
bool client_hello_read(struct span record, struct client_hello *hello) MUST_CHECK;
bool client_hello_read_ssl2(struct span record, struct client_hello *hello) MUST_CHECK;

bool client_hello_offers(const struct client_hello *hello, uint16_t suite);

/* The data of an extension; false when it isn't there. */
bool client_hello_extension(
    const struct client_hello *hello, uint16_t number, struct span *data);

#endif
