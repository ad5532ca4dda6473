/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Collecting: domain, exchangers, addresses, TLSA, scans. Each step asks for what the
 * one before it brought; judging is the audit's.
 */
#include "smtp_tls/route.h"

#include <arpa/inet.h>
#include <string.h>

/* What all steps share. */
struct search {
	const struct target *target;
	const struct smtp_tls_settings *settings;
	struct view *view;
	struct arena *arena;
	struct route *route;
};

static const struct dns_result not_asked = { .outcome = OUTCOME_WANTED };

static enum truth
is_authentic(const struct search *search, const struct dns_result *result)
{
	if (!search->target->trusts_ad || result->answer == NULL)
		return TRUTH_UNKNOWN;
	return truth_of(result->answer->authentic);
}

static enum truth
truth_both(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

/* --- exchangers ----------------------------------------------------------- */

static bool
is_known(const struct route *route, const struct dns_name *name)
{
	for (size_t i = 0; i < route->host_count; i++)
		if (dns_name_equal(&route->hosts[i].name, name))
			return true;
	return false;
}

/* Keeps the order of preference, and of the answer where that is equal. */
static void
insert_host(struct route *route, const struct route_host *host)
{
	size_t place = route->host_count;
	if (place == LIMIT_ROUTE_HOSTS) {
		route->hosts_left_out++;
		if (route->hosts[place - 1].preference <= host->preference)
			return;
		place--;
	} else {
		route->host_count++;
	}
	for (; place > 0 && route->hosts[place - 1].preference > host->preference;
	     place--)
		route->hosts[place] = route->hosts[place - 1];
	route->hosts[place] = *host;
}

static void
take_exchangers(struct route *route)
{
	const struct dns_answer *answer = route->mx.answer;
	for (size_t i = 0; i < answer->record_count; i++) {
		struct route_host host = { .has_preference = true };
		if (!dns_record_mx(&answer->records[i], &host.preference, &host.name) ||
		    dns_name_labels(&host.name) == 0 || is_known(route, &host.name))
			continue;
		insert_host(route, &host);
	}
	route->kind = route->host_count > 0 ? ROUTE_MX : ROUTE_NULL;
}

static void
take_one(struct route *route, enum route_kind kind, const struct dns_name *name)
{
	route->kind = kind;
	route->host_count = 1;
	route->hosts[0].name = *name;
}

static void
find_hosts(struct search *search)
{
	struct route *route = search->route;
	const struct dns_name *domain = &search->target->domain;
	route->mx = not_asked;
	if (search->settings->host.length > 0) {
		take_one(route, ROUTE_HOST, domain);
		return;
	}
	route->mx = dns_get(search->view, domain, DNS_MX);
	if (route->mx.outcome == OUTCOME_FOUND)
		take_exchangers(route);
	else if (route->mx.outcome == OUTCOME_NODATA)
		take_one(route, ROUTE_IMPLICIT, domain);
	else if (route->mx.outcome == OUTCOME_NXDOMAIN)
		route->kind = ROUTE_NOWHERE;
}

/* --- addresses ------------------------------------------------------------ */

static void
add_address(struct search *search, struct route_host *host, const uint8_t *bytes,
    uint8_t length)
{
	if (host->address_count == LIMIT_ROUTE_ADDRESSES) {
		host->addresses_left_out++;
		return;
	}
	char text[INET6_ADDRSTRLEN];
	struct route_address *address = &host->addresses[host->address_count++];
	address->endpoint.address_length = length;
	memcpy(address->endpoint.address, bytes, length);
	inet_ntop(length == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text));
	address->text = arena_text(search->arena, span_text(text));
}

static void
take_addresses(
    struct search *search, struct route_host *host, const struct dns_result *result)
{
	uint8_t bytes[16];
	if (result->outcome != OUTCOME_FOUND)
		return;
	host->is_alias |= result->answer->alias_count > 0;
	for (size_t i = 0; i < result->answer->record_count; i++) {
		const struct dns_record *record = &result->answer->records[i];
		if (result->answer->type == DNS_A && dns_record_a(record, bytes))
			add_address(search, host, bytes, 4);
		if (result->answer->type == DNS_AAAA && dns_record_aaaa(record, bytes))
			add_address(search, host, bytes, 16);
	}
}

/* An address given by the user is as sure as he is. */
static void
find_addresses(struct search *search, struct route_host *host)
{
	const struct smtp_tls_settings *settings = search->settings;
	host->a = host->aaaa = not_asked;
	host->secure = search->target->trusts_ad ? TRUTH_YES : TRUTH_UNKNOWN;
	host->addresses = arena_alloc_array(
	    search->arena, LIMIT_ROUTE_ADDRESSES, sizeof(*host->addresses));
	if (settings->host.length > 0 && settings->address_length > 0) {
		add_address(search, host, settings->address, settings->address_length);
		return;
	}
	if (search->route->kind != ROUTE_HOST)
		host->secure = is_authentic(search, &search->route->mx);
	if (!settings->only_ipv6) {
		host->a = dns_get(search->view, &host->name, DNS_A);
		host->secure = truth_both(host->secure, is_authentic(search, &host->a));
	}
	if (!settings->only_ipv4) {
		host->aaaa = dns_get(search->view, &host->name, DNS_AAAA);
		host->secure = truth_both(
		    host->secure, is_authentic(search, &host->aaaa));
	}
	take_addresses(search, host, &host->a);
	take_addresses(search, host, &host->aaaa);
}

