/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * From questions to facts over the network: which server is asked, how often, for how
 * long, over what, and which of the replies becomes the fact. The packets are moved by
 * channel.c, their bytes are read by message.c.
 *
 * A question is in one list at a time: `waiting` for its turn, `out` with one packet on
 * its way, `replied` when that packet has come to an end, then `again` of the server
 * that is asked next, or `done` when its fact is made.
 * Ends of packets may be reported from within the call that sends them; so reporting
 * only moves a question to `replied`, and settle() alone takes it on from there.
 */
#include "dns/fetch.h"

#include "channel.h"
#include "core/die.h"
#include "dns/message.h"
#include "dns/question.h"
#include "window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <utlist.h>

enum { IDS = 64 }; /* random ids fetched with one system call */

struct dns_fetcher;

/* What a packet asks of a validating resolver. A SERVFAIL may come of bad signatures:
 * then the data are there for who does not check them (CD). One more question tells bad
 * signatures from a failure that has passed. */
enum checking { CHECKING, CHECKING_DISABLED, CHECKING_AGAIN };

struct question {
	struct question *prev, *next;
	struct dns_fetcher *fetcher;
	struct sending *sending; /* the packet that is out, or NULL */
	int64_t deadline_ms;     /* of that packet */
	uint8_t first;           /* index of the server that is asked first */
	uint8_t server;          /* and of the one that the packet went to */
	uint8_t attempts;        /* begun; each may take a second packet over TCP */
	uint8_t packets;
	bool tcp;      /* this attempt's reply was cut: now over TCP */
	bool plain;    /* without EDNS */
	bool declined; /* a server replied, and with a failure */
	enum checking checking;

	enum delivery delivery;    /* of the last packet */
	struct dns_answer *answer; /* read from it, when it is a DELIVERY_REPLY */
	struct fact fact;          /* of the last attempt */
	size_t key_length;
	uint8_t key[];
};

struct dns_fetcher {
	struct fetcher fetcher;
	struct dns_fetch_settings settings;
	struct channels *channels;
	struct question *waiting, *out, *replied, *done;
	struct question *again[LIMIT_NAMESERVERS]; /* before those that wait */
	struct question *handed;                   /* last one given by next() */
	struct dns_window windows[LIMIT_NAMESERVERS];
	size_t first; /* server to begin with, until `detour_ends_ms` */
	int64_t detour_ends_ms;
	int64_t now_ms;
	struct dns_fetch_counts counts;
	uint16_t ids[IDS];
	size_t id_count; /* not used yet */
};

/* --- sending -------------------------------------------------------------- */

/* Ids come from the kernel, not from c-ares, whose generator has been weak before. New
 * versions put their own in place all the same, so what comes back is not compared. */
static uint16_t
random_id(struct dns_fetcher *fetcher)
{
	if (fetcher->id_count == 0) {
		ssize_t got = getrandom(fetcher->ids, sizeof(fetcher->ids), 0);
		if (got != (ssize_t)sizeof(fetcher->ids))
			die_unknown("no random numbers from the kernel");
		fetcher->id_count = IDS;
	}
	return fetcher->ids[--fetcher->id_count];
}

/* Who is asked by the next attempt. */
static size_t
next_server(const struct question *question)
{
	/* Asked again is who answered. */
	bool is_again = question->checking == CHECKING_AGAIN;
	size_t turn = (size_t)question->first + question->attempts - is_again;
	return turn % question->fetcher->settings.servers.count;
}

static enum transport
transport_of(const struct question *question)
{
	if (question->tcp)
		return TRANSPORT_TCP;
	return question->plain ? TRANSPORT_PLAIN : TRANSPORT_UDP;
}

static void
read_key(const struct question *question, struct dns_name *name, uint16_t *type)
{
	bool ours = dns_key_read(
	    span_of(question->key, question->key_length), name, type);
	assert(ours); /* keys are made by dns_key_make() */
	(void)ours;
}

/* The OPT record is the last of the packet, and the only additional one. */
static void
cut_edns(struct buf *packet)
{
	enum { OPT_BYTES = 11, ADDITIONAL_COUNT = 10 };
	buf_shorten(packet, packet->length - OPT_BYTES);
	packet->text[ADDITIONAL_COUNT] = 0;
	packet->text[ADDITIONAL_COUNT + 1] = 0;
}

