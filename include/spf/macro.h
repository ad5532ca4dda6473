/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * macro: the macro-strings of SPF (RFC 7208 7.1), piece by piece.
 *
 *	struct span rest = text;
 *	struct spf_piece piece;
 *	while (spf_macro_next(&rest, &piece) == STATUS_OK) ...
 *
 * Pieces are borrowed from the text. Checking needs no message; expanding them does,
 * and comes with check_host().
 */
#ifndef MAILGAUGE_SPF_MACRO_H
#define MAILGAUGE_SPF_MACRO_H

#include "core/arena.h"
#include "core/attributes.h"
#include "core/span.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

enum spf_piece_kind {
	SPF_PIECE_LITERAL, /* visible characters, and what %% %_ %- stand for */
	SPF_PIECE_EXPAND   /* %{...} */
};

struct spf_piece {
	enum spf_piece_kind kind;
	struct span text; /* as written; of a literal also what it means, but for … */
	struct span meaning;    /* … "%", " " and "%20"; empty for SPF_PIECE_EXPAND */
	uint8_t letter;         /* as written: upper case asks for URL escaping */
	uint32_t digits;        /* right-hand parts to keep; 0: all */
	bool reversed;          /* r */
	struct span delimiters; /* empty: the dot */
};

/* STATUS_EMPTY at the end, STATUS_MALFORMED at what is no macro-string. */
enum status spf_macro_next(struct span *rest, struct spf_piece *piece) MUST_CHECK;

/* Any macro-string, as modifiers that we do not know have. */
bool spf_macro_is_valid(struct span text);

/* domain-spec (RFC 7208 7.1): a macro-string that ends in a top label or a macro, with
 * none of the letters that only explanations may use (c, r, t). */
bool spf_domain_spec_is_valid(struct span text, bool *has_macro);

/* What of a message a macro-string needs: "the sender and the client's address"; empty
 * where it needs nothing. */
const char *spf_macro_needs(struct arena *arena, struct span text);

#endif
