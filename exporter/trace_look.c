/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Objects of a trace have a dozen members: they are walked. */
#include "trace_look.h"

#include <stddef.h>
#include <string.h>

const struct trace *
trace_child(const struct trace *parent, const char *key)
{
	const struct trace *child = parent != NULL ? parent->first : NULL;
	while (child != NULL && (child->key == NULL || strcmp(child->key, key) != 0))
		child = child->next;
	return child;
}

const char *
trace_child_text(const struct trace *parent, const char *key)
{
	const struct trace *child = trace_child(parent, key);
	return child != NULL && child->kind == TRACE_TEXT ? child->text : NULL;
}

bool
trace_child_number(const struct trace *parent, const char *key, double *number)
{
	const struct trace *child = trace_child(parent, key);
	if (child == NULL || child->kind != TRACE_NUMBER)
		return false;
	*number = child->number;
	return true;
}

enum truth
trace_truth(const struct trace *node)
{
	if (node == NULL || node->kind != TRACE_BOOL)
		return TRUTH_UNKNOWN;
	return truth_of(node->truth);
}
