/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * The expander of macros: a client, local part, domain and HELO on a line each, then
 * any bytes as a macro-string. What is expanded was valid, stays within its limit and
 * comes out the same again; a name has at most 253 bytes.
 */
#include "spf/expand.h"
#include "spf/macro.h"

#include <assert.h>

enum { NAME_TEXT_MAX = 253 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct span
take_line(struct span *rest)
{
	struct span line;
	span_take_until_or_end(rest, '\n', &line);
	span_take_byte(rest, '\n');
	return line;
}

static void
check_text(struct span text, const struct spf_values *values, struct view *view)
{
	struct buf first, again;
	buf_init(&first, LIMIT_SPF_EXPANSION);
	buf_init(&again, LIMIT_SPF_EXPANSION);
	enum spf_expansion expansion = spf_expand(&first, text, values, view);
	assert(expansion != SPF_EXPANDED || spf_macro_is_valid(text));
	assert(first.length <= LIMIT_SPF_EXPANSION);
	assert(spf_expand(&again, text, values, view) == expansion);
	assert(span_equal(buf_span(&first), buf_span(&again)));
	buf_free(&first);
	buf_free(&again);
}

static void
check_name(struct span text, const struct spf_values *values, struct view *view)
{
	struct dns_name name;
	enum status status;
	if (spf_expand_name(&name, &status, text, values, view) != SPF_EXPANDED ||
	    status != STATUS_OK)
		return;
	assert(name.length > 1 && name.length <= NAME_TEXT_MAX + 2);
	assert(dns_name_labels(&name) > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span rest = span_of(bytes, length);
	struct spf_client client;
	struct dns_name domain;
	struct spf_values values = { .domain = &domain };
	if (spf_client_parse(&client, take_line(&rest)))
		values.client = &client;
	values.local = take_line(&rest);
	values.sender_domain = values.receiver = take_line(&rest);
	values.helo = take_line(&rest);
	if (dns_name_from_text(&domain, values.sender_domain) != STATUS_OK)
		return 0;

	/* For %{p}: an empty world, in which nobody has a name. */
	struct store *store = store_new();
	struct arena *arena = arena_new();
	struct view view;
	view_init(&view, store, arena, 0, OUTCOME_TIMEOUT);
	check_text(rest, &values, &view);
	check_name(rest, &values, &view);
	arena_free(arena);
	store_free(store);
	return 0;
}
