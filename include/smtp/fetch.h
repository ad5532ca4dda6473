/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * fetch: the fetcher of SMTP scans (smtp/scan.h), over sockets and OpenSSL.
 *
 * What is always true:
 *  - every scan asked for comes back once, however its server behaves, within the time
 *    for a scan;
 *  - at most `scans` are made at once, and LIMIT_SMTP_SCANS_URGENT more that somebody
 *    waits for; each with one connection open, and never two of the same address;
 *  - free() returns at once: what goes on then is abandoned.
 *
 * What a server can do belongs to its address and port; its name, which it learns by
 * SNI (RFC 6066 3), chooses the certificate. So an address is scanned whole once in
 * `keep_seconds`. A further name costs one handshake, and one more where the address
 * has two types of certificate; everything else is borrowed from the whole scan, null
 * where that could not tell, and good as long as that is. Only a scan that came to its
 * own end, with a handshake, lends.
 *
 * A server may choose other settings of TLS by the name, too. That is rare, and mostly
 * shows: where the handshake comes to another version, suite or group than that of the
 * whole scan, nothing is borrowed, and the name is scanned whole. Settings by name that
 * such a handshake does not meet, an old version for one name only, are not found.
 *
 * Scans run in threads of the fetcher's own; its functions are for one thread, the
 * runner's. The program must ignore SIGPIPE.
 */
#ifndef MAILGAUGE_SMTP_FETCH_H
#define MAILGAUGE_SMTP_FETCH_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/run.h"
#include "smtp/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero bytes are the defaults. */
struct smtp_fetch_settings {
	const char *ehlo; /* a domain or address literal, checked by the caller; NULL:
			     this host's name, or its address without one */
	const char *ca_file, *ca_directory; /* both NULL: the system's */
	size_t scans;                       /* at once; 0: LIMIT_SMTP_SCANS_DEFAULT */
	unsigned scan_ms;                   /* time for a scan; 0: LIMIT_SMTP_SCAN_MS */
	unsigned hello_ms;     /* for one hello of it; 0: LIMIT_SMTP_HELLO_MS */
	int64_t until_ms;      /* no scan goes on later, whenever begun; 0: no such
				  point. A plugin's, a little before its own end */
	unsigned keep_seconds; /* how long a scan is good: see smtp_fact(); and lends */
};

struct smtp_fetch_counts {
	uint64_t ends[SMTP_ENDS]; /* scans that came to their end, by which */
	uint64_t connections;     /* opened for them */
};

/* NULL when the CAs can't be read (`why` says which) or no descriptor is to be had. The
 * settings are copied. */
struct fetcher *smtp_fetch_new(
    const struct smtp_fetch_settings *settings, struct buf *why) MUST_CHECK;

/* Where the system's CAs are at the moment: the path of a file or of a hashed
 * directory, the other is NULL. On a system without CAs there is no such file. */
void smtp_system_cas(const char **ca_file, const char **ca_directory);

/* Whether smtp_fetch_new() would take this file; `why` says what is wrong with it. */
bool smtp_ca_file_check(const char *ca_file, struct buf *why) MUST_CHECK;

/* Offers other names of the address what an earlier scan has shown, one of before this
 * fetcher, as if it had been made by it. */
void smtp_fetch_lend(struct fetcher *fetcher, const struct smtp_endpoint *endpoint,
    const struct smtp_scan *scan, int64_t good_until_ms);

struct smtp_fetch_counts smtp_fetch_counts(const struct fetcher *fetcher);

#endif