bool
route_host_is_empty(const struct route_host *host)
{
	return host->address_count == 0 &&
	    (outcome_is_empty(host->a.outcome) ||
		outcome_is_empty(host->aaaa.outcome)) &&
	    !outcome_is_failure(host->a.outcome) &&
	    !outcome_is_failure(host->aaaa.outcome);
}

bool
route_name_is_address(const struct dns_name *name)
{
	char memory[INET6_ADDRSTRLEN];
	struct buf text;
	uint8_t address[16];
	buf_wrap(&text, memory, sizeof(memory));
	dns_name_add(&text, name);
	return !text.cut &&
	    (inet_pton(AF_INET, memory, address) == 1 ||
		inet_pton(AF_INET6, memory, address) == 1);
}

/* --- TLSA ----------------------------------------------------------------- */

/* _25._tcp in front of the base domain (RFC 6698 3). */
static struct dns_result
ask_tlsa(struct search *search, const struct dns_name *base)
{
	char memory[8];
	struct buf port;
	struct dns_name tcp, name;
	buf_wrap(&port, memory, sizeof(memory));
	buf_addf(&port, "_%u", search->route->port);
	if (dns_name_labels(base) == 0 ||
	    dns_name_prepend(&tcp, span_text("_tcp"), base) != STATUS_OK ||
	    dns_name_prepend(&name, buf_span(&port), &tcp) != STATUS_OK)
		return not_asked;
	return dns_get(search->view, &name, DNS_TLSA);
}

/* The end of the chain of aliases. A broken server has one for one family only. */
static const struct dns_name *
expanded_name(const struct route_host *host)
{
	bool is_a = host->a.outcome == OUTCOME_FOUND && host->a.answer->alias_count > 0;
	const struct dns_answer *answer = is_a ? host->a.answer : host->aaaa.answer;
	return &dns_answer_aliases(answer)[answer->alias_count - 1];
}

static bool
is_settled(const struct search *search, const struct dns_result *result)
{
	return search->view->closed != OUTCOME_WANTED ||
	    result->outcome != OUTCOME_WANTED;
}

/* RFC 7672 2.2.2: of an alias that is signed all the way, the records at its end come
 * first. False while that can't be told. */
static bool
find_tlsa(struct search *search, struct route_host *host)
{
	host->base = search->settings->has_mx_name ? search->settings->mx_name
						   : host->name;
	if (search->settings->address_length > 0 && !search->settings->has_mx_name)
		dns_name_root(&host->base);
	host->tlsa = ask_tlsa(search, &host->base);
	if (!host->is_alias || host->secure != TRUTH_YES)
		return true;
	const struct dns_name *expanded = expanded_name(host);
	struct dns_result tlsa = ask_tlsa(search, expanded);
	if (!is_settled(search, &tlsa))
		return false;
	if (outcome_is_empty(tlsa.outcome) ||
	    (tlsa.outcome == OUTCOME_FOUND && !tlsa.answer->authentic))
		return true;
	host->base = *expanded;
	host->tlsa = tlsa;
	return true;
}

static void
judge_tlsa(const struct search *search, struct route_host *host)
{
	enum outcome outcome = host->tlsa.outcome;
	host->dane = DANE_UNTOLD;
	if (outcome == OUTCOME_WANTED)
		return;
	if (outcome_is_empty(outcome)) {
		host->dane = DANE_NONE;
		return;
	}
	if (outcome_is_failure(outcome)) {
		host->dane = DANE_FAILED;
		return;
	}
	dane_records_read(&host->records, search->arena, host->tlsa.answer);
	enum truth secure = truth_both(host->secure, is_authentic(search, &host->tlsa));
	if (secure == TRUTH_NO)
		host->dane = DANE_INSECURE;
	else if (secure == TRUTH_YES)
		host->dane = host->records.usable_count > 0 ? DANE_USABLE
							    : DANE_UNUSABLE;
}

/* --- scans ---------------------------------------------------------------- */

static void
find_scans(struct search *search, struct route_host *host)
{
	const struct smtp_tls_settings *settings = search->settings;
	for (size_t i = 0; i < host->address_count; i++) {
		struct route_address *address = &host->addresses[i];
		struct smtp_endpoint *endpoint = &address->endpoint;
		endpoint->port = search->route->port;
		endpoint->name = host->base;
		endpoint->implicit_tls = smtp_tls_is_implicit(settings);
		endpoint->quick = settings->quick;
		endpoint->injection = settings->injection;
		struct smtp_result result = smtp_get(search->view, endpoint);
		address->outcome = result.outcome;
		address->scan = result.scan;
	}
}

static void
find_host(struct search *search, struct route_host *host)
{
	host->text = dns_name_text(search->arena, &host->name);
	find_addresses(search, host);
	if (!find_tlsa(search, host))
		return;
	judge_tlsa(search, host);
	find_scans(search, host);
}

struct route *
route_find(const struct target *target, struct view *view, struct arena *arena)
{
	struct search search = {
		.target = target,
		.settings = target->settings,
		.view = view,
		.arena = arena,
		.route = arena_alloc(arena, sizeof(*search.route)),
	};
	struct route *route = search.route;
	route->port = smtp_tls_port(search.settings);
	route->hosts = arena_alloc_array(
	    arena, LIMIT_ROUTE_HOSTS, sizeof(*route->hosts));
	find_hosts(&search);
	for (size_t i = 0; i < route->host_count; i++)
		find_host(&search, &route->hosts[i]);
	if (route->kind == ROUTE_IMPLICIT && route_host_is_empty(&route->hosts[0])) {
		route->kind = ROUTE_NOWHERE;
		route->host_count = 0;
	}
	return route;
}
