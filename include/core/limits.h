/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * limits: every cap on what comes from outside, in one place, with its reason.
 * A cap that is met is a fact or a finding, never a crash and never silence.
 */
#ifndef MAILGAUGE_CORE_LIMITS_H
#define MAILGAUGE_CORE_LIMITS_H

/* --- core/run ------------------------------------------------------------- */

/* Evaluations of one target, before the one that closes it. RFC 7208 allows ten nested
 * look-ups; one more round for the record itself, the rest for the questions that
 * audits add. */
#define LIMIT_ROUNDS 16

/* Questions asked for one target in one round; what is beyond is wanted again in the
 * next one. A record with more includes than this is over every limit already. */
#define LIMIT_WANTS_PER_ROUND 64

/* Questions asked for one target over all rounds. */
#define LIMIT_FACTS_PER_TARGET 1024

/* Looks into the store during one evaluation: bounds the CPU that a tree of records
 * which include one another can cost, also when every answer is in the store. */
#define LIMIT_GETS_PER_EVALUATION 16384

/* Longest key of a fact: kind, type and a DNS name are 258 bytes. */
#define LIMIT_KEY_BYTES 512

/* --- core/options --------------------------------------------------------- */

/* A record that is not published yet: as long as a TXT record can be. */
#define LIMIT_RECORD_GIVEN (64 * 1024)

/* --- core/buf, output ----------------------------------------------------- */

/* Text before the perfdata of the first line: NRPE 2 keeps 1,024 bytes in all, and a
 * pager shows less; the line with its perfdata has to fit. */
#define LIMIT_FIRST_LINE 199

/* One finding's message; long records are cut around the faulty place. */
#define LIMIT_MESSAGE 1024

/* Bytes of one piece of the world's text in a message: enough to find the place. */
#define LIMIT_TEXT_SHOWN 80

/* What one plugin run may print. Icinga keeps all of it, NRPE 3 64 KiB. */
#define LIMIT_OUTPUT (4u * 1024 * 1024)

/* Values of the labels of one measurement: a name, of which each byte may be shown as
 * four, and short words. */
#define LIMIT_LABELS_BYTES 1200

/* Findings in one report; a record of 64 kB can hold thousands of faults. */
#define LIMIT_FINDINGS 200

/* Nodes of a report's trace, and their depth on the way to a writer. */
#define LIMIT_TRACE_NODES 20000
#define LIMIT_TRACE_DEPTH 128

/* --- core/tag_list -------------------------------------------------------- */

/* Tags kept of one record. The standards know a dozen each; looking for repeated names
 * compares each with all others. */
#define LIMIT_TAGS 128

/* --- dns ------------------------------------------------------------------ */

/* RFC 1035 2.3.4 and 3.1: octets of a name on the wire and of a label. */
#define LIMIT_NAME_BYTES 255
#define LIMIT_LABEL_BYTES 63

/* RFC 1035 4.2.2: what a length of two octets can say. */
#define LIMIT_MESSAGE_BYTES 65535

/* Answer size that we advertise by EDNS: the DNS Flag Day 2020 figure, which no path
 * fragments. */
#define LIMIT_EDNS_BYTES 1232

/* Compression pointers followed in one name: each must point backwards, and a name
 * has at most 127 labels. */
#define LIMIT_NAME_POINTERS 128

/* CNAMEs followed within one answer; BIND and Unbound give up at 11 to 17. */
#define LIMIT_CNAME_CHAIN 16

/* Records kept of one answer. A 64 kB message could hold some 4,000. */
#define LIMIT_RECORDS 1024

/* Addresses of resolvers taken from the command line, a file or resolv.conf. */
#define LIMIT_NAMESERVERS 8

/* Packets sent for one question over UDP. Each whose reply comes truncated is followed
 * by one over TCP. */
#define LIMIT_DNS_ATTEMPTS 4

/* The same for a question whose answers are SERVFAIL or the like, with those over TCP:
 * failing names are the ones that hurt a resolver most. */
#define LIMIT_DNS_ATTEMPTS_FAILING 2

/* Time for one packet. Three lost packets still leave room in a plugin's 10 seconds. */
#define LIMIT_DNS_ATTEMPT_MS 1500

/* Questions out at once, when nobody says otherwise; measured: from about 1,000 on,
 * packets are lost and waiting for them costs more than it gained. */
#define LIMIT_DNS_IN_FLIGHT_DEFAULT 200

/* How few packets a name server that loses them is left with: enough to notice that it
 * has recovered, and too few to hurt. And which part of them may be lost before it is
 * taken for a sign that there are too many: one in so many. */
