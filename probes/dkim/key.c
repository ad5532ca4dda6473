/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * Public keys by their shape: OpenSSL's ASN.1 decoder takes a sequence apart, and the
 * types of its parts say what it is. Its key decoder, d2i_PUBKEY(), is not used: since
 * 3.0 it guesses between forms, reads the machine's configuration on the way, and takes
 * a hundred times as long, only to know a size.
 */
#include "dkim/key.h"

#include "core/attributes.h"

#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

enum { ED25519_BYTES = 32, ED25519_BITS = 256, SHAPE_MAX = 9 };

/* A sequence in DER: its parts, and a letter for each. */
struct sequence {
	ASN1_SEQUENCE_ANY *parts;  /* NULL: it is none */
	char shape[SHAPE_MAX + 2]; /* longer ones are cut */
};

static char
letter_of(const ASN1_TYPE *part)
{
	switch (part->type) {
	case V_ASN1_INTEGER:
		return 'I';
	case V_ASN1_SEQUENCE:
		return 'S';
	case V_ASN1_BIT_STRING:
		return 'B';
	case V_ASN1_OCTET_STRING:
		return 'O';
	case V_ASN1_OBJECT:
		return 'N';
	default:
		return '?';
	}
}

/* Nothing may follow it. The decoder takes any tag with the number of a sequence, also
 * one that says it has no parts. End with sequence_free(). */
static struct sequence
sequence_read(struct span bytes)
{
	struct sequence sequence = { .parts = NULL };
	const unsigned char *end = bytes.bytes;
	if (bytes.length == 0 || bytes.length > LONG_MAX ||
	    bytes.bytes[0] != (V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE))
		return sequence;
	sequence.parts = d2i_ASN1_SEQUENCE_ANY(NULL, &end, (long)bytes.length);
	if (sequence.parts != NULL && end != bytes.bytes + bytes.length) {
		sk_ASN1_TYPE_pop_free(sequence.parts, ASN1_TYPE_free);
		sequence.parts = NULL;
	}
	int count = sequence.parts != NULL ? sk_ASN1_TYPE_num(sequence.parts) : 0;
	for (int i = 0; i < count && i <= SHAPE_MAX; i++)
		sequence.shape[i] = letter_of(sk_ASN1_TYPE_value(sequence.parts, i));
	return sequence;
}

static void
sequence_free(struct sequence *sequence)
{
	sk_ASN1_TYPE_pop_free(sequence->parts, ASN1_TYPE_free);
}

static bool
has_shape(const struct sequence *sequence, const char *shape)
{
	return strcmp(sequence->shape, shape) == 0;
}

static const ASN1_STRING *
string_at(const struct sequence *sequence, int index)
{
	return sk_ASN1_TYPE_value(sequence->parts, index)->value.asn1_string;
}

