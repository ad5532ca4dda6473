/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Tests of what clients want of /metrics. */
#include "accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
formats(void **state)
{
	static const struct {
		const char *accept;
		enum prometheus_format want;
	} cases[] = {
		{ "", PROMETHEUS_TEXT },
		{ "*/*", PROMETHEUS_TEXT },
		{ "text/html, image/png", PROMETHEUS_TEXT },
		{ "application/openmetrics-text", PROMETHEUS_OPENMETRICS },
		{ "Application/OpenMetrics-Text ; version=1.0.0",
		    PROMETHEUS_OPENMETRICS },
		{ "application/openmetrics-text;version=\"1.0.0\"",
		    PROMETHEUS_OPENMETRICS },
		{ "application/openmetrics-text;version=\"2.0.0\"", PROMETHEUS_TEXT },
		{ "application/openmetrics-text;version=\"1.0.0", PROMETHEUS_TEXT },
		/* Prometheus 2.42 */
		{ "application/openmetrics-text;version=1.0.0,application/"
		  "openmetrics-text;version=0.0.1;q=0.75,text/"
		  "plain;version=0.0.4;q=0.5,"
		  "*/*;q=0.1",
		    PROMETHEUS_OPENMETRICS },
		/* Prometheus 3 */
		{ "application/"
		  "openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		  "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version="
		  "1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;"
		  "q=0.2",
		    PROMETHEUS_OPENMETRICS },
		{ "application/vnd.google.protobuf;proto=io.prometheus.client."
		  "MetricFamily;encoding=delimited",
		    PROMETHEUS_TEXT },
		{ "text/plain;q=0.5, application/openmetrics-text;q=0.4",
		    PROMETHEUS_TEXT },
		{ "text/plain, application/openmetrics-text", PROMETHEUS_TEXT },
		{ "application/openmetrics-text, text/plain", PROMETHEUS_OPENMETRICS },
		{ "application/openmetrics-text;version=2.0.0, text/plain;q=0.1",
		    PROMETHEUS_TEXT },
		{ "application/openmetrics-text;version=0.0.1", PROMETHEUS_TEXT },
		{ "application/openmetrics-text;q=0", PROMETHEUS_TEXT },
		{ "application/openmetrics-text;q=0.000,*/*;q=0.001", PROMETHEUS_TEXT },
		{ "x;y=\",application/openmetrics-text,\", */*;q=0.1",
		    PROMETHEUS_TEXT },
		{ ",,, ;;;q=1,application/openmetrics-text;q=0.01",
		    PROMETHEUS_OPENMETRICS },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (accept_format(span_text(cases[i].accept)) != cases[i].want)
			fail_msg("%s", cases[i].accept);
}

static void
encodings(void **state)
{
	static const struct {
		const char *accept;
		bool want;
	} cases[] = {
		{ "", false },
		{ "identity", false },
		{ "gzip", true },
		{ "GZIP;q=0.1", true },
		{ "deflate, x-gzip", true },
		{ "gzip;q=0", false },
		{ "gzip;q=0.000, *", false },
		{ "*", true },
		{ "*;q=0", false },
		{ "*;q=0, gzip", true },
		{ "gzip;q=2", false },
		{ "gzip;q=x", false },
		{ "gzipped", false },
		{ "br;q=1.0, gzip;q=0.8, *;q=0.1", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (accept_gzip(span_text(cases[i].accept)) != cases[i].want)
			fail_msg("%s", cases[i].accept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(encodings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
