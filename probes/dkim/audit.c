/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The findings about one selector: one short check for each question. A fault of the
 * record does not keep its key from being judged: who mends the record wants to hear
 * of both at once.
 */
#include "dkim/audit.h"

#include "core/limits.h"

enum {
	EXPONENT_USUAL = 65537,
	TERM_SHOWN = 24 /* bytes: what is wrong has to fit into the first line */
};

struct audit {
	struct report *report;
	struct arena *arena;
	const struct dkim_selector *selector;
	struct place place; /* of the selector as a whole */
};

/* --- the answer ----------------------------------------------------------- */

static const struct dns_name *
last_alias(const struct dkim_selector *selector)
{
	const struct dns_answer *answer = selector->txt.answer;
	if (answer == NULL || answer->alias_count == 0)
		return NULL;
	return &dns_answer_aliases(answer)[answer->alias_count - 1];
}

static void
check_missing(const struct audit *audit)
{
	const struct dkim_selector *selector = audit->selector;
	struct report *report = audit->report;
	const struct place *place = &audit->place;
	if (selector->location == NULL)
		report_finding(report, FINDING_DKIM_RECORD_MISSING, place,
		    "selector %s: its name would be longer than a DNS name can be",
		    selector->label);
	else if (selector->selection.unrelated_count > 0)
		report_finding(report, FINDING_DKIM_RECORD_MISSING, place,
		    "selector %s: no key record among %zu TXT record%s",
		    selector->label, selector->selection.unrelated_count,
		    selector->selection.unrelated_count == 1 ? "" : "s");
	else if (selector->txt.outcome != OUTCOME_NXDOMAIN)
		report_finding(report, FINDING_DKIM_RECORD_MISSING, place,
		    "selector %s: %s has no TXT record", selector->label,
		    selector->location);
	else if (last_alias(selector) == NULL) /* otherwise the alias is to blame */
		report_finding(report, FINDING_DKIM_RECORD_MISSING, place,
		    "selector %s: %s does not exist", selector->label,
		    selector->location);
}

static void
check_answer(const struct audit *audit)
{
	const struct dkim_selector *selector = audit->selector;
	if (selector->state == DKIM_FAILED)
		report_finding(audit->report, FINDING_DKIM_DNS_ERROR, &audit->place,
		    "%s: TXT of %s", outcome_text(selector->txt.outcome),
		    selector->location);
	if (selector->state == DKIM_MISSING)
		check_missing(audit);
	if (selector->state == DKIM_SEVERAL)
		report_finding(audit->report, FINDING_DKIM_MULTIPLE_RECORDS,
		    &audit->place,
		    "selector %s: %zu key records, and which one counts is undefined",
		    selector->label, selector->selection.count);
	if (selector->selection.unrelated_count > 0)
		report_finding(audit->report, FINDING_DKIM_UNRELATED_TXT, &audit->place,
		    "selector %s: a TXT record that is no key record: \"%s\"",
		    selector->label,
		    arena_short_text(audit->arena, selector->selection.unrelated));
}

/* "a.example > b.example" */
static const char *
alias_chain(const struct audit *audit)
{
	const struct dns_answer *answer = audit->selector->txt.answer;
	const char *chain = dns_name_text(audit->arena, &dns_answer_aliases(answer)[0]);
	for (size_t i = 1; i < answer->alias_count; i++)
		chain = arena_printf(audit->arena, "%s > %s", chain,
		    dns_name_text(audit->arena, &dns_answer_aliases(answer)[i]));
	return chain;
}

static void
check_aliases(const struct audit *audit)
{
	const struct dkim_selector *selector = audit->selector;
	if (selector->state == DKIM_FAILED || last_alias(selector) == NULL)
		return;
	if (selector->txt.outcome == OUTCOME_NXDOMAIN)
		report_finding(audit->report, FINDING_DKIM_CNAME_DANGLING,
		    &audit->place, "selector %s: an alias of %s, which does not exist",
		    selector->label, alias_chain(audit));
	else
		report_finding(audit->report, FINDING_DKIM_CNAME, &audit->place,
		    "selector %s: an alias of %s", selector->label, alias_chain(audit));
}

/* --- the record ----------------------------------------------------------- */

static struct place
term_place(const struct audit *audit, struct span term, size_t position)
{
	struct place place = audit->place;
	place.term = arena_short_text(audit->arena, term);
	place.position = position;
	return place;
}

static void
check_faults(const struct audit *audit)
{
	static const enum finding_id ids[] = {
		[DKIM_BAD_SYNTAX] = FINDING_DKIM_SYNTAX_ERROR,
		[DKIM_ESCAPED_SEMICOLON] = FINDING_DKIM_ESCAPED_SEMICOLON,
		[DKIM_REPEATED_TAG] = FINDING_DKIM_TAG_DUPLICATE,
		[DKIM_BAD_VERSION] = FINDING_DKIM_VERSION_INVALID,
		[DKIM_BAD_KEY_TYPE] = FINDING_DKIM_KEY_TYPE,
		[DKIM_NO_KEY] = FINDING_DKIM_KEY_MISSING,
		[DKIM_REVOKED] = FINDING_DKIM_KEY_REVOKED,
		[DKIM_BAD_BASE64] = FINDING_DKIM_KEY_BASE64,
		[DKIM_NO_HASH] = FINDING_DKIM_HASH_SHA1_ONLY,
		[DKIM_NO_MAIL] = FINDING_DKIM_SERVICE,
	};
	const struct dkim_record *record = audit->selector->record;
	for (size_t i = 0; i < record->fault_count; i++) {
		const struct dkim_fault *fault = &record->faults[i];
		if (fault->position == 0) {
			report_finding(audit->report, ids[fault->kind], &audit->place,
			    "selector %s: %s", audit->selector->label, fault->reason);
			continue;
		}
		struct place place = term_place(audit, fault->term, fault->position);
		struct span start = span_slice(fault->term, 0, TERM_SHOWN);
		report_finding(audit->report, ids[fault->kind], &place,
		    "selector %s: \"%s%s\" at byte %zu: %s", audit->selector->label,
		    arena_safe_text(audit->arena, start),
		    start.length < fault->term.length ? "..." : "", fault->position,
		    fault->reason);
	}
}

