/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* file: a whole file as text, up to the maximum of a buf. For programs, not for probes.
 */
#ifndef MAILGAUGE_CORE_FILE_H
#define MAILGAUGE_CORE_FILE_H

#include "core/attributes.h"
#include "core/buf.h"

/* Adds the file's bytes; "-" is standard input. 0, or an errno; EFBIG when it does not
 * fit, and then the text is cut. */
int file_read(struct buf *out, const char *path) MUST_CHECK;

/* Opens /dev/null for each of descriptors 0 to 2 that is closed: else a socket could
 * become one of them, and text for people would go to a name server. */
void file_fill_descriptors(void);

#endif
