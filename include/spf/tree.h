/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * tree: a domain's SPF record with all that it includes, and what each branch costs.
 *
 * The walk goes over the whole tree, as no receiver does: it goes on behind a match,
 * behind faults and behind the tenth look-up, because people need the true number.
 *
 * What is always true:
 *  - one node is one visit of a record: a record included twice is there twice, and
 *    costs twice, as it does for a receiver;
 *  - a node that is not SPF_NODE_RECORD has no steps; what is not there yet, or could
 *    not be told, makes the tree incomplete, and its counts lower bounds;
 *  - depth and number of nodes are capped by limits.h.
 */
#ifndef MAILGAUGE_SPF_TREE_H
#define MAILGAUGE_SPF_TREE_H

#include "core/arena.h"
#include "core/store.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/question.h"
#include "spf/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spf_node_state {
	SPF_NODE_WANTED,   /* the answer is not there yet */
	SPF_NODE_RECORD,   /* one SPF record */
	SPF_NODE_NONE,     /* the name has no SPF record */
	SPF_NODE_SEVERAL,  /* more than one: permerror */
	SPF_NODE_NO_NAME,  /* NXDOMAIN, or a name that can't exist */
	SPF_NODE_FAILED,   /* the question could not be answered */
	SPF_NODE_LOOP,     /* a record above has the same name: not followed again */
	SPF_NODE_TOO_LARGE /* the tree is over its caps: not followed */
};

/* A name whose addresses a term stands for: the target of `a`, an exchanger of `mx`. */
struct spf_host {
	struct dns_name name;
	struct dns_result a, aaaa;
};

/* A term that costs a look-up, and what came of it. */
struct spf_step {
	const struct spf_term *term;
	/* Whom the term asks. NULL: nobody, since it is a text that can't be a name, or
	 * a macro that only a message can expand. */
	const struct dns_name *target;
	bool needs_message;
	struct spf_node *child; /* of include and redirect */
	unsigned lookups;       /* 1, and those of the child */
	bool is_partial;        /* at least so many: not all below was followed */
	bool is_void;           /* answered with nothing */
	enum outcome outcome;   /* a failure: of the question below; else not set */
	uint16_t failed_type;   /* DNS type of the question that failed */
	const struct dns_name *failed_name;
	struct dns_result first; /* of mx and exists: the answer to the term itself */
	size_t exchanger_count;  /* of mx, also those over the limit */
	size_t host_count;       /* of a: 1, of mx: exchangers within the limit */
	struct spf_host *hosts;
};

struct spf_node {
	struct dns_name name;
	struct spf_node *parent;    /* NULL: the domain's own record */
	const struct spf_term *via; /* the parent's term that leads here */
	struct spf_node *next;      /* in the order of visits */
	unsigned depth;             /* 1 for the domain's own record */
	enum spf_node_state state;
	enum outcome outcome;            /* of the TXT question */
	const struct dns_answer *answer; /* to it, where there is one */
	size_t record_count;             /* SPF records at the name */
	size_t txt_bytes;                /* size of the TXT answer; 0: there was none */
	bool txt_truncated;              /* the answer did not fit over UDP */
	struct spf_record *record;       /* with SPF_NODE_RECORD */
	const struct dns_record *txt;    /* that it was read from */
	struct spf_step *steps;          /* terms that cost a look-up, in order */
	size_t step_count;
	unsigned lookups; /* of all steps */
	bool is_partial;  /* at least so many */
	bool is_faulty;   /* the record or one that it includes does not parse */
};

struct spf_tree {
	struct spf_node *root; /* first of all nodes */
	struct spf_node *last;
	size_t node_count, step_count;
	unsigned lookups, voids;
	unsigned includes; /* include and redirect terms */
	unsigned depth;    /* nodes in the longest chain of records */
	bool complete;     /* the counts are the true ones */
};

/* Wants what is missing and goes on. */
struct spf_tree *spf_tree_walk(
    struct view *view, struct arena *arena, const struct dns_name *domain);

/* Counts every ptr term as a void lookup, as it is for a client whose address has no
 * reverse name (5.5). */
void spf_tree_void_pointers(struct spf_tree *tree);

/* The node whose `all` speaks for the domain: the last one of the chain of redirects
 * from the root. NULL when a redirect leads nowhere. */
const struct spf_node *spf_tree_deciding_node(const struct spf_tree *tree);

/* The root or a target of its redirects: counts as the domain's own record. */
bool spf_node_is_own(const struct spf_node *node);

/* "example.com > _spf.example.net", safe text; names in the middle of a long path are
 * left out. */
const char *spf_node_path(struct arena *arena, const struct spf_node *node);

#endif
