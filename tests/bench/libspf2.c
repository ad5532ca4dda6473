/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * libspf2 with its cache, in a loop over domains:
 *
 *	libspf2 CLIENT <DOMAINS		CPU_US DOMAINS FAILED
 *
 * What a check of a mail from CLIENT costs whose sender is at the domain. It asks the
 * resolver of resolv.conf. FAILED are those without a verdict.
 */
#include "cpu.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <spf2/spf.h>

/* False when it could not tell. */
static int
check(SPF_server_t *server, const char *client, const char *domain)
{
	char sender[512];
	SPF_response_t *response = NULL;
	SPF_request_t *request = SPF_request_new(server);
	snprintf(sender, sizeof(sender), "joe@%s", domain);
	SPF_request_set_ipv4_str(request, client);
	SPF_request_set_env_from(request, sender);
	SPF_request_query_mailfrom(request, &response);
	SPF_result_t result = response != NULL ? SPF_response_result(response)
					       : SPF_RESULT_INVALID;
	SPF_response_free(response);
	SPF_request_free(request);
	return result != SPF_RESULT_INVALID && result != SPF_RESULT_TEMPERROR;
}

int
main(int argc, char *argv[])
{
	char domain[256];
	long count = 0, failed = 0;
	if (argc != 2) {
		fprintf(stderr, "usage: libspf2 CLIENT <DOMAINS\n");
		return 2;
	}
	SPF_server_t *server = SPF_server_new(SPF_DNS_CACHE, 0);
	long start = cpu_us();
	while (fgets(domain, sizeof(domain), stdin) != NULL) {
		domain[strcspn(domain, "\n")] = '\0';
		failed += !check(server, argv[1], domain);
		count++;
	}
	printf("%ld %ld %ld\n", cpu_us() - start, count, failed);
	SPF_server_free(server);
	return 0;
}
