/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* self_signed: certificates that signed themselves, good for a month. */
#ifndef MAILGAUGE_TESTS_SUPPORT_SELF_SIGNED_H
#define MAILGAUGE_TESTS_SUPPORT_SELF_SIGNED_H

#include "core/buf.h"

struct x509_st;     /* OpenSSL's X509 */
struct evp_pkey_st; /* its EVP_PKEY */

/* Of that name and key. The caller frees it. */
struct x509_st *self_signed(const char *name, struct evp_pkey_st *key);

/* A new pair as PEM; appended. */
void self_signed_pem(struct buf *certificate, struct buf *key);

#endif
