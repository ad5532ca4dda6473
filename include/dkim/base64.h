/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * base64: the strict decoder of key data (RFC 4648 4). Blanks may stand anywhere, as
 * long keys are folded (RFC 6376 2.10); all else is as the standard writes it: padding
 * is needed, nothing follows it, and the bits that it covers are zero. Decoders that
 * skip or guess would find a key where verifiers find none.
 */
#ifndef MAILGAUGE_DKIM_BASE64_H
#define MAILGAUGE_DKIM_BASE64_H

#include "core/arena.h"
#include "core/span.h"

#include <stddef.h>

enum dkim_base64_fault {
	DKIM_BASE64_FINE,
	DKIM_BASE64_BAD_BYTE,      /* not of the alphabet */
	DKIM_BASE64_CUT_SHORT,     /* the last group is not whole */
	DKIM_BASE64_AFTER_PADDING, /* something follows "=" */
	DKIM_BASE64_LOOSE_BITS     /* bits that belong to no byte are set */
};

struct dkim_base64 {
	enum dkim_base64_fault fault;
	size_t position;   /* with a fault: of the byte in the text, from 1 */
	struct span bytes; /* without one; in the arena */
};

/* An empty text is fine, and has no bytes. */
struct dkim_base64 dkim_base64_decode(struct arena *arena, struct span text);

/* A clause: "a byte that is not of base64". */
const char *dkim_base64_fault_text(enum dkim_base64_fault fault);

#endif
