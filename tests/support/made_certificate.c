/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Certificates without cryptography: digests are a hash that is good enough to tell
 * names apart. */
#include "made_certificate.h"

#include "core/die.h"

#include <assert.h>
#include <string.h>

enum { TEXT_MAX = 4096, NAMES_MAX = 16, DIGEST_MAX = SMTP_SHA512_BYTES };

/* A block that is handed out from its start. */
struct block {
	struct smtp_certificate certificate; /* first */
	struct span names[NAMES_MAX];
	char text[TEXT_MAX];
};

/* FNV-1a, once for each byte of the digest. */
static void
digest(uint8_t out[], size_t length, struct span bytes)
{
	for (size_t i = 0; i < length; i++) {
		uint32_t hash = 2166136261u ^ (uint32_t)i;
		for (size_t k = 0; k < bytes.length; k++)
			hash = (hash ^ bytes.bytes[k]) * 16777619u;
		out[i] = (uint8_t)(hash >> 16);
	}
}

static struct span
put(struct buf *text, const char *before, struct span word)
{
	size_t start = text->length;
	buf_add_text(text, before);
	buf_add(text, word);
	struct span whole = span_of(text->text + start, text->length - start);
	buf_add_byte(text, '\0');
	assert(!text->cut);
	return whole;
}

static const char *
put_text(struct buf *text, struct span word)
{
	return (const char *)put(text, "", word).bytes;
}

static const char *
key_text_of(enum smtp_key_type type)
{
	static const char *const texts[] = {
		[SMTP_KEY_OTHER] = "a key",
		[SMTP_KEY_RSA] = "RSA",
		[SMTP_KEY_DSA] = "DSA",
		[SMTP_KEY_EC] = "EC",
		[SMTP_KEY_ED25519] = "ED25519",
		[SMTP_KEY_ED448] = "ED448",
	};
	return texts[type];
}

static const char *
signature_text_of(enum smtp_digest digest_type)
{
	if (digest_type == SMTP_DIGEST_MD5)
		return "md5WithRSAEncryption";
	return digest_type == SMTP_DIGEST_SHA1 ? "sha1WithRSAEncryption"
					       : "sha256WithRSAEncryption";
}

static void
put_names(struct block *block, struct buf *text, struct span list)
{
	struct split split = { .rest = list };
	struct span name;
	while (split_next(&split, ',', &name)) {
		assert(block->certificate.name_count < NAMES_MAX);
		block->names[block->certificate.name_count++] = put(text, "", name);
	}
	block->certificate.names = block->names;
}

/* "certificate of key of mail-2026": the key is a part of it, as it should be. */
static void
put_key(struct smtp_certificate *certificate, struct buf *text, struct span label)
{
	static const char prefix[] = "certificate of ";
	certificate->der = put(text, "certificate of key of ", label);
	certificate->spki = span_slice(
	    certificate->der, sizeof(prefix) - 1, certificate->der.length);
	digest(certificate->der_sha256, SMTP_SHA256_BYTES, certificate->der);
	digest(certificate->der_sha512, SMTP_SHA512_BYTES, certificate->der);
	digest(certificate->spki_sha256, SMTP_SHA256_BYTES, certificate->spki);
	digest(certificate->spki_sha512, SMTP_SHA512_BYTES, certificate->spki);
}

struct smtp_certificate *
made_certificate(const struct made_certificate *wanted)
{
	struct block *block = must_calloc(1, sizeof(*block));
	struct smtp_certificate *certificate = &block->certificate;
	struct buf text;
	buf_wrap(&text, block->text, sizeof(block->text));
	put_key(certificate, &text,
	    wanted->label.length > 0 ? wanted->label : span_text("key"));
	put_names(block, &text, wanted->names);
	certificate->subject = put_text(&text, wanted->subject);
	certificate->issuer = put_text(&text, wanted->issuer);
	certificate->not_before = wanted->not_before;
	certificate->not_after = wanted->not_after;
	certificate->key_type = wanted->key_type;
	certificate->key_bits = wanted->key_bits;
	certificate->key_text = key_text_of(wanted->key_type);
	certificate->signature_digest = wanted->signature_digest;
	certificate->signature_text = signature_text_of(wanted->signature_digest);
	certificate->self_signed = certificate->self_issued = wanted->self_signed;
	certificate->issued_by_next = wanted->issued_by_next;
	return certificate;
}

void
made_association(struct buf *out, uint8_t selector, uint8_t matching, struct span label)
{
	char memory[512];
	uint8_t bytes[DIGEST_MAX];
	struct buf whole;
	buf_wrap(&whole, memory, sizeof(memory));
	buf_add_text(&whole, selector == 1 ? "key of " : "certificate of key of ");
	buf_add(&whole, label);
	size_t length = matching == 1 ? SMTP_SHA256_BYTES : SMTP_SHA512_BYTES;
	digest(bytes, length, buf_span(&whole));
	buf_add(out, matching == 0 ? buf_span(&whole) : span_of(bytes, length));
}
