/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* wire: the numbers of TLS that both the writer of hellos and the reader of flights
 * need. Those that other folders see are in smtp/suite.h. */
#ifndef MAILGAUGE_SMTP_WIRE_H
#define MAILGAUGE_SMTP_WIRE_H

/* Records (RFC 8446 5.1, RFC 6520 3). */
enum {
	WIRE_CHANGE_CIPHER_SPEC = 20,
	WIRE_ALERT = 21,
	WIRE_HANDSHAKE = 22,
	WIRE_APPLICATION_DATA = 23,
	WIRE_HEARTBEAT = 24
};
enum { WIRE_HEADER_BYTES = 5, WIRE_RECORD_MAX = 16384 };

/* Handshake messages (RFC 5246 7.4, RFC 6066 8): a type, a length of 24 bits. */
enum {
	WIRE_HELLO_REQUEST = 0,
	WIRE_CLIENT_HELLO = 1,
	WIRE_SERVER_HELLO = 2,
	WIRE_CERTIFICATE = 11,
	WIRE_SERVER_KEY_EXCHANGE = 12,
	WIRE_CERTIFICATE_REQUEST = 13,
	WIRE_SERVER_HELLO_DONE = 14,
	WIRE_CERTIFICATE_STATUS = 22
};
enum { WIRE_MESSAGE_HEAD = 4, WIRE_RANDOM_BYTES = 32 };

/* Extensions (IANA, "TLS ExtensionType Values"). */
enum {
	WIRE_SERVER_NAME = 0,
	WIRE_SUPPORTED_GROUPS = 10,
	WIRE_POINT_FORMATS = 11,
	WIRE_SIGNATURE_ALGORITHMS = 13,
	WIRE_HEARTBEAT_MODE = 15,
	WIRE_EXTENDED_MASTER_SECRET = 23,
	WIRE_SUPPORTED_VERSIONS = 43,
	WIRE_SIGNATURE_ALGORITHMS_CERT = 50,
	WIRE_KEY_SHARE = 51,
	WIRE_RENEGOTIATION_INFO = 0xff01
};

/* Heartbeat messages (RFC 6520 4). */
enum { WIRE_HEARTBEAT_REQUEST = 1, WIRE_HEARTBEAT_RESPONSE = 2 };

/* SSLv2: the top bit of a record with a header of two bytes, and messages. */
enum { WIRE_SSL2_SHORT_HEADER = 0x80 };
enum { WIRE_SSL2_ERROR = 0, WIRE_SSL2_CLIENT_HELLO = 1, WIRE_SSL2_SERVER_HELLO = 4 };

#endif
