/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The parser of SPF records and macros, on any bytes behind "v=spf1": every term stands
 * where it says, and what has no fault is what the grammar allows. */
#include "spf/macro.h"
#include "spf/record.h"

#include "core/die.h"
#include "core/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_BYTES = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_domain(const struct spf_term *term)
{
	bool has_macro,
	    is_needed = term->kind == SPF_INCLUDE || term->kind == SPF_EXISTS ||
	    term->kind == SPF_REDIRECT || term->kind == SPF_EXP;
	if (term->domain.length == 0) {
		assert(!is_needed);
		return;
	}
	assert(term->domain.bytes > term->text.bytes);
	assert(term->domain.bytes + term->domain.length <=
	    term->text.bytes + term->text.length);
	assert(spf_domain_spec_is_valid(term->domain, &has_macro));
	assert(has_macro == term->has_macro && spf_macro_is_valid(term->domain));
}

static void
check_term(const struct spf_record *record, const struct spf_term *term)
{
	size_t start = term->position - 1;
	assert(start > VERSION_BYTES);
	assert(term->text.bytes == record->text.bytes + start);
	assert(start + term->text.length <= record->text.length);
	assert(term->text.length > 0 && !span_contains_byte(term->text, ' '));
	assert((term->fault == SPF_FINE) == (term->reason == NULL));
	assert(term->prefix4 <= 32 && term->prefix6 <= 128);
	assert(term->kind != SPF_NOTHING || term->fault != SPF_FINE);
	if (term->fault == SPF_FINE)
		check_domain(term);
}

static void
check_record(const struct spf_record *record)
{
	const struct spf_term *all = NULL, *redirect = NULL;
	size_t faults = 0;
	for (size_t i = record->term_count; i-- > 0;) {
		const struct spf_term *term = &record->terms[i];
		bool is_fine = term->fault == SPF_FINE;
		check_term(record, term);
		assert(i == 0 || term[-1].position < term->position);
		faults += !is_fine;
		all = is_fine && term->kind == SPF_ALL ? term : all;
		redirect = is_fine && term->kind == SPF_REDIRECT ? term : redirect;
	}
	assert(record->fault_count == faults);
	assert(record->all == all && record->redirect == redirect);
	assert(record->term_count <= LIMIT_SPF_TERMS);
	assert(!record->cut || record->term_count == LIMIT_SPF_TERMS);
}

/* Pieces follow one another, and cover a valid text. */
static void
check_macro(struct span text)
{
	struct span rest = text;
	struct spf_piece piece;
	bool has_macro;
	while (spf_macro_next(&rest, &piece) == STATUS_OK) {
		assert(piece.text.length > 0);
		text = span_slice(text, piece.text.length, text.length);
		assert(span_equal(text, rest));
	}
	assert(spf_macro_is_valid(text) == (text.length == 0));
	assert(!spf_domain_spec_is_valid(text, &has_macro) || text.length == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	/* Memory that ends where the record does. */
	uint8_t *text = must_alloc(VERSION_BYTES + length);
	struct span record = span_of(text, VERSION_BYTES + length);
	memcpy(text, "v=spf1", VERSION_BYTES);
	if (length > 0)
		memcpy(text + VERSION_BYTES, bytes, length);
	check_macro(span_slice(record, VERSION_BYTES, length));
	if (spf_record_is_selected(record)) {
		struct arena *arena = arena_new();
		check_record(spf_record_parse(arena, record));
		arena_free(arena);
	}
	free(text);
	return 0;
}
