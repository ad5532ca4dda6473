/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The section of the report: for each host and address what was learnt, and null for
 * what could not be. */
#include "figures.h"

#include "smtp_tls/audit.h"

/* What all functions below share. */
struct drawing {
	struct report *report;
	const struct target *target;
	const struct route *route;
	const struct route_host *host;
	const struct route_address *address; /* NULL: the host has none */
	struct trace *node;                  /* its object */
};

static const char *
safe(const struct drawing *drawing, const char *text)
{
	return arena_safe_text(drawing->report->arena, span_text(text));
}

static void
put_truth(const struct drawing *drawing, struct trace *parent, const char *key,
    enum truth fact)
{
	if (fact == TRUTH_UNKNOWN)
		trace_null(drawing->report, parent, key);
	else
		trace_bool(drawing->report, parent, key, fact == TRUTH_YES);
}

static void
put_text(const struct drawing *drawing, struct trace *parent, const char *key,
    const char *text)
{
	if (text == NULL || text[0] == '\0')
		trace_null(drawing->report, parent, key);
	else
		trace_text(drawing->report, parent, key, safe(drawing, text));
}

static void
put_number(
    const struct drawing *drawing, struct trace *parent, const char *key, double number)
{
	if (number == 0)
		trace_null(drawing->report, parent, key);
	else
		trace_number(drawing->report, parent, key, number);
}

/* --- SMTP and TLS --------------------------------------------------------- */

static void
draw_talk(const struct drawing *drawing, const struct smtp_scan *scan)
{
	struct trace *node = drawing->node;
	put_text(drawing, node, "end", smtp_end_text(scan->end));
	put_text(drawing, node, "stage",
	    scan->end != SMTP_END_DONE ? smtp_stage_text(scan->stage) : NULL);
	put_text(drawing, node, "error", scan->error);
	put_text(drawing, node, "greeting", scan->greeting.text);
	put_text(drawing, node, "reply", scan->reply.text);
	put_truth(drawing, node, "starttls", scan->starttls);
	put_truth(drawing, node, "injection", scan->injection);
	trace_number(drawing->report, node, "connections", scan->connections);
	trace_number(drawing->report, node, "seconds", scan->seconds);
}

static void
draw_tls(const struct drawing *drawing, const struct smtp_scan *scan)
{
	const struct smtp_tls *tls = &scan->tls;
	struct trace *node = drawing->node;
	struct trace *protocols = trace_object(drawing->report, node, "protocols");
	for (size_t i = 0; i < SMTP_PROTOCOLS; i++)
		put_truth(drawing, protocols, smtp_protocol_text(i), tls->protocols[i]);
	put_truth(drawing, node, "fallback_scsv", tls->fallback_scsv);
	put_truth(drawing, node, "secure_renegotiation", tls->secure_renegotiation);
	put_truth(drawing, node, "compression", tls->compression);
	put_truth(drawing, node, "heartbleed", tls->heartbleed);
	put_truth(drawing, node, "pq", tls->post_quantum);
	put_text(drawing, node, "pq_group", tls->post_quantum_group);
	put_truth(drawing, node, "forward_secrecy", tls->forward_secrecy);
	put_number(drawing, node, "dh_bits", tls->dh_bits);
	put_text(drawing, node, "cipher", tls->suite_text);
	put_text(drawing, node, "group", tls->group_text);
	struct trace *weak = trace_object(drawing->report, node, "weak");
	for (size_t i = 0; i < SMTP_WEAKS; i++)
		put_truth(drawing, weak, smtp_weak_text(i), tls->weak[i]);
	put_truth(drawing, node, "handshake", scan->handshake.done);
	put_text(drawing, node, "handshake_error", scan->handshake.error);
}

/* --- certificates --------------------------------------------------------- */

static void
draw_names(const struct drawing *drawing, struct trace *parent,
    const struct smtp_certificate *certificate)
{
	struct trace *names = trace_array(drawing->report, parent, "names");
	for (size_t i = 0; i < certificate->name_count; i++)
		trace_text(drawing->report, names, NULL,
		    arena_safe_text(drawing->report->arena, certificate->names[i]));
}

static void
draw_dates(
    const struct drawing *drawing, struct trace *node, const struct smtp_chain *chain)
{
	struct report *report = drawing->report;
	int64_t end;
	if (!smtp_tls_chain_end(chain, &end)) {
		trace_null(report, node, "expires_in_days");
		trace_null(report, node, "not_before");
		trace_null(report, node, "not_after");
		return;
	}
	trace_number(report, node, "expires_in_days",
	    smtp_tls_days(end, drawing->target->now_seconds));
	put_number(drawing, node, "not_before", (double)chain->list[0]->not_before);
	trace_number(report, node, "not_after", (double)end);
}

static void
draw_chain(
    const struct drawing *drawing, const char *key, const struct smtp_chain *chain)
{
	struct report *report = drawing->report;
	if (chain->count == 0) {
		trace_null(report, drawing->node, key);
		return;
	}
	const struct smtp_certificate *leaf = chain->list[0];
	struct trace *node = trace_object(report, drawing->node, key);
	put_truth(drawing, node, "trusted", chain->trusted);
	put_text(drawing, node, "problem", chain->trust_text);
	put_truth(drawing, node, "name_match", chain->name_match);
	draw_dates(drawing, node, chain);
	put_number(drawing, node, "key_bits", leaf->key_bits);
	put_text(drawing, node, "key", leaf->key_text);
	put_text(drawing, node, "signature", leaf->signature_text);
	put_text(drawing, node, "subject", leaf->subject);
	put_text(drawing, node, "issuer", leaf->issuer);
	draw_names(drawing, node, leaf);
	trace_number(report, node, "chain_length", (double)chain->count);
}

