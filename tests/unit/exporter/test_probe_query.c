/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of what may be asked of /probe. */
#include "probe_query.h"

#include "core/limits.h"
#include "support/listed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int
set_up(void **state)
{
	*state = listed_config("targets: [{domain: a.example}]\n"
			       "modules: {quick: {timeout: 2s}}\n"
			       "probe: {allow: [\"*.b.example\"]}\n",
	    NULL);
	return 0;
}

static int
tear_down(void **state)
{
	config_free(*state);
	return 0;
}

static void
answers(void **state)
{
	static const struct {
		const char *target, *module, *timeout;
		unsigned status;
		int64_t timeout_ms;
	} cases[] = {
		{ "a.example", "", "", 200, LIMIT_EVALUATION_MS },
		{ "A.Example.", "", "10", 200, 9500 },
		{ "a.example", "quick", "10", 200, 2000 },
		{ "a.example", "quick", "1.5", 200, 1000 },
		{ "a.example", "", "1", 200, 500 },
		{ "a.example", "", "0.5", 200, 250 },
		{ "a.example", "", "120.0004", 200, LIMIT_EVALUATION_MS },
		{ "x.b.example", "", "", 200, LIMIT_EVALUATION_MS },
		{ "b.example", "", "", 403, 0 },
		{ "c.example", "quick", "", 403, 0 },
		{ "", "", "", 400, 0 },
		{ ".", "", "", 400, 0 },
		{ "a b", "", "", 400, 0 },
		{ "a..example", "", "", 400, 0 },
		{ "a.example", "slow", "", 400, 0 },
		{ "c.example", "slow", "", 400, 0 },
		{ "a.example", "", "soon", 400, 0 },
		{ "a.example", "", "-1", 400, 0 },
		{ "a.example", "", "0", 400, 0 },
		{ "a.example", "", "1e3", 400, 0 },
		{ "a.example", "", "1.5s", 400, 0 },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char memory[LIMIT_MESSAGE];
		struct buf why;
		struct probe_query query;
		buf_wrap(&why, memory, sizeof(memory));
		unsigned status = probe_query_read(&query, *state,
		    span_text(cases[i].target), span_text(cases[i].module),
		    span_text(cases[i].timeout), &why);
		if (status != cases[i].status ||
		    (status == 200 && query.timeout_ms != cases[i].timeout_ms))
			fail_msg("%s %s %s: %u %s", cases[i].target, cases[i].module,
			    cases[i].timeout, status, why.text);
	}
}

static void
a_target_of_the_list_brings_its_settings(void **state)
{
	const struct config *config = *state;
	struct probe_query query;
	struct buf why;
	buf_init(&why, LIMIT_MESSAGE);
	assert_int_equal(probe_query_read(&query, config, span_text("a.EXAMPLE"),
			     span_text(""), span_text(""), &why),
	    200);
	assert_ptr_equal(query.target, &config->targets[0]);
	assert_int_equal(query.checks, config->targets[0].checks);
	buf_free(&why);
}

#define WITH_CONFIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CONFIG(answers),
		WITH_CONFIG(a_target_of_the_list_brings_its_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
