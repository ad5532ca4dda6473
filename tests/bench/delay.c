/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A name server that is far away: passes questions on, and each answer back so many
 * milliseconds after its question came.
 *
 *	delay UPSTREAM_PORT MS
 *
 * prints its UDP port on 127.0.0.1, serves until its standard input ends, and then
 * prints how many questions there were. In C, since ten thousand questions a second are
 * more than tests/system/resolver.py can pass on. Ids are exchanged on the way, so that
 * clients may use the same ones.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PACKET_BYTES = 1500, IDS = 65536, BUFFER_BYTES = 4 * 1024 * 1024 };

/* A question by the id that it was passed on with, and what came of it. */
struct exchange {
	struct sockaddr_in client;
	uint8_t id[2]; /* the client's */
	int64_t due_us;
	bool answered;
	size_t length;
	uint8_t answer[PACKET_BYTES];
};

static struct exchange *exchanges; /* IDS of them, in the order of questions */
static uint16_t first, next;       /* those that are under way */
static unsigned long questions;

static int64_t
now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int
open_socket(void)
{
	const int bytes = BUFFER_BYTES;
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		exit(1);
	return fd;
}

static void
take_questions(int clients, int upstream, int64_t delay_us)
{
	for (;;) {
		uint8_t packet[PACKET_BYTES];
		struct exchange *exchange = &exchanges[next];
		socklen_t size = sizeof(exchange->client);
		ssize_t length = recvfrom(clients, packet, sizeof(packet), 0,
		    (struct sockaddr *)&exchange->client, &size);
		if (length < 12)
			return;
		memcpy(exchange->id, packet, sizeof(exchange->id));
		packet[0] = (uint8_t)(next >> 8);
		packet[1] = (uint8_t)next;
		exchange->due_us = now_us() + delay_us;
		exchange->answered = false;
		next++;
		questions++;
		send(upstream, packet, (size_t)length, 0);
	}
}

static void
take_answers(int upstream)
{
	for (;;) {
		uint8_t packet[PACKET_BYTES];
		ssize_t length = recv(upstream, packet, sizeof(packet), 0);
		if (length < 12)
			return;
		struct exchange *exchange = &exchanges[packet[0] << 8 | packet[1]];
		memcpy(packet, exchange->id, sizeof(exchange->id));
		memcpy(exchange->answer, packet, (size_t)length);
		exchange->length = (size_t)length;
		exchange->answered = true;
	}
}

/* What is due without an answer is lost, as it would be on a long way. */
static void
send_due(int clients)
{
	int64_t now = now_us();
	for (; first != next && exchanges[first].due_us <= now; first++) {
		struct exchange *exchange = &exchanges[first];
		if (exchange->answered)
			sendto(clients, exchange->answer, exchange->length, 0,
			    (struct sockaddr *)&exchange->client,
			    sizeof(exchange->client));
	}
}

/* poll(2) knows milliseconds only; what it waits for is about to come. */
static struct timespec
until_due(void)
{
	int64_t left_us = 1000 * 1000;
	if (first != next)
		left_us = exchanges[first].due_us - now_us();
	if (left_us < 0)
		left_us = 0;
	return (struct timespec){ left_us / 1000000, left_us % 1000000 * 1000 };
}

int
main(int argc, char *argv[])
{
	if (argc != 3) {
		fprintf(stderr, "usage: delay UPSTREAM_PORT MS\n");
		return 2;
	}
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int clients = open_socket(), upstream = open_socket();
	exchanges = calloc(IDS, sizeof(*exchanges));
	if (exchanges == NULL ||
	    connect(upstream, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(clients, (struct sockaddr *)&address, &size) != 0)
		return 1;
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);

	struct pollfd fds[] = { { .fd = clients, .events = POLLIN },
		{ .fd = upstream, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	for (;;) {
		struct timespec left = until_due();
		ppoll(fds, 3, &left, NULL);
		take_answers(upstream);
		take_questions(clients, upstream, atoi(argv[2]) * 1000LL);
		send_due(clients);
		char byte;
		if (fds[2].revents != 0 && read(STDIN_FILENO, &byte, 1) <= 0)
			break;
	}
	printf("%lu\n", questions);
	return 0;
}
