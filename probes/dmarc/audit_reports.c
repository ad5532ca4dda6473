/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The findings about where reports go: each URI of rua and ruf, the consent of external
 * hosts (RFC 9990 4, RFC 9991 5), and whether mail can get there.
 */
#include "audit_parts.h"

#include "core/limits.h"

enum { URIS_SUPPORTED = 2 }; /* by older senders (RFC 7489 6.2) */

/* The ids of rua and ruf for the same thing. */
struct report_ids {
	enum finding_id invalid, scheme, external, unauthorized, dns_error,
	    undeliverable, name_too_long;
};

static const struct report_ids *
ids_of(enum dmarc_tag tag)
{
	static const struct report_ids rua = {
		.invalid = FINDING_DMARC_RUA_INVALID,
		.scheme = FINDING_DMARC_RUA_SCHEME,
		.external = FINDING_DMARC_RUA_EXTERNAL,
		.unauthorized = FINDING_DMARC_RUA_EXTERNAL_UNAUTHORIZED,
		.dns_error = FINDING_DMARC_RUA_EXTERNAL_DNS_ERROR,
		.undeliverable = FINDING_DMARC_RUA_UNDELIVERABLE,
		.name_too_long = FINDING_DMARC_RUA_EXTERNAL_NAME_TOO_LONG,
	};
	static const struct report_ids ruf = {
		.invalid = FINDING_DMARC_RUF_INVALID,
		.scheme = FINDING_DMARC_RUF_SCHEME,
		.external = FINDING_DMARC_RUF_EXTERNAL,
		.unauthorized = FINDING_DMARC_RUF_EXTERNAL_UNAUTHORIZED,
		.dns_error = FINDING_DMARC_RUF_EXTERNAL_DNS_ERROR,
		.undeliverable = FINDING_DMARC_RUF_UNDELIVERABLE,
		.name_too_long = FINDING_DMARC_RUF_EXTERNAL_UNAUTHORIZED,
	};
	return tag == DMARC_TAG_RUA ? &rua : &ruf;
}

static struct place
uri_place(const struct audit *audit, const struct dmarc_destination *to)
{
	const struct dmarc_step *step = audit->evidence->step;
	struct place place = dmarc_step_place(audit, step);
	place.term = arena_short_text(audit->arena, to->uri.text);
	place.position = (size_t)(to->uri.text.bytes - step->record->text.bytes) + 1;
	return place;
}

static void
check_form(const struct audit *audit, const struct dmarc_destination *to)
{
	const struct dmarc_uri *uri = &to->uri;
	struct place place = uri_place(audit, to);
	const char *tag = dmarc_tag_text(to->tag);
	if (uri->reason != NULL)
		report_finding(audit->report, ids_of(to->tag)->invalid, &place,
		    "%s: '%s' %s", tag, place.term, uri->reason);
	else if (!uri->is_mailto)
		report_finding(audit->report, ids_of(to->tag)->scheme, &place,
		    "%s: '%s' is not a mailto: address, which is all that senders of "
		    "reports must know",
		    tag, place.term);
	if (uri->has_size)
		report_finding(audit->report, FINDING_DMARC_RUA_SIZE_SUFFIX, &place,
		    "%s: the size behind '!' in '%s' is obsolete", tag, place.term);
}

/* --- consent -------------------------------------------------------------- */

static void
say_unanswered(const struct audit *audit, enum finding_id id,
    const struct dmarc_failure *failure, const char *about)
{
	if (!outcome_is_failure(failure->outcome))
		return;
	const char *name = dns_name_text(audit->arena, &failure->name);
	struct place place = { .subject = name };
	report_finding(audit->report, id, &place, "%s: %s of %s, for %s",
	    outcome_text(failure->outcome), dns_type_text(failure->type), name, about);
}

static void
check_override(const struct audit *audit, const struct dmarc_destination *to,
    const struct place *place)
{
	const char *other = arena_short_text(audit->arena, to->override_uri);
	if (to->override == DMARC_OVERRIDE_SAME_HOST)
		report_finding(audit->report, FINDING_DMARC_RUA_EXTERNAL_OVERRIDE,
		    place, "reports for %s go to %s in its place", place->term, other);
	else if (to->override == DMARC_OVERRIDE_OTHER_HOST)
		report_finding(audit->report, FINDING_DMARC_RUA_EXTERNAL_OVERRIDE_HOST,
		    place, "%s is replaced by %s on another host: neither gets reports",
		    place->term, other);
}

