/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* TLSA records against chains. */
#include "smtp_tls/dane.h"

bool
dane_is_valid(const struct dns_tlsa *tlsa)
{
	static const size_t lengths[] = {
		[DANE_SHA256] = SMTP_SHA256_BYTES,
		[DANE_SHA512] = SMTP_SHA512_BYTES,
	};
	if (tlsa->usage > DANE_EE || tlsa->selector > DANE_SPKI ||
	    tlsa->matching > DANE_SHA512)
		return false;
	if (tlsa->matching == DANE_FULL)
		return tlsa->association.length > 0;
	return tlsa->association.length == lengths[tlsa->matching];
}

void
dane_records_read(
    struct dane_records *records, struct arena *arena, const struct dns_answer *answer)
{
	*records = (struct dane_records){ .count = answer->record_count };
	records->usable = arena_alloc_array(
	    arena, answer->record_count, sizeof(*records->usable));
	for (size_t i = 0; i < answer->record_count; i++) {
		struct dns_tlsa tlsa;
		if (!dns_record_tlsa(&answer->records[i], &tlsa) ||
		    !dane_is_valid(&tlsa)) {
			records->invalid++;
		} else if (tlsa.usage == DANE_PKIX_TA || tlsa.usage == DANE_PKIX_EE) {
			records->pkix++;
		} else {
			records->full += tlsa.matching == DANE_FULL;
			records->usable[records->usable_count++] = tlsa;
		}
	}
}

bool
dane_matches_certificate(
    const struct dns_tlsa *tlsa, const struct smtp_certificate *certificate)
{
	bool is_key = tlsa->selector == DANE_SPKI;
	switch (tlsa->matching) {
	case DANE_FULL:
		return span_equal(
		    tlsa->association, is_key ? certificate->spki : certificate->der);
	case DANE_SHA256:
		return span_equal(tlsa->association,
		    span_of(is_key ? certificate->spki_sha256 : certificate->der_sha256,
			SMTP_SHA256_BYTES));
	case DANE_SHA512:
		return span_equal(tlsa->association,
		    span_of(is_key ? certificate->spki_sha512 : certificate->der_sha512,
			SMTP_SHA512_BYTES));
	default:
		return false;
	}
}

static struct dane_match
yes(bool by_ee)
{
	return (struct dane_match){ .matched = TRUTH_YES, .by_ee = by_ee };
}

static struct dane_match
no(const char *why)
{
	return (struct dane_match){ .matched = TRUTH_NO, .why = why };
}

static bool
bears_a_name(const struct smtp_certificate *certificate, struct dane_names names)
{
	for (size_t i = 0; i < names.count; i++)
		if (smtp_certificate_matches(certificate, &names.list[i]))
			return true;
	return false;
}

/* The part of a chain up to the trust anchor at `anchor`: RFC 7672 3.1.2 wants dates
 * and a name besides the signatures. */
static struct dane_match
judge_anchor(const struct smtp_chain *chain, size_t anchor, struct dane_names names,
    int64_t now_seconds)
{
	for (size_t i = 0; i <= anchor; i++) {
		const struct smtp_certificate *certificate = chain->list[i];
		if (i < anchor && !certificate->issued_by_next)
			return no("the chain is broken below the trust anchor");
		if (now_seconds > certificate->not_after ||
		    now_seconds < certificate->not_before)
			return no("a certificate is outside its dates");
	}
	if (!bears_a_name(chain->list[0], names))
		return no("the certificate is for another name");
	return yes(false);
}

/* DANE-TA(2): an issuer that the server sent along, or a certificate that vouches for
 * itself. With the whole anchor in the record the server need not send it (RFC 7671
 * 5.2.1), and then it would take a signature check to tell. */
static struct dane_match
match_anchor(const struct dns_tlsa *tlsa, const struct smtp_chain *chain,
    struct dane_names names, int64_t now_seconds)
{
	for (size_t i = 0; i < chain->count; i++) {
		bool can_be_anchor = i > 0 || chain->list[0]->self_signed;
		if (can_be_anchor && dane_matches_certificate(tlsa, chain->list[i]))
			return judge_anchor(chain, i, names, now_seconds);
	}
	if (tlsa->matching == DANE_FULL)
		return (struct dane_match){ .matched = TRUTH_UNKNOWN,
			.why = "the trust anchor in the record is not in the chain" };
	return no(NULL);
}

struct dane_match
dane_match_chain(const struct dane_records *records, const struct smtp_chain *chain,
    struct dane_names names, int64_t now_seconds)
{
	if (chain->count == 0)
		return (struct dane_match){ .matched = TRUTH_UNKNOWN,
			.why = "no certificate was seen" };
	struct dane_match best = no(NULL);
	/* All of them: an EE record says more than a TA record that matches too. */
	for (size_t i = 0; i < records->usable_count; i++) {
		const struct dns_tlsa *tlsa = &records->usable[i];
		struct dane_match match = no(NULL);
		if (tlsa->usage == DANE_TA)
			match = match_anchor(tlsa, chain, names, now_seconds);
		else if (dane_matches_certificate(tlsa, chain->list[0]))
			return yes(true);
		bool says_more = best.matched == TRUTH_NO && match.why != NULL;
		if (match.matched == TRUTH_YES || says_more)
			best = match;
	}
	if (best.matched == TRUTH_NO && best.why == NULL)
		best.why = "no record is of this certificate or its issuers";
	return best;
}
