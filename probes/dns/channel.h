/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * channel: packets to name servers and replies back, by c-ares; private to this folder.
 *
 * A sending is one packet that is out. What is always true:
 *  - a sending ends exactly once: by a call of `ended`, or silently when its owner has
 *    abandoned it before; after either its pointer is dead;
 *  - `ended` may be called from within channels_send() and channels_work(), and must
 * not call any function of this header;
 *  - nothing here is sent a second time, judged or read: that is fetch.c's part.
 */
#ifndef MAILGAUGE_DNS_CHANNEL_H
#define MAILGAUGE_DNS_CHANNEL_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/run.h"
#include "core/span.h"
#include "dns/nameserver.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum transport {
	TRANSPORT_UDP,   /* for packets that end in an OPT record */
	TRANSPORT_PLAIN, /* UDP for packets without one */
	TRANSPORT_TCP,
	TRANSPORTS
};

enum delivery {
	DELIVERY_REPLY,       /* bytes came; TC may be set in them */
	DELIVERY_CUT,         /* a datagram came that perhaps is not all of the reply */
	DELIVERY_LOST,        /* nothing came in time */
	DELIVERY_UNREACHABLE, /* the network or the server's host turned it down */
	DELIVERY_MALFORMED    /* what came was no DNS message */
};

/* `reply` is empty unless it is a DELIVERY_REPLY, and borrowed for the call. */
typedef void channel_ended(void *owner, enum delivery delivery, struct span reply);

struct sending;
struct channels;

/* NULL when c-ares can't be set up; `why` says what it said. A packet's owner is
 * expected to abandon it after `attempt_ms`. */
struct channels *channels_new(const struct nameservers *servers, unsigned attempt_ms,
    channel_ended *ended, struct buf *why) MUST_CHECK;

/* Nothing that is out may have an owner any more. */
void channels_free(struct channels *channels);

/* NULL when it has ended already. The packet is copied. */
struct sending *channels_send(struct channels *channels, size_t server,
    enum transport transport, struct span packet, void *owner,
    int64_t now_ms) MUST_CHECK;
void channels_abandon(struct sending *sending);

/* At most FETCHER_FDS descriptors; and their events. */
size_t channels_watch(const struct channels *channels, struct pollfd *fds);
void channels_work(struct channels *channels, const struct pollfd *fds, size_t count);

/* Closes what nobody waits for any more. Not from within `ended`. */
void channels_sweep(struct channels *channels);

#endif
