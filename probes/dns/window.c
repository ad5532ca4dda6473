/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Additive increase, multiplicative decrease, without a clock: time is what ends. */
#include "window.h"

#include "core/limits.h"

#include <assert.h>

void
dns_window_init(struct dns_window *window, size_t cap)
{
	*window = (struct dns_window){ .cap = cap, .limit = cap };
}

bool
dns_window_has_room(const struct dns_window *window)
{
	return window->out < window->limit;
}

void
dns_window_sent(struct dns_window *window)
{
	window->out++;
}

static size_t
half(const struct dns_window *window)
{
	size_t limit = window->limit / 2;
	if (limit < LIMIT_DNS_IN_FLIGHT_MIN)
		limit = LIMIT_DNS_IN_FLIGHT_MIN;
	return limit < window->limit ? limit : window->limit;
}

void
dns_window_ended(struct dns_window *window, bool lost)
{
	assert(window->out > 0);
	window->out--;
	window->ended++;
	window->lost += lost;
	if (window->ended < window->limit)
		return;
	if (window->lost * LIMIT_DNS_LOSS_PART > window->ended)
		window->limit = half(window);
	else if (window->limit < window->cap)
		window->limit++;
	window->ended = window->lost = 0;
}