static void
check_tags(const struct audit *audit)
{
	const struct tag_list *tags = &audit->selector->record->tags;
	for (size_t i = 0; i < tags->count; i++) {
		const struct tag *tag = &tags->tags[i];
		if (tag->fault != TAG_FINE || tag->is_repeated)
			continue;
		struct place place = term_place(audit, tag->text, tag->position);
		if (span_equal(tag->name, span_text("g")))
			report_finding(audit->report, FINDING_DKIM_TAG_HISTORIC, &place,
			    "selector %s: the tag g is of the past, and ignored",
			    audit->selector->label);
		else if (!dkim_record_knows_tag(tag->name))
			report_finding(audit->report, FINDING_DKIM_TAG_UNKNOWN, &place,
			    "selector %s: the tag \"%s\" is unknown, and ignored",
			    audit->selector->label,
			    arena_short_text(audit->arena, tag->name));
	}
}

static void
check_flags(const struct audit *audit)
{
	const struct dkim_record *record = audit->selector->record;
	const char *label = audit->selector->label;
	if (record->is_testing)
		report_finding(audit->report, FINDING_DKIM_TEST_MODE, &audit->place,
		    "selector %s: t=y says that DKIM is only being tested", label);
	if (record->is_strict)
		report_finding(audit->report, FINDING_DKIM_STRICT_DOMAIN, &audit->place,
		    "selector %s: t=s allows no sub-domain in i=", label);
	if (record->allows_sha1)
		report_finding(audit->report, FINDING_DKIM_HASH_SHA1, &audit->place,
		    "selector %s: h lists sha1, which no verifier may accept", label);
}

/* --- the key -------------------------------------------------------------- */

/* RFC 8301 3.2. */
static void
check_size(const struct audit *audit)
{
	const struct dkim_selector *selector = audit->selector;
	size_t bits = selector->key.bits;
	if (bits < LIMIT_DKIM_RSA_BITS_MIN)
		report_finding(audit->report, FINDING_DKIM_KEY_WEAK, &audit->place,
		    "selector %s: RSA key of %zu bits, and verifiers refuse less than "
		    "%d",
		    selector->label, bits, LIMIT_DKIM_RSA_BITS_MIN);
	else if (bits < LIMIT_DKIM_RSA_BITS_GOOD)
		report_finding(audit->report, FINDING_DKIM_KEY_SHORT, &audit->place,
		    "selector %s: RSA key of %zu bits, where %d are advised",
		    selector->label, bits, LIMIT_DKIM_RSA_BITS_GOOD);
	else if (bits > LIMIT_DKIM_RSA_BITS_MAX)
		report_finding(audit->report, FINDING_DKIM_KEY_LONG, &audit->place,
		    "selector %s: RSA key of %zu bits, and verifiers need not take "
		    "more than %d",
		    selector->label, bits, LIMIT_DKIM_RSA_BITS_MAX);
}

/* With 1 everyone can forge signatures, with an even one nobody can make any (RFC 8017
 * 3.1): that is worse than an unusual one. */
static void
check_exponent(const struct audit *audit)
{
	const struct dkim_key *key = &audit->selector->key;
	if (key->exponent == EXPONENT_USUAL)
		return;
	bool is_usable = key->exponent_is_odd && key->exponent > 1;
	const char *value = key->exponent == UINT64_MAX
	    ? "of more than 64 bits"
	    : arena_printf(audit->arena, "%llu", (unsigned long long)key->exponent);
	report_finding_as(audit->report, FINDING_DKIM_KEY_EXPONENT,
	    is_usable ? SEVERITY_WARNING : SEVERITY_CRITICAL, &audit->place,
	    "selector %s: public exponent %s%s", audit->selector->label, value,
	    is_usable ? ", not 65537" : ", which makes the key useless");
}

static void
check_key(const struct audit *audit)
{
	const struct dkim_selector *selector = audit->selector;
	switch (selector->key.form) {
	case DKIM_KEY_NONE:
		report_finding(audit->report, FINDING_DKIM_KEY_PARSE, &audit->place,
		    "selector %s: p holds %s", selector->label, selector->key.reason);
		return;
	case DKIM_KEY_RAW:
		report_finding(audit->report, FINDING_DKIM_KEY_ED25519, &audit->place,
		    "selector %s: an Ed25519 key, which not all verifiers know",
		    selector->label);
		return;
	case DKIM_KEY_PKCS1:
		report_finding(audit->report, FINDING_DKIM_KEY_PKCS1, &audit->place,
		    "selector %s: a bare RSAPublicKey, which not all verifiers read",
		    selector->label);
		break;
	case DKIM_KEY_SPKI:
		break;
	}
	check_size(audit);
	check_exponent(audit);
}

void
dkim_audit(struct report *report, const struct dkim_selector *selector)
{
	const struct audit audit = {
		.report = report,
		.arena = report->arena,
		.selector = selector,
		.place = { .subject = selector->location },
	};
	check_answer(&audit);
	check_aliases(&audit);
	if (selector->record == NULL)
		return;
	check_faults(&audit);
	if (selector->key_was_read)
		check_key(&audit);
	check_flags(&audit);
	check_tags(&audit);
}
