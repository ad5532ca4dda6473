#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""An SMTP server with the flaw of CVE-2011-0411: what came in clear behind STARTTLS it
takes for a command under TLS.

    injectable.py PORT-FILE CERTIFICATE KEY

Listens on a port of loopback that it writes into PORT-FILE.
"""

import os
import socket
import ssl
import sys
import threading


def lines_of(connection, rest=b""):
    while True:
        while b"\r\n" in rest:
            line, rest = rest.split(b"\r\n", 1)
            yield line.upper(), rest
        data = connection.recv(4096)
        if not data:
            return
        rest += data


def converse(connection, rest=b""):
    """Answers commands; returns what is left behind STARTTLS, None at the end."""
    for line, rest in lines_of(connection, rest):
        if line == b"STARTTLS":
            connection.sendall(b"220 go ahead\r\n")
            return rest
        connection.sendall(b"221 bye\r\n" if line == b"QUIT" else b"250-mx\r\n250 STARTTLS\r\n")
        if line == b"QUIT":
            return None
    return None


def serve(client, context):
    try:
        client.sendall(b"220 mx ESMTP\r\n")
        rest = converse(client)
        if rest is not None:
            with context.wrap_socket(client, server_side=True) as encrypted:
                converse(encrypted, rest)
    except OSError:
        pass
    client.close()


def main():
    port_file, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with open(port_file + ".new", "w", encoding="ascii") as out:
        print(listener.getsockname()[1], file=out)
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, context), daemon=True).start()


main()
