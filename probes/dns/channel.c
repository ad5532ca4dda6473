/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * c-ares as a mover of packets, and the only file that knows it. A channel of c-ares
 * belongs to one name server and one transport here, tries once and never hides a
 * reply, because its own policy differs from version to version and can't be counted
 * on: 1.18 turns SERVFAIL into four packets and "connection refused", and lets one
 * refused TCP connection fail every question that is out over UDP on that channel.
 *
 * A source port and a 16-bit id are all that an off-path forger has to guess, and
 * c-ares 1.18 keeps one port for as long as its socket lives. So a channel is replaced
 * after LIMIT_DNS_CHANNEL_QUERIES or LIMIT_DNS_CHANNEL_MS, and after a loss once it is
 * idle. Until then its socket stays open between bursts of questions: another one for
 * each burst cost a plugin's run a twentieth of its CPU time.
 */
#include "channel.h"

#include "core/die.h"
#include "core/limits.h"
#include "dns/message.h"

#include <ares.h>
#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utlist.h>

struct channel {
	struct channel *prev, *next; /* of all */
	struct channels *channels;
	ares_channel ares;
	enum transport transport;
	int64_t first_ms;   /* when it got its first packet */
	size_t sent;        /* packets so far */
	size_t awaited;     /* out, and somebody waits for them */
	size_t outstanding; /* all that c-ares knows, also the abandoned ones */
	size_t sockets;
	bool spent;   /* not good for new packets */
	bool retired; /* replaced; only finishes what is out */
};

struct sending {
	struct channel *channel;
	void *owner; /* NULL: abandoned */
	bool inside; /* ares_send() has not returned yet */
	bool over;   /* ended, while inside */
};

struct channels {
	struct nameservers servers;
	unsigned attempt_ms;
	channel_ended *ended;
	struct channel *current[LIMIT_NAMESERVERS][TRANSPORTS]; /* made when needed */
	struct channel *all;
	size_t count;

	/* Sockets that are open, and whose they are; one row for both. */
	struct pollfd fds[FETCHER_FDS];
	struct channel *owners[FETCHER_FDS];
	size_t fd_count;
};

/* --- what differs between versions of c-ares ------------------------------ */

/* 1.31 brought a cache of answers, on unless asked for with a size of 0; the store is
 * ours, and it honours TTLs. */
#ifdef ARES_OPT_QUERY_CACHE
enum { OPTIONS_OF_VERSION = ARES_OPT_QUERY_CACHE };
#else
enum { OPTIONS_OF_VERSION = 0 };
#endif

/*
 * 1.34 sets its time limit to five times the mean latency: behind a warm cache that is
 * 250 ms, after which the reply for a name that the resolver has to look up would not
 * be taken any more. Its timers can be left out; ours decide. In 1.18 they always run
 * but keep to what they were told.
 */
#if ARES_VERSION >= 0x012200
static void
process(ares_channel ares, const struct pollfd *fd)
{
	ares_fd_events_t ready = { .fd = fd->fd };
	if ((fd->revents & ~POLLOUT) != 0)
		ready.events |= ARES_FD_EVENT_READ;
	if ((fd->revents & POLLOUT) != 0)
		ready.events |= ARES_FD_EVENT_WRITE;
	(void)ares_process_fds(ares, &ready, 1, ARES_PROCESS_FLAG_SKIP_NON_FD);
}
#else
static void
process(ares_channel ares, const struct pollfd *fd)
{
	bool readable = (fd->revents & ~POLLOUT) != 0; /* errors are read, too */
	bool writable = (fd->revents & POLLOUT) != 0;
	ares_process_fd(ares, readable ? fd->fd : ARES_SOCKET_BAD,
	    writable ? fd->fd : ARES_SOCKET_BAD);
}
#endif

/* --- sockets -------------------------------------------------------------- */

static size_t
socket_index(const struct channels *channels, int fd)
{
	size_t i = 0;
	while (i < channels->fd_count && channels->fds[i].fd != fd)
		i++;
	return i;
}

