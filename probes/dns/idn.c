/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * libidn2, opened for a name that needs it and not linked: with libunistring it costs a
 * third of a plugin's start, and nearly every name is ASCII. Its header is used for the
 * prototypes alone, so that the compiler checks what dlsym() can't.
 */
#include "dns/idn.h"

#include "core/die.h"
#include "core/limits.h"

#include <dlfcn.h>
#include <idn2.h>

struct idn2 {
	void *library;
	__typeof__(&idn2_lookup_u8) lookup;
	__typeof__(&idn2_free) release;
};

/* NODELETE keeps the library in memory: the next name finds it open, and there is no
 * state here that threads would have to share. */
static bool
idn2_open(struct idn2 *idn2)
{
	idn2->library = dlopen("libidn2.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (idn2->library == NULL)
		return false;
	idn2->lookup = (__typeof__(idn2->lookup))dlsym(idn2->library, "idn2_lookup_u8");
	idn2->release = (__typeof__(idn2->release))dlsym(idn2->library, "idn2_free");
	if (idn2->lookup != NULL && idn2->release != NULL)
		return true;
	dlclose(idn2->library);
	return false;
}

static enum status
status_of(int result)
{
	switch (result) {
	case IDN2_OK:
		return STATUS_OK;
	case IDN2_MALLOC:
		die_unknown("out of memory");
	case IDN2_TOO_BIG_DOMAIN:
		return STATUS_NAME_TOO_LONG;
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT: /* into the room for one label */
		return STATUS_LABEL_TOO_LONG;
	default:
		return STATUS_NOT_IDNA;
	}
}

/* UTS 46 in its present, non-transitional form: sharp s and the like stay what they
 * are, as in browsers and RFC 5891. */
static enum status
convert(const struct idn2 *idn2, struct buf *ascii, const struct buf *utf8)
{
	uint8_t *name = NULL;
	enum status status = status_of(idn2->lookup(
	    (const uint8_t *)utf8->text, &name, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL));
	if (status == STATUS_OK)
		buf_add_text(ascii, (const char *)name);
	if (name != NULL)
		idn2->release(name);
	return status;
}

enum status
idn_to_ascii(struct buf *ascii, struct span utf8)
{
	char memory[LIMIT_IDN_BYTES + 1];
	struct buf text;
	buf_wrap(&text, memory, sizeof(memory));
	buf_add(&text, utf8);
	if (text.cut)
		return STATUS_NAME_TOO_LONG;
	if (span_contains_byte(utf8, '\0'))
		return STATUS_NOT_IDNA;

	struct idn2 idn2;
	if (!idn2_open(&idn2))
		return STATUS_NO_IDNA;
	enum status status = convert(&idn2, ascii, &text);
	dlclose(idn2.library);
	return status;
}
