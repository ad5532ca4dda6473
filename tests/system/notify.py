#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""A service manager that only listens: notify.py ADDRESS prints a line for each message
of sd_notify(3). ADDRESS is a path, or a name behind "@" in the abstract namespace."""

import socket
import sys

address = sys.argv[1]
if address.startswith("@"):
    address = "\0" + address[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    manager.bind(address)
    print("listening", flush=True)
    while True:
        print(manager.recv(4096).decode().strip().replace("\n", " "), flush=True)
