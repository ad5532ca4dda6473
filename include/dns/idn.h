/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * idn: U-labels to A-labels by libidn2 (IDNA 2008, RFC 5891, with UTS 46 mapping).
 *
 * The library is opened only when a name needs it: linked, it and libunistring add a
 * third to the start of a plugin, and nearly every name is ASCII already.
 */
#ifndef MAILGAUGE_DNS_IDN_H
#define MAILGAUGE_DNS_IDN_H

#include "core/attributes.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"

/* UTF-8 text to its ASCII form, added to `ascii`. NOT_IDNA when the rules forbid it or
 * it is not UTF-8, NO_IDNA when the library is missing. */
enum status idn_to_ascii(struct buf *ascii, struct span utf8) MUST_CHECK;

#endif
