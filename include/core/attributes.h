/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* attributes: what the compiler checks for us, under names that read well. */
#ifndef MAILGAUGE_CORE_ATTRIBUTES_H
#define MAILGAUGE_CORE_ATTRIBUTES_H

/* The result tells whether it worked: not looking at it is a bug. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* printf-like: argument `text` is the format, `first` the first value. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
