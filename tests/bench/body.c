/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A web server with one page, of BYTES bytes that stand ready, and nothing else to do:
 * what a scrape of that size is measured against.
 *
 *	body BYTES		prints the port on 127.0.0.1, serves until its input
 *ends
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

static enum MHD_Result
answer(void *body, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_size,
    void **context)
{
	(void)url, (void)method, (void)version, (void)upload, (void)upload_size;
	(void)context;
	return MHD_queue_response(connection, MHD_HTTP_OK, body);
}

int
main(int argc, char *argv[])
{
	size_t size = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	char *bytes = malloc(size > 0 ? size : 1);
	if (size == 0 || bytes == NULL) {
		fprintf(stderr, "usage: body BYTES\n");
		return 2;
	}
	memset(bytes, 'a', size);
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct MHD_Response *body = MHD_create_response_from_buffer(
	    size, bytes, MHD_RESPMEM_MUST_FREE);
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0,
	    NULL, NULL, answer, body, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
	    MHD_OPTION_END);
	if (daemon == NULL)
		return 1;
	printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	MHD_stop_daemon(daemon);
	MHD_destroy_response(body);
	return 0;
}