static struct span
bytes_of(const ASN1_STRING *string)
{
	return span_of(
	    ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

/* --- RSA ------------------------------------------------------------------ */

/* Numbers come without leading zeros, and zero itself as one of them. */
static size_t
bits_of(struct span number)
{
	size_t bits = number.length * 8;
	for (uint8_t mask = 0x80; mask != 0 && number.length > 0; mask >>= 1) {
		if ((number.bytes[0] & mask) != 0)
			return bits;
		bits--;
	}
	return bits;
}

static void
read_exponent(struct dkim_key *key, struct span number)
{
	if (number.length == 0)
		return;
	key->exponent_is_odd = (number.bytes[number.length - 1] & 1) != 0;
	if (number.length > sizeof(key->exponent)) {
		key->exponent = UINT64_MAX;
		return;
	}
	for (size_t i = 0; i < number.length; i++)
		key->exponent = key->exponent << 8 | number.bytes[i];
}

/* RSAPublicKey (RFC 8017 A.1.1): modulus and exponent. */
static void
read_numbers(
    struct dkim_key *key, const struct sequence *numbers, enum dkim_key_form form)
{
	const ASN1_STRING *modulus = string_at(numbers, 0);
	const ASN1_STRING *exponent = string_at(numbers, 1);
	if (((ASN1_STRING_type(modulus) | ASN1_STRING_type(exponent)) & V_ASN1_NEG) !=
	    0) {
		key->reason =
		    "an RSA key with a negative number: a zero byte is missing";
		return;
	}
	key->form = form;
	key->bits = bits_of(bytes_of(modulus));
	read_exponent(key, bytes_of(exponent));
}

/* The algorithm that a SubjectPublicKeyInfo names. */
static int
algorithm_of(const struct sequence *info)
{
	struct sequence algorithm = sequence_read(bytes_of(string_at(info, 0)));
	int number = NID_undef;
	if (algorithm.shape[0] == 'N')
		number = OBJ_obj2nid(
		    sk_ASN1_TYPE_value(algorithm.parts, 0)->value.object);
	sequence_free(&algorithm);
	return number;
}

static const char *
other_algorithm(int number)
{
	switch (number) {
	case NID_ED25519:
		return "an Ed25519 key, and k does not say so";
	case NID_X9_62_id_ecPublicKey:
		return "a key of elliptic curves (ECDSA), which DKIM does not know";
	case NID_rsassaPss:
		return "an RSA-PSS key, which DKIM does not know";
	case NID_dsa:
		return "a DSA key, which DKIM does not know";
	default:
		return "a key of another algorithm";
	}
}

static void
read_info(struct dkim_key *key, const struct sequence *info)
{
	int algorithm = algorithm_of(info);
	if (algorithm != NID_rsaEncryption) {
		key->reason = other_algorithm(algorithm);
		return;
	}
	struct sequence numbers = sequence_read(bytes_of(string_at(info, 1)));
	if (has_shape(&numbers, "II"))
		read_numbers(key, &numbers, DKIM_KEY_SPKI);
	else
		key->reason = "a wrapping for RSA with no RSA key in it";
	sequence_free(&numbers);
}

/* What people publish by mistake, and what they should know at once. */
static const char *
other_shape(const struct sequence *sequence, struct span bytes)
{
	static const char *const private_keys[] = { "IIIIIIIII", "ISO", "ISO?" };
	for (size_t i = 0; i < ARRAY_LENGTH(private_keys); i++)
		if (has_shape(sequence, private_keys[i]))
			return "the PRIVATE key: whoever reads it can sign in your "
			       "name";
	if (has_shape(sequence, "SSB"))
		return "a certificate, and not the key alone";
	if (sequence->parts == NULL && bytes.length == ED25519_BYTES)
		return "32 bytes, as of an Ed25519 key, and k does not say so";
	return sequence->parts == NULL ? "bytes that are no DER: cut, or damaged"
				       : "no public key";
}

static void
read_rsa(struct dkim_key *key, struct span bytes)
{
	struct sequence sequence = sequence_read(bytes);
	if (has_shape(&sequence, "SB"))
		read_info(key, &sequence);
	else if (has_shape(&sequence, "II"))
		read_numbers(key, &sequence, DKIM_KEY_PKCS1);
	else
		key->reason = other_shape(&sequence, bytes);
	sequence_free(&sequence);
}

/* --- Ed25519 -------------------------------------------------------------- */

/* RFC 8463 4.2: the bytes themselves; every 32 of them are a key. */
static void
read_ed25519(struct dkim_key *key, struct span bytes)
{
	if (bytes.length == ED25519_BYTES) {
		key->form = DKIM_KEY_RAW;
		key->bits = ED25519_BITS;
		return;
	}
	struct sequence info = sequence_read(bytes);
	bool is_wrapped = has_shape(&info, "SB") && algorithm_of(&info) == NID_ED25519;
	key->reason = is_wrapped
	    ? "a SubjectPublicKeyInfo; of Ed25519 only the last 32 bytes belong here"
	    : "something else than the 32 bytes of an Ed25519 key";
	sequence_free(&info);
}

struct dkim_key
dkim_key_read(enum dkim_key_type type, struct span bytes)
{
	struct dkim_key key = { .form = DKIM_KEY_NONE };
	/* The same bytes mean the same on every machine, whatever its openssl.cnf says.
	 */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ERR_set_mark();
	if (type == DKIM_ED25519)
		read_ed25519(&key, bytes);
	else
		read_rsa(&key, bytes);
	ERR_pop_to_mark();
	return key;
}
