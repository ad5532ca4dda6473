#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""SMTP servers that never come to an end, and one that would break what prints it.

    bad_smtp.py PORT-FILE silent|drips|endless-greeting|endless-line|silent-tls|drips-tls|hostile

Listens on a port of loopback that it writes into PORT-FILE.
"""

import os
import socket
import sys
import threading
import time


def starttls(client):
    client.sendall(b"220 bad.example ESMTP\r\n")
    client.recv(1024)
    client.sendall(b"250-bad.example\r\n250 STARTTLS\r\n")
    client.recv(1024)
    client.sendall(b"220 go ahead\r\n")
    client.recv(1024)


def drip(client, data):
    while True:
        for byte in data:
            client.sendall(bytes([byte]))
            time.sleep(0.05)


def repeat(client, data):
    while True:
        client.sendall(data)


def serve(client, kind):
    try:
        if kind.endswith("-tls"):
            starttls(client)
        if kind.startswith("silent"):
            while client.recv(1024):
                pass
        elif kind == "hostile":
            client.sendall(b"554 a|'x'=1;2;3 \"quoted\" $(touch x) \x1b[31m <b>bold</b>\r\n")
        elif kind == "drips":
            drip(client, b"220-and so on\r\n")
        elif kind == "drips-tls":
            drip(client, b"\x16\x03\x03\x3f\xff\x02\x00\x00\x50\x03\x03")
        elif kind == "endless-greeting":
            repeat(client, b"220-and so on\r\n")
        else:
            repeat(client, b"220 and so on ")
    except OSError:
        pass
    client.close()


def main():
    port_file, kind = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with open(port_file + ".new", "w", encoding="ascii") as out:
        print(listener.getsockname()[1], file=out)
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, kind), daemon=True).start()


main()