/* --- DANE ----------------------------------------------------------------- */

static const char *
dane_text(enum route_dane dane)
{
	static const char *const texts[] = {
		[DANE_UNTOLD] = NULL,
		[DANE_NONE] = "none",
		[DANE_INSECURE] = "insecure",
		[DANE_FAILED] = "failed",
		[DANE_UNUSABLE] = "unusable",
		[DANE_USABLE] = "usable",
	};
	return texts[dane];
}

static void
draw_dane(const struct drawing *drawing)
{
	const struct route_host *host = drawing->host;
	struct report *report = drawing->report;
	struct trace *node = trace_object(report, drawing->node, "dane");
	put_text(drawing, node, "records", dane_text(host->dane));
	put_text(drawing, node, "base", dns_name_text(report->arena, &host->base));
	put_truth(drawing, node, "secure", host->secure);
	struct dane_match match = { .matched = TRUTH_UNKNOWN };
	if (drawing->address != NULL)
		match = smtp_tls_dane_of(drawing->target, host, drawing->address);
	put_truth(drawing, node, "valid", match.matched);
}

/* --- one object ----------------------------------------------------------- */

static const char *
versions_text(const struct drawing *drawing, const struct smtp_scan *scan)
{
	const char *list = "";
	for (size_t i = 0; i < SMTP_PROTOCOLS; i++)
		if (scan->tls.protocols[i] == TRUTH_YES)
			list = arena_printf(drawing->report->arena, "%s %s", list,
			    smtp_protocol_text(i));
	return list;
}

/* The line that people see. */
static const char *
title_of(const struct drawing *drawing)
{
	struct arena *arena = drawing->report->arena;
	const struct route_address *address = drawing->address;
	if (address == NULL)
		return arena_printf(arena, "%s  no address", drawing->host->text);
	if (address->scan == NULL)
		return arena_printf(arena, "%s %s  not scanned: %s",
		    drawing->host->text, address->text, outcome_text(address->outcome));
	int64_t end;
	const char *days = "";
	if (smtp_tls_first_end(address->scan, &end))
		days = arena_printf(arena, ", certificate for %.0f days",
		    smtp_tls_days(end, drawing->target->now_seconds));
	const char *versions = versions_text(drawing, address->scan);
	return arena_printf(arena, "%s %s %s%s%s, %u connections, %.2f s",
	    drawing->host->text, address->text,
	    versions[0] != '\0' ? versions : " no TLS: ",
	    address->scan->end != SMTP_END_DONE || versions[0] == '\0'
		? arena_printf(arena, "%s%s", versions[0] != '\0' ? ", " : "",
		      smtp_end_text(address->scan->end))
		: "",
	    days, address->scan->connections, address->scan->seconds);
}

/* So that an object has the same keys whatever could be learnt. */
static const struct smtp_scan nothing;

static void
draw_address(const struct drawing *base, struct trace *parent, const char *key,
    const struct route_address *address)
{
	struct drawing drawing = *base;
	struct report *report = drawing.report;
	const struct route_host *host = drawing.host;
	const struct smtp_scan *scan = address != NULL && address->scan != NULL
	    ? address->scan
	    : &nothing;
	drawing.address = address;
	drawing.node = trace_object(report, parent, key);
	drawing.node->title = title_of(&drawing);
	trace_text(report, drawing.node, "host", host->text);
	put_text(
	    &drawing, drawing.node, "address", address != NULL ? address->text : NULL);
	trace_number(report, drawing.node, "port", drawing.route->port);
	if (host->has_preference)
		trace_number(report, drawing.node, "preference", host->preference);
	else
		trace_null(report, drawing.node, "preference");
	if (scan != &nothing)
		draw_talk(&drawing, scan);
	else
		trace_null(report, drawing.node, "starttls");
	draw_tls(&drawing, scan);
	draw_chain(&drawing, "certificate", &scan->chains[0]);
	draw_chain(&drawing, "other_certificate", &scan->chains[1]);
	draw_dane(&drawing);
}

static void
draw_host(struct drawing *drawing, struct trace *parent, const struct route_host *host)
{
	drawing->host = host;
	for (size_t i = 0; i < host->address_count; i++)
		draw_address(drawing, parent, NULL, &host->addresses[i]);
	if (host->address_count == 0)
		draw_address(drawing, parent, NULL, NULL);
}

void
smtp_tls_draw(
    struct report *report, const struct target *target, const struct route *route)
{
	struct drawing drawing = {
		.report = report, .target = target, .route = route, .host = route->hosts
	};
	bool is_host = route->kind == ROUTE_HOST;
	bool is_one = is_host && route->hosts[0].address_count <= 1;
	if (is_host)
		draw_address(&drawing, NULL, "tls",
		    route->hosts[0].address_count > 0 ? route->hosts[0].addresses
						      : NULL);
	if (is_one)
		return;
	struct trace *hosts = trace_array(
	    report, NULL, is_host ? "addresses" : "hosts");
	for (size_t i = 0; i < route->host_count; i++)
		draw_host(&drawing, hosts, &route->hosts[i]);
}
