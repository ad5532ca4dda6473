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

/* Where facts and time come from: the network, or a scenario. */
struct plugin_world {
	struct clock *clock;
	int64_t now_seconds; /* since 1970 */
	struct fetcher *(*dns)(
	    const struct dns_fetch_settings *settings, struct buf *why);
};

/* Runs the probe for a command line. What belongs on standard output is added to
 * `out`; returns the state to exit with. */
enum state plugin_run(const struct probe *probe, int argc, char *const argv[],
    const struct plugin_world *world, struct buf *out);

/* The same as a program: signals, closed descriptors, standard output (plugin_main.c).
 */
int plugin_main(const struct probe *probe, int argc, char *const argv[]);

#endif
