/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The writer of hellos, with any settings: what it writes fits, and a strict reader
 * takes it. Five bytes of the input are the settings, the rest is the name. */
#include "smtp/hello.h"

#include "core/attributes.h"
#include "support/client_hello.h"

#include <assert.h>

enum { SETTINGS_BYTES = 5, NAME_BYTES = 253, FALLBACK_SCSV = 0x5600 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
settings_of(struct hello *hello, struct span input, const struct hello_random *random)
{
	static const enum tls_version versions[] = { TLS_SSL2, TLS_SSL3, TLS_1_0,
		TLS_1_1, TLS_1_2, TLS_1_3 };
	const uint8_t *set = input.bytes;
	struct span name = span_slice(input, SETTINGS_BYTES, NAME_BYTES);
	hello_init(hello, versions[set[0] % ARRAY_LENGTH(versions)], name, random);
	hello->server_name = name;
	hello->suites = set[1] % (HELLO_SUITES_ECDSA + 1);
	hello->weak = set[2] % SUITE_WEAK_ALL + 1;
	hello->groups = set[3] % (HELLO_GROUPS_POST_QUANTUM + 1);
	hello->fallback_scsv = (set[4] & 1) != 0;
	hello->deflate = (set[4] & 2) != 0;
	hello->renegotiation_info = (set[4] & 4) != 0;
	hello->extended_master_secret = (set[4] & 8) != 0;
	hello->heartbeat = (set[4] & 16) != 0;
}

static void
check_hello(const struct hello *hello, struct span record)
{
	struct client_hello seen;
	struct span data;
	bool is_1_3 = hello->version == TLS_1_3;
	bool is_read = client_hello_read(record, &seen);
	assert(is_read);
	assert(client_hello_offers(&seen, FALLBACK_SCSV) == hello->fallback_scsv);
	assert(client_hello_extension(&seen, 43, &data) == is_1_3);
	assert(client_hello_extension(&seen, 51, &data) == is_1_3);
	assert(
	    client_hello_extension(&seen, 15, &data) == (hello->heartbeat && !is_1_3));
	assert(!client_hello_extension(&seen, 0, &data) ||
	    data.length <= hello->server_name.length + 5);
}

static void
check_ssl2(struct span record)
{
	struct client_hello seen;
	bool is_read = client_hello_read_ssl2(record, &seen);
	assert(is_read);
	assert(seen.version == TLS_SSL2 && seen.suites.length == 7 * 3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct hello_random random = { "1", "2", "3" };
	struct hello hello;
	char memory[HELLO_BYTES];
	struct buf out;
	if (length < SETTINGS_BYTES)
		return 0;
	settings_of(&hello, span_of(bytes, length), &random);
	buf_wrap(&out, memory, sizeof(memory));
	hello_write(&out, &hello);
	assert(!out.cut);
	if (hello.version == TLS_SSL2)
		check_ssl2(buf_span(&out));
	else
		check_hello(&hello, buf_span(&out));
	return 0;
}
