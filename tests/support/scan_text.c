/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* Every fact of a scan, one a line. */
#include "support/scan_text.h"

#include "smtp/suite.h"

const char *
truth_text(enum truth truth)
{
	static const char *const texts[] = { "?", "no", "yes" };
	return texts[truth];
}

static void
add_word(struct buf *out, const char *word, enum truth truth)
{
	if (truth != TRUTH_NO)
		buf_addf(out, " %s%s", word, truth == TRUTH_UNKNOWN ? "?" : "");
}

void
scan_text_add_protocols(struct buf *out, const struct smtp_scan *scan)
{
	for (unsigned i = 0; i < SMTP_PROTOCOLS; i++)
		add_word(out, smtp_protocol_text(i), scan->tls.protocols[i]);
}

void
scan_text_add_weak(struct buf *out, const struct smtp_scan *scan)
{
	for (unsigned i = 0; i < SMTP_WEAKS; i++)
		add_word(out, smtp_weak_text(i), scan->tls.weak[i]);
}

static void
add_truth(struct buf *out, const char *name, enum truth truth)
{
	buf_addf(out, "%s %s\n", name, truth_text(truth));
}

static void
add_tls(struct buf *out, const struct smtp_scan *scan)
{
	const struct smtp_tls *tls = &scan->tls;
	const struct {
		const char *name;
		enum truth truth;
	} rows[] = {
		{ "scsv", tls->fallback_scsv },
		{ "secure_renegotiation", tls->secure_renegotiation },
		{ "compression", tls->compression },
		{ "heartbeat", tls->heartbeat },
		{ "heartbleed", tls->heartbleed },
		{ "extended_master_secret", tls->extended_master_secret },
		{ "sentinel", tls->downgrade_sentinel },
		{ "post_quantum", tls->post_quantum },
		{ "forward_secrecy", tls->forward_secrecy },
	};
	buf_add_text(out, "protocols");
	scan_text_add_protocols(out, scan);
	buf_add_text(out, "\nweak");
	scan_text_add_weak(out, scan);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		add_truth(out, rows[i].name, rows[i].truth);
	if (tls->version != 0)
		buf_addf(out, "choice %s %s %s dh %u\n", tls_version_name(tls->version),
		    tls->suite_text != NULL ? tls->suite_text : "?",
		    tls->group_text != NULL ? tls->group_text : "?", tls->dh_bits);
	if (tls->alerted)
		buf_addf(out, "alert %u\n", tls->alert);
}

static void
add_chain(struct buf *out, const struct smtp_chain *chain)
{
	if (chain->count == 0)
		return;
	buf_addf(out, "chain trusted %s (%s) name %s\n", truth_text(chain->trusted),
	    chain->trust_text, truth_text(chain->name_match));
	for (size_t i = 0; i < chain->count; i++) {
		const struct smtp_certificate *certificate = chain->list[i];
		buf_addf(out, "certificate %s by %s key %s %u %s%s%s",
		    certificate->subject, certificate->issuer, certificate->key_text,
		    certificate->key_bits, certificate->signature_text,
		    certificate->self_signed ? " self-signed" : "",
		    certificate->issued_by_next ? " linked" : "");
		for (size_t k = 0; k < certificate->name_count; k++) {
			buf_add_byte(out, ' ');
			buf_add_safe(out, certificate->names[k]);
		}
		buf_add_byte(out, '\n');
	}
}

void
scan_text_add(struct buf *out, const struct smtp_scan *scan)
{
	const struct smtp_handshake *handshake = &scan->handshake;
	buf_addf(out, "end %s at %s", smtp_end_text(scan->end),
	    smtp_stage_text(scan->stage));
	if (scan->end != SMTP_END_DONE)
		buf_addf(out, ", %u %s, %s", scan->reply.code, scan->reply.text,
		    scan->error);
	buf_addf(out, "\ngreeting %u %s\n", scan->greeting.code, scan->greeting.text);
	add_truth(out, "starttls", scan->starttls);
	add_truth(out, "injection", scan->injection);
	add_tls(out, scan);
	buf_addf(out, "handshake %s %s %s %s %s\n", truth_text(handshake->done),
	    handshake->version != 0 ? tls_version_name(handshake->version) : "-",
	    handshake->suite_text, handshake->group_text, handshake->error);
	add_truth(out, "ehlo_after", handshake->ehlo_after);
	for (size_t i = 0; i < SMTP_CHAINS; i++)
		add_chain(out, &scan->chains[i]);
	add_truth(out, "single_type", scan->single_type);
	buf_addf(out, "connections %u\n", scan->connections);
}
