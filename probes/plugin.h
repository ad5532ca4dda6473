/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * plugin: what all check_* programs share. Their main() is one call: parse options,
 * run one probe, write, exit with 0 to 3 and nothing else.
 */
#ifndef MAILGAUGE_PLUGIN_H
#define MAILGAUGE_PLUGIN_H

#include "core/buf.h"
#include "core/deadline.h"
#include "core/run.h"
#include "dns/fetch.h"
#include "probe.h"

/* Makes the fetcher of what a probe asks besides DNS, from the probe's settings. It has
 * to answer everything by the deadline. NULL when it can't, and `why` says what. */
typedef struct fetcher *plugin_fetcher_maker(
    const void *settings, int64_t deadline_ms, struct buf *why);

/* Where facts and time come from: the network, or a scenario. */
struct plugin_world {
	struct clock *clock;
	int64_t now_seconds; /* since 1970 */
	uint32_t salt;       /* core/salt.h */
	/* The resolvers to ask when none is named. */
	enum status (*servers)(struct nameservers *servers);
	struct fetcher *(*dns)(
	    const struct dns_fetch_settings *settings, struct buf *why);
	plugin_fetcher_maker *other; /* NULL: DNS is all that the probe asks */
};

/* Runs the probe for a command line. What belongs on standard output is added to
 * `out`; returns the state to exit with. */
enum state plugin_run(const struct probe *probe, int argc, char *const argv[],
    const struct plugin_world *world, struct buf *out);

/* The same as a program: signals, closed descriptors, standard output (plugin_main.c).
 * Each program names its own `other`, so that none links another one's libraries. */
int plugin_main(const struct probe *probe, plugin_fetcher_maker *other, int argc,
    char *const argv[]);

#endif
