/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* plugin_options: the options that all plugins share, and what follows from them. */
#ifndef MAILGAUGE_PLUGIN_OPTIONS_H
#define MAILGAUGE_PLUGIN_OPTIONS_H

#include "core/buf.h"
#include "core/report.h"
#include "dns/fetch.h"
#include "dns/name.h"
#include "output/writer.h"
#include "probe.h"

#include <stdbool.h>
#include <stdint.h>

/* What to print instead of a check. */
enum plugin_telling {
	TELL_NOTHING,
	TELL_HELP,
	TELL_VERSION,
	TELL_FINDINGS,
	TELL_METRICS,
	TELL_FINDING
};

enum plugin_trust { TRUST_LOOPBACK, TRUST_ALWAYS, TRUST_NEVER };

struct plugin_options {
	const struct probe *probe;
	void *settings; /* of the probe */
	struct policy policy;
	struct dns_name domain;
	bool has_domain;
	struct nameservers servers;
	int family; /* AF_INET, AF_INET6 or AF_UNSPEC */
	enum plugin_trust trust;
	const struct writer *writer;
	int64_t timeout_ms;
	unsigned verbosity;
	enum plugin_telling telling;
	enum finding_id explained;
};

void plugin_options_init(struct plugin_options *options, const struct probe *probe);
void plugin_options_free(struct plugin_options *options);

/* Whatever is wrong becomes one line in `why`. */
enum status plugin_options_parse(
    struct plugin_options *options, int argc, char *const argv[], struct buf *why);

/* The resolvers to ask, `otherwise` those when none is named, and whether their AD bit
 * counts. */
enum status plugin_options_servers(const struct plugin_options *options,
    enum status (*otherwise)(struct nameservers *servers),
    struct dns_fetch_settings *settings, struct buf *why);

/* --help and its like; false when a check is wanted. */
bool plugin_options_tell(const struct plugin_options *options, struct buf *out);

/* A line or two of usage, below an error. */
void plugin_options_synopsis(struct buf *out, const struct probe *probe);

#endif
