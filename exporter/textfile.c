/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The page goes to the file piece by piece, as it goes to a client. */
#include "textfile.h"

#include "draft.h"
#include "exposition.h"

#include "core/buf.h"
#include "core/limits.h"

#include <assert.h>

enum { PIECE_BYTES = 256 * 1024, MODE = 0644 /* node_exporter is another user */ };

int
textfile_write(const char *path, const struct snapshot *snapshot)
{
	struct draft draft;
	int failed = draft_open(&draft, path, MODE, true);
	if (failed != 0)
		return failed;
	struct exposition_cursor cursor;
	exposition_begin(&cursor, snapshot, PROMETHEUS_TEXT);
	cursor.lasting = true;
	struct buf text;
	buf_init(&text, LIMIT_GROUP_BYTES);
	while (exposition_add(&cursor, &text, PIECE_BYTES)) {
		draft_add(&draft, buf_span(&text));
		buf_clear(&text);
	}
	buf_free(&text);
	assert(cursor.ended);
	return draft_publish(&draft);
}
