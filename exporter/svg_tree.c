/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Lengths across are parts of the whole width, in per cent, and texts have the size of
 * other text: so the picture fits a phone and a wide screen without being scaled. First
 * the tree becomes rows, then they are drawn.
 */
#include "svg_tree.h"

#include "html.h"
#include "trace_look.h"

#include "core/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
	ROWS_MAX = 200, /* a picture with more of them shows nobody anything */
	INDENT_MAX = 8, /* deeper ones stand below one another */

	TOP = 24, /* the scale; all in pixels */
	ROW_HEIGHT = 28,
	BAR_HEIGHT = 24,
	INDENT = 14,
	MARGIN = 8,
	SCALE_MIN = LIMIT_SPF_LOOKUPS + 2
};

struct row {
	const char *text;
	const char *remark; /* NULL: none */
	bool is_partial;    /* it may be more lookups */
	unsigned depth;
	size_t parent;
	double before, cost; /* lookups */
};

struct picture {
	struct buf *out;
	struct row rows[ROWS_MAX];
	size_t count, dropped;
	double scale; /* lookups in the whole width */
};

/* --- from the tree to rows ------------------------------------------------ */

static double
lookups_of(const struct trace *node)
{
	double lookups;
	return trace_child_number(node, "dns_lookups", &lookups) ? lookups : 0;
}

static struct row *
add_row(struct picture *picture, size_t parent)
{
	if (picture->count == ROWS_MAX) {
		picture->dropped++;
		return NULL;
	}
	struct row *row = &picture->rows[picture->count++];
	*row = (struct row){ .parent = parent };
	return row;
}

static void add_terms(
    struct picture *picture, const struct trace *record, size_t parent, double before);

/* Void and missing records, the reason first that is nearer to the cause. */
static const char *
remark_of(const struct trace *step)
{
	const struct trace *target = trace_child(step, "target");
	const char *remark = trace_child_text(step, "remark");
	if (target != NULL && trace_child_text(target, "record") == NULL)
		return trace_child_text(target, "result");
	return remark;
}

static void
add_step(
    struct picture *picture, const struct trace *step, size_t parent, double before)
{
	struct row *row = add_row(picture, parent);
	if (row == NULL)
		return;
	size_t index = picture->count - 1;
	row->text = trace_child_text(step, "term");
	row->remark = remark_of(step);
	row->is_partial = trace_truth(trace_child(step, "complete")) == TRUTH_NO;
	row->depth = picture->rows[parent].depth + 1;
	row->before = before;
	row->cost = lookups_of(step);
	add_terms(picture, trace_child(step, "target"), index, before + 1);
}

/* In the order in which a receiver comes to them. Depth has the limit of the trace. */
static void
add_terms(
    struct picture *picture, const struct trace *record, size_t parent, double before)
{
	const struct trace *terms = trace_child(record, "terms");
	const struct trace *step = terms != NULL ? terms->first : NULL;
	for (; step != NULL; step = step->next) {
		add_step(picture, step, parent, before);
		before += lookups_of(step);
	}
}

/* --- drawing -------------------------------------------------------------- */

static unsigned
indent_of(const struct row *row)
{
	return MARGIN + INDENT * (row->depth < INDENT_MAX ? row->depth : INDENT_MAX);
}

static unsigned
top_of(size_t row)
{
	return TOP + ROW_HEIGHT * (unsigned)row;
}

static void
add_part(struct picture *picture, const char *name, double lookups)
{
	buf_addf(picture->out, " %s=\"", name);
	buf_add_number(picture->out, 100 * lookups / picture->scale, 2);
	buf_add_text(picture->out, "%\"");
}

static void
add_bar(
    struct picture *picture, size_t index, const char *class, double from, double to)
{
	if (to <= from)
		return;
	buf_addf(picture->out, "<rect class=\"%s\" y=\"%u\" height=\"%d\" rx=\"2\"",
	    class, top_of(index), BAR_HEIGHT);
	add_part(picture, "x", from);
	add_part(picture, "width", to - from);
	buf_add_text(picture->out, "/>\n");
}

