#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""Mail hosts on addresses of loopback, all on one port that was free.

    mail_hosts.py PORT-FILE LOG HOST...

A HOST is ADDRESS,KIND[,PEM[,MILLISECONDS]]: PEM has the key and the certificates, and
each reply comes so much later. Kinds: `modern` speaks TLS 1.2 and 1.3, `history` 1.0 to
1.2 with all the suites that OpenSSL still has, `silent` never says a word. The port is
written into PORT-FILE; LOG gets a line for each connection, the address that it came to.
"""

import os
import random
import socket
import ssl
import sys
import threading
import time
import warnings


def context_of(kind, pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind == "history":
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pem)
    return context


class Host:
    def __init__(self, text, log):
        address, kind, *rest = text.split(",")
        self.address = address
        self.context = context_of(kind, rest[0]) if kind != "silent" else None
        self.delay = int(rest[1]) / 1000 if len(rest) > 1 else 0
        self.log = log
        self.listener = None

    def bind(self, port):
        self.listener = socket.create_server((self.address, port), backlog=64)

    def say(self, client, text):
        time.sleep(self.delay)
        client.sendall(text)

    def line(self, client):
        data = b""
        while not data.endswith(b"\n"):
            byte = client.recv(1)
            if not byte:
                raise OSError("closed")
            data += byte
        return data.strip().upper()

    def converse(self, client, offers):
        """Until QUIT, or until TLS is to begin: then it returns."""
        while True:
            command = self.line(client)
            if command.startswith(b"EHLO "):
                self.say(client, b"250-mail\r\n" + offers + b"250 HELP\r\n")
            elif command == b"STARTTLS" and offers:
                self.say(client, b"220 go ahead\r\n")
                return
            elif command == b"QUIT":
                self.say(client, b"221 bye\r\n")
                raise OSError("done")
            else:
                self.say(client, b"502 what?\r\n")

    def talk(self, client):
        if self.context is None:
            while client.recv(1024):
                pass
            return
        self.say(client, b"220 mail ESMTP\r\n")
        self.converse(client, b"250-STARTTLS\r\n")
        time.sleep(self.delay)
        with self.context.wrap_socket(client, server_side=True) as secured:
            self.converse(secured, b"")

    def serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client:
            try:
                self.talk(client)
            except OSError:
                pass

    def run(self):
        while True:
            client, _ = self.listener.accept()
            with open(self.log, "a", encoding="ascii") as log:
                print(self.address, file=log)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()


def listen(hosts):
    """All on one port; another one where somebody has it."""
    for _ in range(20):
        port = random.randint(20000, 29999)
        try:
            for host in hosts:
                host.bind(port)
            return port
        except OSError:
            for host in hosts:
                if host.listener is not None:
                    host.listener.close()
    sys.exit("no port is free")


def main():
    port_file, log, *texts = sys.argv[1:]
    hosts = [Host(text, log) for text in texts]
    port = listen(hosts)
    for host in hosts:
        threading.Thread(target=host.run, daemon=True).start()
    with open(port_file + ".new", "w", encoding="ascii") as out:
        print(port, file=out)
    os.rename(port_file + ".new", port_file)
    threading.Event().wait()


main()
