/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * SMTP servers as no package has them, for tests of the programs:
 *
 *	hostile_server KIND
 *
 * Prints the port of loopback that it took, and serves until it is killed. The kinds
 * are the names in the tables below: what it says is either a script of its own or a
 * model of a TLS server (support/tls_model.h), which completes no handshake.
 */
#include "core/attributes.h"
#include "support/hostile_smtp.h"
#include "support/tls_model.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ECDHE_RSA_AES = 0xc02f, RSA_AES = 0x002f, DRIP_MS = 50, TARPIT_MS = 400 };

/* --- scripts -------------------------------------------------------------- */

static void
is_silent(struct hostile_peer *peer)
{
	peer_hang(peer);
}

/* Every line of every reply comes late, and the greeting has many. */
static void
is_a_tarpit(struct hostile_peer *peer)
{
	for (int i = 0; i < 1000 && !peer->gone; i++) {
		peer_say(peer, "220-please wait\r\n");
		peer_pause(peer, TARPIT_MS);
	}
}

static void
drips(struct hostile_peer *peer)
{
	while (!peer->gone)
		peer_drip(peer, "220-and so on\r\n", DRIP_MS);
}

/* What would break tools that print it. */
static void
is_foul_mouthed(struct hostile_peer *peer)
{
	peer_say(
	    peer, "554 a|'x'=1;2;3 \"quoted\" $(touch x) \033[31m <b>bold</b>\r\n");
}

static void
has_an_endless_greeting(struct hostile_peer *peer)
{
	while (!peer->gone)
		peer_say(peer, "220-and so on\r\n");
}

static void
has_an_endless_line(struct hostile_peer *peer)
{
	while (!peer->gone)
		peer_say(peer, "220 and so on ");
}

static void
is_garbage(struct hostile_peer *peer)
{
	static const char bytes[] = "\x16\x03\x01\0\x05\x7f\xff\0\x01\r\n\0\0\r\n";
	peer_send(peer, span_of(bytes, sizeof(bytes)));
	peer_hang(peer);
}

static void
resets_at_tls(struct hostile_peer *peer)
{
	if (peer_starttls(peer))
		peer_reset(peer);
}

static void
speaks_clear_text(struct hostile_peer *peer)
{
	char hello[16];
	if (peer_starttls(peer) && peer_receive(peer, hello, sizeof(hello)))
		peer_say(peer, "500 what is this?\r\n");
	peer_hang(peer);
}

/* --- kinds ---------------------------------------------------------------- */

#define MODERN \
	.versions = MODEL_TLSV12 | MODEL_TLSV13, .suites = { ECDHE_RSA_AES }, \
	.renegotiation = true, .extended_master_secret = true, .scsv = true, \
	.sentinel = true

static const struct kind {
	const char *name;
	hostile_smtp_script *script; /* NULL: the model */
	struct tls_model model;
} kinds[] = {
	{ "silent", is_silent, { 0 } },
	{ "tarpit", is_a_tarpit, { 0 } },
	{ "drips", drips, { 0 } },
	{ "endless-greeting", has_an_endless_greeting, { 0 } },
	{ "endless-line", has_an_endless_line, { 0 } },
	{ "foul-mouthed", is_foul_mouthed, { 0 } },
	{ "garbage", is_garbage, { 0 } },
	{ "reset-tls", resets_at_tls, { 0 } },
	{ "silent-tls", peer_hangs_at_tls, { 0 } },
	{ "drips-tls", peer_drips_tls, { 0 } },
	{ "clear-text", speaks_clear_text, { 0 } },
	{ "half-a-flight", NULL, { MODERN, .cut = true } },
	{ "split", NULL, { MODERN, .split = true } },
	{ "no-alerts", NULL, { MODERN, .refusal = MODEL_HANG } },
	{ "hates-1.3", NULL, { MODERN, .hates_1_3 = true } },
	{ "hates-1.2", NULL,
	    { .versions = MODEL_TLSV10 | MODEL_TLSV11,
		.suites = { RSA_AES },
		.newest = 0x0302,
		.hates_1_3 = true } },
	{ "hates-long", NULL, { MODERN, .longest = 508 } },
	{ "limit-421", NULL,
	    { MODERN, .limit = 3, .limit_text = "421 4.7.0 too many\r\n" } },
	{ "limit-454", tls_model_limits_starttls, { MODERN } },
	{ "heartbleed", NULL,
	    { .versions = MODEL_TLSV12,
		.suites = { RSA_AES },
		.heartbeat = true,
		.heartbleed = true } },
	{ "heartbeat", NULL,
	    { .versions = MODEL_TLSV12, .suites = { RSA_AES }, .heartbeat = true } },
};

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct kind *kind = argc == 2 ? find_kind(argv[1]) : NULL;
	if (kind == NULL) {
		fprintf(stderr, "usage: hostile_server KIND\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	struct hostile_smtp *server = hostile_smtp_start("127.0.0.1",
	    kind->script != NULL ? kind->script : tls_model_serve, &kind->model);
	if (server == NULL)
		return 1;
	printf("%u\n", hostile_smtp_endpoint(server).port);
	fflush(stdout);
	for (;;)
		pause();
}
