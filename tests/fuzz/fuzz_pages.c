/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Pages for people: four lines of a query of the overview, and an SPF record behind
 * them, which is that of the domain. Whatever they are, the HTML is sound.
 */
#include "page_overview.h"
#include "report_view.h"

#include "core/limits.h"
#include "spf/spf.h"
#include "support/facts.h"
#include "support/listed.h"
#include "support/sound_html.h"

#include <assert.h>
#include <string.h>

enum { RECORD_BYTES_MAX = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct asked {
	struct http_request request;
	struct span values[4];
};

static const char *const names[] = { "q", "state", "finding", "page" };

static struct span
argument(const struct http_request *request, const char *name)
{
	const struct asked *asked = (const struct asked *)request;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (strcmp(name, names[i]) == 0)
			return asked->values[i];
	return span_of(NULL, 0);
}

static struct results *
make_results(void)
{
	static struct results *results;
	if (results != NULL)
		return results;
	struct roster *roster = listed("targets: [{domain: example.com}]");
	results = results_new(roster, 0);
	roster_drop(roster);
	return results;
}

static void
check(struct buf *html)
{
	const char *where;
	assert(html->length > 0 && !html->cut && sound_html(html->text, &where));
	buf_clear(html);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct asked asked = { .request = { .argument = argument } };
	struct span rest = span_of(bytes, length);
	for (size_t i = 0; i < ARRAY_LENGTH(asked.values); i++) {
		span_take_until_or_end(&rest, '\n', &asked.values[i]);
		span_take_byte(&rest, '\n');
	}
	struct buf html;
	struct overview_query query;
	struct snapshot *snapshot = results_snapshot(make_results(), 0);
	buf_init(&html, LIMIT_PAGE_BYTES);
	overview_query_read(&query, &asked.request);
	assert(query.page > 0 && query.standing <= STANDING_COUNT);
	page_overview_write(&html, snapshot, &query, 0);
	check(&html);
	snapshot_drop(snapshot);

	struct facts *facts = facts_new();
	facts_put_txt(facts, "example.com", span_slice(rest, 0, RECORD_BYTES_MAX));
	report_view_write(&html, facts_evaluate(facts, &spf_probe, "example.com"), 0);
	check(&html);
	facts_free(facts);
	buf_free(&html);
	return 0;
}
