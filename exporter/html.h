/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * html: what all pages for people share: their frame, and the functions by which texts
 * get into them.
 *
 * What is always true:
 *  - what is not a literal of ours goes into a page by html_add() or html_add_span(),
 *    and into an address by html_add_url(), names of ours too: nobody has to know which
 *    is which;
 *  - a page needs nothing from elsewhere and no script, and its security policy does
 * not let a browser have them: the style sheet is a resource of ours, so that no page
 * has a style within it.
 */
#ifndef MAILGAUGE_EXPORTER_HTML_H
#define MAILGAUGE_EXPORTER_HTML_H

#include "http.h"

#include "core/buf.h"
#include "core/finding.h"
#include "core/span.h"

#include <stdint.h>

/* The answer becomes a page; its body may be added to. */
void html_answer(struct http_answer *answer, unsigned status);

/* All pages begin and end so. `title` is for the browser, and the heading. */
void html_begin(struct buf *out, const char *title);
void html_end(struct buf *out);

/* Text, also into an attribute in double quotes. What is not printable ASCII becomes
 * \DDD, as everywhere (core/buf.h). */
void html_add(struct buf *out, const char *text);
void html_add_span(struct buf *out, struct span text);

/* A part of a path, or a value of a query. */
void html_add_url(struct buf *out, struct span text);

/* A word with the colour of its state or severity. */
void html_add_state(struct buf *out, enum state state);
void html_add_severity(struct buf *out, enum severity severity);

/* "5 min ago", with the time itself for who asks. */
void html_add_age(struct buf *out, int64_t unix_ms, int64_t now_unix_ms);

/* A link to the finding in the catalogue, which says `text`. */
void html_add_finding_link(struct buf *out, enum finding_id id, const char *text);

/* A picture begins, as wide as its place; where its text needs more pixels than that it
 * is scrolled sideways. Ends with "</svg></div>", a <figcaption> and "</figure>". */
void html_begin_picture(
    struct buf *out, const char *label, unsigned height, size_t text_width);

/* What a letter in a picture takes at most, in pixels. */
#define HTML_LETTER_WIDTH 8

/* "/style.css" */
extern const char html_style[];

#endif
