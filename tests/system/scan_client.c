/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Scans one SMTP server and prints every fact, for tests against real servers:
 *
 *	scan_client ADDRESS PORT NAME [quick] [implicit] [injection] [ca=FILE]
 *[ehlo=NAME] [ms=TIME] [-v]
 *
 * The last lines are connections and seconds; with -v those of each connection too.
 */
#include "core/deadline.h"
#include "core/limits.h"
#include "smtp/fetch.h"
#include "smtp/scan.h"
#include "support/scan_text.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_endpoint(struct smtp_endpoint *endpoint, char **argv)
{
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->port = (uint16_t)atoi(argv[2]);
	endpoint->address_length = strchr(argv[1], ':') != NULL ? 16 : 4;
	return inet_pton(endpoint->address_length == 16 ? AF_INET6 : AF_INET, argv[1],
		   endpoint->address) == 1 &&
	    dns_name_from_text(&endpoint->name, span_text(argv[3])) == STATUS_OK;
}

static bool
read_option(const char *text, struct smtp_endpoint *endpoint,
    struct smtp_fetch_settings *settings)
{
	if (strcmp(text, "quick") == 0)
		return endpoint->quick = true;
	if (strcmp(text, "implicit") == 0)
		return endpoint->implicit_tls = true;
	if (strcmp(text, "injection") == 0)
		return endpoint->injection = true;
	if (strncmp(text, "ca=", 3) == 0)
		return (settings->ca_file = text + 3) != NULL;
	if (strncmp(text, "ehlo=", 5) == 0)
		return (settings->ehlo = text + 5) != NULL;
	if (strncmp(text, "ms=", 3) == 0)
		return (settings->scan_ms = (unsigned)atoi(text + 3)) > 0;
	return strcmp(text, "-v") == 0;
}

/* Waits for the one scan, as core/run does. */
static struct fact
fetch(struct fetcher *fetcher, const struct smtp_endpoint *endpoint)
{
	struct clock *clock = clock_system();
	struct smtp_key key;
	struct arrival arrival;
	smtp_key_make(&key, endpoint);
	fetcher->ask(fetcher, span_of(key.bytes, key.length), clock->now_ms(clock));
	while (!fetcher->next(fetcher, &arrival)) {
		struct pollfd fds[FETCHER_FDS];
		int64_t wake_ms = DEADLINE_NEVER;
		size_t count = fetcher->watch(fetcher, fds, &wake_ms);
		clock->wait(clock, fds, count, wake_ms);
		fetcher->work(fetcher, fds, count, clock->now_ms(clock));
	}
	return arrival.fact;
}

static void
print(const struct smtp_scan *scan, bool each)
{
	struct buf text;
	buf_init(&text, LIMIT_OUTPUT);
	scan_text_add(&text, scan);
	buf_addf(&text, "seconds %.3f\n", scan->seconds);
	for (unsigned i = 0; each && i < scan->connections; i++)
		buf_addf(&text, "  %u %.3f\n", i + 1, scan->visits[i].seconds);
	fputs(text.text, stdout);
	buf_free(&text);
}

int
main(int argc, char **argv)
{
	struct smtp_endpoint endpoint;
	struct smtp_fetch_settings settings = { .ehlo = "client.example" };
	char memory[256];
	struct buf why;
	bool each = false;
	if (argc < 4 || !read_endpoint(&endpoint, argv))
		return 2;
	for (int i = 4; i < argc; i++) {
		each = each || strcmp(argv[i], "-v") == 0;
		if (!read_option(argv[i], &endpoint, &settings))
			return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	buf_wrap(&why, memory, sizeof(memory));
	struct fetcher *fetcher = smtp_fetch_new(&settings, &why);
	if (fetcher == NULL) {
		fprintf(stderr, "%s\n", why.text);
		return 2;
	}
	struct fact fact = fetch(fetcher, &endpoint);
	print(fact.data, each);
	fact.release(fact.data);
	fetcher->free(fetcher);
	return 0;
}