static void
send_packet(struct question *question)
{
	struct dns_fetcher *fetcher = question->fetcher;
	enum transport transport = transport_of(question);
	char memory[512]; /* header, name and OPT are less than 300 */
	struct buf packet;
	struct dns_name name;
	uint16_t type;

	read_key(question, &name, &type);
	buf_wrap(&packet, memory, sizeof(memory));
	dns_message_ask(&packet, random_id(fetcher), &name, type);
	if (question->checking == CHECKING_DISABLED)
		dns_message_disable_checking(&packet);
	if (question->plain)
		cut_edns(&packet);
	assert(!packet.cut);

	question->packets++;
	fetcher->counts.packets++;
	if (transport == TRANSPORT_TCP)
		fetcher->counts.tcp++;
	question->deadline_ms = fetcher->now_ms + fetcher->settings.attempt_ms;
	DL_APPEND(fetcher->out, question); /* so that it is sorted by deadline */
	dns_window_sent(&fetcher->windows[question->server]);
	question->sending = channels_send(fetcher->channels, question->server,
	    transport, buf_span(&packet), question, fetcher->now_ms);
}

static void
begin_attempt(struct question *question)
{
	question->server = (uint8_t)next_server(question);
	question->attempts++;
	question->tcp = false;
	send_packet(question);
}

static size_t
first_server(struct dns_fetcher *fetcher)
{
	if (fetcher->now_ms >= fetcher->detour_ends_ms)
		fetcher->first = 0;
	return fetcher->first;
}

static void
start(struct dns_fetcher *fetcher, struct question *question)
{
	question->first = (uint8_t)first_server(fetcher);
	begin_attempt(question);
}

/* --- a packet has come to its end ----------------------------------------- */

static enum delivery
read_reply(struct question *question, struct span reply)
{
	struct dns_name name;
	uint16_t type;
	read_key(question, &name, &type);
	enum status status = dns_message_read(reply, &name, type, &question->answer);
	if (status == STATUS_OK)
		return DELIVERY_REPLY;
	if (status != STATUS_CUT_SHORT)
		return DELIVERY_MALFORMED;

	/* What is whole in it is still not an answer: a record may be missing. */
	dns_answer_free(question->answer);
	question->answer = NULL;
	return DELIVERY_CUT;
}

static void
on_ended(void *owner, enum delivery delivery, struct span reply)
{
	struct question *question = owner;
	struct dns_fetcher *fetcher = question->fetcher;
	question->sending = NULL;
	question->delivery = delivery;
	dns_window_ended(
	    &fetcher->windows[question->server], delivery == DELIVERY_LOST);
	if (delivery == DELIVERY_REPLY)
		question->delivery = read_reply(question, reply);
	DL_DELETE(fetcher->out, question);
	DL_APPEND(fetcher->replied, question);
}

/* Time limits are ours: c-ares doubles its own from try to try, or adapts them. */
static void
end_overdue(struct dns_fetcher *fetcher)
{
	while (fetcher->out != NULL && fetcher->out->deadline_ms <= fetcher->now_ms) {
		struct question *question = fetcher->out;
		channels_abandon(question->sending);
		fetcher->counts.lost++;
		on_ended(question, DELIVERY_LOST, span_of(NULL, 0));
	}
}

/* --- judging -------------------------------------------------------------- */

static void
drop_fact(struct question *question)
{
	if (question->fact.release != NULL)
		question->fact.release(question->fact.data);
	question->fact = (struct fact){ .outcome = OUTCOME_WANTED };
}

static struct fact
make_fact(struct question *question)
{
	struct dns_fetcher *fetcher = question->fetcher;
	static const enum outcome failures[] = {
		[DELIVERY_CUT] = OUTCOME_MALFORMED, /* over TCP, that is */
		[DELIVERY_LOST] = OUTCOME_TIMEOUT,
		[DELIVERY_UNREACHABLE] = OUTCOME_UNREACHABLE,
		[DELIVERY_MALFORMED] = OUTCOME_MALFORMED,
	};
	if (question->delivery != DELIVERY_REPLY)
		return dns_failure(failures[question->delivery], fetcher->now_ms);

	struct dns_answer *answer = question->answer;
	question->answer = NULL;
	answer->tcp = question->tcp;
	if (!fetcher->settings.trust_ad)
		answer->authentic = false;
	if (answer->rcode == DNS_RCODE_FORMERR)
		question->plain = true; /* RFC 6891 7: perhaps it was the OPT */
	return dns_fact(answer, fetcher->now_ms);
}

/* Attempts that a way to fail is worth, where no server said anything. Each server may
 * be found unreachable once: that costs nobody anything. */
static size_t
attempts_allowed(const struct dns_fetcher *fetcher, enum outcome outcome)
{
	size_t servers = fetcher->settings.servers.count;
	if (outcome == OUTCOME_TIMEOUT)
		return LIMIT_DNS_ATTEMPTS;
	if (outcome == OUTCOME_UNREACHABLE && servers > LIMIT_DNS_ATTEMPTS_FAILING)
		return servers < LIMIT_DNS_ATTEMPTS ? servers : LIMIT_DNS_ATTEMPTS;
	return LIMIT_DNS_ATTEMPTS_FAILING;
}

