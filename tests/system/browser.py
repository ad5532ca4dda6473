#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""Pages as a browser sees them: CHROMIUM=PROGRAM browser.py PROFILE URL... [--shots FOLDER]

Opens each URL in a headless Chromium, as wide as a desk by day and as a phone by night,
and prints a line for each fault: an error on the console, something that was not
loaded, a page that is wider than the window, text that is cut off or not readable. The browser is
told what to do by its debugging pipe, so that no page needs a script for it."""

import base64
import fcntl
import json
import os
import pathlib
import subprocess
import sys

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync
    --disable-dev-shm-usage --no-proxy-server --remote-debugging-pipe""".split()
VIEWS = [("desk", 1280, 900, "light"), ("phone-dark", 360, 720, "dark")]
# Faults of the layout, as seen from within.
LOOK = """(() => {
    const faults = [], width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width)
        faults.push("wider than the window: " + document.documentElement.scrollWidth);
    if (getComputedStyle(document.body).color == getComputedStyle(document.body).backgroundColor)
        faults.push("text in the colour of the background");
    if (getComputedStyle(document.body).marginTop != "0px")
        faults.push("no style");
    for (const text of document.querySelectorAll("svg text")) {
        const box = text.getBoundingClientRect();
        const picture = text.ownerSVGElement.getBoundingClientRect();
        if (box.left < picture.left - 1 || box.right > picture.right + 1)
            faults.push("cut off: " + text.textContent);
    }
    if (!document.querySelector("h1")) faults.push("no heading");
    return faults.join("; ");
})()"""


def above(descriptor):
    """The same, out of the way of the numbers that the browser wants."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
    os.close(descriptor)
    return moved


class Browser:
    def __init__(self, profile):
        commands, self.commands = map(above, os.pipe())
        self.replies, replies = map(above, os.pipe())

        def place():
            os.dup2(commands, 3)
            os.dup2(replies, 4)

        self.process = subprocess.Popen(
            [os.environ["CHROMIUM"], *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(replies)
        self.number, self.rest, self.events = 0, b"", []

    def message(self):
        while b"\0" not in self.rest:
            piece = os.read(self.replies, 1 << 20)
            if not piece:
                raise EOFError("the browser has gone")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while (message := self.message()).get("id") != self.number:
            self.events.append(message)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def wait_for(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def end(self):
        try:
            self.call("Browser.close")
        except (OSError, EOFError):
            self.process.kill()
        self.process.wait()


def complaints(events):
    for event in events:
        parameters = event.get("params", {})
        if event.get("method") == "Log.entryAdded":
            yield parameters["entry"]["text"]
        elif event.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            yield json.dumps(parameters)
        elif event.get("method") == "Network.loadingFailed":
            yield "not loaded: " + parameters["errorText"]


def look(browser, session, url, view, shots):
    name, width, height, scheme = view
    browser.events.clear()
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=height,
                 deviceScaleFactor=1, mobile=name.startswith("phone"))
    browser.call("Emulation.setEmulatedMedia", session,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Page.navigate", session, url=url)
    browser.wait_for("Page.loadEventFired")
    found = browser.call("Runtime.evaluate", session, expression=LOOK, returnByValue=True)
    faults = list(complaints(browser.events)) + [found["result"].get("value", "no answer")]
    for fault in filter(None, faults):
        print(f"{url} {name}: {fault}")
    if shots:
        image = browser.call("Page.captureScreenshot", session, captureBeyondViewport=True)
        slug = url.split("/", 3)[3].replace("/", "-").split("?")[0] or "index"
        pathlib.Path(shots, f"{slug}-{name}.png").write_bytes(
            base64.b64decode(image["data"]))


def main(arguments):
    shots = None
    if "--shots" in arguments:
        at = arguments.index("--shots")
        shots = arguments[at + 1]
        del arguments[at:at + 2]
    browser = Browser(arguments[0])
    try:
        look_at_all(browser, arguments[1:], shots)
    finally:
        browser.end()


def look_at_all(browser, urls, shots):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target,
                           flatten=True)["sessionId"]
    for domain in ("Page", "Log", "Runtime", "Network"):
        browser.call(f"{domain}.enable", session)
    for url in urls:
        for view in VIEWS:
            look(browser, session, url, view, shots)


main(sys.argv[1:])
