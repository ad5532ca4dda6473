/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * libpsl, opened when somebody asks and closed again. Its header is used for the
 * prototypes alone, so that the compiler checks what dlsym() can't.
 */
#include "dns/psl.h"

#include <dlfcn.h>
#include <libpsl.h>

struct psl_library {
	void *handle;
	__typeof__(&psl_latest) latest; /* the system's list, else the one built in */
	__typeof__(&psl_registrable_domain) registrable;
	__typeof__(&psl_free) release;
};

static bool
library_open(struct psl_library *psl)
{
	psl->handle = dlopen("libpsl.so.5", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (psl->handle == NULL)
		return false;
	psl->latest = (__typeof__(psl->latest))dlsym(psl->handle, "psl_latest");
	psl->registrable = (__typeof__(psl->registrable))dlsym(
	    psl->handle, "psl_registrable_domain");
	psl->release = (__typeof__(psl->release))dlsym(psl->handle, "psl_free");
	if (psl->latest != NULL && psl->registrable != NULL && psl->release != NULL)
		return true;
	dlclose(psl->handle);
	return false;
}

/* The list wants lower case; names with odd bytes are on no list, whatever is looked up
 * in their place. */
static const char *
lower_text(struct buf *out, const struct dns_name *name)
{
	dns_name_add(out, name);
	for (size_t i = 0; i < out->length; i++)
		out->text[i] = (char)byte_lower((uint8_t)out->text[i]);
	return out->text;
}

static unsigned
labels_of(const char *name)
{
	unsigned labels = 1;
	for (; *name != '\0'; name++)
		labels += *name == '.';
	return labels;
}

enum status
psl_organizational(
    struct dns_name *organizational, bool *found, const struct dns_name *name)
{
	struct psl_library psl;
	*found = false;
	if (!library_open(&psl))
		return STATUS_UNREADABLE;
	psl_ctx_t *list = psl.latest(NULL);
	if (list != NULL) {
		char memory[4 * LIMIT_NAME_BYTES + 1];
		struct buf text;
		buf_wrap(&text, memory, sizeof(memory));
		const char *domain = psl.registrable(list, lower_text(&text, name));
		*found = domain != NULL;
		if (*found)
			dns_name_suffix(organizational, name, labels_of(domain));
		psl.release(list);
	}
	dlclose(psl.handle);
	return list != NULL ? STATUS_OK : STATUS_UNREADABLE;
}