static bool
is_final(const struct question *question)
{
	enum outcome outcome = question->fact.outcome;
	if (question->checking == CHECKING_AGAIN)
		return true;
	if (!outcome_is_failure(outcome))
		return question->checking == CHECKING;
	if (question->declined && question->packets >= LIMIT_DNS_ATTEMPTS_FAILING)
		return true;
	return question->attempts >= attempts_allowed(question->fetcher, outcome);
}

/* What the next packet asks, after what the last one brought. */
static void
choose_checking(struct question *question)
{
	bool is_withheld = question->fact.outcome == OUTCOME_SERVFAIL;
	bool is_there = !outcome_is_failure(question->fact.outcome);
	if (question->checking == CHECKING_DISABLED)
		question->checking = is_there ? CHECKING_AGAIN : CHECKING;
	else if (is_withheld)
		question->checking = CHECKING_DISABLED;
}

/* With the check SERVFAIL, without it an answer, with it SERVFAIL again. */
static void
call_bogus(struct dns_fetcher *fetcher, struct question *question)
{
	if (question->checking != CHECKING_AGAIN ||
	    question->fact.outcome != OUTCOME_SERVFAIL)
		return;
	drop_fact(question);
	question->fact = dns_failure(OUTCOME_BOGUS, fetcher->now_ms);
}

/* The server that answered after another one did not is asked first for a while: else a
 * dead first line in resolv.conf costs each question a time-out. */
static void
remember_server(struct dns_fetcher *fetcher, const struct question *question)
{
	size_t server = question->server;
	if (server == question->first || outcome_is_failure(question->fact.outcome))
		return;
	fetcher->first = server;
	fetcher->detour_ends_ms = fetcher->now_ms + LIMIT_DNS_DETOUR_MS;
}

/* What becomes of a question whose packet came to its end. */
static void
judge(struct dns_fetcher *fetcher, struct question *question)
{
	if (question->delivery == DELIVERY_CUT && !question->tcp) {
		question->tcp = true;
		send_packet(question);
		return;
	}
	drop_fact(question);
	bool replied = question->delivery == DELIVERY_REPLY;
	question->fact = make_fact(question);
	if (replied && outcome_is_failure(question->fact.outcome))
		question->declined = true;

	if (!is_final(question)) {
		choose_checking(question);
		DL_APPEND(fetcher->again[next_server(question)], question);
		return;
	}
	call_bogus(fetcher, question);
	remember_server(fetcher, question);
	DL_APPEND(fetcher->done, question);
}

/* Sends a packet where there is room for one. False when there is not, or nothing to
 * send. */
static bool
send_next(struct dns_fetcher *fetcher)
{
	struct question *question;
	for (size_t i = 0; i < fetcher->settings.servers.count; i++) {
		question = fetcher->again[i];
		if (question == NULL || !dns_window_has_room(&fetcher->windows[i]))
			continue;
		DL_DELETE(fetcher->again[i], question);
		begin_attempt(question);
		return true;
	}
	question = fetcher->waiting;
	if (question == NULL ||
	    !dns_window_has_room(&fetcher->windows[first_server(fetcher)]))
		return false;
	DL_DELETE(fetcher->waiting, question);
	start(fetcher, question);
	return true;
}

/* Takes every question as far as it gets without waiting. */
static void
settle(struct dns_fetcher *fetcher)
{
	do {
		while (fetcher->replied != NULL) {
			struct question *question = fetcher->replied;
			DL_DELETE(fetcher->replied, question);
			judge(fetcher, question);
		}
	} while (send_next(fetcher));
	channels_sweep(fetcher->channels);
}

/* --- the fetcher's functions ---------------------------------------------- */

static struct dns_fetcher *
self(struct fetcher *fetcher)
{
	return (struct dns_fetcher *)fetcher; /* it is the first member */
}

static void
fetch_ask(struct fetcher *base, struct span key, int64_t now_ms)
{
	struct dns_fetcher *fetcher = self(base);
	struct question *question = must_calloc(1, sizeof(*question) + key.length);
	question->fetcher = fetcher;
	question->key_length = key.length;
	memcpy(question->key, key.bytes, key.length);
	DL_APPEND(fetcher->waiting, question);
	fetcher->now_ms = now_ms;
	settle(fetcher);
}

static struct question *
find(struct question *list, struct span key)
{
	struct question *question;
	DL_FOREACH(list, question)
	if (span_equal(span_of(question->key, question->key_length), key))
		break;
	return question;
}