static void
socket_forget(struct channels *channels, size_t i)
{
	channels->owners[i]->sockets--;
	channels->fd_count--;
	channels->fds[i] = channels->fds[channels->fd_count];
	channels->owners[i] = channels->owners[channels->fd_count];
}

/* c-ares tells which sockets to wait for as they change. Asking it for the list instead
 * would be cut at 16 of them. A socket is forgotten before its number can be reused. */
static void
on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct channel *channel = data;
	struct channels *channels = channel->channels;
	size_t i = socket_index(channels, fd);
	bool known = i < channels->fd_count;
	short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));

	if (events == 0) {
		if (known)
			socket_forget(channels, i);
		return;
	}
	if (i == FETCHER_FDS)
		return; /* out of sight: its packets are lost, others are not */
	channels->fds[i] = (struct pollfd){ .fd = fd, .events = events };
	channels->owners[i] = channel;
	if (!known) {
		channels->fd_count++;
		channel->sockets++;
	}
}

size_t
channels_watch(const struct channels *channels, struct pollfd *fds)
{
	for (size_t i = 0; i < channels->fd_count; i++)
		fds[i] = channels->fds[i];
	return channels->fd_count;
}

/*
 * 1.34.7 overlooks the end of a connection that comes in the middle of a reply: it
 * would be told of it again at once, for ever. So what is at its end and still open
 * afterwards is not watched any more; what was out there is lost when its time is up.
 */
static void
work_socket(struct channel *channel, const struct pollfd *fd)
{
	struct channels *channels = channel->channels;
	char byte;
	bool at_end = channel->transport == TRANSPORT_TCP &&
	    (fd->revents & POLLERR) == 0 && /* which a look would take away */
	    recv(fd->fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT) == 0;
	process(channel->ares, fd);

	size_t at = socket_index(channels, fd->fd);
	if (at_end && at < channels->fd_count && channels->owners[at] == channel) {
		socket_forget(channels, at);
		channel->spent = true;
	}
}

void
channels_work(struct channels *channels, const struct pollfd *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* An earlier one may have closed it, or opened another in its place;
		 * then c-ares finds nothing to read there, and that is all. */
		size_t at = socket_index(channels, fds[i].fd);
		if (fds[i].revents != 0 && at < channels->fd_count)
			work_socket(channels->owners[at], &fds[i]);
	}
}

/* --- channels ------------------------------------------------------------- */

/* The one server of a channel, in the notation with brackets: an IPv6 address with a
 * port can't be told from one without otherwise. */
