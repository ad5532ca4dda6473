/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * side: questions beside the tree, which no receiver asks and an expert does. Their
 * failures change nothing: what they could not tell is left unsaid.
 */
#ifndef MAILGAUGE_SPF_SIDE_H
#define MAILGAUGE_SPF_SIDE_H

#include "core/arena.h"
#include "core/span.h"
#include "core/store.h"
#include "dns/name.h"
#include "dns/question.h"
#include "spf/tree.h"

#include <stddef.h>

/* A name that a record leads to and that does not exist, whose registrable domain does
 * not exist either. */
struct spf_stray {
	const struct spf_node *node;
	const struct spf_step *step;
	struct dns_name name;        /* what does not exist */
	struct dns_name registrable; /* what anyone may register */
	struct spf_stray *next;
};

/* The addresses of the target of a ptr term. */
struct spf_ptr_target {
	const struct spf_node *node;
	const struct spf_step *step;
	struct dns_result a, aaaa;
	struct spf_ptr_target *next;
};

/* A reverse name of a sender to try, which does not lead back to its address. */
struct spf_reverse {
	struct span ip; /* as given */
	struct dns_name name;
	struct spf_reverse *next;
};

/* What the exp modifier of one of the domain's own records leads to. */
struct spf_explanation {
	const struct spf_node *node;
	const struct spf_term *term;
	bool is_no_name; /* its text can't be a name: nothing was asked */
	struct dns_name name;
	struct dns_result txt;
	struct spf_explanation *next;
};

struct spf_side {
	struct dns_result type99; /* the obsolete SPF type at the domain */
	struct dns_name
	    absent;      /* a name below the domain that can't exist on purpose */
	bool has_absent; /* false: not asked, or too long to be one */
	struct dns_result absent_txt;
	struct dns_result mx, a, aaaa; /* of the domain, where it may be a parked one */
	struct spf_stray *strays;
	struct spf_ptr_target *ptr_targets;
	struct spf_reverse *reverses; /* only where ptr is used */
	bool has_void_reverse;        /* a sender to try has no reverse name at all */
	struct spf_explanation *explanations;
};

struct spf_settings;

/* Wants what is missing, in the same rounds as the tree. */
struct spf_side *spf_side_ask(struct view *view, struct arena *arena,
    const struct spf_tree *tree, const struct spf_settings *settings, uint32_t salt);

/* The domain that somebody has to register for a name to exist: its last two labels, or
 * three where the last two are a country code and one of its customary second levels.
 */
void spf_registrable(struct dns_name *registrable, const struct dns_name *name);

#endif
