/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * side: questions beside the tree walk, which no receiver asks and an expert does. They
 * are about the name of the domain's own record; their failures change nothing.
 */
#ifndef MAILGAUGE_DMARC_SIDE_H
#define MAILGAUGE_DMARC_SIDE_H

#include "core/arena.h"
#include "core/store.h"
#include "dmarc/discovery.h"
#include "dns/name.h"
#include "dns/question.h"

#include <stdbool.h>

struct dmarc_side {
	struct dns_result type99; /* the obsolete SPF type at _dmarc */
	struct dns_result cname;  /* asked for itself: should be an alias or nothing */
	struct dns_name alias;    /* that it leads to */
	struct dns_result alias_txt;
	struct dns_result absent_txt; /* of a name beside _dmarc that can't exist */
};

struct dmarc_side *dmarc_side_ask(struct view *view, struct arena *arena,
    const struct dmarc_step *own, uint32_t salt);

/* All TXT of the step are those of any name beside it: a wildcard answered. */
bool dmarc_side_is_wildcard(
    struct arena *arena, const struct dmarc_side *side, const struct dmarc_step *own);

/* The server says both that _dmarc is an alias and that it has TXT of its own, which
 * are not those of the alias's target. */
bool dmarc_side_is_torn(
    struct arena *arena, const struct dmarc_side *side, const struct dmarc_step *own);

#endif
