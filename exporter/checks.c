/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* The list of probes; a new one is a line here. */
#include "checks.h"

#include "dkim/dkim.h"
#include "dmarc/dmarc.h"
#include "smtp_tls/smtp_tls.h"
#include "spf/spf.h"

#include <assert.h>

static const struct probe *const probes[] = {
	&spf_probe,
	&dmarc_probe,
	&dkim_probe,
	&smtp_tls_probe,
};
static_assert(ARRAY_LENGTH(probes) <= 32, "a check_set has a bit for each");

size_t
checks_count(void)
{
	return ARRAY_LENGTH(probes);
}

const struct probe *
checks_probe(size_t index)
{
	assert(index < ARRAY_LENGTH(probes));
	return probes[index];
}

bool
checks_by_name(struct span name, size_t *index)
{
	for (size_t i = 0; i < ARRAY_LENGTH(probes); i++) {
		if (span_equal(name, span_text(probes[i]->name))) {
			*index = i;
			return true;
		}
	}
	return false;
}

bool
checks_scans(size_t index)
{
	return checks_probe(index) == &smtp_tls_probe;
}

void
checks_add_names(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LENGTH(probes); i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", probes[i]->name);
}

size_t
checks_in(check_set set)
{
	size_t count = 0;
	for (; set != 0; set &= set - 1)
		count++;
	return count;
}
