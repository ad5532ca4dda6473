/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * plan: which connections a scan makes, in which order, and what follows from each;
 * private to this folder. One at a time, none after the server has asked to stop.
 */
#ifndef MAILGAUGE_SMTP_PLAN_H
#define MAILGAUGE_SMTP_PLAN_H

#include "handshake.h"
#include "lending.h"
#include "smtp/scan.h"

#include <stdint.h>

struct plan_settings {
	const char *ehlo;  /* NULL: this host's name */
	unsigned hello_ms; /* how long a hello or a handshake is waited for */
	struct handshakes *handshakes;
	int abandon_fd;          /* readable: end at once; -1: none */
	const struct lent *lent; /* known of the address; NULL: nothing */
};

/* Fills a new scan; ends soon after the deadline at the latest. */
void plan_run(const struct plan_settings *settings,
    const struct smtp_endpoint *endpoint, int64_t deadline_ms, struct smtp_scan *scan);

#endif