#define LIMIT_DNS_IN_FLIGHT_MIN 8
#define LIMIT_DNS_LOSS_PART 16

/* Bytes asked for as a socket's buffers, so that a burst of that many replies of
 * LIMIT_EDNS_BYTES fits, which the kernel counts as twice that. It may give less. */
#define LIMIT_DNS_SOCKET_BYTES (1024 * 1024)

/* What one source port may be used for: each packet from the same port is one more
 * guess for who forges replies. A fresh channel costs about as much as 20 questions. */
#define LIMIT_DNS_CHANNEL_QUERIES 4096
#define LIMIT_DNS_CHANNEL_MS (2 * 60 * 1000)

/* Channels above which none is replaced: each has a socket, and a fetcher can watch
 * FETCHER_FDS. In use are at most three for each name server. */
#define LIMIT_DNS_CHANNELS 40

/* How long questions go first to the server that answered when the first one did not;
 * long enough that a dead one costs little, short enough that it is missed. */
#define LIMIT_DNS_DETOUR_MS (60 * 1000)

/* Bytes read of resolv.conf. */
#define LIMIT_RESOLV_CONF (64u * 1024)

/* UTF-8 of one name that a person typed: the most that 253 bytes of A-labels can come
 * from is four bytes each. */
#define LIMIT_IDN_BYTES (4 * 253)

/* How long an answer is kept, whatever its TTL says: one that changes too slowly for
 * an operator is as useless as one that is asked for all the time. Failures are kept
 * shortly, so that a broken name is not asked at every round of ten thousand domains.
 */
#define LIMIT_TTL_MIN_SECONDS 0
#define LIMIT_TTL_MAX_SECONDS 86400
#define LIMIT_TTL_NEGATIVE_MAX_SECONDS 3600
#define LIMIT_TTL_FAILURE_SECONDS 30

/* A negative answer without the SOA that says how long. RFC 2308 5 would not keep it at
 * all; but then every domain that includes the name would ask for it again. */
#define LIMIT_TTL_NEGATIVE_DEFAULT_SECONDS 60

/* --- smtp ----------------------------------------------------------------- */

/* Certificates kept of one chain: real ones have two to five. */
#define LIMIT_SMTP_CHAIN 10

/* Connections of one scan: at most seven for the versions, one for the handshake, six
 * for weak suites, one each for the other certificate and the injection. */
#define LIMIT_SMTP_CONNECTIONS 16

/* One line of a reply, with its line end. RFC 5321 4.5.3.1.5 says 512; extensions and
 * carelessness make longer ones. */
#define LIMIT_SMTP_LINE 4096

/* Lines and bytes of one reply. There are servers with a hundred lines of extensions,
 * and greetings that are a page of law. */
#define LIMIT_SMTP_REPLY_LINES 1000
#define LIMIT_SMTP_REPLY_BYTES (64u * 1024)

/* Bytes kept of what a server said, and of what went wrong: they are for one line. */
#define LIMIT_SMTP_REPLY_TEXT 255
#define LIMIT_SMTP_ERROR 127

/* What is kept of one certificate: bytes in all, enough for the longest that OpenSSL
 * takes (100 kB) twice; bytes of a name in it that is for people; host names. Mail
 * providers' certificates have up to a hundred. */
#define LIMIT_SMTP_CERTIFICATE_BYTES (512u * 1024)
#define LIMIT_SMTP_CERTIFICATE_TEXT 255
#define LIMIT_SMTP_CERTIFICATE_NAMES 250

/* How long one hello or handshake is waited for, when nobody says otherwise: some hosts
 * need two seconds for one, and a server that hangs on one has answers to others. */
#define LIMIT_SMTP_HELLO_MS 5000

/* How long an answer to the Heartbleed request is waited for, and to a command that was
 * sent behind STARTTLS: a sound server says nothing to either. */
#define LIMIT_SMTP_HEARTBEAT_MS 2000
#define LIMIT_SMTP_INJECTION_MS 1200

/* Time for one scan, when nobody says otherwise, and scans at once: each is a thread
 * that mostly waits for a server on the other side of the world. */
#define LIMIT_SMTP_SCAN_MS 60000
#define LIMIT_SMTP_SCANS_DEFAULT 32
#define LIMIT_SMTP_SCANS 256

/* Scans at once beyond these that somebody waits for: hosts that hang shall not keep a
 * person from the one that he looks at. */
#define LIMIT_SMTP_SCANS_URGENT 8

/* How long QUIT is waited for: nothing depends on its reply. */
#define LIMIT_SMTP_QUIT_MS 500

/* How long a scan is kept that ended by a time-out, a 4xx or an unreachable network. A
 * server that limits rates counts in minutes: asking sooner makes it worse. */
