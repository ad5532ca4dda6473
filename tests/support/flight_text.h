/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * flight_text: a flight's facts as one line, and bytes from text, so that a table of
 * flights reads like one.
 *
 * A line has the status and those facts that are not 0, in this order:
 *
 *	complete alert 2/70
 *	complete 0303 c02f deflate ri ems hb sentinel-1.2 certs 700,900 curve 23 done
 *	complete 0304 1301 retry group 4588
 *	malformed (malformed ServerHello)
 *
 * Bytes are hex digits; `{2 ... }` is a length of two bytes before what is within;
 * `00*32` is a byte that comes 32 times; 'text' is text. Blanks count for nothing.
 */
#ifndef MAILGAUGE_SUPPORT_FLIGHT_TEXT_H
#define MAILGAUGE_SUPPORT_FLIGHT_TEXT_H

#include "core/buf.h"
#include "smtp/flight.h"

void flight_text(
    struct buf *out, enum flight_status status, const struct flight *flight);

/* A text that is none is a bug of the test and ends it. */
void wire_text(struct buf *out, const char *text);

#endif
