/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * route: where a domain's mail goes: its exchangers by preference, their addresses, the
 * TLSA records of each, and what the scan of each address brought. Collected from the
 * view; what is missing there is wanted, as much at once as can be known: MX, then
 * addresses and TLSA, then all scans.
 */
#ifndef MAILGAUGE_SMTP_TLS_ROUTE_H
#define MAILGAUGE_SMTP_TLS_ROUTE_H

#include "core/arena.h"
#include "core/limits.h"
#include "core/store.h"
#include "core/truth.h"
#include "dns/name.h"
#include "dns/question.h"
#include "probe.h"
#include "smtp/scan.h"
#include "smtp_tls/dane.h"
#include "smtp_tls/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum route_kind {
	ROUTE_UNKNOWN,  /* the DNS could not tell */
	ROUTE_HOST,     /* the one host that the user named */
	ROUTE_MX,       /* exchangers */
	ROUTE_IMPLICIT, /* no MX: the domain's own addresses (RFC 5321 5.1) */
	ROUTE_NULL,     /* a null MX and nothing else (RFC 7505) */
	ROUTE_NOWHERE   /* neither MX nor address */
};

struct route_address {
	const char *text; /* "192.0.2.1" */
	struct smtp_endpoint endpoint;
	enum outcome outcome;         /* of the scan; WANTED: not there yet */
	const struct smtp_scan *scan; /* NULL unless FOUND */
};

/* What a sender that knows DANE makes of a host's TLSA records. */
enum route_dane {
	DANE_UNTOLD,   /* AD is not to be trusted, or nothing was asked */
	DANE_NONE,     /* there are none */
	DANE_INSECURE, /* not signed, or the way to them is not: they are ignored */
	DANE_FAILED,   /* they could not be had */
	DANE_UNUSABLE, /* TLS without authentication (RFC 7672 2.2) */
	DANE_USABLE
};

struct route_host {
	struct dns_name name;
	const char *text;
	bool has_preference;
	uint16_t preference;

	/* What was not asked, because of -4 or -6 or since HOST is an address, has the
	 * outcome WANTED. */
	struct dns_result a, aaaa;
	bool is_alias;
	enum truth secure; /* the way to its addresses is, from the domain on */

	struct dns_name base; /* TLSA base domain and SNI (RFC 7672 2.2.2, 8.1) */
	struct dns_result tlsa;
	enum route_dane dane;
	struct dane_records records; /* where an answer came */

	size_t address_count;
	struct route_address *addresses;
	size_t addresses_left_out; /* over LIMIT_ROUTE_ADDRESSES */
};

struct route {
	enum route_kind kind;
	struct dns_result mx; /* not of ROUTE_HOST */
	size_t host_count;
	struct route_host *hosts; /* by preference, each name once */
	size_t hosts_left_out;    /* over LIMIT_ROUTE_HOSTS */
	uint16_t port;
};

struct route *route_find(
    const struct target *target, struct view *view, struct arena *arena);

/* The address of `host` is a name of digits and dots: "192.0.2.1" as an exchanger. */
bool route_name_is_address(const struct dns_name *name);

/* No address, and that is sure: of none of the families that were asked. */
bool route_host_is_empty(const struct route_host *host);

#endif
