/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * buf: text that grows, up to a maximum that its maker must name.
 *
 * What is always true:
 *  - `text` is never NULL and always ends in NUL at text[length];
 *  - length never passes the maximum: what does not fit is dropped, `cut` is set,
 *    and stays set, so that a writer checks once at its end instead of at each step;
 *  - buf_init() takes memory from the heap on the first byte, buf_wrap() uses the
 *    caller's and never grows; both end with buf_free().
 *
 *	struct buf line;
 *	buf_init(&line, LIMIT_FIRST_LINE);
 *	buf_addf(&line, "%u of %u lookups", used, allowed);
 *	buf_add_safe(&line, record);        (bytes from outside: only so)
 *	...
 *	buf_free(&line);
 */
#ifndef MAILGAUGE_CORE_BUF_H
#define MAILGAUGE_CORE_BUF_H

#include "core/attributes.h"
#include "core/span.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *text;
	size_t length; /* bytes, without the NUL */
	size_t size;   /* bytes of memory behind text, with the NUL; 0: none yet */
	size_t max;    /* largest length */
	bool cut;      /* something did not fit */
	bool wrapped;  /* the memory is the caller's */
};

void buf_init(struct buf *buf, size_t max);

/* Memory of the caller, `size` >= 1 bytes; the maximum is size - 1. */
void buf_wrap(struct buf *buf, char *memory, size_t size);

void buf_free(struct buf *buf);

/* Empty again, memory kept. */
void buf_clear(struct buf *buf);

/* Back to an earlier length (no longer than the present one). */
void buf_shorten(struct buf *buf, size_t length);

/* Gives the text away: the caller frees it with free(). The buf is empty again. */
char *buf_take(struct buf *buf, size_t *length);

void buf_add(struct buf *buf, struct span bytes);
void buf_add_all(struct buf *buf, const struct span *parts, size_t count);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_byte(struct buf *buf, uint8_t byte);
void buf_add_u16(struct buf *buf, unsigned value); /* its lower half, big-endian */
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_addv(struct buf *buf, const char *format, va_list values) PRINTF_LIKE(2, 0);

/* Whole numbers as integers, others with up to `digits` (at most 9) decimals; a decimal
 * point and no exponent, whatever the locale. NaN and infinities are the caller's bug.
 */
void buf_add_number(struct buf *buf, double value, unsigned digits);

/*
 * The one sanitising function: bytes from DNS, SMTP, HTTP, files or the command line,
 * made harmless for a terminal, a log, Nagios and every writer. Printable ASCII stays;
 * `|` (which would begin perfdata) and every other byte become \DDD in decimal, the
 * notation of RFC 1035 5.1, so that nothing is lost from sight.
 */
void buf_add_safe(struct buf *buf, struct span untrusted);

struct span buf_span(const struct buf *buf);

#endif
