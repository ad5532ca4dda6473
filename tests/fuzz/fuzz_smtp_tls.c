/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The probe of mail hosts over any answers and scans. Lines of the input:
 *
 *	M bytes      a record of the domain's MX, of these bytes as its data
 *	A, 6, T      the same of A, AAAA, TLSA of the host mx.example; alone: no data
 *	+            all answers are authentic, and AD is believed
 *	sWORDS       both addresses answer as a scan of tests/support/mail.h
 *	bBYTES       over facts of that scan: its end and stage, truths, texts
 *	oBYTE        options, by bits
 */
#include "smtp_tls/settings.h"
#include "smtp_tls/smtp_tls.h"
#include "support/facts.h"
#include "support/mail.h"
#include "support/report_check.h"

#include <string.h>

enum { RECORDS_MAX = 8, PORT = 25 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct set {
	const char *name;
	uint16_t type;
	bool known;
	size_t count;
	struct dns_record records[RECORDS_MAX];
};

struct world {
	struct facts *facts;
	struct set sets[4];
	bool authentic;
	struct span words, facts_bytes;
	uint8_t options;
};

static void
add_record(struct world *world, uint8_t kind, struct span data)
{
	static const char kinds[] = "MA6T";
	const char *found = strchr(kinds, kind);
	if (kind == 0 || found == NULL)
		return;
	struct set *set = &world->sets[found - kinds];
	set->known = true;
	if (data.length > 0 && set->count < RECORDS_MAX)
		set->records[set->count++] = (struct dns_record){ .data = data };
}

static void
read_line(struct world *world, struct span line)
{
	uint8_t kind;
	if (!span_take_u8(&line, &kind))
		return;
	if (kind == '+')
		world->authentic = true;
	else if (kind == 's')
		world->words = line;
	else if (kind == 'b')
		world->facts_bytes = line;
	else if (kind == 'o' && line.length > 0)
		world->options = line.bytes[0];
	else
		add_record(world, kind, line);
}

static void
put_answers(struct world *world)
{
	for (size_t i = 0; i < ARRAY_LENGTH(world->sets); i++) {
		const struct set *set = &world->sets[i];
		const struct dns_answer answer = {
			.type = set->type,
			.ttl_seconds = 300,
			.wire_bytes = 100,
			.record_count = (uint16_t)set->count,
			.records = set->records,
			.authentic = world->authentic,
		};
		if (set->known)
			facts_put_answer(world->facts, set->name, &answer);
	}
}

/* Any values that a fetcher could give. */
static void
change_facts(struct smtp_scan *scan, struct span bytes)
{
	uint8_t byte;
	if (span_take_u8(&bytes, &byte))
		scan->end = byte % SMTP_ENDS;
	if (span_take_u8(&bytes, &byte))
		scan->stage = byte % SMTP_STAGES;
	if (span_take_u8(&bytes, &byte))
		scan->tls.dh_bits = 8u * byte;
	for (size_t i = 0; i < SMTP_PROTOCOLS && span_take_u8(&bytes, &byte); i++)
		scan->tls.protocols[i] = byte % 3;
	for (size_t i = 0; i < SMTP_WEAKS && span_take_u8(&bytes, &byte); i++)
		scan->tls.weak[i] = byte % 3;
	if (span_take_u8(&bytes, &byte))
		scan->tls.heartbleed = byte % 3;
	struct span text = span_slice(bytes, 0, sizeof(scan->error) - 1);
	if (text.length > 0)
		memcpy(scan->error, text.bytes, text.length);
	if (text.length > 0 && text.length < sizeof(scan->reply.text))
		memcpy(scan->reply.text, text.bytes, text.length);
}

/* Both of the host's addresses, under the name that it has in the MX. */
static void
put_scan(struct world *world, uint8_t length, const uint8_t *address)
{
	struct smtp_endpoint endpoint = { .address_length = length,
		.port = PORT,
		.name = facts_name("mx.example"),
		.quick = world->options & 1,
		.injection = world->options & 2 };
	char memory[128];
	struct buf why;
	struct smtp_key key;
	buf_wrap(&why, memory, sizeof(memory));
	memcpy(endpoint.address, address, length);
	struct smtp_scan *scan = smtp_scan_new();
	enum status status = mail_scan_from_words(scan, &endpoint, world->words, &why);
	(void)status; /* words that are none leave what came before them */
	change_facts(scan, world->facts_bytes);
	smtp_key_make(&key, &endpoint);
	store_put(
	    world->facts->store, span_of(key.bytes, key.length), smtp_fact(scan, 1, 0));
}

static void
evaluate(struct world *world)
{
	struct facts *facts = world->facts;
	const struct smtp_tls_settings settings = {
		.quick = world->options & 1,
		.injection = world->options & 2,
		.require_dane = world->options & 4,
		.require_trust = world->options & 8,
		.only_ipv4 = world->options & 16,
		.min_tls = world->options & 32 ? SMTP_TLSV13 : SMTP_SSLV2,
	};
	const struct target target = {
		.domain = facts_name("example"),
		.settings = &settings,
		.now_seconds = MAIL_NOW_SECONDS,
		.trusts_ad = world->authentic,
	};
	facts_view(facts);
	facts->view.closed = OUTCOME_TIMEOUT;
	smtp_tls_probe.evaluate(&target, &facts->view, &facts->report);
	report_finish(&facts->report);
	report_check(&facts->report);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t ipv4[4] = { 192, 0, 2, 1 }, ipv6[16] = { 0x20, 1 };
	struct world world = {
		.facts = facts_new(),
		.sets = { { .name = "example", .type = DNS_MX },
		    { .name = "mx.example", .type = DNS_A },
		    { .name = "mx.example", .type = DNS_AAAA },
		    { .name = "_25._tcp.mx.example", .type = DNS_TLSA } },
	};
	struct split lines = { .rest = span_of(bytes, length) };
	struct span line;
	while (split_next(&lines, '\n', &line))
		read_line(&world, line);
	put_answers(&world);
	put_scan(&world, sizeof(ipv4), ipv4);
	put_scan(&world, sizeof(ipv6), ipv6);
	evaluate(&world);
	facts_free(world.facts);
	return 0;
}
