/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Asks about each destination in one round what does not depend on another answer: its
 * consent where it is external, else the host's tree walk, and its MX; only a host
 * without MX is asked for addresses. What that means is the audit's business.
 */
#include "dmarc/destination.h"

#include "core/limits.h"

struct search {
	struct view *view;
	struct arena *arena;
	const struct dns_name *domain;         /* that the record speaks for */
	const struct dns_name *organizational; /* NULL: could not be told */
};

/* --- consent -------------------------------------------------------------- */

/* The rua or ruf of a consent record: an address that shall be used in place of ours
 * (RFC 9990 4 step 9). */
static void
read_override(
    struct search *search, struct dmarc_destination *to, const struct tag *tag)
{
	if (tag == NULL)
		return;
	struct split split = { .rest = tag->value };
	struct dmarc_uri uri;
	while (dmarc_uri_next(search->arena, &split, &uri)) {
		bool is_same = uri.reason == NULL && uri.is_mailto &&
		    dns_name_equal(&uri.host, &to->uri.host);
		if (to->override == DMARC_OVERRIDE_OTHER_HOST)
			return;
		to->override_uri = uri.text;
		to->override = is_same ? DMARC_OVERRIDE_SAME_HOST
				       : DMARC_OVERRIDE_OTHER_HOST;
	}
}

/* Records that parse and begin with the version; one is enough, several are fine. */
static void
read_consent(
    struct search *search, struct dmarc_destination *to, const struct dns_answer *txt)
{
	to->consent = DMARC_CONSENT_MISSING;
	for (size_t i = 0; i < txt->record_count; i++) {
		struct span text = dns_txt_join(search->arena, &txt->records[i]);
		if (dmarc_kind_of(search->arena, text) != DMARC_SELECTED)
			continue;
		struct dmarc_record *record = dmarc_record_read(search->arena, text);
		if (record->is_void)
			continue;
		to->consent = DMARC_CONSENT_GIVEN;
		read_override(search, to, record->tags[to->tag]);
	}
}

/* <domain>._report._dmarc.<host>; false when that would be too long. */
static bool
make_consent_name(struct search *search, struct dmarc_destination *to)
{
	static const struct span dmarc = SPAN("_dmarc"), report = SPAN("_report");
	struct dns_name *name = &to->consent_name;
	*name = *search->domain;
	return dns_name_append(name, report) == STATUS_OK &&
	    dns_name_append(name, dmarc) == STATUS_OK &&
	    dns_name_append_name(name, &to->uri.host) == STATUS_OK;
}

static void
ask_consent(struct search *search, struct dmarc_destination *to)
{
	if (!make_consent_name(search, to)) {
		to->consent = DMARC_CONSENT_NO_NAME;
		return;
	}
	struct dns_result txt = dns_get(search->view, &to->consent_name, DNS_TXT);
	if (txt.outcome == OUTCOME_FOUND)
		read_consent(search, to, txt.answer);
	else if (outcome_is_empty(txt.outcome))
		to->consent = DMARC_CONSENT_MISSING;
	else
		to->consent_failure = (struct dmarc_failure){ txt.outcome, DNS_TXT,
			to->consent_name };
}

/* The first step of a walk that could not be answered. */
static struct dmarc_failure
walk_failure(const struct dmarc_walk *walk)
{
	for (size_t i = 0; i < walk->step_count; i++) {
		const struct dmarc_step *step = &walk->steps[i];
		if (step->failed)
			return (struct dmarc_failure){ step->txt.outcome, DNS_TXT,
				step->location };
	}
	return (struct dmarc_failure){ .outcome = OUTCOME_WANTED };
}

/* A host within the record's Organizational Domain is external only where a psd=n
 * stands between; its own walk tells. */
static void
check_host_within(struct search *search, struct dmarc_destination *to)
{
	const struct dmarc_walk *walk = dmarc_walk(
	    search->view, search->arena, &to->uri.host);
	if (walk->incomplete)
		to->consent_failure = walk_failure(walk);
	else if (dns_name_equal(&walk->organizational, search->organizational))
		to->consent = DMARC_CONSENT_NEEDLESS;
	else
		ask_consent(search, to);
}

/* An Organizational Domain is a part of its names: a host outside of the record's is
 * external, whatever its own one is. Where the record's is not known, this can only be
 * said of hosts below another top-level domain. */
static void
check_consent(struct search *search, struct dmarc_destination *to)
{
	struct dns_name top;
	dns_name_suffix(&top, search->domain, 1);
	bool is_known = search->organizational != NULL;
	const struct dns_name *around = is_known ? search->organizational : &top;
	if (!dns_name_is_within(&to->uri.host, around))
		ask_consent(search, to);
	else if (is_known)
		check_host_within(search, to);
}

/* --- delivery ------------------------------------------------------------- */

