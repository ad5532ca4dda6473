/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * issuing: certificates with real signatures, all of them by one key, so that any of
 * them may have issued any other: what made_certificate.h can't.
 *
 *	struct issuing *issuing = issuing_new();
 *	struct span der = issuing_issue(issuing, "mx.example.com", "Issuer");
 *	...
 *	issuing_free(issuing);
 */
#ifndef MAILGAUGE_TESTS_SUPPORT_ISSUING_H
#define MAILGAUGE_TESTS_SUPPORT_ISSUING_H

#include "core/attributes.h"
#include "core/span.h"

struct issuing;

struct issuing *issuing_new(void) MUST_CHECK;
void issuing_free(struct issuing *issuing);

/* DER of one with these common names, good for an hour from now, and until
 * issuing_free(). */
struct span issuing_issue(
    struct issuing *issuing, const char *subject, const char *issuer);

#endif