#define LIMIT_SMTP_RETRY_SECONDS 300

/* Addresses whose facts are kept for other names of them: some 400 bytes each, where a
 * scan in the store is several thousand. Beyond them every name is scanned whole. */
#define LIMIT_SMTP_LENT 65536

/* Bytes of a server's first flight. OpenSSL takes no chain of more than 100 kB. */
#define LIMIT_TLS_FLIGHT_BYTES (128 * 1024)

/* Records of a flight: a full one fits into nine; servers that are told to write small
 * ones use some hundred bytes each. */
#define LIMIT_TLS_RECORDS 2048

/* --- spf ------------------------------------------------------------------ */

/* RFC 7208 4.6.4. */
#define LIMIT_SPF_LOOKUPS 10
#define LIMIT_SPF_VOID_LOOKUPS 2
#define LIMIT_SPF_EXCHANGERS 10
#define LIMIT_SPF_POINTERS 10

/* RFC 7208 3.4: what fits into an answer of 512 bytes. */
#define LIMIT_SPF_RECORD_BYTES 450
#define LIMIT_SPF_TXT_BYTES 512

/* Bytes that a macro-string may grow to: a macro of four bytes can stand for a sender
 * of 300, and a record is up to 64 kB. Names are cut to 253, explanations are for a
 * log. */
#define LIMIT_SPF_EXPANSION 4096

/* Records visited in one tree. Counting goes on after the tenth look-up, because
 * people ask for "14 of 10", but not for ever: a tree can double at each level. */
#define LIMIT_SPF_RECORDS 256
#define LIMIT_SPF_DEPTH 32

/* What the look-ups of one tree are counted up to: a record that is not followed again
 * is taken for what it cost before, and so the number can double at each level. */
#define LIMIT_SPF_LOOKUPS_COUNTED 1000000

/* Look-up terms followed in one tree, for the same reason; each may be an mx with ten
 * hosts. */
#define LIMIT_SPF_STEPS 2048

/* Addresses given by --ip and --senders, and bytes of that file. */
#define LIMIT_SPF_SENDERS 256
#define LIMIT_SPF_SENDERS_BYTES (32 * 1024)

/* Names given by --high-volume. */
#define LIMIT_SPF_HIGH_VOLUME 16

/* Prefixes of one tree that are merged: beyond that the counts stay unknown. A tree of
 * ten honest providers has some hundred. */
#define LIMIT_SPF_RANGES 16384

/* Terms kept of one record: "a" and a blank are two bytes, a record is up to 64 kB. */
#define LIMIT_SPF_TERMS 1024

/* --- dkim ----------------------------------------------------------------- */

/* Selectors of one domain: each is a question, and large senders have a dozen. */
#define LIMIT_DKIM_SELECTORS 16

/* RFC 8301 3.2: bits of RSA that verifiers have to take, and what is advised. */
#define LIMIT_DKIM_RSA_BITS_MIN 1024
#define LIMIT_DKIM_RSA_BITS_GOOD 2048
#define LIMIT_DKIM_RSA_BITS_MAX 4096

/* --- smtp_tls ------------------------------------------------------------- */

/* Exchangers looked at for one domain, and addresses of each: the largest providers
 * have a dozen. All are scanned, each by up to LIMIT_SMTP_CONNECTIONS connections. */
#define LIMIT_ROUTE_HOSTS 32
#define LIMIT_ROUTE_ADDRESSES 8

/* --- dmarc ---------------------------------------------------------------- */

/* RFC 9989 4.10: names that a tree walk asks at most. */
#define LIMIT_DMARC_WALK 8

/* URIs read of one rua or ruf, and hosts of them asked about: each costs a tree walk of
 * its own. Honest records have one or two. */
#define LIMIT_DMARC_URIS 64
#define LIMIT_DMARC_DESTINATIONS 8

/* --- exporter ------------------------------------------------------------- */

/* Bytes and nodes of a configuration. A hundred thousand targets fit; longer lists
 * belong into target files, which are read line by line and need no tree. */
#define LIMIT_CONFIG_BYTES (8u * 1024 * 1024)
#define LIMIT_CONFIG_NODES 500000

/* Levels of lists and mappings; the configuration itself needs four. */
#define LIMIT_CONFIG_DEPTH 16

/* Faults that are told at once; the rest mostly follows from them. */
#define LIMIT_CONFIG_MESSAGES 20

/* CAs of a hashed folder that are told by their contents, and those beyond by size and
 * time: a system has some 150, most of them under two names. */
#define LIMIT_HASHED_CAS 1024

/* Exporters that share a list. */
#define LIMIT_SHARDS 1024

