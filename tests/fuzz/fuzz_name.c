/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Names from text, from people and from the wire: what is taken is legal, and reads
 * back as the same name from its wire and, where nothing had to be escaped, from its
 * text. */
#include "dns/name.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
reads_back(const struct dns_name *name)
{
	char memory[4 * LIMIT_NAME_BYTES + 1];
	struct buf text;
	struct dns_name back;
	struct span wire = dns_name_span(name);
	assert(dns_name_from_wire(&back, &wire) == STATUS_OK && wire.length == 0);
	assert(dns_name_equal(&back, name) && dns_name_is_within(&back, name));

	buf_wrap(&text, memory, sizeof(memory));
	dns_name_add(&text, name);
	assert(!text.cut);
	if (span_contains_byte(buf_span(&text), '\\'))
		return;
	assert(dns_name_from_text(&back, buf_span(&text)) == STATUS_OK);
	assert(span_equal(dns_name_span(&back), dns_name_span(name)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span input = span_of(bytes, length), rest = input;
	struct dns_name name;
	if (dns_name_from_text(&name, input) == STATUS_OK)
		reads_back(&name);
	if (dns_name_from_user(&name, input) == STATUS_OK)
		reads_back(&name);
	if (dns_name_from_message(&name, input, &rest) == STATUS_OK)
		reads_back(&name);
	return 0;
}