static bool
is_null_mx(const struct dns_answer *mx)
{
	uint16_t preference;
	struct dns_name exchanger;
	return mx->record_count == 1 &&
	    dns_record_mx(&mx->records[0], &preference, &exchanger) &&
	    dns_name_labels(&exchanger) == 0;
}

static void
note_failure(
    struct dmarc_destination *to, const struct dns_result *result, uint16_t type)
{
	if (outcome_is_failure(result->outcome))
		to->delivery_failure = (struct dmarc_failure){ result->outcome, type,
			to->uri.host };
}

/* Without MX the host's own address counts (RFC 5321 5.1). */
static void
check_addresses(struct search *search, struct dmarc_destination *to)
{
	struct dns_result a = dns_get(search->view, &to->uri.host, DNS_A);
	struct dns_result aaaa = dns_get(search->view, &to->uri.host, DNS_AAAA);
	if (a.outcome == OUTCOME_FOUND || aaaa.outcome == OUTCOME_FOUND) {
		to->deliverable = TRUTH_YES;
	} else if (outcome_is_empty(a.outcome) && outcome_is_empty(aaaa.outcome)) {
		to->deliverable = TRUTH_NO;
		to->obstacle = "has neither MX nor address";
	} else {
		note_failure(to, &aaaa, DNS_AAAA);
		note_failure(to, &a, DNS_A);
	}
}

static void
check_delivery(struct search *search, struct dmarc_destination *to)
{
	struct dns_result mx = dns_get(search->view, &to->uri.host, DNS_MX);
	if (mx.outcome == OUTCOME_NODATA) {
		check_addresses(search, to);
		return;
	}
	if (mx.outcome == OUTCOME_NXDOMAIN)
		to->obstacle = "does not exist";
	else if (mx.outcome == OUTCOME_FOUND && is_null_mx(mx.answer))
		to->obstacle = "has a null MX: it takes no mail";
	if (mx.outcome == OUTCOME_FOUND || mx.outcome == OUTCOME_NXDOMAIN)
		to->deliverable = truth_of(to->obstacle == NULL);
	else
		note_failure(to, &mx, DNS_MX);
}

/* --- the list ------------------------------------------------------------- */

static size_t
count_uris(struct arena *arena, const struct dmarc_record *record, enum dmarc_tag tag)
{
	if (record->tags[tag] == NULL)
		return 0;
	size_t count = 0;
	struct split split = { .rest = record->tags[tag]->value };
	struct dmarc_uri uri;
	while (count < LIMIT_DMARC_URIS && dmarc_uri_next(arena, &split, &uri))
		count++;
	return count;
}

static bool
is_repeated(
    const struct dmarc_destinations *all, const struct dmarc_destination *destination)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct dmarc_destination *other = &all->list[i];
		if (other->is_checked && other->tag == destination->tag &&
		    dns_name_equal(&other->uri.host, &destination->uri.host))
			return true;
	}
	return false;
}

static void
add_uris(struct search *search, struct dmarc_destinations *all,
    const struct dmarc_record *record, enum dmarc_tag tag, size_t *checks)
{
	if (record->tags[tag] == NULL)
		return;
	struct split split = { .rest = record->tags[tag]->value };
	for (size_t left = all->uri_counts[tag]; left > 0; left--) {
		struct dmarc_destination to = { .tag = tag };
		dmarc_uri_next(search->arena, &split, &to.uri);
		bool can_check = to.uri.is_mailto && to.uri.reason == NULL;
		to.is_repeated = can_check && is_repeated(all, &to);
		to.is_checked = can_check &&
		    (to.is_repeated || *checks < LIMIT_DMARC_DESTINATIONS);
		to.is_skipped = can_check && !to.is_checked;
		if (to.is_checked) {
			*checks += !to.is_repeated; /* whose answers are there */
			check_consent(search, &to);
			check_delivery(search, &to);
		}
		all->list[all->count++] = to;
	}
}

struct dmarc_destinations *
dmarc_destinations_ask(struct view *view, struct arena *arena,
    const struct dmarc_step *step, const struct dns_name *organizational)
{
	struct dmarc_destinations *all = arena_alloc(arena, sizeof(*all));
	if (step == NULL)
		return all;
	struct search search = {
		.view = view,
		.arena = arena,
		.domain = &step->domain,
		.organizational = organizational,
	};
	static const enum dmarc_tag tags[] = { DMARC_TAG_RUA, DMARC_TAG_RUF };
	size_t room = 0, checks = 0;
	for (size_t i = 0; i < ARRAY_LENGTH(tags); i++)
		room += all->uri_counts[tags[i]] = count_uris(
		    arena, step->record, tags[i]);
	all->list = arena_alloc_array(arena, room, sizeof(*all->list));
	for (size_t i = 0; i < ARRAY_LENGTH(tags); i++)
		add_uris(&search, all, step->record, tags[i], &checks);
	return all;
}
