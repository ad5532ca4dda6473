# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""A name server with a fault: resolver.py MODE [UPSTREAM_PORT [PORT]]

Prints its port (UDP on 127.0.0.1; nothing listens on TCP), then a line for each packet
that comes: the question in it. Ends with its standard output.

silent      never answers
servfail    answers SERVFAIL
refused     answers REFUSED
noise       answers with bytes that are no DNS message
stranger    answers another question than was asked
truncated   answers that the answer is too long
late        passes on to UPSTREAM_PORT and answers 20 ms later
"""

import heapq
import select
import socket
import sys
import time

DELAY = 0.020


def question_in(packet):
    """What is asked for, as name and number of the type."""
    labels, at = [], 12
    while at < len(packet) and packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return f"{'.'.join(labels)} {int.from_bytes(packet[at + 1:at + 3], 'big')}"


def reply(packet, rcode=0, flags=0x80):
    """The question sent back as an empty answer, without its EDNS record."""
    end = packet.index(b"\0", 12) + 5
    return (packet[:2] + bytes([packet[2] | flags, 0x80 | rcode])
            + packet[4:6] + bytes(6) + packet[12:end])


ANSWERS = {
    "silent": lambda packet: None,
    "servfail": lambda packet: reply(packet, rcode=2),
    "refused": lambda packet: reply(packet, rcode=5),
    "noise": lambda packet: packet[:2] + b"\xff" * 40,
    "stranger": lambda packet: reply(packet).replace(packet[12:16], b"\x03xyz", 1),
    "truncated": lambda packet: reply(packet, flags=0x82),
}


def serve(server, answer):
    while True:
        packet, client = server.recvfrom(65535)
        print(question_in(packet), flush=True)
        message = answer(packet)
        if message is not None:
            server.sendto(message, client)


def relay(server, port):
    """Each client's packets go through a socket of its own; answers wait in a heap."""
    upstream, clients, waiting = {}, {}, []
    while True:
        pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([server, *clients], [], [], pause)
        for ready in readable:
            packet, sender = ready.recvfrom(65535)
            if ready is server:
                print(question_in(packet), flush=True)
            else:
                due = time.monotonic() + DELAY
                heapq.heappush(waiting, (due, packet, clients[ready]))
                continue
            if sender not in upstream:
                out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                out.connect(("127.0.0.1", port))
                upstream[sender], clients[out] = out, sender
            upstream[sender].send(packet)
        while waiting and waiting[0][0] <= time.monotonic():
            _, packet, client = heapq.heappop(waiting)
            server.sendto(packet, client)


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[3]) if len(sys.argv) > 3 else 0))
print(server.getsockname()[1], flush=True)
try:
    if sys.argv[1] == "late":
        relay(server, int(sys.argv[2]))
    serve(server, ANSWERS[sys.argv[1]])
except BrokenPipeError:
    pass
