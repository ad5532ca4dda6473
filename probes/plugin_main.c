/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * A plugin as a process. Whatever happens, a monitoring system gets 0 to 3: it reads
 * other exit codes and deaths by signal each in its own way.
 */
#include "core/die.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/salt.h"
#include "plugin.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

static void
end_by_signal(int number)
{
	static const char ended[] = "UNKNOWN - ended by a signal\n";
	static const char broken[] = "UNKNOWN - internal error, please report it\n";
	bool from_outside = number != SIGABRT && number != SIGSEGV &&
	    number != SIGBUS && number != SIGFPE && number != SIGILL;
	ssize_t ignored = from_outside
	    ? write(STDOUT_FILENO, ended, sizeof(ended) - 1)
	    : write(STDOUT_FILENO, broken, sizeof(broken) - 1);
	(void)ignored;
	_exit(STATE_UNKNOWN);
}

/* Handlers that were there already are a sanitizer's, and better than ours. */
static void catch (int number)
{
	struct sigaction before, ours = { .sa_handler = end_by_signal };
	if (sigaction(number, &ours, &before) == 0 && before.sa_handler != SIG_DFL)
		sigaction(number, &before, NULL);
}

static void
catch_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM, SIGUSR1,
		SIGUSR2, SIGXCPU, SIGXFSZ, SIGQUIT, SIGVTALRM, SIGPROF, SIGABRT,
		SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		catch (numbers[i]);
	signal(SIGPIPE, SIG_IGN);
}

/*
 * A run of a plugin is mostly page faults, and a third of them are for a heap that
 * every run needs. The kernel hands these pages over at once for the price of a few;
 * where it can't (before Linux 5.14), nothing is lost.
 */
static void
fill_heap(void)
{
	char *start = sbrk(0);
	free(must_alloc(1)); /* makes the heap */
	char *end = sbrk(0);
	if (end > start)
		(void)madvise(start, (size_t)(end - start), MADV_POPULATE_WRITE);
}

static bool
write_all(struct span text)
{
	while (text.length > 0) {
		ssize_t written = write(STDOUT_FILENO, text.bytes, text.length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text = span_slice(text, (size_t)written, text.length);
	}
	return true;
}

int
plugin_main(const struct probe *probe, plugin_fetcher_maker *other, int argc,
    char *const argv[])
{
	catch_signals();
	file_fill_descriptors();
	fill_heap();
	const struct plugin_world world = { .clock = clock_system(),
		.now_seconds = time(NULL),
		.salt = salt_of_process(),
		.servers = nameservers_from_system,
		.dns = dns_fetch_new,
		.other = other };
	struct buf out;
	buf_init(&out, LIMIT_OUTPUT);
	enum state state = plugin_run(probe, argc, argv, &world, &out);

	/* Nobody can read what could not be written, so nobody was told that all is
	 * well. */
	if (!write_all(buf_span(&out)))
		state = state_worst(state, STATE_UNKNOWN);
	buf_free(&out);
	return state;
}
