/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * status: how a parser or a setter of ours came out. What the world answered to a
 * question is an outcome (core/store.h); what a user should know is a finding.
 */
#ifndef MAILGAUGE_CORE_STATUS_H
#define MAILGAUGE_CORE_STATUS_H

#define STATUS_LIST(STATUS) \
	STATUS(OK, "fine") \
	STATUS(EMPTY, "is empty") \
	STATUS( \
	    EMPTY_LABEL, "has an empty label (two dots in a row, or a leading dot)") \
	STATUS(LABEL_TOO_LONG, "has a label of more than 63 bytes") \
	STATUS(NAME_TOO_LONG, "is longer than the 253 bytes of a DNS name") \
	STATUS(NOT_IDNA, "is not a valid internationalised name") \
	STATUS(NO_IDNA, "needs libidn2, which is not installed") \
	STATUS(MALFORMED, "is malformed") \
	STATUS(CUT_SHORT, "ends too early") \
	STATUS(MISMATCH, "does not belong to the question") \
	STATUS(TOO_MANY, "holds more than the limit") \
	STATUS(OUT_OF_RANGE, "is out of range") \
	STATUS(SCOPED, "has a scope ('%interface'), which is not supported") \
	STATUS(UNREADABLE, "can't be read")

#define STATUS_ENUM(symbol, text) STATUS_##symbol,
enum status { STATUS_LIST(STATUS_ENUM) STATUS_COUNT };
#undef STATUS_ENUM

/* A predicate to put behind a subject: "'a..b' has an empty label …". */
const char *status_text(enum status status);

#endif
