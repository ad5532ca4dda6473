/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* From the texts of a request to a domain, its checks and a time limit. */
#include "probe_query.h"

#include "core/deadline.h"
#include "core/limits.h"

enum {
	OK = 200,
	BAD_REQUEST = 400,
	FORBIDDEN = 403,

	TIMEOUT_MAX_SECONDS = 3600,
	/* What Prometheus waits must be enough for the way back too. */
	OFFSET_MS = 500
};

enum status
probe_query_name(struct dns_name *name, struct span text)
{
	enum status status = STATUS_EMPTY;
	if (text.length > 0)
		status = dns_name_from_user(name, text);
	if (status == STATUS_OK && dns_name_labels(name) == 0)
		status = STATUS_EMPTY;
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < name->length; i++)
		name->wire[i] = byte_lower(name->wire[i]);
	return STATUS_OK;
}

static bool
read_target(struct probe_query *query, struct span target, struct buf *why)
{
	enum status status = probe_query_name(&query->domain, target);
	if (status != STATUS_OK)
		buf_addf(why, "target %s, expected a domain such as example.com",
		    status_text(status));
	return status == STATUS_OK;
}

/* "10" or "2.5" seconds. */
static bool
read_seconds(struct span text, int64_t *time_ms)
{
	uint32_t whole;
	if (!span_take_number(&text, TIMEOUT_MAX_SECONDS, &whole))
		return false;
	*time_ms = (int64_t)whole * 1000;
	uint8_t digit;
	int64_t unit_ms = 100;
	if (text.length > 0 && !span_take_byte(&text, '.'))
		return false;
	while (span_take_u8(&text, &digit)) {
		if (!byte_is_digit(digit))
			return false;
		*time_ms += (digit - '0') * unit_ms;
		unit_ms /= 10;
	}
	return true;
}

/* The earlier of the module's limit and Prometheus'; of a very short one, half. */
static bool
read_timeout(struct probe_query *query, struct span timeout, struct buf *why)
{
	int64_t given_ms;
	if (timeout.length == 0)
		return true;
	if (!read_seconds(timeout, &given_ms) || given_ms == 0) {
		buf_add_text(why,
		    "X-Prometheus-Scrape-Timeout-Seconds is no time, expected a number "
		    "of seconds");
		return false;
	}
	given_ms -= given_ms > 2 * OFFSET_MS ? OFFSET_MS : given_ms / 2;
	query->timeout_ms = deadline_earlier(query->timeout_ms, given_ms);
	return true;
}

static bool
read_module(struct probe_query *query, const struct config *config, struct span name,
    struct buf *why)
{
	query->checks = query->target != NULL ? query->target->checks : config->checks;
	query->timeout_ms = LIMIT_EVALUATION_MS;
	if (name.length == 0)
		return true;
	const struct config_module *module = config_module(config, name);
	if (module == NULL) {
		buf_add_text(why, "there is no module '");
		buf_add_safe(why, name);
		buf_add_byte(why, '\'');
		return false;
	}
	if (module->checks != 0)
		query->checks = module->checks;
	query->timeout_ms = module->timeout_ms;
	return true;
}

const struct config_target *
probe_query_target(const struct config *config, const struct dns_name *domain)
{
	char memory[4 * LIMIT_NAME_BYTES + 1];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	dns_name_add(&text, domain);
	return config_find(config, text.text);
}

unsigned
probe_query_read(struct probe_query *query, const struct config *config,
    struct span target, struct span module, struct span timeout, struct buf *why)
{
	*query = (struct probe_query){ .target = NULL };
	if (!read_target(query, target, why))
		return BAD_REQUEST;
	query->target = probe_query_target(config, &query->domain);
	if (!read_module(query, config, module, why) ||
	    !read_timeout(query, timeout, why))
		return BAD_REQUEST;
	if (query->target != NULL || config_allows(config, &query->domain))
		return OK;
	buf_add_text(why,
	    "the target is not in the list, and nothing in probe: allow: names it");
	return FORBIDDEN;
}
