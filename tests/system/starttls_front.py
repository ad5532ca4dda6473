#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""SMTP up to STARTTLS, then everything to and from a TLS server that knows no SMTP.

    starttls_front.py PORT-FILE TLS-PORT [ADDRESS PORT]

Listens on a port that it writes into PORT-FILE, by default a free one of loopback, and
answers what comes over TLS in no way: `openssl s_server -quiet` and its like don't speak
SMTP.
"""

import os
import socket
import sys
import threading


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def line(client):
    data = b""
    while not data.endswith(b"\n"):
        byte = client.recv(1)
        if not byte:
            raise OSError("closed")
        data += byte
    return data.strip().upper()


def converse(client):
    """True when TLS is to begin."""
    client.sendall(b"220 front.example ESMTP\r\n")
    while True:
        command = line(client)
        if command.startswith(b"EHLO "):
            client.sendall(b"250-front.example\r\n250-STARTTLS\r\n250 HELP\r\n")
        elif command == b"STARTTLS":
            client.sendall(b"220 go ahead\r\n")
            return True
        elif command == b"QUIT":
            client.sendall(b"221 bye\r\n")
            return False
        else:
            client.sendall(b"502 what?\r\n")


def serve(client, port):
    with client:
        try:
            if not converse(client):
                return
            with socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=copy, args=(server, client))
                back.start()
                copy(client, server)
                back.join()
        except OSError:
            pass


def main():
    port_file, port = sys.argv[1], int(sys.argv[2])
    address, own = sys.argv[3:5] if len(sys.argv) > 3 else ("127.0.0.1", 0)
    listener = socket.create_server((address, int(own)), backlog=64)
    with open(port_file + ".new", "w", encoding="ascii") as out:
        print(listener.getsockname()[1], file=out)
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, port), daemon=True).start()


main()
