/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * sound_html: whether a page is what its author meant. Every tag is one that we use and
 * is closed in its turn, attribute values stand in double quotes, `&` begins one of our
 * references, and nothing in it could run, be fetched from elsewhere, or be a style.
 */
#ifndef MAILGAUGE_TESTS_SOUND_HTML_H
#define MAILGAUGE_TESTS_SOUND_HTML_H

#include <stdbool.h>

/* False with a place in the text where it is not. */
bool sound_html(const char *text, const char **where);

#endif
