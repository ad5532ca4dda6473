/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * certificate: what X.509 certificates say, and whom our CAs vouch for; private to this
 * folder.
 */
#ifndef MAILGAUGE_SMTP_CERTIFICATE_H
#define MAILGAUGE_SMTP_CERTIFICATE_H

#include "core/attributes.h"
#include "core/span.h"
#include "smtp/scan.h"

#include <stddef.h>

/* The CAs of one process; may be used by several threads. */
struct trust;

/* The system's CAs are a file or a directory; the other is NULL. Of a hashed directory
 * only what is needed is read, when it is needed: a bundle of all CAs costs 40 ms, as
 * much as everything else of a plugin. So the system's bundle is only for systems
 * without such a directory. */
void trust_of_system(const char **file, const char **directory);

/*
 * The system's CAs when both are NULL.
 *
 * NULL when a file holds no certificate that can be read.
 */
struct trust *trust_new(const char *file, const char *directory) MUST_CHECK;
void trust_free(struct trust *trust);

/* Fills an empty chain from DER, the server's own first. Without `trust` it stays
 * unknown whether it is trusted, without a name (the root) whether that matches. */
void certificate_read_chain(struct smtp_chain *chain, const struct span *der,
    size_t count, struct trust *trust, const struct dns_name *name);

#endif