static double
smaller(double a, double b)
{
	return a < b ? a : b;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* The part beyond the limit in another colour. */
static void
add_bars(struct picture *picture, size_t index)
{
	const struct row *row = &picture->rows[index];
	double end = row->before + row->cost, limit = LIMIT_SPF_LOOKUPS;
	add_bar(picture, index, "bar", row->before, smaller(end, limit));
	add_bar(picture, index, "over", larger(row->before, limit), end);
}

static void
add_branch(struct picture *picture, size_t index)
{
	const struct row *row = &picture->rows[index];
	if (index == 0)
		return;
	unsigned from = top_of(row->parent) + BAR_HEIGHT;
	unsigned middle = top_of(index) + BAR_HEIGHT / 2;
	buf_addf(picture->out,
	    "<path class=\"branch\" d=\"M%u %uV%uH%u\" stroke-width=\"",
	    indent_of(&picture->rows[row->parent]) + 4, from, middle,
	    indent_of(row) - 2);
	buf_add_number(picture->out, smaller(1 + row->cost / 2, 7), 1);
	buf_add_text(picture->out, "\"/>\n");
}

static void
add_text(struct picture *picture, size_t index)
{
	const struct row *row = &picture->rows[index];
	struct buf *out = picture->out;
	buf_addf(out, "<text x=\"%u\" y=\"%u\"%s><tspan font-weight=\"bold\">",
	    indent_of(row), top_of(index) + BAR_HEIGHT - 8,
	    row->before >= LIMIT_SPF_LOOKUPS ? " class=\"bad\"" : "");
	buf_add_number(out, row->cost, 0);
	buf_addf(out, "%s</tspan> ", row->is_partial ? "+" : "");
	html_add(out, row->text != NULL ? row->text : "?");
	if (row->remark != NULL) {
		buf_add_text(out, " (");
		html_add(out, row->remark);
		buf_add_byte(out, ')');
	}
	/* The whole of it, where even the widest picture ends before the text does. */
	buf_add_text(out, "<title>");
	html_add(out, row->text != NULL ? row->text : "?");
	buf_add_text(out, "</title></text>\n");
}

static void
add_line(struct picture *picture, const char *class, double lookups, const char *label)
{
	unsigned end = top_of(picture->count);
	buf_addf(picture->out, "<line class=\"%s\" y1=\"%d\" y2=\"%u\"", class, TOP - 4,
	    end);
	add_part(picture, "x1", lookups);
	add_part(picture, "x2", lookups);
	buf_addf(picture->out, "/><text class=\"dim\" y=\"%d\" text-anchor=\"%s\"",
	    TOP - 10, lookups > 0 ? "middle" : "start");
	add_part(picture, "x", lookups);
	buf_addf(picture->out, ">%s</text>\n", label);
}

/* The longest row: indent, number, term and remark. */
static size_t
text_width(const struct picture *picture)
{
	enum { AROUND = 8 }; /* letters of the number, blanks and brackets */
	size_t longest = 0;
	for (size_t i = 0; i < picture->count; i++) {
		const struct row *row = &picture->rows[i];
		size_t letters = AROUND;
		letters += row->text != NULL ? strlen(row->text) : 1;
		letters += row->remark != NULL ? strlen(row->remark) : 0;
		size_t width = indent_of(row) + HTML_LETTER_WIDTH * letters;
		longest = width > longest ? width : longest;
	}
	return longest;
}

static void
draw(struct picture *picture)
{
	struct buf *out = picture->out;
	html_begin_picture(out, "DNS lookups of each term", top_of(picture->count) + 4,
	    text_width(picture));
	add_line(picture, "tick", 0, "0");
	add_line(picture, "tick", 5, "5");
	for (size_t i = 0; i < picture->count; i++)
		add_bars(picture, i);
	add_line(picture, "limit", LIMIT_SPF_LOOKUPS, "limit 10");
	for (size_t i = 0; i < picture->count; i++) {
		add_branch(picture, i);
		add_text(picture, i);
	}
	buf_add_text(out,
	    "</svg></div>\n<figcaption>Each term with its DNS lookups, in the order in "
	    "which "
	    "receivers come to them");
	if (picture->dropped > 0)
		buf_addf(out, "; more than %d are not drawn", ROWS_MAX);
	buf_add_text(out, ".</figcaption>\n</figure>\n");
}

void
svg_tree_write(struct buf *out, const struct trace *tree)
{
	struct picture picture = { .out = out };
	struct row *root = add_row(&picture, 0);
	root->text = trace_child_text(tree, "domain");
	if (trace_child_text(tree, "record") == NULL)
		return; /* nothing that could cost anything */
	root->cost = lookups_of(tree);
	picture.scale = larger(root->cost, SCALE_MIN);
	add_terms(&picture, tree, 0, 0);
	draw(&picture);
}
