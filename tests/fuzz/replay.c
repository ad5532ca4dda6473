/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The main() of fuzz targets where libFuzzer is not there: runs the target on each file
 * given, and on each below the directories given, in an order that does not depend on
 * the file system. No input at all is a failure: a seed directory has gone missing.
 */
#include "core/buf.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_BYTES = 1 << 20, DEPTH = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct replay {
	unsigned inputs;
	unsigned unreadable;
};

/* In memory that ends where the input does, so that a sanitizer sees an overrun. */
static void
run_bytes(const char *bytes, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void
run_file(struct replay *replay, const char *path)
{
	static char bytes[INPUT_BYTES];
	FILE *file = fopen(path, "rb");
	size_t size = file != NULL ? fread(bytes, 1, sizeof(bytes), file) : 0;
	if (file == NULL || ferror(file) || !feof(file)) {
		printf("# %s can't be read, or is too large\n", path);
		replay->unreadable++;
	} else {
		replay->inputs++;
		run_bytes(bytes, size);
	}
	if (file != NULL)
		fclose(file);
}

static void run_path(struct replay *replay, const char *path, unsigned depth);

static void
run_directory(struct replay *replay, const char *path, unsigned depth)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		struct buf below;
		buf_init(&below, 4096);
		buf_addf(&below, "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			run_path(replay, below.text, depth + 1);
		buf_free(&below);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	else
		replay->unreadable++;
}

static void
run_path(struct replay *replay, const char *path, unsigned depth)
{
	struct stat status;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode) && depth < DEPTH)
		run_directory(replay, path, depth);
	else
		run_file(replay, path);
}

int
main(int count, char **arguments)
{
	struct replay replay = { 0 };
	const char *slash = strrchr(arguments[0], '/');
	for (int i = 1; i < count; i++)
		run_path(&replay, arguments[i], 0);

	bool good = replay.inputs > 0 && replay.unreadable == 0;
	printf("%s 1 - %s, %u inputs\n", good ? "ok" : "not ok",
	    slash != NULL ? slash + 1 : arguments[0], replay.inputs);
	return good ? 0 : 1;
}
