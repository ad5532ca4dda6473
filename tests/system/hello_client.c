/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Sends one hello of ours to a TLS port on loopback and writes what the flight said,
 * one line (tests/support/flight_text.h):
 *
 *	hello_client PORT VERSION [WORD...]
 *
 * VERSION as in "TLSv1.2"; words change the settings: scsv, dhe, rsa, ecdsa, weak, pq,
 * classic, plain (no extension that is a choice), heartbeat (send the probe too).
 */
#include "smtp/flight.h"
#include "smtp/hello.h"

#include "core/attributes.h"
#include "support/flight_text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WAIT_SECONDS = 5 };

static void
set_plain(struct hello *hello)
{
	hello->deflate = hello->renegotiation_info = hello->heartbeat =
	    hello->extended_master_secret = false;
}

static void
set_word(struct hello *hello, const char *word)
{
	static const struct {
		const char *word;
		enum hello_suites suites;
	} suites[] = {
		{ "rsa", HELLO_SUITES_RSA },
		{ "ecdsa", HELLO_SUITES_ECDSA },
		{ "weak", HELLO_SUITES_WEAK },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(suites); i++)
		if (strcmp(word, suites[i].word) == 0)
			hello->suites = suites[i].suites;
	if (strcmp(word, "scsv") == 0)
		hello->fallback_scsv = true;
	else if (strcmp(word, "pq") == 0)
		hello->groups = HELLO_GROUPS_POST_QUANTUM;
	else if (strcmp(word, "classic") == 0)
		hello->groups = HELLO_GROUPS_CLASSIC;
	else if (strcmp(word, "plain") == 0)
		set_plain(hello);
}

static enum tls_version
version_of(const char *name)
{
	for (unsigned version = TLS_SSL2; version <= TLS_1_3; version++) {
		const char *known = tls_version_name((uint16_t)version);
		if (known != NULL && strcmp(known, name) == 0)
			return version;
	}
	fprintf(stderr, "hello_client: no version %s\n", name);
	exit(2);
}

static int
connect_to(const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval wait = { .tv_sec = WAIT_SECONDS };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror("hello_client: connect");
		exit(2);
	}
	return fd;
}

static void
send_all(int fd, const struct buf *out)
{
	if (write(fd, out->text, out->length) != (ssize_t)out->length)
		perror("hello_client: write");
}

static enum flight_status
receive(int fd, struct flight *flight)
{
	uint8_t bytes[512];
	enum flight_status status = FLIGHT_MORE;
	while (status == FLIGHT_MORE) {
		ssize_t length = read(fd, bytes, sizeof(bytes));
		if (length <= 0)
			break;
		struct span rest = span_of(bytes, (size_t)length);
		status = flight_read(flight, &rest);
	}
	return status;
}

static void
probe_heartbeat(int fd, struct flight *flight, struct buf *out)
{
	const struct flight_facts *facts = flight_facts(flight);
	if (!facts->heartbeat || !facts->server_hello_done)
		return;
	buf_clear(out);
	hello_write_heartbeat(out, facts->version);
	send_all(fd, out);
	flight_await_heartbeat(flight);
	if (receive(fd, flight) != FLIGHT_COMPLETE)
		printf("silent ");
}

int
main(int count, char **words)
{
	struct hello_random random;
	struct hello hello;
	char memory[HELLO_BYTES];
	struct buf out;
	if (count < 3 || getrandom(&random, sizeof(random), 0) != sizeof(random))
		return 2;
	hello_init(&hello, version_of(words[2]), span_text("mx.example"), &random);
	for (int i = 3; i < count; i++)
		set_word(&hello, words[i]);
	if (hello.suites == HELLO_SUITES_WEAK)
		hello.weak = SUITE_WEAK_ALL;
	buf_wrap(&out, memory, sizeof(memory));
	hello_write(&out, &hello);

	int fd = connect_to(words[1]);
	send_all(fd, &out);
	struct flight *flight = flight_new(hello.version);
	enum flight_status status = receive(fd, flight);
	if (strcmp(words[count - 1], "heartbeat") == 0 && status == FLIGHT_COMPLETE)
		probe_heartbeat(fd, flight, &out);
	struct buf text;
	buf_init(&text, 1024);
	flight_text(&text, status, flight);
	printf("%s\n", text.text);
	buf_free(&text);
	flight_free(flight);
	close(fd);
	return 0;
}