static int
set_server(ares_channel ares, const struct nameserver *server)
{
	char address[INET6_ADDRSTRLEN], memory[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	const char *made = inet_ntop(
	    server->family, server->address, address, sizeof(address));
	assert(made != NULL);

	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_addf(&text, server->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address,
	    (unsigned)server->port);
	return ares_set_servers_ports_csv(ares, text.text);
}

/*
 * NOCHECKRESP hands SERVFAIL and the like to us as they came. EDNS and EDNSPSZ are what
 * makes 1.18 take datagrams of more than 512 bytes, whatever the packet itself says.
 * IGNTC leaves truncated replies to us, who ask again on a channel for TCP alone.
 * STAYOPEN is not for TCP: servers end idle connections, and then answer by a reset.
 */
static const int transport_flags[TRANSPORTS] = {
	[TRANSPORT_UDP] = ARES_FLAG_IGNTC | ARES_FLAG_STAYOPEN | ARES_FLAG_EDNS,
	[TRANSPORT_PLAIN] = ARES_FLAG_IGNTC | ARES_FLAG_STAYOPEN,
	[TRANSPORT_TCP] = ARES_FLAG_USEVC,
};

/*
 * Everything that c-ares would look up in files and the environment is said here, also
 * what does not matter for packets that we make ourselves, such as search lists: with
 * all of it set, 1.18 opens no file. The server is a placeholder until set_server().
 * Buffers are large because 1.18 takes a full one for a failure of the server. The time
 * limit is twice ours: it only clears away what we have given up.
 */
static int
open_ares(struct channel *channel, const struct nameserver *server)
{
	static char lookups[] = "b", no_file[] = "/dev/null";
	struct in_addr placeholder = { .s_addr = htonl(INADDR_LOOPBACK) };
	struct ares_options options = {
		.flags = transport_flags[channel->transport] | ARES_FLAG_NOCHECKRESP |
		    ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout = (int)channel->channels->attempt_ms * 2,
		.tries = 1,
		.ndots = 1,
		.ednspsz = LIMIT_EDNS_BYTES,
		.lookups = lookups,
		.resolvconf_path = no_file,
		.servers = &placeholder,
		.nservers = 1,
		.socket_send_buffer_size = LIMIT_DNS_SOCKET_BYTES,
		.socket_receive_buffer_size = LIMIT_DNS_SOCKET_BYTES,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = channel,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_NDOTS | ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF |
	    ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST |
	    ARES_OPT_NOROTATE | ARES_OPT_SOCK_SNDBUF | ARES_OPT_SOCK_RCVBUF |
	    ARES_OPT_SOCK_STATE_CB | OPTIONS_OF_VERSION;

	int status = ares_init_options(&channel->ares, &options, mask);
	if (status != ARES_SUCCESS)
		return status;
	status = set_server(channel->ares, server);
	if (status != ARES_SUCCESS)
		ares_destroy(channel->ares);
	return status;
}

/* NULL when c-ares fails; `status` then says how. */
static struct channel *
channel_new(
    struct channels *channels, size_t server, enum transport transport, int *status)
{
	struct channel *channel = must_calloc(1, sizeof(*channel));
	channel->channels = channels;
	channel->transport = transport;
	*status = open_ares(channel, &channels->servers.list[server]);
	if (*status != ARES_SUCCESS) {
		free(channel);
		return NULL;
	}
	DL_APPEND(channels->all, channel);
	channels->count++;
	return channel;
}

/* c-ares reports everything that is out as it goes: never from within a callback. */
static void
channel_free(struct channel *channel)
{
	struct channels *channels = channel->channels;
	assert(channel->awaited == 0);
	ares_destroy(channel->ares);
	DL_DELETE(channels->all, channel);
	channels->count--;
	free(channel);
}

static bool
is_due_for_replacement(const struct channel *channel, int64_t now_ms)
{
	if (channel->sent == 0)
		return false;
	return channel->spent || channel->sent >= LIMIT_DNS_CHANNEL_QUERIES ||
	    now_ms - channel->first_ms >= LIMIT_DNS_CHANNEL_MS;
}

/* The channel to send by: the present one or, in place of one that is due, another. */
static struct channel *
channel_for(
    struct channels *channels, size_t server, enum transport transport, int64_t now_ms)
{
	struct channel **slot = &channels->current[server][transport];
	struct channel *present = *slot;
	if (present != NULL && !is_due_for_replacement(present, now_ms))
		return present;
	if (present != NULL && channels->count >= LIMIT_DNS_CHANNELS)
		return present;

	int status;
	struct channel *fresh = channel_new(channels, server, transport, &status);
	if (fresh == NULL)
		return present;
	if (present != NULL)
		present->retired = true;
	*slot = fresh;
	return fresh;
}

struct channels *
channels_new(const struct nameservers *servers, unsigned attempt_ms,
    channel_ended *ended, struct buf *why)
{
	assert(servers->count > 0 && servers->count <= LIMIT_NAMESERVERS);
	struct channels *channels = must_calloc(1, sizeof(*channels));
	channels->servers = *servers;
	channels->attempt_ms = attempt_ms;
	channels->ended = ended;

	/* The first one now, so that what is wrong with c-ares is known at the start.
	 */
	int status;
	struct channel **first = &channels->current[0][TRANSPORT_UDP];
	*first = channel_new(channels, 0, TRANSPORT_UDP, &status);
	if (*first != NULL)
		return channels;
	buf_addf(why, "c-ares can't be set up: %s", ares_strerror(status));
	free(channels);
	return NULL;
}

void
channels_free(struct channels *channels)
{
	while (channels->all != NULL)
		channel_free(channels->all);
	assert(channels->fd_count == 0);
	free(channels);
}

void
channels_sweep(struct channels *channels)
{
	struct channel *channel, *next;
	DL_FOREACH_SAFE(channels->all, channel, next)
	{
		if (channel->awaited > 0)
			continue;
		bool is_tcp = channel->transport == TRANSPORT_TCP;
		channel->spent |= channel->outstanding > 0; /* losses: another port */
		if (channel->retired)
			channel_free(channel);
		else if (channel->outstanding > 0 || (is_tcp && channel->sockets > 0))
			ares_cancel(channel->ares); /* ends connections, too */
	}
}

/* --- packets -------------------------------------------------------------- */

static enum delivery
delivery_of(int status, enum transport transport)
{
	switch (status) {
	case ARES_SUCCESS:
		return DELIVERY_REPLY;
	case ARES_ETIMEOUT:
		return DELIVERY_LOST;
	case ARES_EBADRESP:
		/* 1.34 reads messages itself and fails everything that is out on a
		 * socket when it can't read one, a cut one too. TCP makes it clear, and
		 * helps those that only shared the socket. */
		return transport == TRANSPORT_TCP ? DELIVERY_MALFORMED : DELIVERY_CUT;
	case ARES_EBADNAME:
		/* Nor does it send or hand over names of other than letters, digits and
		 * "-_*./", though every byte is legal (RFC 2181 11). */
		return DELIVERY_MALFORMED;
	case ARES_ENOMEM:
		die_unknown("out of memory");
	default:
		return DELIVERY_UNREACHABLE;
	}
}

/*
 * A FORMERR without OPT record makes 1.18 drop the EDNS flag of its channel for good,
 * and ask that one question again by itself. From then on it cuts every datagram at 512
 * bytes, without setting TC.
 */
static bool
is_sign_of_lost_edns(struct span reply)
{
	enum { OLD_LIMIT = 512, TC = 0x0200, RCODE = 0x000f };
	uint16_t id, flags;
	struct span rest = reply;
	if (!span_take_u16(&rest, &id) || !span_take_u16(&rest, &flags))
		return false;
	return (flags & RCODE) == DNS_RCODE_FORMERR ||
	    (reply.length == OLD_LIMIT && (flags & TC) == 0);
}

static void
on_end(void *arg, int status, int timeouts, unsigned char *bytes, int length)
{
	(void)timeouts;
	struct sending *sending = arg;
	struct channel *channel = sending->channel;
	channel->outstanding--;

	if (sending->owner != NULL) {
		assert(status != ARES_ECANCELLED && status != ARES_EDESTRUCTION);
		struct span reply = span_of(NULL, 0);
		if (status == ARES_SUCCESS)
			reply = span_of(bytes, (size_t)length);
		if (channel->transport == TRANSPORT_UDP && is_sign_of_lost_edns(reply))
			channel->spent = true;
		channel->awaited--;
		channel->channels->ended(
		    sending->owner, delivery_of(status, channel->transport), reply);
	}
	if (sending->inside)
		sending->over = true;
	else
		free(sending);
}

struct sending *
channels_send(struct channels *channels, size_t server, enum transport transport,
    struct span packet, void *owner, int64_t now_ms)
{
	assert(server < channels->servers.count && owner != NULL);
	struct channel *channel = channel_for(channels, server, transport, now_ms);
	if (channel == NULL) {
		channels->ended(owner, DELIVERY_UNREACHABLE, span_of(NULL, 0));
		return NULL;
	}
	struct sending *sending = must_calloc(1, sizeof(*sending));
	sending->channel = channel;
	sending->owner = owner;
	if (channel->sent++ == 0)
		channel->first_ms = now_ms;
	channel->awaited++;
	channel->outstanding++;

	/* on_end() may run in there, when the packet can't even leave. */
	sending->inside = true;
	ares_send(channel->ares, packet.bytes, (int)packet.length, on_end, sending);
	sending->inside = false;
	if (!sending->over)
		return sending;
	free(sending);
	return NULL;
}

void
channels_abandon(struct sending *sending)
{
	struct channel *channel = sending->channel;
	assert(sending->owner != NULL);
	sending->owner = NULL;
	channel->awaited--;
	if (channel->transport == TRANSPORT_TCP)
		channel->spent = true; /* the connection hangs; take another one */
}
