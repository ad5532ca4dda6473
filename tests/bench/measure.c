/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Runs a command some times and prints what each run cost:
 *
 *	measure RUNS COMMAND...
 *	CPU_US FAULTS RSS_KIB WALL_US STATUS		a line for each run
 *
 * In C, because Linux starts the record of a child's memory from that of its parent:
 *the child of a Python program never has less than ten megabytes.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long
timeval_us(struct timeval time)
{
	return time.tv_sec * 1000000L + time.tv_usec;
}

static long
now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static int
run(char *const command[], const posix_spawn_file_actions_t *actions)
{
	pid_t child;
	long start = now_us();
	if (posix_spawn(&child, command[0], actions, NULL, command, environ) != 0)
		return 1;

	int status;
	struct rusage usage;
	if (wait4(child, &status, 0, &usage) != child)
		return 1;
	printf("%ld %ld %ld %ld %d\n",
	    timeval_us(usage.ru_utime) + timeval_us(usage.ru_stime), usage.ru_minflt,
	    usage.ru_maxrss, now_us() - start,
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}

int
main(int argc, char *argv[])
{
	if (argc < 3) {
		fprintf(stderr, "usage: measure RUNS COMMAND...\n");
		return 2;
	}
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	int failed = 0;
	for (int left = atoi(argv[1]); left > 0 && !failed; left--)
		failed = run(&argv[2], &actions);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}