/* Bytes of one target file, and domains in all: ten times what one exporter is for. */
#define LIMIT_TARGET_FILE_BYTES (64u * 1024 * 1024)
#define LIMIT_TARGETS 1000000

/* Questions out at once, as far as the configuration may raise it: a question has a
 * random id of 16 bits, and guessing gets easier with each one that is open. */
#define LIMIT_DNS_IN_FLIGHT 4096

/* Time for one evaluation in the exporter. Nobody waits for it as for a plugin, but a
 * slot that hangs is lost to the others. */
#define LIMIT_EVALUATION_MS 30000

/* The same for a check that wants scans: each may take LIMIT_SMTP_SCAN_MS, and wait for
 * others before. */
#define LIMIT_EVALUATION_SCANS_MS (5 * 60 * 1000)

/* How long a result is taken over as it is while no fact of it has expired. It may
 * depend on the date too, as that of a certificate does, and an answer may be good for
 * a day. */
#define LIMIT_REPEAT_MS (60 * 60 * 1000)

/* Findings kept of one check of one domain, worst first: each is a series, and a record
 * of 64 kB could bring hundreds. */
#define LIMIT_RESULT_FINDINGS 32

/* Addresses listened on: each has a thread. */
#define LIMIT_LISTENERS 16

/* The state file: bytes of one piece of it, which is read as a whole, and which any
 * two results fit into; names in its tables; measurements of one result, where
 * LIMIT_ROUTE_HOSTS hosts have some twenty each; and bytes of a text in one, of which
 * the longest is a name shown with each byte as four. It is our own file, but it may be
 * damaged. */
#define LIMIT_STATE_PIECE_BYTES (4u * 1024 * 1024)
#define LIMIT_STATE_NAMES 1024
#define LIMIT_STATE_MEASUREMENTS 1024
#define LIMIT_STATE_TEXT 4096

/* Bytes of the web configuration, and of certificates or a key in PEM: the bundle of
 * all public CAs has 0.3 MB. */
#define LIMIT_WEB_CONFIG_BYTES (1024u * 1024)
#define LIMIT_PEM_BYTES (1024u * 1024)

/* Names of a client's certificate that are looked at, and bytes of each. */
#define LIMIT_CLIENT_NAMES 256
#define LIMIT_CLIENT_NAME_BYTES 512

/* Users of the pages, and the cost of their bcrypt hashes: each step doubles the time,
 * and 16 takes some seconds of one core. */
#define LIMIT_WEB_USERS 256
#define LIMIT_BCRYPT_COST 16

/* Bytes of a user's name: mail addresses fit. */
#define LIMIT_USER_BYTES 255

/* Bytes of a password, which is what libxcrypt takes; bcrypt looks at 72. */
#define LIMIT_PASSWORD_BYTES 511

/* Passwords that wait to be looked at, of all clients, of one, and of one name there:
 * at a tenth of a second each, and as long a rest where it was wrong, the last is heard
 * within the patience of a scrape. All who come through a proxy or a unix socket are
 * one client, and so have several places and are told apart by their names too; five
 * who guess leave room for a sixth. And those that are remembered as right: a password
 * of each of some scrapers and people. */
#define LIMIT_AUTH_WAITING 32
#define LIMIT_AUTH_CLIENT_WAITING 6
#define LIMIT_AUTH_NAME_WAITING 2
#define LIMIT_AUTH_KNOWN 64

/* HTTP: connections at once of each address that is listened on, and how many of a
 * hundred may be one client's; seconds that one may sit idle, and bytes of request line
 * and headers. All addresses together take at most half of the process's descriptors
 * and leave the rest to scans and name servers. Prometheus with ten thousand targets
 * for /probe is one client, for which an exporter was seen with 382 descriptors open; a
 * proxy is one, too. It may have nearly all, and leaves enough for somebody else. What
 * one has beyond that is closed at once and not kept waiting. */
#define LIMIT_HTTP_CONNECTIONS 512
#define LIMIT_HTTP_CLIENT_PERCENT 75
#define LIMIT_HTTP_IDLE_SECONDS 30
#define LIMIT_HTTP_REQUEST_BYTES (16u * 1024)

/* Text of one family of one group of checks, and a group's compressed families. Most
 * are some kilobytes; a family of hosts is of all hosts at once, of which a million
 * whose names are as long as those of great providers have 700 MB. */
#define LIMIT_GROUP_BYTES (1024u * 1024 * 1024)

/* One page, which may hold what a plugin prints for each of some checks; and one line
 * of the log. */
#define LIMIT_PAGE_BYTES (4 * LIMIT_OUTPUT)
#define LIMIT_LOG_LINE 4096

#endif
