# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""What the lint scripts share: TAP, our source files, and C without its comments."""

import pathlib
import re
import subprocess
import sys

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release")
PRODUCT = ("include", "probes", "exporter")

_results = []


def check(name, faults):
    """One test: passes when there are no faults, and shows each that there is."""
    faults = list(faults)
    _results.append(not faults)
    print(f"{'not ok' if faults else 'ok'} {len(_results)} - {name}")
    for fault in faults:
        print(f"#   {fault}")


def skip(name, why):
    _results.append(True)
    print(f"ok {len(_results)} - {name} # SKIP {why}")


def note(text):
    """A figure that people want to see although nothing is wrong."""
    print(f"# note: {text}")


def done():
    print(f"1..{len(_results)}")
    sys.exit(0 if all(_results) else 1)


def sources(folders=PRODUCT + ("tests",), suffixes=(".c", ".h", ".def")):
    """Paths of our own files, sorted: what git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        capture_output=True, text=True)
    if listed.returncode == 0:
        paths = [pathlib.Path(line) for line in listed.stdout.splitlines()]
    else:  # an unpacked archive
        paths = [path for folder in folders for path in pathlib.Path(folder).rglob("*")]
    return sorted(p for p in set(paths) if p.suffix in suffixes and p.is_file())


_WORDS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                    re.DOTALL)


def code(path):
    """The lines of a C file with comments and literals blanked, so that a search finds
    only code. Include lines keep their file."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    text = path.read_text(encoding="utf-8")
    lines = _WORDS.sub(blank, text).splitlines()
    for number, line in enumerate(text.splitlines()):
        if re.match(r'\s*#\s*include\s+"', line):
            lines[number] = line
    return lines
