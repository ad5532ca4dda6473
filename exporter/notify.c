/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The protocol of sd_notify(3): datagrams of NAME=VALUE lines to a socket that the
 * environment names. Written here, since linking libsystemd costs more than this file
 * has lines, and the protocol is promised to stay.
 */
#include "notify.h"

#include "core/deadline.h"
#include "core/limits.h"
#include "core/span.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A path, or '@' and a name in the abstract namespace; false where it is neither. */
static bool
take_address(struct notify *notify, struct span name)
{
	struct sockaddr_un *address = &notify->address;
	struct buf path;
	if (name.length < 2 || name.length >= sizeof(address->sun_path) ||
	    (name.bytes[0] != '/' && name.bytes[0] != '@'))
		return false;
	address->sun_family = AF_UNIX;
	buf_wrap(&path, address->sun_path, sizeof(address->sun_path));
	buf_add(&path, name);
	if (address->sun_path[0] == '@')
		address->sun_path[0] = '\0';
	notify->address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    name.length);
	return true;
}

/* 0 when there is no such variable. What is too large counts as the largest that fits:
 * a watchdog may hear of us sooner. */
static uint32_t
number_of(const char *name)
{
	const char *text = getenv(name);
	struct span rest = span_text(text != NULL ? text : ""), digits;
	uint32_t number;
	if (span_take_number(&rest, UINT32_MAX, &number))
		return number;
	span_take_while(&rest, byte_is_digit, &digits);
	return digits.length > 0 ? UINT32_MAX : 0;
}

/* Whether anybody listens there, which sending doesn't tell. Not by the socket that
 * sends: one that is connected would stay with a manager that has begun anew. */
static int
try_address(const struct notify *notify)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed = fd < 0 ||
		connect(fd, (const struct sockaddr *)&notify->address,
		    notify->address_bytes) != 0
	    ? errno
	    : 0;
	if (fd >= 0)
		close(fd);
	return failed;
}

static bool
complain(struct buf *why, struct span name, const char *fault)
{
	buf_add_text(why, "NOTIFY_SOCKET: ");
	buf_add_safe(why, name);
	buf_addf(why, ": %s", fault);
	return false;
}

bool
notify_open(struct notify *notify, struct buf *why)
{
	const char *value = getenv("NOTIFY_SOCKET");
	struct span name = span_text(value != NULL ? value : "");
	*notify = (struct notify){ .fd = -1 };
	if (name.length == 0)
		return true;
	if (!take_address(notify, name))
		return complain(
		    why, name, "expected a path, or @ and an abstract name");
	int failed = try_address(notify);
	if (failed)
		return complain(why, name, strerror(failed));
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify->fd < 0)
		return complain(why, name, strerror(errno));
	/* WATCHDOG_PID is another's when the variables came from a process above us. */
	if (getenv("WATCHDOG_PID") == NULL ||
	    number_of("WATCHDOG_PID") == (uint32_t)getpid())
		notify->every_ms = number_of("WATCHDOG_USEC") / 1000 / 2;
	return true;
}

void
notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

/* A manager that does not read is no reason to wait: the watchdog is its own judge. */
static void
send_text(const struct notify *notify, const char *text)
{
	if (notify->fd >= 0)
		(void)!sendto(notify->fd, text, strlen(text),
		    MSG_NOSIGNAL | MSG_DONTWAIT,
		    (const struct sockaddr *)&notify->address, notify->address_bytes);
}

void
notify_ready(const struct notify *notify, const char *state)
{
	char memory[LIMIT_MESSAGE];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_addf(&text, "READY=1\nSTATUS=%s\n", state);
	send_text(notify, text.text);
}

/* Type=notify-reload wants to know that this is the answer to its own signal, and so
 * the time on the clock that our milliseconds are of. */
void
notify_reloading(const struct notify *notify, int64_t now_ms)
{
	char memory[128];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_addf(&text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n", now_ms * 1000);
	send_text(notify, text.text);
}

void
notify_stopping(const struct notify *notify)
{
	send_text(notify, "STOPPING=1\nSTATUS=Ending\n");
}

int64_t
notify_alive(struct notify *notify, int64_t now_ms)
{
	if (notify->fd < 0 || notify->every_ms <= 0)
		return DEADLINE_NEVER;
	if (now_ms >= notify->next_ms) {
		send_text(notify, "WATCHDOG=1\n");
		notify->next_ms = now_ms + notify->every_ms;
	}
	return notify->next_ms;
}
