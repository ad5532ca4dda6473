/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The zone reader of the scenarios: any text is a zone or is refused, and whatever a
 * zone says of a name is an answer of legal size. */
#include "support/zone.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
ask(const struct zone *zone, const char *text, uint16_t type)
{
	struct dns_name name;
	enum status status = dns_name_from_text(&name, span_text(text));
	assert(status == STATUS_OK);
	struct zone_reply reply = zone_ask(zone, &name, type);
	assert(reply.delay_ms >= 0);
	assert((reply.answer == NULL) == outcome_is_failure(reply.failure));
	dns_answer_free(reply.answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const names[] = { "a", "b.a", "*.a", "c.b.a",
		"example.com" };
	static const uint16_t types[] = { DNS_A, DNS_CNAME, DNS_MX, DNS_TXT };
	char memory[256];
	struct buf why;
	buf_wrap(&why, memory, sizeof(memory));
	struct zone *zone = zone_new();
	enum status status = zone_add_text(zone, span_of(bytes, length), &why);
	assert((status == STATUS_OK) == (why.length == 0));
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		for (size_t j = 0; j < ARRAY_LENGTH(types); j++)
			ask(zone, names[i], types[j]);
	zone_free(zone);
	return 0;
}
