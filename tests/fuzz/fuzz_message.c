/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The reply parser: bytes are refused, or an answer whose data have their form. */
#include "dns/message.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
use_record(struct arena *arena, uint16_t type, const struct dns_record *record)
{
	uint8_t address[16];
	uint16_t preference;
	struct dns_name name;
	struct dns_tlsa tlsa;
	assert(dns_record_a(record, address) || type != DNS_A);
	assert(dns_record_aaaa(record, address) || type != DNS_AAAA);
	assert(dns_record_name(record, &name) || type != DNS_PTR);
	assert(dns_record_mx(record, &preference, &name) || type != DNS_MX);
	assert(dns_record_tlsa(record, &tlsa) || type != DNS_TLSA);
	arena_safe_text(arena, dns_txt_join(arena, record)); /* reads each byte */
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span message = span_of(bytes, length);
	struct span rest = span_slice(message, 12, length);
	struct dns_answer *answer;
	struct dns_name name;
	uint16_t type;
	if (dns_name_from_message(&name, message, &rest) != STATUS_OK ||
	    !span_take_u16(&rest, &type))
		return 0;
	enum status status = dns_message_read(message, &name, type, &answer);
	if (status != STATUS_OK && status != STATUS_CUT_SHORT)
		return 0;
	struct dns_answer *copy = dns_answer_copy(answer);
	struct arena *arena = arena_new();
	for (size_t i = 0; i < answer->record_count; i++) {
		use_record(arena, type, &answer->records[i]);
		assert(span_equal(answer->records[i].data, copy->records[i].data));
	}
	arena_free(arena);
	dns_answer_free(copy);
	dns_answer_free(answer);
	return 0;
}
