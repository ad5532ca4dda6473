/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * window: how many packets may be out to one name server; private to this folder. It is
 * what every sender does that shares a wire with others: go down by half when packets
 * are lost, up by one when a whole window of them was not.
 *
 * A few losses are no sign of haste: a resolver is silent, too, about a name whose own
 * servers are. What counts is their share of the packets of one window.
 */
#ifndef MAILGAUGE_DNS_WINDOW_H
#define MAILGAUGE_DNS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

struct dns_window {
	size_t cap;   /* the limit never goes above it */
	size_t limit; /* nor below LIMIT_DNS_IN_FLIGHT_MIN, or the cap */
	size_t out;
	size_t ended, lost; /* since the limit was judged last */
};

void dns_window_init(struct dns_window *window, size_t cap);
bool dns_window_has_room(const struct dns_window *window);
void dns_window_sent(struct dns_window *window); /* there need be no room */
void dns_window_ended(struct dns_window *window, bool lost);

#endif