static void
check_consent(const struct audit *audit, const struct dmarc_destination *to)
{
	const struct report_ids *ids = ids_of(to->tag);
	struct place place = uri_place(audit, to);
	place.subject = dns_name_text(audit->arena, &to->uri.host);
	switch (to->consent) {
	case DMARC_CONSENT_UNKNOWN:
		say_unanswered(audit, ids->dns_error, &to->consent_failure, place.term);
		break;
	case DMARC_CONSENT_GIVEN:
		report_finding(audit->report, ids->external, &place,
		    "%s agreed to get reports for this domain", place.subject);
		check_override(audit, to, &place);
		break;
	case DMARC_CONSENT_MISSING:
		report_finding(audit->report, ids->unauthorized, &place,
		    "%s gets no reports: no v=DMARC1 record at %s", place.term,
		    dns_name_text(audit->arena, &to->consent_name));
		break;
	case DMARC_CONSENT_NO_NAME:
		report_finding(audit->report, ids->name_too_long, &place,
		    "%s gets no reports: the name of its consent record would be too "
		    "long",
		    place.term);
		break;
	case DMARC_CONSENT_NEEDLESS:
		break;
	}
}

/* --- delivery ------------------------------------------------------------- */

static void
check_delivery(const struct audit *audit, const struct dmarc_destination *to)
{
	const struct dmarc_failure *failure = &to->delivery_failure;
	struct place place = uri_place(audit, to);
	place.subject = dns_name_text(audit->arena, &to->uri.host);
	if (to->deliverable == TRUTH_NO)
		report_finding(audit->report, ids_of(to->tag)->undeliverable, &place,
		    "%s can't be delivered to: %s %s", place.term, place.subject,
		    to->obstacle);
	say_unanswered(audit,
	    failure->type == DNS_MX ? FINDING_MX_DNS_ERROR
				    : FINDING_MX_ADDRESS_DNS_ERROR,
	    failure, place.term);
}

static void
check_numbers(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	const struct dmarc_record *record = evidence->step->record;
	size_t count = evidence->destinations->uri_counts[DMARC_TAG_RUA];
	struct place place = dmarc_step_place(audit, evidence->step);
	if (record->tags[DMARC_TAG_RUA] == NULL && !record->list.cut)
		report_finding(audit->report, FINDING_DMARC_RUA_MISSING, &place,
		    "no rua: nobody tells you who sends mail in your name");
	else if (count > URIS_SUPPORTED)
		report_finding(audit->report, FINDING_DMARC_RUA_MANY, &place,
		    "%zu%s rua addresses; older senders of reports take the first %d",
		    count, count == LIMIT_DMARC_URIS ? " or more" : "", URIS_SUPPORTED);
}

/* What was not asked about is not said to be fine. */
static void
check_unasked(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	bool is_skipped = false;
	for (size_t i = 0; i < evidence->destinations->count; i++)
		is_skipped |= evidence->destinations->list[i].is_skipped;
	if (!is_skipped)
		return;
	struct place place = dmarc_step_place(audit, evidence->step);
	report_finding(audit->report, FINDING_DMARC_RUA_MANY, &place,
	    "reports go to more than %d hosts: only the first %d were asked about",
	    LIMIT_DMARC_DESTINATIONS, LIMIT_DMARC_DESTINATIONS);
}

void
dmarc_audit_reports(const struct audit *audit)
{
	const struct dmarc_evidence *evidence = audit->evidence;
	if (evidence->step == NULL)
		return;
	check_numbers(audit);
	check_unasked(audit);
	for (size_t i = 0; i < evidence->destinations->count; i++) {
		const struct dmarc_destination *to = &evidence->destinations->list[i];
		check_form(audit, to);
		if (!to->is_checked || to->is_repeated)
			continue;
		check_consent(audit, to);
		check_delivery(audit, to);
	}
}
