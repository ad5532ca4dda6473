#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""A server as it looks from far away.

    slow_proxy.py PORT-FILE PORT MILLISECONDS

Listens on a port of loopback that it writes into PORT-FILE, and passes everything to and
from PORT; each reply comes that much later. For each it prints a line.
"""

import os
import socket
import sys
import threading
import time


def copy(source, sink, before):
    try:
        while data := source.recv(65536):
            before()
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, port, seconds):
    asked = threading.Event()
    asked.set()  # by connecting, for the greeting

    def delay():
        if asked.is_set():
            asked.clear()
            print("reply", flush=True)
            time.sleep(seconds)

    with client, socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=copy, args=(server, client, delay))
        back.start()
        copy(client, server, asked.set)
        back.join()


def main():
    port_file, port, milliseconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with open(port_file + ".new", "w", encoding="ascii") as out:
        print(listener.getsockname()[1], file=out)
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        arguments = (client, port, milliseconds / 1000)
        threading.Thread(target=serve, args=arguments, daemon=True).start()


main()