static void
send_now(struct dns_fetcher *fetcher, struct span key)
{
	struct question *question = find(fetcher->waiting, key);
	if (question != NULL) {
		DL_DELETE(fetcher->waiting, question);
		start(fetcher, question);
		return;
	}
	for (size_t i = 0; i < LIMIT_NAMESERVERS; i++) {
		question = find(fetcher->again[i], key);
		if (question == NULL)
			continue;
		DL_DELETE(fetcher->again[i], question);
		begin_attempt(question);
		return;
	}
}

/* Beyond the limit, by as many as somebody waits for. */
static void
fetch_hurry(struct fetcher *base, struct span key, int64_t now_ms)
{
	struct dns_fetcher *fetcher = self(base);
	fetcher->now_ms = now_ms;
	send_now(fetcher, key);
	settle(fetcher);
}

static size_t
fetch_watch(struct fetcher *base, struct pollfd *fds, int64_t *wake_ms)
{
	struct dns_fetcher *fetcher = self(base);
	if (fetcher->out != NULL)
		*wake_ms = deadline_earlier(*wake_ms, fetcher->out->deadline_ms);
	if (fetcher->done != NULL)
		*wake_ms = INT64_MIN;
	return channels_watch(fetcher->channels, fds);
}

static void
fetch_work(struct fetcher *base, const struct pollfd *fds, size_t count, int64_t now_ms)
{
	struct dns_fetcher *fetcher = self(base);
	fetcher->now_ms = now_ms;
	channels_work(
	    fetcher->channels, fds, count); /* first: it may be there by now */
	end_overdue(fetcher);
	channels_sweep(fetcher->channels); /* retries then leave from another port */
	settle(fetcher);
}

static void
question_free(struct question *question)
{
	if (question == NULL)
		return;
	drop_fact(question);
	free(question);
}

static bool
fetch_next(struct fetcher *base, struct arrival *arrival)
{
	struct dns_fetcher *fetcher = self(base);
	question_free(fetcher->handed);
	struct question *question = fetcher->done;
	fetcher->handed = question;
	if (question == NULL)
		return false;

	DL_DELETE(fetcher->done, question);
	arrival->key = span_of(question->key, question->key_length);
	arrival->fact = question->fact;
	question->fact = (struct fact){ .outcome = OUTCOME_WANTED }; /* theirs now */
	return true;
}

static void
free_list(struct question *list)
{
	struct question *question, *next;
	DL_FOREACH_SAFE(list, question, next)
	{
		if (question->sending != NULL)
			channels_abandon(question->sending);
		question_free(question);
	}
}

static void
fetch_free(struct fetcher *base)
{
	struct dns_fetcher *fetcher = self(base);
	assert(fetcher->replied == NULL); /* settle() leaves none */
	free_list(fetcher->waiting);
	for (size_t i = 0; i < LIMIT_NAMESERVERS; i++)
		free_list(fetcher->again[i]);
	free_list(fetcher->out);
	free_list(fetcher->done);
	question_free(fetcher->handed);
	channels_free(fetcher->channels);
	free(fetcher);
}

struct fetcher *
dns_fetch_new(const struct dns_fetch_settings *settings, struct buf *why)
{
	struct dns_fetcher *fetcher = must_calloc(1, sizeof(*fetcher));
	fetcher->fetcher = (struct fetcher){
		.kind = FACT_DNS,
		.ask = fetch_ask,
		.watch = fetch_watch,
		.work = fetch_work,
		.next = fetch_next,
		.hurry = fetch_hurry,
		.free = fetch_free,
	};
	fetcher->settings = *settings;
	if (fetcher->settings.in_flight == 0)
		fetcher->settings.in_flight = LIMIT_DNS_IN_FLIGHT_DEFAULT;
	if (fetcher->settings.attempt_ms == 0)
		fetcher->settings.attempt_ms = LIMIT_DNS_ATTEMPT_MS;

	for (size_t i = 0; i < settings->servers.count; i++)
		dns_window_init(&fetcher->windows[i], fetcher->settings.in_flight);
	fetcher->channels = channels_new(
	    &settings->servers, fetcher->settings.attempt_ms, on_ended, why);
	if (fetcher->channels != NULL)
		return &fetcher->fetcher;
	free(fetcher);
	return NULL;
}

const struct dns_fetch_counts *
dns_fetch_counts(const struct fetcher *fetcher)
{
	return &((const struct dns_fetcher *)fetcher)->counts;
}

size_t
dns_fetch_limits(const struct fetcher *fetcher, struct dns_fetch_limit *limits)
{
	const struct dns_fetcher *dns = (const struct dns_fetcher *)fetcher;
	const struct nameservers *servers = &dns->settings.servers;
	for (size_t i = 0; i < servers->count; i++)
		limits[i] = (struct dns_fetch_limit){ servers->list[i],
			dns->windows[i].limit };
	return servers->count;
}
